//! What a summary costs, how much it compresses, and which changes it keeps.
//!
//! Selection is measured on histories whose truth is known because they were made: every change is one that users notice or
//! not, in words, places and lines as projects of several habits have them, misleading ones among them. Beside it, this
//! repository's own history against its changelog.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::measure::{Contender, Table, interleaved, peak_memory, time};
use crate::place::{Place, is_small, trees_folder};

/// All figures of summaries.
pub fn summary(table: &mut Table) {
    layers(table);
    range(table);
    selection(table);
    own_history(table);
}

fn fresh(name: &str) -> Place {
    let place = Place { work: trees_folder().join(name) };
    let _ = fs::remove_dir_all(&place.work);
    fs::create_dir_all(&place.work).unwrap();
    place.run_git(&["init", "-q", "-b", "main"]);
    place
}

pub(crate) fn json(place: &Place, arguments: &[&str]) -> serde_json::Value {
    let output = place.ckpt(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// 10,000 events from nothing, one more on top, and how much the layers come to at 500.
fn layers(table: &mut Table) {
    let many = if is_small() { 1000 } else { 10_000 };
    let (new, known) = (fresh("summary-new"), fresh("summary-known"));
    let forget = |place: &Place, count: usize| {
        let _ = fs::remove_dir_all(place.work.join(".git/ckpt"));
        let _ = place.git(&["update-ref", "-d", "refs/ckpt/sessions/main"]).output();
        fs::create_dir_all(place.work.join(".git/ckpt/journal")).unwrap();
        fs::write(place.work.join(".git/ckpt/journal/main.jsonl"), events(0, count)).unwrap();
    };
    forget(&known, many);
    known.run_ckpt(&["summary", "-q"]);
    let mut next = many;
    let times = interleaved(&mut [
        Contender::new(|| {
            forget(&new, many);
            time(&mut new.ckpt(&["summary"]))
        }),
        Contender::new(|| {
            let journal = known.work.join(".git/ckpt/journal");
            fs::create_dir_all(&journal).unwrap();
            let mut file = fs::OpenOptions::new().create(true).append(true).open(journal.join("main.jsonl")).unwrap();
            file.write_all(events(next, next + 1).as_bytes()).unwrap();
            next += 1;
            time(&mut known.ckpt(&["summary"]))
        }),
        Contender::new(|| time(&mut known.ckpt(&["operations"]))),
    ]);
    table.time("summary of 10,000 events from nothing, of 150 ms", times[0], 0.15, 1.0);
    table.time("summary with one new event over start-up, of 5 ms", times[1] - times[2], 0.005, 1.0);
    forget(&new, many);
    let memory = peak_memory(&mut new.ckpt(&["summary"]));
    table.add("memory of a summary from nothing, of 100 MiB", memory as f64 / 1024.0, 100.0, "MiB", 1.0);
    forget(&new, 500);
    let tokens = |layer: &str| {
        let value = json(&new, &["summary", "--layer", layer, "--budget", "400000", "--json"]);
        value["text"].as_str().unwrap().len() as f64
    };
    let (full, detailed, brief) = (tokens("1"), tokens("2"), tokens("3"));
    table.add("layer 2 of 500 events, bytes against layer 1", detailed, full, "B", 0.25);
    table.add("layer 3 of 500 events, bytes against layer 1", brief, full, "B", 0.05);
    for place in [new, known] {
        fs::remove_dir_all(&place.work).unwrap();
    }
}

fn events(from: usize, to: usize) -> String {
    let mut text = String::new();
    for number in from..to {
        let (day, hour, minute) = (1 + number / 60 / 24 % 28, number / 60 % 24, number % 60);
        let kind = ["tool", "prompt", "tool", "commit", "tool", "note", "command", "tool"][number % 8];
        let said = match number % 250 {
            7 => format!("decided {number}"),
            _ => format!("step {number} of the parser, which reads one more form of the configuration file"),
        };
        let kind = if number % 250 == 7 { "decision" } else { kind };
        writeln!(
            text,
            r#"{{"id":"{number:012x}","time":"2026-11-{day:02}T{hour:02}:{minute:02}:00Z","kind":"{kind}","text":"{said}","paths":["src/a{}/x.rs"]}}"#,
            number / 100 % 5
        )
        .unwrap();
    }
    text
}

/// A long range, as against `git log --stat` of it.
fn range(table: &mut Table) {
    let count = if is_small() { 300 } else { 2000 };
    let place = fresh("summary-range");
    let made = Made::new(1, count, 0);
    made.import(&place);
    let times = interleaved(&mut [
        Contender::new(|| time(&mut place.ckpt(&["summarize", "HEAD", "--max-lines", "40"]))),
        Contender::new(|| time(&mut place.git(&["log", "--stat", "HEAD"]))),
    ]);
    table.time("summarize 2,000 commits, against git log --stat", times[0], times[1], 2.0);
    fs::remove_dir_all(&place.work).unwrap();
}

/// A history that was made.
struct Made {
    stream: String,
    /// Number of the pull request, whether users notice, lines changed.
    changes: Vec<(usize, bool, usize)>,
}

struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % below as u64) as usize
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.next(words.len())]
    }
}

