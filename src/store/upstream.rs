//! The branch that a branch follows, and how far they are apart. Starts no process and looks at a bounded number of commits.

use std::collections::{BinaryHeap, HashMap};

use bstr::ByteSlice;

use super::{Store, StoreError};
use crate::model::commit::Commit;
use crate::model::head::short_branch;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectKind, ObjectReader};

/// More commits than this are not looked at: nobody needs the exact number then.
const LOOKED_AT: usize = 500;

/// What a branch follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Such as `origin/main`.
    pub name: String,
    /// `None` when it was never fetched, or is gone.
    pub commit: Option<ObjectId>,
}

impl Store {
    /// The upstream of a branch as people say it; `None` where none is configured.
    pub fn upstream(&self, branch: &str) -> Result<Option<Upstream>, StoreError> {
        let config = self.config()?;
        let value = |word: &str| Some(config.value(&format!("branch.{branch}.{word}"))?.to_str_lossy().into_owned());
        let (Some(remote), Some(merge)) = (value("remote"), value("merge")) else { return Ok(None) };
        let short = short_branch(&merge);
        let (name, full) = match remote.as_str() {
            "." => (short.to_owned(), merge.clone()),
            remote => (format!("{remote}/{short}"), format!("refs/remotes/{remote}/{short}")),
        };
        Ok(Some(Upstream { name, commit: self.find_ref(&full)? }))
    }
}

const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const BOTH: u8 = LEFT | RIGHT;

/// A commit that was come upon.
struct Met {
    /// From which sides it can be reached, as far as is known.
    sides: u8,
    seconds: i64,
    parents: Vec<ObjectId>,
}

/// How many commits `left` has that `right` has not, and the other way round; `None` where that takes too long to tell.
///
/// Goes back in time from both until everything that is left belongs to both. Wrong only where commits are dated long
/// before their parents, as for git without its graph file.
pub fn apart(reader: &dyn ObjectReader, left: &ObjectId, right: &ObjectId) -> Option<(usize, usize)> {
    let mut met: HashMap<ObjectId, Met> = HashMap::new();
    let mut waiting: BinaryHeap<(i64, ObjectId)> = BinaryHeap::new();
    reach(reader, *left, LEFT, &mut met, &mut waiting)?;
    reach(reader, *right, RIGHT, &mut met, &mut waiting)?;
    while waiting.iter().any(|(_, id)| met[id].sides != BOTH) {
        let (_, id) = waiting.pop()?;
        let (sides, parents) = (met[&id].sides, met[&id].parents.clone());
        for parent in parents {
            reach(reader, parent, sides, &mut met, &mut waiting)?;
        }
    }
    share(&mut met, waiting);
    let count = |wanted: u8| met.values().filter(|one| one.sides == wanted).count();
    Some((count(LEFT), count(RIGHT)))
}

/// What belongs to both has ancestors that do too, also those that one side alone has come upon so far.
fn share(met: &mut HashMap<ObjectId, Met>, mut waiting: BinaryHeap<(i64, ObjectId)>) {
    while let Some((_, id)) = waiting.pop() {
        for parent in met[&id].parents.clone() {
            if let Some(known) = met.get_mut(&parent).filter(|known| known.sides != BOTH) {
                known.sides = BOTH;
                waiting.push((known.seconds, parent));
            }
        }
    }
}

/// Notes that a commit can be reached from these sides; what is news of it has to be passed on to its parents.
fn reach(
    reader: &dyn ObjectReader,
    id: ObjectId,
    sides: u8,
    met: &mut HashMap<ObjectId, Met>,
    waiting: &mut BinaryHeap<(i64, ObjectId)>,
) -> Option<()> {
    if let Some(known) = met.get_mut(&id) {
        if known.sides | sides != known.sides {
            known.sides |= sides;
            waiting.push((known.seconds, id));
        }
        return Some(());
    }
    if met.len() >= LOOKED_AT {
        return None;
    }
    let commit = Commit::parse(&reader.read_kind(&id, ObjectKind::Commit).ok()?).ok()?;
    let seconds = commit.committer.seconds;
    met.insert(id, Met { sides, seconds, parents: commit.parents });
    waiting.push((seconds, id));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::Fixture;

    #[test]
    fn branches_are_as_far_apart_as_git_says() {
        let fixture = Fixture::with_commit();
        let commit = |number: usize, message: &str| {
            let date = format!("@{} +0000", 1_800_000_000 + number);
            let mut command = fixture.command(&fixture.root);
            command.env("GIT_COMMITTER_DATE", &date).args(["commit", "-q", "--allow-empty", "-m", message]);
            assert!(command.status().unwrap().success());
        };
        fixture.git(["branch", "start"]);
        (0..5).for_each(|number| commit(number, "main"));
        fixture.git(["checkout", "-q", "-b", "topic", "start"]);
        (3..6).for_each(|number| commit(number, "topic"));
        fixture.git(["merge", "-q", "--no-edit", "main~3"]);
        let store = fixture.store();
        let apart = |left: &str, right: &str| super::apart(&store, &fixture.id(left), &fixture.id(right));
        for (left, right) in [("topic", "main"), ("main", "topic"), ("main", "main"), ("start", "main")] {
            let range = format!("{left}...{right}");
            let said = fixture.git(["rev-list", "--left-right", "--count", &range]);
            let (ahead, behind) = apart(left, right).unwrap();
            assert_eq!(format!("{ahead}\t{behind}"), said, "{range}");
        }
    }

    #[test]
    fn the_upstream_is_the_configured_one() {
        let fixture = Fixture::with_commit();
        assert_eq!(fixture.store().upstream("main").unwrap(), None);
        fixture.git(["config", "branch.main.remote", "origin"]);
        fixture.git(["config", "branch.main.merge", "refs/heads/trunk"]);
        let gone = Upstream { name: "origin/trunk".into(), commit: None };
        assert_eq!(fixture.store().upstream("main").unwrap(), Some(gone));
        fixture.git(["update-ref", "refs/remotes/origin/trunk", "HEAD"]);
        let found = fixture.store().upstream("main").unwrap().unwrap();
        assert_eq!(found.commit, Some(fixture.id("HEAD")));
    }
}
