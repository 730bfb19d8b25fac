//! What a brief costs at the end of a long history, loading the tables of tokens included.

use std::fmt::Write;
use std::fs;

use crate::measure::{Contender, Table, interleaved, time};
use crate::place::{Place, is_small, trees_folder};

/// `brief` over 10,000 events: in the session's chain, and waiting in the journal.
pub fn brief(table: &mut Table) {
    let many = if is_small() { 1000 } else { 10_000 };
    let places = [repository("brief-folded", many, true), repository("brief-waiting", many, false)];
    let short = repository("brief-short", 10, true);
    let times = interleaved(&mut [
        Contender::new(|| time(&mut places[0].ckpt(&["brief"]))),
        Contender::new(|| time(&mut places[1].ckpt(&["brief"]))),
        Contender::new(|| time(&mut short.ckpt(&["brief"]))),
    ]);
    table.time("brief over 10,000 events, of 100 ms", times[0], 0.1, 1.0);
    table.time("brief over 10,000 events in the journal, of 100 ms", times[1], 0.1, 1.0);
    table.time("brief over 10,000 events against 10", times[0], times[2], 1.5);
    for place in places.iter().chain([&short]) {
        fs::remove_dir_all(&place.work).unwrap();
    }
}

fn repository(name: &str, events: usize, is_folded: bool) -> Place {
    let place = Place { work: trees_folder().join(name) };
    let _ = fs::remove_dir_all(&place.work);
    fs::create_dir_all(place.work.join("src")).unwrap();
    place.run_git(&["init", "-q"]);
    fs::write(place.work.join("README.md"), "# A project\n\nWhat it is for.\n").unwrap();
    fs::write(place.work.join("src/main.rs"), "fn main() {}\n").unwrap();
    place.run_git(&["add", "-A"]);
    place.run_git(&["commit", "-q", "-m", "first"]);
    place.run_ckpt(&["init", "-q"]);
    fs::write(place.work.join("src/main.rs"), "fn main() { run() }\n").unwrap();
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
        let (hour, minute) = (number / 60 % 24, number % 60);
        writeln!(
            text,
            r#"{{"id":"{number:012x}","time":"2026-11-20T{hour:02}:{minute:02}:00Z","kind":"tool","text":"{said}"}}"#
        )
        .unwrap();
    }
    text
}
