//! Paths that a target could not have known about, because its own ignore rules hide them: a load leaves them alone.
//!
//! They come into view when a `.gitignore` was emptied or overwritten since. What the index tracks, now or in the target,
//! the rules hide from nobody.

use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::job::Errand;
use super::leftovers::Needed;
use super::prepare::state;
use crate::model::checkpoint::Snapshot;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectReader};
use crate::ops::{OpError, Repo};
use crate::worktree::ignored::IgnoreRules;
use crate::worktree::plan::{Plan, is_at_or_below};

/// Takes out of a plan the removal of such paths, and names them: an ignored folder once, for all that is in it.
///
/// Whoever goes back over a load knows what that load made (`leftovers`), and needs no rules for it.
pub(super) fn spare(
    repo: &Repo,
    reader: &dyn ObjectReader,
    errand: &Errand,
    target: &Snapshot,
    before: &Snapshot,
    plan: &mut Plan,
) -> Result<Vec<BString>, OpError> {
    if goes_back(errand) || (plan.removals.is_empty() && plan.folder_removals.is_empty()) {
        return Ok(Vec::new());
    }
    let settings = repo.store.scan_settings()?;
    let mut rules = IgnoreRules::of(reader, state(target), &settings, &repo.store.layout().common_dir);
    let mut tracked = Tracked { reader, indexes: [before, target], known: HashMap::new() };
    let needed = Needed::of(plan);
    let mut named = BTreeSet::new();
    let mut files = HashSet::new();
    for removal in plan.removals.iter().filter(|removal| !needed.covers(&removal.path)) {
        let path = &removal.path;
        let Some(topmost) = rules.find(path.as_bstr(), false)? else { continue };
        if !(tracked.is_known(&topmost)? && (*path == topmost || tracked.holds(path.as_bstr())?)) {
            named.insert(topmost);
            files.insert(path.clone());
        }
    }
    let above = files.iter().flat_map(|path| path.find_iter("/").map(|slash| BString::from(&path[..slash])));
    let mut kept: HashSet<BString> = above.collect();
    for removal in plan.folder_removals.iter().filter(|removal| !needed.covers(&removal.path)) {
        let path = &removal.path;
        if before.extra.empty_folders.binary_search(path).is_ok()
            && let Some(topmost) = rules.find(path.as_bstr(), true)?
        {
            named.insert(topmost);
            kept.insert(path.clone());
        }
    }
    plan.keep_files(&files);
    plan.folder_removals.retain(|removal| !kept.contains(&removal.path));
    Ok(named.into_iter().collect())
}

fn goes_back(errand: &Errand) -> bool {
    let is_return = |recovered: &super::job::Recovered| recovered.is_undo || recovered.journal.subject.is_some();
    (errand.subject.is_some() && !errand.is_own) || errand.recovers.as_ref().is_some_and(is_return)
}

/// What the index tracks now, and what it tracked in the target.
struct Tracked<'a> {
    reader: &'a dyn ObjectReader,
    indexes: [&'a Snapshot; 2],
    /// Of ignored paths that were asked for already.
    known: HashMap<BString, bool>,
}

impl Tracked<'_> {
    /// [`Tracked::holds`], remembered: asked for the same ignored folder again and again.
    fn is_known(&mut self, path: &BString) -> Result<bool, ObjectError> {
        if let Some(&known) = self.known.get(path) {
            return Ok(known);
        }
        let known = self.holds(path.as_bstr())?;
        self.known.insert(path.clone(), known);
        Ok(known)
    }

    /// Whether an index has the path, or something below it.
    fn holds(&self, path: &BStr) -> Result<bool, ObjectError> {
        for snapshot in self.indexes {
            let extra = &snapshot.index_extra;
            let conflicts = extra.conflicts.iter().map(|stage| &stage.path);
            let mut listed = extra.intent_to_add.iter().chain(conflicts);
            if listed.any(|listed| is_at_or_below(listed, path)) || is_in_tree(self.reader, &snapshot.index_tree, path)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether a tree has something at the path.
pub(super) fn is_in_tree(reader: &dyn ObjectReader, tree: &ObjectId, path: &BStr) -> Result<bool, ObjectError> {
    let mut found = Some((Mode::Tree, *tree));
    for name in path.split_str("/") {
        let Some((Mode::Tree, tree)) = found else { return Ok(false) };
        let entries = reader.read_tree(&tree)?;
        found = entries.into_iter().find(|entry| entry.name == name).map(|entry| (entry.mode, entry.id));
    }
    Ok(found.is_some())
}
