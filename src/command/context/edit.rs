//! `ckpt context edit`.

use crate::ops::context::editing::{abandon, begin, finish};
use crate::report::context::render_edited;
use crate::report::json::context::EditDocument;
use crate::sys::editor::Editor;

use super::super::failure::{Exit, Failure, Kind, Stop};
use super::super::invocation::{Interrupted, Invocation};
use super::super::words::mention;

/// Arguments of `context edit`.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The document of a partition
    #[arg(long, value_name = "NAME")]
    pub partition: Option<String>,
}

/// Opens the document in the editor, and takes what was edited.
pub(in crate::command) fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let editor = Editor::of_environment(&invocation.environment).ok_or_else(|| {
        Failure::new(Kind::Refused, "no-editor", "neither $VISUAL nor $EDITOR names an editor")
            .hint("give the text itself with `ckpt context set SECTION TEXT`")
    })?;
    let repo = invocation.open(Interrupted::Mention)?;
    let editing = begin(&repo, args.partition.as_deref())?;
    let opened = editor.open(&editing.path, &invocation.environment);
    if !matches!(opened, Ok(true)) {
        abandon(&editing);
        return Err(Failure::new(Kind::Refused, "editor-failed", "the editor failed; nothing was taken").into());
    }
    let edited = finish(&repo, editing)?;
    if edited.synced.edited.is_empty() || edited.partition.is_some() {
        mention(&edited.synced, invocation);
    }
    if invocation.output.is_json() {
        invocation.output.document(&EditDocument::of(&edited))?;
    } else {
        invocation.output.answer(render_edited(&edited))?;
    }
    Ok(Exit::Done)
}
