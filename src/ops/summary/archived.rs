//! Finished sessions, a line each: when, what, how it ended.

use serde_json::Value;

use crate::model::event::EventKind;
use crate::model::name::Name;
use crate::ops::{OpError, Repo};
use crate::store::session::{self, Session, find_sound_session};
use crate::store::session_events;
use crate::summary::item::one_line;
use crate::summary::line::{Line, Part};

/// So many sessions are looked at.
const MOST: usize = 200;
const LONGEST: usize = 160;

/// The other sessions that are finished; with `own` this one too, whatever its state.
pub(super) fn lines(repo: &Repo, name: &Name, own: Option<&Session>, is_own: bool) -> Result<Vec<Line>, OpError> {
    let mut lines = Vec::new();
    if is_own && let Some(session) = own {
        lines.push(line(repo, session));
        return Ok(lines);
    }
    for (full, tip) in repo.store.list_refs(session::REFS)?.into_iter().take(MOST) {
        if full[session::REFS.len()..] == *name.as_str() {
            continue;
        }
        let Some(session) = find_sound_session(&repo.store, &tip)? else { continue };
        if session.record.details.state.is_closed() {
            lines.push(line(repo, &session));
        }
    }
    lines.sort_by_key(|line| line.time);
    Ok(lines)
}

fn line(repo: &Repo, session: &Session) -> Line {
    let record = &session.record;
    let state = match record.details.state.as_str() {
        "complete" => "completed",
        "active" => "goes on",
        other => other,
    };
    let day = record.created.strftime("%Y-%m-%d");
    let outcome = outcome(repo, session).map(|text| format!(": {}", one_line(&text, LONGEST))).unwrap_or_default();
    Line {
        text: format!("Session {day}: {} {state}{outcome}", one_line(&record.title, LONGEST)),
        part: Part::Archived,
        weight: 50,
        sources: vec![session.tip.to_string()],
        count: 1,
        layer: 4,
        is_kept: false,
        time: record.details.closed.unwrap_or(record.created),
        reasons: Vec::new(),
    }
}

/// What was said at the end: the last word on how the session ended.
fn outcome(repo: &Repo, session: &Session) -> Option<String> {
    const LOOKED_AT: usize = 200;
    let events = session_events::events(&repo.store, session).rev().take(LOOKED_AT).filter_map(Result::ok);
    let mut ends = events.filter(|event| event.kind == EventKind::Session);
    let last = ends.next()?;
    let field = |name: &str| last.fields.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    field("outcome").or_else(|| field("summary")).or_else(|| field("note")).map(str::to_owned)
}
