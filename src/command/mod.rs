//! One file per command: its arguments (the doc comment is the help) and one function that runs it.

pub mod failure;
