//! The power fails: what was reported as saved is there afterwards, and nothing is corrupt.
//!
//! A run is recorded by `strace` and played on a model of a file system that keeps nothing but what was synced; at each
//! moment at which something began to last, what it keeps is laid out as a repository and looked at. That the model saw
//! everything is checked too: with the power on, it must be what is on the disk. `mounted.rs` does the same to real file
//! systems, where it may.

mod disk;
mod mounted;
mod record;

use std::panic::{AssertUnwindSafe, catch_unwind};

use disk::{Disk, Loss};
use record::{Event, record};

use crate::every_call::call::may_trace;
use crate::every_call::conclude;
use crate::every_call::verbs::{self, Verb};
use crate::every_call::work::Work;
use crate::sandbox::reliability;

/// Cuts of each kind in the usual test run; the last moment is always among them.
const SAMPLE: usize = 4;

fn check(verb: &Verb) {
    if !may_trace() {
        eprintln!("skipped: strace is not here, or may not trace");
        return;
    }
    let work = (verb.scene)();
    // Before this machine was started: of that time the anchors may lack lines.
    work.sandbox.at("2001-01-01T00:00:00Z");
    let root = work.sandbox.root().canonicalize().unwrap();
    let before = Disk::read(&root);
    let events = record(&work.command(verb));
    must_be_what_happened(&before, &events, &root);
    let (mut cuts, mut bad) = (0, 0);
    for loss in [Loss::All, Loss::Contents] {
        for lasting in moments(&events, loss) {
            cuts += 1;
            let cut = || check_cut(verb, &work, &before, &lasting, lasting.len() == events.len(), loss);
            // All of them are cut: what one sweep finds is worth more than its first find.
            bad += usize::from(catch_unwind(AssertUnwindSafe(cut)).is_err());
        }
    }
    let figure = format!("{cuts} cuts, {bad} of them harmful");
    conclude(verb, "and a power cut that loses whatever was not synced", &figure, "power");
    assert_eq!(bad, 0, "`{}`: harmful cuts, told above", verb.name);
}

/// A model that has missed something would prove nothing.
fn must_be_what_happened(before: &Disk, events: &[Event], root: &std::path::Path) {
    let mut disk = before.clone();
    events.iter().for_each(|event| disk.play(event));
    let (model, there) = (disk.present(), Disk::read(root).present());
    let differs: Vec<_> =
        there.keys().chain(model.keys()).filter(|path| model.get(*path) != there.get(*path)).collect();
    assert!(differs.is_empty(), "the recorded run, played again, is not what is there: {differs:?}");
}

/// What happened before the power failed: whenever something else would be left, and at the end.
fn moments(events: &[Event], loss: Loss) -> Vec<Vec<&Event>> {
    let changes = |event: &Event| match event {
        Event::Sync { .. } | Event::SyncAll => true,
        Event::Rename { .. } | Event::Remove { .. } | Event::Link { .. } => loss == Loss::Contents,
        _ => false,
    };
    let ends = (1..=events.len()).filter(|&end| changes(&events[end - 1]));
    let mut all: Vec<Vec<&Event>> = ends.flat_map(|end| orders(events, end)).collect();
    if !reliability::is_sweep() {
        let step = (all.len() / SAMPLE).max(1);
        all = all.into_iter().step_by(step).collect();
    }
    all.retain(|lasting| lasting.len() < events.len());
    all.push(events.iter().collect());
    all
}

/// The events up to `end`, and if the last of them is one of several syncs at a time, those that end with this one: which
/// is done first, nobody knows.
fn orders(events: &[Event], end: usize) -> Vec<Vec<&Event>> {
    let is_sync = |event: &Event| matches!(event, Event::Sync { .. });
    let before = events[..end - 1].iter().rposition(|event| !is_sync(event)).map_or(0, |at| at + 1);
    let mut found: Vec<Vec<&Event>> = vec![events[..end].iter().collect()];
    if is_sync(&events[end - 1]) && before < end - 1 {
        found.push(events[..before].iter().chain([&events[end - 1]]).collect());
    }
    found
}

fn check_cut(verb: &Verb, work: &Work, before: &Disk, events: &[&Event], is_done: bool, loss: Loss) {
    let mut disk = before.clone();
    events.iter().for_each(|event| disk.play(event));
    // At the same place: elsewhere it would be a copy, of which nobody's anchors say anything.
    let root = work.sandbox.root();
    for entry in std::fs::read_dir(root).unwrap().map(Result::unwrap) {
        std::fs::remove_dir_all(entry.path()).or_else(|_| std::fs::remove_file(entry.path())).unwrap();
    }
    disk.write_lasting(root, loss);
    let last = events.last().expect("something was done before the cut");
    let why =
        format!("`{}`, {loss:?} lost after {} calls, done: {is_done}, the last: {last:?}", verb.name, events.len());
    work.must_hold_all_work(&why);
    work.must_be_sound(&why);
    (verb.settled)(work, is_done, &why);
    work.save_afterwards();
    let verified = work.sandbox.ckpt(&["verify", "--all", "--read-data"]);
    assert_eq!(verified.code(), Some(0), "{why}\n{}", verified.describe());
}

tests_of_verbs! {
    a_save_outlives_a_power_cut => verbs::SAVE;
    a_load_outlives_a_power_cut => verbs::LOAD;
    a_save_outlives_a_power_cut_in_every_repository => verbs::SAVE_INSIDE;
    a_load_outlives_a_power_cut_in_every_repository => verbs::LOAD_INSIDE;
    an_undo_outlives_a_power_cut => verbs::UNDO;
    a_recovery_outlives_a_power_cut => verbs::RECOVER;
    a_note_outlives_a_power_cut => verbs::NOTE;
    a_drop_outlives_a_power_cut => verbs::DROP;
    a_branch_outlives_a_power_cut => verbs::BRANCH;
    a_return_outlives_a_power_cut => verbs::RETURN;
}
