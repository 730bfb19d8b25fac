//! Leaving the work and coming back, against a stash and a switch; many sessions; how the repository grows.

use std::fs;

use crate::measure::{Contender, Table, interleaved, time};
use crate::place::{Place, is_small, trees_folder};
use crate::trees::{Size, bytes_of, large_size, path_of, repository};

const MODIFIED: usize = 10;
const UNTRACKED: usize = 5;

pub fn stack(table: &mut Table) {
    there_and_back(table);
    many_sessions(table);
    growth(table);
}

/// Work of ten modified and five untracked files on `feature`, as large as those of the tree.
fn begin_work(place: &Place, size: Size, seed: usize) {
    for number in 0..MODIFIED {
        fs::write(place.work.join(path_of(size, number * 37)), bytes_of(seed + number, size.bytes)).unwrap();
    }
    for number in 0..UNTRACKED {
        fs::write(place.work.join(format!("new-{number}.txt")), bytes_of(seed + 100 + number, size.bytes)).unwrap();
    }
}

fn there_and_back(table: &mut Table) {
    let size = large_size();
    let (ours, theirs) = (repository("stack-ckpt", size), repository("stack-git", size));
    for (place, seed) in [(&ours, 1), (&theirs, 1)] {
        // A run that was stopped may have left the tree on it.
        place.run_git(&["switch", "-q", "-C", "feature"]);
        place.run_git(&["branch", "-f", "side"]);
        begin_work(place, size, seed);
    }
    ours.run_ckpt(&["save", "-q"]);
    let names = std::cell::Cell::new(0);
    let stamp = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let title = || format!("urgent {stamp} {}", names.get());
    let leave = || {
        names.set(names.get() + 1);
        time(&mut ours.ckpt(&["branch", "-q", &title(), "--from", "side"]))
    };
    let pair = |first: &mut dyn FnMut() -> std::time::Duration, second: &mut dyn FnMut() -> std::time::Duration| {
        (first(), second())
    };
    let (back, ahead) = (std::cell::RefCell::new(Vec::new()), std::cell::RefCell::new(Vec::new()));
    let stash = || time(theirs.command("sh").args(["-c", "git stash push -q -u && git switch -q side"]));
    let unstash = || time(theirs.command("sh").args(["-c", "git switch -q feature && git stash pop -q --index"]));
    let times = interleaved(&mut [
        Contender::new(|| {
            let (there, again) = pair(&mut || leave(), &mut || time(&mut ours.ckpt(&["return", "-q"])));
            back.borrow_mut().push(again.as_secs_f64());
            there
        }),
        Contender::new(|| {
            let (there, again) = pair(&mut || stash(), &mut || unstash());
            ahead.borrow_mut().push(again.as_secs_f64());
            there
        }),
    ]);
    table.time("branch, 10 modified and 5 untracked, against stash and switch", times[0], times[1], 2.0);
    let median = |list: std::cell::RefCell<Vec<f64>>| crate::measure::median(list.into_inner());
    table.time("return against switch and stash pop --index", median(back), median(ahead), 2.0);
    let times = interleaved(&mut [Contender::new(|| time(&mut ours.ckpt(&["stack"])))]);
    table.time("stack in the large tree, against 20 ms", times[0], 0.020, 1.0);
}

/// A thousand sessions that have returned.
fn many_sessions(table: &mut Table) {
    let count = if is_small() { 100 } else { 1_000 };
    let place = Place { work: trees_folder().join(format!("sessions-{count}")) };
    if !place.work.join(".git/made").exists() {
        let _ = fs::remove_dir_all(&place.work);
        fs::create_dir_all(&place.work).unwrap();
        place.run_git(&["init", "-q"]);
        place.run_git(&["commit", "-q", "--allow-empty", "-m", "first"]);
        for number in 0..count {
            place.run_ckpt(&["branch", "-q", "--here", &format!("session number {number}")]);
            place.run_ckpt(&["return", "-q"]);
        }
        place.run_git(&["gc", "-q"]);
        fs::write(place.work.join(".git/made"), "").unwrap();
    }
    let times = interleaved(&mut [
        Contender::new(|| time(&mut place.ckpt(&["stack"]))),
        Contender::new(|| time(&mut place.ckpt(&["session", "list", "--all"]))),
    ]);
    table.time("stack at 1,000 sessions, against 20 ms", times[0], 0.020, 1.0);
    table.time("session list at 1,000 sessions, against 20 ms", times[1], 0.020, 1.0);
}

/// A hundred times there and back, each with a commit of the child's and work of the parent's.
fn growth(table: &mut Table) {
    // Files as large as those of the large tree, or each of its folders would count for a third of what is in it.
    let size = Size { files: 500, folders: 50, bytes: large_size().bytes };
    let place = repository("stack-growth", size);
    let pairs = if is_small() { 20 } else { 100 };
    let packed = || {
        place.run_git(&["gc", "-q", "--prune=now"]);
        let folder = fs::read_dir(place.work.join(".git/objects/pack")).unwrap().flatten();
        folder.map(|file| file.metadata().unwrap().len()).sum::<u64>() as f64
    };
    let start = packed();
    let stamp = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let mut changed = 0;
    for pair in 0..pairs {
        let seed = (stamp as usize).wrapping_add(pair * 1000);
        begin_work(&place, size, seed);
        changed += (MODIFIED + UNTRACKED) * size.bytes;
        place.run_ckpt(&["branch", "-q", &format!("pair {stamp} {pair}")]);
        place.run_ckpt(&["return", "-q"]);
    }
    let grown = packed() - start;
    let git = compressed(changed, size.bytes);
    table.add("growth of 100 branch/return pairs against their content", grown / 1e3, git / 1e3, "kB", 1.2);
}

/// What so many bytes of these files come to in a pack: half of them compress.
fn compressed(bytes: usize, each: usize) -> f64 {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("gzip").arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        for seed in 0..bytes / each {
            input.write_all(&bytes_of(seed, each)).unwrap();
        }
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.stdout.len() as f64
}
