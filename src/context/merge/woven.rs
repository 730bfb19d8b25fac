//! The merged units as text: with the blank lines they had, numbers that count on, and nothing left open.

use super::MARK;
use super::unit::{Cut, Unit, UnitKind};
use crate::context::document::{BlockKind, Document};
use crate::context::item::Marker;
use crate::context::lines;

/// A unit of the result, by where it stands in each version that has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) base: Option<usize>,
    pub(super) ours: Option<usize>,
    pub(super) theirs: Option<usize>,
    /// Whether the mark stands before it.
    pub(super) is_marked: bool,
}

/// The three versions.
pub(super) struct Versions<'t> {
    pub(super) base: Cut<'t>,
    pub(super) ours: Cut<'t>,
    pub(super) theirs: Cut<'t>,
}

impl<'t> Versions<'t> {
    /// The unit at a place: the one that was changed, ours if both or none were.
    fn unit(&self, place: &Place) -> &Unit<'t> {
        if self.is_theirs(place) {
            &self.theirs.units[place.theirs.expect("it is theirs")]
        } else {
            &self.ours.units[place.ours.expect("it is ours")]
        }
    }

    fn is_theirs(&self, place: &Place) -> bool {
        let Some(theirs) = place.theirs else { return false };
        let Some(ours) = place.ours else { return true };
        let is_unchanged = |base: usize| self.base.units[base].source == self.ours.units[ours].source;
        place.base.is_some_and(is_unchanged) && self.ours.units[ours].source != self.theirs.units[theirs].source
    }

    /// The blank lines between two places that follow each other in some version.
    fn known_gap(&self, place: &Place, next: &Place) -> Option<&'t str> {
        let follows = |one: Option<usize>, other: Option<usize>| one.filter(|one| other == Some(one + 1));
        let ours = follows(place.ours, next.ours).map(|at| self.ours.units[at].gap);
        let theirs = follows(place.theirs, next.theirs).map(|at| self.theirs.units[at].gap);
        let base = follows(place.base, next.base).map(|at| self.base.units[at].gap);
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => Some(if base == Some(ours) { theirs } else { ours }),
            (ours, theirs) => ours.or(theirs),
        }
    }

    /// The blank lines between two places that never followed each other: none between items of a tight list, else one.
    fn new_gap<'e>(&self, place: &Place, next: &Place, ending: &'e str) -> &'e str {
        let (unit, following) = (self.unit(place), self.unit(next));
        if !unit.is_item() || !following.is_item() {
            return ending;
        }
        let is_loose = |cut: &Cut<'_>, at: Option<usize>| {
            at.is_some_and(|at| {
                let has_item_after = cut.units.get(at + 1).is_some_and(Unit::is_item);
                has_item_after && !cut.units[at].gap.is_empty()
            })
        };
        let before = |at: Option<usize>| at.and_then(|at| at.checked_sub(1));
        let is_loose = is_loose(&self.ours, place.ours)
            || is_loose(&self.theirs, place.theirs)
            || is_loose(&self.ours, before(next.ours).filter(|&at| self.ours.units[at].is_item()))
            || is_loose(&self.theirs, before(next.theirs).filter(|&at| self.theirs.units[at].is_item()));
        if is_loose { ending } else { "" }
    }

    pub(super) fn render(&self, places: &[Place], ending: &str) -> String {
        let mut text = String::new();
        let mut number = None;
        for (index, place) in places.iter().enumerate() {
            let previous = index.checked_sub(1).map(|before| &places[before]);
            match previous {
                None => text.push_str(self.lead()),
                Some(previous) => self.part(&mut text, previous, place, ending),
            }
            number = self.next_number(previous, place, number);
            self.write(&mut text, place, number, index == 0, ending);
        }
        match places.last() {
            Some(last) => self.finish(&mut text, last),
            None => text.push_str(self.lead()),
        }
        text
    }

    fn lead(&self) -> &'t str {
        if self.ours.lead == self.base.lead { self.theirs.lead } else { self.ours.lead }
    }

    /// Writes what stands between two units.
    fn part(&self, text: &mut String, place: &Place, next: &Place, ending: &str) {
        if !lines::begins_line(text, text.len()) {
            text.push_str(ending);
        }
        self.close(text, place, ending);
        if next.is_marked {
            if !self.unit(place).is_item() {
                text.push_str(ending);
            }
            text.extend([MARK, ending]);
            return;
        }
        text.push_str(self.known_gap(place, next).unwrap_or_else(|| self.new_gap(place, next, ending)));
    }

    /// Ends a code block or HTML block that ran to the end of its document, for it is not the last one any more.
    fn close(&self, text: &mut String, place: &Place, ending: &str) {
        let is_last = |cut: &Cut<'_>, at: Option<usize>| at.is_some_and(|at| at + 1 == cut.units.len());
        let unit = self.unit(place);
        let may_be_open =
            unit.kind == UnitKind::Block && (is_last(&self.ours, place.ours) || is_last(&self.theirs, place.theirs));
        if may_be_open && let Some(end) = missing_end(unit.source) {
            text.extend([&end, ending]);
        }
    }

    fn write(&self, text: &mut String, place: &Place, number: Option<u64>, is_first: bool, ending: &str) {
        let unit = self.unit(place);
        match unit.kind {
            UnitKind::FrontMatter if !is_first => {
                let fence = fence_around(unit.source);
                let inside = lines::without_ending(unit.source);
                text.extend([&fence, ending, inside, ending, &fence, ending]);
            }
            UnitKind::Item { marker: Marker::Ordered { number: old, delimiter }, column } if number != Some(old) => {
                let marker = Marker::Ordered { number: number.unwrap_or(old), delimiter }.render();
                text.push_str(&renumbered(unit, &marker, column));
            }
            _ => text.push_str(unit.source),
        }
    }

    /// The number of a numbered item: the one after the item before it, if that is of the same list.
    fn next_number(&self, previous: Option<&Place>, place: &Place, before: Option<u64>) -> Option<u64> {
        let number_of = |unit: &Unit<'_>| match unit.kind {
            UnitKind::Item { marker: Marker::Ordered { number, delimiter }, .. } => Some((number, delimiter)),
            _ => None,
        };
        let (number, delimiter) = number_of(self.unit(place))?;
        let (Some(previous), Some(before)) = (previous.filter(|_| !place.is_marked), before) else {
            return Some(number);
        };
        if number_of(self.unit(previous)).is_none_or(|(_, other)| other != delimiter) {
            return Some(number);
        }
        let (cut, at) = if self.is_theirs(place) { (&self.theirs, place.theirs) } else { (&self.ours, place.ours) };
        let before_it = at.and_then(|at| at.checked_sub(1));
        let own_previous = before_it.and_then(|at| number_of(&cut.units[at])).map(|(own, _)| own);
        let own_place = if self.is_theirs(place) { previous.theirs } else { previous.ours };
        let step = match own_previous {
            Some(own) if own_place == before_it && own == before => return Some(number),
            Some(own) => number.saturating_sub(own).min(1),
            None => 1,
        };
        Some((before + step).min(999_999_999))
    }

    /// Writes what stands after the last unit, as the version has it whose last one it is.
    fn finish(&self, text: &mut String, last: &Place) {
        let tail = |cut: &Cut<'t>, at: Option<usize>| {
            at.filter(|at| at + 1 == cut.units.len()).map(|at| (cut.units[at].gap, ends_line(cut.units[at].source)))
        };
        let (base, ours, theirs) =
            (tail(&self.base, last.base), tail(&self.ours, last.ours), tail(&self.theirs, last.theirs));
        let chosen = if ours.is_none() || (base == ours && theirs.is_some()) { theirs } else { ours };
        let (gap, is_ended) = chosen.unwrap_or(("", true));
        let bare = lines::without_ending(text).len();
        match (is_ended, lines::begins_line(text, text.len())) {
            (true, false) => text.push('\n'),
            (false, true) => text.truncate(bare),
            _ => {}
        }
        text.push_str(gap);
    }
}

