//! `ckpt search`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use crate::ops::Repo;
use crate::ops::search::{CodeRequest, Found, Query, SearchRequest, Within, search, search_code};
use crate::report::found;
use crate::report::json::search::{CodeDocument, SearchDocument};
use crate::report::words;

use super::failure::{Exit, Failure, Kind, Stop};
use super::invocation::{Interrupted, Invocation};
use super::log::ref_of;

/// Find what was said or done, or text in saved files
///
/// Words are looked for in notes, context and events of all sessions; what has all of them comes first, and what is
/// newer. With `--code`, exactly that text is looked for in the files of every checkpoint.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt search token expires")]
pub struct Args {
    /// What to look for, in any order
    #[arg(value_name = "WORD", required_unless_present = "code")]
    pub words: Vec<String>,
    /// Look for this text in the files of the checkpoints
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["words", "within"])]
    pub code: Option<OsString>,
    /// Only there; `code` looks for the words as one text in saved files
    #[arg(long = "in", id = "within", value_name = "WHERE", value_enum, value_delimiter = ',')]
    pub within: Vec<Place>,
    /// Only in this session
    #[arg(long)]
    pub session: Option<String>,
    /// At most so many [default: 20]
    #[arg(short = 'n', long, value_name = "NUMBER", value_parser = super::list::read_number)]
    pub limit: Option<usize>,
}

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Place {
    Notes,
    Context,
    Events,
    Code,
}

/// So many are shown unless more are asked for.
const USUAL: usize = 20;

/// Looks.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let is_code = args.within.contains(&Place::Code);
    if is_code && args.within.len() > 1 {
        let failure = Failure::new(Kind::Refused, "mixed-places", "what is in files is not ranked among words");
        return Err(failure.hint("look twice: once `--in code`, once without").into());
    }
    if let Some(text) = args.code.clone().or_else(|| is_code.then(|| args.words.join(" ").into())) {
        return run_code(text, &args, &repo, invocation);
    }
    let query = Query::of(&args.words.join(" ")).ok_or_else(nothing_asked)?;
    let within = args.within.iter().filter_map(|place| match place {
        Place::Notes => Some(Within::Notes),
        Place::Context => Some(Within::Context),
        Place::Events => Some(Within::Events),
        Place::Code => None,
    });
    let request = SearchRequest {
        query,
        within: within.collect(),
        session: args.session.clone(),
        limit: args.limit.unwrap_or(USUAL),
    };
    let found = search(&repo, &request)?;
    tell(&found, &request.query, invocation)?;
    Ok(Exit::Done)
}

fn nothing_asked() -> Failure {
    Failure::new(Kind::Refused, "empty-text", "there is nothing to look for").hint("such as `ckpt search login`")
}

fn tell(found: &Found, query: &Query, invocation: &mut Invocation) -> Result<(), Stop> {
    let problems: Vec<(String, String)> =
        found.problems.iter().map(|(session, problem)| (ref_of(session), problem.to_string())).collect();
    for (name, problem) in &problems {
        invocation.output.warning(&format!("{name} cannot be read to its end: {problem}"));
    }
    if invocation.output.is_json() {
        invocation.output.document(&SearchDocument::of(found, query, &problems))?;
        return Ok(());
    }
    let look = invocation.look();
    invocation.output.answer_paged(found::render(found, query, &look))?;
    match found.total.saturating_sub(found.hits.len()) {
        _ if found.total == 0 => {
            invocation.output.notice("nothing that was said or done has these words");
            invocation.output.hint("look in saved files with `ckpt search --code TEXT`");
        }
        0 => {}
        more => invocation.output.notice(&format!("{more} more fit less well; raise `-n` to see them")),
    }
    Ok(())
}

fn run_code(text: OsString, args: &Args, repo: &Repo, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let text = text.into_vec();
    if text.is_empty() {
        return Err(nothing_asked().into());
    }
    let mut found = search_code(repo, &CodeRequest { text: text.into(), session: args.session.clone() })?;
    for (name, problem) in &found.damaged {
        invocation.output.warning(&format!("{name} cannot be read: {problem}"));
    }
    let all = found.places.len();
    found.places.truncate(args.limit.unwrap_or(USUAL));
    if invocation.output.is_json() {
        invocation.output.document(&CodeDocument::of(&found, all))?;
        return Ok(Exit::Done);
    }
    if let Some(skipped) = found::skipped(&found) {
        invocation.output.warning(&skipped);
    }
    let look = invocation.look();
    invocation.output.answer_paged(found::render_code(&found, &look))?;
    match all - found.places.len() {
        _ if all == 0 && found.checkpoints == 0 => {
            invocation.output.notice("nothing has been saved yet");
            invocation.output.hint("save this state with `ckpt save`");
        }
        _ if all == 0 => invocation.output.notice("no checkpoint has this text"),
        0 => {}
        more => invocation
            .output
            .notice(&format!("{} had it; raise `-n` to see them", words::count(more as u64, "more path"))),
    }
    Ok(Exit::Done)
}
