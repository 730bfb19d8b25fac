//! The timeline across sessions, newest first.
//!
//! Each session keeps the order of its chain, whatever its clocks said; the sessions are interleaved by time, but a
//! session is told as a whole after the commit where it came back and before the event that began it.

use std::rc::Rc;

use bstr::{BString, ByteSlice};
use jiff::{SignedDuration, Timestamp};

use super::Entry;
use super::checkpoints::Checkpoints;
use super::filter::Filter;
use super::lane::Lane;
use crate::model::name::Name;
use crate::ops::paths::from_root;
use crate::ops::points::{self, require_session};
use crate::ops::{OpError, Repo};
use crate::store::journal_tail::Waiting;
use crate::store::session;

/// A session that was closed is told after its return, whose time may be a little before that of its last words. Where it
/// never came back, that much is told too early.
const NEAR: SignedDuration = SignedDuration::from_mins(5);

/// A stack is not deeper than this; a forged one might have no end.
const DEEPEST: usize = 32;

/// What to tell of.
#[derive(Clone, Debug, Default)]
pub struct HistoryRequest {
    /// One session; else all of them.
    pub session: Option<String>,
    pub kinds: Vec<String>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// As typed in the working directory.
    pub paths: Vec<BString>,
}

/// The entries as they are asked for.
pub struct Timeline<'a> {
    repo: &'a Repo,
    lanes: Vec<Lane<'a>>,
    filter: Filter,
    points: Checkpoints<'a>,
    /// Sessions that came back somewhere that was told.
    joined: Vec<String>,
}

/// Begins a timeline. Little is read before the first entry is asked for.
pub fn timeline<'a>(repo: &'a Repo, request: &HistoryRequest) -> Result<Timeline<'a>, OpError> {
    let names = session_names(repo, request.session.as_deref())?;
    // The journals are opened before the tips are read: what is folded meanwhile is found in both.
    let waiting = names.into_iter().map(|name| {
        let waiting = Waiting::open(repo.store.layout(), &name)?;
        Ok((name, waiting))
    });
    let waiting = waiting.collect::<Result<Vec<_>, OpError>>()?;
    let mut lanes = Vec::new();
    for (name, waiting) in waiting {
        let tip = repo.store.find_ref(&format!("{}{name}", session::REFS))?;
        lanes.push(Lane::new(repo, name.as_str(), waiting, tip));
    }
    let places = request.paths.iter().map(|typed| from_root(repo.store.layout(), typed.as_bstr()));
    let places = places.collect::<Result<Vec<_>, _>>()?;
    let filter = Filter { kinds: request.kinds.clone(), since: request.since, until: request.until, places };
    Ok(Timeline { repo, lanes, filter, points: Checkpoints::new(repo), joined: Vec::new() })
}

/// A session as it was typed.
pub(super) fn find_session(repo: &Repo, typed: &str) -> Result<Name, OpError> {
    let name: Name = typed.parse()?;
    let is_known = name == repo.session() || repo.store.find_ref(&format!("{}{name}", session::REFS))?.is_some();
    if !is_known {
        // Reading all checkpoints is worth it only for one whose chain is gone.
        require_session(repo, &name, &points::all_points(repo)?.points)?;
    }
    Ok(name)
}

/// The session that was typed, or all of them.
pub fn session_names(repo: &Repo, typed: Option<&str>) -> Result<Vec<Name>, OpError> {
    match typed {
        Some(typed) => Ok(vec![find_session(repo, typed)?]),
        None => all_sessions(repo),
    }
}

/// The sessions that have a chain, and the current one, which may have none yet.
fn all_sessions(repo: &Repo) -> Result<Vec<Name>, OpError> {
    let refs = repo.store.list_refs(session::REFS)?.into_iter();
    let mut names: Vec<Name> = refs.filter_map(|(full, _)| full[session::REFS.len()..].parse().ok()).collect();
    let current = repo.session();
    if !names.contains(&current) {
        names.push(current);
    }
    Ok(names)
}

