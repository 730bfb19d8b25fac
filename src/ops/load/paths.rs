//! Paths as typed, as seen from the root of the work tree, and as text in records.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bstr::{BStr, BString, ByteSlice};
use std::os::unix::ffi::OsStrExt;

use crate::ops::{OpError, Repo};
use crate::worktree::path_check::push_name;

/// What stands before a path that is not UTF-8, or that begins like this itself.
const ENCODED: &str = "base64:";

/// Paths as typed (from the working directory, or absolute) as paths from the root, sorted, without repetition.
///
/// The root itself stands for everything, which is an empty list.
pub(crate) fn from_root(repo: &Repo, typed: &[BString]) -> Result<Vec<BString>, OpError> {
    let layout = repo.store.layout();
    let root = layout.work_dir.as_os_str().as_bytes().as_bstr();
    let mut paths = Vec::with_capacity(typed.len());
    for path in typed {
        let outside = || OpError::PathOutside { path: path.to_path_lossy().into_owned() };
        paths.push(resolve(path.as_bstr(), layout.prefix.as_bstr(), root).ok_or_else(outside)?);
    }
    paths.sort();
    paths.dedup();
    if paths.iter().any(|path| path.is_empty()) {
        paths.clear();
    }
    Ok(paths)
}

/// Works without the disk: a link in a path is not followed, since it is the link that is meant.
fn resolve(typed: &BStr, prefix: &BStr, root: &BStr) -> Option<BString> {
    let (start, rest): (&[u8], &[u8]) = if typed.starts_with(b"/") {
        let below = typed.strip_prefix(root.as_bytes())?;
        if !below.is_empty() && !below.starts_with(b"/") && root != "/" {
            return None;
        }
        (b"", below)
    } else {
        (prefix, typed)
    };
    let mut path = BString::default();
    for part in start.split_str("/").chain(rest.split_str("/")) {
        match part {
            b"" | b"." => {}
            b".." if path.is_empty() => return None,
            b".." => path.truncate(path.rfind_byte(b'/').unwrap_or(0)),
            name => {
                push_name(&mut path, name);
            }
        }
    }
    Some(path)
}

/// Paths as text for a record.
pub(crate) fn encode(paths: &[BString]) -> Vec<String> {
    let one = |path: &BString| match path.to_str() {
        Ok(text) if !text.starts_with(ENCODED) => text.to_owned(),
        _ => format!("{ENCODED}{}", STANDARD.encode(path)),
    };
    paths.iter().map(one).collect()
}

/// Undoes [`encode`]. Text that is not right stands for itself.
pub(crate) fn decode(texts: &[String]) -> Vec<BString> {
    let one = |text: &String| {
        let bytes = text.strip_prefix(ENCODED).and_then(|code| STANDARD.decode(code).ok());
        bytes.map_or_else(|| text.as_str().into(), BString::from)
    };
    texts.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_where_they_were_typed() {
        let resolved = |typed: &str| resolve(typed.into(), "sub/dir".into(), "/home/me/work".into());
        for (typed, expected) in [
            ("a", "sub/dir/a"), ("./a//b/", "sub/dir/a/b"), ("../a", "sub/a"), ("../../x/.", "x"), ("", "sub/dir"),
            ("../..", ""), ("/home/me/work/a/../b", "b"), ("/home/me/work", ""), ("-x*", "sub/dir/-x*"),
        ] {
            assert_eq!(resolved(typed), Some(expected.into()), "{typed}");
        }
        for typed in ["../../..", "/home/me", "/home/me/workshop", "/etc", "../../../home/me/work"] {
            assert_eq!(resolved(typed), None, "{typed}");
        }
    }

    #[test]
    fn paths_go_into_a_record_and_come_out() {
        let paths: Vec<BString> = vec!["plain \u{e9}".into(), b"\xff".into(), "base64:".into(), "a\nb".into()];
        assert_eq!(decode(&encode(&paths)), paths);
        assert_eq!(encode(&paths)[0], "plain \u{e9}");
    }
}
