//! Lines of a text by byte offsets. A line ends with `\n`, `\r\n` or a lone `\r`, as markdown has it.

use bstr::ByteSlice;

/// Where the line that holds the byte `at` begins. `at` must not lie inside a `\r\n`.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].rfind_byteset(b"\r\n").map_or(0, |end| end + 1)
}

/// Where the line that holds the byte `at` ends, its line ending included.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let Some(end) = bytes[at..].find_byteset(b"\r\n") else { return text.len() };
    let end = at + end;
    if bytes[end..].starts_with(b"\r\n") { end + 2 } else { end + 1 }
}

/// The line that begins at `start`, its ending included.
pub(super) fn line_at(text: &str, start: usize) -> &str {
    &text[start..line_end(text, start)]
}

/// The lines of a text, each with its ending.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        at = line_end(text, start);
        (start < text.len()).then(|| &text[start..at])
    })
}

/// A line without its ending.
pub(super) fn without_ending(line: &str) -> &str {
    line.strip_suffix("\r\n").or_else(|| line.strip_suffix(['\n', '\r'])).unwrap_or(line)
}

/// The ending of a line; empty if it has none.
pub(super) fn ending(line: &str) -> &str {
    &line[without_ending(line).len()..]
}

/// Whether nothing but what markdown takes for blank is in it.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

/// The line ending to use at `at`: the last one before, else the first of the text, else `\n`.
pub(super) fn ending_near(text: &str, at: usize) -> &'static str {
    let found = last_ending(&text[..at]).unwrap_or_else(|| ending(line_at(text, 0)));
    // A lone `\r` is too rarely meant, and too rarely understood, to be written.
    if found == "\r\n" { "\r\n" } else { "\n" }
}

fn last_ending(text: &str) -> Option<&str> {
    let end = text.rfind(['\n', '\r'])?;
    let start = if text[..=end].ends_with("\r\n") { end - 1 } else { end };
    Some(&text[start..=end])
}

/// Whether `at` is the beginning of a line.
pub(super) fn begins_line(text: &str, at: usize) -> bool {
    let before = &text[..at];
    before.is_empty() || before == "\u{feff}" || before.ends_with(['\n', '\r'])
}

/// How many columns white space takes that begins at column `from`; a tab goes to the next multiple of four.
pub(super) fn columns(space: &str, from: usize) -> usize {
    space.bytes().fold(from, |column, byte| if byte == b'\t' { column / 4 * 4 + 4 } else { column + 1 }) - from
}

/// The spaces and tabs that a line begins with.
pub(super) fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// The indentation, in columns, of the first line from `at` on that is not blank.
pub(super) fn next_indent(text: &str, at: usize) -> usize {
    let next = lines(&text[at..]).find(|line| !is_blank(line));
    next.map_or(0, |line| columns(indent(line), 0))
}

/// Where the text before `at` ends once blank lines are taken off: the end of a line, or `from`.
pub(super) fn end_of_content(text: &str, from: usize, at: usize) -> usize {
    let mut end = at;
    while end > from {
        let start = line_start(text, end - if text[..end].ends_with("\r\n") { 2 } else { 1 }).max(from);
        if !is_blank(&text[start..end]) {
            break;
        }
        end = start;
    }
    end
}

/// A line without up to so many columns of the white space that it begins with.
pub(super) fn without_columns(line: &str, columns: usize) -> &str {
    let space = indent(line);
    let fitting = (0..=space.len().min(columns)).rev().find(|&length| self::columns(&space[..length], 0) <= columns);
    &line[fitting.unwrap_or(0)..]
}

/// A further line of an item whose content moves from one column to another.
pub(super) fn shifted(line: &str, from: usize, to: usize) -> String {
    if from == to || is_blank(line) {
        return line.to_owned();
    }
    let space = columns(indent(line), 0);
    if space < from {
        // It belongs to the item only because it goes on a paragraph, and must not begin anything in its new place.
        return if space < 4 {
            line.trim_start_matches([' ', '\t']).to_owned()
        } else {
            format!("{}{}", " ".repeat(to + 4), line.trim_start_matches([' ', '\t']))
        };
    }
    let shown = &line[indent(line).len()..];
    format!("{}{shown}", " ".repeat(space + to - from))
}
