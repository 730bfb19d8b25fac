//! Finds the item of a check list that a user means.

use super::error::CheckError;
use crate::ops::OpError;
use crate::template::checklist::{self, ChecklistError, Item};

/// How like a typed text another must be to be proposed, from 0 to 1.
const LIKENESS: f64 = 0.7;

/// Longest beginnings are compared: the rest of a long item says no more about what was meant.
const COMPARED: usize = 200;

/// The number of an item: as typed, or of the one that has these words. Among several, one that is open goes before those
/// that are done, or the other way round, as `prefer_open` says.
pub(super) fn find_item(text: &str, typed: &str, prefer_open: Option<bool>) -> Result<usize, OpError> {
    let items = checklist::items(text);
    let typed = typed.trim();
    let digits = typed.strip_prefix('#').unwrap_or(typed);
    if let Ok(number) = digits.parse::<usize>() {
        let count = items.len();
        let is_there = (1..=count).contains(&number);
        return if is_there { Ok(number) } else { Err(ChecklistError::NoSuchItem { number, count }.into()) };
    }
    let fitting = fitting(&items, typed);
    let preferred: Vec<&Item> = match prefer_open {
        Some(open) => fitting.iter().copied().filter(|item| item.is_done != open).collect(),
        None => Vec::new(),
    };
    match (preferred.as_slice(), fitting.as_slice()) {
        ([one], _) | ([], [one]) => Ok(one.number),
        ([], []) => {
            let nearest = nearest(typed, items.iter().map(|item| item.text.as_str()));
            let line = |text: &String| items.iter().find(|item| item.text == *text).map(line_of);
            let nearest = nearest.iter().filter_map(line).collect();
            Err(CheckError::Unknown { typed: typed.to_owned(), nearest }.into())
        }
        ([], several) | (several, _) => {
            let candidates = several.iter().map(|item| line_of(item)).collect();
            Err(CheckError::Ambiguous { typed: typed.to_owned(), candidates }.into())
        }
    }
}

/// Items that are called so; else those that have the words.
fn fitting<'a>(items: &'a [Item], typed: &str) -> Vec<&'a Item> {
    let wanted = typed.to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let exact: Vec<&Item> = items.iter().filter(|item| item.text.to_lowercase() == wanted).collect();
    if exact.is_empty() {
        return items.iter().filter(|item| item.text.to_lowercase().contains(&wanted)).collect();
    }
    exact
}

fn line_of(item: &Item) -> String {
    format!("{}  {}", item.number, item.text)
}

/// The texts most like what was typed, the best first: as a whole, or by one of their words.
pub(super) fn nearest<'a>(typed: &str, texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let short = |text: &str| text.chars().take(COMPARED).collect::<String>().to_lowercase();
    let typed = short(typed);
    let likeness = |text: &str| {
        let text = short(text);
        let words = text.split_whitespace().map(|word| strsim::normalized_damerau_levenshtein(word, &typed));
        words.fold(strsim::normalized_damerau_levenshtein(&text, &typed), f64::max)
    };
    let mut scored: Vec<(f64, &str)> = texts.map(|text| (likeness(text), text)).collect();
    scored.retain(|(likeness, _)| *likeness >= LIKENESS);
    scored.sort_by(|left, right| right.0.total_cmp(&left.0));
    scored.into_iter().take(3).map(|(_, text)| text.to_owned()).collect()
}
