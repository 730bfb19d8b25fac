//! `ckpt context`: the document of the session, its versions and its partitions.

mod edit;
mod partition;
mod versions;

use crate::ops::context::words::{Word, prune};
use crate::report::json::words::PruneDocument;
use crate::report::told;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};
use super::words::mention;
use super::{input, words};

/// The context: what is being done, decided, known and next
///
/// A markdown document with a history of its own. With `ckpt init` it is a file that everybody may edit; what was edited
/// is a new version at the next command.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt context show")]
pub struct Args {
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with the context.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum Action {
    /// Show it, as it is or as it was
    Show(versions::ShowArgs),
    /// List its versions, newest first
    Log(versions::LogArgs),
    /// Show what differs between two versions, section by section
    Diff(versions::DiffArgs),
    /// Make an older version the current one
    Restore(versions::RestoreArgs),
    /// Give a section a new text
    Set(SetArgs),
    /// Open it in $VISUAL or $EDITOR
    Edit(edit::Args),
    /// Put the block of facts back that ckpt keeps true, or take it out
    Facts(FactsArgs),
    /// Move completed items to the archive
    Prune,
    /// Documents for parts of the project
    Partition(partition::Args),
}

/// Arguments of `context set`.
#[derive(clap::Args, Clone, Debug)]
pub struct SetArgs {
    /// The section; a standard one is made where it is missing
    pub section: String,
    /// Its new text; `-` takes it from stdin
    #[arg(allow_hyphen_values = true)]
    pub text: String,
    /// In the document of a partition
    #[arg(long, value_name = "NAME")]
    pub partition: Option<String>,
}

/// Arguments of `context facts`.
#[derive(clap::Args, Clone, Debug)]
pub struct FactsArgs {
    /// Take it out; it stays away until it is asked for
    #[arg(long)]
    pub remove: bool,
    /// In the document of a partition
    #[arg(long, value_name = "NAME")]
    pub partition: Option<String>,
}

/// Shows, changes or compares.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    match args.action {
        Action::Show(args) => versions::show(&args, invocation),
        Action::Log(args) => versions::log(&args, invocation),
        Action::Diff(args) => versions::diff(&args, invocation),
        Action::Restore(args) => versions::restore(&args, invocation),
        Action::Set(args) => {
            let word = Word::Set { section: args.section, text: input::text(&args.text)? };
            words::say(&word, args.partition.as_deref(), invocation)
        }
        Action::Edit(args) => edit::run(&args, invocation),
        Action::Facts(args) => {
            words::say(&Word::Facts { present: !args.remove }, args.partition.as_deref(), invocation)
        }
        Action::Prune => run_prune(invocation),
        Action::Partition(args) => partition::run(args, invocation),
    }
}

fn run_prune(invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let pruned = prune(&repo)?;
    mention(&pruned.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&PruneDocument::of(&pruned))?;
    } else if pruned.items.is_empty() {
        invocation.output.notice("nothing is completed");
    } else {
        let text = told::render_pruned(&pruned, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}
