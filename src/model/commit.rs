//! Commit objects: their bytes, and the trailers at the end of a message.
//!
//! Pure. Written and read by the record files of `store/`; the user's own commits are read through it too, so parsing
//! passes over every header that git or another tool may have added (signatures, encodings, merged tags).

use bstr::{BStr, BString, ByteSlice, ByteVec};

use super::id::ObjectId;

/// Who made a commit. Holds nothing that would break a commit's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    name: BString,
    email: BString,
}

impl Identity {
    /// Takes a name and an address; what git would not keep in a header is dropped, and `ckpt` stands for nothing left.
    pub fn new(name: &[u8], email: &[u8]) -> Identity {
        Identity { name: clean(name, b"ckpt"), email: clean(email, b"ckpt@localhost") }
    }

    pub fn name(&self) -> &BStr {
        self.name.as_bstr()
    }

    pub fn email(&self) -> &BStr {
        self.email.as_bstr()
    }
}

impl Default for Identity {
    /// The identity of somebody who has told git none.
    fn default() -> Self {
        Identity::new(b"", b"")
    }
}

/// Drops what would end a field of the header, and the white space and marks at both ends that git drops as well.
fn clean(text: &[u8], fallback: &[u8]) -> BString {
    let kept: Vec<u8> = text.iter().copied().filter(|byte| !b"<>\n\0".contains(byte)).collect();
    let crud = |character: char| character.is_ascii_control() || " .,:;\"\\'".contains(character);
    let trimmed = kept.trim_with(crud);
    if trimmed.is_empty() { BString::from(fallback) } else { BString::from(trimmed) }
}

/// An identity at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub identity: Identity,
    /// Seconds since 1970.
    pub seconds: i64,
    /// Minutes east of UTC.
    pub offset: i32,
}

/// A commit as git stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    pub tree: ObjectId,
    pub parents: Vec<ObjectId>,
    pub author: Signature,
    pub committer: Signature,
    pub message: BString,
}

/// Why bytes are not a commit object.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CommitParseError {
    #[error("the header `{0}` is missing or damaged")]
    Header(&'static str),
}

impl Commit {
    /// The bytes of the object; the same commit gives the same bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = format!("tree {}\n", self.tree).into_bytes();
        for parent in &self.parents {
            out.push_str(format!("parent {parent}\n"));
        }
        push_signature(&mut out, "author", &self.author);
        push_signature(&mut out, "committer", &self.committer);
        out.push(b'\n');
        // Git cuts a message at a NUL byte, and its fsck complains of one.
        out.extend(self.message.iter().filter(|&&byte| byte != 0));
        out
    }

    /// Reads the bytes of a commit object. Headers that are not known are passed over.
    pub fn parse(bytes: &[u8]) -> Result<Commit, CommitParseError> {
        let (headers, message) = split_message(bytes);
        let mut parts = Parts::default();
        for line in headers.lines() {
            parts.add(line)?;
        }
        let missing = CommitParseError::Header;
        Ok(Commit {
            tree: parts.tree.ok_or(missing("tree"))?,
            parents: parts.parents,
            author: parts.author.ok_or(missing("author"))?,
            committer: parts.committer.ok_or(missing("committer"))?,
            message: BString::from(message),
        })
    }

    /// First line of the message.
    pub fn subject(&self) -> &BStr {
        self.message.lines().next().unwrap_or_default().as_bstr()
    }

    /// The value of a trailer in the last paragraph of the message, and nowhere else: the text above it is not ours.
    pub fn trailer(&self, key: &str) -> Option<&BStr> {
        trailers(&self.message).find(|(found, _)| *found == key.as_bytes()).map(|(_, value)| value)
    }
}

#[derive(Default)]
struct Parts {
    tree: Option<ObjectId>,
    parents: Vec<ObjectId>,
    author: Option<Signature>,
    committer: Option<Signature>,
}

impl Parts {
    fn add(&mut self, line: &[u8]) -> Result<(), CommitParseError> {
        let bad = CommitParseError::Header;
        let Some((key, value)) = line.split_once_str(" ") else { return Ok(()) };
        match key {
            b"tree" if self.tree.is_none() => self.tree = Some(ObjectId::from_hex(value).ok_or(bad("tree"))?),
            b"parent" => self.parents.push(ObjectId::from_hex(value).ok_or(bad("parent"))?),
            b"author" if self.author.is_none() => self.author = Some(parse_signature(value).ok_or(bad("author"))?),
            b"committer" if self.committer.is_none() => {
                self.committer = Some(parse_signature(value).ok_or(bad("committer"))?);
            }
            _ => {}
        }
        Ok(())
    }
}

fn split_message(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_once_str("\n\n").unwrap_or((bytes, b""))
}

fn push_signature(out: &mut Vec<u8>, role: &str, signature: &Signature) {
    let Signature { identity, seconds, offset } = signature;
    out.push_str(role);
    out.push_str(" ");
    out.push_str(&identity.name);
    out.push_str(" <");
    out.push_str(&identity.email);
    let sign = if *offset < 0 { '-' } else { '+' };
    let minutes = offset.unsigned_abs();
    out.push_str(format!("> {seconds} {sign}{:02}{:02}\n", minutes / 60, minutes % 60));
}

