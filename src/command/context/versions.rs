//! `ckpt context show`, `log`, `diff` and `restore`.

use crate::ops::context::{compared, log as read_log, partitions, restore as restore_version, show as read_shown};
use crate::report::context::{render_diff, render_document, render_log, render_restored, same};
use crate::report::json::context::{
    ContextDiffDocument, ContextDocument, LogDocument, PartitionDocument, RestoreDocument,
};

use super::super::failure::{Exit, Stop};
use super::super::invocation::{Interrupted, Invocation};
use super::super::words::mention;

/// Arguments of `context show`.
#[derive(clap::Args, Clone, Debug)]
pub struct ShowArgs {
    /// As it was at a checkpoint, or at a version of `context log`
    #[arg(long, value_name = "POINT")]
    pub at: Option<String>,
    /// The document of a partition
    #[arg(long, value_name = "NAME", conflicts_with = "at")]
    pub partition: Option<String>,
}

/// Arguments of `context log`.
#[derive(clap::Args, Clone, Debug)]
pub struct LogArgs {
    /// How many versions at most
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    pub limit: usize,
}

/// Arguments of `context diff`.
#[derive(clap::Args, Clone, Debug)]
pub struct DiffArgs {
    /// The older one: a version of `context log`, or a checkpoint [default: the version before the last]
    pub from: Option<String>,
    /// The newer one [default: the last]
    pub to: Option<String>,
}

/// Arguments of `context restore`.
#[derive(clap::Args, Clone, Debug)]
pub struct RestoreArgs {
    /// A version of `context log`, or a checkpoint
    pub version: String,
}

/// Shows the document.
pub(in crate::command) fn show(args: &ShowArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    if let Some(name) = &args.partition {
        return show_partition(name, invocation);
    }
    let repo = invocation.open(Interrupted::Mention)?;
    let shown = read_shown(&repo, args.at.as_deref())?;
    mention(&shown.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&ContextDocument::of(&shown))?;
    } else {
        let text = render_document(&shown.text, &invocation.look());
        invocation.output.answer_paged(text)?;
    }
    Ok(Exit::Done)
}

/// Shows the document of a partition.
pub(in crate::command) fn show_partition(name: &str, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let shown = partitions::show(&repo, name)?;
    if invocation.output.is_json() {
        invocation.output.document(&PartitionDocument::shown(&shown))?;
    } else {
        let text = render_document(&shown.text, &invocation.look());
        invocation.output.answer_paged(text)?;
    }
    Ok(Exit::Done)
}

/// Lists the versions.
pub(in crate::command) fn log(args: &LogArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let (versions, synced) = read_log(&repo, args.limit)?;
    mention(&synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&LogDocument::of(&versions, &synced))?;
    } else {
        let text = render_log(&versions, &invocation.look());
        invocation.output.answer_paged(text)?;
        if versions.is_empty() {
            invocation.output.notice("there is no context yet");
        }
    }
    Ok(Exit::Done)
}

/// Compares two versions.
pub(in crate::command) fn diff(args: &DiffArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let compared = compared(&repo, args.from.as_deref(), args.to.as_deref())?;
    mention(&compared.synced, invocation);
    let look = invocation.look();
    if invocation.output.is_json() {
        invocation.output.document(&ContextDiffDocument::of(&compared, &look))?;
    } else {
        invocation.output.answer_paged(render_diff(&compared, &look))?;
        if compared.sections.is_empty() {
            invocation.output.notice(&same(&compared));
        }
    }
    Ok(Exit::Done)
}

/// Makes an older version the current one.
pub(in crate::command) fn restore(args: &RestoreArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let restored = restore_version(&repo, &args.version)?;
    mention(&restored.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&RestoreDocument::of(&restored))?;
    } else {
        let text = render_restored(&restored, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}
