//! What is shown before a session is closed, and what came of it.

use super::parts::{self, SHOWN};
use crate::ops::session::artifacts::ArtifactKind;
use crate::ops::session::checks::{CheckState, Checked};
use crate::ops::session::close::{Closed, Review};
use crate::ops::session::portrait::Portrait;
use crate::report::look::Look;
use crate::report::style::Role;
use crate::report::{text, words};

/// Paths of one kind that are named.
const PATHS: usize = 5;

/// What came of a session so far: what the question is about.
pub fn render_review(review: &Review, look: &Look) -> String {
    let portrait = &review.portrait;
    let mut out =
        format!("{}\n", look.paint(Role::Heading, &parts::item(&parts::title(&portrait.record.title), 0, look)));
    let begun = look.since(portrait.record.created);
    out.push_str(&format!("  begun {begun}, {} active\n", parts::span(portrait.totals.active)));
    let work = text::wrap(&parts::work(&portrait.totals, portrait.commits), look.width.saturating_sub(2));
    out.push_str(&format!("  {}\n", work.trim_end().replace('\n', "\n  ")));
    if review.unsaved > 0 {
        let number = words::count(review.unsaved, "change");
        out.push_str(&format!("  {number} since the last checkpoint; the last state is kept\n"));
    }
    push_artifacts(&mut out, portrait, look);
    parts::push_list(&mut out, "Decisions", &portrait.decisions, look);
    push_open(&mut out, portrait, look);
    push_checks(&mut out, &review.checks, look);
    out
}

fn push_artifacts(out: &mut String, portrait: &Portrait, look: &Look) {
    let Some(said) = parts::artifacts(portrait) else { return };
    out.push_str(&format!("{}\n", look.paint(Role::Heading, &said)));
    for kind in ArtifactKind::ALL {
        let Some(changes) = portrait.artifacts.get(&kind) else { continue };
        let named: Vec<String> = changes.iter().take(PATHS).map(|change| text::line(&change.path)).collect();
        let more = if changes.len() > PATHS { format!(" and {} more", changes.len() - PATHS) } else { String::new() };
        let line = format!("{}{more}", named.join(", "));
        out.push_str(&format!("  {:<8} {}\n", kind.as_str(), text::fit(&line, look.width.saturating_sub(11))));
    }
}

fn push_open(out: &mut String, portrait: &Portrait, look: &Look) {
    parts::push_list(out, "Open to-dos", &portrait.todos, look);
    let open = &portrait.checklist.open;
    if open.is_empty() {
        return;
    }
    let progress = parts::progress(&portrait.checklist).unwrap_or_default();
    out.push_str(&format!("{}\n", look.paint(Role::Warning, &format!("Open in the plan ({progress})"))));
    for (phase, item) in open.iter().take(SHOWN) {
        let phase = if phase.is_empty() { String::new() } else { format!("{}: ", text::line(phase)) };
        out.push_str(&format!("  - {}\n", parts::item(&format!("{phase}{item}"), 4, look)));
    }
    parts::push_more(out, open.len());
}

fn push_checks(out: &mut String, checks: &[Checked], look: &Look) {
    if checks.is_empty() {
        return;
    }
    out.push_str(&format!("{}\n", look.paint(Role::Heading, "Checks")));
    for check in checks {
        let role = if check.state == CheckState::Passed { Role::Added } else { Role::Removed };
        let state = look.paint(role, check.state.as_str());
        let exit = check.exit.filter(|exit| *exit != 0).map(|exit| format!(" with {exit}")).unwrap_or_default();
        let elapsed = words::duration(check.elapsed);
        out.push_str(&format!("  {state}{exit}: {} ({elapsed})\n", parts::item(&check.name, 30, look)));
    }
}

/// A session that is complete, for people.
pub fn render_closed(closed: &Closed, look: &Look) -> String {
    let name = look.paint(Role::Name, &text::line(closed.name.as_str()));
    let mut out = format!("Session {name} is complete\n");
    if let Some(saved) = &closed.saved {
        let id = look.paint(Role::Id, &saved.id.short());
        let partial = if saved.is_partial() { ", but not all of it could be saved" } else { "" };
        out.push_str(&format!("  its last state is {id}{partial}\n"));
    }
    if !closed.merged.is_empty() {
        let parent = text::line(closed.parent.as_str());
        let sections: Vec<String> = closed.merged.iter().map(text::line).collect();
        out.push_str(&format!("  {} of {parent} know more now\n", words::joined(&sections)));
    }
    out.push_str(&format!("  the current session is {}\n", text::line(closed.current.as_str())));
    out
}
