//! Writing a template in an editor: what is to be opened, and what becomes of it.
//!
//! What was written is in a file until a version of the repository holds it: whatever goes wrong, that file stays and is
//! named.

use std::path::PathBuf;

use super::change::{NewText, Stored, store, tip_of};
use super::find;
use super::found::read_file;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::ops::template::error::TemplatesError;
use crate::ops::{OpError, Repo};
use crate::store::StoreError;
use crate::sys::{atomic, private};

/// A template that is open in an editor.
#[derive(Debug)]
#[must_use = "what was written is taken by `finish`"]
pub struct Writing {
    /// What to open.
    pub path: PathBuf,
    name: Name,
    /// The version that it is based on.
    tip: Option<ObjectId>,
    /// What the file held first.
    text: Vec<u8>,
    verb: &'static str,
}

/// Gets the template ready that a name means. Where it is not the repository's, what is written becomes the repository's.
pub fn begin_edit(repo: &Repo, name: &str) -> Result<Writing, OpError> {
    let (name, found) = find(repo, name)?;
    let text = found.into_iter().next().map(|found| found.bytes).unwrap_or_default();
    begin(repo, name, text, "edit")
}

/// Gets a new template of the repository ready: a skeleton, or a copy of another one.
pub fn begin_new(repo: &Repo, name: &str, from: Option<&str>) -> Result<Writing, OpError> {
    let name: Name = name.parse()?;
    if tip_of(repo, &name)?.is_some() {
        return Err(TemplatesError::Exists { name: name.to_string() }.into());
    }
    let text = match from {
        Some(other) => super::source(repo, other)?,
        None => SKELETON.replace("NAME", name.as_str()).into_bytes(),
    };
    begin(repo, name, text, "new")
}

fn begin(repo: &Repo, name: Name, text: Vec<u8>, verb: &'static str) -> Result<Writing, OpError> {
    let folder = &repo.store.layout().own_worktree_dir;
    let path = folder.join(format!("template-{name}-{}.md", std::process::id()));
    let failed = |source| StoreError::Io { action: "write", path: path.clone(), source };
    private::create_dir(folder).map_err(failed)?;
    atomic::write(&path, &text).map_err(failed)?;
    let tip = tip_of(repo, &name)?;
    Ok(Writing { path, name, tip, text, verb })
}

/// Takes what was written. An edit that changed nothing makes no version.
pub fn finish(repo: &Repo, writing: Writing) -> Result<Stored, OpError> {
    let path = writing.path.clone();
    let gone = || StoreError::Io { action: "read", path: path.clone(), source: std::io::ErrorKind::NotFound.into() };
    let bytes = read_file(&writing.path)?.ok_or_else(gone)?;
    if bytes == writing.text && writing.verb == "edit" {
        let (name, found) = find(repo, writing.name.as_str())?;
        abandon(&writing);
        let version = crate::model::object::hash_object(crate::model::object::ObjectKind::Blob, &bytes);
        let shadows = found.into_iter().skip(1).map(|found| found.origin).collect();
        return Ok(Stored { name, version, previous: writing.tip, unchanged: true, shadows });
    }
    match store(repo, &writing.name, &NewText { bytes: &bytes, file: None, verb: writing.verb }, writing.tip) {
        Ok(stored) => {
            abandon(&writing);
            Ok(stored)
        }
        Err(error) => {
            Err(TemplatesError::TextKept { name: writing.name.to_string(), path, error: Box::new(error) }.into())
        }
    }
}

/// Leaves everything as it was; the file where something else stands in it than at first.
pub fn give_up(writing: &Writing) -> Option<&PathBuf> {
    if std::fs::read(&writing.path).is_ok_and(|bytes| bytes != writing.text) {
        return Some(&writing.path);
    }
    abandon(writing);
    None
}

fn abandon(writing: &Writing) {
    let _ = std::fs::remove_file(&writing.path);
}

/// What a new template begins with.
const SKELETON: &str = r#"+++
# Lines with `#` in this part are comments. What is between double braces below is filled in when a session begins:
# variables, and the values title, task, date, user, branch and repository.
name = "NAME"
description = "What it is for, in one line"
title = "{{ topic }}"

# Each variable is asked for, or given by `--var topic=…`.
[variables.topic]
prompt = "What it is about"
default = "{{ title }}"   # taken where nothing is given
# pattern = "[a-z0-9-]+"  # what the whole value has to match
required = true

[variables.test_command]
prompt = "The command that runs the tests"

# The git branch that the session gets; without this part it gets none from the template.
[branch]
name = "NAME/{{ topic | slug }}"
# from = "main"
+++
{# What begins like this is left out, too. Filters: slug, upper, lower, capitalize, trim, default, replace, split.
   The tag `extends "feature"` takes another template over; write its blocks `context`, `plan` or `hints` anew then, with
   `super()` for what they held. The tag `include "piece"` takes in a template as it is. #}
# Context

## Current Work
About: {{ topic }}.
{% if task %}
Task: {{ task }}.
{% endif %}

# Plan

## First phase
- [ ] An item
- [ ] An item that a command can verify <!-- verify: {{ test_command }} -->

## Second phase
- [ ] Another item

# Hints
- A line for whoever goes on with the session.
"#;
