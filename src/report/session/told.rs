//! What came of starting, moving and naming sessions.

use super::parts;
use crate::model::session::{MAIN, SessionState};
use crate::ops::load::Loaded;
use crate::ops::session::edit::{Renamed, VariableSet};
use crate::ops::session::elsewhere::MovedFiles;
use crate::ops::session::moves::Moved;
use crate::ops::session::start::Started;
use crate::report::look::Look;
use crate::report::style::Role;
use crate::report::{loaded, text, words};

/// A session that was started, for people.
pub fn render_started(started: &Started, look: &Look) -> String {
    if let Some(moved) = &started.resumed {
        return render_moved(moved, None, look);
    }
    let name = look.paint(Role::Name, &text::line(started.name.as_str()));
    let title = parts::item(&parts::title(&started.title), text::width(started.name.as_str()) + 18, look);
    let mut out = format!("Started session {name}: {title}\n");
    let from = started.moved.as_ref().map(|moved| text::line(&moved.from));
    match (&started.branch, from) {
        (Some(branch), None) => out.push_str(&format!("  on its new git branch {}\n", text::line(branch))),
        (Some(branch), Some(from)) => {
            out.push_str(&format!("  on its new git branch {}, from {from}\n", text::line(branch)));
        }
        (None, Some(from)) => out.push_str(&format!("  at {from}, with HEAD detached\n")),
        (None, None) => {}
    }
    if let Some(template) = &started.template {
        out.push_str(&format!("  by the template {}; `ckpt progress` shows its plan\n", text::line(&template.name)));
    }
    if let Some(paused) = &started.paused {
        out.push_str(&format!("  {} is paused\n", text::line(paused.as_str())));
    }
    if let Some(moved) = &started.moved {
        out.push_str(&of_kept(moved, look));
    }
    out
}

/// What was there before a clean tree was laid out.
fn of_kept(moved: &MovedFiles, look: &Look) -> String {
    let id = look.paint(Role::Id, &moved.kept.short());
    let place = match &moved.kept_branch {
        Some(branch) => format!("on {}", text::line(branch)),
        None => "with HEAD detached".to_owned(),
    };
    let changes = match moved.kept_changes.total() {
        0 => String::new(),
        _ => format!(", {}", words::changes(&moved.kept_changes)),
    };
    let operation = moved.operation.as_ref().map(|kind| format!(", in a {kind}")).unwrap_or_default();
    let kept = format!("  what was there is checkpoint {id}: {place}{changes}{operation}\n");
    let back = format!("  `ckpt undo` goes back to it, and later `ckpt load {} --head`\n", moved.kept.short());
    format!("{kept}{back}{}", loaded::left_alone(&moved.loaded))
}

/// What to type after a start.
pub fn start_hints(started: &Started) -> Vec<String> {
    match &started.resumed {
        Some(moved) => move_hints(moved, false),
        None => vec!["complete it with `ckpt session close`, or leave it with `ckpt session pause`".to_owned()],
    }
}

/// A session that moved, for people.
pub fn render_moved(moved: &Moved, loaded: Option<&Loaded>, look: &Look) -> String {
    let name = look.paint(Role::Name, &text::line(moved.name.as_str()));
    if moved.unchanged && loaded.is_none() {
        return format!("Session {name} is the current one already\n");
    }
    let verb = match moved.to {
        SessionState::Active if moved.unchanged => "is the current one",
        SessionState::Active => "is the current one again",
        SessionState::Paused => "is paused",
        SessionState::Cancelled => "is cancelled",
        SessionState::Archived => "is archived",
        SessionState::Complete => "is complete",
        SessionState::New => "is new",
    };
    let mut out = format!("Session {name} {verb}\n");
    if let Some(paused) = &moved.paused {
        out.push_str(&format!("  {} is paused\n", text::line(paused.as_str())));
    }
    if moved.to != SessionState::Active && moved.from == SessionState::Active {
        out.push_str(&format!("  the current session is {}\n", text::line(moved.current.as_str())));
    }
    if let Some(loaded) = loaded {
        let changes = words::changes(&loaded.counts);
        out.push_str(&format!("  loaded {}: {changes}\n", look.paint(Role::Id, &loaded.target.short())));
    }
    out
}

/// What to type after a move.
pub fn move_hints(moved: &Moved, is_loaded: bool) -> Vec<String> {
    let name = &moved.name;
    match moved.to {
        SessionState::Paused => vec![format!("go on with it: `ckpt session resume {name}`")],
        SessionState::Cancelled | SessionState::Archived => {
            vec![format!(
                "take it up again with `ckpt session resume {name}`, or delete it with `ckpt session delete {name}`"
            )]
        }
        SessionState::Active if !is_loaded => resume_hints(moved),
        _ => Vec::new(),
    }
}

/// Files stayed where they were; the work may be elsewhere.
fn resume_hints(moved: &Moved) -> Vec<String> {
    let name = &moved.name;
    let mut hints = Vec::new();
    if let Some(branch) = &moved.branch_elsewhere {
        hints.push(format!("its git branch is {branch}: `git switch {branch}`"));
    }
    if moved.latest.is_some() && moved.from != SessionState::Active {
        hints.push(format!("the files are as they were; its last ones come back with `ckpt load {name}@`"));
    }
    hints
}

/// A new title, for people.
pub fn render_renamed(renamed: &Renamed, look: &Look) -> String {
    let name = look.paint(Role::Name, &text::line(renamed.name.as_str()));
    let title = parts::item(&parts::title(&renamed.title), text::width(renamed.name.as_str()) + 20, look);
    format!("Session {name} is now called {title}\n")
}

/// A variable, for people.
pub fn render_variable(set: &VariableSet, look: &Look) -> String {
    let key = look.paint(Role::Name, &text::line(&set.key));
    let session = match set.session.as_str() {
        MAIN => String::new(),
        name => format!(" in {}", text::line(name)),
    };
    match &set.value {
        Some(value) => format!("{key} = {}{session}\n", text::line(value)),
        None => format!("{key} is not set any more{session}\n"),
    }
}
