//! Lists of changed and of left-out paths, for people.

use super::look::Look;
use super::style::Role;
use super::{text, words};
use crate::model::change::Change;
use crate::model::mode::Mode;
use crate::model::omission::{Omission, Reason};

/// More paths than this are counted, not listed.
pub const SHOWN_PATHS: usize = 50;

/// More left-out paths than this are counted, not listed.
pub const SHOWN_OMISSIONS: usize = 20;

/// One line a change: git's letter and the path.
pub fn lines(changes: &[Change], indent: &str, limit: usize, look: &Look) -> String {
    let mut out = String::new();
    for change in changes.iter().take(limit) {
        let letter = change.letter();
        let path = text::line(&change.path);
        out.push_str(&format!("{indent}{} {path}\n", look.paint(role_of(letter), &letter.to_string())));
    }
    push_rest(&mut out, indent, changes.len(), limit);
    out
}

/// The colour of git's letter.
pub fn role_of(letter: char) -> Role {
    match letter {
        'A' => Role::Added,
        'D' => Role::Removed,
        _ => Role::Changed,
    }
}

/// The word for git's letter, for data.
pub fn status_word(letter: char) -> &'static str {
    match letter {
        'A' => "new",
        'D' => "deleted",
        'T' => "type-changed",
        _ => "modified",
    }
}

/// What people call a mode.
pub fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Tree => "folder",
        Mode::File => "file",
        Mode::Executable => "executable",
        Mode::Symlink => "link",
        Mode::Gitlink => "repository",
    }
}

/// One line a path that was left out, with the reason.
pub fn omissions(list: &[Omission], indent: &str, limit: usize) -> String {
    let mut out = String::new();
    for omission in list.iter().take(limit) {
        out.push_str(&format!("{indent}{}: {}\n", text::line(&omission.path), reason(&omission.reason)));
    }
    push_rest(&mut out, indent, list.len(), limit);
    out
}

/// `and 12 more`, when not all were listed.
pub fn push_rest(out: &mut String, indent: &str, all: usize, shown: usize) {
    if all > shown {
        out.push_str(&format!("{indent}and {} more\n", all - shown));
    }
}

/// Why a path was left out, for people.
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::TooLarge { size, limit } => {
            format!("too large: {}, the limit is {}", words::bytes(*size), words::bytes(*limit))
        }
        Reason::NestedRepository { commit, changes } => {
            let short: String = commit.chars().take(10).collect();
            format!("a repository of its own, recorded at {}{}", text::line(short), unsaved_inside(*changes))
        }
        Reason::NestedWithoutCommit => "a repository of its own without any commit".to_owned(),
        Reason::RepositoryBoundary => "a repository of its own, into which no load reaches".to_owned(),
        Reason::RefusedName => "git refuses this name, here or on another system".to_owned(),
        Reason::Special { kind } => format!("not a file: {kind}"),
        Reason::FilterFailed { filter } => {
            format!("the filter `{}` failed; its bytes are saved as they are", text::line(filter))
        }
        Reason::Unreadable { detail } => format!("cannot be read: {}", text::line(detail)),
        Reason::Vanished => "vanished while saving".to_owned(),
        Reason::ChangedWhileSaving => "kept changing while saving".to_owned(),
    }
}

/// What a nested repository holds beyond its commit, if anybody looked.
fn unsaved_inside(changes: Option<u64>) -> String {
    match changes {
        None | Some(0) => String::new(),
        Some(1) => "; 1 changed file inside is not saved".to_owned(),
        Some(changes) => format!("; {} inside are not saved", words::count(changes, "changed file")),
    }
}
