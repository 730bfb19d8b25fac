//! `ckpt context partition`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use bstr::BString;

use crate::ops::context::partitions::{PartitionChanged, add, list, remove};
use crate::report::context::{render_partition, render_partitions};
use crate::report::json::context::{PartitionDocument, PartitionsDocument};

use super::super::failure::{Exit, Stop};
use super::super::invocation::{Interrupted, Invocation};
use super::super::words::mention;
use super::versions::show_partition;

/// Arguments of `context partition`.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with partitions.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum Action {
    /// Add a partition, or paths to one
    Add {
        /// Its name; spaces become dashes
        name: String,
        /// A folder or file that it is for; may be given several times
        #[arg(long = "path", value_name = "PATH", required = true)]
        paths: Vec<OsString>,
    },
    /// List the partitions and their paths
    List,
    /// Show the document of a partition
    Show {
        /// Its name
        name: String,
    },
    /// Remove a partition; its document stays in the history
    Remove {
        /// Its name
        name: String,
    },
}

/// Adds, lists, shows or removes.
pub(in crate::command) fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    match args.action {
        Action::Add { name, paths } => {
            let name = invocation.name(&name)?;
            let paths: Vec<BString> = paths.into_iter().map(|path| BString::from(path.into_vec())).collect();
            let repo = invocation.open(Interrupted::Mention)?;
            let changed = add(&repo, &name, &paths)?;
            tell(&changed, false, invocation)
        }
        Action::Remove { name } => {
            let repo = invocation.open(Interrupted::Mention)?;
            let changed = remove(&repo, &name)?;
            tell(&changed, true, invocation)
        }
        Action::Show { name } => show_partition(&name, invocation),
        Action::List => run_list(invocation),
    }
}

fn tell(changed: &PartitionChanged, removed: bool, invocation: &mut Invocation) -> Result<Exit, Stop> {
    mention(&changed.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&PartitionDocument::of(changed, removed))?;
    } else {
        let text = render_partition(changed, removed, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}

fn run_list(invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let partitions = list(&repo)?;
    if invocation.output.is_json() {
        invocation.output.document(&PartitionsDocument::of(&partitions))?;
    } else {
        let text = render_partitions(&partitions, &invocation.look());
        invocation.output.answer_paged(text)?;
        if partitions.is_empty() {
            invocation.output.notice("there are no partitions");
        }
    }
    Ok(Exit::Done)
}
