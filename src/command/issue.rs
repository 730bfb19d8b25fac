//! `ckpt issue`.

use crate::ops::context::words::{List, Word};

use super::failure::{Exit, Stop};
use super::invocation::Invocation;
use super::{input, words};

/// Record a known issue, close it, or list them
///
/// An issue is an event of the session and a check box of Known Issues in the context. Its number is its place there.
#[derive(clap::Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Example:\n  ckpt issue \"the token expires too early\"")]
pub struct Args {
    /// What is wrong; `-` takes it from stdin
    #[arg(required = true)]
    pub text: Option<String>,
    /// In the document of a partition
    #[arg(long, value_name = "NAME", global = true)]
    pub partition: Option<String>,
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// What to do with issues.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum Action {
    /// Check an issue: it is solved
    Done {
        /// Its number, or words that it alone has
        item: String,
    },
    /// List the issues with their numbers
    List,
}

/// Records, closes or lists.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let partition = args.partition.as_deref();
    match args.action {
        Some(Action::Done { item }) => words::say(&Word::IssueDone(item), partition, invocation),
        Some(Action::List) => words::show_list(List::Issues, partition, invocation),
        None => {
            let text = input::text(&args.text.unwrap_or_default())?;
            words::say(&Word::Issue(text), partition, invocation)
        }
    }
}
