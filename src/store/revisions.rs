//! Ranges of git's history as they are typed: which commits are meant. Called by `ops/summary`.

use bstr::ByteSlice;

use super::{Store, StoreError};
use crate::model::id::ObjectId;

impl Store {
    /// The commit that a revision names.
    pub fn find_commit(&self, revision: &str) -> Result<ObjectId, StoreError> {
        let wanted = format!("{revision}^{{commit}}");
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
        let bad = || StoreError::Git { action: "find a revision".into(), detail: format!("`{revision}` is no commit") };
        let out = self.run_git("find a revision", &arguments).map_err(|_| bad())?;
        ObjectId::from_hex(out.trim()).ok_or_else(bad)
    }

    /// The commits of a range as typed (`A..B`, `A...B`, a revision alone), children before parents; at most `most`.
    pub fn commits_of_range(&self, range: &str, most: usize) -> Result<Vec<ObjectId>, StoreError> {
        let count = format!("--max-count={most}");
        let arguments = ["rev-list", "--topo-order", &count, "--end-of-options", range, "--"];
        let out = self.run_git("list a range", &arguments)?;
        let ids: Vec<ObjectId> = out.lines().filter_map(ObjectId::from_hex).collect();
        // A file of a commit is taken for an empty range.
        if ids.is_empty() {
            let ends = range.split("...").flat_map(|part| part.split("..")).filter(|end| !end.is_empty());
            ends.map(|end| self.find_commit(end.trim_start_matches('^'))).collect::<Result<Vec<_>, _>>()?;
        }
        Ok(ids)
    }

    /// The tags that point at a commit, themselves or through an object of their own.
    pub fn tags_at(&self, commit: &ObjectId) -> Result<Vec<String>, StoreError> {
        let out = self.run_git("look for tags", &["tag", "--points-at", &commit.to_string()])?;
        Ok(out.lines().map(|line| line.to_str_lossy().into_owned()).collect())
    }
}
