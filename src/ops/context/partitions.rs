//! Partitions: documents for parts of a project, each chosen by paths.

use bstr::{BString, ByteSlice};

use super::facts;
use super::target::{Target, partitions, path_of};
use super::update::{Step, View, update};
use super::{Synced, read_view, standard_of};
use crate::context::partition::Partitions;
use crate::context::standard::new_document;
use crate::model::event::EventKind;
use crate::model::name::Name;
use crate::ops::paths::from_root;
use crate::ops::{OpError, Repo, chain};
use crate::store::session::{FileChanges, PARTITIONS};

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionEntry {
    pub name: String,
    pub paths: Vec<BString>,
}

/// A partition that was added to, or removed.
#[derive(Clone, Debug)]
pub struct PartitionChanged {
    pub partition: PartitionEntry,
    /// It was not there before.
    pub is_new: bool,
    /// Nothing had to be done.
    pub unchanged: bool,
    pub synced: Synced,
}

/// A partition's document.
#[derive(Clone, Debug)]
pub struct PartitionShown {
    pub partition: PartitionEntry,
    /// With the facts of its own paths.
    pub text: String,
}

/// Adds paths, as typed, to a partition, which comes to be if it is new.
pub fn add(repo: &Repo, name: &Name, typed: &[BString]) -> Result<PartitionChanged, OpError> {
    let layout = repo.store.layout();
    let paths = typed.iter().map(|path| from_root(layout, path.as_bstr())).collect::<Result<Vec<_>, _>>()?;
    let standard = standard_of(repo)?;
    let (synced, mut changed) = update(repo, chain::PATIENCE, &mut |view| {
        let mut all = partitions(view)?;
        let is_new = all.paths(name.as_str()).is_err();
        let is_changed = all.add(name, paths.iter().cloned());
        let partition = entry(&all, name.as_str())?;
        let changed = PartitionChanged { partition, is_new, unchanged: !is_changed, synced: Synced::default() };
        if !is_changed {
            return Ok((None, changed));
        }
        let mut files = vec![(PARTITIONS.into(), Some(all.render().into_bytes()))];
        let document = path_of(name.as_str());
        if view.file(&document)?.is_none() {
            let target = Target::Partition(name.clone());
            files.push((document.into(), Some(new_document(&target.title(repo), &standard).into_bytes())));
        }
        let listed = changed.partition.paths.iter().map(ToString::to_string).collect::<Vec<_>>();
        let said = format!("partition {name}: {}", listed.join(", "));
        Ok((Some(step(view, &said, name.as_str(), "partition-added", files)), changed))
    })?;
    changed.synced = synced;
    Ok(changed)
}

/// Removes a partition; its document stays in the session's history.
pub fn remove(repo: &Repo, name: &str) -> Result<PartitionChanged, OpError> {
    let (synced, mut changed) = update(repo, chain::PATIENCE, &mut |view| {
        let mut all = partitions(view)?;
        let partition = entry(&all, name)?;
        all.remove(name)?;
        let listing = if all.is_empty() { None } else { Some(all.render().into_bytes()) };
        let files = vec![(PARTITIONS.into(), listing), (path_of(name).into(), None)];
        let said = format!("partition {name} removed");
        let changed = PartitionChanged { partition, is_new: false, unchanged: false, synced: Synced::default() };
        Ok((Some(step(view, &said, name, "partition-removed", files)), changed))
    })?;
    changed.synced = synced;
    Ok(changed)
}

fn step(view: &View<'_>, said: &str, name: &str, action: &str, files: FileChanges) -> Step {
    let event = view.event(EventKind::Context, said).with("action", Some(action)).with("partition", Some(name));
    Step { subject: format!("context: {said}"), events: vec![event], context: None, files }
}

fn entry(all: &Partitions, name: &str) -> Result<PartitionEntry, OpError> {
    Ok(PartitionEntry { name: name.to_owned(), paths: all.paths(name)?.to_vec() })
}

/// All partitions, by name.
pub fn list(repo: &Repo) -> Result<Vec<PartitionEntry>, OpError> {
    let all = all(repo)?;
    let entries = all.iter().map(|(name, paths)| PartitionEntry { name: name.to_owned(), paths: paths.to_vec() });
    Ok(entries.collect())
}

/// The partitions of the current session.
pub fn all(repo: &Repo) -> Result<Partitions, OpError> {
    read_view(repo, &mut |view| partitions(view))
}

/// The document of a partition, its facts from its own paths alone.
pub fn show(repo: &Repo, name: &str) -> Result<PartitionShown, OpError> {
    let (all, text) = read_view(repo, &mut |view| Ok((partitions(view)?, view.file(&path_of(name))?)))?;
    let partition = entry(&all, name)?;
    let text = text.unwrap_or_default();
    let facts = facts::gather(repo, &|change| all.covers(name, change.path.as_bstr()))?;
    let filled = crate::context::facts::fill(&text, &facts::render(&facts));
    Ok(PartitionShown { partition, text: filled.unwrap_or(text) })
}
