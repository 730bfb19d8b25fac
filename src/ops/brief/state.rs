//! Where the work stands, in a few pinned lines: session, branch, commit, what is in progress, the last checkpoint.

use bstr::ByteSlice;
use jiff::Timestamp;

use super::{Sources, one_line, tidy};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::Checkpoint;
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::ops::recover::find_pending;
use crate::ops::show::read_commit;
use crate::ops::{OpError, points};
use crate::store::checkpoint::read_checkpoint;
use crate::store::operation_state::kind_in_progress;
use crate::store::upstream::apart;
use crate::summary::brief::{Entry, Section, Shape};

/// Subjects and names are told up to here.
const LONGEST: usize = 200;

/// The section, and what others want to know too.
pub(super) struct State {
    pub(super) section: Section,
    pub(super) head: Option<ObjectId>,
    /// The session's last checkpoint, where it can be read.
    pub(super) checkpoint: Option<Checkpoint>,
}

struct Facts(Vec<Entry>);

impl Facts {
    fn add(&mut self, label: &str, text: impl AsRef<str>) {
        let text = one_line(&tidy(text.as_ref(), LONGEST));
        self.0.push(Entry { shape: Shape::Fact, label: Some(label.to_owned()), time: None, text, is_pinned: true });
    }

    fn add_at(&mut self, label: &str, time: Timestamp, text: impl AsRef<str>) {
        self.add(label, text);
        self.0.last_mut().expect("it was added just now").time = Some(time);
    }
}

pub(super) fn gather(sources: &Sources<'_>) -> Result<State, OpError> {
    let repo = sources.repo;
    let head = repo.store.head()?;
    let mut facts = Facts(Vec::new());
    facts.add("session", session_line(sources));
    facts.add("branch", branch_line(sources, &head));
    let subject = |id: &ObjectId| read_commit(&repo.store, id).map(|commit| commit.subject().to_string());
    let commit = head
        .commit
        .map_or_else(|| "none yet".to_owned(), |id| format!("{} {}", id.short(), subject(&id).unwrap_or_default()));
    facts.add("commit", commit);
    let worktree = &repo.store.layout().worktree_key;
    if !worktree.is_empty() {
        facts.add("work tree", worktree);
    }
    if let Some(kind) = kind_in_progress(&repo.store) {
        facts.add("in progress", format!("a {kind}; `git status` tells more"));
    }
    if let Some(pending) = find_pending(repo)?.filter(|pending| !pending.is_running) {
        facts.add("interrupted", format!("{}; `ckpt recover` finishes it", pending.description));
    }
    facts.add("not committed", counts(&ChangeCounts::of(&sources.changed.against_head)));
    let checkpoint = checkpoint(sources, &mut facts)?;
    if sources.changed.omitted > 0 {
        facts
            .add("left out of saves", format!("{}; `ckpt status` names them", plural(sources.changed.omitted, "path")));
    }
    if !sources.scope.places().is_empty() {
        let places: Vec<_> = sources.scope.places().iter().map(|place| place.to_str_lossy()).collect();
        facts.add("about", places.join(", "));
    }
    let section = Section {
        name: "state",
        title: "Where the work stands",
        entries: facts.0,
        has_older: false,
        source: "ckpt status".to_owned(),
        share: 0,
    };
    Ok(State { section, head: head.commit, checkpoint })
}

// A stack of sessions is told here, from the current one down, once a work tree can have more than one.
fn session_line(sources: &Sources<'_>) -> String {
    let name = sources.repo.session();
    match &sources.session {
        Some(session) => {
            let points = plural(session.record.sequence as usize, "checkpoint");
            format!("{name}, begun {}, {points}", session.record.created.strftime("%Y-%m-%d"))
        }
        None => format!("{name}, not begun"),
    }
}

fn branch_line(sources: &Sources<'_>, head: &Head) -> String {
    let Some(branch) = head.branch_name() else { return "none, HEAD is detached".to_owned() };
    let store = &sources.repo.store;
    let Ok(Some(upstream)) = store.upstream(branch) else { return branch.to_owned() };
    let apart = head.commit.zip(upstream.commit).and_then(|(here, there)| apart(store, &here, &there));
    match apart {
        Some((0, 0)) => format!("{branch}, level with {}", upstream.name),
        Some((ahead, behind)) => format!("{branch}, {ahead} ahead of and {behind} behind {}", upstream.name),
        None => format!("{branch}, follows {}", upstream.name),
    }
}

fn checkpoint(sources: &Sources<'_>, facts: &mut Facts) -> Result<Option<Checkpoint>, OpError> {
    let Some((id, since)) = &sources.changed.checkpoint else {
        facts.add("last checkpoint", "none; `ckpt save` makes one");
        return Ok(None);
    };
    let names = points::names_by_id(sources.repo)?.remove(id).unwrap_or_default();
    let name = names.first().map(|name| format!(" {name}")).unwrap_or_default();
    // Damaged, or made by a newer ckpt: what is told of it is less, and the rest of the brief stands.
    let Ok(checkpoint) = read_checkpoint(&sources.repo.store, id) else {
        facts.add("last checkpoint", format!("{}{name}, cannot be read", id.short()));
        return Ok(None);
    };
    let (subject, created) = (&checkpoint.summary.subject, checkpoint.summary.created);
    facts.add_at("last checkpoint", created, format!("{}{name} {subject}", id.short()));
    facts.add("since then", counts(since));
    Ok(Some(checkpoint))
}

fn counts(counts: &ChangeCounts) -> String {
    let parts = [(counts.new, "new"), (counts.modified, "modified"), (counts.deleted, "deleted")];
    let told: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if told.is_empty() { "nothing".to_owned() } else { told.join(", ") }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
