//! Events and checkpoints of a session as items of a summary.

use bstr::ByteSlice;
use jiff::Timestamp;
use serde_json::Value;

use crate::model::commit::Commit;
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::summary::item::{Extent, Item};

/// Of a text no more is ever looked at, in bytes: whoever wants all of it unfolds the line.
const LONGEST: usize = 4096;
const MOST_PATHS: usize = 50;

/// An event as an item.
pub(super) fn of_event(event: &Event) -> Item {
    let text = |name: &str| event.fields.get(name).and_then(Value::as_str);
    let mut kind = event.kind.clone();
    // A to-do that was moved is no new one.
    if kind == EventKind::Todo && text("action").is_some() {
        kind = EventKind::Context;
    }
    let mut item = Item::new(event.id.clone(), event.time, kind, bounded(&event.text));
    match &item.kind {
        EventKind::Decision => item.body = reasons(text("why"), text("instead_of")),
        EventKind::Tool => item.text = of_tool(&item.text, text("name")),
        EventKind::Check => item.text = or_field(item.text, text("item")),
        EventKind::Pin | EventKind::Unpin => item.about = text("about").map(bounded),
        EventKind::Return => item.body = text("outcome").map(bounded).unwrap_or_default(),
        _ => {}
    }
    item.is_failed = is_failed(event);
    item.paths = paths(event);
    let number =
        |name: &str| event.fields.get(name).and_then(Value::as_u64).map_or(0, |number| number.min(1 << 30) as u32);
    item.extent = Extent { files: number("files"), added: number("lines_added"), removed: number("lines_removed") };
    item
}

fn reasons(why: Option<&str>, instead_of: Option<&str>) -> String {
    let why = why.map(|why| format!("because {}", bounded(why)));
    let instead = instead_of.map(|other| format!("instead of {}", bounded(other)));
    [why, instead].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn of_tool(text: &str, name: Option<&str>) -> String {
    match name {
        Some(name) if !text.starts_with(name) => format!("{}: {text}", bounded(name)),
        _ => text.to_owned(),
    }
}

fn or_field(text: String, field: Option<&str>) -> String {
    if text.is_empty() { field.map(bounded).unwrap_or_default() } else { text }
}

fn is_failed(event: &Event) -> bool {
    let field = |name: &str| event.fields.get(name);
    field("failed").and_then(Value::as_bool) == Some(true)
        || field("exit").and_then(Value::as_i64).is_some_and(|code| code != 0)
        || event.kind.as_str() == "check" && field("state").and_then(Value::as_str) == Some("undone")
}

fn paths(event: &Event) -> Vec<String> {
    let listed = event.fields.get("paths").and_then(Value::as_array);
    let listed = listed.into_iter().flatten().filter_map(Value::as_str);
    listed.take(MOST_PATHS).map(bounded).collect()
}

/// The beginning of a text.
pub(super) fn bounded(text: &str) -> String {
    let end = (0..=LONGEST.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text[..end].to_owned()
}

/// The checkpoint that a commit of a session's chain tells of, and its place in the session.
pub(super) fn of_chain(commit: &Commit) -> (Option<Item>, u64) {
    let trailer = |key: &str| commit.trailer(key).and_then(|text| text.to_str().ok());
    let sequence = trailer("Ckpt-Sequence").and_then(|text| text.parse().ok()).unwrap_or(0);
    (saved(commit), sequence)
}

/// `save 4f2a01b2c3 "login works" (3 modified)`.
fn saved(commit: &Commit) -> Option<Item> {
    let subject = commit.subject().to_str_lossy();
    let rest = subject.strip_prefix("save ")?;
    let (short, said) = rest.split_once(' ')?;
    let id = commit.trailer("Ckpt-Latest").and_then(|text| ObjectId::from_hex(text))?;
    let text = said.trim_start_matches('"').replacen("\" (", " (", 1);
    let text = text.strip_suffix('"').unwrap_or(&text);
    let time = Timestamp::from_second(commit.committer.seconds).ok()?;
    let is_same = id.to_string().starts_with(short);
    is_same.then(|| Item::new(id.to_string(), time, EventKind::Checkpoint, bounded(text)))
}
