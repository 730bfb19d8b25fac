//! How soon a long history begins to be told, and what telling all of it takes.

use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::measure::{Contender, Table, interleaved, peak_memory, time};
use crate::place::{Place, is_small, trees_folder};

/// `log`, `replay` and `search` over 100,000 events: in the session's chain, and waiting in the journal.
pub fn history(table: &mut Table) {
    let many = if is_small() { 10_000 } else { 100_000 };
    let folded = repository("history-folded", many, true);
    let waiting = repository("history-waiting", many, false);
    let times = interleaved(&mut [
        Contender::new(|| first_byte(&mut folded.ckpt(&["log"]))),
        Contender::new(|| first_byte(&mut folded.ckpt(&["log", "--graph"]))),
        Contender::new(|| first_byte(&mut folded.ckpt(&["log", "--json"]))),
        Contender::new(|| first_byte(&mut folded.ckpt(&["replay"]))),
        Contender::new(|| first_byte(&mut waiting.ckpt(&["log"]))),
        Contender::new(|| first_byte(&mut waiting.ckpt(&["replay"]))),
        Contender::new(|| time(&mut folded.ckpt(&["log"]))),
        Contender::new(|| time(&mut folded.ckpt(&["search", "parser", "failed"]))),
    ]);
    let what = ["log", "log --graph", "log --json", "replay", "log (in the journal)", "replay (in the journal)"];
    for (what, time) in what.iter().zip(&times) {
        table.time(&format!("{what} of 100,000 events begins, of 50 ms"), *time, 0.05, 1.0);
    }
    table.time("log of 100,000 events to its end, of 3 s", times[6], 3.0, 1.0);
    table.time("search in 100,000 events, of 3 s", times[7], 3.0, 1.0);
    let mebibytes = |arguments: &[&str]| peak_memory(&mut folded.ckpt(arguments)) as f64 / 1024.0;
    table.add("memory of log --json of 100,000 events, of 64 MiB", mebibytes(&["log", "--json"]), 64.0, "MiB", 1.0);
    table.add("memory of replay of 100,000 events, of 64 MiB", mebibytes(&["replay"]), 64.0, "MiB", 1.0);
    for place in [folded, waiting] {
        fs::remove_dir_all(&place.work).unwrap();
    }
}

/// From the start of a command to the first of its answer; the rest is not waited for.
fn first_byte(command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    let elapsed = start.elapsed();
    drop(stdout);
    assert!(child.wait().unwrap().success(), "{command:?}");
    elapsed
}

fn repository(name: &str, events: usize, is_folded: bool) -> Place {
    let place = Place { work: trees_folder().join(name) };
    let _ = fs::remove_dir_all(&place.work);
    fs::create_dir_all(&place.work).unwrap();
    place.run_git(&["init", "-q"]);
    fs::write(place.work.join("main.rs"), "fn main() {}\n").unwrap();
    place.run_git(&["add", "-A"]);
    place.run_git(&["commit", "-q", "-m", "first"]);
    place.run_ckpt(&["save", "-q", "-m", "it runs"]);
    let journal = place.work.join(".git/ckpt/journal");
    fs::create_dir_all(&journal).unwrap();
    fs::write(journal.join("main.jsonl"), lines(events)).unwrap();
    if is_folded {
        place.run_ckpt(&["decide", "-q", "keep it", "--why", "it works"]);
    }
    place
}

fn lines(events: usize) -> String {
    let mut text = String::new();
    for number in 0..events {
        let said = format!("ran command {number} of the tests, which failed in the parser of configuration files");
        let (hour, minute, second) = (number / 3600 % 24, number / 60 % 60, number % 60);
        writeln!(
            text,
            r#"{{"id":"{number:012x}","time":"2026-11-20T{hour:02}:{minute:02}:{second:02}Z","kind":"tool","text":"{said}"}}"#
        )
        .unwrap();
    }
    text
}