fn ends_line(source: &str) -> bool {
    source.ends_with(['\n', '\r'])
}

/// An item with another number; its further lines move with its text.
fn renumbered(unit: &Unit<'_>, marker: &str, column: usize) -> String {
    let width = unit.after_marker - unit.marker_at;
    let new_column = (column + marker.len()).saturating_sub(width);
    let head = format!("{}{marker}", &unit.source[..unit.marker_at]);
    let rest = lines::lines(&unit.source[unit.after_marker..]).enumerate();
    let rest =
        rest.map(|(index, line)| if index == 0 { line.to_owned() } else { lines::shifted(line, column, new_column) });
    head + &rest.collect::<String>()
}

/// The line that ends a block which is open at its end.
fn missing_end(source: &str) -> Option<String> {
    let probe = format!("{source}\n\n- item\n");
    let document = Document::parse_part(&probe);
    let first = document.blocks.first()?;
    if document.blocks.last().is_some_and(|block| block.kind == BlockKind::List) {
        return None;
    }
    let shown = source.trim_start();
    let fence = shown.chars().next().filter(|one| matches!(one, '`' | '~'));
    if let (BlockKind::Code, Some(fence)) = (first.kind, fence) {
        return Some(shown.chars().take_while(|&one| one == fence).collect());
    }
    let ends = [("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"), ("<!", ">")];
    let end = ends.into_iter().find(|(start, _)| shown.starts_with(start)).map(|(_, end)| end);
    let name = shown.strip_prefix('<').unwrap_or_default().to_ascii_lowercase();
    let tag = ["script", "pre", "style", "textarea"].into_iter().find(|tag| name.starts_with(tag));
    end.map(str::to_owned).or_else(|| tag.map(|tag| format!("</{tag}>")))
}

/// A fence longer than any in the text.
fn fence_around(text: &str) -> String {
    let longest = text.split(|one| one != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}
