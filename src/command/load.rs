//! `ckpt load`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use crate::ops::context::digest::is_newer_than;
use crate::ops::load::{LoadRequest, PreparedLoad, carry_out, load_into, prepare};
use crate::ops::{OpError, Repo};
use crate::report::json::load::{IntoDocument, LoadDocument, PlanDocument};
use crate::report::loaded;
use crate::report::look::Look;

use super::failure::{Exit, Failure, Kind, Stop};
use super::invocation::{Interrupted, Invocation};

/// Bring back a checkpoint's files, after saving what is there
///
/// What is there now is saved first, so `ckpt undo` takes the load back. No branch moves. The staging area comes back
/// when HEAD is where it was. Files that the checkpoint does not hold are deleted only if they were just saved.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt load before-refactor --yes")]
pub struct Args {
    /// A name, an id, `@`, `@~2`, `@{20m}` or SESSION@~1 [default: the latest]
    pub point: Option<String>,
    /// Only this path; may be given several times
    #[arg(long = "path", value_name = "PATH")]
    pub paths: Vec<OsString>,
    /// Also put HEAD back on its branch, or detach it where the branch has moved
    #[arg(long)]
    pub head: bool,
    /// Also bring back a merge, rebase, cherry-pick, revert, am or bisect in progress
    #[arg(long)]
    pub operation: bool,
    /// Also load each submodule that was saved with it, or nothing at all
    #[arg(long, conflicts_with_all = ["paths", "into"])]
    pub recurse_submodules: bool,
    /// Lay the checkpoint out in a new linked work tree instead
    #[arg(long, value_name = "DIR", conflicts_with_all = ["paths", "head", "dry_run"])]
    pub into: Option<PathBuf>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Make links that leave the work tree, from checkpoints of others
    #[arg(long)]
    pub allow_links: bool,
    /// Go on in a home folder
    #[arg(long)]
    pub force: bool,
}

/// Loads.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let request = LoadRequest {
        point: args.point,
        paths: args.paths.into_iter().map(|path| path.into_vec().into()).collect(),
        head: args.head,
        operation: args.operation,
        allow_links: args.allow_links,
        force: args.force,
        submodules: args.recurse_submodules,
    };
    match args.into {
        Some(directory) => lay_out(&repo, &request, &directory, invocation),
        None if args.dry_run => show_plan(&repo, &request, invocation),
        None => load(&repo, &request, invocation),
    }
}

fn load(repo: &Repo, request: &LoadRequest, invocation: &mut Invocation) -> Result<Exit, Stop> {
    if !invocation.assume_yes && !invocation.output.can_ask() {
        refuse_unasked(&prepare(repo, request, true)?, invocation)?;
    }
    let plan = prepare(repo, request, false)?;
    if !is_confirmed(&plan, invocation) {
        return Err(Failure::new(Kind::Refused, "not-confirmed", "nothing was loaded").into());
    }
    let loaded = carry_out(repo, plan)?;
    if invocation.output.is_json() {
        invocation.output.document(&LoadDocument::of(&loaded, "ckpt.load/1"))?;
    } else if !invocation.output.is_quiet() {
        let text = loaded::render(&loaded, &invocation.look());
        invocation.output.answer(text)?;
        if !request.submodules && !loaded.shown.checkpoint.snapshot.submodules.is_empty() {
            invocation.output.hint("the submodules were left alone; `--recurse-submodules` brings them back too");
        }
        if is_newer_than(repo, loaded.shown.checkpoint.words.context.as_deref()) {
            let point = loaded.target.short();
            invocation.output.hint(&format!(
                "the context went on since; `ckpt context restore {point}` brings back that of the checkpoint"
            ));
        }
    }
    Ok(Exit::Done)
}

/// Without a terminal nobody can be asked. Refusing before the safety checkpoint is taken leaves nothing behind.
fn refuse_unasked(plan: &PreparedLoad, invocation: &mut Invocation) -> Result<(), OpError> {
    if plan.changes_nothing() {
        return Ok(());
    }
    if !invocation.output.is_json() {
        explain(plan, invocation);
    }
    Err(OpError::NotConfirmed)
}

fn is_confirmed(plan: &PreparedLoad, invocation: &mut Invocation) -> bool {
    if invocation.assume_yes || !invocation.output.can_ask() || plan.changes_nothing() {
        return true;
    }
    explain(plan, invocation);
    invocation.output.ask(&loaded::question(plan))
}

fn explain(plan: &PreparedLoad, invocation: &mut Invocation) {
    let look = Look { palette: invocation.output.error_palette(), ..invocation.look() };
    invocation.output.explain(&loaded::render_plan(plan, &look));
}

fn show_plan(repo: &Repo, request: &LoadRequest, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let plan = prepare(repo, request, true)?;
    if invocation.output.is_json() {
        invocation.output.document(&PlanDocument::of(&plan))?;
    } else {
        let text = loaded::render_plan(&plan, &invocation.look());
        invocation.output.answer_paged(text)?;
        invocation.output.notice("nothing was changed");
    }
    Ok(Exit::Done)
}

fn lay_out(repo: &Repo, request: &LoadRequest, directory: &Path, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let directory = invocation.environment.directory().join(directory);
    let laid_out = load_into(repo, request, &directory)?;
    if invocation.output.is_json() {
        invocation.output.document(&IntoDocument::of(&laid_out))?;
    } else {
        let text = loaded::render_laid_out(&laid_out, &invocation.look());
        invocation.output.answer(text)?;
        invocation.output.hint("remove it again with `git worktree remove`");
    }
    Ok(Exit::Done)
}
