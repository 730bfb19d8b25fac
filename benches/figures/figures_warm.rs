//! Saves and loads in a tree that was saved before.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use crate::measure::{Contender, Table, interleaved, median, peak_memory, rounds, time};
use crate::place::{Place, is_small};
use crate::trees::{Edits, SMALL, Size, bytes_of, large_size, repository};

/// Limits of a warm save against the walk, the plumbing and `git stash create`.
type Limits = [f64; 3];

pub fn small(table: &mut Table) {
    warm(table, "5,000 files", "small", SMALL, [2.0, 0.4, 0.4]);
}

pub fn large(table: &mut Table) {
    let size = large_size();
    let place = warm(table, "100,000 files", "large", size, [1.3, 0.6, 1.0]);
    first(table, &place, size);
    memory(table, &place, size);
}

fn warm(table: &mut Table, what: &str, name: &str, size: Size, limits: Limits) -> Place {
    let place = repository(name, size);
    place.run_ckpt(&["save", "-q"]);
    let edits = RefCell::new(Edits::new(size));
    let edited = |command: &dyn Fn() -> std::process::Command| {
        edits.borrow_mut().make(&place);
        time(&mut command())
    };
    let times = interleaved(&mut [
        Contender::new(|| edited(&|| place.ckpt(&["save", "-q"]))),
        Contender::new(|| edited(&|| place.walk())),
        Contender::new(|| edited(&|| place.plumbing())),
        Contender::new(|| edited(&|| place.git(&["stash", "create"]))),
    ]);
    table.time(&format!("warm save, {what}, against the walk"), times[0], times[1], limits[0]);
    table.time(&format!("warm save, {what}, against git's plumbing"), times[0], times[2], limits[1]);
    table.time(&format!("warm save, {what}, against git stash create"), times[0], times[3], limits[2]);
    place
}

/// The very first save of a tree whose index is fresh, against a warm one.
fn first(table: &mut Table, place: &Place, size: Size) {
    let edits = RefCell::new(Edits::new(size));
    place.run_git(&["add", "-A"]);
    let times = interleaved(&mut [
        Contender::new(|| {
            place.forget_saves();
            edits.borrow_mut().make(place);
            time(&mut place.ckpt(&["save", "-q"]))
        }),
        Contender::new(|| {
            edits.borrow_mut().make(place);
            time(&mut place.ckpt(&["save", "-q"]))
        }),
    ]);
    table.time("very first save against a warm one", times[0], times[1], 2.0);
}

fn memory(table: &mut Table, place: &Place, size: Size) {
    let mut edits = Edits::new(size);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds() {
        edits.make(place);
        theirs.push(peak_memory(&mut place.add_to_copy()) as f64 / 1024.0);
        ours.push(peak_memory(&mut place.ckpt(&["save", "-q"])) as f64 / 1024.0);
    }
    table.add("peak memory of a warm save against git add -A", median(ours), median(theirs), "MiB", 1.0);
}

/// With and without an ignored folder of 200,000 files.
pub fn ignored(table: &mut Table) {
    let size = large_size();
    let place = repository("large", size);
    let aside = place.work.with_extension("ignored");
    if !aside.exists() {
        write_ignored(&aside);
    }
    let inside = place.work.join("ignored");
    place.run_ckpt(&["save", "-q"]);
    let edits = RefCell::new(Edits::new(size));
    let save = || {
        // The folder has come or gone: the save that meets it first is no warm one.
        place.run_ckpt(&["save", "-q"]);
        edits.borrow_mut().make(&place);
        time(&mut place.ckpt(&["save", "-q"]))
    };
    let times = interleaved(&mut [
        Contender::new(|| {
            fs::rename(&aside, &inside).unwrap();
            let elapsed = save();
            fs::rename(&inside, &aside).unwrap();
            elapsed
        }),
        Contender::new(save),
    ]);
    table.time("warm save with 200,000 ignored files against without", times[0], times[1], 1.05);
}

fn write_ignored(folder: &Path) {
    let files = if is_small() { 10_000 } else { 200_000 };
    for number in 0..files {
        let path = folder.join(format!("m{}/file{number}.o", number % 2_000));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes_of(number, 20)).unwrap();
    }
}

/// A load that changes 10 files.
pub fn load_few(table: &mut Table) {
    let size = large_size();
    let place = repository("large", size);
    place.run_ckpt(&["save", "-q", "point"]);
    let mut edits = Edits::new(size);
    let times = interleaved(&mut [
        Contender::new(|| {
            edits.modify_only(&place, 10);
            time(&mut place.ckpt(&["load", "-q", "--yes", "point"]))
        }),
        Contender::new(|| time(&mut place.walk())),
    ]);
    table.time("load that changes 10 files against the walk", times[0], times[1], 3.0);
}
