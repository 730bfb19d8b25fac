//! Gathers what whoever continues should know, and has it composed within a budget of tokens.
//!
//! Everything is read after the context's file and the session are in step. Nothing here depends on the time of day: the
//! same state gives the same bytes.

mod changes;
mod documents;
mod history;
mod scope;
mod state;
mod words;

use std::time::Duration;

use bstr::BString;

use self::scope::Scope;
use super::context::{self, Synced};
use super::{OpError, Repo, chain};
use crate::store::session::Session;
use crate::summary::brief::{Composed, Entry, Form, Material, Section, Shape, TooSmall, compose};
use crate::summary::tokens::Tokens;

/// Longer texts of one entry are cut: whoever wants all of it is told where it is.
const LONGEST: usize = 1200;

/// How long to wait for others who write.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a brief is to be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BriefRequest {
    /// In tokens.
    pub budget: usize,
    /// The part of the project; else the changed paths tell which.
    pub partition: Option<String>,
    /// As typed in the working directory; empty for everything.
    pub paths: Vec<BString>,
}

/// A brief, and what the context's file and the session said to each other before.
#[derive(Clone, Debug)]
pub struct Briefed {
    pub brief: Composed,
    pub synced: Synced,
}

/// Composes a brief, written in this form.
pub fn brief(repo: &Repo, request: &BriefRequest, form: &dyn Form) -> Result<Briefed, OpError> {
    // Loading the tables takes as long as everything else together.
    let loading = std::thread::spawn(Tokens::load);
    let (material, synced) = gather(repo, request)?;
    let tokens = loading.join().expect("the tables are part of the program");
    let too_small = |TooSmall { least }| OpError::BudgetTooSmall { budget: request.budget, least };
    let brief = compose(&material, request.budget, &tokens, form).map_err(too_small)?;
    Ok(Briefed { brief, synced })
}

/// What everything is gathered from.
struct Sources<'a> {
    repo: &'a Repo,
    session: Option<Session>,
    scope: Scope,
    changed: changes::Changed,
    /// The context without its facts.
    context: Option<String>,
    /// Tokens that the brief may have: nothing that could never fit is read.
    budget: usize,
}

fn gather(repo: &Repo, request: &BriefRequest) -> Result<(Material, Synced), OpError> {
    let synced = sync(repo)?;
    let session = chain::read_tip(repo)?.session;
    let changed = changes::look(repo)?;
    let scope = Scope::of(repo, session.as_ref(), request, &changed.against_head)?;
    let context = synced.text.clone();
    let sources = Sources { repo, session, scope, changed, context, budget: request.budget };
    let state = state::gather(&sources)?;
    let words = words::gather(&sources, state.checkpoint.as_ref())?;
    let commits = history::commits(&sources, state.head)?;
    let events = history::events(&sources, &words.said, &commits)?;
    let [pinned @ .., current, todo, rest] = words.sections;
    let mut sections = vec![state.section];
    sections.extend(pinned);
    sections.push(events.pinned);
    sections.push(current);
    sections.push(documents::hints(&sources)?);
    sections.push(documents::partitions(&sources)?);
    sections.push(changes::section(&sources)?);
    sections.extend([todo, commits.section, events.newest, events.earlier, rest]);
    sections.push(documents::section(&sources)?);
    Ok((Material { sections }, synced))
}

/// Brings file and session in step. Whoever begins a session gets a brief even where that cannot be done now.
fn sync(repo: &Repo) -> Result<Synced, OpError> {
    context::sync_within(repo, PATIENCE).or_else(|error| {
        let session = chain::read_tip(repo)?.session;
        let text = session.map(|session| session.context(&repo.store)).transpose()?.flatten();
        let warnings = vec![format!("{error}; the brief has the last version of the context")];
        Ok(Synced { text, warnings, ..Synced::default() })
    })
}

/// An entry of a text that somebody wrote; `None` where it says nothing.
fn entry(shape: Shape, label: Option<String>, text: &str) -> Option<Entry> {
    let text = tidy(text, LONGEST);
    (!text.is_empty()).then_some(Entry { shape, label, time: None, text, is_pinned: false })
}

/// Pins the first entries of a section.
fn pinned(mut section: Section, most: usize) -> Section {
    section.entries.iter_mut().take(most).for_each(|entry| entry.is_pinned = true);
    section
}

/// A text with line feeds alone, no white space at its ends, and at most about so many bytes.
fn tidy(text: &str, most: usize) -> String {
    let text = text.trim();
    let end = (0..=most.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    let cut = if end < text.len() { " …" } else { "" };
    format!("{}{cut}", text[..end].trim_end()).replace("\r\n", "\n")
}

/// A text on one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
