//! `ckpt check`.

use std::time::Duration;

use crate::ops::checklist::{Changed, add, remove, run as runs, set_done, show};
use crate::report::checklist::{render_added, render_list, render_marked, render_ran, render_removed};
use crate::report::json::checklist::{CheckDocument, CheckRunDocument, ChecklistDocument};

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};
use super::words::mention;

/// Show the check list of the session, or mark items as done
///
/// An item is named by its number, or by words that it alone has. A command that verifies an item runs only with `--run`,
/// and only if it comes from a template that you trust.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt check 3 \"tests pass\"")]
pub struct Args {
    /// Items to mark as done; the list is shown where none is named
    #[arg(value_name = "ITEM")]
    pub items: Vec<String>,
    /// Mark the items as open again
    #[arg(long, requires = "items")]
    pub undo: bool,
    /// Run the command that verifies this item, and mark the item as done if it succeeds
    #[arg(long, value_name = "ITEM", conflicts_with_all = ["items", "add", "remove"])]
    pub run: Option<String>,
    /// How long that command may take, in seconds
    #[arg(long, value_name = "SECONDS", requires = "run", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
    /// Add an item at the end of the last phase
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["items", "remove"])]
    pub add: Option<String>,
    /// The phase to add it to; one that there is not yet is made
    #[arg(long, value_name = "PHASE", requires = "add")]
    pub phase: Option<String>,
    /// Take an item out of the list
    #[arg(long, value_name = "ITEM", conflicts_with = "items")]
    pub remove: Option<String>,
}

/// Shows, marks, runs, adds or removes.
pub fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let look = invocation.look();
    if let Some(typed) = &args.run {
        let runnable = runs::prepare(&repo, typed)?;
        let stdout = invocation.output.for_programs();
        let ran = runs::run(&repo, runnable, Duration::from_secs(args.timeout), stdout)?;
        return tell_run(&ran, invocation);
    }
    if let Some(text) = &args.add {
        let changed = add(&repo, text, args.phase.as_deref())?;
        return tell(&changed, "added", &render_added(&changed, &look), invocation);
    }
    if let Some(typed) = &args.remove {
        let changed = remove(&repo, typed)?;
        return tell(&changed, "removed", &render_removed(&changed, &look), invocation);
    }
    if !args.items.is_empty() {
        let is_done = !args.undo;
        let changed = set_done(&repo, &args.items, is_done)?;
        let action = if is_done { "done" } else { "open" };
        return tell(&changed, action, &render_marked(&changed, is_done, &look), invocation);
    }
    let shown = show(&repo)?;
    if invocation.output.is_json() {
        invocation.output.document(&ChecklistDocument::of(&shown))?;
    } else if shown.count().1 == 0 {
        say_empty(invocation);
    } else {
        invocation.output.answer_paged(render_list(&shown, &look))?;
    }
    Ok(Exit::Done)
}

/// Says that there is nothing to show, and how to come by something.
pub(super) fn say_empty(invocation: &mut Invocation) {
    invocation.output.notice("the session has no check list");
    invocation.output.hint("begin one with `ckpt check --add TEXT`");
}

fn tell(changed: &Changed, action: &str, text: &str, invocation: &mut Invocation) -> Result<Exit, Stop> {
    mention(&changed.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&CheckDocument::of(changed, action))?;
    } else if !invocation.output.is_quiet() {
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}

fn tell_run(ran: &runs::Ran, invocation: &mut Invocation) -> Result<Exit, Stop> {
    mention(&ran.changed.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&CheckRunDocument::of(ran))?;
    } else if !invocation.output.is_quiet() {
        let text = render_ran(ran, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(if ran.is_verified() { Exit::Done } else { Exit::Refused })
}
