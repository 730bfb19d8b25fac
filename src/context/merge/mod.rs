//! Two versions of a document that grew out of one, made into one: by section, and within a section by item.
//!
//! No line of either side is lost. What both sides added is there twice over; what both changed is kept from both, the
//! second one under a mark that can be read and deleted; what one changed and the other removed stays. Called by `ops/`
//! when the file and the stored version both moved on, with the facts stripped.

mod hunk;
mod unit;
mod woven;

use std::borrow::Cow;
use std::collections::HashMap;

use self::hunk::{Changes, Group};
use self::unit::{Cut, Segment, Unit};
use self::woven::{Place, Versions};
use super::lines;

/// A merged document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    pub text: String,
    /// Where both sides said different things; the text holds both.
    pub conflicts: Vec<Conflict>,
}

/// A place where both sides said different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The section's name; empty for what stands before the first heading.
    pub section: String,
    pub kind: ConflictKind,
    /// The first line of what is concerned.
    pub line: String,
}

/// What kind of disagreement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKind {
    /// Changed on both sides: both are kept, the second one under a mark.
    BothChanged,
    /// Changed on one side and removed on the other: the changed one is kept.
    ChangedAndRemoved,
}

/// The line that stands before what the other side said.
pub const MARK: &str = "<!-- ckpt: also said -->";

/// Merges what became of `base` on both sides. No line of either side is lost.
pub fn merge(base: &str, ours: &str, theirs: &str) -> Merged {
    let unchanged = |text: &str| Merged { text: text.to_owned(), conflicts: Vec::new() };
    if theirs == base || ours == theirs {
        return unchanged(ours);
    }
    if ours == base {
        return unchanged(theirs);
    }
    merge_segments(base, ours, theirs, |_| true)
}

/// Brings what a child session learned back to its parent's document: of what became of `child_base`, only the sections
/// that flow (`standard::SHARED`, with what stands below them).
pub fn merge_shared(parent: &str, child_base: &str, child: &str) -> Merged {
    merge_segments(child_base, parent, child, |segment| segment.is_shared)
}

/// How many places of a text still bear the mark.
pub fn marks(text: &str) -> usize {
    lines::lines(text).filter(|line| line.trim() == MARK).count()
}

fn merge_segments(base: &str, ours: &str, theirs: &str, flows: impl Fn(&Segment) -> bool) -> Merged {
    let mark = '\u{feff}';
    let has_mark = ours.starts_with(mark) || (theirs.starts_with(mark) && !base.starts_with(mark));
    let ending = target_ending(base, ours, theirs);
    let [base, ours, theirs] =
        [base, ours, theirs].map(|text| with_ending(text.strip_prefix(mark).unwrap_or(text), ending));
    let versions = Versions { base: Cut::of(&base), ours: Cut::of(&ours), theirs: Cut::of(&theirs) };
    let mut merger = Merger { versions: &versions, places: Vec::new(), conflicts: Vec::new() };
    let by_key = |cut: &Cut<'_>| -> HashMap<String, Segment> {
        cut.segments.iter().map(|segment| (segment.key.clone(), segment.clone())).collect()
    };
    let (base_of, ours_of, theirs_of) = (by_key(&versions.base), by_key(&versions.ours), by_key(&versions.theirs));
    for key in order(&versions) {
        let their = theirs_of.get(key).filter(|segment| flows(segment));
        let own = ours_of.get(key);
        let is_bound = own.is_some_and(|own| !flows(own)) || theirs_of.get(key).is_some_and(|their| !flows(their));
        if is_bound {
            merger.keep(own);
        } else {
            merger.segment(base_of.get(key), own, their);
        }
    }
    let text = versions.render(&merger.places, lines::ending_near(&ours, ours.len()));
    let text = if has_mark { format!("{mark}{text}") } else { text };
    Merged { text, conflicts: merger.conflicts }
}

/// The line ending of the result, if each version has one alone: that of the side that changed it.
fn target_ending(base: &str, ours: &str, theirs: &str) -> Option<&'static str> {
    let uniform = |text: &str| {
        let mut endings = lines::lines(text).map(lines::ending).filter(|ending| !ending.is_empty());
        let first = if endings.next()? == "\r\n" { "\r\n" } else { "\n" };
        endings.all(|ending| ending == first).then_some(first)
    };
    let (base, ours, theirs) = (uniform(base)?, uniform(ours)?, uniform(theirs)?);
    Some(if ours == base { theirs } else { ours })
}

