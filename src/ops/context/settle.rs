//! Who is ahead, the file or the session: pure, on texts whose facts are emptied.

use crate::context::compare::by_section;
use crate::context::merge::merge;

#[cfg(test)]
mod tests;

/// What the three say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides<'a> {
    /// The file; `None` when it is not there or empty.
    pub(super) file: Option<&'a str>,
    /// The session's version.
    pub(super) current: Option<&'a str>,
    /// The version that the file was last written from or read as.
    pub(super) base: Option<&'a str>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// Both say the same, or neither anything.
    InStep,
    /// The file gets the session's version.
    Rewrite,
    /// The file was edited: it is the new version.
    Taken,
    /// Both were: this is the new version, and the file gets it.
    Merged { text: String, conflicts: Vec<String> },
}

/// Compares them. Without a base, nothing is known of how they belong together and both are kept.
pub(super) fn settle(sides: &Sides<'_>) -> Settled {
    let Sides { file, current, base } = *sides;
    let (Some(file), Some(current)) = (file, current) else {
        return match (file, current) {
            (Some(_), _) => Settled::Taken,
            (None, Some(_)) => Settled::Rewrite,
            (None, None) => Settled::InStep,
        };
    };
    if file == current {
        Settled::InStep
    } else if base == Some(current) {
        Settled::Taken
    } else if base == Some(file) {
        Settled::Rewrite
    } else {
        let merged = merge(base.unwrap_or_default(), file, current);
        let mut conflicts: Vec<String> = merged.conflicts.into_iter().map(|conflict| conflict.section).collect();
        conflicts.dedup();
        Settled::Merged { text: merged.text, conflicts }
    }
}

/// The names of the sections that differ, each once.
pub(super) fn changed_sections(old: &str, new: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for section in by_section(old, new) {
        if !names.contains(&section.name) {
            names.push(section.name);
        }
    }
    names
}
