//! `ckpt session`.

pub mod cleanup;
pub mod close;
pub mod edit;
pub mod export;
pub mod list;
pub mod moves;
pub mod show;
pub mod start;

use super::failure::{Exit, Stop};
use super::invocation::Invocation;

/// Keep stretches of work apart, each with a context and a history
///
/// A session has a title; its name, which you type, is made of it. Notes, decisions, to-dos and checkpoints belong to the
/// current one. `main` is always there. Without a word the sessions are listed.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session start \"User notifications\" --template feature")]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand, Clone, Debug)]
enum Action {
    Start(start::Args),
    List(list::Args),
    Show(show::Args),
    /// Leave the current session for later
    #[command(after_help = "Example:\n  ckpt session pause")]
    Pause,
    Resume(moves::ResumeArgs),
    Cancel(moves::CancelArgs),
    Close(close::Args),
    Archive(moves::ArchiveArgs),
    Rename(edit::RenameArgs),
    Delete(cleanup::DeleteArgs),
    Set(edit::SetArgs),
    Export(export::Args),
    Cleanup(cleanup::Args),
}

/// Runs one of the actions.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    match args.action {
        None => list::run(list::Args::default(), invocation),
        Some(Action::Start(args)) => start::run(args, invocation),
        Some(Action::List(args)) => list::run(args, invocation),
        Some(Action::Show(args)) => show::run(&args, invocation),
        Some(Action::Pause) => moves::pause(invocation),
        Some(Action::Resume(args)) => moves::resume(&args, invocation),
        Some(Action::Cancel(args)) => moves::cancel(&args, invocation),
        Some(Action::Close(args)) => close::run(&args, invocation),
        Some(Action::Archive(args)) => moves::archive(&args, invocation),
        Some(Action::Rename(args)) => edit::rename(&args, invocation),
        Some(Action::Delete(args)) => cleanup::delete(&args, invocation),
        Some(Action::Set(args)) => edit::set(&args, invocation),
        Some(Action::Export(args)) => export::run(&args, invocation),
        Some(Action::Cleanup(args)) => cleanup::run(args, invocation),
    }
}
