//! Sections: found by name, put in at their standard place, and given a new text.
//!
//! Called by `ops/` and by the edits of items.

use super::document::{Document, Section, nearest};
use super::edit::Edited;
use super::error::ContextError;
use super::facts;
use super::lines;
use super::splice;
use super::standard::Standard;

/// A section and how many more have its name; nothing if it is a standard one that the document lacks.
pub(super) fn find<'d>(
    document: &'d Document<'_>,
    name: &str,
    standard: &Standard,
) -> Result<Option<(&'d Section, usize)>, ContextError> {
    match document.section_named(name) {
        Some(found) => Ok(Some((found.section, found.others))),
        None if standard.spelling(name).is_some() => Ok(None),
        None => {
            let own = document.sections.iter().map(|section| section.name.as_str());
            let nearest = nearest(name, own.chain(standard.names().iter().map(String::as_str)));
            Err(ContextError::UnknownSection { name: name.trim().to_owned(), nearest })
        }
    }
}

/// The text with an empty section of this name: at its place if it is a standard one, else at the end.
pub fn add_section(text: &str, name: &str, standard: &Standard) -> Result<String, ContextError> {
    let document = Document::parse(text);
    if document.section_named(name).is_some() {
        return Ok(text.to_owned());
    }
    let created = create(&document, name, standard);
    let is_found = created.as_ref().is_some_and(|created| Document::parse(created).section_named(name).is_some());
    created.filter(|_| is_found).ok_or_else(|| ContextError::NotASectionName(name.to_owned()))
}

/// The text with a section of this name, unless no heading can hold it. The caller looks whether it is there.
pub(super) fn create(document: &Document<'_>, name: &str, standard: &Standard) -> Option<String> {
    let spelling = standard.spelling(name).unwrap_or(name).trim();
    let is_name = spelling.chars().any(char::is_alphanumeric) && !spelling.chars().any(char::is_control);
    let (at, level) = place(document, spelling, standard);
    let heading = format!("{} {spelling}", "#".repeat(usize::from(level)));
    is_name.then(|| insert_heading(document.text(), at, &heading))
}

/// Where a section belongs and of which level it is: after the standard section before it, else before the one after
/// it, else at the end.
fn place(document: &Document<'_>, name: &str, standard: &Standard) -> (usize, u8) {
    let order = standard.order();
    let rank = order.iter().position(|one| *one == name);
    let of = |name: &&str| document.section_named(name).map(|found| found.section);
    let before = rank.and_then(|rank| order[..rank].iter().rev().find_map(of));
    let after = rank.and_then(|rank| order[rank + 1..].iter().find_map(of));
    let any = || document.sections.iter().find(|section| section.level == 2);
    let level = before.or(after).or_else(any).map_or(2, |section| section.level);
    let at = match (before, after) {
        (Some(before), _) => before.body.end,
        (None, Some(after)) => after.heading.start,
        (None, None) => document.text().len(),
    };
    let open = if at == document.text().len() { splice::open_end(document) } else { None };
    let Some(open) = open else { return (at, level) };
    let around = document.sections.iter().rev().find(|section| section.heading.start < open);
    (around.map_or(document.start, |section| section.heading.start), level)
}

/// Puts a heading in at the beginning of a line (or the end of the text), with blank lines around it.
fn insert_heading(text: &str, at: usize, heading: &str) -> String {
    let ending = lines::ending_near(text, at);
    let (before, after) = text.split_at(at);
    let mut result = before.to_owned();
    if !lines::begins_line(text, at) {
        result.push_str(ending);
    }
    let is_parted = lines::end_of_content(before, 0, at) < at || lines::is_blank(before);
    if !is_parted {
        result.push_str(ending);
    }
    result.push_str(heading);
    if lines::begins_line(text, at) {
        result.push_str(ending);
    }
    if !after.is_empty() && !lines::is_blank(lines::line_at(after, 0)) {
        result.push_str(ending);
    }
    result + after
}

/// Where something is added to a section without a list: after what it says before the sections below it and before
/// the facts block, but before a block that the document leaves open.
pub(super) fn end_of_own(document: &Document<'_>, section: &Section) -> usize {
    let text = document.text();
    let start = section.own.start;
    if section.own.end == text.len() && splice::open_end(document).is_some() {
        return start;
    }
    let end = lines::end_of_content(text, start, section.own.end);
    match &document.facts {
        Some(facts) if facts.block.end == end && facts.block.start >= start => {
            lines::end_of_content(text, start, facts.block.start)
        }
        _ => end,
    }
}

