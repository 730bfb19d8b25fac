//! The way into a session's chain: one after another, each on top of what is there.
//!
//! Everything that adds to a chain queues here, reads the tip, writes its commit and publishes by compare-and-swap. Called
//! by `publishing`, and by whatever has something to say: `context`, `session`, `stack`, `summary`.

use std::path::PathBuf;
use std::time::Duration;

use bstr::BString;
use jiff::Timestamp;

use super::{OpError, Repo, points};
use crate::model::commit::{Commit, Identity};
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::store::journal::{self, Folding};
use crate::store::session::{self, Additions, CONTEXT, FileChanges, Session};
use crate::store::session_events::SessionChanges;
use crate::store::{Expected, RefEdit, StoreError, Writing, session_events};
use crate::sys::lock::FileLock;

/// How often a lost race for the session's tip is run again. Only another tool can win one: ckpt's own writers queue.
pub(super) const ATTEMPTS: usize = 10;

/// How long a writer waits for the others in the queue.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Where a chain ends now.
pub(super) struct Tip {
    pub(super) name: Name,
    pub(super) id: Option<ObjectId>,
    /// `None` also where the tip cannot be read: the chain is begun anew then.
    pub(super) session: Option<Session>,
}

/// Writers of one repository publish one after another: none of them has to write its commits twice.
pub(super) fn queue(repo: &Repo, patience: Duration) -> Result<FileLock, OpError> {
    let folder = &repo.store.layout().own_dir;
    let failed = |path: PathBuf, source| StoreError::Io { action: "lock", path, source };
    crate::sys::private::create_dir(folder).map_err(|source| failed(folder.clone(), source))?;
    let path = folder.join("save.lock");
    let lock = FileLock::acquire(&path, patience).map_err(|source| failed(path, source))?;
    let lock = lock.ok_or_else(|| busy(&repo.session()))?;
    // Who held it before may have switched to another session; who holds it now is the only one who could.
    repo.forget_session();
    Ok(lock)
}

/// The error for a race that was lost too often.
pub(super) fn busy(session: &Name) -> StoreError {
    StoreError::RefLocked { name: format!("{}{session}", session::REFS) }
}

/// Reads the tip of the current session.
pub(super) fn read_tip(repo: &Repo) -> Result<Tip, OpError> {
    read_tip_of(repo, repo.session())
}

/// Reads the tip of a session.
pub(super) fn read_tip_of(repo: &Repo, name: Name) -> Result<Tip, OpError> {
    let id = repo.store.find_ref(&format!("{}{name}", session::REFS))?;
    let session = id.map(|id| session::find_sound_session(&repo.store, &id)).transpose()?.flatten();
    Ok(Tip { name, id, session })
}

/// Who the commits of a chain are by.
pub(super) fn identity(repo: &Repo) -> Identity {
    repo.store.identity().map_or_else(Identity::default, |(name, email)| Identity::new(&name, &email))
}

impl Tip {
    /// The tip that cannot be read, where that is so.
    pub(super) fn broken(&self) -> Option<ObjectId> {
        self.id.filter(|_| self.session.is_none())
    }

    /// The sequence of the next checkpoint, counted from the checkpoints themselves where the tip cannot tell it.
    pub(super) fn next_sequence(&self, repo: &Repo) -> Result<u64, OpError> {
        if self.broken().is_none() {
            return Ok(session::next_sequence(self.session.as_ref()));
        }
        let points = points::all_points(repo)?.points;
        let own = points.iter().filter(|summary| summary.session == self.name.as_str());
        Ok(own.map(|summary| summary.sequence).max().unwrap_or(0).saturating_add(1))
    }

    /// The move of the ref to `new`, if it is still here.
    pub(super) fn edit_to(&self, new: ObjectId) -> RefEdit {
        let expected = self.id.map_or(Expected::Absent, Expected::At);
        RefEdit { name: format!("{}{}", session::REFS, self.name), expected, new: Some(new) }
    }
}