/// The text with each line ending this way; as it is if there is no such way.
fn with_ending<'t>(text: &'t str, ending: Option<&str>) -> Cow<'t, str> {
    let is_other = |ending: &str| lines::lines(text).next().map(lines::ending).is_some_and(|own| own != ending);
    let Some(ending) = ending.filter(|ending| is_other(ending)) else { return Cow::Borrowed(text) };
    let changed = |line| {
        let bare = lines::without_ending(line);
        [bare, if bare.len() < line.len() { ending } else { "" }]
    };
    Cow::Owned(lines::lines(text).flat_map(changed).collect())
}

/// The keys of all segments in the order of the result: that of the side that changed the order, with what only the
/// other one has after what it follows there. What follows nothing that both have comes before what it precedes, or last.
fn order<'v>(versions: &'v Versions<'_>) -> Vec<&'v str> {
    let keys = |cut: &'v Cut<'_>| cut.segments.iter().map(|segment| segment.key.as_str()).collect::<Vec<_>>();
    let (base, ours, theirs) = (keys(&versions.base), keys(&versions.ours), keys(&versions.theirs));
    let (main, other) = if ours == base { (theirs, ours) } else { (ours, theirs) };
    // That both begin with something before the first heading tells nothing of the order.
    let in_main: std::collections::HashSet<&str> = main.iter().copied().filter(|key| !key.is_empty()).collect();
    let (mut before, mut after) = (HashMap::<&str, Vec<&str>>::new(), HashMap::<&str, Vec<&str>>::new());
    let (mut leading, mut last) = (Vec::new(), None);
    for key in other {
        if in_main.contains(key) {
            before.insert(key, std::mem::take(&mut leading));
            last = Some(key);
        } else if !key.is_empty() || !main.contains(&key) {
            last.map_or(&mut leading, |last| after.entry(last).or_default()).push(key);
        }
    }
    let mut with_neighbours = |key: &'v str| {
        [before.remove(key).unwrap_or_default(), vec![key], after.remove(key).unwrap_or_default()].concat()
    };
    let ordered: Vec<&str> = main.into_iter().flat_map(&mut with_neighbours).collect();
    [ordered, leading].concat()
}

struct Merger<'v, 't> {
    versions: &'v Versions<'t>,
    places: Vec<Place>,
    conflicts: Vec<Conflict>,
}

