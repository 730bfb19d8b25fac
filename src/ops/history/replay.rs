//! One session from its beginning, event by event. Nothing of it is run again.

use std::rc::Rc;

use super::checkpoints::Checkpoints;
use super::merge::find_session;
use super::{Entry, What};
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::ops::{OpError, Repo, points};
use crate::store::checkpoint::read_summary;
use crate::store::journal_tail::{Seen, Waiting};
use crate::store::session_history::Told;
use crate::store::session_history::oldest::OldestFirst;
use crate::store::{StoreError, chain_cache, session};

/// An event that is both in the journal and in the chain is in one of the last commits of the chain.
const LINKS_WITH_REPEATS: usize = 4;

/// What to go through.
#[derive(Clone, Debug, Default)]
pub struct ReplayRequest {
    /// The current one where none is named.
    pub session: Option<String>,
    /// A POINT, or the first digits of an event's id.
    pub from: Option<String>,
    pub skip_tools: bool,
}

/// The entries, oldest first.
pub struct Replay<'a> {
    pub session: Rc<str>,
    story: Option<OldestFirst<'a>>,
    waiting: Option<Box<dyn Iterator<Item = Result<Event, StoreError>> + 'a>>,
    has_waiting: bool,
    seen: Seen,
    points: Checkpoints<'a>,
    skip_tools: bool,
    /// The first one, where it had to be looked for.
    head: Option<Entry>,
    problem: Option<OpError>,
}

/// Begins a replay.
pub fn replay<'a>(repo: &'a Repo, request: &ReplayRequest) -> Result<Replay<'a>, OpError> {
    let start = request.from.as_deref().map(|from| Start::of(repo, from)).transpose()?;
    let name = session_of(repo, request, start.as_ref())?;
    let waiting = Waiting::open(repo.store.layout(), &name)?;
    let tip = repo.store.find_ref(&format!("{}{name}", session::REFS))?;
    let known = chain_cache::read(repo.store.layout(), &name);
    let mut story = tip.map(|tip| OldestFirst::new(&repo.store, &tip, &known)).transpose()?;
    let problem = story.as_mut().and_then(OldestFirst::missing).map(OpError::from);
    if let (Some(story), None) = (&story, &problem) {
        chain_cache::remember(repo.store.layout(), &name, story.ids().iter().rev().copied(), known.len());
    }
    let mut replay = Replay {
        session: name.as_str().into(),
        story,
        has_waiting: !waiting.is_empty(),
        waiting: Some(Box::new(waiting.oldest_first())),
        seen: Seen::default(),
        points: Checkpoints::new(repo),
        skip_tools: request.skip_tools,
        head: None,
        problem,
    };
    if let (Some(start), Some(typed)) = (start, &request.from) {
        replay.head = replay.by_ref().find(|entry| start.is(entry));
        if replay.head.is_none() {
            let problem = format!("the session `{name}` does not have it");
            return Err(OpError::BadPoint { point: typed.clone(), problem });
        }
    }
    Ok(replay)
}

/// Where a replay is to begin.
enum Start {
    Point(ObjectId, Option<String>),
    /// Of an event, or of a checkpoint that was dropped.
    Digits(String),
}

impl Start {
    fn of(repo: &Repo, typed: &str) -> Result<Start, OpError> {
        match points::resolve(repo, typed) {
            Ok(id) => {
                let session = read_summary(&repo.store, &id).ok().map(|summary| summary.session);
                Ok(Start::Point(id, session))
            }
            Err(OpError::UnknownPoint { .. })
                if typed.len() >= 4 && typed.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
            {
                Ok(Start::Digits(typed.to_ascii_lowercase()))
            }
            Err(error) => Err(error),
        }
    }

    fn is(&self, entry: &Entry) -> bool {
        match (self, &entry.what) {
            (Start::Point(id, _), What::Point(point)) => point.id == Some(*id),
            (Start::Point(..), What::Event(_)) => false,
            (Start::Digits(digits), _) => entry.id().starts_with(digits),
        }
    }
}

/// The one that is named, else that of the point to begin with, else the current one.
fn session_of(repo: &Repo, request: &ReplayRequest, start: Option<&Start>) -> Result<Name, OpError> {
    let of_start = match start {
        Some(Start::Point(_, session)) => session.as_deref(),
        _ => None,
    };
    match request.session.as_deref().or(of_start) {
        Some(typed) => find_session(repo, typed),
        None => Ok(repo.session()),
    }
}

impl Replay<'_> {
    /// What could not be read, once everything was told.
    pub fn problem(&mut self) -> Option<OpError> {
        self.problem.take()
    }

    fn advance(&mut self) -> Result<Option<Entry>, OpError> {
        while let Some(story) = &mut self.story {
            let is_near_end = story.left() < LINKS_WITH_REPEATS;
            match story.next().transpose()? {
                None => self.story = None,
                Some(Told::Event { event, link }) => {
                    if self.has_waiting && is_near_end {
                        self.seen.add(&event);
                    }
                    return Ok(Some(Entry { link: Some(link), ..self.entry(What::Event(event)) }));
                }
                Some(Told::Commit(link)) => {
                    if let Some(told) = &link.point {
                        let point = self.points.look_up(&link, told)?;
                        let entry = self.entry(What::Point(Box::new(point)));
                        return Ok(Some(Entry { link: Some(link), ..entry }));
                    }
                }
            }
        }
        while let Some(event) = self.waiting.as_mut().and_then(Iterator::next).transpose()? {
            if !self.seen.has(&event) {
                return Ok(Some(self.entry(What::Event(event))));
            }
        }
        Ok(None)
    }

    fn entry(&self, what: What) -> Entry {
        Entry { session: Rc::clone(&self.session), what, link: None, branches: None, joins: None }
    }
}

impl Iterator for Replay<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if let Some(head) = self.head.take() {
            return Some(head);
        }
        loop {
            let entry = match self.advance() {
                Ok(entry) => entry?,
                Err(error) => {
                    self.problem = Some(error);
                    (self.story, self.waiting) = (None, None);
                    return None;
                }
            };
            let is_tool = matches!(&entry.what, What::Event(event) if event.kind == EventKind::Tool);
            if !(is_tool && self.skip_tools) {
                return Some(entry);
            }
        }
    }
}
