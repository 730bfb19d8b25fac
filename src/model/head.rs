//! Where HEAD stands.

use super::id::ObjectId;

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
        self.branch.as_deref().map(|name| name.strip_prefix("refs/heads/").unwrap_or(name))
    }
}
