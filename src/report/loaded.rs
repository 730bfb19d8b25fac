//! The plan of a load before it, and the answer after it.

use bstr::BString;

use super::changed::{self, SHOWN_OMISSIONS, SHOWN_PATHS};
use super::look::Look;
use super::markdown::{self, handle_of};
use super::style::Role;
use super::{submodules, text, words};
use crate::model::change::ChangeCounts;
use crate::model::id::ObjectId;
use crate::model::omission::Omission;
use crate::ops::load::{HeadFate, IndexFate, LaidOut, Loaded, PreparedLoad};
use crate::ops::recover::Direction;

const IGNORED_KEPT: &str = "ignored by the rules of the checkpoint, and left as they are";

/// What a load would do, for people: here, and in the repositories inside.
pub fn render_plan(plan: &PreparedLoad, look: &Look) -> String {
    let mut out = render_own_plan(plan, look);
    submodules::push_plans(&mut out, plan, &BString::default(), look);
    out
}

/// What a load would do in one repository.
pub(super) fn render_own_plan(plan: &PreparedLoad, look: &Look) -> String {
    let target = titled(&plan.target_names, &plan.target, look);
    let mut out = format!("Loading {target}: {}{}\n", counts(&plan.counts), size(plan.bytes));
    out.push_str(&changed::lines(&plan.changes, "  ", SHOWN_PATHS, look));
    if plan.folder_and_mode_changes > 0 {
        let number = plan.folder_and_mode_changes;
        out.push_str(&format!("  permissions and empty folders: {}\n", words::count(number, "change")));
    }
    push_fates(&mut out, &plan.index, &plan.head);
    if !plan.protected.is_empty() {
        out.push_str("  left alone:\n");
        out.push_str(&changed::omissions(&plan.protected, "    ", SHOWN_OMISSIONS));
    }
    push_paths(&mut out, IGNORED_KEPT, &plan.ignored_kept);
    push_paths(&mut out, "ignored files that will be overwritten", &plan.ignored_overwritten);
    push_paths(&mut out, "changed since the last checkpoint, and only in the safety checkpoint", &plan.unsaved);
    out
}

/// The question before a load.
pub fn question(plan: &PreparedLoad) -> String {
    format!("Load {}? {}", handle_of(&plan.target_names, &plan.target), counts(&plan.counts))
}

/// What was loaded, for people: a summary and the resume document.
pub fn render(loaded: &Loaded, look: &Look) -> String {
    format!("{}\n{}", summary(loaded, "Loaded", look), markdown::render(&loaded.shown, look))
}

/// What was finished or undone: a load, or what else `description` says.
pub fn render_recovered(loaded: &Loaded, direction: Direction, description: &str, look: &Look) -> String {
    let is_load = description.is_empty() || description.starts_with("load ");
    let told = |verb: String| format!("{verb}; the files are those of");
    let verb = match direction {
        Direction::Finish if is_load => "Finished loading".to_owned(),
        Direction::Undo if is_load => "Went back to".to_owned(),
        Direction::Finish => told(format!("Finished `{}`", text::line(description))),
        Direction::Undo => told(format!("Went back to before `{}`", text::line(description))),
    };
    summary(loaded, &verb, look)
}

fn summary(loaded: &Loaded, verb: &str, look: &Look) -> String {
    let target = titled(&loaded.target_names, &loaded.target, look);
    let done = format!("{}{} in {}", counts(&loaded.counts), size(loaded.bytes), words::duration(loaded.elapsed));
    let mut out = format!("{verb} {target}: {done}\n");
    push_fates(&mut out, &loaded.index, &loaded.head);
    if !loaded.protected.is_empty() {
        out.push_str("  left alone:\n");
        out.push_str(&changed::omissions(&loaded.protected, "    ", SHOWN_OMISSIONS));
    }
    push_paths(&mut out, "changed since the last checkpoint, and only in the safety checkpoint", &loaded.unsaved);
    push_paths(&mut out, IGNORED_KEPT, &loaded.ignored_kept);
    push_paths(&mut out, "not ignored any more, and left as they are", &loaded.revealed);
    submodules::push_loaded(&mut out, &loaded.submodules);
    let painted = |id: &ObjectId| look.paint(Role::Id, &id.short());
    if loaded.kept != Some(loaded.safety) {
        let safety = painted(&loaded.safety);
        out.push_str(&format!("  what was there before is {safety}; `ckpt undo` goes back to it\n"));
    }
    if let Some(kept) = &loaded.kept {
        let id = painted(kept);
        out.push_str(&format!("  what was there until now is {id}; `ckpt load {}` goes back to it\n", kept.short()));
    }
    out
}

