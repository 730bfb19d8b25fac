//! `ckpt.checklist/1`, `ckpt.check/1` and `ckpt.check-run/1`.

use serde::Serialize;

use super::words::SyncedRow;
use crate::model::id::ObjectId;
use crate::ops::checklist::run::Ran;
use crate::ops::checklist::{Changed, ChangedItem, ShownChecklist};
use crate::sys::shell_command::Ended;
use crate::template::checklist::{Item, Phase};

/// `ckpt.checklist/1`: the check list of the session.
#[derive(Debug, Serialize)]
pub struct ChecklistDocument<'a> {
    /// `ckpt.checklist/1`.
    pub schema: &'static str,
    pub session: &'a str,
    pub title: &'a str,
    /// The template that the session was made from.
    pub template: Option<&'a str>,
    /// Its version then.
    pub template_version: Option<ObjectId>,
    pub done: usize,
    pub items: usize,
    /// Title of the first phase with an open item.
    pub current: Option<&'a str>,
    pub phases: Vec<PhaseRow<'a>>,
}

/// A phase.
#[derive(Debug, Serialize)]
pub struct PhaseRow<'a> {
    /// Empty for items before the first phase.
    pub title: &'a str,
    pub done: usize,
    pub items: Vec<ItemRow<'a>>,
}

/// An item.
#[derive(Debug, Serialize)]
pub struct ItemRow<'a> {
    pub number: usize,
    pub text: &'a str,
    pub done: bool,
    /// The command that verifies it.
    pub command: Option<&'a str>,
    /// The command may run.
    pub trusted: bool,
}

impl<'a> ChecklistDocument<'a> {
    pub fn of(shown: &'a ShownChecklist) -> ChecklistDocument<'a> {
        let (done, items) = shown.count();
        let row = |item: &'a Item| ItemRow {
            number: item.number,
            text: &item.text,
            done: item.is_done,
            command: item.command.as_deref(),
            trusted: shown.runnable.contains(&item.number),
        };
        let phase = |phase: &'a Phase| PhaseRow {
            title: &phase.title,
            done: phase.done(),
            items: phase.items.iter().map(row).collect(),
        };
        ChecklistDocument {
            schema: "ckpt.checklist/1",
            session: &shown.session,
            title: &shown.title,
            template: shown.template.as_ref().map(|used| used.name.as_str()),
            template_version: shown.template.as_ref().map(|used| used.version),
            done,
            items,
            current: shown.current().map(|index| shown.phases[index].title.as_str()),
            phases: shown.phases.iter().map(phase).collect(),
        }
    }
}

/// `ckpt.check/1`: items that were marked, added or removed.
#[derive(Debug, Serialize)]
pub struct CheckDocument<'a> {
    /// `ckpt.check/1`.
    pub schema: &'static str,
    /// `done`, `open`, `added` or `removed`.
    pub action: &'a str,
    pub items: Vec<ChangedRow<'a>>,
    /// Items of the list that are done now, and all of them.
    pub done: usize,
    pub of: usize,
    #[serde(flatten)]
    pub synced: SyncedRow<'a>,
}

/// An item that was changed.
#[derive(Debug, Serialize)]
pub struct ChangedRow<'a> {
    pub number: usize,
    pub text: &'a str,
    pub phase: &'a str,
    pub done: bool,
    /// It was so already.
    pub unchanged: bool,
}

impl<'a> ChangedRow<'a> {
    fn of(changed: &'a ChangedItem) -> ChangedRow<'a> {
        let ChangedItem { item, phase, unchanged } = changed;
        ChangedRow { number: item.number, text: &item.text, phase, done: item.is_done, unchanged: *unchanged }
    }
}

fn changed_rows(changed: &Changed) -> Vec<ChangedRow<'_>> {
    changed.items.iter().map(ChangedRow::of).collect()
}

fn counts(phases: &[Phase]) -> (usize, usize) {
    (phases.iter().map(Phase::done).sum(), phases.iter().map(|phase| phase.items.len()).sum())
}

impl<'a> CheckDocument<'a> {
    pub fn of(changed: &'a Changed, action: &'a str) -> CheckDocument<'a> {
        let (done, of) = counts(&changed.phases);
        let (items, synced) = (changed_rows(changed), SyncedRow::of(&changed.synced));
        CheckDocument { schema: "ckpt.check/1", action, items, done, of, synced }
    }
}

/// `ckpt.check-run/1`: how the command of an item ended. What it printed is on stderr.
#[derive(Debug, Serialize)]
pub struct CheckRunDocument<'a> {
    /// `ckpt.check-run/1`.
    pub schema: &'static str,
    pub command: &'a str,
    /// The command says that the item is done.
    pub verified: bool,
    /// `exited`, `signalled`, `timed-out` or `interrupted`.
    pub ended: &'static str,
    /// The exit status, where it exited.
    pub exit: Option<i32>,
    /// How long it took.
    pub elapsed_ms: u64,
    pub items: Vec<ChangedRow<'a>>,
    #[serde(flatten)]
    pub synced: SyncedRow<'a>,
}

impl<'a> CheckRunDocument<'a> {
    pub fn of(ran: &'a Ran) -> CheckRunDocument<'a> {
        let exit = match ran.ended {
            Ended::Exited(code) => Some(code),
            _ => None,
        };
        CheckRunDocument {
            schema: "ckpt.check-run/1",
            command: &ran.command,
            verified: ran.is_verified(),
            ended: ran.ended.word(),
            exit,
            elapsed_ms: u64::try_from(ran.took.as_millis()).unwrap_or(u64::MAX),
            items: changed_rows(&ran.changed),
            synced: SyncedRow::of(&ran.changed.synced),
        }
    }
}
