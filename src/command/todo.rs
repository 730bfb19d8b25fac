//! `ckpt todo`.

use crate::ops::context::words::{List, Word};

use super::failure::{Exit, Stop};
use super::invocation::Invocation;
use super::{input, words};

/// Keep the to-dos of the session
///
/// A to-do is an event of the session and a check box of Todo in the context. Its number is its place there.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt todo add \"write the docs\"")]
pub struct Args {
    /// In the document of a partition
    #[arg(long, value_name = "NAME", global = true)]
    pub partition: Option<String>,
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with to-dos.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum Action {
    /// Add a to-do at the end
    Add {
        /// What is to be done; `-` takes it from stdin
        text: String,
    },
    /// Check a to-do
    Done {
        /// Its number, or words that it alone has
        item: String,
    },
    /// List the to-dos with their numbers
    List,
    /// Put a to-do at another place
    Move {
        /// Its number, or words that it alone has
        item: String,
        /// The number that it is to have
        to: usize,
    },
}

/// Adds, checks, lists or moves.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let partition = args.partition.as_deref();
    let word = match args.action {
        Action::Add { text } => Word::Todo(input::text(&text)?),
        Action::Done { item } => Word::TodoDone(item),
        Action::Move { item, to } => Word::TodoMove { item, to },
        Action::List => return words::show_list(List::Todos, partition, invocation),
    };
    words::say(&word, partition, invocation)
}
