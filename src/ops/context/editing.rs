//! Editing a document in an editor: what is to be opened, and what becomes of it.

use std::path::PathBuf;

use super::target::Target;
use super::update::{Step, update};
use super::{Synced, read_target, settle, standard_of, sync};
use crate::context::facts::strip;
use crate::context::merge::merge;
use crate::context::standard::new_document;
use crate::model::event::EventKind;
use crate::ops::{OpError, Repo, chain};
use crate::store::StoreError;
use crate::sys::{atomic, private};

/// A document that is open in an editor.
#[derive(Debug)]
#[must_use = "what was edited is taken by `finish`"]
pub struct Editing {
    /// What to open.
    pub path: PathBuf,
    target: Target,
    /// What it was, when `path` is a copy of our own.
    copy_of: Option<String>,
}

/// What was edited.
#[derive(Clone, Debug)]
pub struct EditedContext {
    pub sections: Vec<String>,
    pub partition: Option<String>,
    pub synced: Synced,
}

/// Gets a document ready: the file in the work tree, or a copy where there is none.
pub fn begin(repo: &Repo, partition: Option<&str>) -> Result<Editing, OpError> {
    let target = Target::of(partition)?;
    let (synced, text) = read_target(repo, &target)?;
    let layout = repo.store.layout();
    if let (Some(file), Target::Context) = (&synced.file, &target) {
        return Ok(Editing { path: layout.work_dir.join(file), target, copy_of: None });
    }
    let standard = standard_of(repo)?;
    let text = text.unwrap_or_else(|| new_document(&target.title(repo), &standard));
    let path = layout.own_worktree_dir.join(format!("edit-{}.md", std::process::id()));
    let failed = |source| StoreError::Io { action: "write", path: path.clone(), source };
    private::create_dir(&layout.own_worktree_dir).map_err(failed)?;
    atomic::write(&path, text.as_bytes()).map_err(failed)?;
    Ok(Editing { path, target, copy_of: Some(text) })
}

/// Takes what was edited as a new version.
pub fn finish(repo: &Repo, editing: Editing) -> Result<EditedContext, OpError> {
    let partition = editing.target.partition().map(str::to_owned);
    let Some(old) = editing.copy_of else {
        let synced = sync(repo)?;
        return Ok(EditedContext { sections: synced.edited.clone(), partition, synced });
    };
    let bytes = std::fs::read(&editing.path);
    let bytes = bytes.map_err(|source| StoreError::Io { action: "read", path: editing.path.clone(), source })?;
    let text = String::from_utf8(bytes).map_err(|_| OpError::EditedNoText { path: editing.path.clone() })?;
    let text = strip(&text);
    let (synced, sections) = update(repo, chain::PATIENCE, &mut |view| {
        let current = editing.target.text(view)?;
        let new = match &current {
            // Somebody said something while the editor was open.
            Some(current) if *current != old => merge(&old, &text, current).text,
            _ => text.clone(),
        };
        let sections = settle::changed_sections(current.as_deref().unwrap_or(&old), &new);
        let is_unchanged = current.as_deref().unwrap_or(&old) == new;
        if is_unchanged || new.trim().is_empty() {
            return Ok((None, Vec::new()));
        }
        let where_ = if sections.is_empty() { "white space".to_owned() } else { sections.join(", ") };
        let said = format!("edited by hand: {where_}");
        let event = view.event(EventKind::Context, &*said).with("action", Some("edited"));
        let event = event.with("sections", Some(sections.clone())).with("partition", partition.clone());
        let (context, files) = editing.target.put(new);
        Ok((Some(Step { subject: format!("context: {said}"), events: vec![event], context, files }), sections))
    })?;
    let _ = std::fs::remove_file(&editing.path);
    Ok(EditedContext { sections, partition, synced })
}

/// Leaves everything as it was; a copy of our own goes.
pub fn abandon(editing: &Editing) {
    if editing.copy_of.is_some() {
        let _ = std::fs::remove_file(&editing.path);
    }
}
