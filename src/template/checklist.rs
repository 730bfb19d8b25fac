//! The check list of a session: markdown with a heading for each phase and a check box for each item.
//!
//! `- [ ] words <!-- verify: command -->`. Any text is a check list, at worst an empty one; an edit changes the line of
//! its item and gives back every other byte as it was.

use super::lines::{MarkdownLine, command_mark, heading, lines, split_command};

/// A phase and its items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phase {
    /// Empty for items before the first heading.
    pub title: String,
    pub items: Vec<Item>,
}

/// An item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// From 1, through all phases.
    pub number: usize,
    pub text: String,
    pub is_done: bool,
    /// The command that tells whether it is done.
    pub command: Option<String>,
    /// Columns that it is indented by.
    pub indent: usize,
}

impl Phase {
    /// How many of the items are done.
    pub fn done(&self) -> usize {
        self.items.iter().filter(|item| item.is_done).count()
    }
}

/// Why a check list was not changed.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ChecklistError {
    #[error("the check list has no item {number}; it has {count}")]
    NoSuchItem { number: usize, count: usize },
    #[error("the check list has no phase `{phase}`")]
    UnknownPhase { phase: String, known: Vec<String> },
    #[error("an item takes one line of text")]
    NotAnItem,
    #[error("a phase is called by one line of text")]
    NotAPhase,
}

/// An item and the line that it stands in.
struct Found<'a> {
    line: MarkdownLine<'a>,
    /// Where in the line the character between the brackets is.
    mark: usize,
    words: &'a str,
    is_done: bool,
}

/// Reads a check list. Phases without items are there too.
pub fn parse(text: &str) -> Vec<Phase> {
    let mut phases: Vec<Phase> = Vec::new();
    let mut number = 0;
    for line in lines(text).filter(|line| !line.is_code) {
        if let Some((2, title)) = heading(line.text) {
            phases.push(Phase { title: title.to_owned(), items: Vec::new() });
        } else if let Some(found) = item_of(line) {
            number += 1;
            let (words, command) = split_command(found.words);
            let item = Item {
                number,
                text: words.trim().to_owned(),
                is_done: found.is_done,
                command: command.map(str::to_owned),
                indent: indent(line.text),
            };
            match phases.last_mut() {
                Some(phase) => phase.items.push(item),
                None => phases.push(Phase { title: String::new(), items: vec![item] }),
            }
        }
    }
    phases
}

/// All items, in their order.
pub fn items(text: &str) -> Vec<Item> {
    parse(text).into_iter().flat_map(|phase| phase.items).collect()
}

fn item_of(line: MarkdownLine<'_>) -> Option<Found<'_>> {
    let trimmed = line.text.trim_start();
    let rest = trimmed.strip_prefix(['-', '*', '+'])?;
    let boxed = rest.trim_start_matches([' ', '\t']);
    if rest.len() == boxed.len() {
        return None;
    }
    let inner = boxed.strip_prefix('[')?;
    let mark = line.text.len() - inner.len();
    let state = inner.chars().next().filter(|one| matches!(one, ' ' | 'x' | 'X'))?;
    let words = inner[1..].strip_prefix(']')?;
    (words.is_empty() || words.starts_with([' ', '\t'])).then_some(Found { line, mark, words, is_done: state != ' ' })
}

fn found(text: &str) -> impl Iterator<Item = Found<'_>> {
    lines(text).filter(|line| !line.is_code).filter_map(item_of)
}

fn find(text: &str, number: usize) -> Result<Found<'_>, ChecklistError> {
    let no_such = || ChecklistError::NoSuchItem { number, count: found(text).count() };
    let index = number.checked_sub(1).ok_or_else(no_such)?;
    found(text).nth(index).ok_or_else(no_such)
}

/// Marks an item as done or not.
pub fn set_done(text: &str, number: usize, is_done: bool) -> Result<String, ChecklistError> {
    let found = find(text, number)?;
    let at = found.line.at + found.mark;
    let mark = if is_done { "x" } else { " " };
    Ok(format!("{}{mark}{}", &text[..at], &text[at + 1..]))
}

