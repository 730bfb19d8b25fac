//! Completed items: taken out of the document and kept in the archive, by day and section.
//!
//! Called by `ops/` for `context prune`. Nothing that is pruned is lost: the caller keeps the archive's new text.

use std::collections::HashMap;

use jiff::civil::Date;

use super::document::{Document, Section};
use super::edit;
use super::item::Item;
use super::lines;
use super::splice::{self, Splice};

/// What an archive begins with.
const TITLE: &str = "# Archive\n";

/// An item that was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// The name of the section it stood in.
    pub section: String,
    /// Its number there before.
    pub number: usize,
    /// Its text, on one line or several.
    pub text: String,
    /// Its lines with all that is nested in it, not indented, ending with a line ending.
    pub source: String,
}

/// Takes the checked items out of all sections. An item with something open nested in it is not completed.
pub fn prune(text: &str) -> (String, Vec<Pruned>) {
    let document = Document::parse(text);
    let is_done = |item: &Item| {
        let is_open = |nested: &Item| nested.checkbox.is_some_and(|checkbox| !checkbox.checked);
        item.is_checked() && !document.with_nested(item).iter().any(is_open)
    };
    let (mut splices, mut pruned) = (Vec::new(), Vec::new());
    for section in &document.sections {
        let own = document.top_items(&section.own);
        for list in own.chunk_by(|left, right| left.list == right.list) {
            if list.iter().any(|item| is_done(item)) {
                splices.extend(edit::removals(&document, list, is_done));
            }
        }
        let done = own.iter().enumerate().filter(|(_, item)| is_done(item));
        pruned.extend(done.map(|(index, item)| Pruned {
            section: section.name.clone(),
            number: index + 1,
            text: document.item_text(item),
            source: source(&document, item),
        }));
    }
    (splice::apply_safely(&document, splices, -(pruned.len() as isize)), pruned)
}

/// An item's lines without the list's indentation.
fn source(document: &Document<'_>, item: &Item) -> String {
    let columns = lines::columns(item.indent(document.text()), 0);
    let own = lines::lines(&document.text()[item.range.clone()]);
    let bare = own.map(|line| lines::without_ending(lines::without_columns(line, columns)).to_owned() + "\n");
    bare.collect()
}

/// The archive with these items added under the day, each under its section. An empty archive gets a title.
pub fn archive(archive: &str, pruned: &[Pruned], day: Date) -> String {
    if pruned.is_empty() {
        return archive.to_owned();
    }
    let mut text = if lines::is_blank(archive) { TITLE.to_owned() } else { archive.to_owned() };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let document = Document::parse(&text);
    let day = day.to_string();
    let here = document.sections.iter().rev().find(|section| section.level == 2 && section.name == day);
    let mut splices = Vec::new();
    let mut rest = String::new();
    for (section, items) in by_section(pruned) {
        match here.and_then(|here| below(&document, here, &section)) {
            Some(found) => splices.push(appended(&document, found, &items)),
            None => rest.push_str(&format!("\n### {section}\n\n{items}")),
        }
    }
    if !rest.is_empty() {
        let end = here.map_or(text.len(), |here| here.body.end);
        let at = lines::end_of_content(&text, 0, end);
        let heading = if here.is_none() { format!("\n## {day}\n") } else { String::new() };
        splices.push(Splice { range: at..at, text: heading + &rest });
    }
    splice::apply(&text, splices)
}

/// The lines of all items of each section, in the order in which the sections come.
fn by_section(pruned: &[Pruned]) -> Vec<(String, String)> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut grouped: Vec<(String, String)> = Vec::new();
    for item in pruned {
        let place = *places.entry(&item.section).or_insert(grouped.len());
        if place == grouped.len() {
            grouped.push((item.section.clone(), String::new()));
        }
        grouped[place].1.push_str(&item.source);
    }
    grouped
}

fn below<'d>(document: &'d Document<'_>, day: &Section, name: &str) -> Option<&'d Section> {
    let after = document.sections.partition_point(|section| section.heading.start < day.body.start);
    let below = document.sections[after..].iter().take_while(|section| section.heading.start < day.body.end);
    below.into_iter().find(|section| section.level == 3 && section.name == name)
}

/// Puts items in at a section's end, after the last one there.
fn appended(document: &Document<'_>, section: &Section, items: &str) -> Splice {
    let at = lines::end_of_content(document.text(), section.own.start, section.own.end);
    let last = document.top_items(&section.own).last().map(|item| item.range.end);
    let gap = if last == Some(at) { "" } else { "\n" };
    Splice { range: at..at, text: format!("{gap}{items}") }
}

#[cfg(test)]
mod tests;
