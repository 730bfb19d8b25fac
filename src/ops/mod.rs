//! One verb per file: a request in, an outcome or an [`OpError`] out. Nothing here prints or parses arguments.

pub mod brief;
pub mod capture;
mod chain;
pub mod checklist;
pub mod context;
pub mod diff;
pub mod doctor;
pub mod error;
#[cfg(test)]
mod fixture;
pub mod history;
pub mod hook_run;
pub mod hooks;
mod index_cache;
pub mod label;
pub mod list;
pub mod load;
pub mod paths;
pub mod points;
mod publishing;
pub mod recover;
pub mod repo;
pub mod save;
pub mod search;
pub mod session;
pub mod show;
pub mod stack;
pub mod status;
pub mod submodules;
pub mod summary;
pub mod template;
pub mod tree_diff;
pub mod undo;
pub mod verify;

pub use error::OpError;
pub use repo::Repo;
