//! What is there, beside what this user's ckpt noted outside the repository when it last wrote.
//!
//! A chain only moves forward, so what was published must be in it still; what this user's ckpt has not written was
//! written by somebody else. That is damage where nobody else writes here, and no more than a doubt where others do.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Finding, Problem, Run, Subject, checkpoint_of_ref, session_ref};
use crate::model::checkpoint::Summary;
use crate::model::id::ObjectId;
use crate::model::object::ObjectReader;
use crate::ops::points::CHECKPOINT_REFS;
use crate::ops::show::read_commit;
use crate::ops::{OpError, Repo};
use crate::store::anchors::{self, AnchoredRef, full_name};
use crate::store::session_chain::read_link;
use crate::store::{StoreError, operation_log, session, stack};

/// What is known of one ref, from all files that speak of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Anchored {
    /// The repository's own file knows it.
    own: Option<AnchoredRef>,
    /// Files of another repository that stood, or seemed to stand, at the same place.
    others: Vec<AnchoredRef>,
    known: HashSet<ObjectId>,
}

/// Collects what is known of a ref.
pub(super) fn of_ref(run: &Run<'_>, name: &str) -> Anchored {
    let mut found = Anchored::default();
    for file in &run.anchors.files {
        let Some(anchored) = file.refs.get(name) else { continue };
        found.known.extend(&anchored.known);
        match file.is_own {
            true => found.own = Some(anchored.clone()),
            false => found.others.push(anchored.clone()),
        }
    }
    found
}

/// How a chain passes by the values that are known, the newest commit first.
#[derive(Debug, Default)]
pub(super) struct Place {
    passed: HashSet<ObjectId>,
    /// Commits that are not known, and have not been followed by a known one yet.
    waiting: Vec<ObjectId>,
    unknown: Vec<ObjectId>,
    is_settled: bool,
}

impl Place {
    pub(super) fn pass(&mut self, known: &Anchored, id: &ObjectId) {
        if known.known.contains(id) {
            self.passed.insert(*id);
            if !self.is_settled {
                self.unknown.append(&mut self.waiting);
            }
        } else {
            self.waiting.push(*id);
        }
        self.is_settled |= known.own.as_ref().is_some_and(|own| own.accepted == Some(*id));
    }

    /// The commit that was passed last, or a newer one, is one that the user took for right.
    pub(super) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Tells what is not as it was left.
    pub(super) fn tell(&self, run: &mut Run<'_>, subject: &Subject, known: &Anchored, tip: &ObjectId, is_read: bool) {
        let related = known.others.iter().filter(|other| other.known.iter().any(|id| self.passed.contains(id)));
        let lasts: Vec<ObjectId> = known.own.iter().chain(related).filter_map(|anchored| anchored.last).collect();
        let lost = lasts.into_iter().find(|last| !self.passed.contains(last));
        if let Some(last) = lost.filter(|_| is_read) {
            // In an older copy of the whole repository the commits from after it are not there at all.
            let is_older = known.known.contains(tip) || is_ancestor(&run.repo.store, tip, &last);
            let (problem, detail) = match is_older {
                true => (
                    Problem::RolledBack,
                    format!("it was at {} when ckpt last wrote here; now an older state is in its place", last.short()),
                ),
                false => (
                    Problem::Rewritten,
                    format!(
                        "it was at {} when ckpt last wrote here; what is there now does not come from that",
                        last.short()
                    ),
                ),
            };
            let is_doubt = !run.anchors.is_alone && problem == Problem::Rewritten;
            run.find(Finding::new(subject.clone(), problem, detail).doubtful(is_doubt));
        }
        if let (Some(first), true) = (self.unknown.last(), lost.is_none()) {
            let more = self.unknown.len() - 1;
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            let (detail, is_lost) = match self.unknown.iter().all(|id| may_be_lost(run, id)) {
                true => ("is not noted in your state folder; the machine was started again since it was made", true),
                false => ("came in without this user's ckpt", false),
            };
            let detail = format!("commit {}{rest} {detail}", first.short());
            run.find(
                Finding::new(subject.clone(), Problem::Unknown, detail).doubtful(is_lost || !run.anchors.is_alone),
            );
        }
    }
}

/// Whether a commit is of a time of which lines may be missing, because the power failed before they were on the disk.
fn may_be_lost(run: &Run<'_>, id: &ObjectId) -> bool {
    let Ok(commit) = read_commit(&run.repo.store, id) else { return false };
    let mut gaps = run.anchors.files.iter().filter(|file| file.is_own).flat_map(|file| &file.gaps);
    gaps.any(|(from, to)| (from..=to).contains(&&commit.committer.seconds))
}

/// Whether the chain that ends at `tip` has `wanted` in it.
fn is_ancestor(reader: &dyn ObjectReader, wanted: &ObjectId, tip: &ObjectId) -> bool {
    let mut next = Some(*tip);
    while let Some(id) = next {
        if id == *wanted {
            return true;
        }
        next = read_link(reader, &id).ok().and_then(|link| link.previous().copied());
    }
    false
}

/// A session without a ref: whether ckpt had a part in that.
pub(super) fn check_gone(run: &mut Run<'_>, subject: &Subject, known: &Anchored) {
    let last = known.own.as_ref().and_then(|own| own.last);
    let detail = match last {
        Some(last) => format!("its ref is gone; it was at {} when ckpt last wrote here", last.short()),
        None => "it has checkpoints and no history".to_owned(),
    };
    let is_doubt = last.is_none() || !run.anchors.is_alone;
    run.find(Finding::new(subject.clone(), Problem::Gone, detail).doubtful(is_doubt));
}

