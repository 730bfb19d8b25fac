//! One file per command: its arguments (the doc comment is the help) and one function that runs it.
//!
//! A command turns arguments into a request, calls one operation, and hands the outcome to `report/`. It decides nothing
//! about files or git. Called by `cli`.

pub mod branch;
pub mod brief;
pub mod check;
pub mod completions;
pub mod context;
pub mod decide;
pub mod diff;
pub mod doctor;
pub mod drop;
pub mod expand;
pub mod failure;
pub mod help;
pub mod hook_run;
pub mod hooks;
pub mod init;
mod input;
pub mod invocation;
pub mod issue;
pub mod list;
pub mod load;
pub mod log;
pub mod man;
pub mod name;
pub mod next;
pub mod note;
pub mod operations;
pub mod options;
pub mod pin;
mod planning;
pub mod progress;
pub mod recover;
pub mod redo;
pub mod rename;
pub mod replay;
pub mod return_;
pub mod save;
pub mod search;
pub mod session;
pub mod show;
pub mod stack;
pub mod status;
pub mod summarize;
pub mod summary;
pub mod template;
pub mod todo;
pub mod undo;
pub mod uninit;
pub mod unpin;
pub mod verify;
mod words;
