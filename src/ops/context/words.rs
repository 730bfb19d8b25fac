//! What people and agents say: each word is an event of the session and a line in the document.

use jiff::civil::Date;
use serde_json::Value;

use super::target::Target;
use super::update::{Step, View, update};
use super::{Synced, standard_of};
use crate::context::decision::Decision;
use crate::context::edit::{self, Edited, Numbered};
use crate::context::item::NewItem;
use crate::context::standard::{self as sections, Standard};
use crate::context::{ContextError, archive, facts, sections::set_section};
use crate::model::event::{Event, EventKind};
use crate::ops::{OpError, Repo, chain};
use crate::store::session::ARCHIVE;

/// Something that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    Note(String),
    Decide {
        text: String,
        why: Option<String>,
        instead_of: Option<String>,
    },
    Issue(String),
    IssueDone(String),
    Todo(String),
    TodoDone(String),
    /// From one number to another.
    TodoMove {
        item: String,
        to: usize,
    },
    Next(Vec<String>),
    /// A section's new text.
    Set {
        section: String,
        text: String,
    },
    /// The block of facts: put in, or taken out.
    Facts {
        present: bool,
    },
}

/// A word that is on record.
#[derive(Clone, Debug)]
pub struct Told {
    /// `None` where nothing had to be said, because it was so already.
    pub event: Option<Event>,
    /// The section as it is called in the document.
    pub section: String,
    /// The items that it is about, with their numbers now.
    pub items: Vec<(usize, String)>,
    /// How many more sections have this name.
    pub others: usize,
    pub partition: Option<String>,
    pub synced: Synced,
}

/// The items of a section.
#[derive(Clone, Debug)]
pub struct ListedItems {
    pub section: String,
    pub items: Vec<Numbered>,
    pub partition: Option<String>,
    pub synced: Synced,
}

/// What was completed and moved to the archive.
#[derive(Clone, Debug)]
pub struct PrunedItems {
    /// Section and text of each.
    pub items: Vec<(String, String)>,
    pub synced: Synced,
}

