//! The layers of a session's history: what was compressed once and for all, and how the rest is told today.
//!
//! [`Layers`] is fed the items that came since it was fed last; stretches that are old enough are digested and never
//! looked at again. It holds as much of a history of a million events as of one of a thousand. Pure; `ops/summary`
//! brings the items and keeps the layers in the session's chain.

use crate::model::event::EventKind;
use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::age::{Ages, active_between};
use super::digest::{Digest, digest, joined, sentence, told};
use super::item::{Item, one_line};
use super::line::{Line, Part};
use super::standing::{Kept, KeptKind, Standing};
use super::stretch;

/// The version that this program writes; a higher one is not read and not overwritten.
pub const VERSION: u64 = 1;

/// More of the newest items than these are never told one by one.
const MOST_FULL: usize = 500;
/// More stretches than these are never kept apart.
const MOST_DIGESTS: usize = 300;
/// So many of the newest stretches keep their details.
const MOST_DETAILED: usize = 60;
/// So many items make one sentence; a longer stretch makes one by itself.
const ITEMS_A_SENTENCE: usize = 90;
/// More sentences than these are never told.
const MOST_SENTENCES: usize = 24;
/// A sentence is no longer than this, in characters.
const LONGEST_SENTENCE: usize = 170;
/// An event of the full layer is no longer than this, in characters.
const LONGEST_EVENT: usize = 400;

/// What was compressed so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layers {
    pub version: u64,
    #[serde(default)]
    pub revision: u64,
    /// Up to where the history is in the digests; in the words of whoever brings the items.
    #[serde(default)]
    pub covered: Map<String, Value>,
    /// The session's own time up to there, in seconds.
    active: i64,
    #[serde(default)]
    last_time: Option<Timestamp>,
    pub digests: Vec<Digest>,
    pub standing: Standing,
    /// What a newer revision has to say besides.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Default for Layers {
    fn default() -> Self {
        Layers {
            version: VERSION,
            revision: 0,
            covered: Map::new(),
            active: 0,
            last_time: None,
            digests: Vec::new(),
            standing: Standing::default(),
            other: Map::new(),
        }
    }
}

/// Why the layers of a session cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Made by a newer ckpt: left alone.
    Newer,
    /// Made anew.
    Damaged,
}

impl Layers {
    /// Reads what [`Layers::to_text`] has written.
    pub fn parse(text: &[u8]) -> Result<Layers, Unreadable> {
        #[derive(Deserialize)]
        struct VersionOnly {
            version: u64,
        }
        // What is newer may look otherwise; what is not is read in one go.
        let layers = serde_json::from_slice::<Layers>(text);
        let version = match &layers {
            Ok(layers) => layers.version,
            Err(_) => serde_json::from_slice(text).map_or(0, |found: VersionOnly| found.version),
        };
        if version > VERSION { Err(Unreadable::Newer) } else { layers.map_err(|_| Unreadable::Damaged) }
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("text, numbers and maps with text keys are always JSON") + "\n"
    }

    /// Compresses what is old enough, and with `all` everything; how many of the items that were.
    ///
    /// The next call brings the items after these. What is called with more items at once comes to the same.
    pub fn feed(&mut self, items: &[Item], now: Timestamp, ages: &Ages, all: bool) -> usize {
        let active = self.active_times(items);
        let old = if all { items.len() } else { self.count_old(items, &active, now, ages) };
        let mut start = 0;
        for end in stretch::ends(items).into_iter().take_while(|end| *end <= old) {
            self.take(&items[start..end], active[end - 1]);
            start = end;
        }
        if all && start < items.len() {
            self.take(&items[start..], active[items.len() - 1]);
            start = items.len();
        }
        if start > 0 {
            self.active = active[start - 1];
            self.last_time = Some(items[start - 1].time);
            self.bound();
        }
        start
    }

    /// How many of the items [`Layers::feed`] would compress; quick.
    pub fn ready(&self, items: &[Item], now: Timestamp, ages: &Ages) -> usize {
        let old = self.count_old(items, &self.active_times(items), now, ages);
        stretch::ends(items).into_iter().take_while(|end| *end <= old).last().unwrap_or(0)
    }