/// What is done to what, in which words: (verbs, what kind of path, whether users notice).
const NOTICED: [(&str, &[&str], &str); 7] = [
    ("feat", &["add", "support", "implement", "allow", "expose"], "code"),
    ("fix", &["fix", "prevent a crash in", "do not lose", "handle an empty", "correct"], "code"),
    ("fix", &["close", "wake", "check the bounds of", "flush"], "code"),
    ("perf", &["speed up", "avoid copying", "cache"], "code"),
    ("feat", &["deprecate", "remove the old", "make public"], "public"),
    ("docs", &["document cancellation of", "explain the order of"], "docs"),
    ("chore", &["raise the minimum version for", "build without threads for"], "code"),
];

const UNNOTICED: [(&str, &[&str], &str); 9] = [
    ("ci", &["fix the job of", "add a job for", "update"], "ci"),
    ("test", &["fix flaky test of", "add tests for", "cover"], "test"),
    ("chore", &["fix clippy warnings in", "fix typos in", "silence a warning in"], "comment"),
    ("refactor", &["move", "split", "simplify", "rename the internals of"], "inner"),
    ("bench", &["add a benchmark of", "improve the benchmark of"], "bench"),
    ("docs", &["fix a typo about", "reword the guide to"], "text"),
    ("chore", &["bump actions for", "update the lock file for"], "settings"),
    ("examples", &["add an example of", "fix the example of"], "example"),
    ("chore", &["prepare v1.2 of", "release 1.3 of"], "release"),
];

const THINGS: [&str; 14] = [
    "the timer",
    "sockets",
    "channels",
    "the parser",
    "file handles",
    "the scheduler",
    "signals",
    "the cache",
    "tasks",
    "`Reader::read`",
    "the mutex",
    "streams",
    "the index",
    "the pool",
];

impl Made {
    fn new(seed: u64, count: usize, style: usize) -> Made {
        let mut random = Random(seed);
        let mut made = Made { stream: String::new(), changes: Vec::new() };
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for number in 1..=count {
            let is_noticed = random.next(100) < 45;
            let (sort, verbs, place) =
                if is_noticed { NOTICED[random.next(NOTICED.len())] } else { UNNOTICED[random.next(UNNOTICED.len())] };
            let said = format!("{} {}", random.pick(verbs), random.pick(&THINGS));
            let area = random.pick(&["net", "io", "sync", "time"]);
            // One in eight has a prefix that says nothing.
            let sort = if random.next(8) == 0 { "chore" } else { sort };
            let subject = match style {
                0 => format!("{area}: {said} (#{number})"),
                1 => format!("{sort}({area}): {said} (#{number})"),
                _ => format!("{}{} (#{number})", said[..1].to_uppercase(), &said[1..]),
            };
            let size = made.change(&mut random, &mut files, place, area, number, &subject);
            made.changes.push((number, is_noticed, size));
        }
        made
    }

