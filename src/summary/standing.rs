//! What survives every layer until it is closed: decisions, open issues, failed attempts, next steps, what is pinned.
//!
//! Fed item by item; costs the same however long the history is. Pure; called by `history`.

use crate::model::event::EventKind;
use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fold::key;
use super::item::{Item, one_line};

/// A text of it is kept up to so many characters.
const LONGEST: usize = 300;

/// So many different failures are kept; of more the oldest are forgotten, and how many is told.
const MOST_FAILURES: usize = 60;

/// Something that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The event that said it; of a pin, what is pinned.
    pub id: String,
    pub time: Timestamp,
    pub kind: KeptKind,
    pub text: String,
    /// How often it happened.
    pub count: usize,
}

/// Why it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptKind {
    Pinned,
    Decision,
    Issue,
    Next,
    Failure,
}

/// Something that stood and is closed by an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    pub kept: Kept,
    pub by: String,
    pub time: Timestamp,
}

/// All that stands, in the order in which it was said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Standing {
    kept: Vec<Option<Kept>>,
    places: HashMap<(KeptKind, String), usize>,
    failures: usize,
    /// Failures that are not kept any more.
    pub forgotten: usize,
}

/// As it is written down.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    kept: Vec<Kept>,
    #[serde(default)]
    forgotten: usize,
}

impl From<Stored> for Standing {
    fn from(stored: Stored) -> Standing {
        let mut standing = Standing { forgotten: stored.forgotten, ..Standing::default() };
        stored.kept.into_iter().for_each(|kept| standing.put(kept));
        standing
    }
}

impl From<Standing> for Stored {
    fn from(standing: Standing) -> Stored {
        let forgotten = standing.forgotten;
        Stored { kept: standing.kept.into_iter().flatten().collect(), forgotten }
    }
}

impl Standing {
    /// What stands, in the order in which it was said.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Kept> {
        self.kept.iter().flatten()
    }

    /// Takes an item in; what it closes.
    pub fn feed(&mut self, item: &Item) -> Option<Closed> {
        match &item.kind {
            EventKind::Decision => self.say(item, KeptKind::Decision, &item.text),
            EventKind::Issue => self.say(item, KeptKind::Issue, &item.text),
            EventKind::Next => item.text.lines().for_each(|step| self.say(item, KeptKind::Next, step)),
            EventKind::IssueDone => return self.close(item, KeptKind::Issue, &item.text),
            EventKind::TodoDone => return self.close(item, KeptKind::Next, &item.text),
            EventKind::Check if !item.is_failed => return self.close(item, KeptKind::Next, &item.text),
            EventKind::Failure => self.say(item, KeptKind::Failure, &item.text),
            EventKind::Tool | EventKind::Command if item.is_failed => self.say(item, KeptKind::Failure, &item.text),
            EventKind::Tool | EventKind::Command if self.failures > 0 => {
                return self.close(item, KeptKind::Failure, &item.text);
            }
            EventKind::Pin => self.pin(item),
            EventKind::Unpin => return self.unpin(item),
            _ => {}
        }
        None
    }

    fn say(&mut self, item: &Item, kind: KeptKind, text: &str) {
        let text = one_line(text, LONGEST);
        if text.is_empty() {
            return;
        }
        if let Some(kept) = self.at(kind, &key_of(kind, &text)) {
            kept.count += 1;
            return;
        }
        let text = match (kind, item.body.as_str()) {
            (KeptKind::Decision, body) if !body.is_empty() => one_line(&format!("{text} — {body}"), LONGEST),
            _ => text,
        };
        self.put(Kept { id: item.id.clone(), time: item.time, kind, text, count: 1 });
    }

    fn put(&mut self, kept: Kept) {
        let name = match kept.kind {
            KeptKind::Pinned => kept.id.clone(),
            kind => key_of(kind, said(&kept)),
        };
        if kept.kind == KeptKind::Failure {
            self.failures += 1;
            if self.failures > MOST_FAILURES {
                self.forget_a_failure();
            }
        }
        self.places.insert((kept.kind, name), self.kept.len());
        self.kept.push(Some(kept));
    }

    fn forget_a_failure(&mut self) {
        let is_failure = |kept: &Option<Kept>| kept.as_ref().is_some_and(|kept| kept.kind == KeptKind::Failure);
        if let Some(kept) = self.kept.iter().position(is_failure).and_then(|place| self.kept[place].take()) {
            self.places.remove(&(KeptKind::Failure, key_of(KeptKind::Failure, &kept.text)));
            self.failures -= 1;
            self.forgotten += 1;
        }
    }

    fn at(&mut self, kind: KeptKind, name: &str) -> Option<&mut Kept> {
        let place = *self.places.get(&(kind, name.to_owned()))?;
        self.kept[place].as_mut()
    }

    fn close(&mut self, item: &Item, kind: KeptKind, text: &str) -> Option<Closed> {
        let first = text.lines().next().unwrap_or_default();
        let names = [key_of(kind, &one_line(text, LONGEST)), key_of(kind, &one_line(first, LONGEST))];
        let place = names.into_iter().find_map(|name| self.places.remove(&(kind, name)))?;
        let kept = self.kept[place].take()?;
        self.failures -= usize::from(kind == KeptKind::Failure);
        self.compact();
        Some(Closed { kept, by: item.id.clone(), time: item.time })
    }

    fn pin(&mut self, item: &Item) {
        let Some(about) = &item.about else { return };
        let text = one_line(&item.text, LONGEST);
        if self.at(KeptKind::Pinned, about).is_none() {
            self.put(Kept { id: about.clone(), time: item.time, kind: KeptKind::Pinned, text, count: 1 });
        }
    }

    fn unpin(&mut self, item: &Item) -> Option<Closed> {
        let place = self.places.remove(&(KeptKind::Pinned, item.about.clone()?))?;
        self.kept[place] = None;
        None
    }

    /// What was closed takes no room for ever.
    fn compact(&mut self) {
        const SLACK: usize = 1000;
        if self.kept.len() > SLACK && self.kept.len() > 2 * self.places.len() {
            let forgotten = self.forgotten;
            let kept = std::mem::take(&mut self.kept).into_iter().flatten().collect();
            *self = Standing::from(Stored { kept, forgotten });
        }
    }
}

