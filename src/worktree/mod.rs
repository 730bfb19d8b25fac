//! The user's files: scan, plan, apply. The only module that reads or writes them.
//!
//! It knows objects only through the traits in `model::object`, and nothing of refs or of git's configuration.

pub mod apply;
mod content;
pub mod document;
pub mod error;
pub mod ignored;
pub mod journal;
#[cfg(test)]
mod memory;
pub mod obstacles;
pub mod path_check;
pub mod plan;
pub mod scan;
pub mod verify;
pub mod walls;

pub use error::WorktreeError;
