//! What an entry says, in words: one line each, whatever its kind.

use serde_json::{Map, Value};

use crate::model::event::{Event, EventKind};
use crate::ops::history::{Entry, PastPoint, What};
use crate::report::text;

/// Longer texts are cut before they are made fit to be shown: an event may hold a whole file.
const LONGEST: usize = 2000;

/// An entry on one line, not yet cut to the screen.
pub fn sentence(entry: &Entry) -> String {
    match &entry.what {
        What::Event(event) => of_event(event),
        What::Point(point) => of_point(point),
    }
}

/// An event where its fields are told below it.
pub fn short_sentence(event: &Event) -> String {
    match &event.kind {
        EventKind::Decision | EventKind::Other(_) => first_line(&event.text),
        _ => of_event(event),
    }
}

/// The kind as it is shown.
pub fn kind(entry: &Entry) -> String {
    one_line(entry.kind())
}

/// The first digits of the id.
pub fn short_id(entry: &Entry) -> String {
    const DIGITS: usize = 10;
    one_line(&entry.id().chars().take(DIGITS).collect::<String>())
}

/// Whether it tells of something that went wrong.
pub fn is_failure(entry: &Entry) -> bool {
    match &entry.what {
        What::Event(event) => {
            let exit = event.fields.get("exit").and_then(Value::as_i64).unwrap_or(0);
            event.kind == EventKind::Failure || flag(event, "failed") || exit != 0
        }
        What::Point(_) => false,
    }
}

fn of_point(point: &PastPoint) -> String {
    let gone = if point.summary.is_none() { Some("dropped".to_owned()) } else { None };
    let changes = Some(point.changes.clone()).filter(|changes| !changes.is_empty());
    one_line(&point.subject) + &remark([changes.map(|changes| one_line(&changes)), gone])
}

fn of_event(event: &Event) -> String {
    let said = first_line(&event.text);
    let field = |name: &str| text_field(event, name);
    match &event.kind {
        EventKind::Decision => {
            let why = field("why").map(|why| format!(", because {why}"));
            let other = field("instead_of").map(|other| format!(", instead of {other}"));
            said + &why.unwrap_or_default() + &other.unwrap_or_default()
        }
        EventKind::Next => joined_lines(&event.text),
        EventKind::Commit | EventKind::Merge => said + &remark([commit(event), extent(event)]),
        EventKind::Session => or_else(said, field("state")),
        EventKind::Branch => or_else(said, field("child")) + &remark([field("child_branch")]),
        EventKind::Return => or_else(said, field("child")) + &remark([field("outcome")]),
        EventKind::Check => {
            let mark = if field("state").as_deref() == Some("undone") { "[ ] " } else { "[x] " };
            mark.to_owned() + &or_else(said, field("item"))
        }
        EventKind::Variable => match (field("key"), field("value")) {
            (Some(key), Some(value)) => format!("{key} = {value}"),
            _ => said,
        },
        EventKind::Tool => tool(event, said),
        EventKind::Command => said + &remark([field("exit").map(|exit| format!("exit {exit}"))]),
        EventKind::Other(_) => raw(said, &event.fields),
        EventKind::Note
        | EventKind::Issue
        | EventKind::IssueDone
        | EventKind::Todo
        | EventKind::TodoDone
        | EventKind::Context
        | EventKind::Checkout
        | EventKind::Rewrite
        | EventKind::Failure
        | EventKind::Checkpoint
        | EventKind::Pin
        | EventKind::Unpin
        | EventKind::Prompt => said,
    }
}

/// `Bash cargo test (failed)`: the name, and what tells most of the call.
fn tool(event: &Event, said: String) -> String {
    let name = text_field(event, "name").filter(|name| !said.starts_with(name.as_str()));
    let what = if said.is_empty() { main_argument(event).unwrap_or_default() } else { said };
    let words: Vec<String> = name.into_iter().chain(Some(what)).filter(|word| !word.is_empty()).collect();
    words.join(" ") + &remark([flag(event, "failed").then(|| "failed".to_owned())])
}

/// The first path, or the first of the arguments that is text.
fn main_argument(event: &Event) -> Option<String> {
    let path = event.fields.get("paths").and_then(Value::as_array).and_then(|paths| paths.first()?.as_str());
    let arguments = event.fields.get("arguments");
    let first = arguments.and_then(|value| match value {
        Value::String(text) => Some(text.as_str()),
        Value::Object(fields) => fields.values().find_map(Value::as_str),
        _ => None,
    });
    path.or(first).map(first_line)
}

/// An event of a kind that this program does not know: as it is.
fn raw(said: String, fields: &Map<String, Value>) -> String {
    if fields.is_empty() {
        return said;
    }
    let fields = one_line(&serde_json::to_string(fields).unwrap_or_default());
    if said.is_empty() { fields } else { format!("{said} {fields}") }
}

fn commit(event: &Event) -> Option<String> {
    text_field(event, "commit").map(|id| id.chars().take(10).collect())
}

fn extent(event: &Event) -> Option<String> {
    let number = |name: &str| event.fields.get(name).and_then(Value::as_u64);
    let (added, removed) = (number("lines_added")?, number("lines_removed")?);
    Some(format!("+{added} -{removed}"))
}

fn flag(event: &Event, name: &str) -> bool {
    event.fields.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// A field as text on one line, a number as well.
fn text_field(event: &Event, name: &str) -> Option<String> {
    match event.fields.get(name)? {
        Value::String(said) => Some(first_line(said)).filter(|said| !said.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// ` (a, b)` of what there is.
fn remark<const N: usize>(parts: [Option<String>; N]) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn or_else(said: String, other: Option<String>) -> String {
    if said.is_empty() { other.unwrap_or_default() } else { said }
}

fn joined_lines(said: &str) -> String {
    one_line(&said.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; "))
}

/// The first line that says something, with a mark where there are more.
fn first_line(said: &str) -> String {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = one_line(lines.next().unwrap_or_default());
    if lines.next().is_some() { first + " …" } else { first }
}

fn one_line(said: &str) -> String {
    text::line(cut(said))
}

/// The beginning of a text, at most so many bytes of it.
fn cut(said: &str) -> &str {
    let end = (0..=LONGEST.min(said.len())).rev().find(|&end| said.is_char_boundary(end)).unwrap_or(0);
    &said[..end]
}
