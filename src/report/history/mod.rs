//! The answer of `ckpt log`: entries newest first, by day, each on one line, with the lanes of the sessions beside them.
//!
//! Entries are rendered one by one as they come, so columns have fixed widths.

pub mod graph;
pub mod words;

use std::rc::Rc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::look::Look;
use super::style::Role;
use super::text;
use crate::model::checkpoint::CheckpointKind;
use crate::model::event::EventKind;
use crate::ops::history::{Entry, What};
use graph::{Drawn, Graph, Place};

const GAP: &str = "  ";

/// The longest name of a session that is shown whole.
const LONGEST_SESSION: usize = 12;

/// Renders a timeline, entry by entry.
pub struct TimelineText {
    look: Look,
    zone: TimeZone,
    graph: Option<Graph>,
    /// Columns of the session's name; 0 where there is only one session.
    session: usize,
    day: Option<Date>,
}

/// What is known of an entry's session beside the entry.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The sessions that it interrupted, one in another, the outermost first.
    pub ancestors: &'a [Rc<str>],
    /// Nothing of the session comes after this entry.
    pub is_first: bool,
}

impl TimelineText {
    /// `longest` is the length of the longest name of a session, 0 where there is only one.
    pub fn new(look: &Look, with_graph: bool, longest: usize) -> TimelineText {
        TimelineText {
            zone: look.zone.clone().unwrap_or_else(TimeZone::system),
            look: look.clone(),
            graph: with_graph.then(|| Graph::new(look.width / 4)),
            session: longest.min(LONGEST_SESSION),
            day: None,
        }
    }

    /// One more entry.
    pub fn entry(&mut self, entry: &Entry, around: Around<'_>) -> String {
        let mut out = self.heading(entry);
        let drawn = self.draw(entry, around);
        drawn.above.iter().for_each(|line| out.push_str(&format!("{line}\n")));
        out.push_str(&drawn.beside);
        out.push_str(&self.row(entry, text::width(&plain_of(&drawn.beside))));
        out.push('\n');
        drawn.below.iter().for_each(|line| out.push_str(&format!("{line}\n")));
        out
    }

    fn draw(&mut self, entry: &Entry, around: Around<'_>) -> Drawn {
        let Some(graph) = &mut self.graph else { return Drawn { beside: GAP.to_owned(), ..Drawn::default() } };
        let place = Place {
            session: &entry.session,
            ancestors: around.ancestors,
            is_point: matches!(entry.what, What::Point(_)),
            joins: entry.joins.as_deref(),
            branches: entry.branches.as_deref(),
            is_first: around.is_first && around.ancestors.is_empty(),
        };
        graph.draw(&place, &self.look)
    }

    /// The day, where it is another than that of the entry before.
    fn heading(&mut self, entry: &Entry) -> String {
        let day = entry.time().to_zoned(self.zone.clone()).date();
        if self.day == Some(day) || self.day.is_some() && entry.time() == Timestamp::UNIX_EPOCH {
            return String::new();
        }
        let is_first = self.day.replace(day).is_none();
        let today = self.look.now.to_zoned(self.zone.clone()).date();
        let near = match () {
            () if day == today => ", today",
            () if today.yesterday().is_ok_and(|before| day == before) => ", yesterday",
            () => "",
        };
        let heading = text::fit(&format!("{}{near}", day.strftime("%a %Y-%m-%d")), self.look.width);
        let beside = self.graph.as_ref().map(|graph| graph.between(&self.look)).unwrap_or_default();
        let gap = if is_first { String::new() } else { format!("{}\n", beside.trim_end()) };
        format!("{gap}{beside}{}\n", self.look.paint(Role::Heading, &heading))
    }

    /// The entry after `taken` columns of lanes. What a narrow screen has no room for is left out, from the id on.
    fn row(&self, entry: &Entry, taken: usize) -> String {
        const TIME: usize = 5;
        const KIND: usize = 10;
        const ID: usize = 10;
        let width = self.look.width.saturating_sub(taken);
        let session = if width >= 50 { self.session } else { 0 };
        let id = if width >= 60 { ID } else { 0 };
        let time = if width >= 36 { TIME } else { 0 };
        let kind = if width >= 24 { KIND } else { 0 };
        let is_known = entry.time() != Timestamp::UNIX_EPOCH;
        let clock = if is_known { "%H:%M" } else { "--:--" };
        let clock = entry.time().to_zoned(self.zone.clone()).strftime(clock).to_string();
        let cells = [
            (time, Some(Role::Faint), clock),
            (id, Some(id_role(entry)), words::short_id(entry)),
            (session, Some(Role::Hunk), text::line(&*entry.session)),
            (kind, kind_role(entry), words::kind(entry)),
        ];
        let mut line = String::new();
        let mut left = width;
        for (columns, role, cell) in cells.into_iter().filter(|(columns, ..)| *columns > 0) {
            let cell = text::fit(&cell, columns);
            let padding = " ".repeat(columns - text::width(&cell)) + GAP;
            line.push_str(&role.map_or_else(|| cell.clone(), |role| self.look.paint(role, &cell)));
            line.push_str(&padding);
            left = left.saturating_sub(columns + GAP.len());
        }
        line.push_str(&self.said(entry, left));
        line.trim_end().to_owned()
    }

    /// What it says, a checkpoint's names first.
    fn said(&self, entry: &Entry, columns: usize) -> String {
        let names = match &entry.what {
            What::Point(point) => point.names.iter().map(text::line).collect::<Vec<_>>().join(", "),
            What::Event(_) => String::new(),
        };
        let names = text::fit(&names, columns);
        let taken = if names.is_empty() { 0 } else { text::width(&names) + GAP.len() };
        let said = text::fit(&words::sentence(entry), columns.saturating_sub(taken));
        let painted = match said_role(entry) {
            Some(role) => self.look.paint(role, &said),
            None => said,
        };
        if names.is_empty() { painted } else { format!("{}{GAP}{painted}", self.look.paint(Role::Name, &names)) }
    }
}

/// Only what can be shown and loaded catches the eye.
fn id_role(entry: &Entry) -> Role {
    if matches!(entry.what, What::Point(_)) { Role::Id } else { Role::Faint }
}

fn kind_role(entry: &Entry) -> Option<Role> {
    match &entry.what {
        _ if words::is_failure(entry) => Some(Role::Removed),
        What::Point(point) if point.kind == CheckpointKind::Safety => Some(Role::Faint),
        What::Point(_) => Some(Role::Heading),
        What::Event(event) if matches!(event.kind, EventKind::Decision | EventKind::Issue) => Some(Role::Changed),
        What::Event(_) => None,
    }
}

fn said_role(entry: &Entry) -> Option<Role> {
    match &entry.what {
        What::Point(point) if point.kind == CheckpointKind::Safety || point.summary.is_none() => Some(Role::Faint),
        _ => None,
    }
}

/// A drawing without its colours.
fn plain_of(drawn: &str) -> String {
    let mut plain = String::new();
    let mut rest = drawn;
    while let Some((before, after)) = rest.split_once('\x1b') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}
