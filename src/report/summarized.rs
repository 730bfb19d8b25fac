//! A summary in markdown: numbered lines under headings, each with the ids that it stands for.
//!
//! Plain text that is the same on a terminal and in a pipe, since it is what was counted; a terminal alone gets colours
//! and lines broken at its width.

use super::look::Look;
use super::style::Role;
use super::text;
use crate::ops::summary::pin::Pinned;
use crate::ops::summary::{About, Summarized};
use crate::summary::line::{Line, Part};
use crate::summary::select::{Form, LeftOut};

/// Digits of an id: enough to unfold it.
const DIGITS: usize = 8;
/// Narrower screens are taken for this wide.
const NARROWEST: usize = 24;

/// How a summary is written.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

impl Form for Markdown {
    fn render(&self, lines: &[Line], left_out: &LeftOut, is_bare: bool) -> String {
        let mut out = String::new();
        let mut part = None;
        for (place, line) in lines.iter().enumerate() {
            if part != Some(line.part) && !is_bare {
                let gap = if part.is_some() { "\n" } else { "" };
                out.push_str(&format!("{gap}## {}\n\n", line.part.title()));
                part = Some(line.part);
            }
            out.push_str(&row(place + 1, line));
        }
        let said = missing(left_out, is_bare);
        match (said.is_empty(), is_bare, out.is_empty()) {
            (true, ..) => out,
            // The number of lines is what was asked for.
            (false, true, false) => format!("{} ({said})\n", out.trim_end()),
            (false, _, true) => format!("({said})\n"),
            (false, false, false) => format!("{out}\n({said})\n"),
        }
    }
}

fn row(number: usize, line: &Line) -> String {
    format!("{number}. {}{} [{}]\n", time(line), text::line(&line.text), sources(line))
}

/// Of what is told event by event the time of day, of older stretches the day.
fn time(line: &Line) -> String {
    match line.part {
        Part::Full => line.time.strftime("%H:%M ").to_string(),
        Part::Earlier => line.time.strftime("%Y-%m-%d ").to_string(),
        _ => String::new(),
    }
}

fn sources(line: &Line) -> String {
    let short = |id: &String| id.chars().take(DIGITS).collect::<String>();
    match (line.part, line.sources.as_slice()) {
        (_, []) => String::new(),
        (_, [one]) => short(one),
        (Part::Earlier, [first, .., last]) => format!("{}..{}", short(first), short(last)),
        (_, [first, ..]) => format!("{} +{}", short(first), line.count - 1),
    }
}

/// What is not there, and what to type for it. With a number of lines only what must not be missing is told.
fn missing(left_out: &LeftOut, is_bare: bool) -> String {
    let mut told = Vec::new();
    if left_out.kept > 0 {
        told.push(format!("no room for {} that must be kept", left_out.kept));
    }
    if left_out.other > 0 && !is_bare {
        told.push(format!("{} more of less weight", left_out.other));
    }
    if told.is_empty() || is_bare { told.join(", ") } else { told.join(", ") + "; `--budget` makes room" }
}

/// The text for whoever reads it.
pub fn render(summarized: &Summarized, look: &Look) -> String {
    if !look.is_terminal {
        return summarized.text.clone();
    }
    let width = look.width.max(NARROWEST);
    let mut out = String::new();
    for line in summarized.text.lines() {
        if line.starts_with('#') {
            out.push_str(&look.paint(Role::Heading, &text::line(line)));
            out.push('\n');
            continue;
        }
        let indent = line.find(". ").filter(|at| *at < 6).map_or(0, |at| at + 2);
        let broken = text::wrap(&text::line(line), width - indent.min(8));
        let mut lines = broken.lines();
        out.push_str(lines.next().unwrap_or_default());
        out.push('\n');
        for more in lines {
            out.push_str(&format!("{}{more}\n", " ".repeat(indent)));
        }
    }
    out
}

/// What the summary is of, in a sentence beside it.
pub fn about(summarized: &Summarized) -> String {
    let lines = super::words::count(summarized.lines.len() as u64, "line");
    let left = summarized.left_out.other + summarized.left_out.kept;
    match &summarized.about {
        About::Session { name, .. } => format!("session {}: {lines}", text::line(name)),
        About::Range { range, commits, is_cut } => {
            let more = if *is_cut { ", older ones not looked at" } else { "" };
            let commits = super::words::count(*commits as u64, "commit");
            let left = match left {
                0 => String::new(),
                left => format!(", {} of less weight left out", super::words::count(left as u64, "change")),
            };
            format!("{}: {commits}{more} in {lines}{left}", text::line(range))
        }
    }
}

/// What was pinned, or taken off.
pub fn pinned(pinned: &Pinned, verb: &str, look: &Look) -> String {
    let id = look.paint(Role::Id, &pinned.id.chars().take(12).collect::<String>());
    let said = text::fit(&text::line(&pinned.text), look.width.saturating_sub(30).max(30));
    let verb = if pinned.is_unchanged { "Was pinned already:" } else { verb };
    format!("{verb} {id} {said}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(part: Part, text: &str, sources: &[&str], count: usize) -> Line {
        Line {
            text: text.into(),
            part,
            weight: 50,
            sources: sources.iter().map(|id| (*id).to_owned()).collect(),
            count,
            layer: 2,
            is_kept: false,
            time: "2026-11-21T09:05:00Z".parse().unwrap(),
            reasons: Vec::new(),
        }
    }

    #[test]
    fn a_terminal_that_is_too_narrow_gets_all_of_it() {
        let lines = [line(Part::Done, &"several words of text ".repeat(9), &["0123456789ab"], 1)];
        let text = Markdown.render(&lines, &LeftOut::default(), false);
        let about = About::Session { name: "main".into(), layer: None };
        let (left_out, warnings) = (LeftOut::default(), Vec::new());
        let lines = lines.to_vec();
        let summarized =
            Summarized { about, lines, left_out, text, tokens: 0, budget: None, is_by_writer: false, warnings };
        for width in [0, 1, 3, 24, 40, 200] {
            let look = Look { width, is_terminal: true, ..Look::plain(jiff::Timestamp::UNIX_EPOCH) };
            let shown = render(&summarized, &look);
            assert_eq!(shown.matches("several").count(), 9, "{width}");
            let widest = shown.lines().map(text::width).max().unwrap();
            assert!(widest <= width.max(NARROWEST), "{width}: {shown}");
        }
    }

    #[test]
    fn lines_are_numbered_through_and_cite_their_sources() {
        let lines = [
            line(Part::Earlier, "began", &["0123456789ab", "ba9876543210"], 90),
            line(Part::Done, "an \u{1b}[2J escape", &["0123456789ab"], 1),
            line(Part::Full, "note", &["0123456789ab", "1", "2"], 3),
        ];
        let text = Markdown.render(&lines, &LeftOut { kept: 1, other: 2 }, false);
        let expected = "## Earlier\n\n1. 2026-11-21 began [01234567..ba987654]\n\n## What was done\n\n\
                        2. an \\x1b[2J escape [01234567]\n\n## Last hour\n\n3. 09:05 note [01234567 +2]\n\n\
                        (no room for 1 that must be kept, 2 more of less weight; `--budget` makes room)\n";
        assert_eq!(text, expected);
        let bare = Markdown.render(&lines[1..2], &LeftOut { kept: 1, other: 2 }, true);
        assert_eq!(bare, "1. an \\x1b[2J escape [01234567] (no room for 1 that must be kept)\n");
        assert_eq!(Markdown.render(&[], &LeftOut::default(), false), "");
    }
}