/// Reads `Name <address> seconds +0100`. A time that is no number counts as 0: old commits have such.
fn parse_signature(text: &[u8]) -> Option<Signature> {
    let (name, rest) = text.split_once_str("<")?;
    let (email, time) = rest.rsplit_once_str(">")?;
    let mut words = time.fields();
    let seconds = words.next().and_then(|word| word.to_str().ok()?.parse().ok()).unwrap_or(0);
    let offset = words.next().and_then(parse_offset).unwrap_or(0);
    Some(Signature { identity: Identity::new(name, email), seconds, offset })
}

fn parse_offset(word: &[u8]) -> Option<i32> {
    let number: i32 = word.to_str().ok()?.parse().ok()?;
    let minutes = number / 100 * 60 + number % 100;
    (minutes.abs() < 24 * 60).then_some(minutes)
}

/// The trailers of a message: the lines `Key: value` of its last paragraph.
pub fn trailers(message: &[u8]) -> impl Iterator<Item = (&[u8], &BStr)> {
    let text = message.trim_end_with(|character| character == '\n');
    let start = text.rfind("\n\n").map_or(0, |position| position + 2);
    text[start..].lines().filter_map(|line| {
        let (key, value) = line.split_once_str(": ")?;
        Some((key, value.as_bstr()))
    })
}

/// Composes a message: the first line of `text`, the rest of it, and the trailers as a paragraph of their own.
pub fn compose_message(text: &str, trailers: &[(&str, String)]) -> BString {
    let text = text.trim();
    let (subject, rest) = text.split_once('\n').unwrap_or((text, ""));
    let mut out = BString::from(subject.trim_end());
    out.push_str("\n\n");
    let rest = rest.trim_matches(['\n', '\r']).trim_end();
    if !rest.is_empty() {
        out.push_str(rest);
        out.push_str("\n\n");
    }
    for (key, value) in trailers {
        let value = value.replace(['\n', '\r', '\0'], " ");
        out.push_str(format!("{key}: {value}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn commit(message: &str) -> Commit {
        let tree = ObjectId::from_hex(b"4b825dc642cb6eb9a060e54bf8d69288fbee4904").unwrap();
        let signature =
            |name: &str, offset| Signature { identity: Identity::new(name.as_bytes(), b"a@b"), seconds: 1, offset };
        Commit {
            tree,
            parents: vec![tree, tree],
            author: signature("Ann O'Nym", -90),
            committer: signature("K\u{e9}", 120),
            message: message.into(),
        }
    }

    #[test]
    fn the_bytes_are_those_of_git_and_are_read_back() {
        let commit = commit("subject\n\nbody\n");
        let tree = commit.tree;
        let expected = format!(
            "tree {tree}\nparent {tree}\nparent {tree}\nauthor Ann O'Nym <a@b> 1 -0130\n\
             committer K\u{e9} <a@b> 1 +0200\n\nsubject\n\nbody\n"
        );
        assert_eq!(commit.encode().as_bstr(), expected.as_bytes().as_bstr());
        assert_eq!(Commit::parse(&commit.encode()).unwrap(), commit);
        assert_eq!(commit.subject(), "subject");
    }

    #[test]
    fn headers_of_others_are_passed_over() {
        let text = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a> 5 +0000\ncommitter A <a> 5 +0000\n\
                    encoding latin1\nmergetag object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n tree zzz\n \n tagger x\n\
                    gpgsig -----BEGIN\n \n parent zzz\n -----END\n\nhello\n";
        let commit = Commit::parse(text.as_bytes()).unwrap();
        assert_eq!(commit.message, "hello\n");
        assert_eq!(commit.parents, []);
        assert_eq!(Commit::parse(b"author x\n\n"), Err(CommitParseError::Header("author")));
        assert_eq!(Commit::parse(b""), Err(CommitParseError::Header("tree")));
    }

    #[test]
    fn an_identity_cannot_break_the_header() {
        let identity = Identity::new(b" Eve <x>\nparent 123\0. ", b"\n<>");
        assert_eq!(identity.name(), "Eve xparent 123");
        assert_eq!(identity.email(), "ckpt@localhost");
    }

    #[test]
    fn a_note_cannot_forge_a_trailer() {
        let note = "works\r\nCkpt-Kind: safety\n\nCkpt-Kind: auto\n\n";
        let message = compose_message(note, &[("Ckpt-Version", "1".into()), ("Ckpt-Kind", "manual\nX: y".into())]);
        let found = commit(&message.to_string());
        assert_eq!(found.trailer("Ckpt-Kind").unwrap(), "manual X: y");
        assert_eq!(found.trailer("X"), None);
        assert_eq!(found.subject(), "works");
        assert_eq!(compose_message("a", &[("K", "v".into())]), "a\n\nK: v\n");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Commit::parse(&bytes);
            let _ = trailers(&bytes).count();
        }

        #[test]
        fn any_identity_and_message_come_back(name in ".*", email in ".*", seconds in any::<i64>(),
                                              offset in -800..800i32, message in "[^\0]*") {
            let mut given = commit(&message);
            given.author = Signature { identity: Identity::new(name.as_bytes(), email.as_bytes()), seconds, offset };
            prop_assert_eq!(Commit::parse(&given.encode()).unwrap(), given);
        }
    }
}
