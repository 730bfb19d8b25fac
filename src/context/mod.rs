//! The context document: markdown that people and agents edit freely, and that `ckpt` edits item by item.
//!
//! Text in, text out: nothing here reads a file, a clock or the environment, and an edit gives back every byte outside
//! the item that it changes as it was. Called by `ops/`; what a document is and where it is kept is decided there.
//!
//! To-dos are check-box items of a section of their own, `Todo`. It is no standard section of a new document: it comes
//! to be right before `Next Session` with the first to-do, so the standard sections stay in their order, the numbered
//! steps of `Next Session` stay plain steps, and the numbers of to-dos do not depend on them.

pub mod archive;
pub mod compare;
pub mod decision;
pub mod document;
pub mod edit;
mod error;
pub mod facts;
pub mod item;
mod lines;
pub mod merge;
pub mod outline;
mod parse;
pub mod partition;
pub mod sections;
mod splice;
pub mod standard;

pub use error::ContextError;
