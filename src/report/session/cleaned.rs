//! What a clean-up would take away, and what was deleted.

use super::parts;
use crate::ops::session::delete::{Candidate, CleanedUp, Deleted};
use crate::report::look::Look;
use crate::report::style::Role;
use crate::report::table::{self, Cell};
use crate::report::{text, words};

/// Sessions that would go, with what they take.
pub fn render_candidates(candidates: &[Candidate], look: &Look) -> String {
    let rows: Vec<Vec<Cell>> = candidates.iter().map(|one| row(one, look)).collect();
    let limits = [(look.width * 3 / 10).max(10), 9, 8, 16, 9];
    let table = table::render(&rows, &limits, look.width, look.palette);
    let total: u64 = candidates.iter().filter_map(|one| one.bytes).sum();
    let checkpoints: u64 = candidates.iter().map(|one| one.checkpoints.len() as u64).sum();
    let named: u64 = candidates.iter().map(|one| one.named).sum();
    let mut out = format!(
        "{table}{} and {}, {} in all\n",
        words::count(candidates.len() as u64, "session"),
        words::count(checkpoints, "checkpoint"),
        words::bytes(total)
    );
    if named > 0 {
        out.push_str(&format!("{} with a name stay\n", words::count(named, "checkpoint")));
    }
    out
}

fn row(candidate: &Candidate, look: &Look) -> Vec<Cell> {
    let listed = &candidate.listed;
    vec![
        Cell::painted(Role::Name, text::line(listed.name.as_str())),
        Cell::plain(listed.state.as_str()),
        Cell::painted(Role::Faint, look.age(listed.changed)),
        Cell::plain(words::count(candidate.checkpoints.len() as u64, "checkpoint")),
        Cell::plain(candidate.bytes.map_or_else(|| "?".to_owned(), words::bytes)),
        Cell::plain(parts::title(&listed.record.title)),
    ]
}

/// What was cleaned up, for people.
pub fn render_cleaned(cleaned: &CleanedUp, look: &Look) -> String {
    let names: Vec<String> =
        cleaned.names.iter().map(|name| look.paint(Role::Name, &text::line(name.as_str()))).take(5).collect();
    let more = cleaned.names.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let checkpoints = words::count(cleaned.checkpoints, "checkpoint");
    format!("Deleted {}{more}, with {checkpoints}\n", names.join(", "))
}

/// A session that was deleted, for people.
pub fn render_deleted(deleted: &Deleted, look: &Look) -> String {
    let name = look.paint(Role::Name, &text::line(deleted.name.as_str()));
    let stays = match deleted.checkpoints {
        0 => String::new(),
        1 => "; its checkpoint stays".to_owned(),
        number => format!("; its {} stay", words::count(number, "checkpoint")),
    };
    format!("Deleted session {name}{stays}\n")
}
