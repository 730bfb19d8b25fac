//! `ckpt name`.

use crate::ops::label;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Give a checkpoint a name
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt name @ before-refactor")]
pub struct Args {
    /// A name, an id, `@`, `@~2`, `@{20m}` or SESSION@~1
    pub point: String,
    /// The name; spaces become dashes
    pub name: String,
    /// Take the name from the checkpoint that has it
    #[arg(long = "move")]
    pub move_name: bool,
}

/// Names.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let name = invocation.name(&args.name)?;
    let repo = invocation.open(Interrupted::Mention)?;
    let named = label::name(&repo, &args.point, &name, args.move_name)?;
    super::rename::tell(&named, invocation)
}
