//! The answers of `ckpt context`.

use super::diffed::line_counts;
use super::diffed::patch::push_hunks;
use super::look::Look;
use super::style::Role;
use super::table::{self, Cell};
use super::{text, words};
use crate::context::compare::SectionChange;
use crate::ops::context::editing::EditedContext;
use crate::ops::context::partitions::{PartitionChanged, PartitionEntry};
use crate::ops::context::{Compared, Restored, Version};

/// A document: written out for a terminal, byte for byte for everybody else.
pub fn render_document(document: &str, look: &Look) -> Vec<u8> {
    let mut shown = if look.is_terminal { text::block(document) } else { document.to_owned() };
    if !shown.ends_with('\n') {
        shown.push('\n');
    }
    shown.into_bytes()
}

/// The versions, newest first.
pub fn render_log(versions: &[Version], look: &Look) -> String {
    let row = |version: &Version| {
        vec![
            Cell::painted(Role::Id, version.id.short()),
            Cell::painted(Role::Faint, look.age(version.time)),
            Cell::plain(text::line(&version.subject)),
        ]
    };
    let rows: Vec<Vec<Cell>> = versions.iter().map(row).collect();
    table::render(&rows, &[10, 10], look.width, look.palette)
}

/// What differs, section by section.
pub fn render_diff(compared: &Compared, look: &Look) -> Vec<u8> {
    let mut out = Vec::new();
    for section in &compared.sections {
        let remark = match (&section.old, &section.new) {
            (None, _) => " (new)",
            (_, None) => " (removed)",
            _ => "",
        };
        let title = format!("## {}{remark}", section_name(section));
        out.extend_from_slice(look.paint(Role::Heading, &title).as_bytes());
        out.push(b'\n');
        out.extend_from_slice(&hunks(section, look));
    }
    out
}

/// The lines of one section that differ.
pub fn hunks(section: &SectionChange, look: &Look) -> Vec<u8> {
    let (old, new) = sides(section);
    let mut out = Vec::new();
    push_hunks(&mut out, old.as_bytes(), new.as_bytes(), look);
    out
}

/// How many lines of a section were added and removed.
pub fn counts(section: &SectionChange) -> (u64, u64) {
    let (old, new) = sides(section);
    line_counts(old.as_bytes(), new.as_bytes())
}

/// Both texts as whole lines.
fn sides(section: &SectionChange) -> (String, String) {
    let lines = |text: &Option<String>| match text.as_deref() {
        None | Some("") => String::new(),
        Some(text) => format!("{text}\n"),
    };
    (lines(&section.old), lines(&section.new))
}

/// What stands before the first heading has no name.
fn section_name(section: &SectionChange) -> String {
    if section.name.is_empty() { "the beginning".to_owned() } else { text::line(&section.name) }
}

/// That nothing differs.
pub fn same(compared: &Compared) -> String {
    format!("{} and {} say the same", compared.from.name, compared.to.name)
}

/// What is current again.
pub fn render_restored(restored: &Restored, look: &Look) -> String {
    let id = look.paint(Role::Id, &text::line(&restored.from));
    if restored.unchanged {
        return format!("The context is that of {id} already\n");
    }
    format!("The context is that of {id} again; what it was is in `ckpt context log`\n")
}

/// What was edited.
pub fn render_edited(edited: &EditedContext) -> String {
    let whose = edited.partition.as_ref().map_or_else(|| "the context".to_owned(), text::line);
    if edited.sections.is_empty() {
        return format!("Nothing changed in {whose}\n");
    }
    let sections: Vec<String> = edited.sections.iter().map(text::line).collect();
    format!("Edited {whose}: {}\n", words::joined(&sections))
}

/// The partitions and their paths.
pub fn render_partitions(partitions: &[PartitionEntry], look: &Look) -> String {
    let row =
        |entry: &PartitionEntry| vec![Cell::painted(Role::Name, text::line(&entry.name)), Cell::plain(paths(entry))];
    let rows: Vec<Vec<Cell>> = partitions.iter().map(row).collect();
    table::render(&rows, &[(look.width / 3).max(10)], look.width, look.palette)
}

/// A partition that was added to, or removed.
pub fn render_partition(changed: &PartitionChanged, removed: bool, look: &Look) -> String {
    let name = look.paint(Role::Name, &text::line(&changed.partition.name));
    let paths = paths(&changed.partition);
    match (removed, changed.unchanged, changed.is_new) {
        (true, ..) => format!("Removed the partition {name}; its document stays in the history\n"),
        (_, true, _) => format!("The partition {name} is for {paths} already\n"),
        (_, _, true) => format!("Added the partition {name} for {paths}\n"),
        (_, _, false) => format!("The partition {name} is for {paths} now\n"),
    }
}

fn paths(entry: &PartitionEntry) -> String {
    let shown: Vec<String> =
        entry.paths.iter().map(|path| if path.is_empty() { ".".to_owned() } else { text::line(path) }).collect();
    words::joined(&shown)
}
