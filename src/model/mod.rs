//! The data that every other module speaks of: ids, trees, snapshots, checkpoints, names.
//!
//! Nothing here reads a file, a clock or the environment; what computes is pure. Any module may use this one.

pub mod change;
pub mod checkpoint;
pub mod commit;
pub mod event;
pub mod extra;
pub mod head;
pub mod id;
pub mod index;
pub mod mode;
pub mod name;
#[cfg(test)]
pub mod no_objects;
pub mod object;
pub mod omission;
pub mod operation;
pub mod point;
pub mod progress;
pub mod recording;
pub mod scratch;
pub mod session;
pub mod settings;
pub mod stack;
pub mod stat;
pub mod tree;
pub mod when;