    /// One commit; how many lines it changes.
    fn change(
        &mut self,
        random: &mut Random,
        files: &mut BTreeMap<String, String>,
        place: &str,
        area: &str,
        number: usize,
        subject: &str,
    ) -> usize {
        let source = format!("src/{area}/{}.rs", random.pick(&["mod", "read", "write", "state"]));
        let size = 1 + random.next(if matches!(place, "inner" | "settings" | "test") { 150 } else { 40 });
        let lines =
            |line: &str| (0..size).fold(String::new(), |text, at| text + &line.replace('N', &format!("{number}_{at}")));
        let (path, added) = match place {
            "code" => (source, lines("    let xN = step(N);\n")),
            "public" => (source, lines("pub fn xN() {}\n")),
            "docs" => (source, lines("/// What N means for the caller, and when.\n")),
            "comment" => (source, lines("// About N.\n")),
            "inner" => (source, lines("    let xN = moved(N);\n")),
            "ci" => (".github/workflows/ci.yml".to_owned(), lines("  N: x\n")),
            "test" => (format!("tests/{area}.rs"), lines("fn xN() {}\n")),
            "bench" => (format!("benches/{area}.rs"), lines("fn xN() {}\n")),
            "text" => ("docs/guide.md".to_owned(), lines("N\n")),
            "settings" => ("Cargo.lock".to_owned(), lines("N\n")),
            "example" => (format!("examples/{area}.rs"), lines("fn xN() {}\n")),
            _ => ("Cargo.toml".to_owned(), format!("# {number}\n")),
        };
        let mut changed = vec![(path, added)];
        if matches!(place, "code" | "public") && random.next(2) == 0 {
            changed.push((format!("tests/{area}.rs"), format!("fn test_{number}() {{}}\n")));
        }
        let seconds = 1_700_000_000 + number * 3600;
        writeln!(
            self.stream,
            "commit refs/heads/main\ncommitter A <a@b> {seconds} +0000\ndata {}\n{subject}",
            subject.len()
        )
        .unwrap();
        for (path, added) in changed {
            let text = files.entry(path.clone()).or_default();
            text.push_str(&added);
            // Files do not grow for ever.
            if text.len() > 30_000 {
                *text = text[text.len() - 15_000..].split_once('\n').map_or("", |(_, rest)| rest).to_owned();
            }
            writeln!(self.stream, "M 100644 inline {path}\ndata {}\n{text}", text.len()).unwrap();
        }
        size
    }