/// A checkpoint that its session does not tell of. A save that was killed half way leaves one: ckpt had begun with it. So
/// does a power cut, which may take the line that says so as well.
pub(super) fn check_untold(run: &mut Run<'_>, summary: &Summary) {
    let known = of_ref(run, &format!("{CHECKPOINT_REFS}{}", summary.id));
    if known.known.contains(&summary.id) {
        return;
    }
    let is_known_session = of_ref(run, &session_ref(&summary.session)).own.is_some();
    let detail = format!("its session {} does not tell of it: ckpt did not make it here", summary.session);
    let finding = Finding::new(run.checkpoint(&summary.id), Problem::Unknown, detail);
    let is_doubt = !(run.anchors.is_alone && is_known_session) || may_be_lost(run, &summary.id);
    run.find(finding.doubtful(is_doubt));
}

/// Checkpoints and sessions that were there when ckpt last wrote, and that ckpt did not take away.
pub(super) fn check_vanished(run: &mut Run<'_>, is_all: bool) -> Result<(), OpError> {
    let mut gone: BTreeSet<String> = BTreeSet::new();
    for file in run.anchors.files.iter().filter(|file| file.is_own) {
        let kept = file.refs.iter().filter(|(_, anchored)| anchored.last.is_some());
        gone.extend(kept.map(|(name, _)| name.clone()));
    }
    for prefix in [CHECKPOINT_REFS, session::REFS] {
        let listed = run.repo.store.list_refs(prefix)?.into_iter().map(|(name, _)| name);
        let there: HashSet<String> = listed.chain(run.repo.store.list_broken_refs(prefix)?).collect();
        gone.retain(|name| !there.contains(name));
    }
    let dropped = if gone.is_empty() { HashSet::new() } else { dropped(run.repo) };
    for name in gone.into_iter().filter(|name| !dropped.contains(name)) {
        if let Some(id) = checkpoint_of_ref(&name) {
            let detail = "its ref is gone, and it was not dropped";
            let finding = Finding::new(run.checkpoint(&id), Problem::Gone, detail);
            run.find(finding.doubtful(!run.anchors.is_alone));
        } else if let (true, Some(session)) = (is_all, name.strip_prefix(session::REFS)) {
            let known = of_ref(run, &name);
            check_gone(run, &Subject::Session(session.to_owned()), &known);
        }
    }
    check_work_tree(run);
    Ok(())
}

/// Refs that an operation of any work tree took away: another user's ckpt may have done it.
pub(super) fn dropped(repo: &Repo) -> HashSet<String> {
    let mut names = HashSet::new();
    for (_, tip) in repo.store.find_in_worktrees(operation_log::REF) {
        let (records, _) = operation_log::read_readable(&repo.store, tip.ok().flatten().as_ref());
        let changes = records.into_iter().flat_map(|record| record.refs);
        names.extend(changes.filter(|change| change.new.is_none()).map(|change| change.name));
    }
    names
}

/// The operation log and the stack of this work tree only move forward as well.
fn check_work_tree(run: &mut Run<'_>) {
    let layout = run.repo.store.layout();
    let key = layout.worktree_key.clone();
    let subjects = [(operation_log::REF, Subject::Operations(key.clone())), (stack::REF, Subject::Stack(key))];
    for (name, subject) in subjects {
        let known = of_ref(run, &full_name(run.repo.store.layout(), name));
        let Some(last) = known.own.as_ref().and_then(|own| own.last) else { continue };
        let tip = run.repo.store.find_ref(name).ok().flatten();
        if tip.is_none_or(|tip| !descends(&run.repo.store, &tip, &last)) {
            let problem = if tip.is_none() { Problem::Gone } else { Problem::RolledBack };
            let detail = format!("it was at {} when ckpt last wrote here, and is not any more", last.short());
            run.find(Finding::new(subject, problem, detail).doubtful(!run.anchors.is_alone));
        }
    }
}

/// [`is_ancestor`] for chains of commits of any kind.
pub(super) fn descends(reader: &dyn ObjectReader, tip: &ObjectId, wanted: &ObjectId) -> bool {
    let mut next = Some(*tip);
    while let Some(id) = next {
        if id == *wanted {
            return true;
        }
        next = read_commit(reader, &id).ok().and_then(|commit| commit.parents.first().copied());
    }
    false
}

/// Notes that what is there is right.
pub(super) fn accept(repo: &Repo) -> Result<(), OpError> {
    let layout = repo.store.layout();
    let mut now: BTreeMap<String, Option<ObjectId>> = BTreeMap::new();
    for file in anchors::read(&repo.environment, layout).files.iter().filter(|file| file.is_own) {
        now.extend(file.refs.keys().filter(|name| !name.starts_with("worktrees/")).map(|name| (name.clone(), None)));
    }
    for prefix in [session::REFS, CHECKPOINT_REFS] {
        now.extend(repo.store.list_refs(prefix)?.into_iter().map(|(name, id)| (name, Some(id))));
    }
    for name in [operation_log::REF, stack::REF] {
        if let Some(id) = repo.store.find_ref(name)? {
            now.insert(full_name(layout, name), Some(id));
        }
    }
    let refs: Vec<_> = now.into_iter().collect();
    anchors::accept(&repo.environment, layout, &refs).map_err(|source| {
        let path = repo.environment.state_home().unwrap_or_default().join("ckpt/anchors");
        StoreError::Io { action: "write", path, source }.into()
    })
}
