//! A parsed document: its sections and items by byte offsets. Any text is a document; parsing never fails.
//!
//! Markdown is read only for positions, so that what nobody edits is never written anew.

use std::borrow::Cow;
use std::ops::Range;

use super::error::ContextError;
use super::facts::FactsBlock;
use super::item::Item;
use super::lines;
use super::parse;

/// A heading and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading's text, without markup.
    pub name: String,
    /// 1 to 6.
    pub level: u8,
    /// The heading's lines.
    pub heading: Range<usize>,
    /// From the heading to the next one of any level.
    pub own: Range<usize>,
    /// From the heading to the next one of the same or a higher level, so with the sections below it. The title of the
    /// document (a first heading of level 1, the only one of its level) has no sections below it.
    pub body: Range<usize>,
}

/// What a block at the top level of the document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockKind {
    AtxHeading,
    SetextHeading,
    List,
    Code,
    Html,
    Ruler,
    Other,
}

/// A block at the top level of the document: whole lines, without the blank lines after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    pub(super) range: Range<usize>,
}

/// A text with its sections, items and facts block.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    text: &'a str,
    /// Where markdown begins: after a byte order mark and front matter.
    pub(super) start: usize,
    pub(super) sections: Vec<Section>,
    /// In the order of the text, nested ones right after the item that they are nested in.
    pub(super) items: Vec<Item>,
    pub(super) blocks: Vec<Block>,
    pub(super) facts: Option<FactsBlock>,
}

/// A section that was asked for by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'d> {
    pub section: &'d Section,
    /// How many more sections of this name follow; the first one is meant.
    pub others: usize,
}

impl<'a> Document<'a> {
    /// Finds sections, items and the facts block. What stands within the facts block is no part of the document.
    pub fn parse(text: &'a str) -> Document<'a> {
        parse::parse(text)
    }

    /// Reads a part of a document, such as a section's body, which has no front matter.
    pub(super) fn parse_part(text: &'a str) -> Document<'a> {
        parse::parse_part(text)
    }

    pub(super) fn new(text: &'a str, start: usize) -> Document<'a> {
        Document { text, start, sections: Vec::new(), items: Vec::new(), blocks: Vec::new(), facts: None }
    }

    pub fn text(&self) -> &'a str {
        self.text
    }

    /// All sections, in the order of the text.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The facts block, if there is exactly one and its markers are whole.
    pub fn facts(&self) -> Option<&FactsBlock> {
        self.facts.as_ref()
    }

    /// Finds a section by its name, whatever its case and white space, or the dashes instead of spaces.
    pub fn find_section(&self, name: &str) -> Result<Found<'_>, ContextError> {
        self.section_named(name).ok_or_else(|| {
            let names = self.sections.iter().map(|section| section.name.as_str());
            ContextError::UnknownSection { name: name.trim().to_owned(), nearest: nearest(name, names) }
        })
    }

    pub(super) fn section_named(&self, name: &str) -> Option<Found<'_>> {
        let (wanted, first) = (normal(name), initial(name));
        let is_it = |section: &&Section| initial(&section.name) == first && normal(&section.name) == wanted;
        let mut found = self.sections.iter().filter(is_it);
        found.next().map(|section| Found { section, others: found.count() })
    }

    /// The items of a section that are not nested, in order: item 1 is the first. Those of the sections below it count.
    pub fn items_of(&self, section: &Section) -> Vec<&Item> {
        self.top_items(&section.body)
    }

    /// The items that are not nested and begin within a range.
    pub(super) fn top_items(&self, range: &Range<usize>) -> Vec<&Item> {
        let start = self.items.partition_point(|item| item.range.start < range.start);
        let within = self.items[start..].iter().take_while(|item| item.range.start < range.end);
        within.filter(|item| item.depth == 1).collect()
    }

    /// An item and all that is nested in it.
    pub fn with_nested(&self, item: &Item) -> &[Item] {
        let at = self.items.partition_point(|other| other.range.start < item.range.start);
        let at = at + self.items[at..].iter().take_while(|other| *other != item).count();
        &self.items[at..(at + 1 + item.nested).min(self.items.len())]
    }

    /// The text of an item without what is nested in it, its lines without their indentation.
    pub fn item_text(&self, item: &Item) -> String {
        let end = self.with_nested(item).get(1).map_or(item.range.end, |first| first.range.start.max(item.content));
        let end = lines::end_of_content(self.text, item.content, end).max(item.content);
        let own = &self.text[item.content..end];
        let column = item.content_column(self.text);
        let texts = lines::lines(own).enumerate().map(|(index, line)| {
            let line = lines::without_ending(line).trim_end();
            if index == 0 { line } else { lines::without_columns(line, column) }
        });
        texts.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    /// What a section says: its body without HTML comments, the facts block and white space around it.
    pub fn content(&self, section: &Section) -> String {
        super::outline::without_comments(self, &section.body)
    }

    /// Whether a section says anything; comments that explain what belongs there are nothing.
    pub fn has_content(&self, section: &Section) -> bool {
        !self.content(section).is_empty()
    }

    /// The blocks that begin within a range.
    pub(super) fn blocks_in(&self, range: &Range<usize>) -> &[Block] {
        let start = self.blocks.partition_point(|block| block.range.start < range.start);
        let end = self.blocks.partition_point(|block| block.range.start < range.end);
        &self.blocks[start..end.max(start)]
    }
}

/// A name as it is compared: lower case, single spaces, no dashes, no colon at the end.
pub(super) fn normal(name: &str) -> String {
    let spaced: Cow<'_, str> =
        if name.contains(['-', '_']) { name.replace(['-', '_'], " ").into() } else { name.into() };
    let words: Vec<_> = spaced.split_whitespace().collect();
    words.join(" ").trim_end_matches([':', ' ']).to_lowercase()
}

/// The first character that counts when names are compared; far cheaper than the whole comparison.
fn initial(name: &str) -> Option<char> {
    let first = name.chars().find(|&one| !one.is_whitespace() && !matches!(one, '-' | '_'))?;
    first.to_lowercase().next()
}

/// How alike two names must be to be suggested.
const LIKENESS: f64 = 0.7;

/// The names most like what was asked for, the best first, each once.
pub(super) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let wanted = normal(name);
    let likeness = |one: &str| {
        let one = normal(one);
        let begins = !wanted.is_empty() && one.split(' ').any(|word| word.starts_with(&wanted));
        if begins { 1.0 } else { strsim::jaro_winkler(&one, &wanted) }
    };
    let mut scored: Vec<_> = names.map(|one| (likeness(one), one)).filter(|(score, _)| *score >= LIKENESS).collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0));
    let mut nearest: Vec<String> = Vec::new();
    for (_, one) in scored {
        if !nearest.iter().any(|kept| kept == one) && nearest.len() < 3 {
            nearest.push(one.to_owned());
        }
    }
    nearest
}

#[cfg(test)]
mod tests;
