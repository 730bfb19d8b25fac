//! What was done in a session, in numbers. Pure: moments in, newest first, sums out; nothing of them is kept but hashes
//! of paths.
//!
//! Time is active where one moment follows another within [`IDLE`]. A longer gap counts for [`LEAD`]: the work that led
//! to what ended it. While a session is paused, closed or interrupted nothing counts.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use jiff::{SignedDuration, Timestamp};

use crate::model::event::{Event, EventKind};

/// After so long without a moment nobody was at work.
pub const IDLE: SignedDuration = SignedDuration::from_mins(30);

/// So much of a longer gap was work.
pub const LEAD: SignedDuration = SignedDuration::from_mins(5);

/// The sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub prompts: u64,
    pub commands: u64,
    pub tool_calls: u64,
    /// Tool calls and commands that failed, and failures that were reported.
    pub failures: u64,
    /// Different paths that tools read.
    pub files_read: u64,
    /// Different paths that tools wrote.
    pub files_written: u64,
    pub checkpoints: u64,
    /// Commits that hooks heard of.
    pub commits: u64,
    pub notes: u64,
    pub decisions: u64,
    pub issues: u64,
    pub todos: u64,
    pub todos_done: u64,
    /// Events of every kind.
    pub events: u64,
    /// Seconds.
    pub active: u64,
}

/// Adds moments up, the newest first.
#[derive(Debug, Default)]
pub struct Tally {
    totals: Totals,
    /// The moment after the one that comes next.
    later: Option<Timestamp>,
    active: SignedDuration,
    read: HashSet<u64>,
    written: HashSet<u64>,
}

impl Tally {
    /// `now` for a session that is being worked in: the time since its last moment counts as well.
    pub fn new(now: Option<Timestamp>) -> Tally {
        Tally { later: now, ..Tally::default() }
    }

    /// A checkpoint that was not taken for safety.
    pub fn save(&mut self, time: Timestamp) {
        self.totals.checkpoints += 1;
        self.moment(time, false);
    }

    pub fn event(&mut self, event: &Event) {
        self.moment(event.time, is_leaving(event));
        let totals = &mut self.totals;
        totals.events += 1;
        let counter = match event.kind {
            EventKind::Prompt => &mut totals.prompts,
            EventKind::Command => &mut totals.commands,
            EventKind::Tool => &mut totals.tool_calls,
            EventKind::Failure => &mut totals.failures,
            EventKind::Commit => &mut totals.commits,
            EventKind::Note => &mut totals.notes,
            EventKind::Decision => &mut totals.decisions,
            EventKind::Issue => &mut totals.issues,
            EventKind::Todo if !event.fields.contains_key("action") => &mut totals.todos,
            EventKind::TodoDone => &mut totals.todos_done,
            _ => return,
        };
        *counter += 1;
        if has_failed(event) {
            totals.failures += 1;
        }
        if event.kind == EventKind::Tool {
            self.paths(event);
        }
    }

    fn moment(&mut self, time: Timestamp, is_leaving: bool) {
        if let Some(later) = self.later.replace(time)
            && !is_leaving
        {
            let gap = later.duration_since(time);
            self.active += if gap > IDLE { LEAD } else { gap.max(SignedDuration::ZERO) };
        }
    }

    fn paths(&mut self, event: &Event) {
        let paths = event.fields.get("paths").and_then(|paths| paths.as_array());
        let tool = event.fields.get("name").and_then(|name| name.as_str()).unwrap_or_default().to_lowercase();
        let is_writing = ["write", "edit", "patch", "create", "replace"].iter().any(|word| tool.contains(word));
        for path in paths.into_iter().flatten() {
            let mut hasher = DefaultHasher::new();
            path.as_str().hash(&mut hasher);
            let set = if is_writing { &mut self.written } else { &mut self.read };
            set.insert(hasher.finish());
        }
    }

    pub fn totals(self) -> Totals {
        Totals {
            files_read: self.read.len() as u64,
            files_written: self.written.len() as u64,
            active: u64::try_from(self.active.as_secs()).unwrap_or(0),
            ..self.totals
        }
    }
}

/// Nobody works in the session after it.
fn is_leaving(event: &Event) -> bool {
    let state = event.fields.get("state").and_then(|state| state.as_str());
    match event.kind {
        EventKind::Session => matches!(state, Some("paused" | "completed" | "cancelled" | "archived")),
        EventKind::Branch => true,
        _ => false,
    }
}

fn has_failed(event: &Event) -> bool {
    match event.kind {
        EventKind::Tool => event.fields.get("failed").and_then(|failed| failed.as_bool()).unwrap_or(false),
        EventKind::Command => event.fields.get("exit").and_then(|exit| exit.as_i64()).is_some_and(|exit| exit != 0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn event(minute: i64, kind: EventKind) -> Event {
        Event::new(at(minute), kind, "x", 1)
    }

    fn state(minute: i64, state: &str) -> Event {
        event(minute, EventKind::Session).with("state", Some(state))
    }

    fn active(events: &[Event], now: Option<i64>) -> u64 {
        let mut tally = Tally::new(now.map(at));
        events.iter().rev().for_each(|event| tally.event(event));
        tally.totals().active / 60
    }

    #[test]
    fn time_within_reach_of_a_moment_is_active_and_a_long_gap_is_not() {
        let note = |minute| event(minute, EventKind::Note);
        assert_eq!(active(&[note(0), note(10), note(30)], None), 30);
        assert_eq!(active(&[note(0), note(10), note(300), note(310)], None), 25);
        assert_eq!(active(&[note(0)], Some(12)), 12);
        assert_eq!(active(&[], Some(12)), 0);
    }

    #[test]
    fn a_pause_counts_for_nothing_and_a_clock_that_goes_back_neither() {
        let events = [state(0, "started"), state(20, "paused"), state(25, "resumed"), state(35, "completed")];
        assert_eq!(active(&events, Some(400)), 30);
        assert_eq!(active(&[event(10, EventKind::Note), event(0, EventKind::Note)], None), 0);
        let interrupted = [event(0, EventKind::Note), event(10, EventKind::Branch), event(15, EventKind::Return)];
        assert_eq!(active(&interrupted, None), 10);
    }

    #[test]
    fn what_agents_did_is_counted_by_kind_and_path() {
        let tool = |name: &str, path: &str, failed: bool| {
            let event = event(0, EventKind::Tool).with("name", Some(name)).with("failed", Some(failed));
            event.with("paths", Some(vec![path]))
        };
        let mut tally = Tally::new(None);
        for event in [tool("Read", "a", false), tool("Read", "a", false), tool("Edit", "b", true)] {
            tally.event(&event);
        }
        tally.event(&event(0, EventKind::Command).with("exit", Some(2)));
        tally.save(at(0));
        let totals = tally.totals();
        assert_eq!((totals.tool_calls, totals.commands, totals.failures), (3, 1, 2));
        assert_eq!((totals.files_read, totals.files_written, totals.checkpoints), (1, 1, 1));
    }
}
