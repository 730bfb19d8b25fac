//! Where two sides changed a sequence, and where they changed the same place. Pure sequences of numbers.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// What one side put in the place of some of the base's units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hunk {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// A side compared with the base.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    pub(super) hunks: Vec<Hunk>,
    /// For each unit of the base, which unit of the side it is, if it is still there.
    pub(super) kept: Vec<Option<usize>>,
}

pub(super) fn changes(base: &[u32], side: &[u32]) -> Changes {
    let mut changes = Changes { hunks: Vec::new(), kept: vec![None; base.len()] };
    for op in capture_diff_slices(Algorithm::Myers, base, side) {
        let (_, old, new) = op.as_tag_tuple();
        if let DiffOp::Equal { .. } = op {
            for (old, new) in old.zip(new) {
                changes.kept[old] = Some(new);
            }
            continue;
        }
        match changes.hunks.last_mut() {
            Some(last) if last.old.end == old.start && last.new.end == new.start => {
                last.old.end = old.end;
                last.new.end = new.end;
            }
            _ => changes.hunks.push(Hunk { old, new }),
        }
    }
    changes
}

/// Hunks of both sides that touch the same units of the base, or put something in at the same place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) old: Range<usize>,
    pub(super) ours: Vec<Hunk>,
    pub(super) theirs: Vec<Hunk>,
}

impl Group {
    /// The units of a side that are new.
    pub(super) fn new_of(hunks: &[Hunk]) -> impl Iterator<Item = usize> {
        hunks.iter().flat_map(|hunk| hunk.new.clone())
    }
}

/// All hunks in groups, in the order in which what they put in comes.
pub(super) fn groups(ours: &[Hunk], theirs: &[Hunk]) -> Vec<Group> {
    let mut all: Vec<(&Hunk, bool)> = ours.iter().map(|hunk| (hunk, true)).collect();
    all.extend(theirs.iter().map(|hunk| (hunk, false)));
    all.sort_by_key(|(hunk, is_ours)| (hunk.old.start, hunk.old.end, !is_ours));
    let mut groups: Vec<Group> = Vec::new();
    for (hunk, is_ours) in all {
        let joins = groups.last().is_some_and(|group| group.old == hunk.old || hunk.old.start < group.old.end);
        if !joins {
            groups.push(Group { old: hunk.old.clone(), ..Group::default() });
        }
        let group = groups.last_mut().expect("one was there or was put in");
        group.old.end = group.old.end.max(hunk.old.end);
        if is_ours { group.ours.push(hunk.clone()) } else { group.theirs.push(hunk.clone()) }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_one_place_are_grouped_and_others_are_not() {
        let base = [1, 2, 3, 4];
        let ours = changes(&base, &[1, 20, 3, 4, 5]);
        let theirs = changes(&base, &[1, 21, 3, 40]);
        let groups = groups(&ours.hunks, &theirs.hunks);
        let olds: Vec<_> = groups.iter().map(|group| group.old.clone()).collect();
        assert_eq!(olds, [1..2, 3..4, 4..4]);
        assert_eq!((groups[0].ours.len(), groups[0].theirs.len()), (1, 1));
        assert_eq!((groups[1].ours.len(), groups[2].theirs.len()), (0, 0));
        assert_eq!(ours.kept, [Some(0), None, Some(2), Some(3)]);
    }

    #[test]
    fn additions_at_one_place_are_one_group() {
        let groups = groups(&changes(&[1], &[1, 2]).hunks, &changes(&[1], &[1, 3]).hunks);
        assert_eq!(groups.len(), 1);
        assert_eq!(Group::new_of(&groups[0].theirs).collect::<Vec<_>>(), [1]);
    }
}
