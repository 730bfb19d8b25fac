//! The answers of `ckpt check` and `ckpt progress`.

use super::look::Look;
use super::style::Role;
use super::{text, words};
use crate::ops::checklist::run::Ran;
use crate::ops::checklist::{Changed, ChangedItem, ShownChecklist};
use crate::sys::shell_command::Ended;
use crate::template::checklist::{Item, Phase};

#[cfg(test)]
mod tests;

/// Columns of a bar.
const BAR: usize = 20;

/// No line of text is made narrower.
const LEAST: usize = 20;

/// The list by phase.
pub fn render_list(shown: &ShownChecklist, look: &Look) -> String {
    let mut out = heading(shown, look);
    let widest = shown.count().1.to_string().len();
    let current = shown.current();
    for (index, phase) in shown.phases.iter().enumerate() {
        let counts = format!("{} of {}", phase.done(), phase.items.len());
        let title = look.paint(Role::Heading, &title_of(phase));
        let here = if current == Some(index) { look.paint(Role::Hint, "  ← here") } else { String::new() };
        out.push_str(&format!("\n{title}  {}{here}\n", look.paint(Role::Faint, &counts)));
        for item in &phase.items {
            push_item(&mut out, item, widest, shown, look);
        }
    }
    out
}

fn heading(shown: &ShownChecklist, look: &Look) -> String {
    let (done, all) = shown.count();
    let from = shown.template.as_ref().map(|used| format!(", from the template {}", text::line(&used.name)));
    let title = text::fit(&text::line(&shown.title), look.width.saturating_sub(40).max(LEAST));
    format!("{}: {done} of {all} done{}\n", look.paint(Role::Name, &title), from.unwrap_or_default())
}

fn title_of(phase: &Phase) -> String {
    if phase.title.is_empty() { "(no phase)".to_owned() } else { text::line(&phase.title) }
}

fn push_item(out: &mut String, item: &Item, widest: usize, shown: &ShownChecklist, look: &Look) {
    let nested = " ".repeat(item.indent.min(12));
    let number = format!("{:>width$}", item.number, width = widest + 2);
    let margin = widest + 2 + 1 + nested.len() + 4;
    let mark = if item.is_done { "[x]" } else { "[ ]" };
    let role = if item.is_done { Role::Faint } else { Role::Changed };
    let lines = wrapped(&text::line(&item.text), margin, look);
    for (index, line) in lines.iter().enumerate() {
        // Open items are plain: they are what is to be read.
        let line = if role == Role::Faint { look.paint(role, line) } else { line.clone() };
        match index {
            0 => out.push_str(&format!("{} {nested}{mark} {line}\n", look.paint(Role::Id, &number))),
            _ => out.push_str(&format!("{}{line}\n", " ".repeat(margin))),
        }
    }
    if let Some(command) = &item.command {
        let remark = if shown.runnable.contains(&item.number) { "" } else { "  (not trusted)" };
        let room = look.width.saturating_sub(margin + 2 + remark.len()).max(LEAST);
        let command = text::fit(&text::line(command), room);
        out.push_str(&format!("{}{}\n", " ".repeat(margin), look.paint(Role::Faint, &format!("$ {command}{remark}"))));
    }
}

fn wrapped(words: &str, margin: usize, look: &Look) -> Vec<String> {
    let lines = text::wrap(words, look.width.saturating_sub(margin).max(LEAST));
    let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    if lines.is_empty() { vec![String::new()] } else { lines }
}

/// A bar for each phase and one for all.
pub fn render_progress(shown: &ShownChecklist, look: &Look) -> String {
    let (done, all) = shown.count();
    let mut out = heading(shown, look);
    let widest = shown.phases.iter().map(|phase| text::width(&title_of(phase))).max().unwrap_or(0).clamp(5, 30);
    let current = shown.current();
    for (index, phase) in shown.phases.iter().enumerate() {
        let title = text::pad(&text::fit(&title_of(phase), widest), widest);
        let title = if current == Some(index) { look.paint(Role::Name, &title) } else { title };
        out.push_str(&progress_line(&title, phase.done(), phase.items.len(), look));
    }
    if shown.phases.len() > 1 {
        let title = look.paint(Role::Heading, &text::pad("all", widest));
        out.push_str(&progress_line(&title, done, all, look));
    }
    out
}

