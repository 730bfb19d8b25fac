//! `ckpt session start`.

use crate::command::failure::{Exit, Stop};
use crate::command::invocation::{Interrupted, Invocation};
use crate::command::{input, planning, words};
use crate::ops::session::plan::exists;
use crate::ops::session::start::{BranchWish, StartRequest, start};
use crate::report::json::session::StartDocument;
use crate::report::session::told;

/// Begin a session in the present tree
///
/// No file moves, unless `--from` names another commit: then all that is there is kept in a checkpoint, and the session
/// begins with a clean tree. A session that was begun like this before is paused. With a template come a plan, a check
/// list and a git branch; what it needs to know is asked on a terminal, and refused elsewhere unless `--var` says it.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session start \"User notifications\" --template feature")]
pub struct Args {
    /// What it is about; `-` takes it from stdin
    pub title: String,
    /// Begin with this plan; see `ckpt template list`
    #[arg(long, value_name = "T")]
    pub template: Option<String>,
    /// A value for the template, or a variable of the session
    #[arg(long = "var", value_name = "K=V", value_parser = planning::read_variable)]
    pub variables: Vec<(String, String)>,
    /// What is to be done; `-` takes it from stdin
    #[arg(long, value_name = "TEXT")]
    pub task: Option<String>,
    /// Make this git branch where the session begins, and go on there
    #[arg(long, value_name = "NAME", conflicts_with = "no_branch")]
    pub branch: Option<String>,
    /// Stay on the present branch, whatever the template says; with `--from`, HEAD is detached
    #[arg(long)]
    pub no_branch: bool,
    /// The commit to begin at; elsewhere than at HEAD with a clean tree, on a new git branch
    #[arg(long, value_name = "REV")]
    pub from: Option<String>,
    /// Resume the session where there is one of this title
    #[arg(long)]
    pub or_resume: bool,
    /// With `--from`, go on in a home folder, and beyond the limits on untracked files
    #[arg(long)]
    pub force: bool,
}

/// Starts.
pub(super) fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let title = input::text(&args.title)?;
    let task = args.task.as_deref().map(input::text).transpose()?;
    let task = task.map(|task| task.trim().to_owned()).filter(|task| !task.is_empty());
    // What is there already has its plan.
    let template = args.template.filter(|_| !exists(&repo, &title).unwrap_or(false));
    let planned =
        planning::plan_for(&repo, template.as_deref(), args.variables, (title.trim(), task.as_deref()), invocation)?;
    let branch = match (args.branch, args.no_branch) {
        (Some(branch), _) => BranchWish::Named(branch),
        (None, true) => BranchWish::Stay,
        (None, false) => BranchWish::Rule,
    };
    let (from, or_resume, force) = (args.from, args.or_resume, args.force);
    let request = StartRequest { title, task, branch, from, planned, or_resume, force };
    let started = start(&repo, &request)?;
    words::mention(&started.context, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&StartDocument::of(&started))?;
    } else if invocation.output.is_quiet() {
        invocation.output.answer(format!("{}\n", started.name))?;
    } else {
        let text = told::render_started(&started, &invocation.look());
        invocation.output.answer(text)?;
        told::start_hints(&started).iter().for_each(|hint| invocation.output.hint(hint));
    }
    Ok(Exit::Done)
}
