//! The user's own writer of summaries: a program that gets what is to be told as JSON and gives markdown back.
//!
//! Named in the user's configuration alone. It is trusted to write well and for nothing else: it has a time limit and a
//! limit on what it prints, every line must cite what it was given, and whatever goes wrong the embedded text stands.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{About, Summarized};
use crate::ops::Repo;
use crate::summary::line::{Line, Part};
use crate::summary::tokens::TokenCounter;
use crate::sys::process;

/// So many lines are given at most: those that must be kept, then the weightiest.
const MOST_GIVEN: usize = 2000;

/// More output is garbage.
const MOST_OUTPUT: u64 = 256 << 10;

/// An id is cited by so many of its digits at least.
const LEAST_DIGITS: usize = 6;

/// `ckpt.summarizer/1`: what the writer is given.
#[derive(Serialize)]
struct Order<'a> {
    schema: &'static str,
    about: String,
    layer: Option<u8>,
    /// In tokens.
    budget: Option<usize>,
    max_lines: Option<usize>,
    /// What is to be told; a line of the answer cites at least one of their `sources`.
    events: Vec<Given<'a>>,
    /// The embedded text.
    draft: &'a str,
}

#[derive(Serialize)]
struct Given<'a> {
    text: &'a str,
    part: &'static str,
    layer: u8,
    weight: u8,
    kept: bool,
    time: String,
    sources: &'a [String],
}

/// Has the text written anew; where that fails, says why and leaves it. `lines` are all there are to tell, those too that
/// the embedded text has no room for.
pub(super) fn rewrite(
    repo: &Repo,
    summarized: &mut Summarized,
    lines: &[Line],
    max_lines: Option<usize>,
    counter: &dyn TokenCounter,
) {
    match attempt(repo, summarized, &weightiest(lines), max_lines, counter) {
        Ok((text, lines, dropped)) => {
            summarized.tokens = summarized.budget.map_or(text.len(), |_| counter.count(&text));
            (summarized.text, summarized.lines, summarized.is_by_writer) = (text, lines, true);
            if dropped > 0 {
                let lines = if dropped == 1 { "1 line".to_owned() } else { format!("{dropped} lines") };
                summarized.warnings.push(format!("the summarizer's {lines} without a known source left out"));
            }
        }
        Err(problem) => {
            summarized.warnings.push(format!("the summarizer {problem}; this is the embedded summary"));
        }
    }
}

type Written = (String, Vec<Line>, usize);

fn attempt(
    repo: &Repo,
    summarized: &Summarized,
    given: &[&Line],
    max_lines: Option<usize>,
    counter: &dyn TokenCounter,
) -> Result<Written, String> {
    let order = order(summarized, given, max_lines);
    let output = run(repo, &order)?;
    let text = String::from_utf8(output).map_err(|_| "printed what is not UTF-8".to_owned())?;
    let (text, lines, dropped) = cited(&text, given);
    if lines.is_empty() {
        return Err("printed no line that cites a source".to_owned());
    }
    let is_missing = |kept: &&Line| !lines.iter().any(|line| kept.sources.iter().any(|id| line.sources.contains(id)));
    if let Some(missing) = summarized.lines.iter().filter(|line| line.is_kept).find(is_missing) {
        return Err(format!("left out what must be kept: {}", missing.text));
    }
    if summarized.budget.is_some_and(|budget| counter.count(&text) > budget) {
        return Err("wrote more than the budget".to_owned());
    }
    if max_lines.is_some_and(|most| text.lines().count() > most) {
        return Err("wrote more lines than asked for".to_owned());
    }
    Ok((text, lines, dropped))
}

/// The lines to give, in their order.
fn weightiest(lines: &[Line]) -> Vec<&Line> {
    let mut places: Vec<usize> = (0..lines.len()).collect();
    places.sort_by_key(|&place| std::cmp::Reverse((lines[place].is_kept, lines[place].weight)));
    places.truncate(MOST_GIVEN);
    places.sort_unstable();
    places.into_iter().map(|place| &lines[place]).collect()
}

fn order(summarized: &Summarized, given: &[&Line], max_lines: Option<usize>) -> Vec<u8> {
    let (about, layer) = match &summarized.about {
        About::Session { name, layer } => (format!("session {name}"), *layer),
        About::Range { range, .. } => (format!("range {range}"), None),
    };
    let order = Order {
        schema: "ckpt.summarizer/1",
        about,
        layer,
        budget: summarized.budget,
        max_lines,
        events: given.iter().map(|line| event(line)).collect(),
        draft: &summarized.text,
    };
    serde_json::to_vec(&order).expect("texts and numbers are always JSON")
}

fn event(line: &Line) -> Given<'_> {
    let Line { text, part, layer, weight, is_kept, time, sources, .. } = line;
    let time = time.to_string();
    Given { text, part: part.title(), layer: *layer, weight: *weight, kept: *is_kept, time, sources }
}

