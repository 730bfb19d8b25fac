//! The event that a hook adds to the session's journal.

use bstr::ByteSlice;
use serde_json::{Value, json};

use super::{head_commit, lines};
use crate::hooks::payload::{Payload, RewriteKind};
use crate::model::commit::Commit;
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::ops::show::read_commit;
use crate::ops::{OpError, Repo};
use crate::store::{StoreError, journal};
use crate::sys::clock::salt;

/// Subjects are cut to so many characters.
const LONGEST_SUBJECT: usize = 200;
/// So many pairs of a rewrite are kept in its event; its notes follow all of them.
const PAIRS_KEPT: usize = 100;

/// Appends what happened. `during` is the operation in progress, such as a rebase whose picks are commits too.
pub(super) fn append(repo: &Repo, payload: &Payload, during: Option<&str>) -> Result<(), OpError> {
    let event = match payload {
        Payload::Commit => commit_event(repo)?,
        Payload::Checkout { old, new } => checkout_event(repo, old.as_ref(), new)?,
        Payload::Merge { squash } => merge_event(repo, *squash)?,
        Payload::Rewrite { by, pairs, more } => rewrite_event(repo, *by, pairs, *more),
    };
    Ok(journal::append(repo.store.layout(), &repo.session(), &event.with("during", during))?)
}

fn event(repo: &Repo, kind: EventKind, text: impl Into<String>) -> Event {
    Event::new(repo.clock.now(), kind, text, salt())
}

fn hex(id: &ObjectId) -> Option<Value> {
    Some(Value::String(id.to_string()))
}

fn subject(commit: &Commit) -> String {
    let lines = commit.message.lines().map(|line| line.trim());
    let first = lines.into_iter().find(|line| !line.is_empty()).unwrap_or_default();
    first.to_str_lossy().chars().take(LONGEST_SUBJECT).collect()
}

fn branch(repo: &Repo) -> Result<Option<String>, StoreError> {
    Ok(repo.store.head()?.branch_name().map(str::to_owned))
}

fn commit_event(repo: &Repo) -> Result<Event, OpError> {
    let id = head_commit(&repo.store)?;
    let commit = read_commit(&repo.store, &id)?;
    let parent_tree = commit.parents.first().map(|parent| repo.store.tree_of(parent)).transpose();
    // In a shallow clone the parent may not be there: then nothing is counted.
    let extent = parent_tree.ok().map(|old| lines::extent(&repo.store, old.as_ref(), &commit.tree)).transpose()?;
    let extent = extent.unwrap_or_default();
    Ok(event(repo, EventKind::Commit, subject(&commit))
        .with("commit", hex(&id))
        .with("branch", branch(repo)?)
        .with("files", extent.files)
        .with("lines_added", extent.lines_added)
        .with("lines_removed", extent.lines_removed))
}

fn checkout_event(repo: &Repo, old: Option<&ObjectId>, new: &ObjectId) -> Result<Event, OpError> {
    let branch = branch(repo)?;
    let text = branch.clone().unwrap_or_else(|| new.short());
    let event = event(repo, EventKind::Checkout, text);
    Ok(event.with("from", old.and_then(hex)).with("to", hex(new)).with("branch", branch))
}

fn merge_event(repo: &Repo, squash: bool) -> Result<Event, OpError> {
    let id = head_commit(&repo.store)?;
    let text = subject(&read_commit(&repo.store, &id)?);
    let text = if squash { "squashed, not committed yet".to_owned() } else { text };
    let event = event(repo, EventKind::Merge, text);
    Ok(event.with("commit", hex(&id)).with("branch", branch(repo)?).with("squash", squash.then_some(true)))
}

fn rewrite_event(repo: &Repo, by: RewriteKind, pairs: &[(ObjectId, ObjectId)], more: usize) -> Event {
    let number = pairs.len() + more;
    let commits = if number == 1 { "1 commit".to_owned() } else { format!("{number} commits") };
    let text = match by {
        RewriteKind::Amend => format!("amended {commits}"),
        RewriteKind::Rebase => format!("rebased {commits}"),
    };
    let kept: Vec<Value> =
        pairs.iter().take(PAIRS_KEPT).map(|(old, new)| json!([old.to_string(), new.to_string()])).collect();
    event(repo, EventKind::Rewrite, text)
        .with("by", Some(by.word()))
        .with("commits", Some(number))
        .with("pairs", Some(kept))
}
