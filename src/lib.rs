//! `ckpt` keeps the whole state of unfinished work as ordinary git objects, and brings it back exactly.
//!
//! The levels, from the top: `command` (arguments and one line of work each), `report` (what is printed), `ops` (the
//! verbs), then the siblings `store` (git's objects, refs and index), `worktree` (the user's files), `context` (the
//! markdown document), `summary` (what is handed over), `hooks` (what git calls), `config` (the user's settings) and
//! `template` (plans for sessions and their check lists), and at the bottom `model` (data) and `sys` (side effects). A
//! module uses only lower levels, and never a sibling.

pub mod cli;
pub mod command;
pub mod config;
pub mod context;
pub mod hooks;
pub mod model;
pub mod ops;
pub mod report;
pub mod store;
pub mod summary;
pub mod sys;
pub mod template;
pub mod worktree;
