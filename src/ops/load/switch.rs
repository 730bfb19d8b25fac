//! What a load does to the stack, its sessions and a git branch, when it brings one session in the place of another.
//!
//! What is to be published is written before the first file moves and held by a ref of its own, so that whoever finishes
//! after a kill finds it. The branch is made before HEAD is put on it; the rest takes effect with the operation log.
//! Called by `carry_out` and `record`; the caller holds the lock of the work tree.

use jiff::Timestamp;

use super::job::Job;
use super::record;
use crate::model::commit::{Commit, Signature, compose_message};
use crate::model::head::BRANCHES;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectKind, ObjectReader, ObjectWriter};
use crate::model::operation::{OperationRecord, OperationVerb, RefChange, Switch};
use crate::ops::{OpError, Repo, chain};
use crate::store::{Expected, RefEdit, StoreError, Writing, Written, checkpoint, linked_worktree, session, stack};
use crate::sys::fault;
use crate::worktree::journal::{self, Journal, Subject};

/// Holds what a switch will publish. Gone when it is published.
pub(crate) const PENDING: &str = "refs/worktree/ckpt/pending";

/// A commit that holds everything the journal of a switch is going to name, for [`hold`].
pub(crate) fn write_anchor(
    repo: &Repo,
    writing: &Writing,
    target: &ObjectId,
    switch: &Switch,
    description: &str,
    started: Timestamp,
) -> Result<ObjectId, OpError> {
    let mut parents = vec![*target];
    for new in switch.refs.iter().filter_map(|change| change.new) {
        if !parents.contains(&new) {
            parents.push(new);
        }
    }
    let author = Signature { identity: chain::identity(repo), seconds: started.as_second().max(0), offset: 0 };
    let message = compose_message(&format!("pending: {description}"), &[]);
    let tree = writing.write(ObjectKind::Tree, b"")?;
    let commit = Commit { tree, parents, committer: author.clone(), author, message };
    Ok(writing.write(ObjectKind::Commit, &commit.encode())?)
}

/// Makes the ref on such a commit; `written` is what it was written with.
pub(crate) fn hold(repo: &Repo, anchor: ObjectId, written: Written) -> Result<(), OpError> {
    let edit = RefEdit { name: PENDING.to_owned(), expected: Expected::Anything, new: Some(anchor) };
    repo.store.publish(Some(written), &[edit])?;
    fault::reach("switch.anchored");
    Ok(())
}

/// Makes the git branch that HEAD is going to be on, if it is not there.
pub(super) fn create_branch(repo: &Repo, job: &Job) -> Result<(), OpError> {
    let (Some(branch), Some(commit)) = (&job.errand.creates, job.checkpoint.snapshot.head.commit) else {
        return Ok(());
    };
    if job.new_head.as_ref().and_then(|head| head.branch.as_ref()) != Some(branch) {
        return Ok(());
    }
    if repo.store.find_ref(branch)?.is_none() {
        let edit = RefEdit { name: branch.clone(), expected: Expected::Absent, new: Some(commit) };
        repo.store.publish(None, &[edit])?;
    }
    fault::reach("switch.branch-made");
    Ok(())
}

/// The refs that are still to move, as things stand now.
pub(super) fn edits(repo: &Repo, switch: Option<&Switch>) -> Result<Vec<RefEdit>, OpError> {
    let Some(switch) = switch else { return Ok(Vec::new()) };
    let mut edits = Vec::new();
    for change in &switch.refs {
        edits.extend(edit(repo, change)?);
    }
    edits.push(RefEdit { name: PENDING.to_owned(), expected: Expected::Anything, new: None });
    Ok(edits)
}

fn edit(repo: &Repo, change: &RefChange) -> Result<Option<RefEdit>, OpError> {
    let found = repo.store.find_ref(&change.name)?;
    let expected = found.map_or(Expected::Absent, Expected::At);
    let to = |new| Some(RefEdit { name: change.name.clone(), expected, new });
    if found == change.new {
        return Ok(None);
    }
    if change.name.starts_with(BRANCHES) {
        // One that somebody has committed to, or stands on, is theirs now.
        let is_free = found == change.old && !is_in_use(repo, &change.name)?;
        return Ok(if change.new.is_none() && is_free { to(None) } else { None });
    }
    match (found, change.new) {
        _ if found == change.old => Ok(to(change.new)),
        (Some(found), Some(new)) if change.name.starts_with(session::REFS) => {
            // Only after a kill can somebody have added to the chain meanwhile.
            if is_in_chain(repo, &new, found)? {
                return Ok(None);
            }
            Ok(to(Some(chain::transplant(repo, &change.name, change.old, new, found)?)))
        }
        _ => Err(StoreError::RefMoved { name: change.name.clone(), found }.into()),
    }
}

