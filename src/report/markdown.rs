//! The resume document: everything that somebody needs to go on from a checkpoint, in markdown for people and agents.

use super::changed::{self, SHOWN_OMISSIONS, SHOWN_PATHS};
use super::look::Look;
use super::style::Role;
use super::{submodules, text, words};
use crate::context::facts;
use crate::model::change::Change;
use crate::model::omission::Omission;
use crate::ops::show::Shown;

/// The document. Its headings are coloured where colour is wanted; nothing else is.
pub fn render(shown: &Shown, look: &Look) -> String {
    let mut out = String::new();
    title(&mut out, shown, look);
    git_state(&mut out, shown, look);
    files(&mut out, shown, look);
    next_steps(&mut out, shown, look);
    let words = &shown.checkpoint.words;
    // The facts of a version are empty; those of the moment stand above.
    let context = words.context.as_deref().map(facts::remove);
    document(&mut out, "Context", context.as_deref(), look);
    for (name, content) in &words.partitions {
        document(&mut out, &format!("Context of {}", text::line(name)), Some(content), look);
    }
    document(&mut out, "Checklist", words.checklist.as_deref(), look);
    environment(&mut out, shown, look);
    left_out(&mut out, shown, look);
    resume(&mut out, shown, look);
    out
}

/// What to type to mean this checkpoint: its name, or else the beginning of its id.
pub fn handle(shown: &Shown) -> String {
    handle_of(&shown.names, &shown.checkpoint.summary.id)
}

/// [`handle`] where only the names and the id are known.
pub fn handle_of(names: &[String], id: &crate::model::id::ObjectId) -> String {
    names.first().map_or_else(|| id.short(), text::line)
}

fn heading(out: &mut String, title: &str, look: &Look) {
    out.push_str(&format!("\n{}\n\n", look.paint(Role::Heading, &format!("## {title}"))));
}

fn title(out: &mut String, shown: &Shown, look: &Look) {
    let summary = &shown.checkpoint.summary;
    out.push_str(&format!("{}\n\n", look.paint(Role::Heading, &format!("# Checkpoint {}", handle(shown)))));
    let note = shown.checkpoint.words.note.as_deref().unwrap_or(&summary.subject);
    for line in text::block(note.trim_end()).lines() {
        out.push_str(format!("> {line}").trim_end());
        out.push('\n');
    }
    let saved = format!("{} ({})", look.moment(summary.created), look.since(summary.created));
    out.push_str(&format!(
        "\n- saved: {saved}, number {} of session {}\n",
        summary.sequence,
        text::line(&summary.session)
    ));
    out.push_str(&format!("- id: {}\n", summary.id));
    if shown.names.len() > 1 {
        let names: Vec<String> = shown.names.iter().map(text::line).collect();
        out.push_str(&format!("- names: {}\n", words::joined(&names)));
    }
}

fn git_state(out: &mut String, shown: &Shown, look: &Look) {
    heading(out, "Git state", look);
    let snapshot = &shown.checkpoint.snapshot;
    let branch = snapshot.head.branch_name().map_or_else(|| "none, HEAD was detached".to_owned(), text::line);
    out.push_str(&format!("- branch: {branch}\n"));
    let subject = shown.base_subject.as_ref().map(|subject| format!(" {}", text::line(subject))).unwrap_or_default();
    let commit = snapshot.head.commit.map_or_else(|| "none yet".to_owned(), |id| format!("{}{subject}", id.short()));
    out.push_str(&format!("- commit: {commit}\n"));
    let place = if shown.at_base { "there" } else { "elsewhere" };
    out.push_str(&format!("- HEAD is {place} now\n"));
    if let Some(operation) = &snapshot.operation {
        out.push_str(&format!("- in progress: {}\n", text::line(&operation.kind)));
    }
    let conflicts = conflicted_paths(shown);
    if conflicts > 0 {
        out.push_str(&format!("- in conflict: {}\n", words::count(conflicts, "path")));
    }
    let staged = match shown.staged.len() as u64 {
        0 => "nothing".to_owned(),
        number => words::count(number, "path"),
    };
    out.push_str(&format!("- status: {}; {staged} staged\n", words::changes(&shown.checkpoint.summary.changes)));
}

