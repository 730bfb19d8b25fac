//! Tells a session's history in layers, or a range of git's, within a budget; unfolds what was told; pins.
//!
//! The lines come from `summary/`; here the history is gathered and the layers are kept in the session's chain.

mod archived;
pub mod error;
pub mod expand;
mod files;
mod focus;
mod items;
mod layers;
pub mod pin;
mod range;
mod recent;
pub mod shown;
mod signs;
mod writer;

pub(super) use layers::Wish;
pub(super) use recent::recent;

use crate::model::name::Name;
use crate::ops::{OpError, Repo, chain, points};
use crate::store::session::Session;
use crate::summary::history::full_lines;
use crate::summary::line::Line;
use crate::summary::select::{Chosen, Form, LeftOut, Limit, Room, TooSmall, choose};
use crate::summary::standing::{Kept, KeptKind};
use crate::summary::tokens::TokensOnDemand;

/// Without a budget a summary is about one screen or two, in bytes.
const DEFAULT_BYTES: usize = 9000;

/// A session's history is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SummaryRequest {
    /// The current one where none is named.
    pub session: Option<String>,
    /// The whole history in this layer; each age in its own where none is named.
    pub layer: Option<u8>,
    pub budget: Option<usize>,
    pub max_lines: Option<usize>,
    /// Everything up to now is compressed first, whatever its age.
    pub now: bool,
}

/// A range of git is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeRequest {
    pub range: String,
    pub budget: Option<usize>,
    pub max_lines: Option<usize>,
}

/// A summary.
#[derive(Clone, Debug)]
pub struct Summarized {
    pub about: About,
    pub lines: Vec<Line>,
    pub left_out: LeftOut,
    pub text: String,
    /// The text has no more tokens than this.
    pub tokens: usize,
    pub budget: Option<usize>,
    /// The user's own program wrote it.
    pub is_by_writer: bool,
    /// One line each: what is to be told beside it.
    pub warnings: Vec<String>,
}

/// What a summary is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    Session { name: String, layer: Option<u8> },
    Range { range: String, commits: usize, is_cut: bool },
}

/// Tells the history of a session.
pub fn summary(repo: &Repo, request: &SummaryRequest, form: &dyn Form) -> Result<Summarized, OpError> {
    let name = session_name(repo, request.session.as_deref())?;
    let ages = &repo.summary.ages;
    if request.now {
        layers::bring_up_to_date(repo, &name, Wish::All)?;
    }
    let (mut history, mut session) = history_of(repo, &name)?;
    // Where it cannot be written it is told all the same.
    let is_due = !request.now && history.is_due(repo.clock.now(), ages);
    if is_due && layers::bring_up_to_date(repo, &name, Wish::Due).unwrap_or(false) {
        (history, session) = history_of(repo, &name)?;
    }
    let mut lines = lines_of(repo, history, session.as_ref(), &name, request.layer)?;
    if request.layer.is_none_or(|layer| layer == 4) {
        lines.extend(archived::lines(repo, &name, session.as_ref(), request.layer == Some(4))?);
    }
    let about = About::Session { name: name.to_string(), layer: request.layer };
    finish(repo, about, &lines, request.budget, request.max_lines, form)
}

/// Tells a range of git's history.
pub fn summarize_range(repo: &Repo, request: &RangeRequest, form: &dyn Form) -> Result<Summarized, OpError> {
    let range = range::read(repo, &request.range)?;
    let lines = crate::summary::range::lines(&range.items, &range.focus);
    let about = About::Range { range: request.range.clone(), commits: range.commits, is_cut: range.is_cut };
    finish(repo, about, &lines, request.budget, request.max_lines, form)
}

/// Compresses the history of a session that has come to an end. What cannot be written now is when a summary is asked
/// for, so nobody fails for it.
pub(super) fn compress(repo: &Repo, name: &Name, wish: Wish) {
    let _ = layers::bring_up_to_date(repo, name, wish);
}

fn finish(
    repo: &Repo,
    about: About,
    lines: &[Line],
    budget: Option<usize>,
    max_lines: Option<usize>,
    form: &dyn Form,
) -> Result<Summarized, OpError> {
    let limit = match (budget, max_lines) {
        (Some(tokens), _) => Limit::Tokens(tokens),
        (None, Some(_)) => Limit::None,
        (None, None) => Limit::Bytes(DEFAULT_BYTES),
    };
    let counter = TokensOnDemand::default();
    let too_small = |TooSmall { least }| OpError::BudgetTooSmall { budget: budget.unwrap_or(DEFAULT_BYTES), least };
    let chosen = choose(lines, Room { limit, lines: max_lines }, form, &counter).map_err(too_small)?;
    let Chosen { lines: chosen, left_out, text, tokens } = chosen;
    let mut summarized =
        Summarized { about, lines: chosen, left_out, text, tokens, budget, is_by_writer: false, warnings: Vec::new() };
    if !repo.summary.command.is_empty() && !summarized.lines.is_empty() {
        writer::rewrite(repo, &mut summarized, lines, max_lines, &counter);
    }
    if !summarized.lines.is_empty() {
        shown::remember(repo, &summarized.lines);
    }
    Ok(summarized)
}

fn session_name(repo: &Repo, typed: Option<&str>) -> Result<Name, OpError> {
    let Some(typed) = typed else { return Ok(repo.session()) };
    let name: Name = typed.parse()?;
    points::require_session(repo, &name, &points::all_points_unchecked(repo)?.points)?;
    Ok(name)
}

fn history_of(repo: &Repo, name: &Name) -> Result<(layers::History, Option<Session>), OpError> {
    let session = chain::read_tip_of(repo, name.clone())?.session;
    Ok((layers::read(repo, name, session.as_ref())?, session))
}

/// A step or an issue that was checked or taken out by hand is closed as well.
fn is_open(kept: &Kept, context: Option<&str>) -> bool {
    let (KeptKind::Next | KeptKind::Issue, Some(context)) = (kept.kind, context) else { return true };
    let said = kept.text.trim_end_matches('…');
    let mut places = context.lines().filter(|line| line.contains(said)).peekable();
    // Of several lines, or of a partition: nothing is known of it here.
    places.peek().is_none() || places.any(|line| !line.trim_start().to_lowercase().contains("[x]"))
}

fn lines_of(
    repo: &Repo,
    history: layers::History,
    session: Option<&Session>,
    name: &Name,
    layer: Option<u8>,
) -> Result<Vec<Line>, OpError> {
    let context = session.map(|session| session.context(&repo.store)).transpose()?.flatten();
    let is_open = |kept: &Kept| is_open(kept, context.as_deref());
    let layers::History { layers, items, .. } = history;
    let view = || layers.view(&items, repo.clock.now(), &repo.summary.ages, &is_open);
    Ok(match layer {
        None => view().lines(),
        Some(1) => full_lines(&layers::read_all(repo, name, session)?, &is_open),
        Some(2) => view().detailed(),
        Some(3) => view().brief(),
        Some(_) => Vec::new(),
    })
}
