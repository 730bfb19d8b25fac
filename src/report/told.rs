//! The answers of `ckpt note`, `decide`, `issue`, `todo` and `next`, and what a sync did beside an answer.

use super::look::Look;
use super::style::Role;
use super::{text, words};
use crate::context::edit::Numbered;
use crate::ops::context::Synced;
use crate::ops::context::words::{ListedItems, PrunedItems, Told, Word};

#[cfg(test)]
mod tests;

/// What is on record now.
pub fn render(told: &Told, word: &Word, look: &Look) -> String {
    let section = section_of(told);
    if let Word::Facts { present } = word {
        let words = if *present {
            ("Put the facts into", "has the facts already")
        } else {
            ("Took the facts out of", "has no facts")
        };
        let whose = told.partition.as_ref().map_or_else(|| "the context".to_owned(), text::line);
        return if told.event.is_some() { format!("{} {whose}\n", words.0) } else { format!("{whose} {}\n", words.1) };
    }
    if told.items.is_empty() {
        let verb = if told.event.is_some() { "Set" } else { "Nothing changed in" };
        return format!("{verb} {section}\n");
    }
    let line = |(number, item): &(usize, String)| {
        let number = look.paint(Role::Id, &number.to_string());
        let item = first_line(item, look);
        match (told.event.is_some(), word) {
            (false, Word::TodoMove { .. }) => format!("{number} of {section} stands there already: {item}\n"),
            (false, _) => format!("{number} of {section} was done already: {item}\n"),
            (true, Word::IssueDone(_) | Word::TodoDone(_)) => format!("Done: {number} of {section}: {item}\n"),
            (true, Word::TodoMove { .. }) => format!("Moved to {number} of {section}: {item}\n"),
            (true, _) => format!("Added {number} to {section}: {item}\n"),
        }
    };
    told.items.iter().map(line).collect()
}

fn section_of(told: &Told) -> String {
    let partition = told.partition.as_ref().map(|name| format!(" of {}", text::line(name)));
    text::line(&told.section) + &partition.unwrap_or_default()
}

/// An item takes one line, and no more than the screen has room for.
fn first_line(item: &str, look: &Look) -> String {
    let line = item.lines().next().unwrap_or_default();
    text::fit(&text::line(line), look.width.saturating_sub(30).max(30))
}

/// The items with their numbers.
pub fn render_items(listed: &ListedItems, look: &Look) -> String {
    let widest = listed.items.len().to_string().len();
    listed.items.iter().map(|item| item_line(item, widest, look)).collect()
}

fn item_line(item: &Numbered, widest: usize, look: &Look) -> String {
    let number = look.paint(Role::Id, &format!("{:>widest$}", item.number));
    let mark = match item.checked {
        Some(true) => "[x] ",
        Some(false) => "[ ] ",
        None => "",
    };
    let nested = match item.nested {
        (_, 0) => String::new(),
        (checked, all) => format!(" ({checked} of {all})"),
    };
    let lines = text::block(&item.text).replace('\n', &format!("\n{}", " ".repeat(widest + 1 + mark.len())));
    let line = format!("{mark}{lines}{nested}");
    let painted = if item.checked == Some(true) { look.paint(Role::Faint, &line) } else { line };
    format!("{number} {painted}\n")
}

/// What was moved to the archive.
pub fn render_pruned(pruned: &PrunedItems, look: &Look) -> String {
    let mut out = format!("Moved {} to the archive\n", words::count(pruned.items.len() as u64, "completed item"));
    for (section, item) in &pruned.items {
        out.push_str(&format!("  {}: {}\n", text::line(section), first_line(item, look)));
    }
    out
}

/// That there are more sections of a name.
pub fn others(told: &Told) -> String {
    let more = words::count(told.others as u64, "more section");
    format!("{more} of the context called `{}`: the first one is meant", told.section)
}

/// That the file was edited since the last command.
pub fn edited(synced: &Synced) -> String {
    let file = synced.file.as_deref().unwrap_or("the context");
    format!("{file} was edited by hand: {}", words::joined(&synced.edited))
}

/// That both sides were edited in the same place.
pub fn conflicts(synced: &Synced) -> String {
    let file = synced.file.as_deref().unwrap_or("the context");
    let sections = words::joined(&synced.conflicts);
    format!("{file} was edited here and elsewhere: both are kept in {sections}, marked `ckpt: also said`")
}
