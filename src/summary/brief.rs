//! Composes a brief: the most useful first, what is pinned always, never more tokens than the budget.
//!
//! Each entry is counted once, at its turn, so what has no room costs nothing; the finished text is counted whole, since
//! the tokens of parts need not add up. How an entry is written is the caller's business ([`Form`]). Called by `ops/brief`.

mod selection;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::tokens::TokenCounter;
use selection::Selection;

/// All that a brief may be made of, the most useful section first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Material {
    pub sections: Vec<Section>,
}

/// Things of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// For data, such as `next-steps`.
    pub name: &'static str,
    /// For people and agents, such as `Next steps`.
    pub title: &'static str,
    /// The most useful first; those that are pinned before all others.
    pub entries: Vec<Entry>,
    /// There is more than these entries, and nobody has counted it.
    pub has_older: bool,
    /// What to type for all of it.
    pub source: String,
    /// How much of the room it may take before the others had their turn, in percent.
    pub share: usize,
}

/// One thing to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub shape: Shape,
    /// What the text is, or what it comes from: `branch`, a commit's id, a number, a path.
    pub label: Option<String>,
    pub time: Option<Timestamp>,
    pub text: String,
    /// It is in every brief, if only its beginning.
    pub is_pinned: bool,
}

/// How an entry is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The label names what the text says.
    Fact,
    Item,
    /// The label is its number.
    Numbered,
    /// A text that somebody else wrote as a whole: it is shown as data, and cut at the end of a line.
    Document,
}

/// What was chosen, as a [`Form`] writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief<'m> {
    pub sections: Vec<Part<'m>>,
    pub left_out: Vec<LeftOut<'m>>,
    /// How many tokens the text may have.
    pub budget: usize,
    /// How many it has. A text that tells this is longer or shorter for it, so it is the outcome of a few tries.
    pub tokens: usize,
}

/// The chosen entries of a section; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'m> {
    pub section: &'m Section,
    pub entries: Vec<Shown<'m>>,
}

/// An entry, or its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<'m> {
    pub entry: &'m Entry,
    pub text: &'m str,
}

impl<'m> Shown<'m> {
    /// All of it.
    pub fn whole(entry: &'m Entry) -> Shown<'m> {
        Shown { entry, text: &entry.text }
    }

    pub fn is_cut(&self) -> bool {
        self.text.len() < self.entry.text.len()
    }
}

/// What is missing of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut<'m> {
    pub section: &'m Section,
    /// Entries that are not there.
    pub entries: usize,
    /// Entries of which only the beginning is.
    pub cut: usize,
}

/// How a brief is written.
pub trait Form {
    /// All of it.
    fn render(&self, brief: &Brief<'_>) -> String;

    /// What a section costs besides its entries.
    fn heading(&self, section: &Section) -> String;

    /// An entry as it stands in its section.
    fn entry(&self, shown: &Shown<'_>) -> String;
}

/// A brief that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    pub text: String,
    pub tokens: usize,
}

/// The budget does not even hold what is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSmall {
    /// The least budget that works.
    pub least: usize,
}

/// Composes a brief of at most `budget` tokens.
pub fn compose(
    material: &Material,
    budget: usize,
    counter: &dyn TokenCounter,
    form: &dyn Form,
) -> Result<Composed, TooSmall> {
    let mut selection = Selection::of_pinned(material, counter, form);
    let pinned = finish(&selection.brief(budget), counter, form);
    if pinned.tokens > budget {
        return Err(TooSmall { least: least(&selection, pinned.tokens, counter, form) });
    }
    selection.fill(budget - pinned.tokens);
    loop {
        let composed = finish(&selection.brief(budget), counter, form);
        if composed.tokens <= budget {
            return Ok(composed);
        }
        if !selection.take_back(composed.tokens - budget) {
            return Ok(pinned);
        }
    }
}

/// Writes and counts. What the text says of its own length is right as soon as saying it does not change it.
fn finish(brief: &Brief<'_>, counter: &dyn TokenCounter, form: &dyn Form) -> Composed {
    const TRIES: usize = 4;
    let mut told = Brief { tokens: brief.budget, ..brief.clone() };
    let mut text = form.render(&told);
    let mut tokens = counter.count(&text);
    for _ in 0..TRIES {
        told.tokens = tokens;
        let again = form.render(&told);
        if again == text {
            break;
        }
        text = again;
        tokens = counter.count(&text);
        if tokens == told.tokens {
            break;
        }
    }
    Composed { text, tokens }
}

/// A text may tell its budget, so a greater one may take more: the first one that is enough for itself.
fn least(selection: &Selection<'_>, from: usize, counter: &dyn TokenCounter, form: &dyn Form) -> usize {
    const TRIES: usize = 8;
    let mut least = from;
    for _ in 0..TRIES {
        let tokens = finish(&selection.brief(least), counter, form).tokens;
        if tokens <= least {
            break;
        }
        least = tokens;
    }
    least
}
