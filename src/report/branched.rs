//! The answer of `ckpt branch`.

use super::look::Look;
use super::style::Role;
use super::{loaded, saved, text, words};
use crate::model::stack::FrameKind;
use crate::ops::stack::Branched;

/// What was begun, and what waits.
pub fn render(branched: &Branched, look: &Look) -> String {
    let title = look.paint(Role::Name, &titled(&branched.title));
    let verb = match branched.kind {
        FrameKind::Worktree => "Began",
        _ => "Branched to",
    };
    let mut out = format!("{verb} {title}\n");
    if branched.title != branched.child.as_str() {
        out.push_str(&format!("  session: {}\n", branched.child));
    }
    if let Some(branch) = &branched.branch {
        let from = branched.from.as_deref().map(text::line).unwrap_or_default();
        out.push_str(&format!("  git branch: {}, from {from}\n", text::line(branch)));
    }
    match (&branched.directory, branched.kind) {
        (Some(directory), _) => {
            out.push_str(&format!("  work tree: {}\n", text::line(directory.as_os_str().as_encoded_bytes())));
        }
        (None, FrameKind::Here) => out.push_str("  files: the same, on the same branch\n"),
        (None, _) => {}
    }
    out.push_str(&waiting(branched, look));
    if let Some(done) = &branched.loaded {
        out.push_str(&loaded::left_alone(done));
    }
    out
}

fn waiting(branched: &Branched, look: &Look) -> String {
    let id = look.paint(Role::Id, &branched.below.short());
    let place = match &branched.below_branch {
        Some(branch) => format!("on {}", text::line(branch)),
        None => "with HEAD detached".to_owned(),
    };
    let changes = match branched.below_changes.total() {
        0 => String::new(),
        _ => format!(", {}", words::changes(&branched.below_changes)),
    };
    let operation = branched.operation.as_ref().map(|kind| format!(", in a {kind}")).unwrap_or_default();
    let parent = titled(&branched.parent_title);
    let verb = if branched.kind == FrameKind::Worktree { "goes on here" } else { "waits" };
    let all = if branched.missed.is_empty() { "all of it" } else { "what could be read" };
    let mut out = format!("  {parent} {verb} {place}{changes}{operation}\n  {all} is in checkpoint {id}\n");
    saved::push_failed(&mut out, &branched.missed, look);
    out
}

/// A title on one line, not too long to be read.
pub fn titled(title: &str) -> String {
    const COLUMNS: usize = 60;
    text::fit(&text::line(title.split_whitespace().collect::<Vec<_>>().join(" ")), COLUMNS)
}
