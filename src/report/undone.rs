//! The answers of `ckpt undo`, `ckpt redo` and `ckpt operations`.

use super::look::Look;
use super::style::Role;
use super::table::{self, Cell};
use super::{loaded, submodules, text};
use crate::model::session::SessionState;
use crate::ops::stack::back::Turned;
use crate::ops::undo::{LogEntry, Undone};

/// Which way an operation was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Undo,
    Redo,
}

/// What was undone or redone.
pub fn render(undone: &Undone, way: Way, look: &Look) -> String {
    let (verb, other) = match way {
        Way::Undo => ("Undid", "ckpt redo"),
        Way::Redo => ("Did again", "ckpt undo"),
    };
    let what = text::line(&undone.operation.description);
    let mut out = format!("{verb}: {what} ({})\n", look.since(undone.operation.created));
    if let Some(turned) = &undone.switched {
        out.push_str(&of_stack(turned));
    }
    if let Some(safety) = undone.safety {
        let safety = look.paint(Role::Id, &safety.short());
        out.push_str(&format!("  {}\n", loaded::counts(&undone.counts)));
        if let Some(loaded) = &undone.loaded {
            out.push_str(&loaded::not_read(loaded));
            submodules::push_loaded(&mut out, &loaded.submodules);
        }
        out.push_str(&format!("  what was there before is {safety}; `{other}` goes back to it\n"));
    }
    out
}

/// What became of the sessions.
fn of_stack(turned: &Turned) -> String {
    let mut out = match turned.state {
        SessionState::Active => format!("  {} is the current session\n", turned.child),
        state => format!("  {} is {state}; the current session is {}\n", turned.child, turned.current),
    };
    if let Some(branch) = &turned.removed_branch {
        out.push_str(&format!("  the git branch {} was not used and is gone\n", text::line(branch)));
    }
    if let Some(branch) = &turned.kept_branch {
        out.push_str(&format!("  the git branch {} stays\n", text::line(branch)));
    }
    if let Some(directory) = &turned.directory {
        let directory = text::line(directory.as_os_str().as_encoded_bytes());
        out.push_str(&format!("  the work tree {directory} stays\n"));
    }
    out
}

/// The operation log, newest first.
pub fn render_operations(entries: &[LogEntry], look: &Look) -> String {
    let rows: Vec<Vec<Cell>> = entries.iter().map(|entry| row(entry, look)).collect();
    table::render(&rows, &[8, 8, 10, 8], look.width, look.palette)
}

fn row(entry: &LogEntry, look: &Look) -> Vec<Cell> {
    let before = entry.record.before.map(|id| id.short()).unwrap_or_default();
    vec![
        Cell::plain(entry.position.to_string()),
        Cell::painted(Role::Faint, look.age(entry.record.created)),
        Cell::painted(Role::Id, before),
        Cell::painted(Role::Faint, if entry.is_undone { "(undone)" } else { "" }),
        Cell::plain(text::line(&entry.record.description)),
    ]
}
