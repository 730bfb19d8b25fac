//! `ckpt session pause`, `resume`, `cancel` and `archive`.

use crate::command::failure::{Exit, Stop};
use crate::command::invocation::{Interrupted, Invocation};
use crate::command::words;
use crate::ops::Repo;
use crate::ops::load::{LoadRequest, Loaded, carry_out, prepare};
use crate::ops::session::moves::{self, Moved};
use crate::report::json::session::MoveDocument;
use crate::report::session::told;

/// Take a session up again, in the tree as it is
///
/// The session that is current is paused for it. Files stay as they are unless `--load` is given.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session resume user-notifications")]
pub struct ResumeArgs {
    /// Its name or title
    pub session: String,
    /// Bring back its last checkpoint as well: files, index, HEAD and operation
    #[arg(long)]
    pub load: bool,
}

/// Give a session up
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session cancel")]
pub struct CancelArgs {
    /// Its name or title [default: the current one]
    pub session: Option<String>,
}

/// Put a closed session out of the way of lists
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session archive user-notifications")]
pub struct ArchiveArgs {
    /// Its name or title
    pub session: String,
}

pub(super) fn pause(invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let moved = moves::pause(&repo)?;
    tell(&moved, None, invocation)
}

pub(super) fn cancel(args: &CancelArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let moved = moves::cancel(&repo, args.session.as_deref())?;
    tell(&moved, None, invocation)
}

pub(super) fn archive(args: &ArchiveArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let moved = moves::archive(&repo, &args.session)?;
    tell(&moved, None, invocation)
}

pub(super) fn resume(args: &ResumeArgs, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let moved = moves::take_up(&repo, &args.session)?;
    let loaded = match moved.latest.filter(|_| args.load) {
        Some(latest) => Some(load(&repo, latest.to_string())?),
        None => None,
    };
    tell(&moved, loaded.as_ref(), invocation)
}

/// What is there is kept by the load, so nobody has to be asked.
fn load(repo: &Repo, point: String) -> Result<Loaded, Stop> {
    let request = LoadRequest { point: Some(point), head: true, operation: true, ..LoadRequest::default() };
    Ok(carry_out(repo, prepare(repo, &request, false)?)?)
}

fn tell(moved: &Moved, loaded: Option<&Loaded>, invocation: &mut Invocation) -> Result<Exit, Stop> {
    words::mention(&moved.context, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&MoveDocument::of(moved, loaded))?;
    } else if !invocation.output.is_quiet() {
        let text = told::render_moved(moved, loaded, &invocation.look());
        invocation.output.answer(text)?;
        told::move_hints(moved, loaded.is_some()).iter().for_each(|hint| invocation.output.hint(hint));
    }
    Ok(Exit::Done)
}
