//! `ckpt template`: plans for sessions, and which of their commands may run.

mod write;

use std::path::PathBuf;

use crate::ops::template::{self, change, compare, trust};
use crate::report::json::templates::{
    DiffDocument, ExportedDocument, RemovedDocument, TemplateDocument, TemplatesDocument, TrustDocument,
};
use crate::report::look::Look;
use crate::report::templates;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Plans for sessions: list, show, change and trust them
///
/// A name means the repository's template before your own (`templates/NAME.md` beside ckpt's configuration) before the
/// built-in one.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt template show feature")]
pub struct Args {
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with templates.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum Action {
    /// List all templates
    List,
    /// Show where a template comes from, what it asks for, and its text
    Show {
        /// Its name
        name: String,
    },
    /// Make a template of the repository, and open it in the editor
    New(write::NewArgs),
    /// Change a template in the editor; the repository gets its own copy
    Edit {
        /// Its name
        name: String,
    },
    /// Take a file as a template of the repository, or as its next version
    Add(write::AddArgs),
    /// Remove a template of the repository; `ckpt undo` brings it back
    Remove {
        /// Its name
        name: String,
    },
    /// Write a template to a file
    Export {
        /// Its name
        name: String,
        /// The file, which must not exist [default: NAME.md]
        file: Option<PathBuf>,
    },
    /// Compare a template with the one that it hides, or with its last version
    Diff {
        /// Its name
        name: String,
        /// Compare its last two versions
        #[arg(long)]
        versions: bool,
    },
    /// Let the commands of a template run, as long as its text stays the same
    Trust {
        /// Its name
        name: String,
    },
    /// Take that back
    Untrust {
        /// Its name
        name: String,
    },
}

/// Lists, shows, makes, changes, removes, writes, compares or trusts.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    match args.action {
        Action::List => run_list(invocation),
        Action::Show { name } => run_show(&name, invocation),
        Action::New(args) => write::run_new(&args, invocation),
        Action::Edit { name } => write::run_edit(&name, invocation),
        Action::Add(args) => write::run_add(&args, invocation),
        Action::Remove { name } => {
            let repo = invocation.open(Interrupted::Refuse)?;
            let removed = change::remove(&repo, &name)?;
            let document = RemovedDocument::of(&removed);
            tell(&document, |look| templates::render_removed(&removed, look), invocation)
        }
        Action::Export { name, file } => {
            let repo = invocation.open(Interrupted::Mention)?;
            let exported = change::export(&repo, &name, file.as_deref())?;
            let document = ExportedDocument::of(&exported);
            tell(&document, |look| templates::render_exported(&exported, look), invocation)
        }
        Action::Diff { name, versions } => run_diff(&name, versions, invocation),
        Action::Trust { name } => run_trust(&name, invocation),
        Action::Untrust { name } => {
            let repo = invocation.open(Interrupted::Mention)?;
            let versions = trust::untrust(&repo, &name)?;
            let document = TrustDocument::taken_back(&name, versions);
            tell(&document, |_| templates::render_untrusted(&name, versions), invocation)
        }
    }
}

/// Gives the answer as a document, or as text unless nobody wants to read it.
fn tell(
    document: &impl serde::Serialize,
    render: impl FnOnce(&Look) -> String,
    invocation: &mut Invocation,
) -> Result<Exit, Stop> {
    if invocation.output.is_json() {
        invocation.output.document(document)?;
    } else if !invocation.output.is_quiet() {
        let text = render(&invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}

fn run_list(invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let listed = template::list(&repo)?;
    if invocation.output.is_json() {
        invocation.output.document(&TemplatesDocument::of(&listed))?;
    } else {
        let text = templates::render_list(&listed, &invocation.look());
        invocation.output.answer_paged(text)?;
        if let Some(remark) = templates::list_remark(&listed) {
            invocation.output.notice(remark);
        }
    }
    Ok(Exit::Done)
}

fn run_show(name: &str, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let shown = template::resolve(&repo, name)?;
    let is_trusted = trust::Trust::read(&repo)?.has(&shown.template_use());
    if invocation.output.is_json() {
        invocation.output.document(&TemplateDocument::of(&shown, is_trusted))?;
    } else {
        let text = templates::render_shown(&shown, is_trusted, &invocation.look());
        invocation.output.answer_paged(text)?;
    }
    Ok(Exit::Done)
}

fn run_diff(name: &str, versions: bool, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let compared = compare::compared(&repo, name, versions)?;
    if invocation.output.is_json() {
        let plain = Look::plain(repo.clock.now());
        let patch = templates::render_diff(&compared, &plain);
        invocation.output.document(&DiffDocument::of(&compared, &patch))?;
        return Ok(Exit::Done);
    }
    let text = templates::render_diff(&compared, &invocation.look());
    invocation.output.answer_paged(text)?;
    if compared.from.text == compared.to.text {
        invocation.output.notice(&templates::same(&compared));
    }
    Ok(Exit::Done)
}

fn run_trust(name: &str, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let trusted = trust::trust(&repo, name)?;
    if trusted.has_open_commands {
        invocation.output.notice("commands with values in them may run once you trust it again within its session");
    }
    tell(&TrustDocument::of(&trusted), |look| templates::render_trusted(&trusted, look), invocation)
}
