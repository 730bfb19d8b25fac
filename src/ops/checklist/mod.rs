//! The check list of the current session: shown, marked, added to, and verified by its commands.
//!
//! Each change is one commit of the session's chain: the new text of `checklist.md` and an event that tells of it.

pub mod error;
pub mod run;
mod select;

use std::collections::BTreeSet;

use super::context::Synced;
use super::context::update::{Step, View, update};
use super::template::trust::Trust;
use super::{OpError, Repo, chain};
use crate::model::event::EventKind;
use crate::model::session::TemplateUse;
use crate::store::session::CHECKLIST;
use crate::template::checklist::{self, ChecklistError, Item, Phase};
use error::CheckError;
use select::{find_item, nearest};

/// A check list as it is.
#[derive(Clone, Debug)]
pub struct ShownChecklist {
    /// Name and title of the session.
    pub session: String,
    pub title: String,
    /// The template that the session was made from.
    pub template: Option<TemplateUse>,
    pub phases: Vec<Phase>,
    /// Numbers of the items whose command may run.
    pub runnable: BTreeSet<usize>,
}

impl ShownChecklist {
    /// How many items are done, and how many there are.
    pub fn count(&self) -> (usize, usize) {
        let done = self.phases.iter().map(Phase::done).sum();
        (done, self.phases.iter().map(|phase| phase.items.len()).sum())
    }

    /// The phase that the work is in: the first with an open item.
    pub fn current(&self) -> Option<usize> {
        self.phases.iter().position(|phase| phase.done() < phase.items.len())
    }
}

/// An item after a change, and the phase that it is in.
#[derive(Clone, Debug)]
pub struct ChangedItem {
    pub item: Item,
    pub phase: String,
    /// It was so already.
    pub unchanged: bool,
}

/// What a command did to the check list.
#[derive(Clone, Debug)]
pub struct Changed {
    pub items: Vec<ChangedItem>,
    /// The list after it.
    pub phases: Vec<Phase>,
    /// A phase that was made for the item.
    pub new_phase: Option<String>,
    pub synced: Synced,
}

/// The check list of the current session.
pub fn show(repo: &Repo) -> Result<ShownChecklist, OpError> {
    let tip = chain::read_tip(repo)?;
    let session = tip.session.as_ref();
    let text = session.map(|session| session.checklist(&repo.store)).transpose()?.flatten();
    let phases = checklist::parse(text.as_deref().unwrap_or_default());
    let template = session.and_then(|session| session.record.details.template.clone());
    // To look at the list nobody needs to know what is trusted; to run something, they do.
    let trust = Trust::read(repo).unwrap_or_default();
    let may_run = |command: &str| trust.distrust(template.as_ref(), command).is_none();
    let items = phases.iter().flat_map(|phase| &phase.items);
    let runnable = items.filter(|item| item.command.as_deref().is_some_and(may_run)).map(|item| item.number).collect();
    let title = session.map_or_else(|| tip.name.to_string(), |session| session.record.title.clone());
    Ok(ShownChecklist { session: tip.name.to_string(), title, template, phases, runnable })
}

/// Marks items as done, or not; each by its number or by words that it alone has.
pub fn set_done(repo: &Repo, typed: &[String], is_done: bool) -> Result<Changed, OpError> {
    change(repo, &mut |view, text| {
        let mut new = text.to_owned();
        let mut numbers = Vec::new();
        for typed in typed {
            let number = find_item(text, typed, Some(is_done))?;
            if !numbers.contains(&number) {
                numbers.push(number);
            }
            new = checklist::set_done(&new, number, is_done)?;
        }
        let before = checklist::items(text);
        let state = if is_done { "done" } else { "open" };
        let (mut events, mut changed) = (Vec::new(), Vec::new());
        for number in numbers {
            let item = item_at(&new, number)?;
            let unchanged = before.get(number - 1).is_some_and(|item| item.is_done == is_done);
            if !unchanged {
                let event = view.event(EventKind::Check, item.item.text.clone());
                events.push(event.with("item", Some(number)).with("state", Some(state)));
            }
            changed.push(ChangedItem { unchanged, ..item });
        }
        let texts: Vec<&str> = changed.iter().filter(|one| !one.unchanged).map(|one| one.item.text.as_str()).collect();
        let subject = format!("check {state}: {}", texts.join("; "));
        let step = (!events.is_empty()).then(|| step(subject, events, new));
        Ok((step, changed, None))
    })
}

