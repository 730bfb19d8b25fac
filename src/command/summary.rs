//! `ckpt summary`.

use crate::ops::summary::{About, Summarized, SummaryRequest, summary};
use crate::report::json::summary::SummaryDocument;
use crate::report::summarized::{self, Markdown};
use crate::report::text;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Tell a session's history: new in full, old in short
///
/// The last hour event by event, the hours before in detail, older work in sentences, finished sessions in a line.
/// Decisions, open issues, failures, next steps and pins stay. `ckpt expand NUMBER` unfolds a line.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt summary --budget 1000")]
pub struct Args {
    /// The session [default: the current one]
    pub session: Option<String>,
    /// All of it in one layer: 1 full, 2 detailed, 3 brief, 4 archived
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
    pub layer: Option<u8>,
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
    let Args { session, layer, budget, max_lines } = args;
    let request = SummaryRequest { session, layer, budget, max_lines, now: false };
    let summarized = summary(&repo, &request, &Markdown)?;
    tell(&summarized, invocation)
}

/// Shows a summary.
pub(super) fn tell(summarized: &Summarized, invocation: &mut Invocation) -> Result<Exit, Stop> {
    for warning in &summarized.warnings {
        invocation.output.warning(warning);
    }
    if invocation.output.is_json() {
        invocation.output.document(&SummaryDocument::of(summarized))?;
        return Ok(Exit::Done);
    }
    let text = summarized::render(summarized, &invocation.look());
    invocation.output.answer_paged(text)?;
    if summarized.lines.is_empty() && summarized.left_out.other + summarized.left_out.kept == 0 {
        match &summarized.about {
            About::Range { range, .. } => {
                invocation.output.notice(&format!("{} has no commits", text::line(range)));
            }
            About::Session { .. } => {
                invocation.output.notice("nothing has happened yet");
                invocation.output.hint("tell the commits of git with `ckpt summarize RANGE`");
            }
        }
    } else {
        invocation.output.notice(&summarized::about(summarized));
    }
    Ok(Exit::Done)
}
