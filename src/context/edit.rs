//! The edits of items: add, check, remove, move. Each gives a new text; every byte outside the item stays.
//!
//! Called by `ops/` with the text as it is now. Numbers count the items of a section from 1, nested ones not.

use super::document::{Document, Section};
use super::error::ContextError;
use super::item::{Item, Marker, NewItem, Style};
use super::lines;
use super::sections;
use super::splice::{self, Splice};
use super::standard::Standard;

/// The outcome of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    pub text: String,
    /// The section's name as it stands in the text.
    pub section: String,
    /// The item's number after the edit (of a removed item: before it); 0 if the edit is of no single item.
    pub number: usize,
    /// The item's text.
    pub item: String,
    /// How many more sections have this name; they were left alone.
    pub others: usize,
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    pub number: usize,
    pub text: String,
    /// Whether it is checked; nothing if it has no check box.
    pub checked: Option<bool>,
    /// Check boxes nested in it: how many are checked, and how many there are.
    pub nested: (usize, usize),
}

/// The highest number that markdown allows before an item.
const MAX_NUMBER: u64 = 999_999_999;

/// The items of a section with their numbers.
pub fn items(text: &str, section: &str, standard: &Standard) -> Result<Vec<Numbered>, ContextError> {
    let document = Document::parse(text);
    let Some((found, _)) = sections::find(&document, section, standard)? else { return Ok(Vec::new()) };
    let numbered = document.items_of(found).into_iter().enumerate();
    Ok(numbered.map(|(index, item)| numbered_item(&document, index + 1, item)).collect())
}

fn numbered_item(document: &Document<'_>, number: usize, item: &Item) -> Numbered {
    let boxes = document.with_nested(item)[1..].iter().filter_map(|nested| nested.checkbox);
    let (checked, all) = boxes.fold((0, 0), |(checked, all), one| (checked + usize::from(one.checked), all + 1));
    let text = document.item_text(item);
    Numbered { number, text, checked: item.checkbox.map(|one| one.checked), nested: (checked, all) }
}

/// Adds an item at the end of a section's last list, in that list's style; begins a list if there is none. A standard
/// section that is missing is put in at its place.
pub fn add_item(text: &str, section: &str, item: &NewItem, standard: &Standard) -> Result<Edited, ContextError> {
    if item.is_empty() {
        return Err(ContextError::EmptyText);
    }
    let document = Document::parse(text);
    match sections::find(&document, section, standard)? {
        Some((found, others)) => Ok(add_to(&document, found, others, item)),
        None => {
            let refused = || ContextError::NotASectionName(section.to_owned());
            let created = sections::create(&document, section, standard).ok_or_else(refused)?;
            let document = Document::parse(&created);
            let found = document.section_named(section).ok_or_else(refused)?;
            Ok(add_to(&document, found.section, found.others, item))
        }
    }
}

fn add_to(document: &Document<'_>, section: &Section, others: usize, item: &NewItem) -> Edited {
    let own = document.top_items(&section.own);
    let splice = match own.last() {
        Some(_) => after_last(document, &own, item),
        None => {
            let at = sections::end_of_own(document, section);
            let ending = lines::ending_near(document.text(), at);
            let mut style = Style::of_new_list(item.ordered);
            style.clear_of(lines::next_indent(document.text(), at));
            let rendered = item.render(&style, ending);
            splice::insertion(document.text(), at, &rendered)
        }
    };
    let at = splice.range.start;
    let text = splice::apply_safely(document, vec![splice], 1);
    let number = document.items_of(section).iter().filter(|other| other.range.start < at).count() + 1;
    Edited { text, section: section.name.clone(), number, item: item.text.trim().to_owned(), others }
}

/// Puts an item after the last one of `own`.
fn after_last(document: &Document<'_>, own: &[&Item], item: &NewItem) -> Splice {
    let text = document.text();
    let last = own[own.len() - 1];
    let previous = own[..own.len() - 1].last().filter(|one| one.list == last.list);
    let ending = lines::ending_near(text, last.range.end);
    let mut style = Style::of_item(last, text);
    style.set_number(next_number(previous.map(|one| one.marker), last.marker));
    let at = last.range.end;
    style.clear_of(lines::next_indent(text, at));
    let rendered = item.render(&style, ending);
    let gap = if previous.is_some_and(|one| one.range.end < last.range.start) { ending } else { "" };
    let inserted = if !lines::begins_line(text, at) {
        format!("{ending}{gap}{rendered}")
    } else {
        format!("{gap}{rendered}{ending}{}", gap_after(text, last))
    };
    Splice { range: at..at, text: inserted }
}

