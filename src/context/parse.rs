//! Reads a text into a `Document` by the events of the markdown parser. Called by `Document::parse` alone.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};

use super::document::{Block, BlockKind, Document, Section};
use super::facts::{self, Region};
use super::item::{Checkbox, Item, Marker};
use super::lines;

/// Deeper items are text of the item that they are nested in.
const MAX_DEPTH: usize = 16;

/// Reads a text. What a pair of facts markers encloses is not read, so that nothing in it can reach outside.
pub(super) fn parse(text: &str) -> Document<'_> {
    read_all(text, markdown_start)
}

/// Reads what is a part of a document: it has no front matter.
pub(super) fn parse_part(text: &str) -> Document<'_> {
    read_all(text, |_| 0)
}

fn read_all(text: &str, start: fn(&str) -> usize) -> Document<'_> {
    let mut regions = facts::regions(text);
    loop {
        let readable = blanked(text, &regions);
        let mut document = read(text, &readable, start(&readable));
        if regions.is_empty() {
            return document;
        }
        let is_block = |region: &Region| {
            let found = document.blocks.binary_search_by_key(&region.start, |block| block.range.start);
            found.is_ok_and(|at| document.blocks[at].kind == BlockKind::Html)
        };
        let standing: Vec<Region> = regions.iter().filter(|region| is_block(region)).cloned().collect();
        if standing.len() == regions.len() {
            document.facts = facts::only_block(&standing);
            return document;
        }
        // Markers within a code block hid what follows them; that much text is read again.
        regions = standing;
    }
}

/// The text with the inside of the regions turned into spaces, so that every position stays.
fn blanked<'t>(text: &'t str, regions: &[Region]) -> Cow<'t, str> {
    let mut blanked = String::new();
    let mut at = 0;
    for inside in regions.iter().filter_map(|region| region.inside.clone()).filter(|inside| !inside.is_empty()) {
        blanked.push_str(&text[at..inside.start]);
        let space = |byte: u8| if matches!(byte, b'\n' | b'\r') { byte as char } else { ' ' };
        blanked.extend(text[inside.clone()].bytes().map(space));
        at = inside.end;
    }
    if at == 0 { Cow::Borrowed(text) } else { Cow::Owned(blanked + &text[at..]) }
}

fn read<'t>(text: &'t str, readable: &str, start: usize) -> Document<'t> {
    let mut reader = Reader { document: Document::new(text, start), readable, open: Vec::new(), heading: None };
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    for (event, range) in Parser::new_ext(&readable[start..], options).into_offset_iter() {
        reader.take(event, range.start + start..range.end + start);
    }
    let mut document = reader.document;
    close_sections(&mut document.sections, text.len());
    document
}

/// Where markdown begins: after a byte order mark, and after front matter between `---` (or `+++`) lines.
fn markdown_start(text: &str) -> usize {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut at = lines::line_end(text, start);
    let fence = text[start..at].trim_end();
    if !matches!(fence, "---" | "+++") || lines::is_blank(lines::line_at(text, at)) {
        return start;
    }
    while at < text.len() {
        let end = lines::line_end(text, at);
        let line = text[at..end].trim_end();
        if line == fence || (fence == "---" && line == "...") {
            return end;
        }
        at = end;
    }
    start
}

/// What is open around an event.
enum Open {
    List,
    /// The item's place among the items, if it is one of the document's.
    Item(Option<usize>),
    Other,
}

struct Reader<'t, 'r> {
    document: Document<'t>,
    readable: &'r str,
    open: Vec<Open>,
    /// The text of the heading that is being read.
    heading: Option<String>,
}