    fn active_times(&self, items: &[Item]) -> Vec<i64> {
        let mut active = self.active;
        let mut last = self.last_time;
        let mut times = Vec::with_capacity(items.len());
        for item in items {
            active += last.map_or(0, |last| active_between(last, item.time));
            last = Some(item.time);
            times.push(active);
        }
        times
    }

    /// How many items are too old, or too many, to be told one by one.
    fn count_old(&self, items: &[Item], active: &[i64], now: Timestamp, ages: &Ages) -> usize {
        let Some(last) = items.last() else { return 0 };
        let present = active[items.len() - 1] + active_between(last.time, now);
        let by_age = active.partition_point(|time| present - time > ages.full);
        by_age.max(items.len().saturating_sub(MOST_FULL))
    }

    fn take(&mut self, items: &[Item], active_end: i64) {
        let closed: Vec<_> = items.iter().filter_map(|item| self.standing.feed(item)).collect();
        self.digests.push(digest(items, &closed, active_end));
    }

    /// Old stretches lose their details, and in the end become one with their neighbours.
    fn bound(&mut self) {
        let detailed = self.digests.len().saturating_sub(MOST_DETAILED);
        self.digests[..detailed].iter_mut().for_each(|digest| digest.lines.clear());
        while self.digests.len() > MOST_DIGESTS {
            self.digests = coarser(std::mem::take(&mut self.digests));
        }
    }

    /// Tells the history as it is at this moment; `items` are those that were not compressed yet.
    pub fn view(self, items: &[Item], now: Timestamp, ages: &Ages, is_open: &dyn Fn(&Kept) -> bool) -> View {
        let mut layers = self;
        let mut rest = &items[layers.feed(items, now, ages, false)..];
        let active = layers.active_times(rest);
        let old = layers.count_old(rest, &active, now, ages);
        let mut present = layers.active;
        if let (Some(time), Some(last)) = (active.last(), rest.last()) {
            present = *time + active_between(last.time, now);
        } else if let Some(last) = layers.last_time {
            present += active_between(last, now);
        }
        if old > 0 {
            layers.take(&rest[..old], active[old - 1]);
            rest = &rest[old..];
        }
        let mut standing = layers.standing;
        rest.iter().for_each(|item| drop(standing.feed(item)));
        let kept: Vec<Kept> = standing.iter().filter(|kept| is_open(kept)).cloned().collect();
        View { digests: layers.digests, rest: rest.to_vec(), kept, forgotten: standing.forgotten, present, ages: *ages }
    }
}

/// The older half in pairs: what is long ago is told in fewer words, and none of it is lost.
fn coarser(mut digests: Vec<Digest>) -> Vec<Digest> {
    let new = digests.split_off(digests.len().div_ceil(2));
    digests.chunks(2).map(join_all).chain(new).collect()
}

fn join_all(digests: &[Digest]) -> Digest {
    let (first, rest) = digests.split_first().expect("a chunk has something in it");
    rest.iter().fold(first.bare(), |all, next| joined(&all, next))
}

/// A history, ready to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    digests: Vec<Digest>,
    rest: Vec<Item>,
    kept: Vec<Kept>,
    /// Failures that are not kept any more.
    pub forgotten: usize,
    present: i64,
    ages: Ages,
}

impl View {
    /// All layers, each for what is of its age.
    pub fn lines(&self) -> Vec<Line> {
        let detailed =
            |digest: &Digest| self.present - digest.active_end <= self.ages.detailed && !digest.lines.is_empty();
        let split = self.digests.iter().position(detailed).unwrap_or(self.digests.len());
        let mut lines = self.kept_lines(LONGEST_EVENT);
        lines.extend(sentences(&self.digests[..split]));
        lines.extend(self.digests[split..].iter().flat_map(|digest| digest.lines.iter().cloned()));
        let ids: Vec<&str> = self.kept.iter().map(|kept| kept.id.as_str()).collect();
        // What stands is told once.
        let rest = self.rest.iter().filter(|item| !ids.contains(&item.id.as_str()) || item.kind == EventKind::Pin);
        lines.extend(rest.map(full_line));
        lines
    }

    /// The whole history in detail.
    pub fn detailed(&self) -> Vec<Line> {
        let split = self.digests.iter().position(|digest| !digest.lines.is_empty()).unwrap_or(self.digests.len());
        let mut lines = self.kept_lines(200);
        lines.extend(sentences(&self.digests[..split]));
        lines.extend(self.digests[split..].iter().flat_map(|digest| digest.lines.iter().cloned()));
        lines.extend(self.rest_digest().iter().flat_map(|digest| digest.lines.clone()));
        lines
    }