/// Gives a section a new text, in place of all that it says, the sections below it included. The facts block stays if
/// it stands there. A heading with the section's own name at the text's beginning is left out.
pub fn set_section(text: &str, name: &str, body: &str, standard: &Standard) -> Result<Edited, ContextError> {
    let document = Document::parse(text);
    if let Some((section, others)) = find(&document, name, standard)? {
        return set_found(&document, section, others, body);
    }
    let refused = || ContextError::NotASectionName(name.to_owned());
    let created = create(&document, name, standard).ok_or_else(refused)?;
    let document = Document::parse(&created);
    let found = document.section_named(name).ok_or_else(refused)?;
    set_found(&document, found.section, found.others, body)
}

fn set_found(document: &Document<'_>, section: &Section, others: usize, body: &str) -> Result<Edited, ContextError> {
    let text = document.text();
    let body = facts::without_second(body, document);
    let body = bare_body(&body, section);
    if splice::open_end(&Document::parse_part(body)).is_some() {
        return Err(ContextError::OpenEnd);
    }
    let ending = lines::ending_near(text, section.body.start);
    let mut inside = lines::lines(body).map(lines::without_ending).collect::<Vec<_>>().join(ending);
    if let Some(kept) = document.facts.as_ref().filter(|kept| section.body.contains(&kept.block.start)) {
        let gap = if inside.is_empty() { String::new() } else { ending.repeat(2) };
        inside = inside + &gap + text[kept.block.clone()].trim_end();
    }
    let edited = replaced_safely(document, section, &inside, ending).ok_or(ContextError::OpenEnd)?;
    Ok(Edited { text: edited, section: section.name.clone(), number: 0, item: String::new(), others })
}

/// A section's text without blank lines around it and without its own heading.
fn bare_body<'b>(body: &'b str, section: &Section) -> &'b str {
    let document = Document::parse_part(body);
    let first = document.sections.first().filter(|first| {
        super::document::normal(&first.name) == super::document::normal(&section.name)
            && lines::is_blank(&body[document.start..first.heading.start])
    });
    let rest = first.map_or(body, |first| &body[first.heading.end..]);
    without_blank_lines(rest)
}

fn without_blank_lines(text: &str) -> &str {
    let end = lines::end_of_content(text, 0, text.len());
    let mut start = 0;
    while start < end && lines::is_blank(lines::line_at(text, start)) {
        start = lines::line_end(text, start);
    }
    lines::without_ending(&text[start..end])
}

/// The text with a new body, and an empty comment after it where it would else draw in what follows; nothing if that is not enough.
fn replaced_safely(document: &Document<'_>, section: &Section, inside: &str, ending: &str) -> Option<String> {
    let text = document.text();
    let plain = replace_body(text, section, inside, ending);
    let window = splice::window(document, &section.body);
    // How far from the end the headings stand that were after the section.
    let rest = window.end - section.body.end;
    let after = |edited: &str| {
        let part = splice::parse_window(edited, window.start..window.end + edited.len() - text.len());
        let length = part.text().len();
        let ends = part.sections.iter().map(|section| length - section.heading.start);
        ends.filter(|&end| end <= rest).collect::<Vec<_>>()
    };
    let walled = || replace_body(text, section, &format!("{inside}{ending}{ending}<!-- -->"), ending);
    let wanted = after(text);
    let is_right = |edited: &String| after(edited) == wanted;
    Some(plain).filter(is_right).or_else(|| Some(walled()).filter(is_right))
}

fn replace_body(text: &str, section: &Section, inside: &str, ending: &str) -> String {
    let (head, old, rest) = (&text[..section.body.start], &text[section.body.clone()], &text[section.body.end..]);
    let content_end = lines::end_of_content(old, 0, old.len());
    let blank_after = &old[content_end..];
    let has_final = lines::begins_line(text, section.body.end);
    let mut result = head.to_owned();
    if !lines::begins_line(head, head.len()) {
        result.push_str(ending);
    }
    if !inside.is_empty() {
        result.extend([ending, inside]);
        if has_final || !rest.is_empty() {
            result.push_str(ending);
        }
    }
    match (blank_after.is_empty(), rest.is_empty()) {
        (true, false) => result.push_str(ending),
        (_, true) => {}
        (false, false) => result.push_str(blank_after),
    }
    result + rest
}

#[cfg(test)]
mod tests;
