//! A document within bounds, for a brief: of each section first what helps most.
//!
//! Called by `ops/`; what a token is, only the caller knows: bounds here are bytes.

use std::ops::Range;

use super::document::{BlockKind, Document, Section, normal};
use super::lines;
use super::standard::{self, RECENT_DECISIONS};

/// A document cut down to a size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Never longer than asked for. Comments, the facts block and sections that say nothing are not in it.
    pub text: String,
    /// Sections of which something is left out, and how many items or paragraphs.
    pub left_out: Vec<(String, usize)>,
}

/// The order in which sections are served; others come between the two.
const FIRST: [&str; 5] =
    [standard::CURRENT_WORK, standard::NEXT_SESSION, standard::TODO, standard::KNOWN_ISSUES, RECENT_DECISIONS];
const LAST: [&str; 2] = [standard::TESTING_NOTES, standard::DEPENDENCIES];

/// The document in at most `max` bytes: each section in turn gives its next most useful part as long as there is room;
/// what is taken stands in the order of the document.
pub fn outline(text: &str, max: usize) -> Outline {
    let document = Document::parse(text);
    let mut parts: Vec<Part<'_>> = document
        .sections
        .iter()
        .map(|section| Part::of(&document, section))
        .filter(|part| !part.pieces.is_empty())
        .collect();
    let size: usize = parts.iter().flat_map(|part| &part.pieces).map(|piece| piece.text.len()).sum();
    if size <= max {
        parts.iter_mut().for_each(Part::take_all);
        let whole = render(&parts);
        if whole.len() <= max {
            return Outline { text: whole, left_out: Vec::new() };
        }
        parts.iter_mut().for_each(Part::take_none);
    }
    let mut turns: Vec<usize> = (0..parts.len()).collect();
    turns.sort_by_cached_key(|&index| rank(&parts[index].name));
    let mut room = max;
    while !turns.is_empty() {
        turns.retain(|&index| parts[index].take_next(&mut room));
    }
    let left_out = parts.iter().filter(|part| part.missing() > 0);
    let left_out = left_out.map(|part| (part.name.clone(), part.missing())).collect();
    Outline { text: render(&parts), left_out }
}

fn render(parts: &[Part<'_>]) -> String {
    parts.iter().map(Part::render).collect::<String>().trim_end().to_owned()
}

fn rank(name: &str) -> usize {
    let place = |names: &[&str]| names.iter().position(|one| normal(one) == normal(name));
    place(&FIRST).or_else(|| Some(FIRST.len() + 1 + place(&LAST)?)).unwrap_or(FIRST.len())
}

/// A section's parts and which of them are taken.
struct Part<'t> {
    name: String,
    heading: String,
    pieces: Vec<Piece<'t>>,
    /// The pieces in the order of their use.
    order: Vec<usize>,
    next: usize,
}

struct Piece<'t> {
    text: &'t str,
    is_item: bool,
    /// How much of it is taken, in bytes from its beginning.
    taken: usize,
}

/// Room for the line that says how much is left out.
const NOTE: usize = 24;

