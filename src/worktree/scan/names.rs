//! Names that git never records.

/// Whether git refuses an entry of this name in a tree or an index, in any of the spellings under which some
/// filesystem would take it for `.git` (the checks of git's `verify_path` with `core.protectNTFS`, its default).
pub(super) fn is_refused(name: &[u8], is_symlink: bool) -> bool {
    if name.eq_ignore_ascii_case(b".git") {
        return true;
    }
    let mut pieces = name.split(|&byte| byte == b'\\');
    let is_dot_git = |piece: &[u8]| is_ntfs_alias(piece, b".git") || is_ntfs_alias(piece, b"git~1");
    pieces.any(is_dot_git) || (is_symlink && is_dot_gitmodules(name))
}

/// Whether NTFS takes `name` for `wanted`: trailing dots and spaces, and what follows a colon, do not count.
fn is_ntfs_alias(name: &[u8], wanted: &[u8]) -> bool {
    let Some(start) = name.get(..wanted.len()) else { return false };
    if !start.eq_ignore_ascii_case(wanted) {
        return false;
    }
    let tail = &name[wanted.len()..];
    let end = tail.iter().position(|&byte| byte == b':').unwrap_or(tail.len());
    tail[..end].iter().all(|byte| matches!(byte, b' ' | b'.'))
}

/// A symbolic link in place of `.gitmodules`, or of its short name on NTFS.
fn is_dot_gitmodules(name: &[u8]) -> bool {
    let short = (1..=4u8).any(|number| is_ntfs_alias(name, &[b"gitmod~", &[b'0' + number][..]].concat()));
    is_ntfs_alias(name, b".gitmodules") || short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_git_folder_is_refused() {
        for name in [".git", ".GIT", ".Git ", ".git...", "git~1", "GIT~1.", ".git::$INDEX_ALLOCATION", "a\\.git"] {
            assert!(is_refused(name.as_bytes(), false), "{name}");
        }
        for name in [".gitignore", ".gitmodules", "git", "git~2", ".gi", ".gitx", "x.git"] {
            assert!(!is_refused(name.as_bytes(), false), "{name}");
        }
        assert!(is_refused(b".gitmodules", true));
    }
}
