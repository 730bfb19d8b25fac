//! The answer of `ckpt replay`: each entry with what it did, cut to the screen.
//!
//! All of it is others' text, so all of it is written out, on a terminal and off it.

use bstr::ByteSlice;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::diffed::patch;
use super::history::words;
use super::look::Look;
use super::style::{Palette, Role};
use super::words::{bytes, count};
use super::{changed, text};
use crate::model::change::Change;
use crate::model::event::{Event, EventKind};
use crate::ops::diff::{FileContent, FileDiff};
use crate::ops::history::{Changed, Detail, Entry, What};

/// What stands below an entry is set in by so much.
const INDENT: &str = "  ";

/// Lines below an entry, where no screen says how many there is room for.
const USUAL_LINES: usize = 20;
const LEAST_LINES: usize = 5;

/// A diff that is asked for on its own has at most so many.
const LONGEST_DIFF: usize = 5000;

/// More text than this is not even looked at.
const LONGEST_TEXT: usize = 64 << 10;

/// Renders a replay, entry by entry.
pub struct ReplayText {
    look: Look,
    zone: TimeZone,
    /// Lines that one entry may have below its first.
    room: usize,
}

/// Lines that are being put below an entry.
struct Below {
    lines: Vec<String>,
    /// How many were left out.
    more: usize,
    room: usize,
}

impl Below {
    fn push(&mut self, line: String) {
        if self.lines.len() < self.room { self.lines.push(line) } else { self.more += 1 }
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= self.room
    }
}

impl ReplayText {
    /// `rows` of the screen, where there is one.
    pub fn new(look: &Look, rows: Option<usize>) -> ReplayText {
        let room = rows.map_or(USUAL_LINES, |rows| rows.saturating_sub(4).max(LEAST_LINES));
        ReplayText { zone: look.zone.clone().unwrap_or_else(TimeZone::system), look: look.clone(), room }
    }

    /// An entry, what it says, and what it changed. Ends in an empty line.
    pub fn entry(&self, entry: &Entry, detail: &Detail<'_>) -> String {
        let mut below = Below { lines: Vec::new(), more: 0, room: self.room };
        match &entry.what {
            What::Event(event) => self.event(event, &mut below),
            What::Point(point) => {
                let changes = Some(&point.changes).filter(|changes| !changes.is_empty());
                let gone = if point.summary.is_none() { "dropped" } else { "" };
                let said = [changes.map_or("", String::as_str), gone].map(str::to_owned);
                let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
                self.prose(&said.join(", "), &mut below);
            }
        }
        self.changes(detail, &mut below);
        let mut out = self.first_line(entry) + "\n";
        for line in &below.lines {
            out.push_str(&format!("{INDENT}{line}\n"));
        }
        if below.more > 0 {
            let more = text::fit(&format!("… {}", count(below.more as u64, "more line")), self.width());
            out.push_str(&format!("{INDENT}{}\n", self.look.paint(Role::Faint, &more)));
        }
        out + "\n"
    }

    /// Everything that an entry changed.
    pub fn diff(&self, detail: &Detail<'_>) -> String {
        let mut below = Below { lines: Vec::new(), more: 0, room: LONGEST_DIFF };
        self.changes(detail, &mut below);
        if below.lines.is_empty() {
            return "nothing that has a diff\n\n".to_owned();
        }
        let cut =
            if below.more > 0 { format!("… {}\n", count(below.more as u64, "more line")) } else { String::new() };
        below.lines.join("\n") + "\n" + &cut + "\n"
    }

    fn width(&self) -> usize {
        self.look.width.saturating_sub(INDENT.len()).max(8)
    }

    /// How a time is written, and how wide that is.
    fn time_format(&self) -> (&'static str, usize) {
        if self.look.width >= 60 { ("%Y-%m-%d %H:%M:%S", 19) } else { ("%H:%M:%S", 8) }
    }

    /// Time, kind, and the first of what was said, as far as the screen is wide.
    fn first_line(&self, entry: &Entry) -> String {
        let time = entry.time().to_zoned(self.zone.clone()).strftime(self.time_format().0).to_string();
        let role = if words::is_failure(entry) { Role::Removed } else { Role::Heading };
        let mut parts = vec![(Some(Role::Faint), time), (Some(role), words::kind(entry))];
        match &entry.what {
            What::Point(point) => {
                let names = point.names.iter().map(text::line).collect::<Vec<_>>().join(", ");
                let id = words::short_id(entry);
                parts.push((Some(Role::Id), if names.is_empty() { id } else { format!("{id} {names}") }));
                parts.push((None, text::line(&point.subject)));
            }
            What::Event(event) => {
                let said = words::short_sentence(event);
                // What is told below need not be promised here.
                let said = if tells_more(event) { said.trim_end_matches(" …").to_owned() } else { said };
                parts.push((None, said));
            }
        }
        self.look.line(parts)
    }

    /// What of a text the first line does not say: the lines after the first, or all of it where that is too long.
    fn rest(&self, event: &Event, below: &mut Below) {
        let said = beginning(event.text.trim());
        let (first, rest) = said.split_once('\n').unwrap_or((said, ""));
        let before = self.time_format().1 + text::width(&text::line(event.kind.to_string())) + 2 * INDENT.len();
        let is_whole = before + text::width(&text::line(first)) <= self.look.width;
        self.prose(if is_whole { rest } else { said }, below);
    }

