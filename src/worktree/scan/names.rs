//! Names that a scan never takes in.

use crate::worktree::path_check::spelling;

/// Whether an entry of this name is left out: git refuses it in a tree or an index (the checks of git's `verify_path` with
/// `core.protectNTFS`, its default), or HFS+ takes it for `.git`, so that no load would ever write it.
pub(super) fn is_refused(name: &[u8], is_symlink: bool) -> bool {
    spelling::is_git_folder(name) || (is_symlink && spelling::is_gitmodules(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_git_folder_is_refused() {
        let on_ntfs = [".git", ".GIT", ".Git ", ".git...", "git~1", "GIT~1.", ".git::$INDEX_ALLOCATION", "a\\.git"];
        let on_hfs = [".g\u{200c}it", "\u{feff}.Git"];
        for name in on_ntfs.into_iter().chain(on_hfs) {
            assert!(is_refused(name.as_bytes(), false), "{name}");
        }
        for name in [".gitignore", ".gitmodules", "git", "git~2", ".gi", ".gitx", "x.git", "..\\up", "\u{200c}git"] {
            assert!(!is_refused(name.as_bytes(), false), "{name}");
        }
        for name in [".gitmodules", "GITMOD~1", ".git\u{200d}modules"] {
            assert!(is_refused(name.as_bytes(), true), "{name}");
        }
    }
}
