//! What happened: events and checkpoints of one session or of all, from the end or from the beginning, as they are asked
//! for. Reads alone; what cannot be read is told in its place and ends the story of its session, never that of the others.

mod checkpoints;
mod detail;
mod filter;
mod lane;
mod merge;
mod replay;

use std::rc::Rc;

use jiff::Timestamp;

use crate::model::checkpoint::{CheckpointKind, Summary};
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::store::session_history::Link;

pub use detail::{Changed, Detail, detail};
pub use filter::Filter;
pub use merge::{HistoryRequest, Timeline, session_names, timeline};
pub use replay::{Replay, ReplayRequest, replay};

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Entry {
    pub session: Rc<str>,
    pub what: What,
    /// The commit of the chain that tells of it; `None` while it waits in the journal.
    pub link: Option<Rc<Link>>,
    /// The session that begins here, or comes back here.
    pub branches: Option<Rc<str>>,
    pub joins: Option<Rc<str>>,
}

/// What it was.
#[derive(Clone, Debug)]
pub enum What {
    Event(Event),
    Point(Box<PastPoint>),
}

/// A checkpoint as the history tells of it.
#[derive(Clone, Debug)]
pub struct PastPoint {
    /// `None` where the chain has its first digits alone and it is gone.
    pub id: Option<ObjectId>,
    /// The first digits.
    pub short: String,
    pub kind: CheckpointKind,
    pub time: Timestamp,
    pub subject: String,
    /// Such as `3 modified, 1 new`; may be empty.
    pub changes: String,
    pub names: Vec<String>,
    /// What the checkpoint says of itself; `None` where it was dropped, or cannot be read.
    pub summary: Option<Summary>,
}

impl Entry {
    /// When it happened, as the clock of that moment said.
    pub fn time(&self) -> Timestamp {
        match &self.what {
            What::Event(event) => event.time,
            What::Point(point) => point.time,
        }
    }

    /// Its kind as one word: that of an event, or `save`, `safety` or `auto`.
    pub fn kind(&self) -> &str {
        match &self.what {
            What::Event(event) => event.kind.as_str(),
            What::Point(point) => match point.kind {
                CheckpointKind::Manual => "save",
                CheckpointKind::Safety => "safety",
                CheckpointKind::Auto => "auto",
            },
        }
    }

    /// The id of the event, or of the checkpoint.
    pub fn id(&self) -> String {
        match &self.what {
            What::Event(event) => event.id.clone(),
            What::Point(point) => point.id.map_or_else(|| point.short.clone(), |id| id.to_string()),
        }
    }
}
