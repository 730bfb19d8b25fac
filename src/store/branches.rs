//! The branches of git, by the names that people say. Reads only. Called by `ops/stack`.

use super::refs::{self, RefValue};
use super::{Store, StoreError};
use crate::model::head::BRANCHES;
use crate::model::id::ObjectId;

const REMOTE_HEAD: &str = "refs/remotes/origin/HEAD";

impl Store {
    /// The repository's default branch, as people say it, and its commit: that of the remote it came from, else what is
    /// configured or usual. One of the user's own goes before that of the remote.
    pub fn default_branch(&self) -> Result<Option<(String, ObjectId)>, StoreError> {
        let remote = match refs::read(&self.layout, REMOTE_HEAD)? {
            Some(RefValue::Symbolic(target)) => target.strip_prefix("refs/remotes/").map(str::to_owned),
            _ => None,
        };
        let of_remote = remote.as_deref().and_then(|name| name.strip_prefix("origin/")).map(str::to_owned);
        let configured = self.git_settings("init.defaultbranch")?.pop();
        let usual = ["main", "master", "trunk"].map(str::to_owned);
        for name in of_remote.into_iter().chain(configured).chain(usual) {
            if let Some(commit) = self.find_ref(&format!("{BRANCHES}{name}"))? {
                return Ok(Some((name, commit)));
            }
        }
        let Some(remote) = remote else { return Ok(None) };
        Ok(self.find_ref(&format!("refs/remotes/{remote}"))?.map(|commit| (remote, commit)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;

    #[test]
    fn the_default_branch_is_that_of_the_remote_or_a_usual_one() {
        let fixture = Fixture::with_commit();
        assert_eq!(fixture.store().default_branch().unwrap().unwrap().0, "main");
        fixture.git(["branch", "-m", "main", "develop"]);
        assert_eq!(fixture.store().default_branch().unwrap(), None);
        fixture.git(["update-ref", "refs/remotes/origin/develop", "HEAD"]);
        fixture.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop"]);
        assert_eq!(fixture.store().default_branch().unwrap().unwrap().0, "develop");
        fixture.git(["branch", "-m", "develop", "mine"]);
        assert_eq!(fixture.store().default_branch().unwrap().unwrap().0, "origin/develop");
    }
}
