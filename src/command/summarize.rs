//! `ckpt summarize`.

use crate::ops::summary::{RangeRequest, SummaryRequest, summarize_range, summary};
use crate::report::summarized::Markdown;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Tell a range of git in the lines that matter
///
/// Works in any repository. A line for each change that users or those who go on would notice, with its pull request
/// and ids; reverts cancel, fix-ups fold. Without a range: compresses the session's history, and tells it.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt summarize v1.0..v1.1 --max-lines 20")]
pub struct Args {
    /// Commits: `A..B`, or all that a revision has
    pub range: Option<String>,
    /// Compress everything up to now, whatever its age
    #[arg(long, conflicts_with = "range")]
    pub now: bool,
    /// How many tokens it may have
    #[arg(long, value_name = "TOKENS")]
    pub budget: Option<usize>,
    /// How many lines it may have; then it has no headings
    #[arg(long, value_name = "N")]
    pub max_lines: Option<usize>,
}

/// Tells.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let Args { range, now, budget, max_lines } = args;
    let summarized = match range {
        Some(range) => summarize_range(&repo, &RangeRequest { range, budget, max_lines }, &Markdown)?,
        None => {
            let request = SummaryRequest { budget, max_lines, now, ..SummaryRequest::default() };
            summary(&repo, &request, &Markdown)?
        }
    };
    super::summary::tell(&summarized, invocation)
}
