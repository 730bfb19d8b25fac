//! Events: the lines of a session's history, as JSON on the wire.
//!
//! Pure. Kinds and fields that this program does not know are kept: whoever reads a line and writes it again writes the
//! same line. Made by `ops/`, kept by `store/session` and `store/journal`, read by whatever tells the story of the work.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use sha1::{Digest, Sha1};

/// Digits of an event's id.
const ID_DIGITS: usize = 12;

/// What an event tells of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    Note,
    /// Fields `why` and `instead_of`, where they were given.
    Decision,
    Issue,
    IssueDone,
    Todo,
    TodoDone,
    Next,
    /// The context was edited by hand, set, restored or pruned; field `sections`.
    Context,
    Commit,
    Checkout,
    Merge,
    /// Commits were rewritten; field `pairs`, each old and new.
    Rewrite,
    Failure,
    /// A save, where a history is told: the chain tells of it by its commit, and it has no line of its own.
    Checkpoint,
    /// A session was started, paused, completed and so on; field `state`.
    Session,
    /// A child session was begun; fields `child` and `child_branch`.
    Branch,
    /// A child session came back; fields `child` and `outcome`.
    Return,
    /// An item of the checklist was done, opened again, added, removed or verified by its command; fields `item` and
    /// `state`, and of a command `command`, `exit`, `ended` and `template`.
    Check,
    /// An event or line is to outlive every layer; field `about`, its id.
    Pin,
    Unpin,
    /// A variable of the session was set; fields `key` and `value`.
    Variable,
    /// What an agent was asked.
    Prompt,
    /// An agent's tool call; fields `name`, `arguments`, `result`, `failed`, `paths`.
    Tool,
    /// A command that was run for the session; field `exit`.
    Command,
    /// Another word, of a newer ckpt or of another tool.
    Other(String),
}

const KINDS: [(EventKind, &str); 24] = [
    (EventKind::Note, "note"),
    (EventKind::Decision, "decision"),
    (EventKind::Issue, "issue"),
    (EventKind::IssueDone, "issue-done"),
    (EventKind::Todo, "todo"),
    (EventKind::TodoDone, "todo-done"),
    (EventKind::Next, "next"),
    (EventKind::Context, "context"),
    (EventKind::Commit, "commit"),
    (EventKind::Checkout, "checkout"),
    (EventKind::Merge, "merge"),
    (EventKind::Rewrite, "rewrite"),
    (EventKind::Failure, "failure"),
    (EventKind::Checkpoint, "checkpoint"),
    (EventKind::Session, "session"),
    (EventKind::Branch, "branch"),
    (EventKind::Return, "return"),
    (EventKind::Check, "check"),
    (EventKind::Pin, "pin"),
    (EventKind::Unpin, "unpin"),
    (EventKind::Variable, "variable"),
    (EventKind::Prompt, "prompt"),
    (EventKind::Tool, "tool"),
    (EventKind::Command, "command"),
];

impl EventKind {
    /// The word on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            EventKind::Other(word) => word,
            known => KINDS.iter().find(|(kind, _)| kind == known).map_or("", |(_, word)| word),
        }
    }

    /// The words of all kinds that are known.
    pub fn words() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|(_, word)| *word)
    }

    /// The kind of a word; every word has one.
    pub fn of_word(word: &str) -> EventKind {
        let known = KINDS.iter().find(|(_, known)| *known == word);
        known.map_or_else(|| EventKind::Other(word.to_owned()), |(kind, _)| kind.clone())
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Serialize for EventKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EventKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|word| EventKind::of_word(&word))
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// 12 hexadecimal digits; equal ids and equal lines are one event.
    pub id: String,
    pub time: Timestamp,
    pub kind: EventKind,
    pub text: String,
    /// What else the kind has to say, by name.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl Event {
    /// An event of this moment. `salt` tells it from an equal one: see [`crate::sys::clock::salt`].
    pub fn new(time: Timestamp, kind: EventKind, text: impl Into<String>, salt: u64) -> Event {
        let event =
            Event { id: String::new(), time: to_milliseconds(time), kind, text: text.into(), fields: Map::new() };
        event.identified(salt)
    }

    /// The same with one more field; the id stays. A value that is `None` adds nothing.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Event {
        if let Some(value) = value {
            self.fields.insert(name.to_owned(), value.into());
        }
        self
    }

    fn identified(mut self, salt: u64) -> Event {
        let mut hasher = Sha1::new();
        hasher.update(self.to_line());
        hasher.update(salt.to_le_bytes());
        self.id = hasher.finalize().iter().take(ID_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect();
        self
    }

    /// The line, without its end.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("text, numbers and maps with text keys are always JSON")
    }

    /// Reads a line; `None` when it is no event.
    pub fn parse_line(line: &[u8]) -> Option<Event> {
        serde_json::from_slice(line).ok()
    }
}

/// Nobody needs more, and a line is shorter without it.
fn to_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        "2026-11-21T09:00:00.123456Z".parse().unwrap()
    }

    #[test]
    fn a_line_goes_there_and_back() {
        let event = Event::new(at(), EventKind::Decision, "use \"x\"\nnot y", 7).with("why", Some("z"));
        let line = event.to_line();
        assert!(
            line.starts_with(&format!("{{\"id\":\"{}\",\"time\":\"2026-11-21T09:00:00.123Z\",\"kind\":", event.id))
        );
        assert!(line.ends_with(",\"why\":\"z\"}") && !line.contains('\n'), "{line}");
        assert_eq!(Event::parse_line(line.as_bytes()), Some(event));
    }

    #[test]
    fn unknown_kinds_and_fields_are_written_back_unchanged() {
        let line = r#"{"id":"0123456789ab","time":"2026-11-21T09:00:00Z","kind":"strange","text":"x","a":{"b":[1,null]},"z":1.5}"#;
        let event = Event::parse_line(line.as_bytes()).unwrap();
        assert_eq!(event.kind, EventKind::Other("strange".into()));
        assert_eq!(event.to_line(), line);
    }

    #[test]
    fn equal_events_have_ids_of_their_own() {
        let [one, other] = [1, 2].map(|salt| Event::new(at(), EventKind::Note, "same", salt));
        assert_ne!(one.id, other.id);
        assert_eq!(one.id.len(), ID_DIGITS);
        assert_eq!(one, Event::new(at(), EventKind::Note, "same", 1));
    }

    #[test]
    fn every_known_kind_is_a_word_and_back() {
        for (kind, word) in &KINDS {
            assert_eq!(&EventKind::of_word(word), kind);
            assert_eq!(kind.as_str(), *word);
        }
    }

    #[test]
    fn what_is_no_event_is_none() {
        for line in [
            "",
            "{",
            "[]",
            "{\"id\":\"x\"}",
            "{\"id\":1,\"time\":\"2026-11-21T09:00:00Z\",\"kind\":\"n\",\"text\":\"\"}",
        ] {
            assert_eq!(Event::parse_line(line.as_bytes()), None, "{line}");
        }
    }
}
