//! `ckpt list`.

use jiff::Timestamp;

use crate::ops::list::{ListRequest, PointList, list, parse_when};
use crate::ops::{OpError, Repo};
use crate::report::json::list::ListDocument;
use crate::report::listed;

use super::failure::{Exit, Failure, Kind, Stop};
use super::invocation::{Interrupted, Invocation};

/// List checkpoints, newest first
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt list --since 2h --branch main")]
pub struct Args {
    /// Only those of this session
    #[arg(long)]
    pub session: Option<String>,
    /// Only those saved on this branch
    #[arg(long)]
    pub branch: Option<String>,
    /// Only those since then, such as 20m, 3d or 2026-11-21
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// At most so many
    #[arg(short = 'n', long, value_name = "NUMBER", value_parser = read_number)]
    pub limit: Option<usize>,
    /// Those of other work trees too
    #[arg(long)]
    pub all_worktrees: bool,
    /// Those too that were taken before files were moved
    #[arg(long)]
    pub safety: bool,
}

/// Lists.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let since = args.since.as_deref().map(|text| read_time(text, &repo)).transpose()?;
    let is_filtered = args.session.is_some() || args.branch.is_some() || since.is_some();
    let request = ListRequest {
        session: args.session,
        branch: args.branch,
        since,
        limit: args.limit,
        all_worktrees: args.all_worktrees,
        safety: args.safety,
    };
    let points = list(&repo, &request)?;
    for (name, problem) in &points.damaged {
        invocation.output.warning(&format!("{name} cannot be read: {problem}"));
    }
    if invocation.output.is_json() {
        invocation.output.document(&ListDocument::of(&points))?;
    } else {
        let text = listed::render(&points, &invocation.look());
        invocation.output.answer_paged(text)?;
        hint(&points, is_filtered, invocation);
    }
    Ok(Exit::Done)
}

/// A number as it is typed.
pub(super) fn read_number(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "it is not a number, such as 20")
}

/// What is wrong with a time is nothing that a list of points would help with.
fn read_time(text: &str, repo: &Repo) -> Result<Timestamp, Failure> {
    parse_when(text, repo).map_err(|error| match error {
        OpError::BadPoint { problem, .. } => {
            Failure::new(Kind::Refused, "bad-time", problem).hint("such as `ckpt list --since 2h`")
        }
        other => other.into(),
    })
}

fn hint(points: &PointList, is_filtered: bool, invocation: &mut Invocation) {
    let output = &mut invocation.output;
    match (points.points.is_empty(), is_filtered) {
        (true, true) => {
            output.notice("no checkpoint fits");
            output.hint("see all of them with `ckpt list --all-worktrees`");
        }
        (true, false) if points.damaged.is_empty() && !points.truncated => {
            output.notice("nothing has been saved yet");
            output.hint("save this state with `ckpt save`");
        }
        _ if points.truncated => output.notice("there are more; raise `--limit` to see them"),
        _ => {}
    }
}
