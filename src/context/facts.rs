//! The marked block of the facts that ckpt keeps: found, emptied, filled, put in and taken out.
//!
//! The text around the block is never changed. A block that is not whole (a marker missing, two blocks) is left alone,
//! and so is one that somebody shows within a code block.

use std::ops::Range;

use bstr::ByteSlice;

use super::document::{BlockKind, Document};
use super::lines;
use super::splice;
use super::standard::Standard;

/// The line that begins the block.
pub const START: &str = "<!-- ckpt:facts: kept by ckpt, edits here are lost -->";
/// The line that ends it.
pub const END: &str = "<!-- /ckpt:facts -->";
/// What every line that begins a block begins with, in whatever words it goes on.
const START_WORD: &str = "<!-- ckpt:facts";
/// What every marker has in it.
const WORD: &str = "ckpt:facts";

/// The facts block of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactsBlock {
    /// The lines of both markers and what is between them.
    pub block: Range<usize>,
    /// The lines between the markers.
    pub inside: Range<usize>,
}

/// A line that begins a block, and the block if its end was found before the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) start: usize,
    pub(super) inside: Option<Range<usize>>,
    end: usize,
}

/// All that looks like a block.
pub(super) fn regions(text: &str) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    let first = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut at = first;
    // Only the lines that have the word are looked at: a document is long, and this is asked again and again.
    while let Some(found) = text.as_bytes()[at..].find(WORD) {
        let start = lines::line_start(text, at + found).max(first);
        let line = lines::line_at(text, start);
        at = start + line.len();
        if is_start(line) {
            regions.push(Region { start, inside: None, end: at });
        } else if line.trim_end() == END
            && let Some(region) = regions.last_mut().filter(|region| region.inside.is_none())
        {
            region.inside = Some(region.end..start);
            region.end = at;
        }
    }
    regions
}

fn is_start(line: &str) -> bool {
    let words = line.trim_end().strip_prefix(START_WORD).and_then(|rest| rest.strip_suffix("-->"));
    words.is_some_and(|words| !words.contains("-->") && (words.is_empty() || words.starts_with([':', ' '])))
}

/// The block, if there is one alone and it is whole.
pub(super) fn only_block(regions: &[Region]) -> Option<FactsBlock> {
    let [Region { start, inside: Some(inside), end }] = regions else { return None };
    Some(FactsBlock { block: *start..*end, inside: inside.clone() })
}

/// Whether the text has a block that can be filled.
pub fn has_block(text: &str) -> bool {
    find(text).is_some()
}

/// The text with nothing between the markers: what is kept as a version, so that the passing of time is none.
pub fn strip(text: &str) -> String {
    match find(text) {
        Some(FactsBlock { inside, .. }) => format!("{}{}", &text[..inside.start], &text[inside.end..]),
        None => text.to_owned(),
    }
}

/// The text with these lines between the markers; nothing if there is no block.
pub fn fill(text: &str, inside: &str) -> Option<String> {
    let block = find(text)?;
    let ending = lines::ending_near(text, block.inside.start);
    let mut filled = text[..block.inside.start].to_owned();
    for line in lines::lines(inside.trim_end()) {
        let line = lines::without_ending(line);
        filled.extend([defused(line), line, ending]);
    }
    filled.push_str(&text[block.inside.end..]);
    Some(filled)
}

/// What to put before a line so that it is no marker.
fn defused(line: &str) -> &'static str {
    if line.starts_with(START_WORD) || line.starts_with(END) { " " } else { "" }
}

/// Text that is to become a part of a document, without a facts block if the document has one, and without markers
/// that could pair with others.
pub(super) fn without_second(text: &str, document: &Document<'_>) -> String {
    let is_first = regions(document.text()).is_empty() && !document.text().contains(END);
    if is_first && has_block(text) {
        return text.to_owned();
    }
    let text = if document.facts.is_some() { remove(text) } else { text.to_owned() };
    lines::lines(&text).map(|line| [defused(line), line].concat()).collect()
}

fn find(text: &str) -> Option<FactsBlock> {
    let end = regions(text).iter().map(|region| region.end).max()?;
    // Nothing after the last marker decides about those before it, but for front matter that ends there.
    let has_front_matter = text.trim_start_matches('\u{feff}').starts_with(['-', '+']);
    let read = if has_front_matter { text } else { &text[..end] };
    Document::parse(read).facts
}

/// The text with an empty block put in at the end of the first standard section, for when it is asked for again. A
/// text that has markers already stays as it is.
pub fn insert(text: &str, standard: &Standard) -> String {
    let document = Document::parse(text);
    if document.facts.is_some() || !regions(text).is_empty() {
        return text.to_owned();
    }
    let ending = lines::ending_near(text, text.len());
    let block = format!("{START}{ending}{END}");
    let first = standard.names().first().and_then(|name| document.section_named(name));
    let at = first.map_or(document.start, |found| {
        let from = found.section.own.start;
        lines::end_of_content(text, from, found.section.own.end)
    });
    splice::apply_safely(&document, vec![splice::insertion(text, at, &block)], 0)
}

/// The text without its block and without one of the blank lines around it.
pub fn remove(text: &str) -> String {
    let document = Document::parse(text);
    let Some(facts) = &document.facts else { return text.to_owned() };
    splice::apply(text, vec![splice::removal_of_block(&document, &facts.block)])
}

/// Foreign text as a code span on one line: nothing in it is markup, and it cannot end the line or the block.
pub fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
    let line = line.trim();
    let runs = line.split(|one| one != '`').map(str::len).collect::<Vec<_>>();
    let fence = "`".repeat((1..).find(|length| !runs.contains(length)).expect("some length is free"));
    let space = if line.is_empty() || line.starts_with('`') || line.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{line}{space}{fence}")
}

/// Whether a block is one of the markers of the facts.
pub(super) fn is_marker(document: &Document<'_>, kind: BlockKind, range: &Range<usize>) -> bool {
    let within = |block: &FactsBlock| block.block.contains(&range.start);
    kind == BlockKind::Html && document.facts.as_ref().is_some_and(within)
}

#[cfg(test)]
mod tests;