    /// The whole history in sentences.
    pub fn brief(&self) -> Vec<Line> {
        let mut digests = self.digests.clone();
        digests.extend(self.rest_digest());
        let mut lines = self.kept_lines(110);
        lines.extend(sentences(&digests));
        lines
    }

    fn rest_digest(&self) -> Option<Digest> {
        (!self.rest.is_empty()).then(|| digest(&self.rest, &[], self.present))
    }

    fn kept_lines(&self, most: usize) -> Vec<Line> {
        self.kept.iter().map(|kept| kept_line(kept, most)).collect()
    }

    /// What stands.
    pub fn kept(&self) -> &[Kept] {
        &self.kept
    }

    /// What was not compressed.
    pub fn rest(&self) -> &[Item] {
        &self.rest
    }
}

/// Every event, those that stand marked.
pub fn full_lines(items: &[Item], is_open: &dyn Fn(&Kept) -> bool) -> Vec<Line> {
    let mut standing = Standing::default();
    items.iter().for_each(|item| drop(standing.feed(item)));
    let kept: HashSet<&str> = standing.iter().filter(|kept| is_open(kept)).map(|kept| kept.id.as_str()).collect();
    let line = |item: &Item| Line { is_kept: kept.contains(item.id.as_str()), ..full_line(item) };
    items.iter().map(line).collect()
}

/// An event as the full layer tells it.
pub fn full_line(item: &Item) -> Line {
    let text = match &item.kind {
        EventKind::Decision => format!("decided: {}", with_body(item)),
        EventKind::Issue => format!("issue: {}", item.text),
        EventKind::IssueDone => format!("solved: {}", item.text),
        EventKind::Next => format!("next: {}", item.text),
        EventKind::Tool | EventKind::Command | EventKind::Failure
            if item.is_failed || item.kind == EventKind::Failure =>
        {
            format!("failed: {}", with_body(item))
        }
        EventKind::Commit => format!("commit: {}", item.text),
        _ => told(item),
    };
    Line {
        text: one_line(&text, LONGEST_EVENT),
        part: Part::Full,
        weight: super::weigh::weigh_event(item).points,
        sources: vec![item.id.clone()],
        count: 1,
        layer: 1,
        is_kept: false,
        time: item.time,
        reasons: Vec::new(),
    }
}

fn with_body(item: &Item) -> String {
    if item.body.is_empty() { item.text.clone() } else { format!("{} — {}", item.text, item.body) }
}

fn kept_line(kept: &Kept, most: usize) -> Line {
    let times =
        if kept.count > 1 && kept.kind == KeptKind::Failure { format!(" (×{})", kept.count) } else { String::new() };
    let (part, word, weight) = match kept.kind {
        KeptKind::Pinned => (Part::State, "pinned: ", 100),
        KeptKind::Next => (Part::State, "next: ", 96),
        KeptKind::Issue => (Part::State, "open: ", 97),
        KeptKind::Decision => (Part::Decisions, "", 98),
        KeptKind::Failure => (Part::Problems, "failed: ", 90),
    };
    Line {
        text: format!("{word}{}{times}", one_line(&kept.text, most)),
        part,
        weight,
        sources: vec![kept.id.clone()],
        count: 1,
        layer: 2,
        is_kept: true,
        time: kept.time,
        reasons: Vec::new(),
    }
}

/// One sentence for each stretch; short ones share one, and so do those of long ago where there are many.
fn sentences(digests: &[Digest]) -> Vec<Line> {
    let mut groups: Vec<Digest> = Vec::new();
    let mut pending: Option<Digest> = None;
    for digest in digests {
        let all = pending.take().map_or_else(|| digest.bare(), |pending| joined(&pending, digest));
        if all.count >= ITEMS_A_SENTENCE {
            groups.push(all);
        } else {
            pending = Some(all);
        }
    }
    groups.extend(pending);
    while groups.len() > MOST_SENTENCES {
        groups = coarser(groups);
    }
    groups.iter().map(|group| sentence(group, LONGEST_SENTENCE)).collect()
}
