//! `ckpt.search/1` and `ckpt.search-code/1`.

use jiff::Timestamp;
use serde::Serialize;

use super::list::DamagedRow;
use super::parts::{PathText, PointRow};
use crate::ops::search::{CodeFound, CodePlace, Found, Hit, Query};

/// `ckpt.search/1`: what was said that has the words, the best first.
#[derive(Debug, Serialize)]
pub struct SearchDocument<'a> {
    /// `ckpt.search/1`.
    pub schema: &'static str,
    /// The words that were looked for, in lower case.
    pub words: &'a [String],
    pub hits: Vec<HitRow<'a>>,
    /// How many there are, with those beyond the limit.
    pub total: usize,
    /// Sessions that could not be read to their end.
    pub damaged: Vec<DamagedRow<'a>>,
}

/// One text that fits.
#[derive(Debug, Serialize)]
pub struct HitRow<'a> {
    /// Kind of an event, `save`, `safety` or `auto` of a checkpoint, `session` for title and task, else the document:
    /// `context`, `checklist`, `archive`, or the name of a partition.
    pub source: &'a str,
    /// The heading above it, in a document.
    pub place: Option<&'a str>,
    pub session: &'a str,
    /// Of the event, the checkpoint, or the commit of the session's chain that has the document.
    pub id: Option<&'a str>,
    pub timestamp: Option<Timestamp>,
    /// No document has it any more.
    pub old: bool,
    /// At most some 400 bytes around the first hit.
    pub excerpt: &'a str,
    /// Something is missing before or after the excerpt.
    pub cut: bool,
    /// How many of the words it has.
    pub matched: usize,
}

/// `ckpt.search-code/1`: where text was in the files of checkpoints.
#[derive(Debug, Serialize)]
pub struct CodeDocument<'a> {
    /// `ckpt.search-code/1`.
    pub schema: &'static str,
    /// How many checkpoints were looked through.
    pub checkpoints: usize,
    pub places: Vec<PlaceRow<'a>>,
    /// How many paths had it, with those beyond the limit.
    pub total: usize,
    /// Files that were too large.
    pub skipped: Vec<SkippedFile<'a>>,
    /// Checkpoints that could not be read.
    pub damaged: Vec<DamagedRow<'a>>,
}

/// One path that had it.
#[derive(Debug, Serialize)]
pub struct PlaceRow<'a> {
    pub path: PathText<'a>,
    /// The first line that has it, from 1, in the last checkpoint that has it.
    pub line: u64,
    /// The line, or a part of it; not UTF-8 in the way of a path.
    pub excerpt: PathText<'a>,
    /// In how many checkpoints it was.
    pub count: usize,
    /// Whether the latest checkpoint has it.
    pub present: bool,
    pub first: PointRow<'a>,
    pub last: PointRow<'a>,
}

/// A file that was not searched.
#[derive(Debug, Serialize)]
pub struct SkippedFile<'a> {
    pub path: PathText<'a>,
    /// Why it could not be read.
    pub problem: &'a str,
}

impl<'a> SearchDocument<'a> {
    /// `problems` are the refs of sessions and what is wrong with them.
    pub fn of(found: &'a Found, query: &'a Query, problems: &'a [(String, String)]) -> SearchDocument<'a> {
        SearchDocument {
            schema: "ckpt.search/1",
            words: query.words(),
            hits: found.hits.iter().map(HitRow::of).collect(),
            total: found.total,
            damaged: damaged(problems),
        }
    }
}

impl<'a> HitRow<'a> {
    fn of(hit: &'a Hit) -> HitRow<'a> {
        HitRow {
            source: &hit.source,
            place: hit.place.as_deref(),
            session: &hit.session,
            id: hit.id.as_deref(),
            timestamp: hit.time,
            old: hit.is_old,
            excerpt: &hit.excerpt,
            cut: hit.is_cut.0 || hit.is_cut.1,
            matched: hit.matched,
        }
    }
}

impl<'a> CodeDocument<'a> {
    /// `total` counts the places that the limit cut off too.
    pub fn of(found: &'a CodeFound, total: usize) -> CodeDocument<'a> {
        CodeDocument {
            schema: "ckpt.search-code/1",
            checkpoints: found.checkpoints,
            places: found.places.iter().map(PlaceRow::of).collect(),
            total,
            skipped: found
                .skipped
                .iter()
                .map(|file| SkippedFile { path: PathText::of(&file.path), problem: &file.problem })
                .collect(),
            damaged: damaged(&found.damaged),
        }
    }
}

impl<'a> PlaceRow<'a> {
    fn of(place: &'a CodePlace) -> PlaceRow<'a> {
        PlaceRow {
            path: PathText::of(&place.path),
            line: place.line,
            excerpt: PathText::of(&place.excerpt),
            count: place.count,
            present: place.is_there,
            first: PointRow::of(&place.first),
            last: PointRow::of(&place.last),
        }
    }
}

fn damaged(problems: &[(String, String)]) -> Vec<DamagedRow<'_>> {
    problems.iter().map(|(reference, problem)| DamagedRow { reference, problem }).collect()
}