/// The blank line that keeps what follows an item out of whatever stands in its place.
fn gap_after(text: &str, item: &Item) -> &'static str {
    let at = item.range.end;
    let is_safe = at == text.len() || splice::is_separate(lines::line_at(text, at));
    if is_safe { "" } else { lines::ending_near(text, at) }
}

/// The blank line before an item without text, which would else be taken for the line under a heading.
fn gap_before(document: &Document<'_>, slot: &Item, item: &Item) -> &'static str {
    let text = document.text();
    let is_after_text = splice::is_after_text(document, slot.range.start);
    if item.is_bare(text) && is_after_text { lines::ending_near(text, slot.range.start) } else { "" }
}

/// The number after the last one: the same where all are the same.
fn next_number(previous: Option<Marker>, last: Marker) -> u64 {
    let Marker::Ordered { number, .. } = last else { return 0 };
    let is_same = matches!(previous, Some(Marker::Ordered { number: before, .. }) if before == number);
    if is_same { number } else { (number + 1).min(MAX_NUMBER) }
}

/// The section and its items, with the one asked for.
struct Chosen<'d> {
    section: &'d Section,
    others: usize,
    items: Vec<&'d Item>,
    index: usize,
}

fn choose<'d>(
    document: &'d Document<'_>,
    section: &str,
    number: usize,
    standard: &Standard,
) -> Result<Chosen<'d>, ContextError> {
    let Some((found, others)) = sections::find(document, section, standard)? else {
        return Err(ContextError::NoSuchItem { section: section.trim().to_owned(), number, count: 0 });
    };
    let items = document.items_of(found);
    if number == 0 || number > items.len() {
        let count = items.len();
        return Err(ContextError::NoSuchItem { section: found.name.clone(), number, count });
    }
    Ok(Chosen { section: found, others, items, index: number - 1 })
}

impl Chosen<'_> {
    fn edited(&self, document: &Document<'_>, text: String, number: usize) -> Edited {
        let item = document.item_text(self.items[self.index]);
        Edited { text, section: self.section.name.clone(), number, item, others: self.others }
    }
}

/// Checks or unchecks an item; an item without a check box gets one.
pub fn set_checked(
    text: &str,
    section: &str,
    number: usize,
    checked: bool,
    standard: &Standard,
) -> Result<Edited, ContextError> {
    let document = Document::parse(text);
    let chosen = choose(&document, section, number, standard)?;
    let item = chosen.items[chosen.index];
    let splice = match item.checkbox {
        Some(checkbox) if checkbox.checked == checked => return Ok(chosen.edited(&document, text.to_owned(), number)),
        Some(checkbox) => {
            let mark = if checked { "x" } else { " " };
            Splice { range: checkbox.at..checkbox.at + 1, text: mark.to_owned() }
        }
        None => {
            let mark = if checked { "[x] " } else { "[ ] " };
            Splice { range: item.content..item.content, text: mark.to_owned() }
        }
    };
    let edited = splice::apply(text, vec![splice]);
    let takes_box = || {
        let after = Document::parse(&edited);
        let same = after.items.iter().find(|one| one.marker_at == item.marker_at);
        let begins_with_text = !splice::is_separate(lines::line_at(text, item.content));
        begins_with_text && after.items.len() == document.items.len() && same.is_some_and(|one| one.checkbox.is_some())
    };
    if item.checkbox.is_none() && !takes_box() {
        return Err(ContextError::NoCheckbox { section: chosen.section.name.clone(), number });
    }
    Ok(chosen.edited(&document, edited, number))
}

/// Removes an item with all that is nested in it; numbered items after it move up.
pub fn remove_item(text: &str, section: &str, number: usize, standard: &Standard) -> Result<Edited, ContextError> {
    let document = Document::parse(text);
    let chosen = choose(&document, section, number, standard)?;
    let gone = chosen.items[chosen.index];
    let list: Vec<&Item> = chosen.items.iter().copied().filter(|item| item.list == gone.list).collect();
    let splices = removals(&document, &list, |item| item == gone);
    Ok(chosen.edited(&document, splice::apply_safely(&document, splices, -1), number))
}

