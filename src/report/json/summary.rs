//! `ckpt.summary/1`, `ckpt.expand/1`, `ckpt.pin/1`.

use jiff::Timestamp;
use serde::Serialize;

use super::diff::DiffDocument;
use crate::model::event::Event;
use crate::ops::summary::expand::Expanded;
use crate::ops::summary::pin::Pinned;
use crate::ops::summary::{About, Summarized};
use crate::report::look::Look;
use crate::summary::line::Line;

/// `ckpt.summary/1`: a session's history, or a range of git's, in lines. The budget is that of `text`.
#[derive(Debug, Serialize)]
pub struct SummaryDocument<'a> {
    /// `ckpt.summary/1`.
    pub schema: &'static str,
    /// The session, or `null` for a range.
    pub session: Option<&'a str>,
    /// The layer that was asked for.
    pub layer: Option<u8>,
    /// The range as typed, or `null` for a session.
    pub range: Option<&'a str>,
    /// How many commits the range has.
    pub commits: Option<usize>,
    /// The range has older commits that were not looked at.
    pub truncated: bool,
    /// In tokens; `null` where none was asked for.
    pub budget: Option<usize>,
    /// `text` has no more tokens than this.
    pub tokens: usize,
    pub lines: Vec<LineRow<'a>>,
    pub left_out: LeftOutRow,
    /// The user's own program wrote it.
    pub by_summarizer: bool,
    /// As it is printed without `--json`.
    pub text: &'a str,
}

/// A line.
#[derive(Debug, Serialize)]
pub struct LineRow<'a> {
    /// For `ckpt expand`, until the next summary.
    pub number: usize,
    /// For `ckpt expand`; the same for the same sources.
    pub id: String,
    pub text: &'a str,
    /// Where it stands: `archived`, `earlier`, `done`, `decisions`, `problems`, `state`, `full`; of a range `breaking`,
    /// `added`, `changed`, `fixed`, `documented`, `inside`.
    pub part: crate::summary::line::Part,
    /// From 1, full, to 4, archived.
    pub layer: u8,
    /// From 0 to 100.
    pub weight: u8,
    /// It survives every layer.
    pub kept: bool,
    pub timestamp: Timestamp,
    /// How many things it stands for.
    pub count: usize,
    /// Ids of events, checkpoints or commits, oldest first, at most 40; of a stretch its first and last.
    pub sources: &'a [String],
    /// What its weight comes from, for a line of a range.
    pub reasons: &'a [String],
}

/// What had no room.
#[derive(Debug, Serialize)]
pub struct LeftOutRow {
    /// Lines that were to be kept.
    pub kept: usize,
    pub other: usize,
}

fn rows(lines: &[Line]) -> Vec<LineRow<'_>> {
    lines.iter().enumerate().map(|(place, line)| row(place + 1, line)).collect()
}

fn row(number: usize, line: &Line) -> LineRow<'_> {
    LineRow {
        number,
        id: line.id(),
        text: &line.text,
        part: line.part,
        layer: line.layer,
        weight: line.weight,
        kept: line.is_kept,
        timestamp: line.time,
        count: line.count,
        sources: &line.sources,
        reasons: &line.reasons,
    }
}

impl<'a> SummaryDocument<'a> {
    pub fn of(summarized: &'a Summarized) -> SummaryDocument<'a> {
        let mut document = SummaryDocument {
            schema: "ckpt.summary/1",
            session: None,
            layer: None,
            range: None,
            commits: None,
            truncated: false,
            budget: summarized.budget,
            tokens: summarized.tokens,
            lines: rows(&summarized.lines),
            left_out: LeftOutRow { kept: summarized.left_out.kept, other: summarized.left_out.other },
            by_summarizer: summarized.is_by_writer,
            text: &summarized.text,
        };
        match &summarized.about {
            About::Session { name, layer } => (document.session, document.layer) = (Some(name.as_str()), *layer),
            About::Range { range, commits, is_cut } => {
                document.range = Some(range.as_str());
                (document.commits, document.truncated) = (Some(*commits), *is_cut);
            }
        }
        document
    }
}

/// `ckpt.expand/1`: what something unfolds into; the fields of the other kinds are `null`.
#[derive(Debug, Serialize)]
pub struct ExpandDocument<'a> {
    /// `ckpt.expand/1`.
    pub schema: &'static str,
    /// `line`, `event` or `change`.
    pub kind: &'static str,
    pub line: Option<LineRow<'a>>,
    /// What the line stands for, oldest first.
    pub items: Option<Vec<LineRow<'a>>>,
    /// Items that are not listed.
    pub more: Option<usize>,
    /// The event with all its fields.
    pub event: Option<&'a Event>,
    /// The commit or checkpoint.
    pub id: Option<String>,
    pub message: Option<&'a str>,
    /// What it changed, as in `ckpt.diff/1`.
    pub diff: Option<DiffDocument<'a>>,
}

impl<'a> ExpandDocument<'a> {
    /// `look` is that of a pipe.
    pub fn of(expanded: &'a Expanded, look: &Look) -> ExpandDocument<'a> {
        let none = ExpandDocument {
            schema: "ckpt.expand/1",
            kind: "line",
            line: None,
            items: None,
            more: None,
            event: None,
            id: None,
            message: None,
            diff: None,
        };
        match expanded {
            Expanded::Line { line, items, more } => {
                ExpandDocument { line: Some(row(0, line)), items: Some(rows(items)), more: Some(*more), ..none }
            }
            Expanded::Event(event) => ExpandDocument { kind: "event", event: Some(event), ..none },
            Expanded::Change { id, message, diffed, .. } => ExpandDocument {
                kind: "change",
                id: Some(id.to_string()),
                message: Some(message),
                diff: Some(DiffDocument::of(diffed, true, look)),
                ..none
            },
        }
    }
}

/// `ckpt.pin/1`: what is pinned, or is not any more.
#[derive(Debug, Serialize)]
pub struct PinDocument<'a> {
    /// `ckpt.pin/1`.
    pub schema: &'static str,
    /// Of what it is about.
    pub id: &'a str,
    pub text: &'a str,
    /// Whether it is pinned now.
    pub pinned: bool,
    /// It was so before.
    pub unchanged: bool,
}

impl<'a> PinDocument<'a> {
    pub fn of(pinned: &'a Pinned, is_pinned: bool) -> PinDocument<'a> {
        let Pinned { id, text, is_unchanged, .. } = pinned;
        PinDocument { schema: "ckpt.pin/1", id, text, pinned: is_pinned, unchanged: *is_unchanged }
    }
}