impl Reader<'_, '_> {
    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(_) => self.end(),
            Event::Rule if self.open.is_empty() => self.push_block(BlockKind::Ruler, &range),
            Event::TaskListMarker(checked) => self.check_box(checked, range.start),
            Event::Text(text) | Event::Code(text) => self.name(&text),
            Event::SoftBreak | Event::HardBreak => self.name(" "),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        if self.open.is_empty() {
            self.start_block(tag, &range);
        }
        let open = match tag {
            Tag::List(_) => Open::List,
            Tag::Item => Open::Item(self.start_item(range)),
            _ => Open::Other,
        };
        self.open.push(open);
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Open::Item(Some(index))) => {
                self.document.items[index].nested = self.document.items.len() - index - 1;
            }
            Some(Open::Other) if self.open.is_empty() => self.end_heading(),
            _ => {}
        }
    }

    fn start_block(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        let kind = match tag {
            Tag::Heading { level, .. } => self.start_heading(*level, range),
            Tag::List(_) => BlockKind::List,
            Tag::CodeBlock(_) => BlockKind::Code,
            Tag::HtmlBlock => BlockKind::Html,
            _ => BlockKind::Other,
        };
        self.push_block(kind, range);
    }

    fn push_block(&mut self, kind: BlockKind, range: &Range<usize>) {
        let range = self.whole_lines(range);
        self.document.blocks.push(Block { kind, range });
    }

    fn start_heading(&mut self, level: HeadingLevel, range: &Range<usize>) -> BlockKind {
        let heading = self.whole_lines(range);
        let is_atx = self.readable[heading.start..].trim_start_matches(' ').starts_with('#');
        let is_one_line = lines::line_end(self.readable, heading.start) >= heading.end;
        let body = heading.end..heading.end;
        self.heading = Some(String::new());
        self.document.sections.push(Section {
            name: String::new(),
            level: level as u8,
            heading,
            own: body.clone(),
            body,
        });
        if is_atx && is_one_line { BlockKind::AtxHeading } else { BlockKind::SetextHeading }
    }

    fn name(&mut self, text: &str) {
        if let Some(name) = &mut self.heading {
            name.push_str(text);
        }
    }

    fn end_heading(&mut self) {
        if let (Some(name), Some(section)) = (self.heading.take(), self.document.sections.last_mut()) {
            section.name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }

    /// The item, if it is nested in nothing but items.
    fn start_item(&mut self, range: Range<usize>) -> Option<usize> {
        let depth = self.open.len() / 2 + 1;
        let is_ours =
            depth <= MAX_DEPTH && self.open.iter().all(|open| !matches!(open, Open::Other | Open::Item(None)));
        // Indented by a tab, an item may be said to begin before its line does.
        let marker_at = range.end - self.readable[range.clone()].trim_ascii_start().len();
        let (marker, length) = Marker::read(&self.readable[marker_at..]).filter(|_| is_ours)?;
        let range = marker_at..range.end;
        let range = if depth == 1 { self.whole_lines(&range) } else { marker_at..self.whole_lines(&range).end };
        let after_marker = marker_at + length;
        let content = after_marker + lines::indent(&self.readable[after_marker..range.end]).len();
        let list = self.document.blocks.len() - 1;
        // The parser sees a check box without text only if its line is ended.
        let is_open_end = matches!(&self.readable[content..], "[ ]" | "[x]" | "[X]");
        let checked = is_open_end && !self.readable.ends_with("[ ]");
        let checkbox = is_open_end.then_some(Checkbox { at: content + 1, checked });
        let content = if is_open_end { range.end } else { content };
        let item = Item { range, marker_at, marker, checkbox, after_marker, content, depth, nested: 0, list };
        self.document.items.push(item);
        Some(self.document.items.len() - 1)
    }

    fn check_box(&mut self, checked: bool, at: usize) {
        let innermost =
            self.open.iter().rev().find_map(|open| if let Open::Item(item) = open { Some(*item) } else { None });
        let Some(Some(index)) = innermost else { return };
        let end = self.document.items[index].range.end;
        let after = (at + 3).min(end);
        let content = after + lines::indent(&self.readable[after..end]).len();
        let item = &mut self.document.items[index];
        item.checkbox = Some(Checkbox { at: at + 1, checked });
        item.content = content;
    }

    /// From the beginning of the first line to the end of the last one that is not blank.
    fn whole_lines(&self, range: &Range<usize>) -> Range<usize> {
        let start = lines::line_start(self.readable, range.start).max(self.document.start);
        let end = range.start + self.readable[range.clone()].trim_ascii_end().len();
        start..lines::line_end(self.readable, end.saturating_sub(1).max(range.start))
    }
}

/// Fills in where the sections end.
fn close_sections(sections: &mut [Section], end: usize) {
    // Where the last section of each level or a higher one begins, going backwards.
    let mut next = [end; 7];
    for at in (0..sections.len()).rev() {
        let level = usize::from(sections[at].level);
        let own_end = sections.get(at + 1).map_or(end, |section| section.heading.start);
        let section = &mut sections[at];
        section.own.end = own_end;
        section.body.end = next[level];
        next[level..].fill(section.heading.start);
    }
    let is_title = sections.first().is_some_and(|first| first.level == 1)
        && sections.iter().filter(|section| section.level == 1).count() == 1;
    if is_title {
        sections[0].body = sections[0].own.clone();
    }
}

#[cfg(test)]
mod tests;
