//! Which entries a brief has: what is pinned first, then a share for each section, then as much as there is room for.

use super::{Brief, Entry, Form, LeftOut, Material, Part, Section, Shape, Shown};
use crate::summary::tokens::TokenCounter;

/// What is pinned is shortened to so many tokens where there is no room for more.
const PINNED_TOKENS: usize = 40;

/// A document of which less than so many bytes would stand there is left out.
const LEAST_BYTES: usize = 80;

/// How often a document is cut shorter until it fits.
const CUTS: usize = 6;

/// The entries that were taken, and in which order.
pub(super) struct Selection<'m> {
    material: &'m Material,
    counter: &'m dyn TokenCounter,
    form: &'m dyn Form,
    /// By section; the first ones of its entries.
    taken: Vec<Vec<Shown<'m>>>,
    /// What the next whole entry of each section costs, once that was counted.
    next_cost: Vec<Option<usize>>,
    steps: Vec<Step<'m>>,
    room: usize,
}

/// One thing that was taken, to be taken back.
struct Step<'m> {
    section: usize,
    /// Where in the section, and what stood there before.
    at: usize,
    before: Option<Shown<'m>>,
    cost: usize,
}

impl<'m> Selection<'m> {
    /// The least that a brief has: what is pinned, shortened.
    pub(super) fn of_pinned(
        material: &'m Material,
        counter: &'m dyn TokenCounter,
        form: &'m dyn Form,
    ) -> Selection<'m> {
        let pinned = |section: &'m Section| {
            let entries = section.entries.iter().take_while(|entry| entry.is_pinned);
            entries.map(|entry| shortened(entry, counter)).collect()
        };
        let sections = &material.sections;
        Selection {
            material,
            counter,
            form,
            taken: sections.iter().map(pinned).collect(),
            next_cost: vec![None; sections.len()],
            steps: Vec::new(),
            room: 0,
        }
    }

    /// Takes what there is room for.
    pub(super) fn fill(&mut self, room: usize) {
        self.room = room;
        self.lengthen_pinned();
        let whole = self.room;
        for section in 0..self.taken.len() {
            let mut share = whole * self.material.sections[section].share / 100;
            while self.take_next(section, &mut share) {}
        }
        for section in 0..self.taken.len() {
            let mut all = self.room;
            self.lengthen_last(section);
            all = all.min(self.room);
            while self.take_next(section, &mut all) {}
        }
    }

    fn lengthen_pinned(&mut self) {
        for section in 0..self.taken.len() {
            for at in 0..self.taken[section].len() {
                let shown = self.taken[section][at];
                if shown.is_cut() {
                    self.replace(section, at, Shown::whole(shown.entry));
                }
            }
        }
    }

    /// A document that was cut for its share alone gets more.
    fn lengthen_last(&mut self, section: usize) {
        let Some((at, &last)) = self.taken[section].iter().enumerate().next_back() else { return };
        if last.is_cut() && last.entry.shape == Shape::Document {
            let before = self.count(&last);
            if let Some((longer, _)) = self.fit(last.entry, self.room + before)
                && longer.text.len() > last.text.len()
            {
                self.replace(section, at, longer);
            }
        }
    }

    fn replace(&mut self, section: usize, at: usize, new: Shown<'m>) {
        let before = self.taken[section][at];
        let cost = self.count(&new).saturating_sub(self.count(&before));
        if cost <= self.room {
            self.room -= cost;
            self.taken[section][at] = new;
            self.steps.push(Step { section, at, before: Some(before), cost });
        }
    }

    /// Takes the next entry of a section, if it fits into the share and the room. False when there is none that does.
    fn take_next(&mut self, section: usize, share: &mut usize) -> bool {
        let at = self.taken[section].len();
        let material = &self.material.sections[section];
        let Some(entry) = material.entries.get(at) else { return false };
        // What follows a document of which not all is there would come out of order.
        if self.taken[section].last().is_some_and(|last| last.is_cut() && !last.entry.is_pinned) {
            return false;
        }
        let heading = if at == 0 { self.counter.count(&self.form.heading(material)) } else { 0 };
        let allowed = (*share).min(self.room).saturating_sub(heading);
        let whole = match self.next_cost[section] {
            Some(cost) => cost,
            None => self.count(&Shown::whole(entry)),
        };
        self.next_cost[section] = Some(whole);
        let fitting =
            if whole <= allowed { Some((Shown::whole(entry), whole)) } else { self.cut(entry, whole, allowed) };
        let Some((shown, cost)) = fitting else { return false };
        let cost = cost + heading;
        self.next_cost[section] = None;
        self.room -= cost;
        *share -= cost;
        self.taken[section].push(shown);
        self.steps.push(Step { section, at, before: None, cost });
        true
    }

    fn fit(&self, entry: &'m Entry, allowed: usize) -> Option<(Shown<'m>, usize)> {
        let whole = self.count(&Shown::whole(entry));
        if whole <= allowed { Some((Shown::whole(entry), whole)) } else { self.cut(entry, whole, allowed) }
    }

    /// The beginning of a document that fits. Only documents are cut: half a sentence says something else.
    fn cut(&self, entry: &'m Entry, whole: usize, allowed: usize) -> Option<(Shown<'m>, usize)> {
        if entry.shape != Shape::Document {
            return None;
        }
        let mut length = entry.text.len() * allowed / whole.max(1);
        for _ in 0..CUTS {
            let text = at_line_end(&entry.text, length);
            if text.len() < LEAST_BYTES {
                return None;
            }
            let shown = Shown { entry, text };
            let cost = self.count(&shown);
            if cost <= allowed {
                return Some((shown, cost));
            }
            length = (text.len() * allowed / cost).min(text.len() - 1);
        }
        None
    }

    fn count(&self, shown: &Shown<'_>) -> usize {
        self.counter.count(&self.form.entry(shown))
    }

    /// Takes back what was taken last, at least so many tokens of it. False when there is nothing.
    pub(super) fn take_back(&mut self, tokens: usize) -> bool {
        let mut freed = 0;
        let mut is_any = false;
        while freed < tokens {
            let Some(step) = self.steps.pop() else { break };
            match step.before {
                Some(before) => self.taken[step.section][step.at] = before,
                None => self.taken[step.section].truncate(step.at),
            }
            freed += step.cost.max(1);
            is_any = true;
        }
        is_any
    }

    /// What there is so far.
    pub(super) fn brief(&self, budget: usize) -> Brief<'m> {
        let pairs = || self.material.sections.iter().zip(&self.taken);
        let parts = pairs().filter(|(_, entries)| !entries.is_empty());
        let left_out = pairs().map(|(section, entries)| LeftOut {
            section,
            entries: section.entries.len() - entries.len(),
            cut: entries.iter().filter(|shown| shown.is_cut()).count(),
        });
        Brief {
            sections: parts.map(|(section, entries)| Part { section, entries: entries.clone() }).collect(),
            left_out: left_out.filter(|left| left.entries + left.cut > 0 || left.section.has_older).collect(),
            budget,
            tokens: budget,
        }
    }
}

/// The beginning of what is pinned: of its first line as many words as [`PINNED_TOKENS`] give.
fn shortened<'m>(entry: &'m Entry, counter: &dyn TokenCounter) -> Shown<'m> {
    let whole = Shown::whole(entry);
    // A token has a byte at least, so longer texts are not counted whole to learn that they are too long.
    let mut text = beginning(&entry.text, PINNED_TOKENS * 4);
    while counter.count(text) > PINNED_TOKENS {
        text = beginning(text, text.len() / 2);
    }
    if text.len() == entry.text.len() { whole } else { Shown { entry, text } }
}

/// At most so many bytes of the first line, and no half words where there are several.
fn beginning(text: &str, most: usize) -> &str {
    let line = text.lines().next().unwrap_or_default();
    if line.len() <= most {
        return line;
    }
    let cut = char_start(line, most);
    let words = cut.rsplit_once(' ').map_or(cut, |(words, _)| words);
    words.trim_end()
}

/// The whole lines within the first so many bytes.
fn at_line_end(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let cut = char_start(text, most);
    cut.rfind('\n').map_or("", |end| &cut[..end]).trim_end()
}

/// At most so many bytes, and no half characters.
fn char_start(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}
