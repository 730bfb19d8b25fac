//! What the tree of a work tree cannot say: permission bits, empty folders, and how bytes differ from git's form.
//!
//! Kept in M as the file `worktree-extra` (text, one fact a line, sorted) and the tree `raw/`.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice, ByteVec};

use super::id::ObjectId;

/// First line of the file; the number goes up when an older reader would restore something wrong.
const HEADER: &str = "ckpt worktree-extra 1";

/// Facts about a work tree beside its tree object. Paths are bytes from the root, sorted, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct WorktreeExtra {
    pub usual: UsualModes,
    /// Permission bits (nine) of the paths that differ from the usual ones, files and folders.
    pub permissions: BTreeMap<BString, u32>,
    /// Folders that hold nothing that is saved.
    pub empty_folders: Vec<BString>,
    /// Files whose bytes are those of the blob with each LF written as CR LF.
    pub crlf: Vec<BString>,
    /// Paths of the tree that were not on disk, because the index has them with skip-worktree. A load leaves them so.
    pub absent: Vec<BString>,
    /// Files whose bytes git would not give back: the blob that holds them as they are. Stored as the tree `raw/`.
    pub raw: BTreeMap<BString, ObjectId>,
}

/// The permission bits that most paths have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsualModes {
    pub file: u32,
    pub executable: u32,
    pub folder: u32,
}

impl Default for UsualModes {
    fn default() -> Self {
        UsualModes { file: 0o644, executable: 0o755, folder: 0o755 }
    }
}

/// Why bytes are not a `worktree-extra` file.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ExtraParseError {
    #[error("made by a newer ckpt: `{0}`")]
    Newer(String),
    #[error("line {line} is not understood")]
    Line { line: usize },
}

impl WorktreeExtra {
    /// The text of the file; `raw` is not part of it.
    pub fn encode(&self) -> Vec<u8> {
        let UsualModes { file, executable, folder } = self.usual;
        let mut out = format!("{HEADER}\nusual {file:o} {executable:o} {folder:o}\n").into_bytes();
        for (path, mode) in &self.permissions {
            push_line(&mut out, &format!("mode {mode:o} "), path);
        }
        for path in &self.empty_folders {
            push_line(&mut out, "folder ", path);
        }
        for path in &self.crlf {
            push_line(&mut out, "crlf ", path);
        }
        for path in &self.absent {
            push_line(&mut out, "absent ", path);
        }
        out
    }

    /// Reads the text of the file. Lines of an unknown kind are passed over: a later revision may add some.
    pub fn parse(bytes: &[u8]) -> Result<WorktreeExtra, ExtraParseError> {
        let mut lines = bytes.lines().enumerate();
        let first = lines.next().map_or(&b""[..], |(_, line)| line);
        if first != HEADER.as_bytes() {
            return Err(ExtraParseError::Newer(first.to_str_lossy().into_owned()));
        }
        let mut extra = WorktreeExtra::default();
        for (number, line) in lines {
            extra.add_line(line).ok_or(ExtraParseError::Line { line: number + 1 })?;
        }
        Ok(extra)
    }

    fn add_line(&mut self, line: &[u8]) -> Option<()> {
        let (word, rest) = line.split_once_str(" ")?;
        match word {
            b"usual" => self.usual = parse_usual(rest)?,
            b"mode" => {
                let (digits, path) = rest.split_once_str(" ")?;
                self.permissions.insert(unescape(path), parse_mode(digits)?);
            }
            b"folder" => self.empty_folders.push(unescape(rest)),
            b"crlf" => self.crlf.push(unescape(rest)),
            b"absent" => self.absent.push(unescape(rest)),
            _ => {}
        }
        Some(())
    }

    /// The permission bits recorded for a path, of a folder or of a file that is executable or not.
    pub fn permissions_of(&self, path: &[u8], kind: PermissionKind) -> u32 {
        let usual = match kind {
            PermissionKind::File => self.usual.file,
            PermissionKind::Executable => self.usual.executable,
            PermissionKind::Folder => self.usual.folder,
        };
        self.permissions.get(path.as_bstr()).copied().unwrap_or(usual)
    }
}

/// Which of the usual modes applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermissionKind {
    File,
    Executable,
    Folder,
}

fn parse_usual(text: &[u8]) -> Option<UsualModes> {
    let mut modes = text.split_str(" ").map(parse_mode);
    let mut next = || modes.next().flatten();
    Some(UsualModes { file: next()?, executable: next()?, folder: next()? })
}

fn parse_mode(digits: &[u8]) -> Option<u32> {
    let mode = u32::from_str_radix(digits.to_str().ok()?, 8).ok()?;
    (mode <= 0o777).then_some(mode)
}

fn push_line(out: &mut Vec<u8>, words: &str, path: &[u8]) {
    out.push_str(words);
    escape_into(out, path);
    out.push(b'\n');
}

/// Writes a path on one line: `\n`, `\r` and `\\` stand for the bytes that would break it.
pub fn escape_into(out: &mut Vec<u8>, path: &[u8]) {
    for &byte in path {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\\' => out.push_str("\\\\"),
            other => out.push(other),
        }
    }
}

/// Undoes [`escape_into`].
pub fn unescape(text: &[u8]) -> BString {
    let mut path = BString::default();
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        let plain = if byte == b'\\' {
            match bytes.next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(&other) => other,
                None => byte,
            }
        } else {
            byte
        };
        path.push(plain);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_goes_there_and_back() {
        let mut extra = WorktreeExtra::default();
        extra.usual.folder = 0o775;
        extra.permissions.insert("odd\nname\\".into(), 0o600);
        extra.permissions.insert("dir".into(), 0o700);
        extra.empty_folders.push(b"void\xff\r".into());
        extra.crlf.push("dos file.txt".into());
        extra.absent.push("sparse/one".into());
        assert_eq!(WorktreeExtra::parse(&extra.encode()).unwrap(), extra);
    }

    #[test]
    fn a_newer_file_is_refused_and_a_broken_line_named() {
        let newer = WorktreeExtra::parse(b"ckpt worktree-extra 2\n");
        assert_eq!(newer, Err(ExtraParseError::Newer("ckpt worktree-extra 2".into())));
        let broken = WorktreeExtra::parse(b"ckpt worktree-extra 1\nmode 99 x\n");
        assert_eq!(broken, Err(ExtraParseError::Line { line: 2 }));
        assert!(WorktreeExtra::parse(b"ckpt worktree-extra 1\nfuture thing\n").is_ok());
    }
}
