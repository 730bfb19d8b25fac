//! The layers of a session in its chain: read, brought up to date, written.
//!
//! `layers/state.json` is for ckpt, the other files of the folder for people. All of it is made of the events and can be
//! made again: what is damaged is, what a newer ckpt made is left alone.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::items;
use crate::model::event::Event;
use crate::model::name::Name;
use crate::ops::show::read_commit;
use crate::ops::{OpError, Repo, chain};
use crate::store::event_tail::{Place, events_after};
use crate::store::journal;
use crate::store::session::{Additions, Session};
use crate::summary::age::Ages;
use crate::summary::history::{Layers, Unreadable};
use crate::summary::item::Item;

pub(super) const STATE: &str = "layers/state.json";

/// So many commits of the chain are looked at for checkpoints.
const MOST_COMMITS: usize = 20_000;

/// Fewer items are not worth a commit of the chain.
const WORTH_WRITING: usize = 60;

/// How long a summary waits for others who write: it does without the writing then.
const PATIENCE: Duration = Duration::from_millis(100);

/// A session's history: what is compressed, and the items that are not.
pub(super) struct History {
    pub(super) layers: Layers,
    pub(super) items: Vec<Item>,
    /// Where each item stands, to be noted once it is compressed.
    places: Vec<Covered>,
    /// Nothing is to be written: a newer ckpt has.
    is_newer: bool,
    /// How many of the items wait in the journal, at the end.
    pub(super) waiting: usize,
}

/// Up to where the history is compressed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Covered {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    events: Option<Place>,
    /// Sequence of the last checkpoint.
    #[serde(default)]
    sequence: u64,
    /// It stands in the chain, and not in the journal.
    #[serde(skip)]
    is_in_chain: bool,
}

impl Covered {
    fn of(layers: &Layers) -> Covered {
        serde_json::from_value(Value::Object(layers.covered.clone())).unwrap_or_default()
    }
}

/// Reads the history of a session; with what cannot be read as layers, from the beginning.
pub(super) fn read(repo: &Repo, name: &Name, session: Option<&Session>) -> Result<History, OpError> {
    let (layers, is_newer) = stored(repo, session);
    let waiting = journal::read(repo.store.layout(), name)?;
    let Some(session) = session else { return Ok(of_waiting(&waiting)) };
    let covered = Covered::of(&layers);
    let (layers, covered, events) = match events_after(&repo.store, session, covered.events.as_ref())? {
        Some(events) => (layers, covered, events),
        None => {
            let all = events_after(&repo.store, session, None)?.unwrap_or_default();
            (Layers::default(), Covered::default(), all)
        }
    };
    let checkpoints = checkpoints(repo, session, covered.sequence)?;
    let mut history = merged(layers, &covered, events, checkpoints);
    history.is_newer = is_newer;
    history.add_waiting(&waiting);
    Ok(history)
}

/// All items of a session, oldest first.
pub(super) fn read_all(repo: &Repo, name: &Name, session: Option<&Session>) -> Result<Vec<Item>, OpError> {
    let waiting = journal::read(repo.store.layout(), name)?;
    let Some(session) = session else { return Ok(of_waiting(&waiting).items) };
    let events = events_after(&repo.store, session, None)?.unwrap_or_default();
    let mut history = merged(Layers::default(), &Covered::default(), events, checkpoints(repo, session, 0)?);
    history.add_waiting(&waiting);
    Ok(history.items)
}

/// The layers in the chain, and whether a newer ckpt made them.
fn stored(repo: &Repo, session: Option<&Session>) -> (Layers, bool) {
    let text = session.map(|session| session.text(&repo.store, STATE));
    match text {
        Some(Ok(Some(text))) => match Layers::parse(text.as_bytes()) {
            Ok(layers) => (layers, false),
            Err(why) => (Layers::default(), why == Unreadable::Newer),
        },
        _ => (Layers::default(), false),
    }
}

/// The layers in the chain, and up to where its events are in them.
pub(super) fn stored_layers(repo: &Repo, session: Option<&Session>) -> (Layers, Option<Place>) {
    let (layers, _) = stored(repo, session);
    let place = Covered::of(&layers).events;
    (layers, place)
}

fn of_waiting(waiting: &[Event]) -> History {
    let mut history =
        History { layers: Layers::default(), items: Vec::new(), places: Vec::new(), is_newer: false, waiting: 0 };
    history.add_waiting(waiting);
    history
}

/// The checkpoints of a session after the one of this sequence, oldest first.
fn checkpoints(repo: &Repo, session: &Session, after: u64) -> Result<Vec<(Item, u64)>, OpError> {
    let mut found = Vec::new();
    let mut next = Some(session.tip);
    for _ in 0..MOST_COMMITS {
        let Some(id) = next else { break };
        // What is gone of the chain is gone of the summary; the checkpoints themselves are in `ckpt list`.
        let Ok(commit) = read_commit(&repo.store, &id) else { break };
        let (item, sequence) = items::of_chain(&commit);
        if sequence <= after {
            break;
        }
        found.extend(item.map(|item| (item, sequence)));
        next = commit.parents.first().copied();
    }
    found.reverse();
    Ok(found)
}

