//! Stretches of work: where a pause or another part of the project begins a new one.
//!
//! Decided from the beginning on and never from what comes later, so that a stretch once ended stays as it is.

use std::collections::BTreeSet;

use super::age::{IDLE, active_between};
use super::item::Item;

/// A stretch is no longer than this.
const MOST: usize = 120;
/// Before so many items another part of the project is no new stretch.
const LEAST: usize = 25;
/// Shorter than this a pause ends nothing.
const SHORTEST: usize = 4;

/// Where the stretches end: places after their last items. The last one may still grow, and is not among them unless it
/// is full.
pub fn ends(items: &[Item]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut start = 0;
    let mut areas: BTreeSet<String> = BTreeSet::new();
    for place in 0..items.len() {
        if place > start && begins_new(items, start, place, &areas) {
            ends.push(place);
            start = place;
            areas.clear();
        }
        areas.extend(items[place].paths.iter().take(20).map(|path| area_of(path)));
    }
    if items.len() - start >= MOST {
        ends.push(items.len());
    }
    ends
}

fn begins_new(items: &[Item], start: usize, place: usize, areas: &BTreeSet<String>) -> bool {
    let length = place - start;
    let item = &items[place];
    let is_pause = active_between(items[place - 1].time, item.time) >= IDLE && length >= SHORTEST;
    let is_elsewhere = length >= LEAST
        && !item.paths.is_empty()
        && !areas.is_empty()
        && !item.paths.iter().any(|path| areas.contains(&area_of(path)));
    length >= MOST || is_pause || is_elsewhere
}

/// The part of the project that a path is in: at most two folders deep.
pub fn area_of(path: &str) -> String {
    let Some((folder, _)) = path.rsplit_once('/') else { return String::new() };
    folder.split('/').take(2).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::EventKind;

    fn items(seconds: &[i64]) -> Vec<Item> {
        let item = |&second: &i64| Item::new("x", jiff::Timestamp::from_second(second).unwrap(), EventKind::Note, "x");
        seconds.iter().map(item).collect()
    }

    #[test]
    fn a_pause_ends_a_stretch() {
        let day = 86_400;
        assert_eq!(ends(&items(&[0, 60, 120, 180, day, day + 1])), [4]);
        assert_eq!(ends(&items(&[])), Vec::<usize>::new());
        assert_eq!(ends(&items(&vec![7; MOST * 2])), [MOST, MOST * 2]);
    }

    #[test]
    fn another_part_of_the_project_is_another_stretch() {
        let mut all = items(&vec![0; 60]);
        for (place, item) in all.iter_mut().enumerate() {
            item.paths = vec![if place < 30 { "src/a/x.rs" } else { "web/b/y.ts" }.to_owned()];
        }
        assert_eq!(ends(&all), [30]);
    }

    #[test]
    fn what_comes_later_changes_no_end() {
        let seconds: Vec<i64> = (0..400).map(|number| number * 97 + (number / 37) * 7200).collect();
        let all = items(&seconds);
        let whole = ends(&all);
        for length in 0..all.len() {
            let part = ends(&all[..length]);
            assert!(whole.starts_with(&part[..part.len().saturating_sub(1)]), "{length}");
        }
    }
}
