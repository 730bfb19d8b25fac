//! Paths as typed, turned into paths from the root of the work tree. Reads no file.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use bstr::{BStr, BString, ByteSlice};

use super::OpError;
use crate::store::Layout;

/// A path as typed in the working directory, as seen from the root; empty for the root itself.
pub fn from_root(layout: &Layout, typed: &BStr) -> Result<BString, OpError> {
    let outside = || OpError::PathOutside { path: PathBuf::from(std::ffi::OsStr::from_bytes(typed)) };
    let (start, rest): (&[u8], &[u8]) = if typed.starts_with(b"/") {
        let root = layout.work_dir.as_os_str().as_bytes();
        let below = typed.strip_prefix(root).filter(|rest| rest.is_empty() || rest[0] == b'/');
        (b"", below.ok_or_else(outside)?)
    } else {
        (&layout.prefix, typed)
    };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in start.split_str("/").chain(rest.split_str("/")) {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop().ok_or_else(outside)?;
            }
            part => parts.push(part),
        }
    }
    Ok(BString::from(bstr::join("/", parts)))
}

/// Whether `path` is `place` or lies below it. Everything lies below the root.
pub fn is_within(path: &[u8], place: &[u8]) -> bool {
    place.is_empty() || path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(prefix: &str, typed: &str) -> Option<String> {
        let layout = Layout { prefix: prefix.into(), ..Layout::all_in("/home/me/work".as_ref()) };
        from_root(&layout, typed.into()).ok().map(|path| path.to_string())
    }

    #[test]
    fn the_same_path_from_any_folder() {
        for (prefix, typed) in [("", "a/b"), ("a", "b"), ("a", "./b/"), ("a/c", "../b"), ("x", "/home/me/work/a/b")] {
            assert_eq!(read(prefix, typed).as_deref(), Some("a/b"), "{prefix} {typed}");
        }
        assert_eq!(read("a", "..").as_deref(), Some(""));
    }

    #[test]
    fn outside_is_an_error() {
        for (prefix, typed) in [("", ".."), ("a", "../../b"), ("", "/home/me/workshop"), ("", "/etc")] {
            assert_eq!(read(prefix, typed), None, "{prefix} {typed}");
        }
    }

    #[test]
    fn a_folder_holds_what_is_below_it_alone() {
        assert!(is_within(b"a/b", b"a") && is_within(b"a", b"a") && is_within(b"a", b""));
        assert!(!is_within(b"ab", b"a") && !is_within(b"a", b"a/b"));
    }
}
