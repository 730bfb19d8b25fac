//! The answers of `ckpt hooks`.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use super::look::Look;
use super::style::Role;
use super::table::{self, Cell};
use super::{text, words};
use crate::hooks::neighbours::Neighbour;
use crate::ops::hooks::changes::{ChangeKind, FileChange};
use crate::ops::hooks::install::HooksChanged;
use crate::ops::hooks::place::{Place, PlaceKind};
use crate::ops::hooks::probe::Probed;
use crate::ops::hooks::status::{HookState, HookStatus, HooksStatus};
use crate::ops::hooks::switch::Off;

/// What was done to the hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Install,
    Remove,
}

/// Widest name of a hook.
const NAME_WIDTH: usize = 13;

/// What was put in or taken out.
pub fn render_changed(changed: &HooksChanged, verb: Verb, look: &Look) -> String {
    let place = place_name(&changed.place);
    let mut out = match (verb, changed.dry_run) {
        (Verb::Remove, _) if changed.files.is_empty() => return "There are no hooks of ckpt's here\n".to_owned(),
        (Verb::Install, _) if changed.is_unchanged() => format!("The hooks are in {place} already\n"),
        (Verb::Install, false) => format!("Put ckpt's hooks into {place}\n"),
        (Verb::Install, true) => format!("Would put ckpt's hooks into {place}\n"),
        (Verb::Remove, false) => "Took ckpt's hooks out; every file is as it was before\n".to_owned(),
        (Verb::Remove, true) => "Would take ckpt's hooks out\n".to_owned(),
    };
    let rows: Vec<_> = changed.files.iter().map(|file| change_row(file, changed, look)).collect();
    out.push_str(&indented(&table::render(&rows, &[NAME_WIDTH, 40], look.width.saturating_sub(2), look.palette)));
    out
}

fn change_row(file: &FileChange, changed: &HooksChanged, look: &Look) -> Vec<Cell> {
    let path = shown_path(&file.path, &changed.place.root);
    let path = if changed.place.kind == PlaceKind::Configuration { path } else { text::fit(&path, look.width / 2) };
    vec![Cell::painted(Role::Name, file.hook.name()), Cell::plain(path), Cell::plain(change_words(file, changed))]
}

fn change_words(file: &FileChange, changed: &HooksChanged) -> String {
    let is_section = changed.place.kind == PlaceKind::Configuration && file.path == changed.place.path;
    let what = if is_section { "section" } else { "block" };
    let own = match file.keeper {
        Some(keeper) => format!("{}'s", keeper.name()),
        None => "your own".to_owned(),
    };
    match file.kind {
        ChangeKind::Created => "a new file".to_owned(),
        ChangeKind::Added if is_section => "a new section".to_owned(),
        ChangeKind::Added => format!("a block above {own} lines"),
        ChangeKind::Replaced => format!("the {what}, brought up to date"),
        ChangeKind::Unchanged => "as it should be".to_owned(),
        ChangeKind::Removed => format!("the {what} goes"),
        ChangeKind::Deleted => "the file goes".to_owned(),
    }
}

/// What the user should know about the place.
pub fn warnings(changed: &HooksChanged) -> Vec<String> {
    let mut told = Vec::new();
    let place = place_name(&changed.place);
    if changed.place.is_in_work_tree && !changed.is_unchanged() {
        told.push(format!(
            "{place} belongs to the work tree: commit it, or keep it to yourself; it calls `ckpt` by name"
        ));
    }
    if changed.lacks_program {
        told.push("`ckpt` is not on the PATH, so hooks in the work tree cannot find it".to_owned());
    }
    let rewriting = changed.files.iter().filter_map(|file| file.keeper);
    let mut rewriting: Vec<Neighbour> = rewriting.collect();
    rewriting.dedup();
    for tool in rewriting {
        told.push(format!(
            "{} may write its hooks anew; `ckpt hooks status` tells, `ckpt hooks install` puts ckpt's back",
            tool.name()
        ));
    }
    told
}

/// How it stands with the hooks.
pub fn render_status(status: &HooksStatus, look: &Look) -> String {
    let place = place_name(&status.place);
    let mut out = if status.is_installed() {
        format!("Hooks are in {place}\n")
    } else {
        format!("No hooks are installed; they would go into {place}\n")
    };
    if let Some(off) = status.off {
        out.push_str(&format!("They do nothing: {}\n", off_words(off)));
    }
    if !status.neighbours.is_empty() {
        let names: Vec<String> = status.neighbours.iter().map(|tool| tool.name().to_owned()).collect();
        out.push_str(&format!("Hooks are also kept here by {}\n", words::joined(&names)));
    }
    if status.is_installed() {
        let rows: Vec<_> = status.hooks.iter().map(|hook| status_row(hook, look)).collect();
        out.push_str(&indented(&table::render(&rows, &[NAME_WIDTH, 24], look.width.saturating_sub(2), look.palette)));
    }
    for hook in &status.hooks {
        if let Some(failure) = hook.runs.as_ref().and_then(|runs| runs.last_failure.as_ref()) {
            let since = look.since(failure.time);
            out.push_str(&format!("Last failure of {}, {since}: {}\n", hook.hook, text::line(&failure.message)));
        }
    }
    out
}

