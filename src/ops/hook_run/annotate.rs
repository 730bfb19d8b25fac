//! The notes that a hook writes on the user's commits.

use std::collections::BTreeMap;

use super::{PATIENCE, follow, head_commit};
use crate::hooks::payload::Payload;
use crate::model::commit::{Commit, Identity, Signature};
use crate::model::id::ObjectId;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::ops::{OpError, Repo};
use crate::store::notes::{self, NoteEdit, NoteLine, Notes};
use crate::store::{StoreError, session};

/// Notes what there is to note. A rebase writes its own at its end: what it picks was made at another time.
pub(super) fn annotate(repo: &Repo, payload: &Payload, during: Option<&str>) -> Result<(), OpError> {
    join_fetched(repo)?;
    match payload {
        Payload::Commit if during == Some("rebase") => Ok(()),
        Payload::Commit => note_head(repo),
        Payload::Rewrite { pairs, .. } => carry_over(repo, pairs),
        Payload::Merge { squash: false } => {
            let head = head_commit(&repo.store)?;
            let is_merge = Commit::parse(&repo.store.read_kind(&head, ObjectKind::Commit)?)
                .is_ok_and(|commit| commit.parents.len() > 1);
            if is_merge {
                note_head(repo)?;
            }
            follow::follow(repo, &head)
        }
        Payload::Merge { squash: true } | Payload::Checkout { .. } => Ok(()),
    }
}

pub(super) fn signature(repo: &Repo) -> Signature {
    let identity = repo.store.identity().map_or_else(Identity::default, |(name, email)| Identity::new(&name, &email));
    Signature { identity, seconds: repo.clock.now().as_second().max(0), offset: 0 }
}

/// What a commit of this moment belongs to.
fn line(repo: &Repo) -> Result<NoteLine, StoreError> {
    let session = repo.session();
    let tip = repo.store.find_ref(&format!("{}{session}", session::REFS))?;
    let checkpoint = tip.and_then(|tip| session::find_latest(&repo.store, &tip));
    // A checkpoint that was dropped is no place to go back to, but its words still say what the work was.
    let summary = checkpoint.and_then(|id| repo.store.commit_subject(&id).ok());
    let summary = summary.map(|summary| summary.to_string()).unwrap_or_default();
    Ok(NoteLine { session: session.to_string(), checkpoint, summary })
}

fn note_head(repo: &Repo) -> Result<(), OpError> {
    let head = head_commit(&repo.store)?;
    let line = line(repo)?.render() + "\n";
    notes::edit(&repo.store, &signature(repo), PATIENCE, |notes| {
        let before = notes.find(&head)?.unwrap_or_default();
        let text = notes::union(&before, line.as_bytes());
        Ok(if text == before { Vec::new() } else { vec![NoteEdit { commit: head, text }] })
    })?;
    Ok(())
}

/// The note of each new commit becomes that of all old ones that went into it, with what it has itself.
fn carry_over(repo: &Repo, pairs: &[(ObjectId, ObjectId)]) -> Result<(), OpError> {
    let mut sources: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    for (old, new) in pairs.iter().filter(|(old, new)| old != new) {
        sources.entry(*new).or_default().push(*old);
    }
    notes::edit(&repo.store, &signature(repo), PATIENCE, |notes| edits_of(notes, &sources))?;
    Ok(())
}

/// The edits that give each commit the union of the notes of its sources and its own.
pub(super) fn edits_of(
    notes: &Notes<'_>,
    sources: &BTreeMap<ObjectId, Vec<ObjectId>>,
) -> Result<Vec<NoteEdit>, StoreError> {
    let mut edits = Vec::new();
    for (new, olds) in sources {
        let before = notes.find(new)?.unwrap_or_default();
        let mut text = Vec::new();
        for old in olds {
            text = notes::union(&text, &notes.find(old)?.unwrap_or_default());
        }
        text = notes::union(&text, &before);
        if text != before {
            edits.push(NoteEdit { commit: *new, text });
        }
    }
    Ok(edits)
}

/// Notes of others that were fetched are joined to ours once: `refs/notes/remotes/<remote>/ckpt`.
fn join_fetched(repo: &Repo) -> Result<(), OpError> {
    for (name, tip) in repo.store.list_refs(notes::REMOTES)? {
        if name.ends_with("/ckpt") && !notes::is_joined(repo.store.layout(), &name, &tip) {
            notes::merge(&repo.store, &signature(repo), PATIENCE, &tip)?;
            notes::remember_joined(repo.store.layout(), &name, &tip)?;
        }
    }
    Ok(())
}
