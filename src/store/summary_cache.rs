//! A cache of checkpoints' summaries, so that a long list need not read as many commits.
//!
//! A checkpoint never changes, so neither does its summary: the file is only added to. Each record carries a checksum;
//! the file may be deleted, cut short or spoilt at any time, and costs nothing then but the reading of the commits.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::checkpoint::read_summary;
use super::{Layout, StoreError};
use crate::model::checkpoint::Summary;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectError, ObjectReader};
use crate::sys::{atomic, private};

mod record;

#[cfg(test)]
mod tests;

/// First line of the file; another one means that all of it is passed over.
const HEADER: &[u8] = b"ckpt list 1\n";

/// As many useless records as useful ones, and this many more, and the file is written anew.
const SLACK: usize = 1000;

/// Summaries in the order of the ids asked for; where there is none, why.
pub type Summaries = Vec<(ObjectId, Result<Summary, StoreError>)>;

/// Reads the summaries of these checkpoints, from the cache where it has them.
///
/// A checkpoint whose commit is gone is an error even where the cache knows it.
pub fn read_summaries(reader: &dyn ObjectReader, layout: &Layout, ids: &[ObjectId]) -> Summaries {
    read(reader, layout, ids, &|id| reader.contains(id))
}

/// The same, for counting alone: what the cache knows is not looked for among the objects.
pub fn recall_summaries(reader: &dyn ObjectReader, layout: &Layout, ids: &[ObjectId]) -> Summaries {
    read(reader, layout, ids, &|_| true)
}

/// Adds the summary of a checkpoint that was made a moment ago, so that not even the next list has to read it.
pub fn remember(layout: &Layout, summary: &Summary) {
    let path = path_of(layout);
    if append(&path, &[summary]).is_err() {
        // There is none yet. It need not be synced: a record that a power cut spoils has a wrong checksum.
        let file = || {
            make_folder(&path)?;
            private::open(std::fs::OpenOptions::new().write(true).create_new(true), &path)
        };
        let _ = file().and_then(|mut file| file.write_all(&encode_all(HEADER, &[summary])));
    }
}

fn path_of(layout: &Layout) -> PathBuf {
    layout.own_dir.join("cache/list")
}

type IsThere<'a> = &'a (dyn Fn(&ObjectId) -> bool + Sync);

fn read(reader: &dyn ObjectReader, layout: &Layout, ids: &[ObjectId], is_there: IsThere<'_>) -> Summaries {
    let path = path_of(layout);
    let bytes = std::fs::read(&path).unwrap_or_default();
    let (known, is_whole) = index(&bytes);
    let found: Vec<_> = ids.par_iter().map(|id| find(reader, &known, id, is_there)).collect();
    let new: Vec<&Summary> =
        found.iter().filter(|found| found.is_new).filter_map(|found| found.summary.as_ref().ok()).collect();
    let is_wasteful = known.len() > ids.len() * 2 + SLACK;
    if !is_whole || is_wasteful {
        let all: Vec<&Summary> = found.iter().filter_map(|found| found.summary.as_ref().ok()).collect();
        rewrite(&path, &all);
    } else if !new.is_empty() && append(&path, &new).is_err() {
        rewrite(&path, &new);
    }
    ids.iter().copied().zip(found.into_iter().map(|found| found.summary)).collect()
}

struct Found {
    summary: Result<Summary, StoreError>,
    is_new: bool,
}

fn find(reader: &dyn ObjectReader, known: &HashMap<ObjectId, &[u8]>, id: &ObjectId, is_there: IsThere<'_>) -> Found {
    match known.get(id).and_then(|payload| record::decode(id, payload)) {
        Some(_) if !is_there(id) => Found { summary: Err(ObjectError::Missing(*id).into()), is_new: false },
        Some(summary) => Found { summary: Ok(summary), is_new: false },
        None => Found { summary: read_summary(reader, id), is_new: true },
    }
}

/// Finds the records. The flag says whether the file is sound to its end, or absent.
fn index(bytes: &[u8]) -> (HashMap<ObjectId, &[u8]>, bool) {
    let Some(mut rest) = bytes.strip_prefix(HEADER) else { return (HashMap::new(), bytes.is_empty()) };
    let mut known = HashMap::new();
    while !rest.is_empty() {
        let Some((id, payload, tail)) = record::split(rest) else { return (known, false) };
        known.insert(id, payload);
        rest = tail;
    }
    (known, true)
}

/// Failing is harmless here and below: the next list reads the commits again.
fn rewrite(path: &Path, summaries: &[&Summary]) {
    let _ = make_folder(path).and_then(|()| atomic::write(path, &encode_all(HEADER, summaries)));
}

/// Fails when there is no file to add to.
fn append(path: &Path, summaries: &[&Summary]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().append(true).open(path)?;
    if file.metadata()?.len() == 0 {
        return Err(std::io::ErrorKind::NotFound.into());
    }
    // One write, so that those of two processes stand one after the other.
    file.write_all(&encode_all(b"", summaries))
}

fn make_folder(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), private::create_dir)
}

fn encode_all(start: &[u8], summaries: &[&Summary]) -> Vec<u8> {
    let mut out = start.to_vec();
    let mut written = HashSet::new();
    for summary in summaries {
        if written.insert(summary.id) {
            record::encode(&mut out, summary);
        }
    }
    out
}
