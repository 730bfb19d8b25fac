//! `ckpt session start`.

use std::collections::BTreeMap;

use crate::command::failure::{Exit, Stop};
use crate::command::invocation::{Interrupted, Invocation};
use crate::command::{input, words};
use crate::ops::OpError;
use crate::ops::session::plan::{exists, plan};
use crate::ops::session::start::{BranchWish, Planned, StartRequest, start};
use crate::ops::template::{Resolved, resolve};
use crate::report::json::session::StartDocument;
use crate::report::session::told;

/// Begin a session in the present tree; no file moves
///
/// A session that was begun like this before is paused. With a template come a plan, a check list and a git branch; what
/// it needs to know is asked on a terminal, and refused elsewhere unless `--var` says it.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session start \"User notifications\" --template feature")]
pub struct Args {
    /// What it is about; `-` takes it from stdin
    pub title: String,
    /// Begin with this plan; see `ckpt template list`
    #[arg(long, value_name = "T")]
    pub template: Option<String>,
    /// A value for the template, or a variable of the session
    #[arg(long = "var", value_name = "K=V", value_parser = read_variable)]
    pub variables: Vec<(String, String)>,
    /// What is to be done; `-` takes it from stdin
    #[arg(long, value_name = "TEXT")]
    pub task: Option<String>,
    /// Make this git branch at HEAD, and go on there
    #[arg(long, value_name = "NAME", conflicts_with = "no_branch")]
    pub branch: Option<String>,
    /// Stay on the present branch, whatever the template says
    #[arg(long)]
    pub no_branch: bool,
    /// The commit to begin at
    #[arg(long, value_name = "REV")]
    pub from: Option<String>,
    /// Resume the session where there is one of this title
    #[arg(long)]
    pub or_resume: bool,
}

fn read_variable(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("it is not KEY=VALUE")?;
    let key = key.trim();
    if key.is_empty() { Err("it is not KEY=VALUE") } else { Ok((key.to_owned(), value.to_owned())) }
}

/// Starts.
pub(super) fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let title = input::text(&args.title)?;
    let task = args.task.as_deref().map(input::text).transpose()?;
    let task = task.map(|task| task.trim().to_owned()).filter(|task| !task.is_empty());
    let mut variables: BTreeMap<String, String> = args.variables.into_iter().collect();
    // What is there already has its plan.
    let template = args.template.filter(|_| !exists(&repo, &title).unwrap_or(false));
    let planned = match template {
        Some(template) => {
            let resolved = resolve(&repo, &template)?;
            ask_for_missing(&resolved, &mut variables, invocation);
            plan(&repo, &resolved, title.trim(), task.as_deref(), &variables)?
        }
        None => Planned { variables, ..Planned::default() },
    };
    let branch = match (args.branch, args.no_branch) {
        (Some(branch), _) => BranchWish::Named(branch),
        (None, true) => BranchWish::Stay,
        (None, false) => BranchWish::Rule,
    };
    let request = StartRequest { title, task, branch, from: args.from, planned, or_resume: args.or_resume };
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

/// Asks for what the template needs and nobody said, as often as an answer does not fit. Without a terminal the template
/// refuses, and names them.
fn ask_for_missing(resolved: &Resolved, variables: &mut BTreeMap<String, String>, invocation: &mut Invocation) {
    if !invocation.output.can_ask() {
        return;
    }
    for variable in resolved.template.missing(&variables.clone()) {
        while let Some(answer) = invocation.output.ask_text(variable.question()) {
            match variable.check(&answer) {
                Ok(()) => {
                    variables.insert(variable.name.clone(), answer);
                    break;
                }
                Err(error) => invocation.output.warning(&OpError::from(error).to_string()),
            }
        }
    }
}
