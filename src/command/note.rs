//! `ckpt note`.

use crate::ops::context::words::Word;

use super::failure::{Exit, Stop};
use super::invocation::Invocation;
use super::{input, words};

/// Note something about the current work
///
/// It is an event of the session and a line of Current Work in the context.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt note \"the login endpoint works, the token is still fake\"")]
pub struct Args {
    /// What there is to say; `-` takes it from stdin
    pub text: String,
    /// In the document of a partition
    #[arg(long, value_name = "NAME")]
    pub partition: Option<String>,
}

/// Notes.
pub fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    words::say(&Word::Note(input::text(&args.text)?), args.partition.as_deref(), invocation)
}