impl Merger<'_, '_> {
    fn segment(&mut self, base: Option<&Segment>, ours: Option<&Segment>, theirs: Option<&Segment>) {
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => self.both(base, ours, theirs),
            (Some(ours), None) => self.one(base, ours, true),
            (None, Some(theirs)) => self.one(base, theirs, false),
            (None, None) => {}
        }
    }

    /// Keeps a segment as ours has it.
    fn keep(&mut self, ours: Option<&Segment>) {
        for at in ours.map_or(0..0, |ours| ours.units.clone()) {
            self.places.push(Place { ours: Some(at), ..Place::default() });
        }
    }

    /// A segment that only one side has: it is new, or it was changed, or the other side removed it.
    fn one(&mut self, base: Option<&Segment>, segment: &Segment, is_ours: bool) {
        let cut = if is_ours { &self.versions.ours } else { &self.versions.theirs };
        let keys = |units: &[Unit<'_>]| units.iter().map(Unit::key).collect::<Vec<_>>();
        if let Some(base) = base {
            if keys(self.versions.base.units_of(base)) == keys(cut.units_of(segment)) {
                return;
            }
            let line = cut.units_of(segment).first().map(|unit| unit.first_line().to_owned()).unwrap_or_default();
            let section = segment.name.clone();
            self.conflicts.push(Conflict { section, kind: ConflictKind::ChangedAndRemoved, line });
        }
        for at in segment.units.clone() {
            let (ours, theirs) = if is_ours { (Some(at), None) } else { (None, Some(at)) };
            self.places.push(Place { ours, theirs, ..Place::default() });
        }
    }

    fn both(&mut self, base: Option<&Segment>, ours: &Segment, theirs: &Segment) {
        let starts = [base.map_or(0, |base| base.units.start), ours.units.start, theirs.units.start];
        let mut numbers = HashMap::new();
        let mut numbered = |units: &[Unit<'_>]| -> Vec<u32> {
            let mut number = |key: String| {
                let next = u32::try_from(numbers.len()).expect("a document has fewer units than bytes");
                *numbers.entry(key).or_insert(next)
            };
            units.iter().map(|unit| number(unit.key())).collect()
        };
        let base_keys = base.map(|base| numbered(self.versions.base.units_of(base))).unwrap_or_default();
        let our_keys = numbered(self.versions.ours.units_of(ours));
        let their_keys = numbered(self.versions.theirs.units_of(theirs));
        let weave = Weave {
            ours: hunk::changes(&base_keys, &our_keys),
            theirs: hunk::changes(&base_keys, &their_keys),
            our_keys,
            their_keys,
            starts,
        };
        self.weave(&weave, base_keys.len(), &ours.name);
    }

    fn weave(&mut self, weave: &Weave, base_count: usize, section: &str) {
        let mut said = weave.new_of_ours();
        let mut groups = hunk::groups(&weave.ours.hunks, &weave.theirs.hunks).into_iter().peekable();
        for at in 0..=base_count {
            while let Some(group) = groups.next_if(|group| group.old.end == at) {
                self.group(weave, &group, &mut said, section);
            }
            let kept = |changes: &Changes| changes.kept.get(at).copied().flatten();
            if let (Some(ours), Some(theirs)) = (kept(&weave.ours), kept(&weave.theirs)) {
                let [base_start, our_start, their_start] = weave.starts;
                self.places.push(Place {
                    base: Some(base_start + at),
                    ours: Some(our_start + ours),
                    theirs: Some(their_start + theirs),
                    is_marked: false,
                });
            }
        }
    }

    /// Puts in what both sides have in one place: ours, then theirs but for what ours says too.
    fn group(&mut self, weave: &Weave, group: &Group, said: &mut HashMap<u32, usize>, section: &str) {
        let [_, our_start, their_start] = weave.starts;
        let ours: Vec<usize> = Group::new_of(&group.ours).collect();
        let mut theirs: Vec<usize> = Group::new_of(&group.theirs).collect();
        theirs.retain(|&at| match said.get_mut(&weave.their_keys[at]) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        let kind = self.conflict(group, our_start, &ours, their_start, &theirs);
        let is_marked = kind == Some(ConflictKind::BothChanged);
        for &at in &ours {
            self.places.push(Place { ours: Some(our_start + at), ..Place::default() });
        }
        for (index, &at) in theirs.iter().enumerate() {
            let is_marked = is_marked && index == 0;
            self.places.push(Place { theirs: Some(their_start + at), is_marked, ..Place::default() });
        }
        if let Some(kind) = kind {
            let their = theirs.first().map(|&at| &self.versions.theirs.units[their_start + at]);
            let own = ours.first().map(|&at| &self.versions.ours.units[our_start + at]);
            let line = their.or(own).map(|unit| unit.first_line().to_owned()).unwrap_or_default();
            self.conflicts.push(Conflict { section: section.to_owned(), kind, line });
        }
    }

    /// Whether the two sides disagree in a place: not if only one of them changed it, nor if both added items.
    fn conflict(
        &self,
        group: &Group,
        our_start: usize,
        ours: &[usize],
        their_start: usize,
        theirs: &[usize],
    ) -> Option<ConflictKind> {
        if group.ours.is_empty() || group.theirs.is_empty() {
            return None;
        }
        let had_theirs = Group::new_of(&group.theirs).next().is_some();
        let are_additions = group.old.is_empty();
        let are_items = || {
            ours.iter().all(|&at| self.versions.ours.units[our_start + at].is_item())
                || theirs.iter().all(|&at| self.versions.theirs.units[their_start + at].is_item())
        };
        match (ours.is_empty(), theirs.is_empty()) {
            (false, false) if are_additions && are_items() => None,
            (false, false) => Some(ConflictKind::BothChanged),
            (false, true) if had_theirs => None,
            (true, true) => None,
            _ => Some(ConflictKind::ChangedAndRemoved),
        }
    }
}

/// One section on both sides, its units as numbers.
struct Weave {
    ours: Changes,
    theirs: Changes,
    our_keys: Vec<u32>,
    their_keys: Vec<u32>,
    /// Where the section's units begin in base, ours, theirs.
    starts: [usize; 3],
}

impl Weave {
    /// How often ours newly says what.
    fn new_of_ours(&self) -> HashMap<u32, usize> {
        let mut said = HashMap::new();
        for at in Group::new_of(&self.ours.hunks) {
            *said.entry(self.our_keys[at]).or_insert(0) += 1;
        }
        said
    }
}

#[cfg(test)]
mod tests;