/// Events and checkpoints in one order: each in its own, one among the other by time.
fn merged(layers: Layers, covered: &Covered, events: Vec<(Event, Place)>, checkpoints: Vec<(Item, u64)>) -> History {
    let mut history = History { layers, items: Vec::new(), places: Vec::new(), is_newer: false, waiting: 0 };
    let mut place = Covered { is_in_chain: true, ..covered.clone() };
    let mut checkpoints = checkpoints.into_iter().peekable();
    for (event, behind) in events {
        // A checkpoint knows its second alone; what was said in the same one came before it, as a rule.
        let is_before = |item: &Item| item.time.as_second() < event.time.as_second();
        while let Some((item, sequence)) = checkpoints.next_if(|(item, _)| is_before(item)) {
            place.sequence = sequence;
            history.push(item, place.clone());
        }
        place.events = Some(behind);
        history.push(items::of_event(&event), place.clone());
    }
    for (item, sequence) in checkpoints {
        place.sequence = sequence;
        history.push(item, place.clone());
    }
    history
}

impl History {
    fn push(&mut self, item: Item, place: Covered) {
        self.items.push(item);
        self.places.push(place);
    }

    /// What a fold under way has put into the chain already is there once.
    fn add_waiting(&mut self, waiting: &[Event]) {
        let newest = self.items.len().saturating_sub(waiting.len() + 2000);
        let known: std::collections::HashSet<String> =
            self.items[newest..].iter().map(|item| item.id.clone()).collect();
        for event in waiting.iter().filter(|event| !known.contains(&event.id)) {
            self.push(items::of_event(event), Covered::default());
            self.waiting += 1;
        }
    }

    /// Whether compressing is worth a commit: enough is old, and nobody newer was here.
    pub(super) fn is_due(&self, now: Timestamp, ages: &Ages) -> bool {
        if self.is_newer || self.items.len() < WORTH_WRITING {
            return false;
        }
        self.layers.ready(&self.items, now, ages) >= WORTH_WRITING
    }

    /// Compresses; true when there is something new to keep.
    fn compress(&mut self, now: Timestamp, ages: &Ages, all: bool) -> bool {
        let in_chain = self.places.iter().take_while(|place| place.is_in_chain).count();
        let fed = self.layers.feed(&self.items[..in_chain], now, ages, all);
        let Some(place) = fed.checked_sub(1).and_then(|last| self.places.get(last)) else { return false };
        let covered = serde_json::to_value(place).expect("paths and numbers are always JSON");
        self.layers.covered = covered.as_object().cloned().unwrap_or_default();
        self.items.drain(..fed);
        self.places.drain(..fed);
        true
    }
}

/// How much is to be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ops) enum Wish {
    /// What is old enough.
    Due,
    /// Everything up to now, where it is enough to be worth a commit.
    AllOfMuch,
    /// Everything up to now.
    All,
}

/// Brings the layers of a session up to date in its chain, if nobody else is writing; true when they were written.
pub(super) fn bring_up_to_date(repo: &Repo, name: &Name, wish: Wish) -> Result<bool, OpError> {
    let _queue = match chain::queue(repo, PATIENCE) {
        Ok(queue) => queue,
        // It is done the next time.
        Err(_) if wish != Wish::All => return Ok(false),
        Err(error) => return Err(error),
    };
    let now = repo.clock.now();
    fold_journal(repo, name, now)?;
    let tip = chain::read_tip_of(repo, name.clone())?;
    let mut history = read(repo, name, tip.session.as_ref())?;
    let is_little = wish == Wish::AllOfMuch && history.items.len() < WORTH_WRITING;
    if history.is_newer || is_little || !history.compress(now, &repo.summary.ages, wish != Wish::Due) {
        return Ok(false);
    }
    let files = super::files::of(&history.layers);
    let count = history.layers.digests.len();
    let subject = format!("summary: {count} stretch{} of work", if count == 1 { "" } else { "es" });
    chain::append(repo, &tip, now, &subject, &Additions { lines: Vec::new(), files })?;
    Ok(true)
}

/// What waits is taken into the chain first, so that it has a place there. For the holder of the queue.
fn fold_journal(repo: &Repo, name: &Name, now: Timestamp) -> Result<(), OpError> {
    if *name != repo.session() {
        return Ok(());
    }
    let Some(mut folding) = chain::take_journal(repo)? else { return Ok(()) };
    let lines = std::mem::take(&mut folding.lines);
    if !lines.is_empty() {
        let count = lines.len();
        let subject = format!("{count} event{}", if count == 1 { "" } else { "s" });
        let tip = chain::read_tip_of(repo, name.clone())?;
        chain::append(repo, &tip, now, &subject, &Additions { lines, ..Additions::default() })?;
    }
    folding.remove();
    Ok(())
}
