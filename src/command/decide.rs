//! `ckpt decide`.

use crate::ops::context::words::Word;

use super::failure::{Exit, Stop};
use super::invocation::Invocation;
use super::{input, words};

/// Record a decision, with its reasons
///
/// It is an event of the session and a dated line of Recent Decisions in the context.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt decide \"use JWT\" --why \"no state\" --instead-of \"cookies\"")]
pub struct Args {
    /// What was decided; `-` takes it from stdin
    pub text: String,
    /// The reason
    #[arg(long, value_name = "REASON", allow_hyphen_values = true)]
    pub why: Option<String>,
    /// What was not chosen
    #[arg(long, value_name = "OTHER", allow_hyphen_values = true)]
    pub instead_of: Option<String>,
    /// In the document of a partition
    #[arg(long, value_name = "NAME")]
    pub partition: Option<String>,
}

/// Records.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let word = Word::Decide { text: input::text(&args.text)?, why: args.why, instead_of: args.instead_of };
    words::say(&word, args.partition.as_deref(), invocation)
}