/// What a word does to a document.
struct Said {
    edits: Vec<Edited>,
    kind: EventKind,
    /// The event's text.
    text: String,
    subject: String,
    fields: Vec<(&'static str, Value)>,
}

/// Puts a word on record.
pub fn tell(repo: &Repo, word: &Word, partition: Option<&str>) -> Result<Told, OpError> {
    check(word)?;
    let target = Target::of(partition)?;
    let standard = standard_of(repo)?;
    let day = || today(repo);
    let (synced, mut told) = update(repo, chain::PATIENCE, &mut |view| {
        let old = target.text_or_new(view, &standard)?;
        let said = word.apply(&old, &day, &standard)?;
        Ok(record(view, &target, &old, said))
    })?;
    told.synced = synced;
    Ok(told)
}

/// Nothing is said by a text without words, and nothing is done for it.
fn check(word: &Word) -> Result<(), OpError> {
    let is_empty = match word {
        Word::Note(text) | Word::Issue(text) | Word::Todo(text) | Word::Decide { text, .. } => text.trim().is_empty(),
        Word::IssueDone(item) | Word::TodoDone(item) | Word::TodoMove { item, .. } => item.trim().is_empty(),
        Word::Next(steps) => steps.is_empty() || steps.iter().any(|step| step.trim().is_empty()),
        Word::Set { .. } | Word::Facts { .. } => false,
    };
    if is_empty { Err(ContextError::EmptyText.into()) } else { Ok(()) }
}

fn record(view: &View<'_>, target: &Target, old: &str, said: Said) -> (Option<Step>, Told) {
    let last = said.edits.last().expect("a word is about something");
    let (section, others, text) = (last.section.clone(), last.others, last.text.clone());
    let items = said.edits.iter().filter(|edit| edit.number > 0).map(|edit| (edit.number, edit.item.clone())).collect();
    let partition = target.partition().map(str::to_owned);
    let mut told = Told { event: None, section, items, others, partition, synced: Synced::default() };
    if text == old {
        return (None, told);
    }
    let mut event = view.event(said.kind, said.text).with("section", Some(told.section.clone()));
    for (name, value) in said.fields {
        event = event.with(name, Some(value));
    }
    event = event.with("partition", told.partition.clone());
    let (context, files) = target.put(text);
    told.event = Some(event.clone());
    (Some(Step { subject: said.subject, events: vec![event], context, files }), told)
}

impl Word {
    /// The user's day is asked for only where it is said: looking the time zone up takes longer than most words.
    fn apply(&self, old: &str, day: &dyn Fn() -> Date, standard: &Standard) -> Result<Said, OpError> {
        let add = |section: &str, item: NewItem| edit::add_item(old, section, &item, standard);
        let said = |edit: Edited, kind: EventKind, verb: &str, text: &str| Said {
            edits: vec![edit],
            kind,
            text: text.trim().to_owned(),
            subject: format!("{verb}: {}", text.trim()),
            fields: Vec::new(),
        };
        match self {
            Word::Note(text) => {
                let item = NewItem::plain(format!("{}: {}", day(), text.trim()));
                Ok(said(add(sections::CURRENT_WORK, item)?, EventKind::Note, "note", text))
            }
            Word::Issue(text) => {
                Ok(said(add(sections::KNOWN_ISSUES, NewItem::open(text.trim()))?, EventKind::Issue, "issue", text))
            }
            Word::Todo(text) => {
                Ok(said(add(sections::TODO, NewItem::open(text.trim()))?, EventKind::Todo, "todo", text))
            }
            Word::Decide { text, why, instead_of } => {
                let given = |reason: &Option<String>| reason.clone().filter(|reason| !reason.trim().is_empty());
                let (why, instead_of) = (given(why), given(instead_of));
                let decision = Decision {
                    date: day(),
                    text: text.trim().to_owned(),
                    why: why.clone(),
                    instead_of: instead_of.clone(),
                };
                let mut said =
                    said(add(sections::RECENT_DECISIONS, decision.to_item())?, EventKind::Decision, "decide", text);
                let fields = [("why", why), ("instead_of", instead_of)];
                said.fields = fields.into_iter().filter_map(|(name, value)| Some((name, value?.into()))).collect();
                Ok(said)
            }
            Word::IssueDone(item) => done(old, sections::KNOWN_ISSUES, item, standard),
            Word::TodoDone(item) => done(old, sections::TODO, item, standard),
            Word::TodoMove { item, to } => {
                let from = find_item(old, sections::TODO, item, standard)?;
                let edit = edit::move_item(old, sections::TODO, from, *to, standard)?;
                let text = edit.item.clone();
                let mut said = said(edit, EventKind::Todo, "todo moved", &text);
                said.fields = vec![("action", "moved".into()), ("from", from.into()), ("to", (*to).into())];
                Ok(said)
            }
            Word::Next(steps) => next(old, steps, standard),
            Word::Facts { present } => {
                let text = if *present { facts::insert(old, standard) } else { facts::remove(old) };
                let section = "facts".to_owned();
                let edit = Edited { text, section, number: 0, item: String::new(), others: 0 };
                let (done, action) = if *present { ("put in", "facts-on") } else { ("taken out", "facts-off") };
                let mut said = said(edit, EventKind::Context, "context", &format!("facts {done}"));
                said.fields = vec![("action", action.into())];
                Ok(said)
            }
            Word::Set { section, text } => {
                let edit = set_section(old, section, text, standard)?;
                let name = edit.section.clone();
                let mut said = said(edit, EventKind::Context, "context", &format!("set {name}"));
                said.fields = vec![("action", "set".into()), ("sections", vec![name].into())];
                Ok(said)
            }
        }
    }
}

fn done(old: &str, section: &str, item: &str, standard: &Standard) -> Result<Said, OpError> {
    let number = find_item(old, section, item, standard)?;
    let edit = edit::set_checked(old, section, number, true, standard)?;
    let (kind, verb) = match section {
        sections::TODO => (EventKind::TodoDone, "todo done"),
        _ => (EventKind::IssueDone, "issue done"),
    };
    let (text, subject) = (edit.item.clone(), format!("{verb}: {}", edit.item));
    Ok(Said { edits: vec![edit], kind, text, subject, fields: vec![("number", number.into())] })
}

fn next(old: &str, steps: &[String], standard: &Standard) -> Result<Said, OpError> {
    let mut text = old.to_owned();
    let mut edits = Vec::new();
    for step in steps {
        let edit = edit::add_item(&text, sections::NEXT_SESSION, &NewItem::step(step.trim()), standard)?;
        text.clone_from(&edit.text);
        edits.push(edit);
    }
    let steps: Vec<&str> = steps.iter().map(|step| step.trim()).collect();
    let subject = format!("next: {}", steps.join("; "));
    let fields = vec![("steps", Value::from(steps.clone()))];
    Ok(Said { edits, kind: EventKind::Next, text: steps.join("\n"), subject, fields })
}

/// The number of an item as it was typed: a number, or words that one open item alone has.
fn find_item(text: &str, section: &str, typed: &str, standard: &Standard) -> Result<usize, OpError> {
    let typed = typed.trim();
    let digits = typed.strip_prefix('#').unwrap_or(typed);
    if let Ok(number) = digits.parse::<usize>() {
        return Ok(number);
    }
    let items = edit::items(text, section, standard)?;
    let wanted = typed.to_lowercase();
    let fitting: Vec<&Numbered> =
        items.iter().filter(|item| item.checked != Some(true) && item.text.to_lowercase().contains(&wanted)).collect();
    let line = |item: &&Numbered| format!("{}  {}", item.number, item.text);
    match fitting.as_slice() {
        [one] => Ok(one.number),
        [] => Err(OpError::UnknownItem { section: section.to_owned(), typed: typed.to_owned() }),
        several => Err(OpError::AmbiguousItem {
            section: section.to_owned(),
            typed: typed.to_owned(),
            candidates: several.iter().map(line).collect(),
        }),
    }
}

/// Which list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Issues,
    Todos,
}

