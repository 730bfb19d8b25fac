//! The answer of `ckpt expand`: what a line stands for, an event with its fields, or a diff.

use serde_json::Value;

use super::diffed::{MOST_FILES_WITH_LINES, patch, stat};
use super::look::Look;
use super::style::Role;
use super::text;
use crate::model::event::Event;
use crate::ops::summary::expand::Expanded;
use crate::summary::line::Line;

/// For people; a patch keeps its bytes.
pub fn render(expanded: &Expanded, look: &Look) -> Vec<u8> {
    match expanded {
        Expanded::Line { line, items, more } => of_line(line, items, *more, look).into_bytes(),
        Expanded::Event(event) => of_event(event, look).into_bytes(),
        Expanded::Change { id, message, diffed, .. } => {
            let mut out =
                format!("{} {}\n\n", look.paint(Role::Heading, "commit"), look.paint(Role::Id, &id.to_string()));
            for line in text::block(message.trim_end()).lines() {
                out.push_str(&format!("    {line}\n"));
            }
            out.push('\n');
            let mut out = out.into_bytes();
            if diffed.files.len() <= MOST_FILES_WITH_LINES {
                out.extend(patch::render(diffed, look));
            } else {
                out.extend(stat::render(diffed, look).into_bytes());
            }
            out
        }
    }
}

/// The commit that an event is about, in short.
pub fn commit_of(expanded: &Expanded) -> Option<String> {
    let Expanded::Event(event) = expanded else { return None };
    let id = event.fields.get("commit").and_then(Value::as_str)?;
    let is_id = id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| id[..10].to_owned())
}

fn of_line(line: &Line, items: &[Line], more: usize, look: &Look) -> String {
    let mut out = format!("{}\n\n", look.paint(Role::Heading, &text::line(&line.text)));
    for item in items {
        let id = item.sources.first().map(|id| id.chars().take(12).collect::<String>()).unwrap_or_default();
        let time = item.time.strftime("%Y-%m-%d %H:%M");
        out.push_str(&format!(
            "{}  {}  {}\n",
            look.paint(Role::Id, &id),
            look.paint(Role::Faint, &time.to_string()),
            text::line(&item.text)
        ));
    }
    if more > 0 {
        out.push_str(&format!("and {more} more\n"));
    }
    out
}

fn of_event(event: &Event, look: &Look) -> String {
    let mut out = format!("{} {}\n", look.paint(Role::Id, &event.id), text::line(event.kind.as_str()));
    let mut field = |name: &str, value: &str| {
        let shown = text::block(value).replace('\n', "\n  ");
        out.push_str(&format!("{}: {shown}\n", look.paint(Role::Faint, &text::line(name))));
    };
    field("time", &event.time.to_string());
    field("text", &event.text);
    for (name, value) in &event.fields {
        match value {
            Value::String(text) => field(name, text),
            other => field(name, &other.to_string()),
        }
    }
    out
}
