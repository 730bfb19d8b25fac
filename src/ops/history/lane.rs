//! One session's part of the timeline, newest first: what waits in its journal, then its chain.

use std::rc::Rc;

use jiff::Timestamp;
use serde_json::Value;

use super::checkpoints::Checkpoints;
use super::{Entry, What};
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::ops::{OpError, Repo};
use crate::store::journal_tail::{NewestFirst as WaitingEvents, Seen, Waiting};
use crate::store::session_history::newest::NewestFirst;
use crate::store::session_history::{Link, Told, read_link, read_record};

/// A fold puts what waits into one commit, and nobody adds to the chain before what a dead fold left is away: an event
/// that is both in the journal and in the chain is in one of its last commits.
const LINKS_WITH_REPEATS: usize = 4;

/// Before this every clock is wrong, and says nothing about the order.
const FIRST_BELIEVED: i64 = 86_400 * 365;

/// A session whose story is being told.
pub(super) struct Lane<'a> {
    repo: &'a Repo,
    pub(super) name: Rc<str>,
    tip: Option<ObjectId>,
    waiting: Option<WaitingEvents>,
    seen: Seen,
    links: usize,
    story: Option<NewestFirst<'a>>,
    /// What comes next; it was asked for already.
    head: Option<Entry>,
    /// The time by which the sessions are put in order.
    pub(super) key: Timestamp,
    pub(super) is_open: bool,
    is_learnt: bool,
    parent: Option<String>,
    pub(super) is_closed: bool,
    /// What could not be read, in the end.
    pub(super) problem: Option<OpError>,
    /// The session that came back with the commit whose parts are told now.
    joined: Option<(ObjectId, ObjectId)>,
}

impl<'a> Lane<'a> {
    /// The journal is open; the tip was read after that. Nothing else is read before the session's turn comes.
    pub(super) fn new(repo: &'a Repo, name: &str, waiting: Waiting, tip: Option<ObjectId>) -> Lane<'a> {
        let mut lane = Lane {
            repo,
            name: name.into(),
            tip,
            waiting: Some(waiting.newest_first()),
            seen: Seen::default(),
            links: 0,
            story: tip.map(|tip| NewestFirst::new(&repo.store, tip)),
            head: None,
            key: Timestamp::MIN,
            is_open: false,
            is_learnt: false,
            parent: None,
            is_closed: false,
            problem: None,
            joined: None,
        };
        match lane.next_waiting() {
            Ok(Some(event)) => lane.set_head(event),
            Ok(None) => {
                let link = tip.and_then(|tip| read_link(&repo.store, &tip).ok());
                lane.key = link.map_or(Timestamp::MAX, |link| link.time);
            }
            Err(error) => lane.fail(error),
        }
        lane
    }

    /// Reads its record and what comes first.
    pub(super) fn open(&mut self, points: &mut Checkpoints<'_>) {
        self.is_open = true;
        if let Err(error) = self.learn() {
            return self.fail(error);
        }
        if self.head.is_none() {
            self.fill(points);
        }
    }

    /// Reads its record, once.
    fn learn(&mut self) -> Result<(), OpError> {
        if self.is_learnt {
            return Ok(());
        }
        self.is_learnt = true;
        let Some(tip) = self.tip else { return Ok(()) };
        let link = read_link(&self.repo.store, &tip)?;
        let details = read_record(&self.repo.store, &link.tree)?.details;
        self.is_closed = details.state.is_closed();
        self.parent = details.parent.map(|parent| parent.to_string());
        Ok(())
    }

    /// The session that it interrupted. A record that cannot be read is told of when its turn comes.
    pub(super) fn parent(&mut self) -> Option<&str> {
        if self.learn().is_err() {
            self.is_learnt = false;
        }
        self.parent.as_deref()
    }

    /// The same, where the record was read already.
    pub(super) fn known_parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }

    pub(super) fn head(&self) -> Option<&Entry> {
        self.head.as_ref()
    }

    /// Whether there may be more.
    pub(super) fn is_done(&self) -> bool {
        self.is_open && self.head.is_none()
    }

    pub(super) fn tip(&self) -> Option<ObjectId> {
        self.tip
    }

    /// Gives what comes next, with the end of a session that came back with it, and looks for what comes then.
    pub(super) fn take(&mut self, points: &mut Checkpoints<'_>) -> Option<(Entry, Option<ObjectId>)> {
        let entry = self.head.take()?;
        let ended = self.joined.take_if(|(link, _)| entry.link.as_ref().is_some_and(|of| of.id == *link));
        self.fill(points);
        Some((entry, ended.map(|(_, ended)| ended)))
    }

    fn fill(&mut self, points: &mut Checkpoints<'_>) {
        match self.advance(points) {
            Ok(Some(entry)) => self.set_head(entry),
            Ok(None) => {}
            Err(error) => self.fail(error),
        }
    }

    fn fail(&mut self, error: OpError) {
        self.problem = Some(error);
        (self.story, self.waiting, self.head) = (None, None, None);
        self.is_open = true;
    }

    fn set_head(&mut self, entry: Entry) {
        // What an unsound clock dated stays where it is in the chain.
        let time = entry.time();
        let is_believed = time.as_second() >= FIRST_BELIEVED;
        if is_believed || self.key == Timestamp::MIN {
            self.key = time;
        }
        self.head = Some(entry);
    }

    fn next_waiting(&mut self) -> Result<Option<Entry>, OpError> {
        let Some(waiting) = &mut self.waiting else { return Ok(None) };
        match waiting.next().transpose()? {
            Some(event) => {
                self.seen.add(&event);
                Ok(Some(self.of_event(event, None)))
            }
            None => {
                self.waiting = None;
                Ok(None)
            }
        }
    }

    fn advance(&mut self, points: &mut Checkpoints<'_>) -> Result<Option<Entry>, OpError> {
        if let Some(entry) = self.next_waiting()? {
            return Ok(Some(entry));
        }
        while let Some(told) = self.story.as_mut().and_then(Iterator::next) {
            match told? {
                Told::Event { event, .. } if self.seen.has(&event) => {}
                Told::Event { event, link } => return Ok(Some(self.of_event(event, Some(link)))),
                Told::Commit(link) => {
                    self.links += 1;
                    if self.links > LINKS_WITH_REPEATS {
                        self.seen = Seen::default();
                    }
                    self.joined = link.parents.get(1).map(|ended| (link.id, *ended));
                    if let Some(told) = &link.point {
                        let point = points.look_up(&link, told)?;
                        return Ok(Some(self.entry(What::Point(Box::new(point)), Some(link))));
                    }
                }
            }
        }
        Ok(None)
    }

    fn entry(&self, what: What, link: Option<Rc<Link>>) -> Entry {
        Entry { session: Rc::clone(&self.name), what, link, branches: None, joins: None }
    }

    fn of_event(&self, event: Event, link: Option<Rc<Link>>) -> Entry {
        let child = event.fields.get("child").and_then(Value::as_str).map(Rc::from);
        let (branches, joins) = match event.kind {
            EventKind::Branch => (child, None),
            EventKind::Return => (None, child),
            _ => (None, None),
        };
        Entry { branches, joins, ..self.entry(What::Event(event), link) }
    }
}