    /// What the first line has no room for.
    fn event(&self, event: &Event, below: &mut Below) {
        let fields = |names: &[&str], below: &mut Below| {
            names.iter().for_each(|name| self.field(name, event.fields.get(*name), below));
        };
        match &event.kind {
            EventKind::Next => {}
            EventKind::Tool => {
                self.rest(event, below);
                fields(&["arguments", "result", "paths"], below);
            }
            EventKind::Decision => {
                self.rest(event, below);
                self.field("why", event.fields.get("why"), below);
                self.field("instead of", event.fields.get("instead_of"), below);
            }
            EventKind::Other(_) => {
                self.rest(event, below);
                event.fields.iter().for_each(|(name, value)| self.field(name, Some(value), below));
            }
            _ => self.rest(event, below),
        }
    }

    /// A field: on one line where it is short, else below its name.
    fn field(&self, name: &str, value: Option<&Value>, below: &mut Below) {
        let name = text::line(name);
        let label = self.look.paint(Role::Faint, &format!("{name}:"));
        match value {
            None | Some(Value::Null) => {}
            Some(Value::String(said)) if !said.trim().contains('\n') => {
                let room = self.width().saturating_sub(text::width(&name) + 2).max(8);
                below.push(format!("{label} {}", text::fit(&text::line(beginning(said.trim())), room)));
            }
            Some(Value::String(said)) => {
                below.push(label);
                self.lines(said, below);
            }
            Some(Value::Object(fields)) => {
                below.push(label);
                for (name, value) in fields {
                    let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    self.lines(&format!("{name}: {}", said.trim_end()), below);
                }
            }
            Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
                let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                self.field(&name, Some(&items.join(", ").into()), below);
            }
            Some(other) => {
                let room = self.width().saturating_sub(text::width(&name) + 2).max(8);
                below.push(format!("{label} {}", text::fit(&text::line(beginning(&other.to_string())), room)));
            }
        }
    }

    /// Text whose lines mean something, each cut to the screen.
    fn lines(&self, said: &str, below: &mut Below) {
        let width = self.width().saturating_sub(INDENT.len()).max(8);
        for line in beginning(said).lines() {
            let line = text::block(line.trim_end_matches('\r'));
            below.push(format!("{INDENT}{}", text::fit(&line, width)));
        }
        below.more += said[beginning(said).len()..].lines().count();
    }

    /// Text that may be broken anywhere between words.
    fn prose(&self, said: &str, below: &mut Below) {
        for line in text::wrap(&text::block(beginning(said.trim())), self.width()).lines() {
            below.push(text::fit(line, self.width()));
        }
    }

    fn changes(&self, detail: &Detail<'_>, below: &mut Below) {
        match &detail.changed {
            Changed::Nothing => {}
            Changed::TooMany => below.push("more than 10,000 files changed".to_owned()),
            Changed::Files(changes) | Changed::Documents(changes) => {
                changes.iter().for_each(|change| self.change(change, detail, below));
            }
        }
    }

    fn change(&self, change: &Change, detail: &Detail<'_>, below: &mut Below) {
        let path = text::line(&change.path);
        // Where there is no more room, nothing is read any more.
        let diff = if below.is_full() { None } else { detail.content(change) };
        let (hunks, remark) = diff.as_ref().map(|diff| self.hunks(diff)).unwrap_or_default();
        let letter = change.letter().to_string();
        let room = self.width().saturating_sub(2 + text::width(&remark)).max(8);
        let role = changed::role_of(change.letter());
        let line = format!("{} {}{remark}", self.look.paint(role, &letter), text::fit(&path, room));
        below.push(line);
        hunks.into_iter().for_each(|line| below.push(line));
    }

    /// The hunks of a file, and how many lines they add and remove.
    fn hunks(&self, diff: &FileDiff) -> (Vec<String>, String) {
        if let FileContent::Binary { old, new } = diff.content {
            return (Vec::new(), format!("  binary, {} -> {}", bytes(old), bytes(new)));
        }
        let plain = Look { palette: Palette::default(), is_terminal: true, ..self.look.clone() };
        let patch = patch::render_file(diff, &plain);
        let lines = patch.lines().skip_while(|line| !line.starts_with(b"@@"));
        let lines: Vec<String> = lines.map(|line| line.to_str_lossy().into_owned()).collect();
        let number = |sign: char| lines.iter().filter(|line| line.starts_with(sign)).count();
        let (added, removed) = (number('+'), number('-'));
        let remark = if lines.is_empty() { String::new() } else { format!("  +{added} -{removed}") };
        (lines.iter().map(|line| self.painted(line)).collect(), remark)
    }

    /// A line of a hunk, cut to the screen.
    fn painted(&self, line: &str) -> String {
        let cut = text::fit(line, self.width());
        match line.as_bytes().first() {
            Some(b'+') => self.look.paint(Role::Added, &cut),
            Some(b'-') => self.look.paint(Role::Removed, &cut),
            Some(b'@') => self.look.paint(Role::Hunk, &cut),
            _ => cut,
        }
    }
}

/// Whether the lines after the first are told below it.
fn tells_more(event: &Event) -> bool {
    event.kind != EventKind::Next
}

/// As much of a text as is looked at.
fn beginning(said: &str) -> &str {
    let end = (0..=LONGEST_TEXT.min(said.len())).rev().find(|&end| said.is_char_boundary(end)).unwrap_or(0);
    &said[..end]
}
