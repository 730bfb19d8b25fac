//! Renders outcomes: for people and as JSON. The only module that writes to stdout and stderr.

pub mod style;
pub mod table;
pub mod text;
pub mod words;
