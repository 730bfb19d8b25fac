//! One line of a summary, and what it stands for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

/// Where a line belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Finished sessions.
    Archived,
    /// Stretches of work, a sentence each.
    Earlier,
    Done,
    Decisions,
    Problems,
    State,
    /// Every event.
    Full,
    /// Of a range of git: what breaks or endangers.
    Breaking,
    Added,
    Changed,
    Fixed,
    Documented,
    Inside,
}

impl Part {
    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Part::Archived => "Finished sessions",
            Part::Earlier => "Earlier",
            Part::Done => "What was done",
            Part::Decisions => "Key decisions",
            Part::Problems => "Problems and how they were solved",
            Part::State => "Current state",
            Part::Full => "Last hour",
            Part::Breaking => "Breaking and security",
            Part::Added => "Added",
            Part::Changed => "Changed",
            Part::Fixed => "Fixed",
            Part::Documented => "Documented",
            Part::Inside => "Inside",
        }
    }
}

/// A line of a summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub text: String,
    pub part: Part,
    /// From 0 to 100.
    pub weight: u8,
    /// What it stands for, oldest first: ids of events, checkpoints or commits.
    pub sources: Vec<String>,
    /// How many things it stands for: `sources` holds no more than [`MOST_SOURCES`] of them.
    pub count: usize,
    /// Which layer it is of, from 1 to 4.
    pub layer: u8,
    /// It survives every layer: a decision, an open issue, a failed attempt, a next step, what is pinned.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_kept: bool,
    pub time: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// A line names at most so many sources: the first and the last ones.
pub const MOST_SOURCES: usize = 40;

fn is_false(value: &bool) -> bool {
    !value
}

impl Line {
    /// What the line is called: the same for the same sources in the same layer.
    pub fn id(&self) -> String {
        let mut hasher = Sha1::new();
        hasher.update([self.layer]);
        for source in &self.sources {
            hasher.update(source.as_bytes());
            hasher.update(b"\n");
        }
        let digits = hasher.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect::<String>();
        format!("L{digits}")
    }
}

/// So many of the ids that the first and the last are among them.
pub fn bounded_sources(mut ids: Vec<String>) -> Vec<String> {
    if ids.len() > MOST_SOURCES {
        let last = ids.split_off(ids.len() - MOST_SOURCES / 2);
        ids.truncate(MOST_SOURCES / 2);
        ids.extend(last);
    }
    ids
}
