//! What several answers about sessions say the same way.

use crate::ops::session::artifacts::ArtifactKind;
use crate::ops::session::portrait::{Checklist, Portrait};
use crate::ops::session::totals::Totals;
use crate::report::look::Look;
use crate::report::style::Role;
use crate::report::{text, words};

/// So many items of a list are shown.
pub(super) const SHOWN: usize = 10;

/// The least that is left for the text of a line.
const LEAST: usize = 20;

/// A title on one line.
pub(super) fn title(title: &str) -> String {
    text::line(title.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The first line of an item, cut to what is left after `taken` columns.
pub(super) fn item(item: &str, taken: usize, look: &Look) -> String {
    let line = item.lines().next().unwrap_or_default();
    text::fit(&text::line(line), look.width.saturating_sub(taken).max(LEAST))
}

/// `- item` for each, at most [`SHOWN`]; the heading before them. Nothing where there are none.
pub(super) fn push_list(out: &mut String, heading: &str, items: &[String], look: &Look) {
    if items.is_empty() {
        return;
    }
    out.push_str(&format!("{}\n", look.paint(Role::Heading, heading)));
    for one in items.iter().take(SHOWN) {
        out.push_str(&format!("  - {}\n", item(one, 4, look)));
    }
    push_more(out, items.len());
}

/// `… and 3 more`.
pub(super) fn push_more(out: &mut String, count: usize) {
    if count > SHOWN {
        out.push_str(&format!("  … and {} more\n", count - SHOWN));
    }
}

/// What was done, in numbers; nothing that is none.
pub(super) fn work(totals: &Totals, commits: Option<u64>) -> String {
    let count = |number: u64, one: &str| (number > 0).then(|| words::count(number, one));
    let commits = commits.unwrap_or(0).max(totals.commits);
    let parts = [
        count(totals.checkpoints, "checkpoint"),
        count(commits, "commit"),
        count(totals.prompts, "prompt"),
        count(totals.tool_calls, "tool call"),
        count(totals.commands, "command"),
        count(totals.failures, "failure"),
        count(totals.notes, "note"),
        count(totals.decisions, "decision"),
        count(totals.issues, "issue"),
        (totals.todos > 0).then(|| format!("{} of {} done", totals.todos_done, words::count(totals.todos, "to-do"))),
    ];
    let told: Vec<String> = parts.into_iter().flatten().collect();
    if told.is_empty() { "nothing on record".to_owned() } else { told.join(", ") }
}

/// `2 h 5 min`.
pub(super) fn span(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => "under a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// `5 files changed since the start: 3 code, 1 tests, 1 docs`; nothing where none are.
pub(super) fn artifacts(portrait: &Portrait) -> Option<String> {
    let total: usize = portrait.artifacts.values().map(Vec::len).sum();
    let kinds = ArtifactKind::ALL.iter().filter_map(|kind| Some((kind, portrait.artifacts.get(kind)?.len())));
    let kinds: Vec<String> = kinds.map(|(kind, number)| format!("{number} {}", kind.as_str())).collect();
    (total > 0).then(|| format!("{} changed since the start: {}", words::count(total as u64, "file"), kinds.join(", ")))
}

/// `3 of 12 items done`; nothing without a plan.
pub(super) fn progress(checklist: &Checklist) -> Option<String> {
    (checklist.total() > 0).then(|| format!("{} of {} done", checklist.done, words::count(checklist.total(), "item")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_work_are_said_in_words() {
        assert_eq!(
            [0, 59, 60, 3600, 7500].map(span),
            ["under a minute", "under a minute", "1 min", "1 h", "2 h 5 min"]
        );
        assert_eq!(work(&Totals::default(), None), "nothing on record");
        let totals = Totals { checkpoints: 1, commits: 1, todos: 2, todos_done: 1, ..Totals::default() };
        assert_eq!(work(&totals, Some(3)), "1 checkpoint, 3 commits, 1 of 2 to-dos done");
    }

    #[test]
    fn titles_are_one_line_that_harms_nobody() {
        assert_eq!(title("a\nb\t c\u{1b}[2J"), "a b c\\x1b[2J");
    }
}