impl Timeline<'_> {
    /// How many sessions there are, and how long the longest of their names is.
    pub fn sessions(&self) -> (usize, usize) {
        (self.lanes.len(), self.lanes.iter().map(|lane| lane.name.len()).max().unwrap_or(0))
    }

    /// The sessions of this timeline that a session interrupted, one in another, the outermost first.
    pub fn ancestors(&mut self, session: &str) -> Vec<Rc<str>> {
        let mut ancestors: Vec<Rc<str>> = Vec::new();
        let mut next = Some(session.to_owned());
        while let Some(name) = next.filter(|_| ancestors.len() < DEEPEST) {
            let Some(lane) = self.lanes.iter_mut().find(|lane| *lane.name == *name) else { break };
            if *name != *session {
                ancestors.insert(0, Rc::clone(&lane.name));
            }
            next = lane.parent().map(str::to_owned).filter(|parent| !ancestors.iter().any(|known| **known == **parent));
        }
        ancestors
    }

    /// The sessions whose story could not be told to its end, and why.
    pub fn problems(&mut self) -> Vec<(String, OpError)> {
        let problems = self.lanes.iter_mut().filter_map(|lane| Some((lane.name.to_string(), lane.problem.take()?)));
        problems.collect()
    }

    /// Whether everything of a session was told.
    pub fn is_done(&self, session: &str) -> bool {
        self.lane(session).is_none_or(Lane::is_done)
    }

    fn lane(&self, session: &str) -> Option<&Lane<'_>> {
        self.lanes.iter().find(|lane| &*lane.name == session)
    }

    /// Whether something else has to be told before the next entry of this one.
    fn is_held(&self, lane: &Lane<'_>) -> bool {
        let is_left = |name: &str| self.lanes.iter().any(|other| &*other.name == name && !other.is_done());
        if let Some(child) = lane.head().and_then(|entry| entry.branches.as_deref())
            && child != &*lane.name
            && is_left(child)
        {
            return true;
        }
        let parent = lane.known_parent().filter(|parent| lane.is_closed && *parent != &*lane.name);
        parent.is_some_and(|parent| {
            let is_near = self.lane(parent).is_some_and(|other| lane.key.duration_since(other.key) < NEAR);
            let is_begun =
                |other: &Lane<'_>| other.head().is_some_and(|entry| entry.branches.as_deref() == Some(&*lane.name));
            let is_joined = self.joined.iter().any(|name| name == &*lane.name);
            is_near && !is_joined && is_left(parent) && !self.lane(parent).is_some_and(is_begun)
        })
    }

    /// The session that is next: the newest of those that nothing holds. Where all are held (by a circle that only a
    /// forged history has), the newest.
    fn next_lane(&self) -> Option<usize> {
        let left = || self.lanes.iter().enumerate().filter(|(_, lane)| !lane.is_done());
        let newest = |lanes: &mut dyn Iterator<Item = (usize, &Lane<'_>)>| {
            lanes.max_by(|(at, left), (other, right)| left.key.cmp(&right.key).then(other.cmp(at))).map(|(at, _)| at)
        };
        if self.lanes.len() == 1 {
            return left().next().map(|(at, _)| at);
        }
        newest(&mut left().filter(|(_, lane)| !self.is_held(lane))).or_else(|| newest(&mut left()))
    }

    fn advance(&mut self) -> Option<Entry> {
        loop {
            let at = self.next_lane()?;
            if !self.lanes[at].is_open {
                self.lanes[at].open(&mut self.points);
                continue;
            }
            let Some((mut entry, ended)) = self.lanes[at].take(&mut self.points) else { continue };
            if entry.joins.is_none() {
                let came_back = self.lanes.iter().find(|lane| ended.is_some() && lane.tip() == ended);
                entry.joins = came_back.map(|lane| lane.name.clone());
            }
            self.joined.extend(entry.joins.as_ref().map(ToString::to_string));
            return Some(entry);
        }
    }
}

impl Iterator for Timeline<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        loop {
            let entry = self.advance()?;
            // What cannot be compared fits no filter.
            if self.filter.is_open() || self.filter.fits(self.repo, &entry).unwrap_or(false) {
                return Some(entry);
            }
        }
    }
}
