//! `ckpt rename`.

use crate::ops::label::{self, Named};
use crate::report::json::label::NameDocument;
use crate::report::labelled;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Give a name another spelling; the checkpoint stays
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt rename before-refactor login-works")]
pub struct Args {
    /// The name as it is
    pub old: String,
    /// The name as it shall be; spaces become dashes
    pub new: String,
    /// Take the new name from the checkpoint that has it
    #[arg(long = "move")]
    pub move_name: bool,
}

/// Renames.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let new = invocation.name(&args.new)?;
    let repo = invocation.open(Interrupted::Mention)?;
    let named = label::rename(&repo, &args.old, &new, args.move_name)?;
    tell(&named, invocation)
}

/// Says what has which name now; `ckpt name` answers so as well.
pub(super) fn tell(named: &Named, invocation: &mut Invocation) -> Result<Exit, Stop> {
    if invocation.output.is_json() {
        invocation.output.document(&NameDocument::of(named))?;
    } else if !invocation.output.is_quiet() {
        let text = labelled::render_named(named, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}
