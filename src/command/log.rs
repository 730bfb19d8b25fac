//! `ckpt log`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use jiff::Timestamp;

use crate::model::event::EventKind;
use crate::model::when::{DayEdge, Present, parse_when};
use crate::ops::Repo;
use crate::ops::history::{HistoryRequest, Timeline, timeline};
use crate::report::history::{Around, TimelineText};
use crate::report::json::history::{EntryRow, LogEnd};
use crate::report::json::list::DamagedRow;

use super::failure::{Exit, Failure, Kind, Stop};
use super::invocation::{Interrupted, Invocation};

/// Show what happened, newest first: events and checkpoints
///
/// Of all sessions, or of one. Kinds are those in the list itself, such as note, decision, commit, save; `checkpoint`
/// is every save.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt log --graph --type decision,save --since 3d")]
pub struct Args {
    /// Only this session
    #[arg(value_name = "SESSION")]
    pub session: Option<String>,
    /// Draw which session left which, and came back
    #[arg(long)]
    pub graph: bool,
    /// Only this kind; may be given more than once
    #[arg(long = "type", value_name = "KIND", value_delimiter = ',')]
    pub kinds: Vec<String>,
    /// Only since then, such as 20m, 3d or 2026-11-21
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only until then
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Only what changed or names this path; may be given more than once
    #[arg(long, value_name = "PATH")]
    pub path: Vec<OsString>,
    /// At most so many
    #[arg(short = 'n', long, value_name = "NUMBER", value_parser = super::list::read_number)]
    pub limit: Option<usize>,
}

/// Tells.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let time = |text: &Option<String>, edge| text.as_deref().map(|text| read_time(text, edge, &repo)).transpose();
    let request = HistoryRequest {
        session: args.session.clone(),
        kinds: args.kinds.clone(),
        since: time(&args.since, DayEdge::Start)?,
        until: time(&args.until, DayEdge::End)?,
        paths: args.path.iter().map(|path| path.clone().into_vec().into()).collect(),
    };
    let mut timeline = timeline(&repo, &request)?;
    let told = match invocation.output.is_json() {
        true => tell_document(&mut timeline, args.limit, invocation)?,
        false => tell(&mut timeline, &args, &repo, invocation)?,
    };
    for (session, problem) in timeline.problems() {
        invocation.output.warning(&format!("the history of {session} cannot be read to its end: {problem}"));
    }
    if told.entries == 0 {
        say_nothing(&args, invocation);
    } else if told.is_cut && !invocation.output.is_json() {
        invocation.output.notice("there is more; raise `-n` to see it");
    }
    Ok(Exit::Done)
}

/// What was told.
struct Told {
    entries: usize,
    is_cut: bool,
}

fn tell(timeline: &mut Timeline<'_>, args: &Args, repo: &Repo, invocation: &mut Invocation) -> Result<Told, Stop> {
    let mut look = invocation.look();
    look.zone = Some(repo.clock.zone().clone());
    let (sessions, longest) = timeline.sessions();
    let mut text = TimelineText::new(&look, args.graph, if sessions > 1 { longest } else { 0 });
    let mut answer = invocation.output.begin_answer();
    let mut told = Told { entries: 0, is_cut: false };
    while let Some(entry) = timeline.next() {
        if args.limit.is_some_and(|limit| told.entries >= limit) {
            told.is_cut = true;
            break;
        }
        told.entries += 1;
        let ancestors = if args.graph { timeline.ancestors(&entry.session) } else { Vec::new() };
        let around = Around { ancestors: &ancestors, is_first: timeline.is_done(&entry.session) };
        answer.push(text.entry(&entry, around))?;
    }
    answer.finish()?;
    Ok(told)
}

fn tell_document(timeline: &mut Timeline<'_>, limit: Option<usize>, invocation: &mut Invocation) -> Result<Told, Stop> {
    let mut answer = invocation.output.begin_answer();
    answer.begin_list("ckpt.log/1", "entries")?;
    let mut told = Told { entries: 0, is_cut: false };
    for entry in timeline.by_ref() {
        if limit.is_some_and(|limit| told.entries >= limit) {
            told.is_cut = true;
            break;
        }
        told.entries += 1;
        answer.element(&EntryRow::of(&entry))?;
    }
    let problems = timeline.problems();
    let problems: Vec<(String, String)> =
        problems.into_iter().map(|(session, problem)| (ref_of(&session), problem.to_string())).collect();
    let damaged = problems.iter().map(|(reference, problem)| DamagedRow { reference, problem }).collect();
    answer.end_list(&LogEnd { truncated: told.is_cut, damaged })?;
    Ok(told)
}

/// The ref of a session.
pub(super) fn ref_of(session: &str) -> String {
    format!("{}{session}", crate::store::session::REFS)
}

fn say_nothing(args: &Args, invocation: &mut Invocation) {
    let is_filtered = !args.kinds.is_empty() || args.since.is_some() || args.until.is_some() || !args.path.is_empty();
    if invocation.output.is_json() {
        return;
    }
    if !is_filtered {
        invocation.output.notice("nothing has happened yet");
        invocation.output.hint("save this state with `ckpt save`, or say something with `ckpt note`");
        return;
    }
    invocation.output.notice("nothing that happened fits");
    let unknown = args.kinds.iter().find(|kind| !is_known(kind));
    match unknown.map(|kind| nearest_kind(kind)) {
        Some(Some(near)) => invocation.output.hint(&format!("did you mean `--type {near}`?")),
        _ => invocation.output.hint("see everything with `ckpt log`"),
    }
}

const POINT_KINDS: [&str; 3] = ["save", "safety", "auto"];

fn is_known(kind: &str) -> bool {
    POINT_KINDS.contains(&kind) || !matches!(EventKind::of_word(kind), EventKind::Other(_))
}

fn nearest_kind(kind: &str) -> Option<&'static str> {
    const LIKENESS: f64 = 0.85;
    let known = EventKind::words().chain(POINT_KINDS);
    let scored = known.map(|known| (strsim::jaro_winkler(kind, known), known));
    let best = scored.max_by(|left, right| left.0.total_cmp(&right.0))?;
    (best.0 >= LIKENESS).then_some(best.1)
}

fn read_time(text: &str, edge: DayEdge, repo: &Repo) -> Result<Timestamp, Failure> {
    let present = Present { now: repo.clock.now(), zone: repo.clock.zone().clone() };
    parse_when(text, &present, edge).map_err(|error| {
        Failure::new(Kind::Refused, "bad-time", error.to_string()).hint("such as `ckpt log --since 2h`")
    })
}
