//! `ckpt next`.

use crate::ops::context::words::Word;

use super::failure::{Exit, Stop};
use super::invocation::Invocation;
use super::{input, words};

/// Say what is to be done next
///
/// Each text is a step: an event of the session, and a number of Next Session in the context.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt next \"run the slow tests\" \"split the handler\"")]
pub struct Args {
    /// A step each; `-` takes them from the lines of stdin
    #[arg(required = true, value_name = "TEXT")]
    pub steps: Vec<String>,
    /// In the document of a partition
    #[arg(long, value_name = "NAME")]
    pub partition: Option<String>,
}

/// Adds the steps.
pub fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    words::say(&Word::Next(input::texts(&args.steps)?), args.partition.as_deref(), invocation)
}
