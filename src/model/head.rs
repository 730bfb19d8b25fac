//! Where HEAD stands.

use super::id::ObjectId;

/// Where git keeps branches.
pub const BRANCHES: &str = "refs/heads/";

/// A branch as people say it, given its full name.
pub fn short_branch(full: &str) -> &str {
    full.strip_prefix(BRANCHES).unwrap_or(full)
}

/// HEAD, read once: a branch (perhaps unborn), or a commit alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Full name of the branch, such as `refs/heads/main`; `None` when HEAD is detached.
    pub branch: Option<String>,
    /// The commit; `None` before the first one.
    pub commit: Option<ObjectId>,
}

impl Head {
    /// The branch's name as people say it, without `refs/heads/`.
    pub fn branch_name(&self) -> Option<&str> {
        self.branch.as_deref().map(short_branch)
    }
}
