//! What a hook adds to a commit: against an empty hook, with a long history, and switched off.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::measure::{Contender, Table, interleaved, time};
use crate::place::{Place, is_small, trees_folder};

/// One run is too short to time alone.
const RUNS: u32 = 20;

/// The whole process of post-commit, as git starts it.
pub fn hooks(table: &mut Table) {
    let short = repository("hooks-short", 20, 5);
    let (events, points) = if is_small() { (500, 100) } else { (10_000, 2_000) };
    let long = repository("hooks-long", events, points);
    let empty = || many(&|| short.command(".git/empty-hook"));
    let times = interleaved(&mut [
        Contender::new(|| fresh_commits(&short)),
        Contender::new(|| fresh_commits(&long)),
        Contender::new(empty),
        Contender::new(|| {
            many(&|| {
                let mut command = short.command(".git/hooks/post-commit");
                command.env("CKPT_HOOKS", "off");
                command
            })
        }),
    ]);
    let [short_time, long_time, empty_time, off_time] = [0, 1, 2, 3].map(|which| times[which] / f64::from(RUNS));
    table.time("post-commit hook over an empty one, of 10 ms", short_time - empty_time, 0.010, 1.0);
    table.time("post-commit hook at 10,000 events against 20", long_time, short_time, 1.3);
    table.time("post-commit hook switched off, of 3 ms", off_time - empty_time, 0.003, 1.0);
}

fn many(command: &dyn Fn() -> Command) -> Duration {
    (0..RUNS).map(|_| time(&mut command())).sum()
}

/// The hook after a commit each, which is not timed; a commit that has its note already would cost less.
fn fresh_commits(place: &Place) -> Duration {
    (0..RUNS)
        .map(|_| {
            commit(place);
            time(&mut place.command(".git/hooks/post-commit"))
        })
        .sum()
}

/// A commit of which no hook hears.
fn commit(place: &Place) {
    let path = place.work.join("file.txt");
    let count = fs::read_to_string(&path).map_or(0, |text| text.lines().count());
    let text: String = (0..=count % 200).map(|line| format!("line {line} of {count}\n")).collect();
    fs::write(path, text).unwrap();
    let mut command = place.git(&["commit", "-q", "-a", "--allow-empty", "-m", "a commit of the bench"]);
    assert!(command.env("CKPT_HOOKS", "off").status().unwrap().success());
}

/// A repository with hooks, events that came through them, and checkpoints; made on first use and kept.
fn repository(name: &str, events: usize, points: usize) -> Place {
    let place = Place { work: trees_folder().join(format!("{name}-{events}")) };
    if !place.work.join(".git/made").exists() {
        make(&place, events, points);
    }
    place.run_ckpt(&["hooks", "install", "-q"]);
    place
}

fn make(place: &Place, events: usize, points: usize) {
    eprintln!("  noting {events} events and saving {points} times, once …");
    let _ = fs::remove_dir_all(&place.work);
    fs::create_dir_all(&place.work).unwrap();
    place.run_git(&["init", "-q"]);
    fs::write(place.work.join("file.txt"), "").unwrap();
    place.run_git(&["add", "file.txt"]);
    place.run_git(&["commit", "-q", "-m", "first"]);
    place.run_ckpt(&["init", "-q"]);
    fs::create_dir_all(place.work.join(".git/ckpt/journal")).unwrap();
    for point in 0..points {
        write_journal(place, point, events / points);
        place.run_ckpt(&["save", "-q", "--always", "-m", &format!("point number {point}")]);
    }
    write_notes(place, events);
    place.run_git(&["gc", "-q"]);
    let empty = place.work.join(".git/empty-hook");
    fs::write(&empty, "#!/bin/sh\n").unwrap();
    fs::set_permissions(empty, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(place.work.join(".git/made"), "").unwrap();
}

/// Events as hooks append them, for the next save to take into the session.
fn write_journal(place: &Place, point: usize, count: usize) {
    let line = |number: usize| {
        let id = (point * count + number) * 7919;
        format!(
            "{{\"id\":\"{id:012x}\",\"time\":\"2026-11-21T09:00:00.000Z\",\"kind\":\"commit\",\"text\":\"commit {id}\",\
             \"commit\":\"{id:040x}\",\"branch\":\"main\",\"files\":3,\"lines_added\":10,\"lines_removed\":2}}\n"
        )
    };
    let text: String = (0..count).map(line).collect();
    fs::write(place.work.join(".git/ckpt/journal/main.jsonl"), text).unwrap();
}

/// A note for each event, in one commit.
fn write_notes(place: &Place, count: usize) {
    let mut stream = String::from("commit refs/notes/ckpt\ncommitter b <b@b> 1800000000 +0000\ndata 6\nnotes\n\n");
    for number in 0..count {
        let commit = format!("{:08x}", (number as u32).wrapping_mul(2_654_435_761)).repeat(5);
        let text = "session main, no checkpoint yet\n";
        stream.push_str(&format!("M 100644 inline {}/{}\ndata {}\n{text}\n", &commit[..2], &commit[2..], text.len()));
    }
    let mut command = place.git(&["fast-import", "--quiet"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}
