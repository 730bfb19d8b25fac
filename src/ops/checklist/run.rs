//! Runs the command of an item to see whether it is done.
//!
//! Only what the user trusts runs: the command, as it is, of the template content that the session was made from.

use std::process::Stdio;
use std::time::Duration;

use super::select::find_item;
use super::{Changed, ChangedItem, change, item_at, step};
use crate::model::event::EventKind;
use crate::model::session::TemplateUse;
use crate::ops::checklist::error::CheckError;
use crate::ops::template::trust::Trust;
use crate::ops::{OpError, Repo, chain};
use crate::sys::shell_command::{self, Ended};
use crate::template::checklist::{self, ChecklistError};

/// A command that may run.
#[derive(Clone, Debug)]
pub struct Runnable {
    pub item: ChangedItem,
    pub command: String,
    template: Option<TemplateUse>,
}

/// How it ended.
#[derive(Clone, Debug)]
pub struct Ran {
    pub command: String,
    pub ended: Ended,
    pub took: Duration,
    /// The item and the list after it.
    pub changed: Changed,
}

impl Ran {
    /// The command says that the item is done.
    pub fn is_verified(&self) -> bool {
        self.ended == Ended::Exited(0)
    }
}

/// Finds the item and its command; an error where the user does not trust it.
pub fn prepare(repo: &Repo, typed: &str) -> Result<Runnable, OpError> {
    let session = chain::read_tip(repo)?.session;
    let text = session.as_ref().map(|session| session.checklist(&repo.store)).transpose()?.flatten();
    let text = text.filter(|text| !checklist::items(text).is_empty()).ok_or(CheckError::NoChecklist)?;
    let item = item_at(&text, find_item(&text, typed, None)?)?;
    let number = item.item.number;
    let Some(command) = item.item.command.clone() else {
        return Err(CheckError::NoCommand { number, text: item.item.text }.into());
    };
    let template = session.and_then(|session| session.record.details.template);
    if let Some(reason) = Trust::read(repo)?.distrust(template.as_ref(), &command) {
        return Err(CheckError::Untrusted { number, command, template: template.map(|used| used.name), reason }.into());
    }
    Ok(Runnable { item, command, template })
}

/// Runs it in the root of the work tree, for `limit` at most, and records how it ended. An item that is verified is done.
pub fn run(repo: &Repo, runnable: Runnable, limit: Duration, stdout: Stdio) -> Result<Ran, OpError> {
    let started = std::time::Instant::now();
    let folder = &repo.store.layout().work_dir;
    let ended = shell_command::run(&repo.environment, folder, &runnable.command, limit, stdout);
    let ended = ended.map_err(CheckError::CannotRun)?;
    let changed = record(repo, &runnable, ended)?;
    Ok(Ran { command: runnable.command, ended, took: started.elapsed(), changed })
}

fn record(repo: &Repo, runnable: &Runnable, ended: Ended) -> Result<Changed, OpError> {
    let is_verified = ended == Ended::Exited(0);
    let state = if is_verified { "verified" } else { "failed" };
    let exit = match ended {
        Ended::Exited(code) => Some(code),
        _ => None,
    };
    change(repo, &mut |view, text| {
        let number = same_item(text, runnable)?;
        let new = if is_verified { checklist::set_done(text, number, true)? } else { text.to_owned() };
        let item = item_at(&new, number)?;
        let event = view.event(EventKind::Check, item.item.text.clone());
        let event = event.with("item", Some(number)).with("state", Some(state));
        let event = event.with("command", Some(runnable.command.clone())).with("exit", exit);
        let event = event.with("ended", Some(ended.word()));
        let event = event.with("template", runnable.template.as_ref().map(|used| used.name.clone()));
        let subject = format!("check {state}: {}", item.item.text);
        Ok((Some(step(subject, vec![event], new)), vec![item], None))
    })
}

/// The list may have changed while the command ran.
fn same_item(text: &str, runnable: &Runnable) -> Result<usize, ChecklistError> {
    let items = checklist::items(text);
    let ran = &runnable.item.item;
    let is_same = |item: &&checklist::Item| item.text == ran.text && item.command.as_ref() == Some(&runnable.command);
    let at_its_place = items.iter().filter(|item| item.number == ran.number).find(is_same);
    let found = at_its_place.or_else(|| items.iter().find(is_same));
    found.map(|item| item.number).ok_or(ChecklistError::NoSuchItem { number: ran.number, count: items.len() })
}
