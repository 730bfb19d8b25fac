//! Puts lines into a text and takes lines out of it, so that what stood around them still means the same.
//!
//! What is put in gets one blank line before it (after it, where what follows would otherwise be drawn into it), and
//! taking it out takes that line along: the text is then what it was before. Used by all edits.

use std::ops::Range;

use super::document::{Block, BlockKind, Document};
use super::facts;
use super::item::Item;
use super::lines;

/// One replacement of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Splice {
    pub(super) fn removal(range: Range<usize>) -> Splice {
        Splice { range, text: String::new() }
    }
}

/// Makes all replacements, which must not overlap, in one pass.
pub(super) fn apply(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| splice.range.start);
    let mut result = String::with_capacity(text.len() + splices.iter().map(|splice| splice.text.len()).sum::<usize>());
    let mut at = 0;
    for splice in splices {
        result.push_str(&text[at..splice.range.start.max(at)]);
        result.push_str(&splice.text);
        at = splice.range.end.max(at);
    }
    result.push_str(&text[at..]);
    result
}

/// Makes all replacements so that there are so many more items (or fewer), nested ones not counted, and the same
/// headings. Where the text around is so odd that the plain way changes more, blank lines or empty comments keep things
/// apart.
pub(super) fn apply_safely(document: &Document<'_>, splices: Vec<Splice>, growth: isize) -> String {
    let text = document.text();
    let plain = apply(text, splices.clone());
    if is_same_but_for(document, &splices, &plain, growth) {
        return plain;
    }
    let ending = lines::ending_near(text, text.len());
    let parted = |before: &str, after: &str| {
        let parted = splices.iter().map(|splice| {
            let is_of_lines =
                lines::begins_line(text, splice.range.start) && lines::begins_line(text, splice.range.end);
            let text = if is_of_lines { format!("{before}{}{after}", splice.text) } else { splice.text.clone() };
            Splice { range: splice.range.clone(), text }
        });
        apply(text, parted.collect())
    };
    let wall = format!("{ending}<!-- -->{ending}{ending}");
    let ways = [("", ending), (ending, ""), (ending, ending), ("", &wall), (&wall, ""), (&wall, &wall)];
    let mut tried = ways.into_iter().map(|(before, after)| parted(before, after));
    tried.find(|tried| is_same_but_for(document, &splices, tried, growth)).unwrap_or(plain)
}

/// The part of a document around some bytes that alone tells how they are read: from the heading before them up to
/// and with the heading after them. At a heading nothing of what stood before is open any more.
pub(super) fn window(document: &Document<'_>, changed: &Range<usize>) -> Range<usize> {
    let starts = |at: usize| document.sections.partition_point(|section| section.heading.start <= at);
    let start = starts(changed.start).checked_sub(1).map_or(0, |before| document.sections[before].heading.start);
    let after = document.sections.partition_point(|section| section.heading.start < changed.end.max(start + 1));
    let end = document.sections.get(after).map_or(document.text().len(), |next| next.heading.end);
    start..end
}

/// Reads a window: what begins a text may be front matter, any other part is not.
pub(super) fn parse_window(text: &str, window: Range<usize>) -> Document<'_> {
    if window.start == 0 { Document::parse(&text[window]) } else { Document::parse_part(&text[window]) }
}

fn is_same_but_for(document: &Document<'_>, splices: &[Splice], edited: &str, growth: isize) -> bool {
    let text = document.text();
    let start = splices.iter().map(|splice| splice.range.start).min().unwrap_or(0);
    let end = splices.iter().map(|splice| splice.range.end).max().unwrap_or(0);
    let window = window(document, &(start..end));
    let before = parse_window(text, window.clone());
    let after = parse_window(edited, window.start..window.end + edited.len() - text.len());
    if !after.sections.iter().map(|section| &section.name).eq(before.sections.iter().map(|section| &section.name)) {
        return false;
    }
    let (old, new) = (said(&before), said(&after));
    let (fewer, more) = if growth < 0 { (&new, &old) } else { (&old, &new) };
    let mut rest = more.iter();
    old.len().checked_add_signed(growth) == Some(new.len()) && fewer.iter().all(|one| rest.any(|other| other == one))
}

/// What each item that is not nested says, as a hash of all but its white space, and how much is nested in it; in an
/// order that does not depend on places.
fn said(document: &Document<'_>) -> Vec<(u64, usize)> {
    let outer = document.items.iter().filter(|item| item.depth == 1);
    let hash = |item: &Item| {
        let bytes = document.text()[item.content.min(item.range.end)..item.range.end].bytes();
        let shown = bytes.filter(|byte| !byte.is_ascii_whitespace());
        // FNV-1a: nobody gains by a collision that only skips a check.
        shown.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    };
    let mut said: Vec<_> = outer.map(|item| (hash(item), item.nested)).collect();
    said.sort_unstable();
    said
}

/// Puts a block of lines (the last one without its ending) in at `at`, the end of a line.
pub(super) fn insertion(text: &str, at: usize, block: &str) -> Splice {
    let ending = lines::ending_near(text, at);
    let inserted = if !lines::begins_line(text, at) {
        format!("{ending}{ending}{block}")
    } else if at < text.len() && !is_separate(lines::line_at(text, at)) {
        format!("{block}{ending}{ending}")
    } else {
        let blank = if is_after_blank(text, at) { "" } else { ending };
        format!("{blank}{block}{ending}")
    };
    Splice { range: at..at, text: inserted }
}

/// Whether nothing, or a blank line, or the byte order mark stands before `at`.
fn is_after_blank(text: &str, at: usize) -> bool {
    let Some(end) = text[..at].strip_suffix("\r\n").or_else(|| text[..at].strip_suffix(['\n', '\r'])) else {
        return true;
    };
    lines::is_blank(&end[lines::line_start(end, end.len())..])
}

