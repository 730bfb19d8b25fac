//! Lines of markdown, and which of them are code.

/// The mark of a command that verifies an item.
const COMMAND: &str = "<!-- verify:";
const COMMAND_END: &str = "-->";

/// A line, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MarkdownLine<'a> {
    /// Where it begins.
    pub(super) at: usize,
    pub(super) text: &'a str,
    /// It is within a fenced block of code, or a fence.
    pub(super) is_code: bool,
}

/// The lines of a text.
pub(super) fn lines(text: &str) -> impl Iterator<Item = MarkdownLine<'_>> {
    let mut at = 0;
    let mut fence: Option<(char, usize)> = None;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mark = fence_of(line);
        let is_code = fence.is_some() || mark.is_some();
        fence = match (fence, mark) {
            (None, Some((character, length, _))) => Some((character, length)),
            (Some((open, least)), Some((character, length, true))) if open == character && length >= least => None,
            (open, _) => open,
        };
        MarkdownLine { at: start, text: line, is_code }
    })
}

/// Character and length of a fence, and whether nothing comes after it.
fn fence_of(line: &str) -> Option<(char, usize, bool)> {
    let line = line.trim_start();
    let character = line.chars().next().filter(|one| matches!(one, '`' | '~'))?;
    let rest = line.trim_start_matches(character);
    let length = line.len() - rest.len();
    let is_fence = length >= 3 && !(character == '`' && rest.contains('`'));
    is_fence.then(|| (character, length, rest.trim().is_empty()))
}

/// Level and words of a heading of the form `## Words`.
pub(super) fn heading(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    let is_heading = (1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t']));
    let words = rest.trim();
    let without = words.trim_end_matches('#');
    let words = if without.is_empty() || without.ends_with([' ', '\t']) { without.trim_end() } else { words };
    is_heading.then_some((level, words))
}

/// The words of an item, and the command at its end. A mark without a command is none.
pub(super) fn split_command(text: &str) -> (&str, Option<&str>) {
    let Some(start) = text.rfind(COMMAND) else { return (text.trim_end(), None) };
    let rest = &text[start + COMMAND.len()..];
    match rest.trim_end().strip_suffix(COMMAND_END).map(str::trim).filter(|command| !command.contains(COMMAND_END)) {
        Some("") => (text[..start].trim_end(), None),
        Some(command) => (text[..start].trim_end(), Some(command)),
        None => (text.trim_end(), None),
    }
}

/// The mark that says how an item is verified.
pub(super) fn command_mark(command: &str) -> String {
    format!(" {COMMAND} {command} {COMMAND_END}")
}

/// The commands at the ends of the lines of a text.
pub(super) fn commands(text: &str) -> impl Iterator<Item = &str> {
    lines(text).filter(|line| !line.is_code).filter_map(|line| split_command(line.text).1)
}
