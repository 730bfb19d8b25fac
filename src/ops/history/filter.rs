//! Which entries are asked for: kinds, times, paths.

use bstr::BString;
use jiff::Timestamp;
use serde_json::Value;

use super::{Entry, What};
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectReader};
use crate::ops::paths::is_within;
use crate::ops::show::read_commit;
use crate::ops::{OpError, Repo};
use crate::store::session_history::{Link, read_link};

/// What an entry must be.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Kinds as words; `checkpoint` is every checkpoint. Empty for all.
    pub kinds: Vec<String>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// From the root of the work tree; empty for all.
    pub places: Vec<BString>,
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_open(&self) -> bool {
        self.kinds.is_empty() && self.since.is_none() && self.until.is_none() && self.places.is_empty()
    }

    /// Whether an entry is asked for.
    pub fn fits(&self, repo: &Repo, entry: &Entry) -> Result<bool, OpError> {
        let time = entry.time();
        let is_in_time = self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time <= until);
        if !is_in_time || !self.is_of_kind(entry) {
            return Ok(false);
        }
        Ok(self.places.is_empty() || self.touches(repo, entry)?)
    }

    fn is_of_kind(&self, entry: &Entry) -> bool {
        let is_point = matches!(entry.what, What::Point(_));
        self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == entry.kind() || is_point && kind == "checkpoint")
    }

    /// Whether it changed, or speaks of, one of the places.
    fn touches(&self, repo: &Repo, entry: &Entry) -> Result<bool, OpError> {
        match &entry.what {
            What::Event(event) if event.kind == EventKind::Commit => {
                Ok(commit_of(event).is_some_and(|id| self.commit_touches(repo, &id)))
            }
            What::Event(event) => Ok(paths_of(event).any(|path| self.has(path.as_bytes()))),
            What::Point(point) => {
                let (Some(summary), Some(link)) = (&point.summary, &entry.link) else { return Ok(false) };
                let before = before(repo, link)?.or(summary.base);
                Ok(self.differs(repo, before.as_ref(), &summary.id))
            }
        }
    }

    fn has(&self, path: &[u8]) -> bool {
        self.places.iter().any(|place| is_within(path, place))
    }

    fn commit_touches(&self, repo: &Repo, id: &ObjectId) -> bool {
        let parent = read_commit(&repo.store, id).ok().and_then(|commit| commit.parents.first().copied());
        self.differs(repo, parent.as_ref(), id)
    }

    /// Whether two commits differ in one of the places. What is gone differs in nothing.
    fn differs(&self, repo: &Repo, old: Option<&ObjectId>, new: &ObjectId) -> bool {
        let tree = |id: &ObjectId| read_commit(&repo.store, id).map(|commit| commit.tree);
        let Ok(new) = tree(new) else { return false };
        let Ok(old) = old.map(tree).transpose() else { return false };
        let at = |tree: &ObjectId, place| object_at(&repo.store, tree, place).ok().flatten();
        self.places.iter().any(|place| old.and_then(|old| at(&old, place)) != at(&new, place))
    }
}

/// The commit of the user's that an event tells of.
pub(super) fn commit_of(event: &Event) -> Option<ObjectId> {
    event.fields.get("commit").and_then(Value::as_str).and_then(|hex| ObjectId::from_hex(hex.as_bytes()))
}

/// The paths that an event names, of a tool call or otherwise.
fn paths_of(event: &Event) -> impl Iterator<Item = &str> {
    let listed = event.fields.get("paths").and_then(Value::as_array).into_iter().flatten();
    listed.chain(event.fields.get("path")).filter_map(Value::as_str)
}

/// The checkpoint before that of a commit of the chain, where it can be read still.
pub(super) fn before(repo: &Repo, link: &Link) -> Result<Option<ObjectId>, OpError> {
    let mut next = link.parents.first().copied();
    while let Some(id) = next {
        let Ok(link) = read_link(&repo.store, &id) else { return Ok(None) };
        if let Some(Ok(point)) = link.point.map(|point| point.id)
            && repo.store.contains(&point)
        {
            return Ok(Some(point));
        }
        next = link.parents.first().copied();
    }
    Ok(None)
}

/// What stands at a path of a tree; the tree itself for the empty path.
fn object_at(
    reader: &dyn ObjectReader,
    tree: &ObjectId,
    path: &BString,
) -> Result<Option<(Mode, ObjectId)>, ObjectError> {
    let mut at = (Mode::Tree, *tree);
    for part in path.split(|&byte| byte == b'/').filter(|part| !part.is_empty()) {
        if at.0 != Mode::Tree {
            return Ok(None);
        }
        let Some(entry) = reader.read_tree(&at.1)?.into_iter().find(|entry| entry.name == part) else {
            return Ok(None);
        };
        at = (entry.mode, entry.id);
    }
    Ok(Some(at))
}