    fn import(&self, place: &Place) {
        let mut child = place.git(&["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(self.stream.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// How many of what users notice are among these, in percent.
    fn kept(&self, numbers: &[usize]) -> f64 {
        let noticed: Vec<usize> = self.changes.iter().filter(|change| change.1).map(|change| change.0).collect();
        let found = noticed.iter().filter(|number| numbers.contains(number)).count();
        found as f64 * 100.0 / noticed.len().max(1) as f64
    }

    /// Newest first, largest first, at random, every nth.
    fn baselines(&self, count: usize) -> [f64; 4] {
        let all: Vec<usize> = self.changes.iter().map(|change| change.0).collect();
        let newest: Vec<usize> = all.iter().rev().take(count).copied().collect();
        let mut by_size = self.changes.clone();
        by_size.sort_by_key(|change| std::cmp::Reverse(change.2));
        let largest: Vec<usize> = by_size.iter().take(count).map(|change| change.0).collect();
        let random: Vec<usize> = shuffled(&all, 99).into_iter().take(count).collect();
        let nth: Vec<usize> = (0..count).map(|at| all[at * all.len() / count]).collect();
        [&newest, &largest, &random, &nth].map(|numbers| self.kept(numbers))
    }
}

pub(crate) fn shuffled(all: &[usize], seed: u64) -> Vec<usize> {
    let mut random = Random(seed);
    let mut shuffled = all.to_vec();
    for at in (1..shuffled.len()).rev() {
        shuffled.swap(at, random.next(at + 1));
    }
    shuffled
}

/// As many lines as there are changes that users notice: how many of these are told.
fn selection(table: &mut Table) {
    let (mut ours, mut baselines, mut rounds) = (0.0, [0.0; 4], 0.0);
    for style in 0..3 {
        for seed in 0..if is_small() { 1 } else { 4 } {
            let place = fresh("summary-selection");
            let made = Made::new(seed * 7 + style as u64 + 1, 60 + seed as usize * 20, style);
            made.import(&place);
            let count = made.changes.iter().filter(|change| change.1).count();
            let value = json(&place, &["summarize", "HEAD", "--max-lines", &count.to_string(), "--json"]);
            let numbers: Vec<usize> = numbers_in(&value);
            ours += made.kept(&numbers);
            for (sum, kept) in baselines.iter_mut().zip(made.baselines(count)) {
                *sum += kept;
            }
            rounds += 1.0;
            fs::remove_dir_all(&place.work).unwrap();
        }
    }
    let missed = |kept: f64| 100.0 - kept / rounds;
    table.add("noticeable changes missed by summarize, of 25 %", missed(ours), 25.0, "%", 1.0);
    let names = ["the newest", "the largest", "random ones", "every nth"];
    for (name, kept) in names.into_iter().zip(baselines) {
        table.add(&format!("noticeable changes missed, against {name}"), missed(ours), missed(kept), "%", 0.5);
    }
}

pub(crate) fn numbers_in(value: &serde_json::Value) -> Vec<usize> {
    let lines = value["lines"].as_array().unwrap().iter().filter_map(|line| line["text"].as_str());
    let numbers =
        lines.flat_map(|text| text.split("(#").skip(1).filter_map(|rest| rest.split(')').next()?.parse().ok()));
    numbers.collect()
}

/// This repository: its changelog is written in items and not by commit, so an item counts as told when a line shares two
/// of its words.
fn own_history(table: &mut Table) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = Place { work: root.to_owned() };
    let output = place.git(&["log", "--no-merges", "--format=%s", "HEAD"]).output().unwrap();
    let all: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    let items = changelog_items(&fs::read_to_string(root.join("CHANGELOG.md")).unwrap());
    if all.len() < items.len() * 2 {
        return;
    }
    let copy = fresh("summary-own");
    copy.run_git(&["fetch", "-q", place.work.to_str().unwrap(), "HEAD:refs/heads/own"]);
    let value = json(&copy, &["summarize", "own", "--max-lines", &items.len().to_string(), "--json"]);
    let lines = value["lines"].as_array().unwrap().iter();
    let told: Vec<String> = lines.filter_map(|line| line["text"].as_str()).map(str::to_owned).collect();
    let mut random = Random(5);
    let by_chance: f64 = (0..20)
        .map(|_| {
            let picked: Vec<String> = items.iter().map(|_| all[random.next(all.len())].clone()).collect();
            missed(&items, &picked)
        })
        .sum::<f64>()
        / 20.0;
    let newest = missed(&items, &all[..items.len()]);
    table.add("this repository's changelog missed, against random lines", missed(&items, &told), by_chance, "%", 1.0);
    table.add("this repository's changelog missed, against the newest", missed(&items, &told), newest, "%", 1.0);
    fs::remove_dir_all(&copy.work).unwrap();
}

fn changelog_items(text: &str) -> Vec<Vec<String>> {
    let items = text.split("\n- ").skip(1);
    items.map(words).filter(|words| words.len() > 3).collect()
}

fn words(text: &str) -> Vec<String> {
    const EVERYWHERE: [&str; 14] = [
        "that", "with", "what", "which", "from", "them", "there", "their", "this", "into", "than", "when", "each",
        "ckpt",
    ];
    let lower = text.to_lowercase();
    let words = lower.split(|one: char| !one.is_ascii_alphabetic()).filter(|word| word.len() >= 4);
    words.filter(|word| !EVERYWHERE.contains(word)).map(str::to_owned).collect()
}

/// How many of the items no line tells, in percent.
fn missed(items: &[Vec<String>], lines: &[String]) -> f64 {
    let lines: Vec<Vec<String>> = lines.iter().map(|line| words(line)).collect();
    let is_told = |item: &&Vec<String>| {
        lines.iter().any(|line| {
            let mut shared: Vec<&String> = line.iter().filter(|word| item.contains(word)).collect();
            shared.sort();
            shared.dedup();
            shared.len() >= 2
        })
    };
    let told = items.iter().filter(is_told).count();
    (items.len() - told) as f64 * 100.0 / items.len().max(1) as f64
}