fn run(repo: &Repo, order: &[u8]) -> Result<Vec<u8>, String> {
    let settings = &repo.summary;
    let (program, arguments) = settings.command.split_first().ok_or("has no name")?;
    let directory = &repo.store.layout().work_dir;
    let mut command: Command = process::outside_git(&repo.environment, Path::new(program), directory);
    // A group of its own, so that what it started ends with it.
    command.args(arguments).process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| format!("`{program}` cannot be run: {error}"))?;
    let deadline = Instant::now() + settings.timeout;
    let mut stdin = child.stdin.take().expect("it is piped");
    let stdout = child.stdout.take().expect("it is piped");
    let order = order.to_vec();
    // A writer that does not read leaves this thread waiting until the group is ended.
    let feeding = std::thread::spawn(move || stdin.write_all(&order));
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.take(MOST_OUTPUT + 1).read_to_end(&mut bytes).map(|_| bytes);
        let _ = sender.send(read);
    });
    let read = receiver.recv_timeout(settings.timeout);
    let outcome = match read {
        Ok(Ok(bytes)) if bytes.len() as u64 > MOST_OUTPUT => Err("printed more than 256 KiB".to_owned()),
        Ok(Ok(bytes)) => wait(&mut child, deadline).map(|()| bytes),
        Ok(Err(error)) => Err(format!("could not be read: {error}")),
        Err(_) => Err(format!("took longer than {} s", settings.timeout.as_secs_f32())),
    };
    end_group(&mut child);
    drop(feeding);
    outcome
}

/// Waits for its end, no longer than until then.
fn wait(child: &mut Child, deadline: Instant) -> Result<(), String> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("failed ({status})")),
            Ok(None) if Instant::now() >= deadline => return Err("did not end in time".to_owned()),
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
            Err(error) => return Err(format!("was lost: {error}")),
        }
    }
}

/// Ends what is left of it, with all that it started.
fn end_group(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.wait();
}

/// The text without the lines that cite nothing that was given, the others as lines, and how many were left out.
fn cited(text: &str, given: &[&Line]) -> (String, Vec<Line>, usize) {
    let (mut out, mut lines, mut dropped) = (Vec::new(), Vec::new(), 0);
    for written in text.lines().map(str::trim_end) {
        if written.trim().is_empty() || written.starts_with('#') {
            out.push(written);
            continue;
        }
        match line_of(written, given) {
            Some(line) => {
                out.push(written);
                lines.push(line);
            }
            None => dropped += 1,
        }
    }
    (without_empty_headings(&out), lines, dropped)
}

fn without_empty_headings(lines: &[&str]) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in lines.iter().rev() {
        let follows_text = kept.iter().rev().find(|line| !line.is_empty()).is_some_and(|line| !line.starts_with('#'));
        let is_idle =
            line.starts_with('#') && !follows_text || line.is_empty() && kept.last().is_none_or(|last| last.is_empty());
        if !is_idle {
            kept.push(line);
        }
    }
    kept.reverse();
    let text = kept.join("\n");
    text.trim_start_matches('\n').to_owned() + "\n"
}

fn line_of(written: &str, given: &[&Line]) -> Option<Line> {
    let words: Vec<&str> = written
        .split(|one: char| !one.is_ascii_alphanumeric())
        .filter(|word| word.len() >= LEAST_DIGITS && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .collect();
    let mut sources: Vec<String> = Vec::new();
    let mut found: Option<&Line> = None;
    for line in given {
        for id in line.sources.iter().filter(|id| words.iter().any(|word| id.starts_with(word))) {
            found = found.or(Some(line));
            if !sources.contains(id) {
                sources.push(id.clone());
            }
        }
    }
    let first = found?;
    let text = written.trim_start_matches(['-', '*', ' ']).to_owned();
    let part = if first.part == Part::Full { Part::Done } else { first.part };
    Some(Line { text, part, count: sources.len(), sources, is_kept: false, reasons: Vec::new(), ..first.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(id: &str) -> Line {
        Line {
            text: "x".into(),
            part: Part::Done,
            weight: 1,
            sources: vec![id.into()],
            count: 1,
            layer: 2,
            is_kept: false,
            time: jiff::Timestamp::UNIX_EPOCH,
            reasons: Vec::new(),
        }
    }

    #[test]
    fn lines_without_a_known_source_are_left_out() {
        let all = [given("0123456789ab"), given("fedcba987654")];
        let all = [&all[0], &all[1]];
        let text = "# All\n\n- it works [0123456]\n- invented [999999]\n\n## Nothing\n\n- no source\n\n## Both\n- a fedcba98, 01234567\n";
        let (text, lines, dropped) = cited(text, &all);
        assert_eq!(text, "# All\n\n- it works [0123456]\n\n## Both\n- a fedcba98, 01234567\n");
        assert_eq!((lines.len(), dropped), (2, 2));
        assert_eq!(lines[1].sources, ["0123456789ab", "fedcba987654"]);
        assert_eq!(cited("Guten Tag\n", &all).1.len(), 0);
    }
}
