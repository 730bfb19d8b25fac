//! What became of the repositories inside, for people.

use bstr::BString;

use super::look::Look;
use super::style::Role;
use super::{loaded, text, words};
use crate::model::checkpoint::SubmoduleCheckpoint;
use crate::model::tree::join;
use crate::ops::load::PreparedLoad;
use crate::ops::save::Saved;
use crate::ops::submodules::LoadedSubmodule;

/// Each repository inside that was saved, or why it was not.
pub(super) fn push_saved(out: &mut String, saved: &Saved, look: &Look) {
    let lines = saved_lines(saved, &BString::default(), look);
    if !lines.is_empty() {
        out.push_str(&format!("  {}:\n", words::count(lines.len() as u64, "submodule")));
        lines.iter().for_each(|line| out.push_str(&format!("    {line}\n")));
    }
}

fn saved_lines(saved: &Saved, outer: &BString, look: &Look) -> Vec<String> {
    let mut lines = Vec::new();
    for one in &saved.submodules {
        let path = join(outer, &one.path);
        match &one.outcome {
            Ok(inner) => {
                let id = look.paint(Role::Id, &inner.id.short());
                let what = if inner.unchanged { "nothing changed".to_owned() } else { words::changes(&inner.changes) };
                let partial = if inner.is_partial() { look.paint(Role::Warning, ", partial") } else { String::new() };
                lines.push(format!("{}: {id}, {what}{partial}", text::line(&path)));
                lines.extend(saved_lines(inner, &path, look));
            }
            Err(problem) => {
                let told = format!("{}: not saved: {}", text::line(&path), text::line(problem));
                lines.push(look.paint(Role::Warning, &told));
            }
        }
    }
    lines
}

/// Each repository inside that was loaded.
pub(super) fn push_loaded(out: &mut String, submodules: &[LoadedSubmodule]) {
    if !submodules.is_empty() {
        out.push_str(&format!("  {}:\n", words::count(submodules.len() as u64, "submodule")));
    }
    for one in submodules {
        let done = format!("{}{}", loaded::counts(&one.counts), loaded::size(one.bytes));
        out.push_str(&format!("    {}: {done}\n", text::line(&one.path)));
    }
}

/// The plans of the repositories inside, after that of the one around them.
pub(super) fn push_plans(out: &mut String, plan: &PreparedLoad, outer: &BString, look: &Look) {
    for one in &plan.submodules {
        let path = join(outer, &one.path);
        out.push_str(&format!("In {}: {}", text::line(&path), loaded::render_own_plan(&one.prepared, look)));
        push_plans(out, &one.prepared, &path, look);
    }
}

/// Which checkpoints belong to one.
pub(super) fn lines(submodules: &[SubmoduleCheckpoint], indent: &str) -> String {
    submodules.iter().map(|one| format!("{indent}{}: {}\n", text::line(&one.path), one.id.short())).collect()
}
