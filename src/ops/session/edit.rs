//! Changes what a session's record says: its title, its variables.

use super::error::SessionError;
use super::find::find;
use super::naming::check_title;
use super::standing::Stacks;
use super::switch::{ChainStep, Part, Switch, switch};
use crate::model::event::{Event, EventKind};
use crate::model::name::Name;
use crate::model::session::MAIN;
use crate::ops::context::Synced;
use crate::ops::load::lock;
use crate::ops::{OpError, Repo};
use crate::sys::clock;

/// Longer names of variables are refused.
const LONGEST_KEY: usize = 64;

/// A session whose title was changed.
#[derive(Clone, Debug)]
pub struct Renamed {
    /// It stays: checkpoints bear it.
    pub name: Name,
    pub title: String,
    pub previous: String,
    pub context: Synced,
}

/// Gives a session another title. Its name stays: checkpoints bear it.
pub fn rename(repo: &Repo, typed: &str, title: &str) -> Result<Renamed, OpError> {
    let title = check_title(title)?;
    let _lock = lock::acquire(repo)?;
    let (renamed, context) = switch(repo, &mut || {
        let stacks = Stacks::read(repo)?;
        let found = find(repo, &stacks, Some(typed))?;
        if found.name.as_str() == MAIN {
            return Err(SessionError::Main { wanted: "renamed" }.into());
        }
        let time = repo.clock.now();
        let mut parts = Vec::new();
        if found.record.title != title {
            let mut step = ChainStep::new(found.name.clone(), format!("session: renamed to {title}"));
            let event = Event::new(time, EventKind::Session, format!("renamed to \"{title}\""), clock::salt());
            step.events = vec![event.with("state", Some("renamed")).with("from", Some(found.record.title.clone()))];
            let mut record = found.record.clone();
            record.title = title.to_owned();
            step.record = Some(record);
            parts.push(Part::Chain(Box::new(step)));
        }
        Ok((Switch { parts, time }, (found.name, found.record.title)))
    })?;
    Ok(Renamed { name: renamed.0, title: title.to_owned(), previous: renamed.1, context })
}

/// A variable that was set.
#[derive(Clone, Debug)]
pub struct VariableSet {
    pub session: Name,
    pub key: String,
    /// `None` where it was taken away.
    pub value: Option<String>,
    pub previous: Option<String>,
    pub context: Synced,
}

/// Sets a variable of the current session; an empty value takes it away.
pub fn set_variable(repo: &Repo, key: &str, value: &str) -> Result<VariableSet, OpError> {
    check_key(key)?;
    let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
    let _lock = lock::acquire(repo)?;
    let ((session, previous), context) = switch(repo, &mut || {
        let stacks = Stacks::read(repo)?;
        let found = find(repo, &stacks, None)?;
        let previous = found.record.details.variables.get(key).cloned();
        let time = repo.clock.now();
        let mut parts = Vec::new();
        if previous != value {
            let said = value.as_ref().map_or_else(|| format!("{key} unset"), |value| format!("{key} = {value}"));
            let mut step = ChainStep::new(found.name.clone(), format!("set: {said}"));
            let event = Event::new(time, EventKind::Variable, said, clock::salt());
            step.events = vec![event.with("key", Some(key)).with("value", value.clone())];
            step.record = Some(found.with(|details| {
                match &value {
                    Some(value) => details.variables.insert(key.to_owned(), value.clone()),
                    None => details.variables.remove(key),
                };
            }));
            parts.push(Part::Chain(Box::new(step)));
        }
        Ok((Switch { parts, time }, (found.name, previous)))
    })?;
    Ok(VariableSet { session, key: key.to_owned(), value, previous, context })
}

fn check_key(key: &str) -> Result<(), SessionError> {
    let is_fit = |one: char| one.is_ascii_alphanumeric() || "_-.".contains(one);
    let bad = |problem| SessionError::BadVariable { key: key.to_owned(), problem };
    match key.chars().next() {
        None => Err(bad("it is empty")),
        Some(first) if !first.is_ascii_alphabetic() => Err(bad("it begins with no letter")),
        _ if !key.chars().all(is_fit) => Err(bad("letters, digits, `_`, `-` and `.` are allowed")),
        _ if key.len() > LONGEST_KEY => Err(bad("it is longer than 64 characters")),
        _ => Ok(()),
    }
}
