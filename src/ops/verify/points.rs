//! The checkpoints: their refs, their three commits, the records in them, and the names on them.

use std::collections::{HashMap, HashSet};

use bstr::ByteSlice;

use super::objects::Bad;
use super::{Finding, Problem, Run, Subject};
use crate::model::checkpoint::{Checkpoint, CheckpointKind, Summary};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::progress::{Step, Watch};
use crate::ops::points::{CHECKPOINT_REFS, NAME_REFS, newer_first};
use crate::ops::show::read_commit;
use crate::ops::{OpError, Repo};
use crate::store::checkpoint::{read_checkpoint, read_summary};
use crate::store::{StoreError, operation_state, session};
use crate::worktree::path_check;

/// Every checkpoint, and every session.
pub(super) fn of_all(run: &mut Run<'_>) -> Result<(Vec<ObjectId>, Vec<Name>), OpError> {
    let ids = all_ids(run)?;
    let mut sessions = Vec::new();
    for (full, _) in run.repo.store.list_refs(session::REFS)? {
        match full[session::REFS.len()..].parse::<Name>() {
            Ok(name) => sessions.push(name),
            Err(error) => run.find(Finding::new(Subject::Ref(full), Problem::Misnamed, error.to_string())),
        }
    }
    for prefix in [CHECKPOINT_REFS, NAME_REFS, session::REFS] {
        for name in run.repo.store.list_broken_refs(prefix)? {
            run.find(Finding::new(Subject::Ref(name), Problem::Damaged, "it holds no id of an object"));
        }
    }
    Ok((ids, sessions))
}

/// The checkpoints of a session, and those that cannot say whose they are.
pub(super) fn of_session(run: &mut Run<'_>, name: &Name) -> Result<(Vec<ObjectId>, Vec<Name>), OpError> {
    let mut ids = all_ids(run)?;
    let reader = &run.repo.store;
    ids.retain(|id| read_summary(reader, id).map_or(true, |summary| summary.session == name.as_str()));
    let has_chain = run.repo.store.find_ref(&super::session_ref(name.as_str())).map_or(true, |tip| tip.is_some());
    let sessions = if has_chain || !ids.is_empty() { vec![name.clone()] } else { Vec::new() };
    Ok((ids, sessions))
}

fn all_ids(run: &mut Run<'_>) -> Result<Vec<ObjectId>, OpError> {
    let mut ids = Vec::new();
    for (name, id) in run.repo.store.list_refs(CHECKPOINT_REFS)? {
        if name[CHECKPOINT_REFS.len()..] == id.to_string() {
            ids.push(id);
        } else {
            run.find(Finding::new(Subject::Ref(name), Problem::Misnamed, format!("it points at {id}")));
        }
    }
    Ok(ids)
}

/// Looks at each checkpoint; the summaries of those that could be read.
pub(super) fn check(run: &mut Run<'_>, ids: &[ObjectId]) -> HashMap<ObjectId, Summary> {
    let mut summaries = HashMap::with_capacity(ids.len());
    let progress = run.repo.progress.as_ref();
    let watch = Watch::begin(progress, Step::Checking, ids.len());
    for id in ids {
        match read_checkpoint(&run.repo.store, id) {
            Ok(checkpoint) => {
                check_paths(run, id, &checkpoint);
                check_base(run, &checkpoint);
                let outer = run.outermost(id);
                run.tied.add(&checkpoint, &outer);
                summaries.insert(*id, checkpoint.summary);
            }
            Err(error) => {
                let finding = of_error(run.checkpoint(id), &error);
                run.find(finding);
                summaries.extend(read_summary(&run.repo.store, id).ok().map(|summary| (*id, summary)));
            }
        }
        walk(run, id);
        watch.advance();
    }
    summaries
}

/// A record that cannot be read, as a finding.
pub(super) fn of_error(subject: Subject, error: &StoreError) -> Finding {
    let problem = match error {
        StoreError::Newer { .. } => Problem::Newer,
        StoreError::Object(error) => Bad::of(error).problem,
        _ => Problem::Damaged,
    };
    Finding::new(subject, problem, error.to_string())
}

