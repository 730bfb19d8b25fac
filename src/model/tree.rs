//! Tree objects: their entries, git's order, and the bytes.

use std::cmp::Ordering;

use bstr::{BStr, BString, ByteSlice};

use super::id::{HashKind, ObjectId};
use super::mode::Mode;

/// One entry of a tree object; `name` has no slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    pub mode: Mode,
    pub name: BString,
    pub id: ObjectId,
}

/// Why bytes are not a tree object.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TreeParseError {
    #[error("cut short")]
    Truncated,
    #[error("entry mode `{0}` is none of git's")]
    BadMode(String),
}

/// The path of a name in a folder; the root is the empty path.
pub fn join(folder: &[u8], name: &[u8]) -> BString {
    let mut path = Vec::with_capacity(folder.len() + name.len() + 1);
    path.extend_from_slice(folder);
    if !folder.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path.into()
}

/// Compares two names as git sorts the entries of a tree: a folder as if its name ended in `/`.
pub fn compare_names(left: &[u8], left_is_tree: bool, right: &[u8], right_is_tree: bool) -> Ordering {
    let shared = left.len().min(right.len());
    left[..shared].cmp(&right[..shared]).then_with(|| {
        let next = |name: &[u8], is_tree: bool| match name.get(shared) {
            Some(&byte) => byte,
            None if is_tree => b'/',
            None => 0,
        };
        next(left, left_is_tree).cmp(&next(right, right_is_tree))
    })
}

/// Appends one entry to the bytes of a tree object. The caller keeps git's order.
pub fn encode_entry(out: &mut Vec<u8>, mode: Mode, name: &[u8], id: &ObjectId) {
    out.extend_from_slice(mode.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(name);
    out.push(0);
    out.extend_from_slice(id.as_bytes());
}

/// The bytes of the tree object with these entries, which may come in any order.
pub fn encode(entries: &[TreeEntry]) -> Vec<u8> {
    encode_parts(entries.iter().map(|entry| (entry.mode, entry.name.as_slice(), entry.id)).collect())
}

/// The same for entries whose names stand elsewhere.
pub fn encode_parts(mut entries: Vec<(Mode, &[u8], ObjectId)>) -> Vec<u8> {
    entries.sort_by(|&(left, left_name, _), &(right, right_name, _)| {
        compare_names(left_name, left == Mode::Tree, right_name, right == Mode::Tree)
    });
    let mut out = Vec::with_capacity(entries.len() * 48);
    for (mode, name, id) in &entries {
        encode_entry(&mut out, *mode, name, id);
    }
    out
}

/// Reads the bytes of a tree object.
///
/// Nothing is assumed of the names: whoever writes them to disk checks them first (`worktree::path_check`).
pub fn parse(bytes: &[u8], kind: HashKind) -> Result<Vec<TreeEntry>, TreeParseError> {
    let mut entries = Vec::with_capacity(bytes.len() / 40);
    let mut rest = bytes;
    while !rest.is_empty() {
        let (entry, tail) = parse_entry(rest, kind)?;
        entries.push(entry);
        rest = tail;
    }
    Ok(entries)
}

fn parse_entry(bytes: &[u8], kind: HashKind) -> Result<(TreeEntry, &[u8]), TreeParseError> {
    let (digits, rest) = bytes.split_once_str(" ").ok_or(TreeParseError::Truncated)?;
    let (name, rest) = rest.split_once_str("\0").ok_or(TreeParseError::Truncated)?;
    let bad = || TreeParseError::BadMode(BStr::new(digits).to_string());
    let digits = std::str::from_utf8(digits).map_err(|_| bad())?;
    let number = u32::from_str_radix(digits, 8).map_err(|_| bad())?;
    let mode = Mode::from_number(number).ok_or_else(bad)?;
    let (raw, rest) = rest.split_at_checked(kind.len()).ok_or(TreeParseError::Truncated)?;
    let id = ObjectId::from_bytes(raw).expect("a hash kind's length is an id's length");
    Ok((TreeEntry { mode, name: BString::from(name), id }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mode: Mode, name: &str) -> TreeEntry {
        TreeEntry { mode, name: name.into(), id: ObjectId::null(HashKind::Sha1) }
    }

    #[test]
    fn a_folder_sorts_as_if_it_ended_in_a_slash() {
        let entries = [entry(Mode::Tree, "a"), entry(Mode::File, "a.b"), entry(Mode::File, "a0")];
        let sorted = parse(&encode(&entries), HashKind::Sha1).unwrap();
        let names: Vec<_> = sorted.iter().map(|entry| entry.name.to_string()).collect();
        assert_eq!(names, ["a.b", "a", "a0"]);
    }

    #[test]
    fn bytes_go_there_and_back() {
        let entries = [entry(Mode::Executable, "run"), entry(Mode::Gitlink, "x"), entry(Mode::Symlink, "\u{e9}")];
        let bytes = encode(&entries);
        assert_eq!(parse(&bytes, HashKind::Sha1).unwrap(), entries);
    }

    #[test]
    fn damage_is_named() {
        assert_eq!(parse(b"100644 a\0abc", HashKind::Sha1), Err(TreeParseError::Truncated));
        assert_eq!(parse(b"100600 a\0", HashKind::Sha1), Err(TreeParseError::BadMode("100600".into())));
    }
}
