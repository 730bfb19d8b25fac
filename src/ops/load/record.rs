//! Writes the operation log. The caller holds the lock of the work tree.

use super::job::Job;
use super::{paths, switch};
use crate::model::commit::Identity;
use crate::model::id::ObjectId;
use crate::model::operation::{OperationRecord, OperationVerb};
use crate::ops::{OpError, Repo};
use crate::store::{Expected, RefEdit, operation_log};
use crate::sys::fault;
use crate::worktree::journal::Subject;

/// Adds a record to the log.
pub(crate) fn append(repo: &Repo, record: &OperationRecord) -> Result<(), OpError> {
    append_with(repo, record, Vec::new())
}

/// The same with refs that move before it, in one transaction.
pub(crate) fn append_with(repo: &Repo, record: &OperationRecord, mut edits: Vec<RefEdit>) -> Result<(), OpError> {
    let store = &repo.store;
    let tip = store.find_ref(operation_log::REF)?;
    let identity = store.identity().map_or_else(Identity::default, |(name, email)| Identity::new(&name, &email));
    operation_log::clear_own_lock(store.layout());
    let writing = store.start_writing()?;
    let id = operation_log::append(store, &writing, &identity, tip.as_ref(), record)?;
    let written = store.finish_writing(writing)?;
    fault::reach("record.written");
    let expected = tip.map_or(Expected::Absent, Expected::At);
    edits.push(RefEdit { name: operation_log::REF.to_owned(), expected, new: Some(id) });
    store.publish(Some(written), &edits)?;
    fault::reach("record.published");
    Ok(())
}

/// Reads the log, oldest first.
pub(crate) fn read_all(repo: &Repo) -> Result<Vec<OperationRecord>, OpError> {
    let tip = repo.store.find_ref(operation_log::REF)?;
    Ok(operation_log::read_all(&repo.store, tip.as_ref())?)
}

/// Whether operations since `known`, an earlier end of the log, have moved files.
pub(super) fn have_files_moved(repo: &Repo, known: Option<&ObjectId>) -> Result<bool, OpError> {
    let tip = repo.store.find_ref(operation_log::REF)?;
    if tip.as_ref() == known {
        return Ok(false);
    }
    let count = operation_log::read_all(&repo.store, known)?.len();
    let records = operation_log::read_all(&repo.store, tip.as_ref())?;
    Ok(records.iter().skip(count).any(|record| record.before.is_some()))
}

/// Records a load that was carried out; a recovered one as if nothing had interrupted it.
pub(super) fn append_load(repo: &Repo, job: &Job, safety: ObjectId) -> Result<(), OpError> {
    let Some(recovered) = &job.errand.recovers else {
        let record = record_of(job, safety, job.errand.subject);
        return append_with(repo, &record, switch::edits(repo, job.errand.switch.as_ref())?);
    };
    let journal = &recovered.journal;
    let original = OperationRecord {
        created: journal.started,
        before: Some(journal.safety),
        after: Some(journal.target),
        ..record_of(job, safety, journal.subject)
    };
    if recovered.is_undo && journal.switch.is_some() {
        return switch::take_back(repo, journal);
    }
    let records = read_all(repo)?;
    let is_recorded = records.last() == Some(&original);
    match (recovered.is_undo, is_recorded) {
        (false, false) => append_with(repo, &original, switch::edits(repo, journal.switch.as_ref())?),
        (false, true) | (true, false) => Ok(()),
        (true, true) => append(repo, &opposite(&original, job, safety, records.len() as u64)),
    }
}

/// The load was recorded already when it was interrupted, and is now undone.
fn opposite(original: &OperationRecord, job: &Job, safety: ObjectId, position: u64) -> OperationRecord {
    let position = original.subject.unwrap_or(position);
    let is_redo = original.verb == OperationVerb::Undo;
    record_of(job, safety, Some(Subject { is_redo, position }))
}

fn record_of(job: &Job, safety: ObjectId, subject: Option<Subject>) -> OperationRecord {
    let errand = &job.errand;
    let journal = errand.recovers.as_ref().map(|recovered| &recovered.journal);
    let switch = errand.switch.as_ref().or_else(|| journal?.switch.as_ref());
    let verb = match subject {
        None => switch.map_or(OperationVerb::Load, |switch| switch.verb),
        Some(Subject { is_redo: false, .. }) => OperationVerb::Undo,
        Some(Subject { is_redo: true, .. }) => OperationVerb::Redo,
    };
    OperationRecord {
        verb,
        created: job.started,
        description: errand.description.clone(),
        before: Some(safety),
        after: Some(errand.target),
        moved_head: errand.head || job.new_head.is_some(),
        moved_operation: errand.operation,
        submodules: job.recurses(),
        paths: paths::encode(&errand.paths),
        refs: switch.map_or_else(Vec::new, |switch| switch.refs.clone()),
        subject: subject.map(|subject| subject.position),
    }
}