/// The items of a list with their numbers.
pub fn list(repo: &Repo, list: List, partition: Option<&str>) -> Result<ListedItems, OpError> {
    let target = Target::of(partition)?;
    let standard = standard_of(repo)?;
    let section = match list {
        List::Issues => sections::KNOWN_ISSUES,
        List::Todos => sections::TODO,
    };
    let (synced, text) = super::read_target(repo, &target)?;
    let items = text.map_or(Ok(Vec::new()), |text| edit::items(&text, section, &standard))?;
    Ok(ListedItems { section: section.to_owned(), items, partition: target.partition().map(str::to_owned), synced })
}

/// Moves completed items to the archive of the session.
pub fn prune(repo: &Repo) -> Result<PrunedItems, OpError> {
    let day = today(repo);
    let (synced, items) = update(repo, chain::PATIENCE, &mut |view| {
        let (text, pruned) = archive::prune(view.text.ok_or(OpError::NoContext)?);
        let items: Vec<(String, String)> =
            pruned.iter().map(|item| (item.section.clone(), item.text.clone())).collect();
        if pruned.is_empty() {
            return Ok((None, items));
        }
        let kept = archive::archive(&view.file(ARCHIVE)?.unwrap_or_default(), &pruned, day);
        let mut sections: Vec<String> = pruned.iter().map(|item| item.section.clone()).collect();
        sections.dedup();
        let count = pruned.len();
        let said = format!("pruned {count} completed item{}", if count == 1 { "" } else { "s" });
        let event = view.event(EventKind::Context, &*said).with("action", Some("pruned"));
        let event = event.with("sections", Some(sections)).with("items", Some(Value::from(texts(&items))));
        let files = vec![(ARCHIVE.into(), Some(kept.into_bytes()))];
        let step = Step { subject: format!("context: {said}"), events: vec![event], context: Some(text), files };
        Ok((Some(step), items))
    })?;
    Ok(PrunedItems { items, synced })
}

fn today(repo: &Repo) -> Date {
    repo.clock.now().to_zoned(repo.clock.zone().clone()).date()
}

fn texts(items: &[(String, String)]) -> Vec<String> {
    items.iter().map(|(_, text)| text.clone()).collect()
}
