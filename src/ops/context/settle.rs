//! Who is ahead, the file or the session: pure, on texts whose facts are emptied.

use std::collections::BTreeMap;

use crate::context::document::Document;
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

/// A section that says something else in two versions; `None` where a version does not have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionDiff {
    /// Empty for what stands before the first heading.
    pub name: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// The sections that differ, in the order of the new text, then those that are gone.
pub(super) fn differing_sections(old: &str, new: &str) -> Vec<SectionDiff> {
    let (old, new) = (said(old), said(new));
    let before: BTreeMap<&(String, usize), &String> = old.iter().map(|(key, text)| (key, text)).collect();
    let after: BTreeMap<&(String, usize), &String> = new.iter().map(|(key, text)| (key, text)).collect();
    let changed = new.iter().filter(|(key, text)| before.get(key) != Some(&text)).map(|(key, text)| SectionDiff {
        name: key.0.clone(),
        old: before.get(key).map(|text| (*text).clone()),
        new: Some(text.clone()),
    });
    let gone = old.iter().filter(|(key, _)| !after.contains_key(key));
    let gone = gone.map(|(key, text)| SectionDiff { name: key.0.clone(), old: Some(text.clone()), new: None });
    changed.chain(gone).collect()
}

/// The names of the sections that differ, each once.
pub(super) fn changed_sections(old: &str, new: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for section in differing_sections(old, new) {
        if !names.contains(&section.name) {
            names.push(section.name);
        }
    }
    names
}

/// What stands below each heading, by name and how often the name came before; first what stands before them all.
fn said(text: &str) -> Vec<((String, usize), String)> {
    let document = Document::parse(text);
    let sections = document.sections();
    let start = sections.first().map_or(text.len(), |first| first.heading.start);
    let mut said = vec![((String::new(), 0), text[..start].trim().to_owned())];
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for section in sections {
        let count = seen.entry(&section.name).or_default();
        said.push(((section.name.clone(), *count), text[section.own.clone()].trim().to_owned()));
        *count += 1;
    }
    said.retain(|((name, _), text)| !name.is_empty() || !text.is_empty());
    said
}