pub(crate) fn is_in_use(repo: &Repo, branch: &str) -> Result<bool, OpError> {
    let is_own = repo.store.head()?.branch.as_deref() == Some(branch);
    Ok(is_own || linked_worktree::is_branch_elsewhere(&repo.store, branch))
}

/// Whether a chain that ends at `tip` holds `wanted`.
fn is_in_chain(repo: &Repo, wanted: &ObjectId, tip: ObjectId) -> Result<bool, OpError> {
    const LOOKED_AT: usize = 10_000;
    let mut next = Some(tip);
    for _ in 0..LOOKED_AT {
        let Some(id) = next else { return Ok(false) };
        if id == *wanted {
            return Ok(true);
        }
        let bytes = repo.store.read_kind(&id, ObjectKind::Commit)?;
        let commit = Commit::parse(&bytes)
            .map_err(|error| StoreError::Damaged { what: format!("commit {id}"), detail: error.to_string() })?;
        next = commit.parents.first().copied();
    }
    Ok(false)
}

/// Whether the stack is what the switch makes of it: then all files were in their places, and it is done but for refs.
pub(crate) fn is_published(repo: &Repo, journal: &Journal) -> Result<bool, OpError> {
    let Some(switch) = &journal.switch else { return Ok(false) };
    let change = switch.refs.iter().find(|change| change.name == stack::REF);
    match change {
        Some(change) => Ok(change.new.is_some() && repo.store.find_ref(stack::REF)? == change.new),
        None => Ok(false),
    }
}

/// Publishes the rest of a switch whose stack is published, and its record, so that it can be undone as any other.
pub(crate) fn complete(repo: &Repo, journal: &Journal) -> Result<(), OpError> {
    let record = record_of(journal);
    if record::read_all(repo)?.last() != Some(&record) {
        record::append_with(repo, &record, edits(repo, journal.switch.as_ref())?)?;
    }
    Ok(journal::remove(&repo.store.layout().own_worktree_dir)?)
}

/// What the operation log says of it.
fn record_of(journal: &Journal) -> OperationRecord {
    let verb = match (journal.subject, &journal.switch) {
        (Some(Subject { is_redo: true, .. }), _) => OperationVerb::Redo,
        (Some(_), _) => OperationVerb::Undo,
        (None, Some(switch)) => switch.verb,
        (None, None) => OperationVerb::Load,
    };
    OperationRecord {
        before: Some(journal.safety),
        after: Some(journal.target),
        moved_head: journal.head,
        moved_operation: journal.operation,
        paths: journal.paths.clone(),
        refs: journal.switch.as_ref().map_or_else(Vec::new, |switch| switch.refs.clone()),
        subject: journal.subject.map(|subject| subject.position),
        ..OperationRecord::new(verb, journal.started, journal.description.clone())
    }
}

/// A switch that was interrupted before it was published is undone: what it made goes again.
pub(super) fn take_back(repo: &Repo, journal: &Journal) -> Result<(), OpError> {
    let Some(switch) = &journal.switch else { return Ok(()) };
    let mut edits = Vec::new();
    for change in &switch.refs {
        // What comes before the stack in the list may have been published; of what comes after it, nothing was.
        let is_record = change.name.starts_with(checkpoint::REFS) || change.name.starts_with(session::REFS);
        if is_record && change.old != change.new && repo.store.find_ref(&change.name)? == change.new {
            let expected = change.new.map_or(Expected::Absent, Expected::At);
            edits.push(RefEdit { name: change.name.clone(), expected, new: change.old });
        }
    }
    if let Some(branch) = &switch.creates {
        let made = checkpoint::read_checkpoint(&repo.store, &journal.target)?.snapshot.head.commit;
        if repo.store.find_ref(branch)? == made && made.is_some() && !is_in_use(repo, branch)? {
            let expected = made.map_or(Expected::Absent, Expected::At);
            edits.push(RefEdit { name: branch.clone(), expected, new: None });
        }
    }
    edits.push(RefEdit { name: PENDING.to_owned(), expected: Expected::Anything, new: None });
    repo.store.publish(None, &edits)?;
    fault::reach("switch.taken-back");
    Ok(())
}
