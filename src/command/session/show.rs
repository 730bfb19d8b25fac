//! `ckpt session show`.

use crate::command::failure::{Exit, Stop};
use crate::command::invocation::{Interrupted, Invocation};
use crate::command::words;
use crate::ops::session::portrait::portrait;
use crate::report::json::session::SessionDocument;
use crate::report::session::shown;

/// Show where a session stands, what was done in it and what is open
///
/// Time counts as active within half an hour of something that happened; a longer gap counts for five minutes, a pause
/// for nothing.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session show user-notifications")]
pub struct Args {
    /// Its name or title [default: the current one]
    pub session: Option<String>,
}

/// Shows.
pub(super) fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let portrait = portrait(&repo, args.session.as_deref())?;
    words::mention(&portrait.context, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&SessionDocument::of(&portrait))?;
    } else {
        let text = shown::render(&portrait, &invocation.look());
        invocation.output.answer_paged(text)?;
    }
    Ok(Exit::Done)
}
