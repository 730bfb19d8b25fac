//! `ckpt template new`, `edit` and `add`.

use std::path::PathBuf;

use crate::ops::Repo;
use crate::ops::template::change::{Stored, add};
use crate::ops::template::edit::{Writing, begin_edit, begin_new, finish, give_up};
use crate::report::json::templates::StoredDocument;
use crate::report::templates::render_stored;
use crate::sys::editor::Editor;

use super::super::failure::{Exit, Failure, Kind, Stop};
use super::super::invocation::{Interrupted, Invocation};
use super::tell;

/// Arguments of `template new`.
#[derive(clap::Args, Clone, Debug)]
pub struct NewArgs {
    /// Its name
    pub name: String,
    /// Begin with a copy of this template
    #[arg(long, value_name = "NAME")]
    pub from: Option<String>,
}

/// Arguments of `template add`.
#[derive(clap::Args, Clone, Debug)]
pub struct AddArgs {
    /// The file
    pub file: PathBuf,
    /// Its name [default: the name in its front matter, else that of the file]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// Makes a template: opens it in the editor where there is one and somebody to use it.
pub(super) fn run_new(args: &NewArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let writing = begin_new(&repo, &args.name, args.from.as_deref())?;
    let editor = Editor::of_environment(&invocation.environment).filter(|_| invocation.output.can_ask());
    let stored = match editor {
        Some(editor) => write(&repo, writing, &editor, invocation)?,
        None => finish(&repo, writing)?,
    };
    tell_stored(&stored, invocation)?;
    if !stored.unchanged {
        invocation.output.hint(&format!("change it with `ckpt template edit {}`", stored.name));
    }
    Ok(Exit::Done)
}

/// Opens a template in the editor, and takes what was written.
pub(super) fn run_edit(name: &str, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let editor = Editor::of_environment(&invocation.environment).ok_or_else(|| {
        Failure::new(Kind::Refused, "no-editor", "neither $VISUAL nor $EDITOR names an editor")
            .hint("write it to a file with `ckpt template export NAME`, and take it with `ckpt template add FILE`")
    })?;
    let repo = invocation.open(Interrupted::Mention)?;
    let writing = begin_edit(&repo, name)?;
    let stored = write(&repo, writing, &editor, invocation)?;
    tell_stored(&stored, invocation)
}

fn write(repo: &Repo, writing: Writing, editor: &Editor, invocation: &Invocation) -> Result<Stored, Stop> {
    let opened = editor.open(&writing.path, &invocation.environment);
    if !matches!(opened, Ok(true)) {
        let failure = Failure::new(Kind::Refused, "editor-failed", "the editor failed; nothing was taken");
        return Err(match give_up(&writing) {
            Some(path) => failure.hint(format!("what you wrote is kept in {}", path.display())).into(),
            None => failure.into(),
        });
    }
    Ok(finish(repo, writing)?)
}

/// Takes a file.
pub(super) fn run_add(args: &AddArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let stored = add(&repo, &args.file, args.name.as_deref())?;
    tell_stored(&stored, invocation)
}

fn tell_stored(stored: &Stored, invocation: &mut Invocation) -> Result<Exit, Stop> {
    tell(&StoredDocument::of(stored), |look| render_stored(stored, look), invocation)
}
