//! What a rendering has to know of the reader: colours, width, the time and the time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::style::{Palette, Role};
use super::{text, words};

/// How to render for people.
#[derive(Clone, Debug)]
pub struct Look {
    pub palette: Palette,
    pub width: usize,
    pub now: Timestamp,
    /// `None` for that of the system, which is looked up only when a time of day is shown.
    pub zone: Option<TimeZone>,
    /// The reader is a terminal: bytes that it would obey are written out.
    pub is_terminal: bool,
}

impl Look {
    /// `text` in the colours of `role`.
    pub fn paint(&self, role: Role, text: &str) -> String {
        self.palette.paint(role, text)
    }

    /// Displayed texts on one line with gaps between them, no wider than the screen: what has no room is left out.
    pub fn line(&self, parts: impl IntoIterator<Item = (Option<Role>, String)>) -> String {
        let (mut line, mut room) = (String::new(), self.width);
        for (role, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
            let gap = if line.is_empty() { 0 } else { 2 };
            let part = text::fit(&part, room.saturating_sub(gap));
            if part.is_empty() {
                break;
            }
            room = room.saturating_sub(gap + text::width(&part));
            line.push_str(&" ".repeat(gap));
            line.push_str(&role.map_or_else(|| part.clone(), |role| self.paint(role, &part)));
        }
        line
    }

    /// `2m ago`.
    pub fn age(&self, then: Timestamp) -> String {
        words::age(then, self.now)
    }

    /// [`Look::age`] within a sentence: `just now` and not `now`.
    pub fn since(&self, then: Timestamp) -> String {
        let age = self.age(then);
        if age == "now" { "just now".to_owned() } else { age }
    }

    /// `2026-11-21 09:00:12`, in the reader's time zone.
    pub fn moment(&self, then: Timestamp) -> String {
        then.to_zoned(self.zone.clone().unwrap_or_else(TimeZone::system)).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// What a pipe sees: no colour, 80 columns.
    pub fn plain(now: Timestamp) -> Look {
        Look { palette: Palette::default(), width: 80, now, zone: Some(TimeZone::UTC), is_terminal: false }
    }
}