/// What takes some items out of one list: their lines, the blank lines that parted them from the others, and new
/// numbers for the items that follow.
pub(super) fn removals(document: &Document<'_>, list: &[&Item], is_gone: impl Fn(&Item) -> bool) -> Vec<Splice> {
    let (Some(first), Some(last)) = (list.first(), list.last()) else { return Vec::new() };
    let kept: Vec<usize> = (0..list.len()).filter(|&index| !is_gone(list[index])).collect();
    let Some(&last_kept) = kept.last() else {
        return vec![splice::removal_of_block(document, &(first.range.start..last.range.end))];
    };
    let mut splices = Vec::new();
    let mut next = 0;
    for (place, &index) in kept.iter().enumerate() {
        if index > next {
            let range = list[next].range.start..list[index].range.start;
            let gap = if place == 0 { gap_before(document, first, list[index]) } else { "" };
            splices.push(Splice { range, text: gap.to_owned() });
        }
        splices.extend(renumbered(document, list, index, place));
        next = index + 1;
    }
    if next < list.len() {
        splices.push(removal_of_last(document, list[last_kept], last));
    }
    splices
}

/// Takes out the last items of a list.
fn removal_of_last(document: &Document<'_>, kept: &Item, last: &Item) -> Splice {
    let text = document.text();
    let start = kept.range.end;
    if !lines::begins_line(text, last.range.end) {
        return Splice::removal(splice::without_line_ending(text, start)..last.range.end);
    }
    // What was kept out by the wider marker of the last item would become a part of the one before.
    let wall = splice::wall(document, &(start..last.range.end));
    Splice { range: start..last.range.end, text: wall.unwrap_or_else(|| gap_after(text, last).to_owned()) }
}

/// The new number of the item at `index` that becomes the one at `place`, if its number was its place. The content
/// stays in its column, so that what is nested stays nested.
fn renumbered(document: &Document<'_>, list: &[&Item], index: usize, place: usize) -> Option<Splice> {
    let (Marker::Ordered { number: first, .. }, item) = (list[0].marker, list[index]) else { return None };
    let Marker::Ordered { number, delimiter } = item.marker else { return None };
    // Markdown counts on from the first item, whatever the others say.
    let was_counted = number == first + index as u64 || place == 0;
    let is_counted = place != index && was_counted && list[1].marker != list[0].marker;
    if !is_counted {
        return None;
    }
    let mut marker = Marker::Ordered { number: first + place as u64, delimiter }.render();
    let width = item.after_marker - item.marker_at;
    if marker.len() > width {
        return None;
    }
    let has_more_lines = lines::line_end(document.text(), item.marker_at) < item.range.end;
    let is_followed = lines::next_indent(document.text(), item.range.end) > 0;
    if has_more_lines || is_followed {
        marker.push_str(&" ".repeat(width.saturating_sub(marker.len())));
    }
    Some(Splice { range: item.marker_at..item.after_marker, text: marker })
}

/// Puts an item where another one stands; those between move up or down. Markers and numbers stay in their places.
pub fn move_item(
    text: &str,
    section: &str,
    from: usize,
    to: usize,
    standard: &Standard,
) -> Result<Edited, ContextError> {
    let document = Document::parse(text);
    let chosen = choose(&document, section, from, standard)?;
    choose(&document, section, to, standard)?;
    let mut order: Vec<usize> = (0..chosen.items.len()).collect();
    let moved = order.remove(from - 1);
    order.insert(to - 1, moved);
    let changed = order.iter().enumerate().filter(|(place, index)| place != *index);
    let splices = changed.map(|(place, &index)| {
        let slot = chosen.items[place];
        let next = chosen.items.get(place + 1).map(|next| next.range.start);
        let gap = if next == Some(slot.range.end) { "" } else { gap_after(text, slot) };
        let item = chosen.items[index];
        let before = gap_before(&document, slot, item);
        Splice { range: slot.range.clone(), text: format!("{before}{}{gap}", restyled(&document, item, slot)) }
    });
    Ok(chosen.edited(&document, splice::apply_safely(&document, splices.collect(), 0), to))
}

/// An item's lines as they must be to stand in another one's place, with that one's marker and line ending.
fn restyled(document: &Document<'_>, item: &Item, slot: &Item) -> String {
    let text = document.text();
    let start = item.content_start(text);
    let is_bare = lines::is_blank(lines::line_at(text, start));
    let style = Style::of_item(slot, text);
    let space = if is_bare { "" } else { &style.spacing };
    let mut rendered = format!("{}{}{space}", style.indent, style.marker.render());
    // Where the first line has no text, the others are indented by one column more than the marker.
    let (old, new) = (item.content_column(text), lines::columns(&rendered, 0) + usize::from(is_bare));
    let (first, rest) = text[start..item.range.end].split_at(lines::line_end(text, start) - start);
    rendered.push_str(first);
    rendered.extend(lines::lines(rest).map(|line| lines::shifted(line, old, new)));
    let ending = lines::ending(&text[slot.range.clone()]);
    let bare = lines::without_ending(&rendered).len();
    rendered.truncate(bare);
    rendered + ending
}

#[cfg(test)]
mod tests;