fn progress_line(title: &str, done: usize, all: usize, look: &Look) -> String {
    let percent = done * 100 / all.max(1);
    format!("  {title}  {}  {done} of {all}, {percent}%\n", bar(done, all, look))
}

/// A bar that is full only when all is done, and empty only when nothing is.
fn bar(done: usize, all: usize, look: &Look) -> String {
    let full = match (done, all) {
        (0, _) => 0,
        (done, all) if done >= all => BAR,
        (done, all) => (done * BAR / all).clamp(1, BAR - 1),
    };
    format!("{}{}", look.paint(Role::Added, &"█".repeat(full)), look.paint(Role::Faint, &"░".repeat(BAR - full)))
}

/// The item to go on with.
pub fn next_item(shown: &ShownChecklist) -> Option<String> {
    let items = shown.phases.iter().flat_map(|phase| &phase.items);
    let next = items.into_iter().find(|item| !item.is_done)?;
    Some(format!("next is {}: {}", next.number, text::line(&next.text)))
}

/// Items that were marked.
pub fn render_marked(changed: &Changed, is_done: bool, look: &Look) -> String {
    let verb = if is_done { "Done" } else { "Open again" };
    let mut out: String = changed.items.iter().map(|item| said(item, verb, is_done, look)).collect();
    for phase in finished(changed).filter(|_| is_done) {
        out.push_str(&format!("All of {} is done\n", text::line(&phase)));
    }
    out
}

/// Phases that are done with this change.
fn finished(changed: &Changed) -> impl Iterator<Item = String> {
    let touched = |phase: &&Phase| {
        changed.items.iter().any(|one| !one.unchanged && phase.items.iter().any(|item| item.number == one.item.number))
    };
    let all_done = changed.phases.iter().filter(|phase| phase.done() == phase.items.len());
    all_done.filter(touched).map(|phase| phase.title.clone()).filter(|title| !title.is_empty())
}

fn said(changed: &ChangedItem, verb: &str, is_done: bool, look: &Look) -> String {
    let number = look.paint(Role::Id, &changed.item.number.to_string());
    let item = first_line(changed, look);
    if changed.unchanged {
        return format!("{number} was {} already: {item}\n", if is_done { "done" } else { "open" });
    }
    format!("{verb}: {number} {item}\n")
}

/// An item takes one line, and no more than the screen has room for.
fn first_line(changed: &ChangedItem, look: &Look) -> String {
    text::fit(&text::line(&changed.item.text), look.width.saturating_sub(24).max(LEAST))
}

/// An item that was added.
pub fn render_added(changed: &Changed, look: &Look) -> String {
    let new = if changed.new_phase.is_some() { "the new phase " } else { "" };
    let line = |one: &ChangedItem| {
        let number = look.paint(Role::Id, &one.item.number.to_string());
        let phase =
            if one.phase.is_empty() { "the list".to_owned() } else { format!("{new}{}", text::line(&one.phase)) };
        format!("Added {number} to {phase}: {}\n", first_line(one, look))
    };
    changed.items.iter().map(line).collect()
}

/// An item that was taken out.
pub fn render_removed(changed: &Changed, look: &Look) -> String {
    changed.items.iter().map(|one| format!("Removed: {}\n", first_line(one, look))).collect()
}

/// How the command of an item ended.
pub fn render_ran(ran: &Ran, look: &Look) -> String {
    let Some(changed) = ran.changed.items.first() else { return String::new() };
    let number = look.paint(Role::Id, &changed.item.number.to_string());
    let (verdict, how) = match ran.ended {
        Ended::Exited(0) => ("Verified", "ended well".to_owned()),
        Ended::Exited(code) => ("Not verified", format!("ended with status {code}")),
        Ended::Signalled(signal) => ("Not verified", format!("was ended by signal {signal}")),
        Ended::TimedOut => ("Not verified", "took too long and was ended".to_owned()),
        Ended::Interrupted => ("Not verified", "was interrupted".to_owned()),
    };
    let item = first_line(changed, look);
    let command = text::fit(&text::line(&ran.command), look.width.saturating_sub(24).max(LEAST));
    format!("{verdict}: {number} {item}\n  `{command}` {how} after {}\n", words::duration(ran.took))
}
