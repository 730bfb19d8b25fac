//! Partitions: documents for parts of a project, each with the paths that it is for, kept as `partitions.toml`.
//!
//! Paths are folders or files from the root of the work tree; the changed paths choose the partitions of a brief.
//! Called by `ops/`, which reads and writes the file and the documents.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::document::nearest;
use super::error::ContextError;
use crate::model::name::Name;

/// The version of the file that is written, and the newest that can be read.
const VERSION: u64 = 1;

/// All partitions, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Partitions {
    paths: BTreeMap<String, Vec<BString>>,
    /// What else stands in the file; written back as it is.
    unknown: toml::Table,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u64,
    #[serde(default)]
    partitions: BTreeMap<String, StoredPartition>,
    #[serde(flatten)]
    unknown: toml::Table,
}

#[derive(Serialize, Deserialize)]
struct StoredPartition {
    #[serde(default)]
    paths: Vec<String>,
    /// Paths that are not UTF-8, each byte as a number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    raw_paths: Vec<Vec<u8>>,
}

impl Partitions {
    /// Reads `partitions.toml`.
    pub fn parse(text: &str) -> Result<Partitions, ContextError> {
        let broken = |problem: toml::de::Error| ContextError::Partitions(problem.message().to_owned());
        let table: toml::Table = text.parse().map_err(broken)?;
        match table.get("version").and_then(toml::Value::as_integer) {
            Some(version) if version > VERSION as i64 => return Err(ContextError::NewerPartitions(version as u64)),
            _ => {}
        }
        let stored: Stored = table.try_into().map_err(broken)?;
        let mut paths = BTreeMap::new();
        for (name, partition) in stored.partitions {
            name.parse::<Name>().map_err(|problem| ContextError::Partitions(problem.to_string()))?;
            let texts = partition.paths.into_iter().map(BString::from);
            paths.insert(name, texts.chain(partition.raw_paths.into_iter().map(BString::from)).collect());
        }
        Ok(Partitions { paths, unknown: stored.unknown })
    }

    /// Writes `partitions.toml`.
    pub fn render(&self) -> String {
        let stored = |paths: &Vec<BString>| {
            let (texts, raw): (Vec<_>, Vec<_>) = paths.iter().partition(|path| path.to_str().is_ok());
            StoredPartition {
                paths: texts.into_iter().map(|path| path.to_string()).collect(),
                raw_paths: raw.into_iter().map(|path| path.to_vec()).collect(),
            }
        };
        let partitions = self.paths.iter().map(|(name, paths)| (name.clone(), stored(paths))).collect();
        let stored = Stored { version: VERSION, partitions, unknown: self.unknown.clone() };
        toml::to_string(&stored).expect("names, texts and numbers can be written as TOML")
    }

    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Names and paths, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[BString])> {
        self.paths.iter().map(|(name, paths)| (name.as_str(), paths.as_slice()))
    }

    /// The paths of a partition.
    pub fn paths(&self, name: &str) -> Result<&[BString], ContextError> {
        let found = self.paths.get(name).map(Vec::as_slice);
        found.ok_or_else(|| ContextError::UnknownPartition {
            name: name.to_owned(),
            nearest: nearest(name, self.paths.keys().map(String::as_str)),
        })
    }

    /// Adds paths to a partition, which comes to be if it is new. Tells whether anything changed.
    pub fn add(&mut self, name: &Name, paths: impl IntoIterator<Item = BString>) -> bool {
        let is_new = !self.paths.contains_key(name.as_str());
        let kept = self.paths.entry(name.to_string()).or_default();
        let before = kept.len();
        for path in paths {
            let path = BString::from(trimmed(path.as_bstr()));
            if !kept.contains(&path) {
                kept.push(path);
            }
        }
        is_new || kept.len() > before
    }

    /// Removes a partition.
    pub fn remove(&mut self, name: &str) -> Result<(), ContextError> {
        self.paths(name)?;
        self.paths.remove(name);
        Ok(())
    }

    /// What became of `base` in two places, as one: paths and partitions that either added are there, those that either
    /// took away are gone. A partition that one took away and the other has stays where `has_news` of it.
    pub fn merge(
        base: &Partitions,
        ours: &Partitions,
        theirs: &Partitions,
        has_news: impl Fn(&str) -> bool,
    ) -> Partitions {
        let mut merged = Partitions { paths: BTreeMap::new(), unknown: ours.unknown.clone() };
        let names: BTreeSet<&String> = ours.paths.keys().chain(theirs.paths.keys()).collect();
        for name in names {
            let old = base.paths.get(name);
            let paths = match (ours.paths.get(name), theirs.paths.get(name)) {
                (Some(own), Some(other)) => merge_paths(old.map(Vec::as_slice).unwrap_or_default(), own, other),
                (one, other) if old.is_none() || has_news(name) => one.or(other).cloned().unwrap_or_default(),
                _ => continue,
            };
            merged.paths.insert(name.clone(), paths);
        }
        merged
    }

    /// Whether a path belongs to a partition's own paths.
    pub fn covers(&self, name: &str, path: &BStr) -> bool {
        self.paths.get(name).is_some_and(|own| own.iter().any(|prefix| depth_under(prefix.as_bstr(), path).is_some()))
    }

    /// The partitions that changed paths belong to, by name. Of several for one path, the one with the longest own
    /// path has it; those that are equally long share it.
    pub fn choose<'p>(&self, changed: impl IntoIterator<Item = &'p BStr>) -> Vec<&str> {
        let mut chosen: Vec<&str> = Vec::new();
        for path in changed {
            chosen.extend(self.nearest_to(path));
        }
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }

    fn nearest_to(&self, path: &BStr) -> Vec<&str> {
        let depth = |own: &[BString]| own.iter().filter_map(|prefix| depth_under(prefix.as_bstr(), path)).max();
        let depths: Vec<_> = self.iter().filter_map(|(name, own)| Some((depth(own)?, name))).collect();
        let deepest = depths.iter().map(|(depth, _)| *depth).max();
        depths.into_iter().filter(|(depth, _)| Some(*depth) == deepest).map(|(_, name)| name).collect()
    }
}

fn merge_paths(base: &[BString], ours: &[BString], theirs: &[BString]) -> Vec<BString> {
    let is_gone = |path: &&BString| base.contains(path) && !theirs.contains(path);
    let is_new = |path: &&BString| !base.contains(path) && !ours.contains(path);
    let kept = ours.iter().filter(|path| !is_gone(path));
    kept.chain(theirs.iter().filter(is_new)).cloned().collect()
}

/// How long a prefix is, if the path is it or lies below it. The empty prefix is the whole project.
fn depth_under(prefix: &BStr, path: &BStr) -> Option<usize> {
    let rest = path.strip_prefix(prefix.as_bytes())?;
    let is_whole = prefix.is_empty() || rest.is_empty() || rest.starts_with(b"/");
    is_whole.then_some(prefix.len())
}

/// A path without `./` before and slashes after it; `.` is the whole project.
fn trimmed(path: &BStr) -> &BStr {
    let mut rest: &[u8] = path;
    while let Some(inner) = rest.strip_prefix(b"./") {
        rest = inner;
    }
    while let Some(inner) = rest.strip_suffix(b"/") {
        rest = inner;
    }
    if rest == b"." { BStr::new("") } else { rest.as_bstr() }
}

#[cfg(test)]
mod tests;
