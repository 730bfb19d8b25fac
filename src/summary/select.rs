//! Chooses the lines that a budget of tokens and lines has room for: what must be kept first, then by weight.
//!
//! The finished text is counted, never guessed; where its bytes are fewer than the budget nothing has to be. Pure; `report/` says how lines are written.

use super::line::{Line, Part};
use super::tokens::TokenCounter;

/// What may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub limit: Limit,
    /// Lines of the whole text: it has nothing but the lines themselves then.
    pub lines: Option<usize>,
}

/// How long the whole text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    None,
    /// Quick: nothing has to be counted.
    Bytes(usize),
    Tokens(usize),
}

/// The chosen lines, in the order in which they are told.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    pub lines: Vec<Line>,
    pub left_out: LeftOut,
    pub text: String,
    /// A number of tokens that the text does not have more of: as counted, or its bytes.
    pub tokens: usize,
}

/// What had no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Lines that were to be kept.
    pub kept: usize,
    pub other: usize,
}

/// Not even the statement that something is missing has room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSmall {
    pub least: usize,
}

/// How a summary is written. With `is_bare` nothing but the lines.
pub trait Form {
    fn render(&self, lines: &[Line], left_out: &LeftOut, is_bare: bool) -> String;
}

/// Takes the lines that there is room for; they are told by part and, within a part, as they came.
pub fn choose(lines: &[Line], room: Room, form: &dyn Form, count: &dyn TokenCounter) -> Result<Chosen, TooSmall> {
    let selection = Selection { lines, order: ranked(lines), is_bare: room.lines.is_some(), form };
    let most = room.lines.unwrap_or(usize::MAX).min(lines.len());
    let (limit, is_counted) = match room.limit {
        Limit::None => (usize::MAX, false),
        Limit::Bytes(limit) => (limit, false),
        Limit::Tokens(limit) => (limit, true),
    };
    // No token is shorter than a byte.
    let measure = |text: &str| if is_counted && text.len() > limit { count.count(text) } else { text.len() };
    // Every line is at least this long, in tokens too.
    const LEAST: usize = 3;
    let mut most = most.min((limit / LEAST).saturating_add(1));
    loop {
        let chosen = selection.of(most);
        let found = measure(&chosen.text);
        if found <= limit {
            return Ok(Chosen { tokens: found, ..chosen });
        }
        if most == 0 {
            return Err(TooSmall { least: found });
        }
        most = fewer(most, found, limit);
    }
}

/// As many lines as may fit, judged by what so many took; at least one fewer.
fn fewer(most: usize, found: usize, tokens: usize) -> usize {
    let fitting = (most as u128 * tokens as u128 / found.max(1) as u128) as usize;
    // Near the end halfway, so that a few long lines do not cost many short ones.
    let next = if found > tokens.saturating_mul(2) { fitting + fitting / 4 + 1 } else { fitting.midpoint(most) };
    next.min(most - 1)
}

struct Selection<'a> {
    lines: &'a [Line],
    /// Places of the lines, the first to be taken first.
    order: Vec<usize>,
    is_bare: bool,
    form: &'a dyn Form,
}

impl Selection<'_> {
    fn of(&self, most: usize) -> Chosen {
        let (taken, left) = self.order.split_at(most.min(self.order.len()));
        let mut taken = taken.to_vec();
        taken.sort_by_key(|&place| (self.lines[place].part, place));
        let lines: Vec<Line> = taken.into_iter().map(|place| self.lines[place].clone()).collect();
        let kept = left.iter().filter(|&&place| self.lines[place].is_kept).count();
        let left_out = LeftOut { kept, other: left.len() - kept };
        let text = self.form.render(&lines, &left_out, self.is_bare);
        Chosen { lines, left_out, text, tokens: 0 }
    }
}

/// What must be kept first, the newest first within its kind; then in turns from each layer, so that no layer takes the
/// room of all others.
fn ranked(lines: &[Line]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    let mut rank_in_layer = vec![0_usize; lines.len()];
    for layer in 1..=4_u8 {
        let mut of_layer: Vec<usize> = order.iter().copied().filter(|&place| lines[place].layer == layer).collect();
        of_layer.sort_by(|&left, &right| compare(lines, left, right));
        of_layer.iter().enumerate().for_each(|(rank, &place)| rank_in_layer[place] = rank);
    }
    let key = |place: usize| {
        let line = &lines[place];
        (!line.is_kept, if line.is_kept { 0 } else { rank_in_layer[place] })
    };
    order.sort_by(|&left, &right| key(left).cmp(&key(right)).then_with(|| compare(lines, left, right)));
    order
}

fn compare(lines: &[Line], left: usize, right: usize) -> std::cmp::Ordering {
    let weight = |place: usize| lines[place].weight;
    // Every event of the last hour counts for as much as any other; the newest are the ones to go on from.
    let both_full = lines[left].part == Part::Full && lines[right].part == Part::Full;
    let by_weight = if both_full { std::cmp::Ordering::Equal } else { weight(right).cmp(&weight(left)) };
    by_weight.then(right.cmp(&left))
}
