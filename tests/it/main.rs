//! End to end: each command as a user types it, in an environment of its own.
#![allow(clippy::unwrap_used, clippy::disallowed_macros, unreachable_pub)]

#[allow(dead_code)]
#[path = "../sandbox/mod.rs"]
mod sandbox;

mod branch;
mod brief;
mod capture;
mod chain;
mod check;
mod command_line;
mod context;
mod diff;
mod doctor;
mod filters;
mod forge;
mod formats;
mod git_trees;
mod head;
mod hooks;
mod hooks_elsewhere;
mod hooks_notes;
mod hooks_tools;
mod hostile;
mod hostile_records;
mod hostile_refs;
mod index;
mod layouts;
mod left_work;
mod list;
mod load;
mod load_boundaries;
mod load_ignored;
mod load_index;
mod log;
mod names;
mod operations;
mod places;
mod points;
mod readme;
mod replay;
mod repositories;
mod save;
mod search;
mod sequences;
mod session;
mod session_close;
mod session_elsewhere;
mod session_templates;
mod session_tidy;
mod shared;
mod show;
mod stack;
mod status;
mod streams;
mod submodules;
mod summarize;
mod summary;
mod template;
mod terminal;
mod undo;
mod verify;
mod verify_inside;
mod verify_signed;
mod verify_tampering;
mod words;
