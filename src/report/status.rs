//! The answer of `ckpt status`, and of `ckpt` alone.

use super::changed::{self, SHOWN_OMISSIONS};
use super::look::Look;
use super::markdown::handle_of;
use super::style::Role;
use super::{text, words};
use crate::ops::context::digest::Digest;
use crate::ops::points::Listed;
use crate::ops::status::Status;

/// So much of the note is shown, however narrow the screen.
const LEAST_SUBJECT: usize = 20;

/// Where the work stands, for people.
pub fn render(status: &Status, look: &Look) -> String {
    let mut out = place(status);
    match &status.last {
        Some(last) => push_last(&mut out, status, last, look),
        None => {
            out.push_str(&format!("Nothing saved yet; against the last commit: {}\n", words::changes(&status.changes)))
        }
    }
    out.push_str(&changed::lines(&status.sample, "  ", status.sample.len(), look));
    changed::push_rest(&mut out, "  ", status.changes.total() as usize, status.sample.len());
    if let Some(context) = &status.context {
        push_context(&mut out, context, look);
    }
    if !status.omissions.is_empty() {
        let number = words::count(status.omissions.len() as u64, "path");
        out.push_str(&format!("A save would leave out {number}:\n"));
        out.push_str(&changed::omissions(&status.omissions, "  ", SHOWN_OMISSIONS));
    }
    out
}

fn place(status: &Status) -> String {
    let branch = match (status.head.branch_name(), status.head.commit) {
        (Some(branch), Some(_)) => format!("On {}", text::line(branch)),
        (Some(branch), None) => format!("On {}, before its first commit", text::line(branch)),
        (None, Some(commit)) => format!("HEAD detached at {}", commit.short()),
        (None, None) => "HEAD points nowhere".to_owned(),
    };
    let operation = status.operation.as_ref().map(|kind| format!(", {} in progress", text::line(kind)));
    let worktree = (!status.worktree.is_empty()).then(|| format!(", work tree {}", text::line(&status.worktree)));
    let points = words::count(status.points, "checkpoint");
    let session = text::line(&status.session);
    let extra: String = [operation, worktree].into_iter().flatten().collect();
    format!("{branch}{extra}; session {session} has {points}\n")
}

fn push_last(out: &mut String, status: &Status, last: &Listed, look: &Look) {
    let summary = &last.summary;
    let id = look.paint(Role::Id, &summary.id.short());
    let name = match last.names.first() {
        Some(name) => format!(" {}", look.paint(Role::Name, &text::line(name))),
        None => String::new(),
    };
    let age = look.since(summary.created);
    let taken = text::width(&format!("Last saved {age}: {}  ", summary.id.short()))
        + last.names.first().map_or(0, |name| text::width(&text::line(name)));
    let subject = text::fit(&text::line(&summary.subject), look.width.saturating_sub(taken).max(LEAST_SUBJECT));
    out.push_str(&format!("Last saved {age}: {id}{name} {subject}\n"));
    out.push_str(&format!("Since then: {}\n", words::changes(&status.changes)));
}

fn push_context(out: &mut String, context: &Digest, look: &Look) {
    let issues = words::count(context.open_issues as u64, "open issue");
    let todos = words::count(context.open_todos as u64, "to-do");
    let edited = if context.file_differs { ", edited since" } else { "" };
    out.push_str(&format!("Context: {issues}, {todos}{edited}\n"));
    if let Some(next) = context.next.first() {
        let line = text::line(next.lines().next().unwrap_or_default());
        let more = context.next.len() - 1;
        let rest = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        let room = look.width.saturating_sub(text::width(&rest) + text::width("Next: ")).max(LEAST_SUBJECT);
        out.push_str(&format!("Next: {}{rest}\n", text::fit(&line, room)));
    }
}

/// What to type next: sentences, most useful first.
pub fn hints(status: &Status) -> Vec<String> {
    if status.pending.is_some() {
        return Vec::new();
    }
    match &status.last {
        None => vec!["save this state with `ckpt save NAME -m \"what works\"`".to_owned()],
        Some(_) if status.changes.total() > 0 => vec![
            "see the changes with `ckpt diff`, keep them with `ckpt save`".to_owned(),
            format!("go back with `ckpt load {}`", last_handle(status)),
        ],
        Some(_) => vec!["everything is saved; see `ckpt list`, or `ckpt show` to go on from there".to_owned()],
    }
}

fn last_handle(status: &Status) -> String {
    status.last.as_ref().map_or_else(|| "@".to_owned(), |last| handle_of(&last.names, &last.summary.id))
}
