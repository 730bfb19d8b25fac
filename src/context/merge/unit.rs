//! A document cut into what a merge keeps or drops as a whole: headings, items, and the other blocks.

use std::ops::Range;

use crate::context::document::{Block, BlockKind, Document, normal};
use crate::context::item::{Item, Marker};
use crate::context::lines;
use crate::context::standard::SHARED;

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitKind {
    FrontMatter,
    Heading,
    /// An item that is not nested, with its marker and the column of its text.
    Item {
        marker: Marker,
        column: usize,
    },
    Block,
}

/// Some lines of a document and the blank lines after them.
#[derive(Clone, Debug)]
pub(super) struct Unit<'t> {
    pub(super) kind: UnitKind,
    pub(super) source: &'t str,
    pub(super) gap: &'t str,
    /// Where the unit's marker ends within its source, if it is an item.
    pub(super) after_marker: usize,
    /// Where its marker begins.
    pub(super) marker_at: usize,
}

impl Unit<'_> {
    pub(super) fn is_item(&self) -> bool {
        matches!(self.kind, UnitKind::Item { .. })
    }

    /// What the unit says: equal for units that differ only in line endings, or in an item's number.
    pub(super) fn key(&self) -> String {
        let said = match self.kind {
            UnitKind::Item { marker: Marker::Ordered { .. }, .. } => &self.source[self.after_marker..],
            _ => self.source,
        };
        let said = said.trim_ascii_end();
        if said.contains('\r') { said.replace("\r\n", "\n") } else { said.to_owned() }
    }

    pub(super) fn first_line(&self) -> &str {
        lines::lines(self.source).next().map_or("", |line| lines::without_ending(line).trim())
    }
}

/// A heading with what stands right below it, or what stands before the first heading.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Equal for segments that are the same section in two versions.
    pub(super) key: String,
    pub(super) name: String,
    /// Its units among those of the document.
    pub(super) units: Range<usize>,
    /// Whether it is, or stands below, one of the sections that flow between documents.
    pub(super) is_shared: bool,
}

/// A document as a merge sees it.
#[derive(Debug)]
pub(super) struct Cut<'t> {
    /// The blank lines before the first unit.
    pub(super) lead: &'t str,
    pub(super) units: Vec<Unit<'t>>,
    pub(super) segments: Vec<Segment>,
}

impl<'t> Cut<'t> {
    pub(super) fn of(text: &'t str) -> Cut<'t> {
        let document = Document::parse(text);
        let mut cutter = Cutter { text, document: &document, at: 0, units: Vec::new() };
        let mut segments = vec![cutter.preamble()];
        let mut seen = std::collections::HashMap::new();
        let mut above: Vec<(u8, bool)> = Vec::new();
        for section in &document.sections {
            let name = normal(&section.name);
            above.retain(|(level, _)| *level < section.level);
            let is_shared =
                above.iter().any(|(_, is_shared)| *is_shared) || SHARED.iter().any(|one| normal(one) == name);
            above.push((section.level, is_shared));
            let count = seen.entry(name.clone()).and_modify(|count| *count += 1).or_insert(0);
            let key = format!("{count} {name}");
            let units = cutter.section(&section.heading, &section.own);
            segments.push(Segment { key, name: section.name.clone(), units, is_shared });
        }
        let first =
            cutter.units.first().map_or(text.len(), |unit| unit.source.as_ptr() as usize - text.as_ptr() as usize);
        Cut { lead: &text[..first], units: cutter.units, segments }
    }

    pub(super) fn units_of(&self, segment: &Segment) -> &[Unit<'t>] {
        &self.units[segment.units.clone()]
    }
}

struct Cutter<'t, 'd> {
    text: &'t str,
    document: &'d Document<'t>,
    /// What stands before is cut.
    at: usize,
    units: Vec<Unit<'t>>,
}

impl Cutter<'_, '_> {
    fn preamble(&mut self) -> Segment {
        let end = self.document.sections.first().map_or(self.text.len(), |first| first.heading.start);
        if self.document.start > 0 {
            self.push(UnitKind::FrontMatter, 0..self.document.start, 0..0);
        }
        self.body(end);
        Segment { key: String::new(), name: String::new(), units: 0..self.units.len(), is_shared: false }
    }

    fn section(&mut self, heading: &Range<usize>, own: &Range<usize>) -> Range<usize> {
        let start = self.units.len();
        self.push(UnitKind::Heading, heading.clone(), 0..0);
        self.body(own.end);
        start..self.units.len()
    }

    /// Cuts what stands before `end`.
    fn body(&mut self, end: usize) {
        let document = self.document;
        for block in document.blocks_in(&(self.at..end)) {
            match (&document.facts, block.kind) {
                (Some(facts), _) if facts.block.start == block.range.start => {
                    self.push(UnitKind::Block, facts.block.clone(), 0..0);
                }
                _ if block.range.start < self.at => {}
                (_, BlockKind::List) => self.list(block),
                _ => self.push(UnitKind::Block, block.range.clone(), 0..0),
            }
        }
        self.rest(end);
    }

    fn list(&mut self, block: &Block) {
        let document = self.document;
        for item in document.top_items(&block.range) {
            let kind = UnitKind::Item { marker: item.marker, column: item.content_column(self.text) };
            self.push(kind, item.range.clone(), marker_of(item));
        }
        self.rest(block.range.end);
    }

    fn push(&mut self, kind: UnitKind, range: Range<usize>, marker: Range<usize>) {
        self.rest(range.start);
        let source = &self.text[range.clone()];
        self.units.push(Unit { kind, source, gap: "", after_marker: marker.end, marker_at: marker.start });
        self.at = range.end;
    }

    /// Takes what stands between blocks: blank lines, and lines that no block has, such as definitions of links.
    fn rest(&mut self, end: usize) {
        if end <= self.at {
            return;
        }
        let between = &self.text[self.at..end];
        let content = lines::end_of_content(between, 0, between.len());
        if content == 0 {
            if let Some(last) = self.units.last_mut() {
                last.gap = between;
            }
            self.at = end;
            return;
        }
        let blank: usize = lines::lines(between).take_while(|line| lines::is_blank(line)).map(str::len).sum();
        let (start, stop) = (self.at + blank, self.at + content);
        self.rest(start);
        self.units.push(Unit {
            kind: UnitKind::Block,
            source: &self.text[start..stop],
            gap: &self.text[stop..end],
            after_marker: 0,
            marker_at: 0,
        });
        self.at = end;
    }
}

fn marker_of(item: &Item) -> Range<usize> {
    item.marker_at - item.range.start..item.after_marker - item.range.start
}
