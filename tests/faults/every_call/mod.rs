//! Stops ckpt at every call that changes the file system, one run for each call: killed there, or the call refused.
//!
//! The calls are counted by `strace`, which also stops them; where it is absent or may not trace, the tests say so and
//! pass. The usual run takes a sample of the calls; with `CKPT_SWEEP=1` it is all of them.

pub mod call;
pub mod verbs;
pub mod work;

use std::panic::{AssertUnwindSafe, catch_unwind};

use call::{Accident, Call, calls_of, may_trace, run_with};
use verbs::Verb;
use work::Work;

use crate::sandbox::Outcome;
use crate::sandbox::reliability::{self, Row};
use crate::scene::is_pending;

/// Runs of each verb in the usual test run.
const SAMPLE: usize = 14;

fn check(verb: &Verb) {
    if !may_trace() {
        eprintln!("skipped: strace is not here, or may not trace");
        return;
    }
    let template = (verb.scene)();
    let calls = calls_of(template.copy().command(verb));
    assert!(calls.len() >= verb.least, "`{}` makes only {} calls that change something", verb.name, calls.len());
    let chosen = chosen(&calls);
    let is_bad = |(call, accident): &(&Call, Accident)| {
        // All of them are run: what one sweep finds is worth more than its first find.
        catch_unwind(AssertUnwindSafe(|| check_accident(verb, &template, call, *accident))).is_err()
    };
    let (number, bad) = (chosen.len(), chosen.into_iter().filter(is_bad).count());
    let figure = format!("{number} accidents at {} calls, {bad} of them harmful", calls.len());
    conclude(verb, "stopped at every call that changes the file system", &figure, "every_call");
    assert_eq!(bad, 0, "`{}`: harmful accidents, told above", verb.name);
}

/// Tells what was found of a verb, and puts it among the figures.
pub fn conclude(verb: &Verb, what: &str, figure: &str, group: &str) {
    println!("`{}`: {figure}", verb.name);
    reliability::record(&Row {
        what: &format!("`ckpt {}` {what}", verb.name),
        figure,
        command: &format!("CKPT_SWEEP=1 cargo test --test faults {group}"),
    });
}

/// Every call with every accident that can happen to it; in the usual run a sample, spread over all of them.
fn chosen(calls: &[Call]) -> Vec<(&Call, Accident)> {
    let all: Vec<_> =
        calls.iter().flat_map(|call| Accident::of(call).into_iter().map(move |accident| (call, accident))).collect();
    if reliability::is_sweep() {
        return all;
    }
    let step = (all.len() / SAMPLE).max(1);
    all.into_iter().skip(step / 2).step_by(step).collect()
}

fn check_accident(verb: &Verb, template: &Work, call: &Call, accident: Accident) {
    let why = format!("`{}`, {accident:?} at {call}", verb.name);
    let work = template.copy();
    let outcome = run_with(work.command(verb), call, accident);
    let why = format!("{why}\n{}", outcome.describe());
    assert_ne!(outcome.code(), Some(101), "{why}: it panicked");
    work.must_hold_all_work(&why);
    work.must_be_sound(&why);
    match names_what_it_left(&outcome) {
        true => assert!(!is_pending(&work.sandbox), "{why}"),
        false => (verb.settled)(&work, outcome.code() == Some(0), &why),
    }
    work.must_be_tidy(&why);
}

/// Calls are counted for each thread, so an open that fails may also be that of a folder which is looked through in
/// another one. What cannot be read stays where it is, and is named: neither the old state nor the new one, and right.
fn names_what_it_left(outcome: &Outcome) -> bool {
    ["could not be saved: ", "cannot be read: ", "they were kept as they are"]
        .iter()
        .any(|words| outcome.describe().contains(words))
}

/// One that has not begun has no journal either, like one that came to its end.
#[test]
fn a_load_that_cannot_begin_inside_is_not_taken_for_done() {
    if !may_trace() {
        eprintln!("skipped: strace is not here, or may not trace");
        return;
    }
    let (verb, template) = (verbs::LOAD_INSIDE, (verbs::LOAD_INSIDE.scene)());
    let calls = calls_of(template.copy().command(&verb));
    let call = calls.iter().find(|call| call.is("rename", "libs/one/ckpt/worktree/pending.toml"));
    check_accident(&verb, &template, call.expect("its journal is written"), Accident::Error("ENOSPC"));
}

tests_of_verbs! {
    a_save_may_be_stopped_at_every_call => verbs::SAVE;
    a_load_may_be_stopped_at_every_call => verbs::LOAD;
    a_save_may_be_stopped_in_every_repository => verbs::SAVE_INSIDE;
    a_load_may_be_stopped_in_every_repository => verbs::LOAD_INSIDE;
    a_recovery_may_be_stopped_in_every_repository => verbs::RECOVER_INSIDE;
    an_undo_may_be_stopped_at_every_call => verbs::UNDO;
    a_recovery_may_be_stopped_at_every_call => verbs::RECOVER;
    a_note_may_be_stopped_at_every_call => verbs::NOTE;
    a_drop_may_be_stopped_at_every_call => verbs::DROP;
    an_installation_of_hooks_may_be_stopped_at_every_call => verbs::HOOKS_INSTALL;
    a_removal_of_hooks_may_be_stopped_at_every_call => verbs::HOOKS_REMOVE;
    a_branch_may_be_stopped_at_every_call => verbs::BRANCH;
    a_return_may_be_stopped_at_every_call => verbs::RETURN;
    a_session_may_be_stopped_at_its_start => verbs::SESSION_START;
    a_session_may_be_stopped_at_its_close => verbs::SESSION_CLOSE;
    the_beginning_may_be_stopped_at_every_call => verbs::INIT;
}