/// Paths outside the trees: permissions, empty folders and the like.
fn check_paths(run: &mut Run<'_>, id: &ObjectId, checkpoint: &Checkpoint) {
    let extra = &checkpoint.snapshot.extra;
    let listed = extra.permissions.keys().chain(&extra.empty_folders).chain(&extra.crlf).chain(extra.raw.keys());
    let hostile = listed.filter(|path| !path.is_empty()).find_map(|path| {
        let problem = path.split_str("/").find_map(|name| path_check::name_problem(name, true))?;
        Some(format!("{}: {problem}", path.to_str_lossy()))
    });
    let operation = checkpoint.snapshot.operation.as_ref();
    let foreign = operation.and_then(|state| operation_state::foreign_file(&run.repo.store, state).ok().flatten());
    let foreign = foreign.map(|path| format!("{}: no operation of git's has such a file", path.to_str_lossy()));
    if let Some(detail) = hostile.or(foreign) {
        let finding = Finding::new(run.checkpoint(id), Problem::Hostile, detail);
        run.find(finding);
    }
}

fn check_base(run: &mut Run<'_>, checkpoint: &Checkpoint) {
    if let Some(base) = &checkpoint.summary.base {
        run.inventory.commit_is_there(base);
    }
    for commit in checkpoint.snapshot.operation.iter().flat_map(|operation| &operation.commits) {
        run.inventory.commit(commit);
    }
}

/// The commits of a checkpoint, outermost first: W, I and M.
fn walk(run: &mut Run<'_>, id: &ObjectId) {
    let mut next = Some(*id);
    for _ in 0..3 {
        let Some(commit) = next.and_then(|id| run.inventory.commit(&id)) else { return };
        next = commit.parents.last().copied();
    }
}

/// Looks whether names stand on checkpoints.
pub(super) fn check_names(run: &mut Run<'_>, ids: &[ObjectId], is_all: bool) {
    let names = run.names.clone();
    let ids: HashSet<&ObjectId> = ids.iter().collect();
    for (id, names) in names {
        let exists = ids.contains(&id) || crate::ops::points::exists(run.repo, &id).unwrap_or(false);
        for name in names {
            let full = format!("{NAME_REFS}{name}");
            let is_wanted = is_all || ids.contains(&id);
            if !exists {
                let detail = format!("it points at {id}, which is no checkpoint");
                run.find(Finding::new(Subject::Ref(full), Problem::Misnamed, detail));
            } else if let (true, Err(error)) = (is_wanted, name.parse::<Name>()) {
                run.find(Finding::new(Subject::Ref(full), Problem::Misnamed, error.to_string()));
            }
        }
    }
}

/// Tells of each checkpoint which of its files are bad. After all objects were looked at.
pub(super) fn attribute(run: &mut Run<'_>, ids: &[ObjectId]) {
    if !run.inventory.has_bad() {
        return;
    }
    for id in ids {
        let subject = run.checkpoint(id);
        for finding in culprits(run, id, &subject) {
            // The record may have told the same object already.
            if !run.findings.iter().any(|known| known.subject == subject && known.detail.contains(&finding.detail)) {
                run.find(finding);
            }
        }
    }
}

fn culprits(run: &mut Run<'_>, id: &ObjectId, subject: &Subject) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let tell = |bad: &Bad, path: &str| {
        let detail = if path.is_empty() { bad.detail.clone() } else { format!("{path}: {}", bad.detail) };
        Finding::new(subject.clone(), bad.problem, detail)
    };
    let mut next = Some(*id);
    for part in ["", "index: ", "facts: "] {
        let Some(id) = next else { break };
        found.extend(run.inventory.find_bad(&id).map(|bad| tell(bad, "")));
        let Ok(commit) = read_commit(&run.repo.store, &id) else { break };
        let (last, others) = commit.parents.split_last().map_or((None, &[][..]), |(last, rest)| (Some(*last), rest));
        found.extend(others.iter().filter_map(|parent| run.inventory.find_bad(parent)).map(|bad| tell(bad, "")));
        for culprit in run.inventory.culprits(&commit.tree) {
            let told = tell(&culprit.bad, &culprit.path.to_str_lossy());
            let is_known = found.iter().any(|known| known.detail == told.detail);
            found.extend((!is_known).then(|| Finding { detail: format!("{part}{}", told.detail), ..told }));
        }
        next = last;
    }
    found
}

/// The newest of some checkpoints that somebody asked for.
pub(super) fn newest(repo: &Repo, ids: &[&ObjectId]) -> Option<ObjectId> {
    let read = ids.iter().filter_map(|id| read_summary(&repo.store, id).ok());
    let mut summaries: Vec<Summary> = read.filter(|summary| summary.kind != CheckpointKind::Safety).collect();
    summaries.sort_by(newer_first);
    summaries.first().map(|summary| summary.id)
}
