//! A stretch of work, told: its lines in detail, and what a sentence about it is made of.
//!
//! Computed once from the stretch's items; what is older is told from the digests alone. Pure; called by `history`.

use crate::model::event::EventKind;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fold::{Unit, fold_commits, key};
use super::item::{Item, one_line};
use super::line::{Line, Part, bounded_sources};
use super::standing::{Closed, KeptKind};
use super::stretch::area_of;
use super::subject::Sort;
use super::touched::Focus;
use super::weigh::weigh_event;

/// A line of detail is no longer than this, in characters.
const LONGEST: usize = 140;
/// Of so many items one line of detail comes.
const ITEMS_A_LINE: usize = 6;
/// A short stretch is told in so many lines, if it has them: they cost little, and say what it was about.
const FEWEST_LINES: usize = 3;
/// A stretch has no more lines of detail.
const MOST_LINES: usize = 20;
const HIGHLIGHTS: usize = 3;
const AREAS: usize = 4;

/// What is kept of a stretch of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    pub from: Timestamp,
    pub to: Timestamp,
    /// The session's own time at its end, in seconds since the session began.
    pub active_end: i64,
    pub first: String,
    pub last: String,
    pub count: usize,
    /// How many of each kind.
    pub kinds: BTreeMap<String, usize>,
    /// The parts of the project that it was about, the most touched first.
    pub areas: Vec<(String, usize)>,
    /// Its lines of detail; none where it is so old that only the sentence is left.
    pub lines: Vec<Line>,
    /// The weightiest things of it, for the sentence.
    pub highlights: Vec<(u8, String)>,
}

/// Makes the digest of a stretch; `closed` is what its items have closed.
pub fn digest(items: &[Item], closed: &[Closed], active_end: i64) -> Digest {
    let (first, last) = (&items[0], &items[items.len() - 1]);
    let mut all = commit_lines(items);
    all.extend(closed.iter().map(closed_line));
    all.extend(event_lines(items));
    all.extend(tool_line(items));
    all.sort_by(|left, right| right.weight.cmp(&left.weight).then(left.time.cmp(&right.time)));
    let highlights = all.iter().take(HIGHLIGHTS).map(|line| (line.weight, line.text.clone())).collect();
    all.truncate(items.len().div_ceil(ITEMS_A_LINE).clamp(FEWEST_LINES, MOST_LINES));
    all.sort_by_key(|line| (line.time, line.sources.first().cloned()));
    let mut kinds = BTreeMap::new();
    for item in items {
        *kinds.entry(one_line(item.kind.as_str(), 30)).or_default() += 1;
    }
    Digest {
        from: items.iter().map(|item| item.time).min().unwrap_or(first.time),
        to: items.iter().map(|item| item.time).max().unwrap_or(last.time),
        active_end,
        first: first.id.clone(),
        last: last.id.clone(),
        count: items.len(),
        kinds: bounded_kinds(kinds),
        areas: areas(items),
        lines: all,
        highlights,
    }
}

fn bounded_kinds(kinds: BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    const MOST: usize = 24;
    let mut by_count: Vec<(String, usize)> = kinds.into_iter().collect();
    by_count.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    by_count.into_iter().take(MOST).collect()
}

fn areas(items: &[Item]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in items.iter().flat_map(|item| item.paths.iter().take(20)) {
        *counts.entry(one_line(&area_of(path), 40)).or_default() += 1;
    }
    counts.remove("");
    let mut areas: Vec<_> = counts.into_iter().collect();
    areas.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    areas.truncate(AREAS);
    areas
}

fn commit_lines(items: &[Item]) -> Vec<Line> {
    let commits: Vec<&Item> =
        items.iter().filter(|item| matches!(item.kind, EventKind::Commit | EventKind::Merge)).collect();
    let units = fold_commits(&commits, &Focus::default());
    units.iter().map(|unit| commit_line(unit, &commits)).collect()
}