/// What a commit adds: lines as they are, then events, and the context among the files.
pub(super) fn additions(
    mut lines: Vec<BString>,
    events: &[Event],
    context: Option<&str>,
    mut files: FileChanges,
) -> Additions {
    lines.extend(events.iter().map(|event| BString::from(event.to_line())));
    files.extend(context.map(|text| (CONTEXT.into(), Some(text.as_bytes().to_vec()))));
    Additions { lines, files }
}

/// Writes one commit on top of a session, or a new session's first. Nothing names it yet.
pub(super) fn write(
    repo: &Repo,
    writing: &Writing,
    session: Option<&Session>,
    changes: &SessionChanges<'_>,
) -> Result<Session, OpError> {
    Ok(session_events::append_events(&repo.store, writing, &identity(repo), session, changes)?)
}

/// Adds one commit to a chain, and publishes it. For whoever holds the queue.
pub(super) fn append(
    repo: &Repo,
    tip: &Tip,
    now: Timestamp,
    subject: &str,
    additions: &Additions,
) -> Result<(), OpError> {
    let writing = repo.store.start_writing()?;
    let changes = SessionChanges::new(tip.name.as_str(), now, subject, additions);
    let session = write(repo, &writing, tip.session.as_ref(), &changes)?;
    let written = repo.store.finish_writing(writing)?;
    Ok(repo.store.publish(Some(written), &[tip.edit_to(session.tip)])?)
}

/// Takes what waits in the journal of the current session, without what a fold that died has put into the chain.
///
/// For whoever holds the queue. [`Folding::remove`] it once the chain has it.
pub(super) fn take_journal(repo: &Repo) -> Result<Option<Folding>, OpError> {
    let Some(mut folding) = journal::take(repo.store.layout(), &repo.session())? else { return Ok(None) };
    if folding.is_repeated
        && let Some(session) = &read_tip(repo)?.session
    {
        folding.lines = session_events::without_known(&repo.store, session, std::mem::take(&mut folding.lines))?;
    }
    Ok(Some(folding))
}

/// Adds what the commits from `old` to `new` say to a chain that ends at `found` by now; the new tip.
///
/// For a commit that was written, and could not be published before somebody else added to the chain. Its lines are
/// added; of the files that it changed, only those that nobody has changed since.
pub(super) fn transplant(
    repo: &Repo,
    name: &str,
    old: Option<ObjectId>,
    new: ObjectId,
    found: ObjectId,
) -> Result<ObjectId, OpError> {
    let store = &repo.store;
    let read = |tip: &ObjectId| session::find_sound_session(store, tip);
    let before = old.as_ref().map(read).transpose()?.flatten();
    let (Some(ours), theirs) = (read(&new)?, read(&found)?) else {
        return Err(StoreError::RefMoved { name: name.to_owned(), found: Some(found) }.into());
    };
    let lines = ours.lines(store)?;
    let lines = match &theirs {
        Some(theirs) => session_events::without_known(store, theirs, lines)?,
        None => lines,
    };
    let blob = |session: &Option<Session>, path: &str| session.as_ref().and_then(|session| session.blob(path));
    let mut additions = Additions { lines, files: Vec::new() };
    for path in ours.documents() {
        let is_changed = blob(&before, &path) != ours.blob(&path);
        if is_changed && blob(&theirs, &path) == blob(&before, &path) {
            let text = ours.text(store, &path)?;
            additions.files.push((path.into(), text.map(String::into_bytes)));
        }
    }
    let commit = Commit::parse(&store.read_kind(&new, ObjectKind::Commit)?)
        .map_err(|error| StoreError::Damaged { what: format!("commit {new}"), detail: error.to_string() })?;
    let subject = commit.subject().to_string();
    let session = name.strip_prefix(session::REFS).unwrap_or(name);
    let changes = SessionChanges {
        record: Some(&ours.record),
        merged: commit.parents.get(1).copied().filter(|_| old.is_some()),
        ..SessionChanges::new(session, repo.clock.now(), &subject, &additions)
    };
    let writing = store.start_writing()?;
    let session = write(repo, &writing, theirs.as_ref(), &changes)?;
    let written = store.finish_writing(writing)?;
    // Nothing is published here: the pack stays as it is, and a `gc` leaves what is this young alone.
    drop(written);
    Ok(session.tip)
}