fn status_row(hook: &HookStatus, look: &Look) -> Vec<Cell> {
    let role = if hook.state.is_alive() { Role::Added } else { Role::Warning };
    vec![
        Cell::painted(Role::Name, hook.hook.name()),
        Cell::painted(role, state_words(&hook.state, hook.keeper)),
        Cell::plain(runs_words(hook, look)),
    ]
}

fn state_words(state: &HookState, keeper: Option<Neighbour>) -> String {
    match state {
        HookState::Installed => "installed".to_owned(),
        HookState::Outdated => "installed, outdated".to_owned(),
        HookState::Missing => "missing".to_owned(),
        HookState::PutAside => format!("put aside by {}", keeper.map_or("another tool", Neighbour::name)),
        HookState::ProgramGone => "its ckpt is gone".to_owned(),
        HookState::NotExecutable => "not executable".to_owned(),
        HookState::Unclear(problem) => text::line(problem),
    }
}

fn runs_words(hook: &HookStatus, look: &Look) -> String {
    let Some(runs) = &hook.runs else { return "has not run".to_owned() };
    let failures = match runs.failures {
        0 => String::new(),
        number => format!(", {}", words::count(number, "failure")),
    };
    let took = words::duration(Duration::from_micros(runs.duration_micros));
    format!("{}, last {} in {took}{failures}", words::count(runs.runs, "run"), look.since(runs.last))
}

/// What to type about it.
pub fn status_hints(status: &HooksStatus) -> Vec<String> {
    let mut hints = Vec::new();
    if status.hooks.iter().any(|hook| !matches!(hook.state, HookState::Installed)) {
        hints.push("put them in, or bring them up to date, with `ckpt hooks install`".to_owned());
    }
    hints.extend(status.off.map(|off| {
        let how = match off {
            Off::Variable => "`unset CKPT_HOOKS`",
            Off::Paused => "`ckpt hooks resume`",
            Off::Configuration => "`git config --unset ckpt.hooks`",
        };
        format!("switch them on with {how}")
    }));
    hints
}

/// Whether the probes arrived.
pub fn render_probed(probed: &Probed, look: &Look) -> String {
    let mut out = String::new();
    for hook in &probed.hooks {
        let name = look.paint(Role::Name, &text::pad(hook.hook.name(), NAME_WIDTH));
        let verdict = match hook.has_arrived {
            true => look.paint(Role::Added, "arrived"),
            false => look.paint(Role::Warning, "did not arrive"),
        };
        out.push_str(&format!("{name}  {verdict}\n"));
        if !hook.said.is_empty() {
            out.push_str(&format!("  {}\n", text::line(&hook.said)));
        }
    }
    if let Some(off) = probed.off {
        out.push_str(&format!("But they do nothing else: {}\n", off_words(off)));
    }
    out
}

/// The answer of `ckpt hooks pause`.
pub fn paused(changed: bool) -> &'static str {
    match changed {
        true => "The hooks of this repository are paused; `ckpt hooks resume` lets them go on\n",
        false => "The hooks of this repository are paused already\n",
    }
}

/// The answer of `ckpt hooks resume`.
pub fn resumed(changed: bool, off: Option<Off>) -> String {
    let mut out = match changed {
        true => "The hooks of this repository go on\n".to_owned(),
        false => "The hooks of this repository were not paused\n".to_owned(),
    };
    if let Some(off) = off {
        out.push_str(&format!("But they do nothing: {}\n", off_words(off)));
    }
    out
}

const fn off_words(off: Off) -> &'static str {
    match off {
        Off::Variable => "the variable CKPT_HOOKS switches them off",
        Off::Paused => "they are paused",
        Off::Configuration => "`ckpt.hooks` in git's configuration switches them off",
    }
}

fn place_name(place: &Place) -> String {
    match place.kind {
        PlaceKind::Configuration => "git's configuration".to_owned(),
        _ => shown_path(&place.path, &place.root),
    }
}

/// From the root of the work tree, where it is below that.
fn shown_path(path: &Path, root: &Path) -> String {
    text::line(path.strip_prefix(root).unwrap_or(path).as_os_str().as_bytes())
}

fn indented(table: &str) -> String {
    table.lines().map(|line| format!("  {line}\n")).collect()
}
