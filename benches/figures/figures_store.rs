//! Start-up, long lists, and how the repository grows.

use std::fs;

use crate::measure::{Contender, Table, interleaved, time};
use crate::place::{Place, is_small, trees_folder};
use crate::trees::{Edits, Size, repository};

const FORMAT: &str = "--format=%(objectname:short) %(refname:short) %(committerdate:relative) %(subject)";

pub fn start(table: &mut Table) {
    let place = Place { work: trees_folder() };
    fs::create_dir_all(&place.work).unwrap();
    // One start is too short to time alone.
    let twenty = |command: &dyn Fn() -> std::process::Command| (0..20).map(|_| time(&mut command())).sum();
    let times = interleaved(&mut [
        Contender::new(|| twenty(&|| place.ckpt(&["--version"]))),
        Contender::new(|| twenty(&|| place.git(&["--version"]))),
    ]);
    table.time("ckpt --version against git --version", times[0] / 20.0, times[1] / 20.0, 1.5);
}

/// `list` at 10,000 checkpoints, all made by real saves.
pub fn list(table: &mut Table) {
    let count = if is_small() { 500 } else { 10_000 };
    let place = Place { work: trees_folder().join(format!("points-{count}")) };
    if !place.work.join(".git/made").exists() {
        make_points(&place, count);
    }
    let limit = count.to_string();
    let times = interleaved(&mut [
        Contender::new(|| time(&mut place.ckpt(&["list", "--limit", &limit]))),
        Contender::new(|| time(&mut place.git(&["for-each-ref", FORMAT, "refs/ckpt/checkpoints"]))),
    ]);
    table.time("list of 10,000 checkpoints against git for-each-ref", times[0], times[1], 1.0);
}

fn make_points(place: &Place, count: usize) {
    eprintln!("  saving {count} times, once …");
    let _ = fs::remove_dir_all(&place.work);
    fs::create_dir_all(&place.work).unwrap();
    place.run_git(&["init", "-q"]);
    for number in 0..count {
        fs::write(place.work.join("file.txt"), format!("content {number}\n")).unwrap();
        place.run_ckpt(&["save", "-q", "--always", "-m", &format!("point number {number}")]);
    }
    place.run_git(&["gc", "-q"]);
    fs::write(place.work.join(".git/made"), "").unwrap();
}

/// 200 saves with small edits against 200 commits of the same states.
pub fn growth(table: &mut Table) {
    let size = Size { files: 500, folders: 50, bytes: 4_000 };
    let (ours, theirs) = (repository("growth-saves", size), repository("growth-commits", size));
    let states = if is_small() { 40 } else { 200 };
    let start = [&ours, &theirs].map(packed_size);
    for (place, is_ours) in [(&ours, true), (&theirs, false)] {
        let mut edits = Edits::new(size);
        for _ in 0..states {
            edits.modify_only(place, 3);
            if is_ours {
                place.run_ckpt(&["save", "-q"]);
            } else {
                place.run_git(&["add", "-A"]);
                place.run_git(&["commit", "-q", "-m", "state"]);
            }
        }
    }
    let end = [&ours, &theirs].map(packed_size);
    let grown = |side: usize| (end[side] - start[side]) as f64 / 1024.0;
    table.add("growth of the store by 200 saves against 200 commits", grown(0), grown(1), "KiB", 1.15);
    for place in [ours, theirs] {
        // Commits of this run would be in the way of the next.
        fs::remove_dir_all(&place.work).unwrap();
    }
}

/// Bytes below `objects/` after `git gc`.
fn packed_size(place: &Place) -> u64 {
    place.run_git(&["gc", "-q", "--prune=now"]);
    let walk = walkdir::WalkDir::new(place.work.join(".git/objects")).into_iter().map(|entry| entry.unwrap());
    walk.map(|entry| entry.metadata().unwrap()).filter(|data| data.is_file()).map(|data| data.len()).sum()
}
