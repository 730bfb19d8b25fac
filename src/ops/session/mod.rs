//! Sessions: stretches of work with a title, a task, a context and a history of their own.
//!
//! One verb per file. All that changes which session is the current one goes through [`switch`]. Called by `command/` and
//! `ops/stack`.

pub mod artifacts;
pub(crate) mod begin;
pub(crate) mod branch_name;
pub mod checks;
pub mod close;
pub mod delete;
pub mod edit;
pub mod elsewhere;
pub mod error;
pub mod export;
pub(crate) mod find;
pub(crate) mod flow_back;
pub(crate) mod lay_out;
pub mod list;
pub mod moves;
pub mod naming;
pub mod plan;
pub mod portrait;
pub(crate) mod seed;
pub(crate) mod shift;
pub mod standing;
pub mod start;
pub(crate) mod switch;
pub mod totals;
