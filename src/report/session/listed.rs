//! The answer of `ckpt session list`: one line a session.

use super::parts;
use crate::model::session::SessionState;
use crate::ops::session::list::{ListedSession, SessionList};
use crate::ops::session::standing::Place;
use crate::report::look::Look;
use crate::report::style::Role;
use crate::report::table::{self, Cell};
use crate::report::{text, words};

/// The table, for people; with `is_verbose` more lines below each.
pub fn render(list: &SessionList, is_verbose: bool, look: &Look) -> String {
    let rows: Vec<Vec<Cell>> = list.sessions.iter().map(|session| row(session, look)).collect();
    let limits = [1, (look.width * 3 / 10).max(10), 9, 8, 5, (look.width / 5).max(8)];
    let table = table::render(&rows, &limits, look.width, look.palette);
    if !is_verbose {
        return table;
    }
    let lines = table.lines().zip(&list.sessions);
    lines.map(|(line, session)| format!("{line}\n{}", details(session, look))).collect()
}

fn row(session: &ListedSession, look: &Look) -> Vec<Cell> {
    let role = match session.state {
        SessionState::Active => Role::Added,
        SessionState::New | SessionState::Paused => Role::Changed,
        SessionState::Complete | SessionState::Archived | SessionState::Cancelled => Role::Faint,
    };
    let mark = if session.place == Place::Current { "*" } else { "" };
    let count = session.record.sequence;
    let branch = session.record.details.branch.as_ref().map(text::line).unwrap_or_default();
    vec![
        Cell::painted(Role::Added, mark),
        Cell::painted(Role::Name, text::line(session.name.as_str())),
        Cell::painted(role, session.state.as_str()),
        Cell::painted(Role::Faint, look.age(session.changed)),
        Cell::plain(if count > 0 { count.to_string() } else { "-".to_owned() }),
        Cell::plain(branch),
        Cell::plain(parts::title(&session.record.title)),
    ]
}

/// What else is known of it: facts on one line, the task on another.
fn details(session: &ListedSession, look: &Look) -> String {
    let details = &session.record.details;
    let place = match &session.place {
        Place::Elsewhere { worktree, .. } if worktree.is_empty() => Some("in the main work tree".to_owned()),
        Place::Elsewhere { worktree, .. } => Some(format!("in the work tree {}", text::line(worktree))),
        Place::Interrupted { by } => Some(format!("interrupted by {}", text::line(by.as_str()))),
        Place::Current | Place::Away => None,
    };
    let facts = [
        place,
        Some(format!("begun {}", look.since(session.record.created))),
        details.parent.as_ref().map(|parent| format!("from {}", text::line(parent))),
        details.template.as_ref().map(|template| format!("template {}", text::line(&template.name))),
        (!details.variables.is_empty()).then(|| words::count(details.variables.len() as u64, "variable")),
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let mut out = format!("     {}\n", look.paint(Role::Faint, &text::fit(&facts.join("; "), look.width - 5)));
    if let Some(task) = &details.task {
        out.push_str(&format!("     {}\n", parts::item(task, 5, look)));
    }
    out
}