fn conflicted_paths(shown: &Shown) -> u64 {
    let mut paths: Vec<_> = shown.checkpoint.snapshot.index_extra.conflicts.iter().map(|stage| &stage.path).collect();
    paths.dedup();
    paths.len() as u64
}

fn files(out: &mut String, shown: &Shown, look: &Look) {
    if shown.changes.is_empty() {
        return;
    }
    heading(out, "Files modified", look);
    for change in shown.changes.iter().take(SHOWN_PATHS) {
        let staged = if is_staged(change, &shown.staged) { ", staged" } else { "" };
        let word = changed::status_word(change.letter());
        out.push_str(&format!("- {} ({word}{staged})\n", code(&text::line(&change.path))));
    }
    changed::push_rest(out, "- ", shown.changes.len(), SHOWN_PATHS);
}

/// Both lists are sorted by path.
fn is_staged(change: &Change, staged: &[Change]) -> bool {
    staged.binary_search_by(|other| other.path.cmp(&change.path)).is_ok()
}

fn next_steps(out: &mut String, shown: &Shown, look: &Look) {
    if shown.checkpoint.words.next.is_empty() {
        return;
    }
    heading(out, "Next steps", look);
    for (number, step) in shown.checkpoint.words.next.iter().enumerate() {
        out.push_str(&format!("{}. {}\n", number + 1, text::line(step)));
    }
}

fn document(out: &mut String, title: &str, content: Option<&str>, look: &Look) {
    let Some(content) = content.map(str::trim).filter(|content| !content.is_empty()) else { return };
    heading(out, title, look);
    out.push_str(&text::block(content));
    out.push('\n');
}

fn environment(out: &mut String, shown: &Shown, look: &Look) {
    heading(out, "Environment", look);
    let facts = &shown.checkpoint.environment;
    let git = facts.git.as_deref().unwrap_or_default();
    let rows = [
        ("directory", facts.directory.as_str()),
        ("saved with", facts.outer.as_deref().unwrap_or_default()),
        ("host", &facts.host),
        ("system", &facts.system),
        ("ckpt", &facts.ckpt),
        ("git", git),
    ];
    for (label, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
        out.push_str(&format!("- {label}: {}\n", text::line(value)));
    }
}

fn left_out(out: &mut String, shown: &Shown, look: &Look) {
    let snapshot = &shown.checkpoint.snapshot;
    let left_out: Vec<Omission> = snapshot.left_out().cloned().collect();
    if !left_out.is_empty() {
        heading(out, "Left out", look);
        out.push_str(&changed::omissions(&left_out, "- ", SHOWN_OMISSIONS));
    }
    if !snapshot.submodules.is_empty() {
        heading(out, "Submodules", look);
        out.push_str(&submodules::lines(&snapshot.submodules, "- "));
    }
    if !snapshot.included.is_empty() {
        heading(out, "Ignored files taken along", look);
        for path in snapshot.included.iter().take(SHOWN_OMISSIONS) {
            out.push_str(&format!("- {}\n", code(&text::line(path))));
        }
        changed::push_rest(out, "- ", snapshot.included.len(), SHOWN_OMISSIONS);
    }
}

fn resume(out: &mut String, shown: &Shown, look: &Look) {
    heading(out, "To resume", look);
    let handle = handle(shown);
    let commands = [
        (format!("ckpt load {handle}"), "bring back these files"),
        (format!("ckpt diff {handle}"), "see what is different now"),
        ("ckpt undo".to_owned(), "take the load back"),
    ];
    let widest = commands.iter().map(|(command, _)| text::width(command)).max().unwrap_or(0);
    for (command, purpose) in &commands {
        out.push_str(&format!("    {}  # {purpose}\n", text::pad(command, widest)));
    }
}

/// A code span, whatever the text holds.
fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