impl<'t> Part<'t> {
    fn of(document: &Document<'t>, section: &Section) -> Part<'t> {
        let text = document.text();
        let mut pieces = Vec::new();
        let mut done = Vec::new();
        let mut at = section.own.start;
        for block in document.blocks_in(&section.own).iter().filter(|block| block.kind == BlockKind::List) {
            pieces.extend(prose(document, &(at..block.range.start)));
            for item in document.top_items(&block.range) {
                if item.is_checked() {
                    done.push(pieces.len());
                }
                pieces.push(Piece { text: text[item.range.clone()].trim_end(), is_item: true, taken: 0 });
            }
            at = block.range.end;
        }
        pieces.extend(prose(document, &(at..section.own.end)));
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        if normal(&section.name) == normal(RECENT_DECISIONS) {
            order.reverse();
        }
        order.sort_by_key(|index| done.contains(index));
        let level = usize::from(section.level);
        Part {
            name: section.name.clone(),
            heading: format!("{} {}", "#".repeat(level), section.name),
            pieces,
            order,
            next: 0,
        }
    }

    fn take_all(&mut self) {
        self.pieces.iter_mut().for_each(|piece| piece.taken = piece.text.len());
    }

    fn take_none(&mut self) {
        self.pieces.iter_mut().for_each(|piece| piece.taken = 0);
    }

    /// Takes the next piece if there is room for it, or else its first line. Tells whether there may be more.
    fn take_next(&mut self, room: &mut usize) -> bool {
        let Some(&index) = self.order.get(self.next) else { return false };
        let is_begun = self.next > 0;
        let overhead = if is_begun { 2 } else { self.heading.len() + 4 + NOTE };
        let piece = &mut self.pieces[index];
        let first_line = lines::without_ending(lines::line_at(piece.text, 0)).len();
        let fits = |length: usize| length + overhead + " …".len() <= *room;
        let Some(taken) = [piece.text.len(), first_line].into_iter().find(|&length| fits(length)) else { return false };
        piece.taken = taken;
        *room -= taken + overhead + if taken < piece.text.len() { " …".len() } else { 0 };
        self.next += 1;
        true
    }

    fn missing(&self) -> usize {
        self.pieces.iter().filter(|piece| piece.taken < piece.text.len()).count()
    }

    fn render(&self) -> String {
        let taken: Vec<&Piece<'_>> = self.pieces.iter().filter(|piece| piece.taken > 0).collect();
        if taken.is_empty() {
            return String::new();
        }
        let mut rendered = format!("{}\n", self.heading);
        let mut was_item = false;
        for piece in &taken {
            let gap = if piece.is_item && was_item { "" } else { "\n" };
            let cut = if piece.taken < piece.text.len() { " …" } else { "" };
            rendered.extend([gap, &piece.text[..piece.taken], cut, "\n"]);
            was_item = piece.is_item;
        }
        match self.pieces.len() - taken.len() {
            0 => rendered + "\n",
            more => format!("{rendered}\n… {more} more\n\n"),
        }
    }
}

/// The paragraphs and other blocks of a range without lists.
fn prose<'t>(document: &Document<'t>, range: &Range<usize>) -> Vec<Piece<'t>> {
    let mut pieces = Vec::new();
    for said in said_ranges(document, range) {
        let text = document.text()[said].trim_ascii_end();
        let text = &text[text.len() - text.trim_start_matches(['\n', '\r']).len()..];
        if !lines::is_blank(text) {
            pieces.push(Piece { text, is_item: false, taken: 0 });
        }
    }
    pieces
}

/// What a range of the document says: without HTML comments, the facts block and white space around it.
pub(super) fn without_comments(document: &Document<'_>, range: &Range<usize>) -> String {
    let ranges = said_ranges(document, range);
    ranges.into_iter().map(|said| &document.text()[said]).collect::<String>().trim().to_owned()
}

/// The range without HTML comments and the facts block.
fn said_ranges(document: &Document<'_>, range: &Range<usize>) -> Vec<Range<usize>> {
    let is_comment = |range: &Range<usize>| {
        let html = document.text()[range.clone()].trim();
        html.starts_with("<!--") && html.ends_with("-->")
    };
    let mut said = Vec::new();
    let mut at = range.start;
    for block in document.blocks_in(range).iter().filter(|block| block.kind == BlockKind::Html) {
        let facts = document.facts.as_ref().filter(|facts| facts.block.contains(&block.range.start));
        let silent = facts.map_or(&block.range, |facts| &facts.block);
        if silent.start >= at && (facts.is_some() || is_comment(silent)) {
            said.push(at..silent.start);
            at = silent.end.min(range.end);
        }
    }
    said.push(at..range.end);
    said
}

#[cfg(test)]
mod tests;
