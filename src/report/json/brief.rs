//! `ckpt.brief/1`.

use jiff::Timestamp;
use serde::Serialize;

use crate::report::brief::said;
use crate::report::text;
use crate::summary::brief::{Brief, Form, LeftOut, Part, Section, Shape, Shown};
use crate::summary::tokens::Tokens;

/// `ckpt.brief/1`: what whoever continues should know, the most useful section first. The document as a whole keeps to
/// the budget, as it is printed.
#[derive(Debug, Serialize)]
pub struct BriefDocument<'a> {
    /// `ckpt.brief/1`.
    pub schema: &'static str,
    /// How many tokens the document may have.
    pub budget: usize,
    /// How many it has.
    pub tokens: usize,
    /// Whose tokens they are, such as `cl100k_base`.
    pub encoding: &'static str,
    pub sections: Vec<SectionRow<'a>>,
    /// What had no room.
    pub left_out: Vec<LeftOutRow<'a>>,
}

/// Things of one kind.
#[derive(Debug, Serialize)]
pub struct SectionRow<'a> {
    /// Such as `state`, `next-steps`, `issues`, `decisions`, `current-work`, `partitions`, `changes`, `todo`, `commits`,
    /// `events`, `context`, `documents`.
    pub name: &'a str,
    pub entries: Vec<EntryRow>,
}

/// One thing.
#[derive(Debug, Serialize)]
pub struct EntryRow {
    /// `fact`, `item`, `numbered` (its label is its number) or `document` (data that somebody wrote, its label says who or
    /// where).
    pub shape: &'static str,
    pub label: Option<String>,
    pub timestamp: Option<Timestamp>,
    pub text: String,
    /// The text is only its beginning.
    pub cut: bool,
}

/// What is missing of a section.
#[derive(Debug, Serialize)]
pub struct LeftOutRow<'a> {
    pub section: &'a str,
    /// Entries that are not there.
    pub entries: usize,
    /// There are even more, uncounted.
    pub older: bool,
    /// Entries of which only the beginning is there.
    pub cut: usize,
    /// What to type for all of it.
    pub see: &'a str,
}

/// The form of `--format json`.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Form for Json {
    fn render(&self, brief: &Brief<'_>) -> String {
        let document = BriefDocument {
            schema: "ckpt.brief/1",
            budget: brief.budget,
            tokens: brief.tokens,
            encoding: Tokens::NAME,
            sections: brief.sections.iter().map(section_row).collect(),
            left_out: brief.left_out.iter().map(left_out_row).collect(),
        };
        pretty(&document)
    }

    fn heading(&self, section: &Section) -> String {
        nested(&pretty(&SectionRow { name: section.name, entries: Vec::new() }), "    ")
    }

    fn entry(&self, shown: &Shown<'_>) -> String {
        nested(&pretty(&entry_row(shown)), "        ")
    }
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("texts, numbers and times are always JSON") + "\n"
}

/// As it stands further in, with the comma behind it.
fn nested(text: &str, by: &str) -> String {
    let lines = text.lines().map(|line| format!("{by}{line}"));
    lines.collect::<Vec<_>>().join("\n") + ",\n"
}

fn section_row<'a>(part: &Part<'a>) -> SectionRow<'a> {
    SectionRow { name: part.section.name, entries: part.entries.iter().map(entry_row).collect() }
}

fn entry_row(shown: &Shown<'_>) -> EntryRow {
    let entry = shown.entry;
    EntryRow {
        shape: match entry.shape {
            Shape::Fact => "fact",
            Shape::Item => "item",
            Shape::Numbered => "numbered",
            Shape::Document => "document",
        },
        label: entry.label.as_ref().map(text::line),
        timestamp: entry.time,
        text: if shown.is_cut() { said(shown) } else { text::block(&entry.text) },
        cut: shown.is_cut(),
    }
}

fn left_out_row<'a>(left: &LeftOut<'a>) -> LeftOutRow<'a> {
    LeftOutRow {
        section: left.section.name,
        entries: left.entries,
        older: left.section.has_older,
        cut: left.cut,
        see: &left.section.source,
    }
}
