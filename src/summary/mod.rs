//! What is handed to whoever continues: material in, text within a token budget out.
//!
//! Pure: reads no file, no ref and no clock. Called by `ops/brief`, which gathers; `report/` says how things are written.

pub mod brief;
pub mod tokens;
