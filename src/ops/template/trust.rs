//! Which templates' commands may run. The user alone says so, and for one content alone.
//!
//! Kept in the user's state folder, never in a repository: what is fetched or checked out cannot speak for itself. A
//! record holds the commands themselves as they are run, so that neither a value that was filled in later nor an edited
//! check list can slip another one in.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Resolved, built_in_values, resolve};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::session::TemplateUse;
use crate::ops::template::error::TemplatesError;
use crate::ops::{OpError, Repo, chain};
use crate::store::session::Session;
use crate::store::{StoreError, versioned};
use crate::sys::lock::FileLock;
use crate::sys::{atomic, private};
use crate::template::checklist;

const FILE: &str = "trusted-templates.toml";

/// A larger file was not written by us.
const LARGEST: u64 = 16 << 20;

#[derive(Debug, Serialize, Deserialize)]
struct File {
    version: u64,
    #[serde(default)]
    trusted: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    /// What the template and all that it refers to was then.
    content: ObjectId,
    since: Timestamp,
    /// The commands that may run.
    commands: BTreeSet<String>,
}

/// A template that was trusted.
#[derive(Clone, Debug)]
pub struct Trusted {
    pub name: Name,
    pub version: ObjectId,
    /// All commands that may run now.
    pub commands: Vec<String>,
    /// The template has commands with values in them, and no session that fills them in.
    pub has_open_commands: bool,
    /// It was so already.
    pub unchanged: bool,
}

/// Trusts the template that a name means, as it is now: the commands that are written in it, and those that the current
/// session fills in.
pub fn trust(repo: &Repo, name: &str) -> Result<Trusted, OpError> {
    let resolved = resolve(repo, name)?;
    let fixed = resolved.template.fixed_commands();
    let filled = filled_commands(repo, &resolved)?;
    let has_open_commands = filled.is_none() && resolved.template.has_open_commands();
    let commands: BTreeSet<String> = fixed.into_iter().chain(filled.unwrap_or_default()).collect();
    let (name, version) = (resolved.name, resolved.version);
    let since = repo.clock.now();
    let (commands, unchanged) = change(repo, |entries| {
        let is_same = |entry: &&mut Entry| entry.content == version && entry.name == name.as_str();
        match entries.iter_mut().find(is_same) {
            Some(entry) => {
                let before = entry.commands.len();
                entry.commands.extend(commands.clone());
                (entry.commands.clone(), entry.commands.len() == before)
            }
            None => {
                entries.push(Entry { name: name.to_string(), content: version, since, commands: commands.clone() });
                (commands.clone(), false)
            }
        }
    })?;
    Ok(Trusted { name, version, commands: commands.into_iter().collect(), has_open_commands, unchanged })
}

/// Takes the trust in all versions of a template back; how many there were.
pub fn untrust(repo: &Repo, name: &str) -> Result<usize, OpError> {
    let name: Name = name.parse()?;
    change(repo, |entries| {
        let before = entries.len();
        entries.retain(|entry| entry.name != name.as_str());
        before - entries.len()
    })
}

/// Why a command may not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// The session was not made from a template.
    NoTemplate,
    /// The user does not trust the template.
    Template,
    /// The template is trusted, but not this command.
    Command,
}

/// What the user trusts.
#[derive(Debug, Default)]
pub struct Trust(Vec<Entry>);

impl Trust {
    pub fn read(repo: &Repo) -> Result<Trust, OpError> {
        read(repo).map(Trust)
    }

    /// Why a command of a session may not run; `None` where it may.
    pub fn distrust(&self, used: Option<&TemplateUse>, command: &str) -> Option<Distrust> {
        let Some(used) = used else { return Some(Distrust::NoTemplate) };
        match self.entry(used) {
            None => Some(Distrust::Template),
            Some(entry) if entry.commands.contains(command) => None,
            Some(_) => Some(Distrust::Command),
        }
    }

    /// Whether this content is trusted.
    pub fn has(&self, used: &TemplateUse) -> bool {
        self.entry(used).is_some()
    }

    fn entry(&self, used: &TemplateUse) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.content == used.version && entry.name == used.name)
    }
}

/// The commands as the current session fills them in, if it was made from this very content. They are made anew from
/// template and variables: the check list itself may have been edited.
fn filled_commands(repo: &Repo, resolved: &Resolved) -> Result<Option<Vec<String>>, OpError> {
    let Some(session) = chain::read_tip(repo)?.session else { return Ok(None) };
    if session.record.details.template.as_ref() != Some(&resolved.template_use()) {
        return Ok(None);
    }
    // A session may have variables of its own.
    let names: BTreeSet<&str> = resolved.template.variables().map(|variable| variable.name.as_str()).collect();
    let mut variables = session.record.details.variables.clone();
    variables.retain(|name, _| names.contains(name.as_str()));
    let plan = resolved.template.plan(&variables, &values_of(repo, &session));
    let items = plan.map(|plan| checklist::items(&plan.checklist))?;
    Ok(Some(items.into_iter().filter_map(|item| item.command).collect()))
}

fn values_of(repo: &Repo, session: &Session) -> std::collections::BTreeMap<String, String> {
    built_in_values(repo, &session.record.title, session.record.details.task.as_deref())
}

fn path(repo: &Repo) -> Result<PathBuf, OpError> {
    let home = repo.environment.state_home().filter(|home| home.is_absolute());
    Ok(home.ok_or(TemplatesError::NoStateFolder)?.join("ckpt").join(FILE))
}

fn failed(action: &'static str, path: &std::path::Path, source: std::io::Error) -> OpError {
    StoreError::Io { action, path: path.to_owned(), source }.into()
}

fn read(repo: &Repo) -> Result<Vec<Entry>, OpError> {
    let path = path(repo)?;
    let data = match std::fs::metadata(&path) {
        Ok(data) => data,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("read", &path, error)),
    };
    let bad = |problem: String| TemplatesError::BadTrust { path: path.clone(), problem };
    if !data.is_file() || data.len() > LARGEST {
        return Err(bad("it is no file of ours".to_owned()).into());
    }
    let bytes = std::fs::read(&path).map_err(|error| failed("read", &path, error))?;
    match versioned::parse::<File>(&bytes, FILE) {
        Ok(file) => Ok(file.trusted),
        Err(StoreError::Damaged { detail, .. }) => Err(bad(detail).into()),
        Err(error) => Err(error.into()),
    }
}

/// Changes the list, one process at a time.
fn change<T>(repo: &Repo, work: impl FnOnce(&mut Vec<Entry>) -> T) -> Result<T, OpError> {
    let path = path(repo)?;
    let folder = path.parent().expect("the file is in a folder");
    private::create_dir(folder).map_err(|error| failed("write", folder, error))?;
    let lock_path = path.with_extension("lock");
    let lock = FileLock::acquire(&lock_path, Duration::from_secs(5));
    let _lock = lock.map_err(|error| failed("lock", &lock_path, error))?.ok_or(OpError::WorktreeBusy)?;
    let mut trusted = read(repo)?;
    let outcome = work(&mut trusted);
    let file = File { version: versioned::VERSION, trusted };
    let text = toml::to_string(&file).expect("strings and numbers are always TOML");
    atomic::write(&path, text.as_bytes()).map_err(|error| failed("write", &path, error))?;
    Ok(outcome)
}