fn commit_line(unit: &Unit, commits: &[&Item]) -> Line {
    let sources = unit.items.iter().map(|&place| commits[place].id.clone()).collect();
    let part = match unit.subject.sort {
        Sort::Fix => Part::Problems,
        _ if unit.is_cancelled => Part::Problems,
        _ => Part::Done,
    };
    let last = unit.items.last().copied().unwrap_or(0);
    line(part, &unit.text(), unit.weight.points, sources, commits[last].time)
}

fn line(part: Part, text: &str, weight: u8, sources: Vec<String>, time: Timestamp) -> Line {
    Line {
        text: one_line(text, LONGEST),
        part,
        weight,
        count: sources.len(),
        sources: bounded_sources(sources),
        layer: 2,
        is_kept: false,
        time,
        reasons: Vec::new(),
    }
}

fn closed_line(closed: &Closed) -> Line {
    let text = &closed.kept.text;
    let told = match closed.kept.kind {
        KeptKind::Failure if closed.kept.count > 1 => format!("{text} failed (×{}), then worked", closed.kept.count),
        KeptKind::Failure => format!("{text} failed, then worked"),
        KeptKind::Issue => format!("solved: {text}"),
        KeptKind::Next => format!("done, as planned: {text}"),
        KeptKind::Decision | KeptKind::Pinned => text.clone(),
    };
    let part = if closed.kept.kind == KeptKind::Next { Part::Done } else { Part::Problems };
    let weight = if closed.kept.kind == KeptKind::Failure { 42 } else { 75 };
    line(part, &told, weight, vec![closed.kept.id.clone(), closed.by.clone()], closed.time)
}

/// What is no commit and no tool: the same said again is one line. What stands or was closed is told elsewhere.
fn event_lines(items: &[Item]) -> Vec<Line> {
    let mut lines: Vec<(usize, Line, Vec<String>)> = Vec::new();
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for item in items.iter().filter(|item| is_told(&item.kind)) {
        let name = (item.kind.as_str().to_owned(), key(&item.text));
        if let Some(&place) = places.get(&name) {
            lines[place].0 += 1;
            lines[place].2.push(item.id.clone());
            continue;
        }
        places.insert(name, lines.len());
        let weight = weigh_event(item).points;
        lines.push((1, line(Part::Done, &told(item), weight, Vec::new(), item.time), vec![item.id.clone()]));
    }
    let finished = lines.into_iter().map(|(times, line, sources)| {
        let times = if times > 1 { format!(" (×{times})") } else { String::new() };
        Line { text: line.text + &times, count: sources.len(), sources: bounded_sources(sources), ..line }
    });
    finished.collect()
}

fn is_told(kind: &EventKind) -> bool {
    use EventKind::{Command, Commit, Decision, Failure, Issue, IssueDone, Merge, Next, Pin, Tool, Unpin, Variable};
    !matches!(
        kind,
        Commit | Merge | Decision | Issue | IssueDone | Next | Failure | Pin | Unpin | Tool | Command | Variable
    )
}

/// An event in words.
pub fn told(item: &Item) -> String {
    let text = &item.text;
    match &item.kind {
        EventKind::Checkpoint => format!("saved: {text}"),
        EventKind::TodoDone => format!("done: {text}"),
        EventKind::Todo => format!("to do: {text}"),
        EventKind::Prompt => format!("asked: {text}"),
        EventKind::Checkout => format!("on {text}"),
        EventKind::Context => format!("context: {text}"),
        EventKind::Check if item.is_failed => format!("not done any more: {text}"),
        EventKind::Check => format!("checked: {text}"),
        EventKind::Note | EventKind::Session | EventKind::Branch | EventKind::Return | EventKind::Rewrite => {
            text.clone()
        }
        kind => format!("{}: {text}", kind.as_str()),
    }
}

