//! Plain git on what ckpt stores: everything must be usable without ckpt, and survive git's own upkeep.
#![allow(clippy::unwrap_used, clippy::disallowed_macros, unreachable_pub)]

#[allow(dead_code)]
#[path = "../sandbox/mod.rs"]
mod sandbox;

mod untouched;
mod upkeep;
mod without_ckpt;
