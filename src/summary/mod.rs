//! What is handed to whoever continues: material in, text within a token budget out; and a history in layers.
//!
//! Pure: reads no file, no ref and no clock. Called by `ops/brief` and `ops/summary`, which gather; `report/` says how
//! things are written.
//!
//! The way of a summary: items ([`item`]) are understood ([`subject`], [`touched`], [`hints`]), weighed ([`weigh`]) and folded
//! ([`fold`]); a session's fall into stretches ([`stretch`]) by their age ([`age`]), which are digested ([`digest`]) once
//! and kept ([`history`]) beside what must stand ([`standing`]); a range of git is told at once ([`range`]). Lines
//! ([`line`]) that have room are chosen ([`select`]).

pub mod age;
pub mod brief;
pub mod digest;
pub mod fold;
pub mod hints;
pub mod history;
pub mod item;
pub mod line;
pub mod range;
pub mod select;
pub mod standing;
pub mod stretch;
pub mod subject;
pub mod tokens;
pub mod touched;
pub mod weigh;

#[cfg(test)]
mod tests;
