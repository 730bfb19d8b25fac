//! Which pull requests `summarize` keeps of somebody's releases, against the changelog that they wrote by hand.
//!
//! `CKPT_BENCH_HISTORY` names a repository with tags, `CKPT_BENCH_CHANGELOG` its changelog (a file, `CHANGELOG.md` of its
//! `HEAD` if it is not given). A release counts where its section names pull requests that its range has, and not all.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use crate::figures_summary::{json, numbers_in, shuffled};
use crate::measure::Table;
use crate::place::Place;

/// A release: its range, and the numbers of its changes.
struct Release {
    range: String,
    /// Every pull request, oldest first, with how many lines it changed.
    all: Vec<(usize, usize)>,
    /// Those that the changelog names.
    listed: HashSet<usize>,
}

const BASELINES: [&str; 4] = ["the newest", "the largest", "random ones", "every nth"];

/// Does nothing where no history is given.
pub fn changelog(table: &mut Table) {
    let Some(work) = std::env::var_os("CKPT_BENCH_HISTORY").map(PathBuf::from) else { return };
    let place = Place { work };
    let text = match std::env::var_os("CKPT_BENCH_CHANGELOG") {
        Some(path) => std::fs::read_to_string(path).unwrap(),
        None => place.run_git(&["show", "HEAD:CHANGELOG.md"]),
    };
    let releases = releases(&place, &text);
    if releases.is_empty() {
        return;
    }
    let (mut ours, mut baselines) = (0.0, [0.0; 4]);
    for release in &releases {
        let count = release.listed.len().to_string();
        let value = json(&place, &["summarize", &release.range, "--max-lines", &count, "--json"]);
        let kept = release.kept(&numbers_in(&value));
        eprintln!("{:40} {:3} of {:4}: {kept:.2}", release.range, release.listed.len(), release.all.len());
        ours += kept;
        for (sum, numbers) in baselines.iter_mut().zip(release.baselines()) {
            *sum += release.kept(&numbers);
        }
    }
    let missed = |kept: f64| 100.0 - kept * 100.0 / releases.len() as f64;
    table.add(&format!("missed of {} releases, of 25 %", releases.len()), missed(ours), 25.0, "%", 1.0);
    for (name, kept) in BASELINES.into_iter().zip(baselines) {
        table.add(&format!("missed of the releases, against {name}"), missed(ours), missed(kept), "%", 1.0);
    }
}

impl Release {
    /// Which part of what is listed these numbers have.
    fn kept(&self, numbers: &[usize]) -> f64 {
        let numbers: HashSet<&usize> = numbers.iter().collect();
        self.listed.iter().filter(|number| numbers.contains(number)).count() as f64 / self.listed.len() as f64
    }

    /// As many as are listed: the newest, the largest, random ones, every nth.
    fn baselines(&self) -> [Vec<usize>; 4] {
        let count = self.listed.len();
        let all: Vec<usize> = self.all.iter().map(|change| change.0).collect();
        let mut by_size = self.all.clone();
        by_size.sort_by_key(|change| std::cmp::Reverse(change.1));
        [
            all.iter().rev().take(count).copied().collect(),
            by_size.iter().take(count).map(|change| change.0).collect(),
            shuffled(&all, 99).into_iter().take(count).collect(),
            (0..count).map(|at| all[at * all.len() / count]).collect(),
        ]
    }
}

/// The releases that the changelog and the tags both know, with the one before each.
fn releases(place: &Place, text: &str) -> Vec<Release> {
    let tags: HashMap<String, String> =
        place.run_git(&["tag"]).lines().filter_map(|tag| Some((version_in(tag)?, tag.to_owned()))).collect();
    let sections: Vec<(&String, HashSet<usize>)> = sections(text)
        .into_iter()
        .filter_map(|(version, body)| Some((tags.get(&version)?, numbers_of(&body))))
        .collect();
    let mut found = Vec::new();
    for (at, (tag, named)) in sections.iter().enumerate() {
        let is_before =
            |older: &&String| place.git(&["merge-base", "--is-ancestor", older, tag]).status().unwrap().success();
        let before = sections[at + 1..].iter().map(|section| section.0).find(is_before);
        let range = match before {
            Some(before) => format!("{before}..{tag}"),
            None => continue,
        };
        let all = changes(place, &range);
        let listed: HashSet<usize> =
            all.iter().map(|change| change.0).filter(|number| named.contains(number)).collect();
        if !listed.is_empty() && listed.len() < all.len() {
            found.push(Release { range, all, listed });
        }
    }
    found
}

/// Each heading with a version, and what stands below it.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix('#').and_then(version_in) {
            Some(version) => found.push((version, String::new())),
            None => {
                if let Some((_, body)) = found.last_mut() {
                    body.push_str(line);
                    body.push('\n');
                }
            }
        }
    }
    found
}

/// `v1.2.3`, `name-1.2.3 (date)`: the first thing with digits and a dot.
fn version_in(text: &str) -> Option<String> {
    let is_part = |one: char| one.is_ascii_digit() || one == '.';
    let words = text.split(|one: char| !is_part(one)).map(|word| word.trim_matches('.'));
    words
        .into_iter()
        .find(|word| word.contains('.') && word.starts_with(|one: char| one.is_ascii_digit()))
        .map(str::to_owned)
}

/// `#12` and `pull/12`.
fn numbers_of(text: &str) -> HashSet<usize> {
    let behind = |mark: &'static str| text.split(mark).skip(1).filter_map(leading_number);
    behind("#").chain(behind("pull/")).collect()
}

fn leading_number(text: &str) -> Option<usize> {
    let end = text.find(|one: char| !one.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// The pull requests of a range, oldest first: by the number at the end of a subject, or of a merge.
fn changes(place: &Place, range: &str) -> Vec<(usize, usize)> {
    let log = place.run_git(&["log", "--reverse", "-m", "--first-parent", "--numstat", "--format=%x00%s", range]);
    let commits = log.split('\0').skip(1).filter_map(|commit| {
        let mut lines = commit.lines();
        let subject = lines.next()?;
        let lines_of =
            |line: &str| -> usize { line.split('\t').take(2).filter_map(|part| part.parse::<usize>().ok()).sum() };
        let merged = subject.strip_prefix("Merge pull request #").and_then(leading_number);
        let number = merged.or_else(|| leading_number(subject.strip_suffix(')')?.rsplit_once("(#")?.1))?;
        Some((number, lines.map(lines_of).sum()))
    });
    commits.collect()
}
