//! Random odd work trees: a save builds the tree that git builds, and a load brings back what was there.
//!
//! `CKPT_SWEEP=1` runs ten times as many. `CKPT_SEED=<n>` runs one repository alone, with what was done to it printed.
#![allow(clippy::unwrap_used, clippy::disallowed_macros, unreachable_pub)]

#[allow(dead_code)]
#[path = "../sandbox/mod.rs"]
mod sandbox;

mod content;
mod documents;
mod doubt;
mod generator;
mod index_steps;
mod markdown;
mod merges;
mod odd_steps;
mod oracle;
mod parsers;
mod round_trip;
mod stack;
mod trees;
mod workers;
