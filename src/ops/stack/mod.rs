//! The stack of sessions: leaving the work for something else, and coming back to exactly where it was.
//!
//! There is one engine that moves files: `ops/load`. This module says what is to be loaded, and what becomes of the
//! sessions and the stack when it is. Called by `command/` and by `undo`.

pub mod back;
pub mod branch;
mod child;
pub mod error;
mod linked;
pub(in crate::ops) mod linked_recovery;
mod linked_turn;
pub mod merge;
pub mod picture;
pub mod return_;
mod tree_edit;

pub use branch::{BranchRequest, Branched, branch};
pub use picture::{Picture, picture};
pub use return_::{Outcome, ReturnRequest, Returned, return_};
