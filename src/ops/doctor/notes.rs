//! The notes on the user's commits, beside what the sessions know of them; and the way to make them anew.
//!
//! A session's history has an event for each commit that a hook saw, and the commit of the chain that holds it says which
//! checkpoint was the latest then. That is all that a note holds, but for what other people's notes have added.

use std::collections::BTreeMap;
use std::time::Duration;

use bstr::ByteSlice;
use serde_json::Value;

use super::{Check, Symptom};
use crate::model::commit::Signature;
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::ops::{Repo, chain};
use crate::store::notes::{self, NoteEdit, NoteLine, Notes};
use crate::store::path_tree::PathMap;
use crate::store::session_chain::{Link, read_files, read_link};
use crate::store::session_events::is_segment;
use crate::store::{Expected, RefEdit, StoreError, session};

/// How long another program that writes notes is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn check(repo: &Repo, fix: bool) -> Check {
    let wanted = wanted(repo);
    let is_readable = is_readable(repo);
    if !is_readable {
        let symptom = Symptom::problem("the notes on your commits cannot be read")
            .type_this("make them anew with `ckpt doctor --fix`")
            .mended_by(fix, || begin_anew(repo).is_ok() && rebuild(repo, &wanted).is_ok());
        return Check::new("notes", "cannot be read", vec![symptom]);
    }
    let missing = missing(repo, &wanted);
    let mut symptoms = Vec::new();
    if !missing.is_empty() {
        let number = missing.len();
        let commits = if number == 1 { "1 commit has".to_owned() } else { format!("{number} commits have") };
        let symptom = Symptom::hint(format!("{commits} no note, though a session knows of it"));
        let symptom = symptom.type_this("write what is missing with `ckpt doctor --fix`");
        symptoms.push(symptom.mended_by(fix, || rebuild(repo, &wanted).is_ok()));
    }
    let told = if wanted.is_empty() { "none needed".to_owned() } else { format!("for {} commits", wanted.len()) };
    Check::new("notes", told, symptoms)
}

/// The line of each commit that a session knows of and that is there.
type Wanted = BTreeMap<ObjectId, Vec<u8>>;

fn is_readable(repo: &Repo) -> bool {
    let Ok(tip) = repo.store.find_ref(notes::REF) else { return false };
    let Some(tip) = tip else { return true };
    let tree = repo.store.tree_of(&tip);
    tree.and_then(|tree| Ok(crate::store::path_tree::read_paths(&repo.store, &tree)?)).is_ok()
}

fn missing<'a>(repo: &Repo, wanted: &'a Wanted) -> Vec<&'a ObjectId> {
    let Ok(notes) = Notes::open(&repo.store) else { return Vec::new() };
    wanted.keys().filter(|commit| matches!(notes.find(commit), Ok(None))).collect()
}

/// Takes the broken ref away; what it had is not to be read any more.
fn begin_anew(repo: &Repo) -> Result<(), StoreError> {
    match repo.store.find_ref(notes::REF) {
        Ok(_) => {
            repo.store.publish(None, &[RefEdit { name: notes::REF.into(), expected: Expected::Anything, new: None }])
        }
        Err(_) => {
            let path = repo.store.layout().common_dir.join(notes::REF);
            std::fs::remove_file(&path).map_err(|source| StoreError::Io { action: "remove", path, source })
        }
    }
}

fn rebuild(repo: &Repo, wanted: &Wanted) -> Result<usize, StoreError> {
    let seconds = repo.clock.now().as_second().max(0);
    let signature = Signature { identity: chain::identity(repo), seconds, offset: 0 };
    notes::edit(&repo.store, &signature, PATIENCE, |notes| {
        let mut edits = Vec::new();
        for (commit, line) in wanted {
            if notes.find(commit)?.is_none() {
                edits.push(NoteEdit { commit: *commit, text: line.clone() });
            }
        }
        Ok(edits)
    })
}

fn wanted(repo: &Repo) -> Wanted {
    let mut wanted = Wanted::new();
    for (name, tip) in repo.store.list_refs(session::REFS).unwrap_or_default() {
        add_of_session(repo, &name[session::REFS.len()..], &tip, &mut wanted);
    }
    wanted.retain(|commit, _| matches!(repo.store.read_header(commit), Ok((ObjectKind::Commit, _))));
    wanted
}

/// Walks a chain from its end. The events that a commit adds happened before it, so its predecessor says what was latest.
fn add_of_session(repo: &Repo, session: &str, tip: &ObjectId, wanted: &mut Wanted) {
    let mut newer: Option<(Link, PathMap)> = None;
    let mut next = Some(*tip);
    loop {
        let link = next.and_then(|id| read_link(&repo.store, &id).ok());
        let latest = link.as_ref().and_then(|link| link.latest);
        let files = match (&link, &newer) {
            (Some(link), Some((newer, files))) if newer.tree == link.tree => files.clone(),
            (Some(link), _) => read_files(&repo.store, link).unwrap_or_default(),
            (None, _) => PathMap::new(),
        };
        if let Some((_, newer_files)) = &newer {
            for commit in added_commits(repo, &files, newer_files) {
                wanted.entry(commit).or_insert_with(|| line(repo, session, latest));
            }
        }
        let Some(link) = link else { return };
        next = link.previous().copied();
        newer = Some((link, files));
    }
}

fn line(repo: &Repo, session: &str, checkpoint: Option<ObjectId>) -> Vec<u8> {
    let summary = checkpoint.and_then(|id| repo.store.commit_subject(&id).ok());
    let summary = summary.map(|summary| summary.to_string()).unwrap_or_default();
    (NoteLine { session: session.to_owned(), checkpoint, summary }.render() + "\n").into_bytes()
}

/// The commits of the user's that the events tell of which `newer` has and `older` has not.
fn added_commits(repo: &Repo, older: &PathMap, newer: &PathMap) -> Vec<ObjectId> {
    let mut found = Vec::new();
    for (path, (_, id)) in newer.iter().filter(|(path, _)| is_segment(path)) {
        let before = older.get(path).map(|(_, id)| id);
        if before == Some(id) {
            continue;
        }
        let read = |id: &ObjectId| repo.store.read_kind(id, ObjectKind::Blob).unwrap_or_default();
        let (old, new) = (before.map(read).unwrap_or_default(), read(id));
        let added = new.get(old.len()..).unwrap_or_default();
        let events = added.lines().filter_map(Event::parse_line).filter(|event| event.kind == EventKind::Commit);
        found.extend(
            events.filter_map(|event| event.fields.get("commit").and_then(Value::as_str)?.parse::<ObjectId>().ok()),
        );
    }
    found
}
