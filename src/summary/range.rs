//! A range of git's history as lines: one for each change, weighed.
//!
//! Pure; `ops/summary/range` brings the commits, oldest first, a merged pull request as one of them.

use super::fold::{Unit, fold_commits};
use super::item::{Item, one_line};
use super::line::{Line, Part, bounded_sources};
use super::subject::Sort;
use super::touched::Focus;

/// A line is no longer than this, in characters.
const LONGEST: usize = 200;

/// The lines of a range, in the order of the changes.
pub fn lines(items: &[Item], focus: &Focus) -> Vec<Line> {
    let borrowed: Vec<&Item> = items.iter().collect();
    let mut units = fold_commits(&borrowed, focus);
    units.sort_by_key(last_of);
    units.iter().map(|unit| line_of(unit, items)).collect()
}

fn last_of(unit: &Unit) -> usize {
    unit.items.last().copied().unwrap_or(0)
}

fn line_of(unit: &Unit, items: &[Item]) -> Line {
    let sources = unit.items.iter().map(|&place| items[place].id.clone()).collect();
    Line {
        // The numbers stay whole where the text is cut.
        text: one_line(&unit.said(), LONGEST) + &unit.requests(),
        part: part_of(unit),
        weight: unit.weight.points,
        sources: bounded_sources(sources),
        count: unit.items.len(),
        layer: 2,
        is_kept: false,
        time: items[last_of(unit)].time,
        reasons: unit.weight.reasons.iter().map(|reason| (*reason).to_owned()).collect(),
    }
}

fn part_of(unit: &Unit) -> Part {
    if unit.is_cancelled {
        return Part::Inside;
    }
    if unit.subject.is_breaking || unit.subject.is_security {
        return Part::Breaking;
    }
    match unit.subject.sort {
        Sort::Feature => Part::Added,
        Sort::Fix => Part::Fixed,
        Sort::Documentation => Part::Documented,
        sort if sort.is_inside() => Part::Inside,
        _ => Part::Changed,
    }
}
