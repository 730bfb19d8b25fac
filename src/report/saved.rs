//! The answer of `ckpt save`.

use super::changed::{SHOWN_OMISSIONS, omissions};
use super::look::Look;
use super::style::Role;
use super::{submodules, text, words};
use crate::model::omission::Omission;
use crate::ops::save::Saved;

/// What was saved, for people.
pub fn render(saved: &Saved, look: &Look) -> String {
    let mut out = headline(saved, look);
    if !saved.unchanged {
        let changes = words::changes(&saved.changes);
        let stored = words::bytes(saved.bytes_stored);
        out.push_str(&format!("  {changes}; {stored} stored in {}\n", words::duration(saved.elapsed)));
    }
    if saved.included > 0 {
        out.push_str(&format!("  with {} on request, kept local\n", words::count(saved.included, "ignored file")));
    }
    let (failed, ruled): (Vec<_>, Vec<_>) =
        saved.omissions.iter().cloned().partition(|omission| omission.reason.is_failure());
    push_failed(&mut out, &failed, look);
    push_omissions(&mut out, "left out", &ruled, look);
    submodules::push_saved(&mut out, saved, look);
    out
}

/// What should have been saved and could not be.
pub fn push_failed(out: &mut String, failed: &[Omission], look: &Look) {
    push_omissions(out, "partial, could not be saved", failed, look);
}

fn push_omissions(out: &mut String, title: &str, list: &[Omission], look: &Look) {
    if !list.is_empty() {
        let number = words::count(list.len() as u64, "path");
        out.push_str(&format!("  {}\n", look.paint(Role::Warning, &format!("{title}: {number}"))));
        out.push_str(&omissions(list, "    ", SHOWN_OMISSIONS));
    }
}

fn headline(saved: &Saved, look: &Look) -> String {
    let id = look.paint(Role::Id, &saved.id.short());
    if saved.unchanged {
        return format!("Nothing changed since {id}: this state is saved\n");
    }
    let name = saved.name.as_ref().map(|name| format!(" as {}", look.paint(Role::Name, &text::line(name.as_str()))));
    let branch = saved.branch.as_ref().map(|branch| format!(" on {}", text::line(branch)));
    let session = (saved.session != "main").then(|| format!(" in session {}", text::line(&saved.session)));
    let parts: String = [name, branch, session].into_iter().flatten().collect();
    format!("Saved {id}{parts}\n")
}