/// Takes out lines that are all of a list (or a block of their own), with the blank line that came with them.
pub(super) fn removal_of_block(document: &Document<'_>, range: &Range<usize>) -> Splice {
    let text = document.text();
    let before = block_before(document, range.start);
    let content_end = lines::end_of_content(text, document.start, range.start);
    let after = text.get(range.end..).filter(|after| !after.is_empty()).map(|_| lines::line_at(text, range.end));
    let can_touch = |next: &str| touches(text, before, next);
    if let Some(wall) = before.filter(|block| block.kind == BlockKind::List).and_then(|_| wall(document, range)) {
        return Splice { range: content_end..range.end, text: wall };
    }
    if !lines::begins_line(text, range.end) {
        return Splice::removal(without_line_ending(text, content_end)..range.end);
    }
    if content_end < range.start {
        let is_free = after.is_none_or(|next| lines::is_blank(next) || can_touch(next));
        let start =
            if is_free { lines::line_start(text, range.start - ending_length(text, range.start)) } else { range.start };
        return Splice::removal(start.max(content_end)..range.end);
    }
    let Some(next) = after else { return Splice::removal(range.clone()) };
    if lines::is_blank(next) {
        let blank_end = range.end + next.len();
        let is_kept = text[blank_end..].is_empty() || is_separate(lines::line_at(text, blank_end));
        let end = if is_kept || !can_touch(lines::line_at(text, blank_end)) { range.end } else { blank_end };
        return Splice::removal(range.start..end);
    }
    let kept = if can_touch(next) { "" } else { lines::ending_near(text, range.start) };
    Splice { range: range.clone(), text: kept.to_owned() }
}

/// What keeps the text after some lines out of the list before them, once the lines are gone: text that is indented
/// as far as the last item's own text would become a part of it.
pub(super) fn wall(document: &Document<'_>, gone: &Range<usize>) -> Option<String> {
    let text = document.text();
    let before = document.items.partition_point(|item| item.range.start < gone.start);
    let kept = document.items[..before].iter().rev().find(|item| item.depth == 1)?;
    let draws_in = lines::next_indent(text, gone.end) >= kept.content_column(text);
    let ending = lines::ending_near(text, gone.start);
    (draws_in && !kept.is_bare(text)).then(|| format!("{ending}<!-- -->{ending}"))
}

/// Where a line's text ends whose ending ends at `at`.
pub(super) fn without_line_ending(text: &str, at: usize) -> usize {
    at - ending_length(text, at)
}

fn ending_length(text: &str, at: usize) -> usize {
    let before = &text[..at];
    if before.ends_with("\r\n") { 2 } else { usize::from(before.ends_with(['\n', '\r'])) }
}

fn block_before<'d>(document: &'d Document<'_>, at: usize) -> Option<&'d Block> {
    let after = document.blocks.partition_point(|block| block.range.start < at);
    document.blocks[..after].last()
}

/// Whether a paragraph, or something that goes on like one, ends right before `at`.
pub(super) fn is_after_text(document: &Document<'_>, at: usize) -> bool {
    let is_parted = |block: &Block| block.kind != BlockKind::Other && block.range.end == at;
    !is_after_blank(document.text(), at) && !block_before(document, at).is_some_and(is_parted)
}

/// Whether a line that is not blank may stand right after a block.
fn touches(text: &str, before: Option<&Block>, next: &str) -> bool {
    let Some(block) = before else { return true };
    match block.kind {
        BlockKind::AtxHeading | BlockKind::SetextHeading | BlockKind::Ruler | BlockKind::Code => true,
        BlockKind::Html => text[block.range.clone()].trim_end().ends_with("-->"),
        BlockKind::List => is_separate(next),
        BlockKind::Other => is_separate(next) && !next.trim_start_matches(' ').starts_with("--"),
    }
}

/// Whether a line cannot be taken for a further line of a paragraph before it: blank, a heading, a fence, a quotation,
/// a comment, a ruler, an item. When in doubt it can.
pub(super) fn is_separate(line: &str) -> bool {
    let shown = line.trim_start_matches(' ');
    if lines::is_blank(line) {
        return true;
    }
    if line.len() - shown.len() > 3 {
        return false;
    }
    let shown = shown.trim_end();
    let hashes = shown.bytes().take_while(|&byte| byte == b'#').count();
    let is_heading = (1..=6).contains(&hashes) && (shown.len() == hashes || shown[hashes..].starts_with([' ', '\t']));
    let is_fence = shown.starts_with("~~~") || shown.strip_prefix("```").is_some_and(|info| !info.contains('`'));
    let is_item = ["- ", "* ", "+ "].iter().any(|marker| shown.starts_with(marker));
    let is_ruler = ['-', '*', '_'].iter().any(|&one| {
        shown.matches(one).count() >= 3 && shown.chars().all(|other| other == one || matches!(other, ' ' | '\t'))
    });
    is_heading || is_fence || is_item || is_ruler || shown.starts_with('>') || shown.starts_with("<!--")
}

/// Whether the document ends within a fenced code block or an HTML block, so that nothing can be added after it. Gives
/// where that block begins.
pub(super) fn open_end(document: &Document<'_>) -> Option<usize> {
    let last = document.blocks.last()?;
    if !matches!(last.kind, BlockKind::Code | BlockKind::Html) || facts::is_marker(document, last.kind, &last.range) {
        return None;
    }
    let probe = format!("{}\n\n- item\n", &document.text()[last.range.clone()]);
    let is_closed = Document::parse_part(&probe).blocks.last().is_some_and(|block| block.kind == BlockKind::List);
    (!is_closed).then_some(last.range.start)
}
