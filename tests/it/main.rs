//! End to end: each command as a user types it, in an environment of its own.
#![allow(clippy::unwrap_used, clippy::disallowed_macros, unreachable_pub)]

#[allow(dead_code)]
#[path = "../sandbox/mod.rs"]
mod sandbox;

mod branch;
mod brief;
mod capture;
mod command_line;
mod context;
mod diff;
mod formats;
mod git_trees;
mod head;
mod hooks;
mod hooks_elsewhere;
mod hooks_notes;
mod hooks_tools;
mod hostile;
mod index;
mod layouts;
mod list;
mod load;
mod load_boundaries;
mod load_ignored;
mod load_index;
mod names;
mod operations;
mod places;
mod points;
mod readme;
mod save;
mod sequences;
mod shared;
mod show;
mod stack;
mod status;
mod streams;
mod terminal;
mod undo;
mod words;
