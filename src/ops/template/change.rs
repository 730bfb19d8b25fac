//! Adds, removes and exports templates. A version that makes no sense is never stored.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::found::{Found, all_of, read_file};
use super::{Origin, find, parts};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::object::{ObjectKind, hash_object};
use crate::model::operation::{OperationRecord, OperationVerb, RefChange};
use crate::ops::label::{self, LogOrder};
use crate::ops::template::error::TemplatesError;
use crate::ops::{OpError, Repo, chain};
use crate::store::templates::{self, NewVersion};
use crate::store::{Expected, RefEdit, StoreError};

/// A template of the repository as it is now.
#[derive(Clone, Debug)]
pub struct Stored {
    pub name: Name,
    pub version: ObjectId,
    /// The commit of the version before; `None` for a new template.
    pub previous: Option<ObjectId>,
    /// It was so already.
    pub unchanged: bool,
    /// The templates of the same name that it hides.
    pub shadows: Vec<Origin>,
}

/// A template that was removed from the repository; `ckpt undo` brings it back.
#[derive(Clone, Debug)]
pub struct Removed {
    pub name: Name,
    pub commit: ObjectId,
    /// What the name means now.
    pub uncovers: Option<Origin>,
}

/// A template that was written to a file.
#[derive(Clone, Debug)]
pub struct Exported {
    pub name: Name,
    pub origin: Origin,
    pub path: PathBuf,
}

/// Takes a file as a template of the repository, or as its next version. Its name is the one given, else the one that it
/// calls itself, else that of the file.
pub fn add(repo: &Repo, file: &Path, name: Option<&str>) -> Result<Stored, OpError> {
    let missing = || StoreError::Io { action: "read", path: file.to_owned(), source: ErrorKind::NotFound.into() };
    let bytes = read_file(&repo.environment.directory().join(file))?.ok_or_else(missing)?;
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let label = file.display().to_string();
    let template = crate::template::Template::parse_file(&stem, &label, &bytes)?;
    let name: Name = name.or(template.own_name()).unwrap_or(&stem).parse()?;
    let tip = tip_of(repo, &name)?;
    store(repo, &name, &NewText { bytes: &bytes, file: Some(label), verb: "add" }, tip)
}

/// The commit of the repository's version.
pub(super) fn tip_of(repo: &Repo, name: &Name) -> Result<Option<ObjectId>, OpError> {
    Ok(repo.store.find_ref(&format!("{}{name}", templates::REFS))?)
}

/// What is to be stored.
pub(super) struct NewText<'a> {
    pub(super) bytes: &'a [u8],
    /// What messages call it, if not by its name.
    pub(super) file: Option<String>,
    /// For the story.
    pub(super) verb: &'a str,
}

/// Stores a version on top of `tip`, if that is still the last one.
pub(super) fn store(repo: &Repo, name: &Name, new: &NewText<'_>, tip: Option<ObjectId>) -> Result<Stored, OpError> {
    let NewText { bytes, file, verb } = new;
    let origin = Origin::Repository { commit: tip.unwrap_or_else(|| hash_object(ObjectKind::Blob, bytes)) };
    let found = Found { origin, bytes: bytes.to_vec(), file: file.clone() };
    let (_, version) = parts::complete(repo, name.as_str(), &found)?;
    let shadows = shadows(repo, name)?;
    let stored = |unchanged| Stored { name: name.clone(), version, previous: tip, unchanged, shadows };
    if let Some(tip) = tip {
        let blob = templates::read_version(&repo.store, &tip)?.blob;
        if templates::read_text(&repo.store, &blob, crate::template::LARGEST).is_ok_and(|text| text == *bytes) {
            return Ok(stored(true));
        }
    }
    let writing = repo.store.start_writing()?;
    let subject = format!("{verb} {name}");
    let new = NewVersion { subject: &subject, time: repo.clock.now(), text: bytes };
    let commit = templates::append(&writing, &chain::identity(repo), tip, new)?;
    let written = repo.store.finish_writing(writing)?;
    let expected = tip.map_or(Expected::Absent, Expected::At);
    let edit = RefEdit { name: format!("{}{name}", templates::REFS), expected, new: Some(commit) };
    repo.store.publish(Some(written), &[edit])?;
    Ok(stored(false))
}

fn shadows(repo: &Repo, name: &Name) -> Result<Vec<Origin>, OpError> {
    let all = all_of(repo, name)?.into_iter().map(|found| found.origin);
    Ok(all.filter(|origin| !matches!(origin, Origin::Repository { .. })).collect())
}

/// Removes a template of the repository; one that it hid is meant by the name again.
pub fn remove(repo: &Repo, name: &str) -> Result<Removed, OpError> {
    let _lock = label::lock_worktree(repo)?;
    let parsed: Name = name.parse()?;
    let Some(commit) = tip_of(repo, &parsed)? else {
        let (_, found) = find(repo, name)?;
        let origin = found.into_iter().next().map_or(Origin::BuiltIn, |found| found.origin);
        return Err(TemplatesError::Elsewhere { name: name.to_owned(), origin }.into());
    };
    let uncovers = shadows(repo, &parsed).ok().and_then(|shadows| shadows.into_iter().next());
    let change = RefChange { name: format!("{}{parsed}", templates::REFS), old: Some(commit), new: None };
    let description = format!("template remove {parsed}");
    let record = OperationRecord {
        refs: vec![change],
        ..OperationRecord::new(OperationVerb::Drop, repo.clock.now(), description)
    };
    label::publish(repo, &record, LogOrder::First)?;
    Ok(Removed { name: parsed, commit, uncovers })
}

/// Writes the text of a template to a file that does not exist yet.
pub fn export(repo: &Repo, name: &str, target: Option<&Path>) -> Result<Exported, OpError> {
    let (name, found) = find(repo, name)?;
    let found = found.into_iter().next().expect("a template that was found is there");
    let target = target.map_or_else(|| PathBuf::from(format!("{name}.md")), Path::to_path_buf);
    let path = repo.environment.directory().join(&target);
    let failed = |source| OpError::from(StoreError::Io { action: "write", path: target.clone(), source });
    let opened = OpenOptions::new().write(true).create_new(true).open(&path);
    let mut file = opened.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => TemplatesError::TargetExists { path: target.clone() }.into(),
        _ => failed(error),
    })?;
    let written = file.write_all(&found.bytes).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = std::fs::remove_file(&path);
        return Err(failed(error));
    }
    Ok(Exported { name, origin: found.origin, path: target })
}
