//! Sessions: stretches of work with a title, a task, a context and a history of their own.
//!
//! One verb per file. All that changes which session is the current one goes through [`switch`]. Called by `command/` and
//! `ops/stack`.

pub(crate) mod switch;