/// What could not be read and so is as it was, whatever state was asked for.
pub(in crate::report) fn not_read(loaded: &Loaded) -> String {
    let is_unread = |omission: &&Omission| omission.reason.is_failure();
    let unread: Vec<Omission> = loaded.protected.iter().filter(is_unread).cloned().collect();
    match unread.is_empty() {
        true => String::new(),
        false => format!("  left alone:\n{}", changed::omissions(&unread, "    ", SHOWN_OMISSIONS)),
    }
}

/// What a load that was not asked for by name has left alone, for the answer of what asked for it.
pub(in crate::report) fn left_alone(loaded: &Loaded) -> String {
    let mut out = String::new();
    // What no checkpoint holds is in its place: only what git sees is worth a word.
    if !loaded.protected.is_empty() {
        out.push_str("  left alone:\n");
        out.push_str(&changed::omissions(&loaded.protected, "    ", SHOWN_OMISSIONS));
    }
    push_paths(&mut out, "ignored by the rules of the other side, and left as they are", &loaded.ignored_kept);
    push_paths(&mut out, "not ignored any more, and left as they are", &loaded.revealed);
    out
}

/// Where a point was laid out.
pub fn render_laid_out(laid_out: &LaidOut, look: &Look) -> String {
    let id = look.paint(Role::Id, &laid_out.target.short());
    let directory = text::line(laid_out.directory.as_os_str().as_encoded_bytes());
    format!("Laid out {id} in {directory}: {}\n", words::count(laid_out.files, "file"))
}

fn titled(names: &[String], id: &ObjectId, look: &Look) -> String {
    let short = look.paint(Role::Id, &id.short());
    match names.first() {
        Some(name) => format!("{} ({short})", look.paint(Role::Name, &text::line(name))),
        None => short,
    }
}

pub(super) fn size(bytes: u64) -> String {
    if bytes > 0 { format!(", {}", words::bytes(bytes)) } else { String::new() }
}

/// `3 files written, 1 deleted`.
pub fn counts(counts: &ChangeCounts) -> String {
    if counts.total() == 0 {
        return "no file differs".to_owned();
    }
    format!("{} written, {} deleted", words::count(counts.new + counts.modified, "file"), counts.deleted)
}

fn push_fates(out: &mut String, index: &IndexFate, head: &HeadFate) {
    match index {
        IndexFate::Restored => out.push_str("  index: as it was saved\n"),
        IndexFate::Kept { reason } => out.push_str(&format!("  index: stays as it is, {reason}\n")),
    }
    match head {
        HeadFate::Same => {}
        HeadFate::Elsewhere { ahead, behind } => {
            let ahead = words::count(*ahead as u64, "commit");
            out.push_str(&format!("  HEAD: stays where it is, {ahead} ahead of the checkpoint and {behind} behind\n"));
        }
        HeadFate::Branch(branch) => out.push_str(&format!("  HEAD: on {}\n", text::line(branch))),
        HeadFate::Detached(id) => {
            out.push_str(&format!("  HEAD: detached at {}, because the branch has moved\n", id.short()));
        }
    }
}

fn push_paths(out: &mut String, title: &str, paths: &[BString]) {
    if paths.is_empty() {
        return;
    }
    out.push_str(&format!("  {title}:\n"));
    for path in paths.iter().take(SHOWN_OMISSIONS) {
        out.push_str(&format!("    {}\n", text::line(path)));
    }
    changed::push_rest(out, "    ", paths.len(), SHOWN_OMISSIONS);
}
