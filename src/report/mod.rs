//! Renders outcomes: for people and as JSON. The only module that writes to stdout and stderr.
//!
//! Renderings are pure (an outcome in, text out); [`output::Output`] alone has effects. Called by `command/`.

pub mod answer;
pub mod branched;
pub mod brief;
pub mod changed;
pub mod checklist;
pub mod context;
pub mod crash;
pub mod diagnosed;
pub mod diffed;
pub mod expanded;
pub mod found;
pub mod history;
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
pub mod replayed;
pub mod returned;
pub mod saved;
pub mod session;
pub mod stacked;
pub mod status;
pub mod style;
pub mod submodules;
pub mod summarized;
pub mod table;
pub mod templates;
pub mod text;
pub mod told;
pub mod undone;
pub mod verified;
pub mod words;

#[cfg(test)]
mod tests;
