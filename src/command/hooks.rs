//! `ckpt hooks`.

use crate::ops::hooks::error::HooksError;
use crate::ops::hooks::install::{InstallRequest, install, remove};
use crate::ops::hooks::probe::probe;
use crate::ops::hooks::status::status;
use crate::ops::hooks::switch;
use crate::ops::{OpError, Repo};
use crate::report::hooked::{self, Verb};
use crate::report::json::hooks::HooksDocument;
use crate::report::text;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Let git tell ckpt of commits, checkouts, merges and rebases
///
/// The hooks keep the facts of the context true, add to the history of the session, and note on each commit which session
/// and checkpoint it belongs to: `git log --notes=ckpt` shows it. They never fail or hold up git. `CKPT_HOOKS=off` in the
/// environment or `git config ckpt.hooks off` switches them off as well.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt hooks install")]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand, Clone, Debug)]
enum Action {
    /// Put the hooks in; your own hooks stay and run as before
    Install {
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// Use hook files although this git reads its configuration for hooks
        #[arg(long)]
        in_files: bool,
    },
    /// Take the hooks out; every file is as it was before
    Remove {
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Tell which hooks are in place and how they fared (also without a word)
    Status,
    /// Send a probe through git to each hook, and tell whether it arrived
    Test,
    /// Let the hooks do nothing until `ckpt hooks resume`
    Pause,
    /// Let the hooks go on
    Resume,
}

/// Runs one of the actions.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    match args.action.unwrap_or(Action::Status) {
        Action::Install { dry_run, in_files } => run_install(&repo, dry_run, in_files, invocation),
        Action::Remove { dry_run } => {
            let removed = remove(&repo, dry_run)?;
            let text = hooked::render_changed(&removed, Verb::Remove, &invocation.look());
            tell(&HooksDocument::of_changed(&removed, "remove"), &text, invocation)
        }
        Action::Status => {
            let status = status(&repo)?;
            tell(&HooksDocument::of_status(&status), &hooked::render_status(&status, &invocation.look()), invocation)?;
            hooked::status_hints(&status).iter().for_each(|hint| hint_for_people(hint, invocation));
            Ok(Exit::Done)
        }
        Action::Test => run_test(&repo, invocation),
        Action::Pause => {
            let changed = switch::pause(&repo)?;
            tell(&HooksDocument::of_switch(&repo, "pause"), hooked::paused(changed), invocation)
        }
        Action::Resume => {
            let changed = switch::resume(&repo)?;
            let off = switch::find_off(&repo);
            tell(&HooksDocument::of_switch(&repo, "resume"), &hooked::resumed(changed, off), invocation)
        }
    }
}

fn run_install(repo: &Repo, dry_run: bool, in_files: bool, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let mut request = InstallRequest { allow_outside: invocation.assume_yes || dry_run, in_files, dry_run };
    let installed = match install(repo, &request) {
        Err(OpError::Hooks(HooksError::Outside { path })) if invocation.output.can_ask() => {
            let shown = text::line(path.as_os_str().as_encoded_bytes());
            let question = format!("Hooks are in {shown}, which other repositories may use. Put ckpt's there too?");
            if !invocation.output.ask(&question) {
                return Err(OpError::NotConfirmed.into());
            }
            request.allow_outside = true;
            install(repo, &request)?
        }
        outcome => outcome?,
    };
    let text = hooked::render_changed(&installed, Verb::Install, &invocation.look());
    tell(&HooksDocument::of_changed(&installed, "install"), &text, invocation)?;
    if !invocation.output.is_json() {
        hooked::warnings(&installed).iter().for_each(|warning| invocation.output.notice(warning));
        if !dry_run {
            invocation.output.hint("see whether they arrive with `ckpt hooks test`");
        }
    }
    Ok(Exit::Done)
}

fn run_test(repo: &Repo, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let probed = probe(repo)?;
    let text = hooked::render_probed(&probed, &invocation.look());
    tell(&HooksDocument::of_probed(&probed), &text, invocation)?;
    if probed.has_arrived() {
        return Ok(Exit::Done);
    }
    hint_for_people("see why with `ckpt hooks status`; put them in with `ckpt hooks install`", invocation);
    Ok(Exit::Refused)
}

fn hint_for_people(hint: &str, invocation: &mut Invocation) {
    if !invocation.output.is_json() {
        invocation.output.hint(hint);
    }
}

fn tell(document: &HooksDocument<'_>, text: &str, invocation: &mut Invocation) -> Result<Exit, Stop> {
    if invocation.output.is_json() {
        invocation.output.document(document)?;
    } else if !invocation.output.is_quiet() {
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}
