//! The answer of `ckpt return`.

use bstr::BString;

use super::branched::titled;
use super::look::Look;
use super::style::Role;
use super::{changed, loaded, markdown, text, words};
use crate::model::id::ObjectId;
use crate::ops::stack::Returned;
use crate::ops::stack::merge::MergeReport;
use crate::ops::stack::return_::Ground;

/// So many conflicts are told with both places to look at.
const SHOWN: usize = 20;

/// What came back, and how, and the resume document.
pub fn render(returned: &Returned, look: &Look) -> String {
    let (child, parent) = (titled(&returned.child_title), look.paint(Role::Name, &titled(&returned.parent_title)));
    let mut out = match returned.ground {
        Ground::Apart => format!("Finished {child}: {}; {parent} goes on where it is\n", returned.outcome.as_str()),
        _ => format!("Back at {parent}; {child} is {}\n", returned.outcome.as_str()),
    };
    out.push_str(&of_child(returned, look));
    out.push_str(&ground(returned, look));
    out.push_str(&loaded::left_alone(&returned.loaded));
    if returned.context_changed {
        out.push_str("  context: what it decided and found was added\n");
    }
    if let Some(shown) = &returned.shown {
        out.push('\n');
        out.push_str(&markdown::render(shown, look));
    }
    out
}

/// `2 uncommitted files are in checkpoint 4f2a01b2c3`.
fn of_child(returned: &Returned, look: &Look) -> String {
    let id = look.paint(Role::Id, &returned.saved.short());
    let branch = returned.child_branch.as_ref().map(|branch| format!("git branch {} stays", text::line(branch)));
    // On the parent's own tree the changes are the parent's too.
    let files = match (&returned.ground, returned.uncommitted.total()) {
        (Ground::Shared { .. }, _) => None,
        (_, 0) => None,
        (_, 1) => Some(format!("1 uncommitted file is in checkpoint {id}")),
        (_, number) => Some(format!("{number} uncommitted files are in checkpoint {id}")),
    };
    let parts: Vec<String> = files.into_iter().chain(branch).collect();
    if parts.is_empty() { String::new() } else { format!("  {}\n", parts.join("; ")) }
}

fn ground(returned: &Returned, look: &Look) -> String {
    let done = "everything is as it was left";
    let id = |id: &ObjectId| look.paint(Role::Id, &id.short());
    match &returned.ground {
        Ground::Same => format!("  {done}{}\n", place(returned)),
        Ground::Shared { changed: 0 } => "  no file has changed since\n".to_owned(),
        Ground::Shared { changed } => {
            let files = words::count(*changed as u64, "file");
            let was = returned.below.as_ref().map(|below| format!("; before it, it was as in {}", id(below)));
            format!("  {files} changed since and {} left so{}\n", is(*changed), was.unwrap_or_default())
        }
        Ground::Apart => String::new(),
        Ground::Merged { branch, tip, ahead, behind, report } => {
            let mut out = format!("  {} has moved to {}{}\n", text::line(branch), id(tip), moved(*ahead, *behind));
            out.push_str(&merged(report, branch, tip, returned.below.as_ref()));
            out
        }
        Ground::Detached { branch, tip } => {
            let branch = text::line(branch);
            format!("  {done}, HEAD detached: {branch} has moved to {}\n", id(tip))
        }
        Ground::Gone { branch, commit } => {
            let branch = text::line(branch);
            format!("  {done}, HEAD detached at {}: the branch {branch} is gone\n", id(commit))
        }
        Ground::InUse { branch } => {
            let branch = text::line(branch);
            format!("  {done}, HEAD detached: {branch} is checked out in another work tree\n")
        }
    }
}

const fn is(number: usize) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

fn place(returned: &Returned) -> String {
    let head = returned.shown.as_ref().map(|shown| &shown.checkpoint.snapshot.head);
    match head.and_then(|head| head.branch_name()) {
        Some(branch) => format!(", on {}", text::line(branch)),
        None => String::new(),
    }
}

fn moved(ahead: usize, behind: usize) -> String {
    match (ahead, behind) {
        (0, 0) => String::new(),
        (ahead, 0) => format!(", {} further", words::count(ahead as u64, "commit")),
        (ahead, behind) => format!(", which has {ahead} new and lacks {behind}"),
    }
}

fn merged(report: &MergeReport, branch: &str, tip: &ObjectId, below: Option<&ObjectId>) -> String {
    let mut out = match report.conflicts.len() {
        0 => "  what was changed is merged onto it, without a conflict\n".to_owned(),
        number => format!("  what was changed is merged onto it; {} both sides:\n", hold(number)),
    };
    let branch = text::line(branch);
    for path in report.conflicts.iter().take(SHOWN) {
        let path = text::line(path);
        out.push_str(&format!("    {path}\n      {branch}: git show {}:{path}\n", tip.short()));
        if let Some(below) = below {
            out.push_str(&format!("      as left: git show {}:{path}\n", below.short()));
        }
    }
    changed::push_rest(&mut out, "    ", report.conflicts.len(), SHOWN);
    if !report.renamed.is_empty() {
        out.push_str(&format!("  untracked, and {branch} has a file there now; kept under another name:\n"));
        for (path, renamed) in report.renamed.iter().take(SHOWN) {
            out.push_str(&format!("    {} is {}\n", text::line(path), text::line(renamed)));
        }
        changed::push_rest(&mut out, "    ", report.renamed.len(), SHOWN);
    }
    push_paths(&mut out, "was staged, and is in the file alone now", &report.unstaged);
    out
}

fn hold(number: usize) -> String {
    if number == 1 { "1 file holds".to_owned() } else { format!("{number} files hold") }
}

fn push_paths(out: &mut String, title: &str, paths: &[BString]) {
    if paths.is_empty() {
        return;
    }
    out.push_str(&format!("  {title}:\n"));
    for path in paths.iter().take(SHOWN) {
        out.push_str(&format!("    {}\n", text::line(path)));
    }
    changed::push_rest(out, "    ", paths.len(), SHOWN);
}