/// All tools and commands that worked, on one line.
fn tool_line(items: &[Item]) -> Option<Line> {
    let is_tool = |item: &&Item| matches!(item.kind, EventKind::Tool | EventKind::Command);
    let tools: Vec<&Item> = items.iter().filter(is_tool).collect();
    let last = tools.last()?;
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for tool in &tools {
        let name = tool.text.split_whitespace().next().unwrap_or("a tool").trim_end_matches(':');
        *names.entry(one_line(name, 24)).or_default() += 1;
    }
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    let told: Vec<String> = names.iter().take(4).map(|(name, count)| format!("{name} ×{count}")).collect();
    let text = format!("ran {} tools: {}", tools.len(), told.join(", "));
    let sources = tools.iter().map(|tool| tool.id.clone()).collect();
    Some(line(Part::Done, &text, 22, sources, last.time))
}

impl Digest {
    /// What a sentence needs of it: all but its details.
    pub fn bare(&self) -> Digest {
        Digest {
            first: self.first.clone(),
            last: self.last.clone(),
            kinds: self.kinds.clone(),
            areas: self.areas.clone(),
            lines: Vec::new(),
            highlights: self.highlights.clone(),
            ..*self
        }
    }
}

/// Two stretches as one, without their details.
pub fn joined(left: &Digest, right: &Digest) -> Digest {
    let mut joined = left.bare();
    joined.from = left.from.min(right.from);
    joined.to = left.to.max(right.to);
    joined.active_end = right.active_end;
    joined.last.clone_from(&right.last);
    joined.count += right.count;
    for (kind, count) in &right.kinds {
        *joined.kinds.entry(kind.clone()).or_default() += count;
    }
    joined.kinds = bounded_kinds(joined.kinds);
    for (area, count) in &right.areas {
        match joined.areas.iter_mut().find(|(known, _)| known == area) {
            Some((_, known)) => *known += count,
            None => joined.areas.push((area.clone(), *count)),
        }
    }
    joined.areas.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    joined.areas.truncate(AREAS);
    joined.highlights.extend(right.highlights.iter().cloned());
    // Stable: of equal weight the earlier one stays first.
    joined.highlights.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    joined.highlights.truncate(HIGHLIGHTS);
    joined
}

/// A stretch in a sentence or two, at most so many characters.
pub fn sentence(digest: &Digest, most: usize) -> Line {
    let areas: Vec<&str> = digest.areas.iter().take(2).map(|(area, _)| area.as_str()).collect();
    let place = if areas.is_empty() { String::new() } else { format!("{}: ", areas.join(", ")) };
    let count = |kind: &str| digest.kinds.get(kind).copied().unwrap_or(0);
    let counts = [("commit", count("commit") + count("merge")), ("checkpoint", count("checkpoint"))];
    let counted = counts.iter().filter(|(_, number)| *number > 0);
    let counted: Vec<String> =
        counted.map(|(word, number)| format!("{number} {word}{}", if *number == 1 { "" } else { "s" })).collect();
    let tail =
        if counted.is_empty() { format!(" ({} events)", digest.count) } else { format!(" ({})", counted.join(", ")) };
    let room = most.saturating_sub(place.chars().count() + tail.chars().count()).max(20);
    let each = if digest.highlights.len() > 1 { room * 3 / 5 } else { room };
    let mut said = String::new();
    for (_, text) in digest.highlights.iter().take(3) {
        let used = said.chars().count();
        let left = room.saturating_sub(used + 2);
        if used > 0 && left < 16 {
            break;
        }
        if used > 0 {
            said.push_str("; ");
        }
        said.push_str(&one_line(text, left.min(each)));
    }
    Line {
        text: format!("{place}{said}{tail}"),
        part: Part::Earlier,
        weight: digest.highlights.first().map_or(10, |(weight, _)| *weight),
        sources: if digest.first == digest.last {
            vec![digest.first.clone()]
        } else {
            vec![digest.first.clone(), digest.last.clone()]
        },
        count: digest.count,
        layer: 3,
        is_kept: false,
        time: digest.to,
        reasons: Vec::new(),
    }
}
