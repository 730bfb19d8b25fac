//! Puts ckpt's hooks into a repository, takes them out again, and tells how they fare.
//!
//! Every change is planned from what is there, wholly, before the first is made: one file that cannot be taken leaves all
//! of them as they were.

pub mod changes;
pub mod error;
pub mod install;
pub mod place;
pub mod probe;
pub mod status;
pub mod switch;
