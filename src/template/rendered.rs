//! The text below the front matter: what it says of the context, the plan and the hints.

use super::error::{Place, TemplateError};
use super::lines::{MarkdownLine, heading, lines, split_command};

/// The parts of a text; each begins with a heading of the first level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Context,
    Plan,
    Hints,
}

const PARTS: [(Part, &str); 3] = [(Part::Context, "context"), (Part::Plan, "plan"), (Part::Hints, "hints")];

/// What a filled-in text says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rendered {
    pub(super) context: Vec<(String, String)>,
    pub(super) checklist: String,
    pub(super) hints: Vec<String>,
}

fn part_of(line: &str) -> Option<Result<Part, &str>> {
    let (level, words) = heading(line)?;
    let found = || PARTS.iter().find(|(_, word)| words.eq_ignore_ascii_case(word)).map(|(part, _)| *part);
    (level == 1).then(|| found().ok_or(words))
}

/// Finds headings that no part has, before anything is filled in.
pub(super) fn check(file: &str, text: &str, body: usize) -> Result<(), TemplateError> {
    let wrong = lines(&text[body..]).filter(|line| !line.is_code && !line.text.contains("{{"));
    let wrong = wrong.filter_map(|line| Some((line.at, part_of(line.text)?.err()?))).next();
    wrong.map_or(Ok(()), |(at, words)| Err(unknown(Place::of(file, text, body + at), words)))
}

fn unknown(place: Place, words: &str) -> TemplateError {
    let problem = format!("`# {words}` is none of `# Context`, `# Plan` and `# Hints`");
    TemplateError::Malformed { place, problem }
}

/// Takes a filled-in text apart. Places in it are those of the result, which only messages name.
pub(super) fn read(file: &str, text: &str) -> Result<Rendered, TemplateError> {
    let mut rendered = Rendered::default();
    let mut part = None;
    for line in lines(text) {
        let named = if line.is_code { None } else { part_of(line.text) };
        let place = || Place::of(&format!("{file} (filled in)"), text, line.at);
        match (named, part) {
            (Some(Ok(named)), _) => part = Some(named),
            (Some(Err(words)), _) => return Err(unknown(place(), words)),
            (None, None) if line.text.trim().is_empty() => {}
            (None, None) => {
                let problem = "text has to stand below `# Context`, `# Plan` or `# Hints`".to_owned();
                return Err(TemplateError::Malformed { place: place(), problem });
            }
            (None, Some(Part::Context)) => rendered.take_context(line.text, line.is_code),
            (None, Some(Part::Plan)) => push_line(&mut rendered.checklist, without_empty_mark(line)),
            (None, Some(Part::Hints)) => rendered.take_hint(line.text),
        }
    }
    for (_, text) in &mut rendered.context {
        *text = tidy(text);
    }
    rendered.context.retain(|(_, text)| !text.is_empty());
    rendered.checklist = tidy(&rendered.checklist);
    if !rendered.checklist.is_empty() {
        rendered.checklist.push('\n');
    }
    Ok(rendered)
}

/// An optional command that was not given leaves its mark behind.
fn without_empty_mark(line: MarkdownLine<'_>) -> &str {
    match split_command(line.text) {
        (words, None) if !line.is_code => words,
        _ => line.text,
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Without blank lines at its ends, and with one at most between two others.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut blank = 0;
    for line in lines(text.trim_matches('\n')) {
        blank = if line.text.trim().is_empty() && !line.is_code { blank + 1 } else { 0 };
        if blank < 2 {
            push_line(&mut tidied, line.text.trim_end());
        }
    }
    tidied.trim_end().to_owned()
}

impl Rendered {
    /// A section goes on where one of its name began before.
    fn take_context(&mut self, line: &str, is_code: bool) {
        match heading(line) {
            Some((2, name)) if !is_code && !name.is_empty() => match self.place_of(name) {
                Some(index) => {
                    let known = self.context.remove(index);
                    self.context.push(known);
                }
                None => self.context.push((name.to_owned(), String::new())),
            },
            _ => {
                if let Some((_, text)) = self.context.last_mut() {
                    push_line(text, line);
                }
            }
        }
    }

    fn place_of(&self, name: &str) -> Option<usize> {
        self.context.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    fn take_hint(&mut self, line: &str) {
        let words = line.trim();
        let item = words.strip_prefix("- ").or_else(|| words.strip_prefix("* "));
        match (item, self.hints.last_mut()) {
            (Some(item), _) => self.hints.push(item.trim().to_owned()),
            (None, Some(last)) if line.starts_with([' ', '\t']) && !words.is_empty() => {
                last.push(' ');
                last.push_str(words);
            }
            (None, _) if words.is_empty() => {}
            (None, _) => self.hints.push(words.to_owned()),
        }
    }
}
