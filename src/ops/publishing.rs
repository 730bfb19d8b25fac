//! Makes a captured state a checkpoint: its commits, its place in the session, its refs.

use bstr::ByteSlice;

use super::save::SaveRequest;
use super::{OpError, Repo, chain};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{Facts, Snapshot, Summary, Words};
use crate::model::commit::Commit;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::store::checkpoint::{self, NewCheckpoint, write_checkpoint};
use crate::store::session::{self, Additions, SaveEvent, Session};
use crate::store::{Expected, RefEdit, StoreError, Writing, summary_cache};
use crate::sys::fault;

/// A captured state on its way to be a checkpoint.
pub(super) struct Publishing<'a> {
    pub(super) repo: &'a Repo,
    pub(super) request: &'a SaveRequest,
    pub(super) snapshot: &'a Snapshot,
    /// Against the commit at HEAD.
    pub(super) changes: ChangeCounts,
}

/// The refs that make one attempt visible.
struct Attempt {
    id: ObjectId,
    summary: Summary,
    edits: Vec<RefEdit>,
}

impl Publishing<'_> {
    /// Writes the commits into `writing`, publishes, and gives the id and the bytes added to the repository.
    pub(super) fn run(&self, writing: Writing) -> Result<(ObjectId, u64), OpError> {
        let store = &self.repo.store;
        let _queue = chain::queue(self.repo, chain::PATIENCE)?;
        // The work counts for more than its history: what cannot be folded now waits for the next.
        let mut folding = chain::take_journal(self.repo).ok().flatten();
        let lines = folding.as_mut().map(|folding| std::mem::take(&mut folding.lines)).unwrap_or_default();
        let additions = Additions { lines, files: Vec::new() };
        let mut written = Vec::new();
        let mut next = Some(writing);
        for _ in 0..chain::ATTEMPTS {
            let writing = match next.take() {
                Some(writing) => writing,
                None => store.start_writing()?,
            };
            let attempt = self.write(&writing, &additions)?;
            fault::reach("save.before-objects");
            written.push(store.finish_writing(writing)?);
            fault::reach("save.before-refs");
            let bytes = written.iter().map(|part| part.bytes).sum();
            // A lost race leaves the objects in `written`, protected for the next attempt, which names most of them too.
            match store.publish_all(&mut written, &attempt.edits) {
                Ok(()) => {
                    fault::reach("save.published");
                    if let Some(folding) = folding {
                        folding.remove();
                    }
                    summary_cache::remember(store.layout(), &attempt.summary);
                    return Ok((attempt.id, bytes));
                }
                Err(error) => self.take_back(&attempt, error)?,
            }
        }
        Err(chain::busy(&self.repo.session()).into())
    }

    fn write(&self, writing: &Writing, additions: &Additions) -> Result<Attempt, OpError> {
        let store = &self.repo.store;
        let tip = chain::read_tip(self.repo)?;
        let session = tip.session.as_ref();
        let identity = chain::identity(self.repo);
        let sequence = tip.next_sequence(self.repo)?;
        let created = self.repo.clock.now();
        let words = self.words(session);
        let name = &tip.name;
        let new = NewCheckpoint {
            snapshot: self.snapshot,
            words: &words,
            facts: &self.facts(),
            session: name.as_str(),
            sequence,
            kind: self.request.kind,
            created,
            base_seconds: self.base_seconds()?.unwrap_or_else(|| created.as_second()),
            worktree: &store.layout().worktree_key,
            changes: self.changes,
        };
        let summary = write_checkpoint(writing, &identity, &new)?;
        let id = summary.id;
        let subject = new.subject();
        let event = SaveEvent {
            session: name.as_str(),
            checkpoint: id,
            sequence,
            kind: self.request.kind,
            time: created,
            subject: &subject,
            changes: &tip.broken().map(|tip| format!("the history up to {tip} cannot be read")).unwrap_or_default(),
            additions,
        };
        let tip_after = session::append_save(store, writing, &identity, session, &event)?;
        let mut edits = vec![edit(checkpoint::ref_name(&id), Expected::Anything, id)];
        edits.extend(self.name_edit(&id));
        edits.push(tip.edit_to(tip_after));
        Ok(Attempt { id, summary, edits })
    }

    fn name_edit(&self, id: &ObjectId) -> Option<RefEdit> {
        let name = self.request.name.as_ref()?;
        let expected = if self.request.move_name { Expected::Anything } else { Expected::Absent };
        Some(edit(format!("{}{name}", checkpoint::NAMES), expected, *id))
    }

    /// What is said in the request; the documents of the session where it is silent.
    fn words(&self, session: Option<&Session>) -> Words {
        let mut words = self.request.words.clone();
        if let Some(session) = session {
            let own = documents(&self.repo.store, session);
            words.context = words.context.or(own.context);
            words.checklist = words.checklist.or(own.checklist);
            words.partitions = own.partitions;
        }
        words
    }

    fn base_seconds(&self) -> Result<Option<i64>, OpError> {
        let Some(commit) = self.snapshot.head.commit else { return Ok(None) };
        let bytes = self.repo.store.read_kind(&commit, ObjectKind::Commit)?;
        Ok(Commit::parse(&bytes).ok().map(|commit| commit.committer.seconds))
    }

    fn facts(&self) -> Facts {
        Facts {
            ckpt: env!("CARGO_PKG_VERSION").to_owned(),
            git: None,
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            host: crate::sys::environment::host_name(),
            directory: self.repo.store.layout().work_dir.to_string_lossy().into_owned(),
            outer: self.request.outer.clone(),
        }
    }

    /// Removes the checkpoint's ref if this attempt got so far as to make it, and tells whether to try again.
    fn take_back(&self, attempt: &Attempt, error: StoreError) -> Result<(), OpError> {
        let name = checkpoint::ref_name(&attempt.id);
        let removal = RefEdit { name, expected: Expected::At(attempt.id), new: None };
        // It is mostly not there: a refusal makes none of the refs. What went wrong before is what counts.
        let _ = self.repo.store.publish(None, &[removal]);
        let StoreError::RefMoved { name, found } = error else { return Err(error.into()) };
        match (name.strip_prefix(checkpoint::NAMES), found) {
            (Some(name), Some(id)) => Err(OpError::NameTaken { name: name.to_owned(), id }),
            _ => Ok(()),
        }
    }
}

/// The documents of a session. One that is damaged is none: the work counts for more.
pub(super) fn documents(reader: &dyn ObjectReader, session: &Session) -> Words {
    let read = |name: &str| session.text(reader, name).ok().flatten();
    let partition = |(path, _): (&bstr::BString, ObjectId)| {
        let path = path.to_str().ok()?;
        let name = path.strip_prefix(session::PARTITION_FOLDER)?.strip_suffix(".md")?;
        Some((name.to_owned(), read(path)?))
    };
    let partitions = session.below(session::PARTITION_FOLDER).filter_map(partition).collect();
    Words { context: read(session::CONTEXT), checklist: read(session::CHECKLIST), partitions, ..Words::default() }
}

fn edit(name: String, expected: Expected, id: ObjectId) -> RefEdit {
    RefEdit { name, expected, new: Some(id) }
}
