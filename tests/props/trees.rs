//! The saved tree is, id for id, the tree that git builds.

use std::process::Command;

use ckpt::model::checkpoint::CheckpointKind;
use ckpt::ops::save::{SaveRequest, Saved, save};

use crate::doubt;
use crate::generator::{Allowed, Generator};
use crate::oracle;
use crate::sandbox::{Outcome, Sandbox};
use crate::workers;

/// States of one repository; its caches live through all of them.
const STATES: u64 = 50;

/// Repositories of the usual run: 42 × 50 = 2,100 work trees.
const REPOSITORIES: u64 = 42;

#[test]
fn a_saved_tree_is_the_tree_that_git_builds() {
    let repositories = REPOSITORIES * workers::sweep_factor();
    workers::run("trees::tree_worker", 1..repositories + 1);
    workers::record("Work trees whose saved tree is, id for id, the one that git builds", repositories * STATES);
}

#[test]
#[ignore = "started by the test above, in a process of its own"]
fn tree_worker() {
    workers::each_seed(check_repository);
}

fn check_repository(seed: u64) {
    let sandbox = Sandbox::unborn();
    sandbox.with_real_clock();
    let mut generator = Generator::new(&sandbox, seed);
    generator.begin();
    for state in 0..STATES {
        check_state(&mut generator, seed, state);
        generator.step(Allowed { head: true, nested: true, settings: true, odd: true });
    }
    check_objects(&generator, seed);
}

fn check_state(generator: &mut Generator<'_>, seed: u64, state: u64) {
    let sandbox = generator.sandbox;
    let mut request = SaveRequest::of_kind(CheckpointKind::Manual);
    request.full = generator.random.chance(4);
    let repo = workers::open(sandbox);
    let place = format!("seed {seed}, state {state}");
    let saved = save(&repo, &request).unwrap_or_else(|error| panic!("{place}: {error}\n{}", generator.done.join("\n")));
    let ours = repo.store.tree_of(&saved.id).unwrap().to_string();
    let git_tree = oracle::tree(sandbox, generator.has_flags);
    if ours != git_tree && !doubt::explains(sandbox, generator.has_flags, &git_tree, &ours) {
        let difference = oracle::describe_difference(sandbox, &git_tree, &ours);
        panic!("{place}: the tree differs from git's\n{difference}\n{}", generator.done.join("\n"));
    }
    check_omissions(&saved, &place);
    generator.note(format!("-- state {state} saved as {}", saved.id));
}

/// Nothing can fail here, so nothing may be missing but by rule.
fn check_omissions(saved: &Saved, place: &str) {
    let failures: Vec<_> = saved.omissions.iter().filter(|omission| omission.reason.is_failure()).collect();
    assert!(failures.is_empty(), "{place}: {failures:?}");
}

/// Every object of every checkpoint is there and sound.
fn check_objects(generator: &Generator<'_>, seed: u64) {
    let fsck = ["fsck", "--strict", "--no-dangling"];
    let mut outcome = generator.sandbox.try_git(&fsck);
    // Git 2.47 now and then writes a sparse index, and a tree of it, that it does not take itself.
    if outcome.stderr().contains("multiple stage entries for merged file") {
        outcome = Outcome::of(copy_of_checkpoints(generator.sandbox).args(fsck));
    }
    assert_eq!(outcome.code(), Some(0), "seed {seed}\n{}\n{}", outcome.describe(), generator.done.join("\n"));
}

/// Git, in a repository that has the checkpoints and nothing else.
fn copy_of_checkpoints(sandbox: &Sandbox) -> Command {
    let copy = sandbox.root().join("copy.git");
    let path = copy.to_str().unwrap();
    sandbox.git(&["init", "-q", "--bare", path]);
    let from = sandbox.git_dir();
    sandbox.git(&["--git-dir", path, "fetch", "-q", "--no-tags", from.to_str().unwrap(), "refs/ckpt/*:refs/ckpt/*"]);
    assert!(!sandbox.git(&["--git-dir", path, "for-each-ref", "refs/ckpt/checkpoints"]).is_empty());
    let mut command = sandbox.command("git");
    command.arg("--git-dir").arg(copy);
    command
}
