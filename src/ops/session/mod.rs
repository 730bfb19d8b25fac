//! Sessions: stretches of work with a title, a task, a context and a history of their own.
//!
//! One verb per file. All that changes which session is the current one goes through [`switch`]. Called by `command/` and
//! `ops/stack`.

pub mod artifacts;
pub(crate) mod branch_name;
pub mod edit;
pub mod error;
pub(crate) mod find;
pub mod list;
pub mod moves;
pub mod naming;
pub mod portrait;
pub(crate) mod seed;
pub mod standing;
pub mod start;
pub(crate) mod switch;
pub mod totals;
