//! Where a repository's folders are.

use std::path::PathBuf;

use bstr::BString;

use super::sharing::Sharing;

/// The folders of one work tree and its repository. All paths are absolute, links resolved.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Root of the work tree.
    pub work_dir: PathBuf,
    /// Git folder of this work tree (`.git/worktrees/<name>` in a linked one).
    pub git_dir: PathBuf,
    /// Git folder that all work trees share.
    pub common_dir: PathBuf,
    /// `<common_dir>/ckpt`.
    pub own_dir: PathBuf,
    /// Ours for this work tree alone: `<own_dir>/worktree`, or `<own_dir>/worktrees/<name>` in a linked one.
    pub own_worktree_dir: PathBuf,
    /// Empty in the main work tree, else the name of the linked one.
    pub worktree_key: String,
    /// What other users may do with what is made there.
    pub sharing: Sharing,
    /// The working directory as seen from the root: empty, or `sub/folder`.
    pub prefix: BString,
}

#[cfg(test)]
impl Layout {
    /// One with all in a folder, for tests of what is kept there.
    pub(crate) fn all_in(folder: &std::path::Path) -> Layout {
        Layout {
            work_dir: folder.into(),
            git_dir: folder.into(),
            common_dir: folder.into(),
            own_dir: folder.join("ckpt"),
            own_worktree_dir: folder.join("ckpt/worktree"),
            worktree_key: String::new(),
            sharing: Sharing::Umask,
            prefix: BString::default(),
        }
    }
}
