//! Renders outcomes: for people and as JSON. The only module that writes to stdout and stderr.
//!
//! Renderings are pure (an outcome in, text out); [`output::Output`] alone has effects. Called by `command/`.

pub mod brief;
pub mod changed;
pub mod context;
pub mod crash;
pub mod diffed;
pub mod expanded;
pub mod hooked;
pub mod initialised;
pub mod json;
pub mod labelled;
pub mod listed;
pub mod loaded;
pub mod look;
pub mod markdown;
pub mod output;
pub mod progress;
pub mod saved;
pub mod status;
pub mod style;
pub mod summarized;
pub mod table;
pub mod text;
pub mod told;
pub mod undone;
pub mod words;

#[cfg(test)]
mod tests;
