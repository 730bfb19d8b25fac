//! `.git/info/exclude`: one line added, and taken back so that the file is what it was, byte for byte.
//!
//! Called by `ops/context` for `init` and `uninit`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use bstr::{ByteSlice, ByteVec};

use super::materialised::Materialised;
use super::{Layout, StoreError};
use crate::sys::process::is_gone;

/// What the new file is called until it is whole, before the number of its process.
const STAGED: &str = ".ckpt-exclude-";

/// What stands in the file with the line, and what was appended; `None` when it has the line already.
fn with_line(text: &[u8], line: &str) -> Option<(Vec<u8>, String)> {
    if text.lines().any(|found| found == line.as_bytes()) {
        return None;
    }
    let is_open = text.last().is_some_and(|&last| last != b'\n');
    let added = format!("{}{line}\n", if is_open { "\n" } else { "" });
    let mut new = text.to_vec();
    new.push_str(&added);
    Some((new, added))
}

/// What stands in the file without what was appended; when others appended after it, the line alone goes.
fn without_line(text: &[u8], added: &str, line: &str) -> Vec<u8> {
    if let Some(before) = text.strip_suffix(added.as_bytes()) {
        return before.to_vec();
    }
    let mut kept: Vec<&[u8]> = text.lines_with_terminator().collect();
    if let Some(at) = kept.iter().rposition(|found| found.trim_end_with(|end| end == '\n') == line.as_bytes()) {
        kept.remove(at);
    }
    kept.concat()
}

fn path(layout: &Layout) -> PathBuf {
    layout.common_dir.join("info/exclude")
}

/// Adds the line, and notes in `record` what was done; nothing when the file has it. `dry_run` only notes.
pub fn add(layout: &Layout, line: &str, record: &mut Materialised, dry_run: bool) -> Result<(), StoreError> {
    let path = path(layout);
    let failed = |action| {
        let path = path.clone();
        move |source| StoreError::Io { action, path, source }
    };
    let found = match std::fs::read(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(failed("read")(error)),
    };
    let Some((new, added)) = with_line(found.as_deref().unwrap_or_default(), line) else { return Ok(()) };
    let folder = path.parent().expect("it stands in the folder `info`");
    record.exclude_existed = found.is_some();
    record.info_existed = folder.is_dir();
    (record.exclude_added, record.exclude_line) = (added, line.to_owned());
    if dry_run {
        return Ok(());
    }
    std::fs::create_dir_all(folder).and_then(|()| replace(&path, &new)).map_err(failed("write"))
}

/// Takes back what [`add`] noted.
pub fn take_back(layout: &Layout, record: &Materialised) -> Result<(), StoreError> {
    if record.exclude_added.is_empty() {
        return Ok(());
    }
    let path = path(layout);
    let failed = |source| StoreError::Io { action: "write", path: path.clone(), source };
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let kept = without_line(&text, &record.exclude_added, &record.exclude_line);
    if kept.is_empty() && !record.exclude_existed {
        std::fs::remove_file(&path).map_err(failed)?;
        if !record.info_existed {
            // Not empty any more: then it is not ours to remove.
            let _ = std::fs::remove_dir(path.parent().expect("it stands in the folder `info`"));
        }
        return Ok(());
    }
    if kept == text { Ok(()) } else { replace(&path, &kept).map_err(failed) }
}

/// The file keeps its permissions, and a reader sees the old one or the new one.
fn replace(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().expect("it stands in the folder `info`");
    let permissions = match std::fs::metadata(path) {
        Ok(data) => data.permissions(),
        Err(_) => std::os::unix::fs::PermissionsExt::from_mode(0o666),
    };
    remove_leftovers(folder);
    let prefix = format!("{STAGED}{}-", std::process::id());
    let mut staged = tempfile::Builder::new().prefix(&prefix).permissions(permissions.clone()).tempfile_in(folder)?;
    std::io::Write::write_all(&mut staged, bytes)?;
    if path.exists() {
        staged.as_file().set_permissions(permissions)?;
    }
    staged.as_file().sync_all()?;
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    staged.persist(target).map(drop).map_err(|error| error.error)
}

/// Removes what processes that died while they wrote the file left beside it.
fn remove_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| name.strip_prefix(STAGED)?.split_once('-')?.0.parse().ok());
        if maker.is_some_and(is_gone) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_line_is_added_once() {
        assert_eq!(with_line(b"", "/.ckpt/").unwrap().0, b"/.ckpt/\n");
        assert_eq!(with_line(b"# x", "/.ckpt/").unwrap().0, b"# x\n/.ckpt/\n");
        assert_eq!(with_line(b"/.ckpt/\nx\n", "/.ckpt/"), None);
        assert_eq!(without_line(b"# x\n/.ckpt/\nlater\n", "\n/.ckpt/\n", "/.ckpt/"), b"# x\nlater\n");
        assert_eq!(without_line(b"gone\n", "/.ckpt/\n", "/.ckpt/"), b"gone\n");
    }

    proptest! {
        #[test]
        fn what_was_added_is_taken_back_exactly(text in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Some((new, added)) = with_line(&text, "/.ckpt/") {
                prop_assert_eq!(without_line(&new, &added, "/.ckpt/"), text);
            }
        }
    }
}
