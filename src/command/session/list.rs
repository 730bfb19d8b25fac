//! `ckpt session list`.

use clap::ValueEnum;

use crate::command::failure::{Exit, Stop};
use crate::command::invocation::{Interrupted, Invocation};
use crate::model::session::SessionState;
use crate::ops::session::list::{SessionList, SessionListRequest, list};
use crate::report::json::session::SessionsDocument;
use crate::report::session::listed;
use crate::report::words;

/// List sessions: the current one first, then by their last change
#[derive(clap::Args, Clone, Debug, Default)]
#[command(after_help = "Example:\n  ckpt session list --state paused --verbose")]
pub struct Args {
    /// Archived and cancelled ones too
    #[arg(long)]
    pub all: bool,
    /// Only those in this state; may be given several times
    #[arg(long = "state", value_name = "STATE")]
    pub states: Vec<StateWord>,
    /// Tell more of each: task, parent, template, work tree
    #[arg(long)]
    pub verbose: bool,
}

/// A state as it is typed.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateWord {
    New,
    Active,
    Paused,
    Complete,
    Archived,
    Cancelled,
    /// Complete, archived or cancelled
    Closed,
}

/// The states that the words mean.
pub(super) fn states(words: &[StateWord]) -> Vec<SessionState> {
    let mut states = Vec::new();
    for word in words {
        match word {
            StateWord::New => states.push(SessionState::New),
            StateWord::Active => states.push(SessionState::Active),
            StateWord::Paused => states.push(SessionState::Paused),
            StateWord::Complete => states.push(SessionState::Complete),
            StateWord::Archived => states.push(SessionState::Archived),
            StateWord::Cancelled => states.push(SessionState::Cancelled),
            StateWord::Closed => {
                states.extend(SessionState::ALL.into_iter().filter(|state| state.is_closed()));
            }
        }
    }
    states
}

/// Lists.
pub(super) fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let found = list(&repo, &SessionListRequest { all: args.all, states: states(&args.states) })?;
    for (name, problem) in &found.damaged {
        invocation.output.warning(&format!("the session `{name}` cannot be read: {problem}"));
    }
    if invocation.output.is_json() {
        invocation.output.document(&SessionsDocument::of(&found))?;
    } else {
        let text = listed::render(&found, args.verbose, &invocation.look());
        invocation.output.answer_paged(text)?;
        tell_rest(&found, invocation);
    }
    Ok(Exit::Done)
}

fn tell_rest(found: &SessionList, invocation: &mut Invocation) {
    if found.sessions.is_empty() {
        invocation.output.notice("no session fits");
        invocation.output.hint("see all of them with `ckpt session list --all`");
    } else if found.hidden > 0 {
        let number = words::count(found.hidden, "session");
        invocation.output.notice(&format!("{number} archived or cancelled; `--all` lists them too"));
    } else if found.sessions.len() == 1 {
        invocation.output.hint("begin one with `ckpt session start TITLE`");
    }
}
