//! `ckpt session delete` and `cleanup`.

use super::list::{StateWord, states};
use crate::command::failure::{Exit, Failure, Kind, Stop};
use crate::command::invocation::{Interrupted, Invocation};
use crate::model::when::{DayEdge, Present, parse_when};
use crate::ops::Repo;
use crate::ops::session::delete::{self, Candidate, CleanedUp, CleanupRequest, candidates, clean_up};
use crate::report::json::session_end::{CleanupDocument, DeleteDocument};
use crate::report::look::Look;
use crate::report::session::cleaned;

/// Delete a session; its checkpoints stay
///
/// `ckpt undo` brings it back. A session on a stack is not deleted.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session delete user-notifications")]
pub struct DeleteArgs {
    /// Its name or title
    pub session: String,
}

/// Delete sessions that nobody needs any more, with their checkpoints
///
/// Without a state those that are closed. What would go is listed with its size, and you are asked. Checkpoints with a
/// name stay. `ckpt undo` brings all of it back.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session cleanup --older-than 30d --pattern 'feature-*'")]
pub struct Args {
    /// Only those in which nothing happened for so long
    #[arg(long, value_name = "SPAN", default_value = "30d")]
    pub older_than: String,
    /// Only those whose name fits; `*` is any text, `?` any character
    #[arg(long, value_name = "PATTERN")]
    pub pattern: Option<String>,
    /// Only those in this state; may be given several times
    #[arg(long = "state", value_name = "STATE")]
    pub states: Vec<StateWord>,
    /// Ask for each one
    #[arg(long, short)]
    pub interactive: bool,
    /// Leave their checkpoints
    #[arg(long)]
    pub keep_checkpoints: bool,
}

pub(super) fn delete(args: &DeleteArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let deleted = delete::delete(&repo, &args.session)?;
    if invocation.output.is_json() {
        invocation.output.document(&DeleteDocument::of(&deleted))?;
    } else if !invocation.output.is_quiet() {
        let text = cleaned::render_deleted(&deleted, &invocation.look());
        invocation.output.answer(text)?;
        invocation.output.hint("bring it back with `ckpt undo`");
    }
    Ok(Exit::Done)
}

/// Cleans up.
pub(super) fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let request = CleanupRequest {
        before: Some(read_span(&args.older_than, &repo)?),
        pattern: args.pattern,
        states: states(&args.states),
        keep_checkpoints: args.keep_checkpoints,
    };
    let found = candidates(&repo, &request)?;
    let chosen = choose(found, args.interactive, invocation)?;
    let cleaned = clean_up(&repo, &chosen)?;
    if cleaned.names.is_empty() && !invocation.output.is_json() {
        invocation.output.notice("there is nothing to clean up");
        let age = &args.older_than;
        invocation.output.hint(&format!("only what nothing happened in for {age} counts; `--older-than 0d` takes all"));
        return Ok(Exit::Done);
    }
    tell(&cleaned, &chosen, invocation)
}

fn read_span(text: &str, repo: &Repo) -> Result<jiff::Timestamp, Failure> {
    let present = Present { now: repo.clock.now(), zone: repo.clock.zone().clone() };
    parse_when(text, &present, DayEdge::Start).map_err(|error| {
        Failure::new(Kind::Refused, "bad-time", error.to_string())
            .hint("such as `ckpt session cleanup --older-than 30d`")
    })
}

/// Those that are to go: all where `--yes` said so, else those that were answered with yes.
fn choose(found: Vec<Candidate>, is_each: bool, invocation: &mut Invocation) -> Result<Vec<Candidate>, Failure> {
    if found.is_empty() {
        return Ok(found);
    }
    let look = Look { palette: invocation.output.error_palette(), ..invocation.look() };
    if !invocation.output.is_json() {
        invocation.output.explain(&cleaned::render_candidates(&found, &look));
    }
    let refused = |message: &str| Failure::new(Kind::Refused, "not-confirmed", message);
    match (invocation.assume_yes, invocation.output.can_ask()) {
        (true, _) => Ok(found),
        (false, false) => {
            Err(refused("nothing was deleted: nobody confirmed it").hint("confirm beforehand with `--yes`"))
        }
        (false, true) if is_each => {
            Ok(found.into_iter().filter(|one| invocation.output.ask(&format!("Delete {}?", one.listed.name))).collect())
        }
        (false, true) => match invocation.output.ask("Delete them?") {
            true => Ok(found),
            false => Err(refused("nothing was deleted")),
        },
    }
}

fn tell(cleaned: &CleanedUp, chosen: &[Candidate], invocation: &mut Invocation) -> Result<Exit, Stop> {
    if invocation.output.is_json() {
        invocation.output.document(&CleanupDocument::of(cleaned, chosen))?;
    } else if !invocation.output.is_quiet() {
        let text = cleaned::render_cleaned(cleaned, &invocation.look());
        invocation.output.answer(text)?;
        invocation.output.hint("bring them back with `ckpt undo`; git frees the space once it forgets them");
    }
    Ok(Exit::Done)
}
