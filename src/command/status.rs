//! `ckpt status`, and `ckpt` alone.

use crate::ops::status::{Status, status};
use crate::report::json::status::StatusDocument;
use crate::report::status::{hints, render};

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Show where the work stands: branch, last save, what changed since
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt status")]
pub struct Args {}

/// Tells the status.
pub fn run(_args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    tell(invocation)?;
    Ok(Exit::Done)
}

/// `ckpt` alone: the status, and what to type next. Outside a repository it is the short help that helps.
pub fn run_alone(short_help: &str, invocation: &mut Invocation) -> Result<Exit, Stop> {
    match tell(invocation) {
        Ok(status) if !invocation.output.is_json() => {
            hints(&status).iter().for_each(|hint| invocation.output.hint(hint));
            Ok(Exit::Done)
        }
        Ok(_) => Ok(Exit::Done),
        Err(Stop::Failed(failure)) if failure.code == "not-a-repository" && !invocation.output.is_json() => {
            invocation.output.answer(format!("{}\n", short_help.trim_end()))?;
            Err(Stop::Failed(failure))
        }
        Err(stop) => Err(stop),
    }
}

fn tell(invocation: &mut Invocation) -> Result<Status, Stop> {
    let repo = invocation.open(Interrupted::Ignore)?;
    let status = status(&repo)?;
    if invocation.output.is_json() {
        invocation.output.document(&StatusDocument::of(&status))?;
        return Ok(status);
    }
    let text = render(&status, &invocation.look());
    invocation.output.answer(text)?;
    if let Some(pending) = &status.pending {
        invocation.mention(pending);
    }
    Ok(status)
}
