//! Odd but legal states of a repository: saved, wrecked, loaded, compared – bytes, modes, links, index with stages and
//! flags, HEAD, operation in progress.
//!
//! A save changes nothing; a load brings everything back, and what cannot be kept is named by the save. Each state is
//! wrecked twice, the second time with a `.gitignore` that hides everything. With `CKPT_SWEEP=1` the same is done with
//! `git stash -u` and with a tree made by git's plumbing, and the numbers go into `RELIABILITY.md`.
#![allow(clippy::unwrap_used, clippy::disallowed_macros, unreachable_pub)]

#[allow(dead_code)]
#[path = "../sandbox/mod.rs"]
mod sandbox;

mod content;
mod exact;
mod heads;
mod indexes;
mod keepers;
mod layouts;
mod names;
mod operations;
mod wreck;

use std::panic::{AssertUnwindSafe, catch_unwind};

use exact::Exact;
use keepers::Keeper;
use sandbox::Sandbox;
use sandbox::reliability::{self, Row};
use wreck::Wreck;

/// One state: how it is made, and what of it no tool could keep.
pub struct State {
    pub name: &'static str,
    pub make: fn() -> Sandbox,
    /// Paths that are not kept; the save must name each.
    pub unkept: &'static [&'static str],
}

/// A state that is kept whole.
const fn state(name: &'static str, make: fn() -> Sandbox) -> State {
    State { name, make, unkept: &[] }
}

fn all() -> Vec<&'static State> {
    let groups: [&[State]; 6] =
        [content::STATES, names::STATES, indexes::STATES, heads::STATES, operations::STATES, layouts::STATES];
    groups.into_iter().flatten().collect()
}

#[test]
fn there_are_seventy_states_with_names_of_their_own() {
    let mut names: Vec<_> = all().iter().map(|state| state.name).collect();
    assert!(names.len() >= 70, "only {} states", names.len());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all().len());
}

fn check_group(states: &'static [State]) {
    let mut bad = Vec::new();
    for state in states {
        for wreck in [Wreck::Files, Wreck::FilesAndIgnoreRules] {
            if catch_unwind(AssertUnwindSafe(|| comes_back(state, wreck))).is_err() {
                bad.push(format!("{} ({wreck:?})", state.name));
            }
        }
    }
    assert!(bad.is_empty(), "{} did not come back: {bad:#?}", bad.len());
}

/// Saved without a change, wrecked, and back exactly.
fn comes_back(state: &State, wreck: Wreck) {
    let sandbox = (state.make)();
    wreck.prepare(&sandbox);
    let before = Exact::of(&sandbox, state.unkept);
    let repository = sandbox.git_dir().is_dir().then(|| sandbox.repository());
    let saved = sandbox.ckpt(&["save", "kept", "--json"]).ends_orderly();
    assert!(matches!(saved.code(), Some(0)), "{}: {}", state.name, saved.describe());
    let why = format!("{}: saving", state.name);
    if let Some(repository) = repository {
        repository.must_equal(&sandbox.repository(), &why);
    }
    before.must_equal(&Exact::of(&sandbox, state.unkept), &why);
    for path in state.unkept {
        let omitted = saved.json()["skipped"].to_string();
        assert!(omitted.contains(path), "{}: `{path}` is not named in {}", state.name, saved.describe());
    }
    wreck.run(&sandbox, state.unkept);
    let why = format!("{}, wrecked ({wreck:?})", state.name);
    assert!(!before.equals(&Exact::of(&sandbox, state.unkept)), "{why}: the wreck changed nothing");
    sandbox.ckpt(&["load", "kept", "--head", "--operation", "--yes"]).succeeds();
    wreck.take_away_what_was_hidden(&sandbox);
    before.must_equal(&Exact::of(&sandbox, state.unkept), &why);
}

macro_rules! groups {
    ($($test:ident => $group:ident;)*) => {
        $(#[test]
        fn $test() {
            check_group($group::STATES);
        })*
    };
}

groups! {
    odd_contents_come_back => content;
    odd_names_come_back => names;
    odd_indexes_come_back => indexes;
    odd_heads_come_back => heads;
    operations_in_progress_come_back => operations;
    odd_layouts_come_back => layouts;
}

/// The same by other means, for the comparison alone: these may fail.
#[test]
fn other_ways_are_counted_beside() {
    if !reliability::is_sweep() {
        return;
    }
    let states = all();
    let mut figures =
        vec![format!("ckpt {} of {}", states.iter().filter(|one| is_kept_by(one, Keeper::Ckpt)).count(), states.len())];
    for (name, keeper) in [("`git stash -u`", Keeper::Stash), ("`add -A` in an index of its own", Keeper::Plumbing)] {
        let count = states.iter().filter(|one| is_kept_by(one, keeper)).count();
        figures.push(format!("{name} {count}"));
    }
    reliability::record(&Row {
        what: "Odd states that come back exact (saved, wrecked, restored)",
        figure: &figures.join(", "),
        command: "CKPT_SWEEP=1 cargo test --test states",
    });
}

fn is_kept_by(state: &State, keeper: Keeper) -> bool {
    let attempt = || {
        let sandbox = (state.make)();
        let before = Exact::of(&sandbox, state.unkept);
        let Some(kept) = keeper.save(&sandbox) else { return false };
        Wreck::Files.run(&sandbox, state.unkept);
        keeper.restore(&sandbox, &kept);
        before.equals(&Exact::of(&sandbox, state.unkept))
    };
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let kept = catch_unwind(AssertUnwindSafe(attempt)).unwrap_or(false);
    std::panic::set_hook(quiet);
    kept
}