/// Adds an item at the end of a phase: of the last one where none is named. A phase that is like none is made.
pub fn add(repo: &Repo, words: &str, phase: Option<&str>) -> Result<Changed, OpError> {
    change_or_begin(repo, &mut |view, text| {
        let (new, number, new_phase) = match checklist::add(text, phase, words) {
            Ok((new, number)) => (new, number, None),
            Err(ChecklistError::UnknownPhase { phase, known }) => {
                let like = nearest(&phase, known.iter().map(String::as_str));
                if !like.is_empty() {
                    return Err(ChecklistError::UnknownPhase { phase, known: like }.into());
                }
                let (new, number) = checklist::add_phase(text, &phase, words)?;
                (new, number, Some(phase))
            }
            Err(error) => return Err(error.into()),
        };
        let item = item_at(&new, number)?;
        let event = view.event(EventKind::Check, item.item.text.clone());
        let event = event.with("item", Some(number)).with("state", Some("added"));
        let subject = format!("check added: {}", item.item.text);
        Ok((Some(step(subject, vec![event], new)), vec![item], new_phase))
    })
}

/// Takes an item out.
pub fn remove(repo: &Repo, typed: &str) -> Result<Changed, OpError> {
    change(repo, &mut |view, text| {
        let number = find_item(text, typed, None)?;
        let item = item_at(text, number)?;
        let new = checklist::remove(text, number)?;
        let event = view.event(EventKind::Check, item.item.text.clone());
        let event = event.with("item", Some(number)).with("state", Some("removed"));
        let subject = format!("check removed: {}", item.item.text);
        Ok((Some(step(subject, vec![event], new)), vec![item], None))
    })
}

fn step(subject: String, events: Vec<crate::model::event::Event>, text: String) -> Step {
    Step { subject, events, context: None, files: vec![(CHECKLIST.into(), Some(text.into_bytes()))] }
}

/// What a change makes of a text: the step, the items it is about, and a phase that was made.
type Made = (Option<Step>, Vec<ChangedItem>, Option<String>);

type Work<'w> = dyn FnMut(&View<'_>, &str) -> Result<Made, OpError> + 'w;

/// Changes a check list that is there.
fn change(repo: &Repo, work: &mut Work<'_>) -> Result<Changed, OpError> {
    change_or_begin(repo, &mut |view, text| {
        if checklist::items(text).is_empty() {
            return Err(CheckError::NoChecklist.into());
        }
        work(view, text)
    })
}

fn change_or_begin(repo: &Repo, work: &mut Work<'_>) -> Result<Changed, OpError> {
    let (synced, (items, text, new_phase)) = update(repo, chain::PATIENCE, &mut |view| {
        let text = view.file(CHECKLIST)?.unwrap_or_default();
        let (step, items, new_phase) = work(view, &text)?;
        let new = step.as_ref().and_then(|step| step.files.first()?.1.as_deref());
        let new = new.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        Ok((step, (items, new.unwrap_or(text), new_phase)))
    })?;
    Ok(Changed { items, phases: checklist::parse(&text), new_phase, synced })
}

/// An item of a text, with its phase.
fn item_at(text: &str, number: usize) -> Result<ChangedItem, OpError> {
    let phases = checklist::parse(text);
    let count = phases.iter().map(|phase| phase.items.len()).sum();
    let found = phases.into_iter().find_map(|phase| {
        let item = phase.items.into_iter().find(|item| item.number == number)?;
        Some(ChangedItem { item, phase: phase.title, unchanged: false })
    });
    Ok(found.ok_or(ChecklistError::NoSuchItem { number, count })?)
}
