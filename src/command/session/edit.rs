//! `ckpt session rename` and `set`.

use crate::command::failure::{Exit, Stop};
use crate::command::invocation::{Interrupted, Invocation};
use crate::command::{input, words};
use crate::ops::session::edit;
use crate::report::json::session::{RenameDocument, VariableDocument};
use crate::report::session::told;

/// Give a session another title; its name stays
///
/// The name stays because the session's checkpoints bear it.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session rename user-notifications \"Push notifications\"")]
pub struct RenameArgs {
    /// Its name or title
    pub session: String,
    /// The new title; `-` takes it from stdin
    pub title: String,
}

/// Set a variable of the current session; an empty value takes it away
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session set ticket PROJ-123")]
pub struct SetArgs {
    pub key: String,
    /// `-` takes it from stdin
    pub value: String,
}

pub(super) fn rename(args: &RenameArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let renamed = edit::rename(&repo, &args.session, &input::text(&args.title)?)?;
    words::mention(&renamed.context, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&RenameDocument::of(&renamed))?;
    } else if !invocation.output.is_quiet() {
        let text = told::render_renamed(&renamed, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}

pub(super) fn set(args: &SetArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let set = edit::set_variable(&repo, &args.key, &input::text(&args.value)?)?;
    words::mention(&set.context, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&VariableDocument::of(&set))?;
    } else if !invocation.output.is_quiet() {
        let text = told::render_variable(&set, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}
