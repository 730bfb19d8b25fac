//! The answer of `ckpt session show`.

use super::parts;
use crate::model::session::MAIN;
use crate::ops::session::portrait::Portrait;
use crate::ops::session::standing::Place;
use crate::report::look::Look;
use crate::report::markdown::handle_of;
use crate::report::style::Role;
use crate::report::{text, words};

/// So many steps of the plan are shown.
const NEXT_ITEMS: usize = 3;

/// Everything of a session, for people.
pub fn render(portrait: &Portrait, look: &Look) -> String {
    let mut out = String::new();
    push_head(&mut out, portrait, look);
    push_origin(&mut out, portrait, look);
    push_work(&mut out, portrait, look);
    push_plan(&mut out, portrait, look);
    parts::push_list(&mut out, "To do", &portrait.todos, look);
    parts::push_list(&mut out, "Known issues", &portrait.issues, look);
    parts::push_list(&mut out, "Decisions", &portrait.decisions, look);
    parts::push_list(&mut out, "Next", &portrait.next, look);
    out
}

fn push(out: &mut String, label: &str, value: &str) {
    out.push_str(&format!("{label:<9} {value}\n"));
}

fn push_head(out: &mut String, portrait: &Portrait, look: &Look) {
    let record = &portrait.record;
    let name = look.paint(Role::Name, &text::line(portrait.name.as_str()));
    let place = match &portrait.standing.place {
        Place::Current => ", the current session".to_owned(),
        Place::Interrupted { by } => format!(", interrupted by {}", text::line(by.as_str())),
        Place::Elsewhere { worktree, .. } if worktree.is_empty() => ", in the main work tree".to_owned(),
        Place::Elsewhere { worktree, .. } => format!(", in the work tree {}", text::line(worktree)),
        Place::Away => String::new(),
    };
    out.push_str(&format!("Session {name}: {}{place}\n", portrait.standing.state));
    if record.title != portrait.name.as_str() {
        push(
            out,
            "Title",
            text::wrap(&parts::title(&record.title), look.width - 10).trim_end().replace('\n', "\n          ").as_str(),
        );
    }
    if let Some(task) = &record.details.task {
        let wrapped = text::wrap(&text::block(task), look.width.saturating_sub(10));
        push(out, "Task", &wrapped.trim_end().replace('\n', "\n          "));
    }
    let closed = record.details.closed.map(|closed| format!(", closed {}", look.since(closed)));
    push(out, "Begun", &format!("{}{}", look.since(record.created), closed.unwrap_or_default()));
}

fn push_origin(out: &mut String, portrait: &Portrait, look: &Look) {
    let details = &portrait.record.details;
    if let Some(branch) = &details.branch {
        let gone = if portrait.branch_is_gone { " (it is gone)" } else { "" };
        push(out, "Branch", &format!("{}{gone}", text::line(branch)));
    }
    if let Some(base) = details.base {
        let parent = details.parent.as_ref().map(|parent| format!(", from {}", text::line(parent)));
        push(out, "Base", &format!("{}{}", look.paint(Role::Id, &base.short()), parent.unwrap_or_default()));
    }
    if let Some(template) = &details.template {
        push(out, "Template", &text::line(&template.name));
    }
    let told = details.variables.iter().filter(|(_, value)| !value.is_empty());
    for (at, (key, value)) in told.enumerate() {
        let line = parts::item(&format!("{key} = {value}"), 10, look);
        push(out, if at == 0 { "Variables" } else { "" }, &line);
    }
    let names: Vec<String> = portrait.stack.iter().map(|name| text::line(name.as_str())).collect();
    if portrait.stack.contains(&portrait.name) || (portrait.name.as_str() == MAIN && !names.is_empty()) {
        push(out, "Stack", &text::fit(&format!("{MAIN} > {}", names.join(" > ")), look.width.saturating_sub(10)));
    }
}

fn push_work(out: &mut String, portrait: &Portrait, look: &Look) {
    let work =
        format!("{} active; {}", parts::span(portrait.totals.active), parts::work(&portrait.totals, portrait.commits));
    push(out, "Work", text::wrap(&work, look.width - 10).trim_end().replace('\n', "\n          ").as_str());
    let (read, written) = (portrait.totals.files_read, portrait.totals.files_written);
    if read + written > 0 {
        push(out, "Tools", &format!("{} read, {written} written", words::count(read, "file")));
    }
    if let Some(artifacts) = parts::artifacts(portrait) {
        push(out, "Files", &artifacts);
    }
    match &portrait.last {
        Some(last) => {
            let summary = &last.summary;
            let handle = handle_of(&last.names, &summary.id);
            let said = format!("{}: {handle} ", look.since(summary.created));
            let subject = parts::item(&summary.subject, 10 + text::width(&said), look);
            push(
                out,
                "Saved",
                &format!("{}: {} {subject}", look.since(summary.created), look.paint(Role::Id, &handle)),
            );
        }
        None => push(out, "Saved", "not yet"),
    }
}

fn push_plan(out: &mut String, portrait: &Portrait, look: &Look) {
    let Some(progress) = parts::progress(&portrait.checklist) else { return };
    out.push_str(&format!("{}\n", look.paint(Role::Heading, &format!("Plan: {progress}"))));
    for (phase, item) in portrait.checklist.open.iter().take(NEXT_ITEMS) {
        let phase = if phase.is_empty() { String::new() } else { format!("{}: ", text::line(phase)) };
        out.push_str(&format!("  - {}\n", parts::item(&format!("{phase}{item}"), 4, look)));
    }
    if portrait.checklist.open.len() > NEXT_ITEMS {
        out.push_str(&format!("  … and {} more; see `ckpt progress`\n", portrait.checklist.open.len() - NEXT_ITEMS));
    }
}
