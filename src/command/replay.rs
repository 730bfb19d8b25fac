//! `ckpt replay`.

use std::time::Duration;

use jiff::Timestamp;

use crate::ops::Repo;
use crate::ops::history::{Detail, Entry, Replay, ReplayRequest, detail, replay};
use crate::report::json::history::{ReplayEnd, ReplayRow};
use crate::report::json::list::DamagedRow;
use crate::report::replayed::ReplayText;
use crate::sys::clock::pause;
use crate::sys::terminal::Key;

use super::failure::{Exit, Failure, Kind, Stop};
use super::invocation::{Interrupted, Invocation};
use super::log::ref_of;

/// Go through a session event by event, from its beginning
///
/// Shows what was said, called and changed. Runs nothing and changes nothing.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt replay main --from before-refactor --step")]
pub struct Args {
    /// The session [default: the current one]
    #[arg(value_name = "SESSION")]
    pub session: Option<String>,
    /// Wait for a key each time: space, b back, d diff, q quit
    #[arg(long, conflicts_with = "speed")]
    pub step: bool,
    /// Leave out the calls of tools
    #[arg(long)]
    pub skip_tool_calls: bool,
    /// So many times as fast as it was, without long waits
    #[arg(long, value_name = "NUMBER", value_parser = read_speed)]
    pub speed: Option<f64>,
    /// Begin at this point, or at this event
    #[arg(long, value_name = "POINT")]
    pub from: Option<String>,
}

/// No pause of the real time is kept longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

const KEYS: &str = "space next, b back, d diff, q quit ";

/// Goes through it.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    if args.step && !invocation.output.can_step() {
        let failure = Failure::new(Kind::Refused, "no-terminal", "`--step` waits for keys, and there is no terminal");
        return Err(failure.hint("leave it out to see everything at once").into());
    }
    let repo = invocation.open(Interrupted::Mention)?;
    let request = ReplayRequest { session: args.session, from: args.from, skip_tools: args.skip_tool_calls };
    let mut replay = replay(&repo, &request)?;
    let session = replay.session.to_string();
    if invocation.output.is_json() {
        tell_document(&mut replay, &repo, invocation)?;
        return Ok(Exit::Done);
    }
    let mut look = invocation.look();
    look.zone = Some(repo.clock.zone().clone());
    let text = ReplayText::new(&look, invocation.output.terminal().rows);
    let is_empty = match (args.step, args.speed) {
        (true, _) => step(&mut replay, &text, &repo, invocation)?,
        (_, Some(speed)) => tell_slowly(&mut replay, &text, speed, &repo, invocation)?,
        _ => tell(&mut replay, &text, &repo, invocation)?,
    };
    if let Some(problem) = replay.problem() {
        invocation.output.warning(&format!("the history of {session} cannot be read whole: {problem}"));
    } else if is_empty {
        invocation.output.notice(&format!("nothing has happened yet in session {session}"));
        invocation.output.hint("save this state with `ckpt save`, or say something with `ckpt note`");
    }
    Ok(Exit::Done)
}

fn read_speed(text: &str) -> Result<f64, &'static str> {
    let speed: Option<f64> = text.parse().ok();
    speed.filter(|speed| speed.is_finite() && *speed > 0.0).ok_or("it is not a number above 0, such as 10")
}

/// All at once. True when there was nothing, here and below.
fn tell(replay: &mut Replay<'_>, text: &ReplayText, repo: &Repo, invocation: &mut Invocation) -> Result<bool, Stop> {
    let mut answer = invocation.output.begin_answer();
    let mut is_empty = true;
    for entry in replay.by_ref() {
        is_empty = false;
        answer.push(text.entry(&entry, &detail(repo, &entry)))?;
    }
    answer.finish()?;
    Ok(is_empty)
}

fn tell_slowly(
    replay: &mut Replay<'_>,
    text: &ReplayText,
    speed: f64,
    repo: &Repo,
    invocation: &mut Invocation,
) -> Result<bool, Stop> {
    let mut before: Option<Timestamp> = None;
    for entry in replay.by_ref() {
        let time = entry.time();
        if let Some(before) = before.replace(time) {
            pause(pause_between(before, time, speed));
        }
        invocation.output.answer(text.entry(&entry, &detail(repo, &entry)))?;
    }
    Ok(before.is_none())
}

/// A clock that went back makes no pause.
fn pause_between(before: Timestamp, after: Timestamp, speed: f64) -> Duration {
    let seconds = after.duration_since(before).as_secs_f64().max(0.0) / speed;
    Duration::from_secs_f64(seconds.min(LONGEST_PAUSE.as_secs_f64()))
}

/// One at a time, as the keys want it.
fn step(replay: &mut Replay<'_>, text: &ReplayText, repo: &Repo, invocation: &mut Invocation) -> Result<bool, Stop> {
    let mut shown: Vec<Entry> = replay.next().into_iter().collect();
    let Some(first) = shown.first() else { return Ok(true) };
    let mut present: Detail<'_> = detail(repo, first);
    let mut at: usize = 0;
    invocation.output.answer(text.entry(first, &present))?;
    loop {
        let went = match invocation.output.ask_key(KEYS)? {
            Key::Quit => return Ok(false),
            Key::Other => None,
            Key::Diff => {
                invocation.output.answer(text.diff(&present))?;
                None
            }
            Key::Back => at.checked_sub(1),
            Key::Next => {
                if at + 1 == shown.len() {
                    let Some(entry) = replay.next() else {
                        invocation.output.notice("that is all");
                        return Ok(false);
                    };
                    shown.push(entry);
                }
                Some(at + 1)
            }
        };
        if let Some(place) = went {
            at = place;
            present = detail(repo, &shown[at]);
            invocation.output.answer(text.entry(&shown[at], &present))?;
        }
    }
}

fn tell_document(replay: &mut Replay<'_>, repo: &Repo, invocation: &mut Invocation) -> Result<(), Stop> {
    let mut answer = invocation.output.begin_answer();
    answer.begin_list("ckpt.replay/1", "entries")?;
    for entry in replay.by_ref() {
        answer.element(&ReplayRow::of(&entry, &detail(repo, &entry).changed))?;
    }
    let reference = ref_of(&replay.session);
    let problem = replay.problem().map(|problem| problem.to_string());
    let damaged = problem.iter().map(|problem| DamagedRow { reference: &reference, problem }).collect();
    let session = replay.session.to_string();
    answer.end_list(&ReplayEnd { session: &session, damaged })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_scaled_and_never_long() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let pause = |after, speed| pause_between(at("2026-11-21T09:00:00Z"), at(after), speed);
        assert_eq!(pause("2026-11-21T09:00:10Z", 10.0), Duration::from_secs(1));
        assert_eq!(pause("2026-11-22T09:00:00Z", 10.0), LONGEST_PAUSE);
        assert_eq!(pause("2026-11-20T09:00:00Z", 10.0), Duration::ZERO);
        assert_eq!(pause("2026-11-21T09:00:10Z", 1e300), Duration::ZERO);
        assert_eq!(read_speed("2.5"), Ok(2.5));
        for text in ["0", "-1", "inf", "NaN", "fast"] {
            assert!(read_speed(text).is_err(), "{text}");
        }
    }
}