/// What it says without its reason.
fn said(kept: &Kept) -> &str {
    match kept.kind {
        KeptKind::Decision => kept.text.split(" — ").next().unwrap_or_default(),
        _ => &kept.text,
    }
}

/// Failures are the same whatever numbers stand in them; of all else every character counts.
fn key_of(kind: KeptKind, text: &str) -> String {
    match kind {
        KeptKind::Failure => key(text),
        _ => text.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(number: usize, kind: EventKind, text: &str) -> Item {
        Item::new(format!("{number:012x}"), Timestamp::UNIX_EPOCH, kind, text)
    }

    fn texts(standing: &Standing) -> Vec<&str> {
        standing.iter().map(|kept| kept.text.as_str()).collect()
    }

    #[test]
    fn what_is_closed_stands_no_longer() {
        let mut standing = Standing::default();
        standing.feed(&item(1, EventKind::Issue, "the token expires"));
        standing.feed(&item(2, EventKind::Decision, "use JWT"));
        standing.feed(&item(3, EventKind::Next, "split it\nwrite docs"));
        assert_eq!(texts(&standing), ["the token expires", "use JWT", "split it", "write docs"]);
        let closed = standing.feed(&item(4, EventKind::IssueDone, "the token expires")).unwrap();
        assert_eq!((closed.kept.id.as_str(), closed.by.as_str()), ("000000000001", "000000000004"));
        standing.feed(&item(5, EventKind::TodoDone, "Split it"));
        assert_eq!(texts(&standing), ["use JWT", "write docs"]);
        standing.feed(&item(6, EventKind::Issue, "the token expires"));
        assert_eq!(texts(&standing).len(), 3, "it came back");
    }

    #[test]
    fn a_failure_stands_until_the_same_works() {
        let mut standing = Standing::default();
        let mut failed = item(1, EventKind::Command, "cargo test --jobs 4");
        failed.is_failed = true;
        standing.feed(&failed);
        standing.feed(&failed);
        assert_eq!(standing.iter().next().unwrap().count, 2);
        assert_eq!(standing.feed(&item(2, EventKind::Command, "cargo fmt")), None);
        assert_eq!(standing.feed(&item(3, EventKind::Command, "cargo test --jobs 8")).unwrap().kept.count, 2);
        assert_eq!(standing.iter().count(), 0);
    }

    #[test]
    fn failures_are_bounded_and_the_rest_is_not() {
        let mut standing = Standing::default();
        for number in 0..5000 {
            let letters: String = format!("{number:04}").bytes().map(|digit| char::from(digit + 49)).collect();
            standing.feed(&item(number, EventKind::Failure, &letters));
            standing.feed(&item(number + 9000, EventKind::Decision, &letters));
        }
        assert_eq!(standing.iter().count(), 5000 + MOST_FAILURES);
        assert_eq!(standing.forgotten, 5000 - MOST_FAILURES);
    }

    #[test]
    fn pins_stand_until_they_are_taken_off() {
        let mut standing = Standing::default();
        let about = |mut item: Item| {
            item.about = Some("abc".to_owned());
            item
        };
        standing.feed(&about(item(1, EventKind::Pin, "this one")));
        standing.feed(&about(item(2, EventKind::Pin, "this one")));
        assert_eq!(texts(&standing), ["this one"]);
        let json = serde_json::to_string(&standing).unwrap();
        let mut again: Standing = serde_json::from_str(&json).unwrap();
        assert_eq!(again, standing);
        again.feed(&about(item(3, EventKind::Unpin, "")));
        assert_eq!(again.iter().count(), 0);
    }
}