/// Takes an item out, with the lines that belong to its text.
pub fn remove(text: &str, number: usize) -> Result<String, ChecklistError> {
    let item = find(text, number)?.line;
    let goes_on = |line: &MarkdownLine<'_>| {
        let is_deeper = indent(line.text) > indent(item.text);
        is_deeper && !line.is_code && !line.text.trim().is_empty() && item_of(*line).is_none()
    };
    let next = lines(text).skip_while(|line| line.at <= item.at).find(|line| !goes_on(line));
    let end = next.map_or(text.len(), |line| line.at);
    Ok(format!("{}{}", &text[..item.at], &text[end..]))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Adds an item at the end of a phase: of the last one where none is named. The new text and the item's number.
pub fn add(text: &str, phase: Option<&str>, words: &str) -> Result<(String, usize), ChecklistError> {
    let words = words.trim();
    if words.is_empty() || words.contains("<!--") || words.chars().any(char::is_control) {
        return Err(ChecklistError::NotAnItem);
    }
    let (start, end) = phase_range(text, phase)?;
    let last = lines(text).filter(|line| (start..end).contains(&line.at) && !line.text.trim().is_empty()).last();
    let at = last.map_or(end, |line| line.at + line.text.len());
    let (before, after) = text.split_at(at);
    let gap = match before.rsplit('\n').next() {
        Some("") => "",
        Some(line) if heading(line).is_some() => "\n\n",
        _ => "\n",
    };
    let tail = if after.starts_with(['\n', '\r']) { "" } else { "\n" };
    let number = found(before).count() + 1;
    Ok((format!("{before}{gap}- [ ] {words}{tail}{after}"), number))
}

/// Adds an item in a new phase at the end. The new text and the item's number.
pub fn add_phase(text: &str, phase: &str, words: &str) -> Result<(String, usize), ChecklistError> {
    let phase = phase.trim().trim_matches('#').trim();
    if phase.is_empty() || phase.chars().any(char::is_control) {
        return Err(ChecklistError::NotAPhase);
    }
    let gap = match text {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    add(&format!("{text}{gap}## {phase}\n"), None, words)
}

/// The bytes of a phase, its heading included.
fn phase_range(text: &str, phase: Option<&str>) -> Result<(usize, usize), ChecklistError> {
    let headings: Vec<(usize, &str)> = lines(text)
        .filter(|line| !line.is_code)
        .filter_map(|line| heading(line.text).filter(|(level, _)| *level == 2).map(|(_, title)| (line.at, title)))
        .collect();
    let end_of = |index: usize| headings.get(index + 1).map_or(text.len(), |(at, _)| *at);
    let Some(phase) = phase else {
        let last = headings.len().checked_sub(1);
        return Ok(last.map_or((0, text.len()), |last| (headings[last].0, text.len())));
    };
    let wanted = phase.trim().to_lowercase();
    let is_exact = |(_, title): &&(usize, &str)| title.to_lowercase() == wanted;
    let begins = |(_, title): &&(usize, &str)| title.to_lowercase().starts_with(&wanted);
    let exact = headings.iter().position(|heading| is_exact(&heading));
    let fitting: Vec<usize> = (0..headings.len()).filter(|&index| begins(&&headings[index])).collect();
    match (exact, fitting.as_slice()) {
        (Some(index), _) => Ok((headings[index].0, end_of(index))),
        (None, [index]) if !wanted.is_empty() => Ok((headings[*index].0, end_of(*index))),
        _ => {
            let known = headings.iter().map(|(_, title)| (*title).to_owned()).collect();
            Err(ChecklistError::UnknownPhase { phase: phase.to_owned(), known })
        }
    }
}

/// The line of an item as a template writes it.
pub fn item_line(words: &str, command: Option<&str>) -> String {
    format!("- [ ] {words}{}", command.map(command_mark).unwrap_or_default())
}
