//! `ckpt session close`.

use std::process::Stdio;

use crate::command::failure::{Exit, Failure, Kind, Stop};
use crate::command::invocation::{Interrupted, Invocation};
use crate::command::words;
use crate::ops::session::close::{Review, close, review};
use crate::report::json::session_end::CloseDocument;
use crate::report::look::Look;
use crate::report::session::closed;

/// Complete a session: look at what came of it, keep its last state
///
/// What was done, decided and left open is shown, and you are asked. Then the state is saved, decisions, known issues,
/// dependencies and testing notes go to the session it came from, and that is the current one again.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session close --check")]
pub struct Args {
    /// Its name or title [default: the current one]
    pub session: Option<String>,
    /// Run the checks of your own configuration first
    #[arg(long)]
    pub check: bool,
}

/// Closes.
pub(super) fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let output = || invocation.output.beside_answer();
    let checks: Option<&dyn Fn() -> Stdio> = if args.check { Some(&output) } else { None };
    let review = review(&repo, args.session.as_deref(), checks)?;
    words::mention(&review.portrait.context, invocation);
    confirm(&review, invocation)?;
    let closed = close(&repo, &review)?;
    words::mention(&closed.context, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&CloseDocument::of(&closed, &review))?;
    } else if !invocation.output.is_quiet() {
        let text = closed::render_closed(&closed, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}

/// Shows what came of the session and asks; `--yes` is an answer.
fn confirm(review: &Review, invocation: &mut Invocation) -> Result<(), Failure> {
    let look = Look { palette: invocation.output.error_palette(), ..invocation.look() };
    if !invocation.output.is_json() {
        invocation.output.explain(&closed::render_review(review, &look));
    }
    if invocation.assume_yes {
        return Ok(());
    }
    let refused = |message: &str| Failure::new(Kind::Refused, "not-confirmed", message);
    if !invocation.output.can_ask() {
        return Err(refused("the session was not closed: nobody approved").hint("approve beforehand with `--yes`"));
    }
    if invocation.output.ask("Complete the session?") {
        return Ok(());
    }
    Err(refused("the session was not closed; nothing was changed"))
}
