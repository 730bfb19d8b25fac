//! What may be in progress.

use crate::sandbox::Sandbox;
use crate::{State, state};

pub const STATES: &[State] = &[
    state("merge with a conflict", || stopped(&["merge", "side"])),
    state("merge, half resolved", || {
        let sandbox = stopped(&["merge", "side"]);
        sandbox.write("a.txt", "resolved\n");
        sandbox.git(&["add", "a.txt"]);
        sandbox.write("untracked", "beside\n");
        sandbox
    }),
    state("merge without its commit", || {
        let sandbox = Sandbox::disagreeing();
        sandbox.git(&["merge", "-q", "--no-commit", "-s", "ours", "side"]);
        sandbox
    }),
    state("squash", || stopped(&["merge", "--squash", "side"])),
    state("rebase with a conflict", || stopped(&["rebase", "side"])),
    state("rebase of the old kind", || stopped(&["rebase", "--apply", "side"])),
    state("rebase with an autostash", || {
        let sandbox = Sandbox::disagreeing();
        sandbox.write("run.sh", "#!/bin/sh\necho not committed\n");
        sandbox.try_git(&["rebase", "--autostash", "side"]);
        sandbox
    }),
    state("rebase stopped to edit", || {
        let sandbox = Sandbox::disagreeing();
        let mut command = sandbox.command("git");
        command.args(["rebase", "-i", "HEAD~1"]).env("GIT_SEQUENCE_EDITOR", "sed -i s/^pick/edit/");
        crate::sandbox::Outcome::of(&mut command).succeeds();
        sandbox.write("a.txt", "amending\n");
        sandbox
    }),
    state("cherry-pick with a conflict", || stopped(&["cherry-pick", "side"])),
    state("cherry-pick of several", || {
        let sandbox = Sandbox::disagreeing();
        sandbox.git(&["checkout", "-q", "side"]);
        sandbox.write("second.txt", "second\n");
        sandbox.commit("second of side");
        sandbox.git(&["checkout", "-q", "main"]);
        sandbox.try_git(&["cherry-pick", "side~1", "side"]);
        sandbox
    }),
    state("revert with a conflict", || {
        let sandbox = Sandbox::disagreeing();
        sandbox.write("a.txt", "once more\n");
        sandbox.commit("once more");
        sandbox.try_git(&["revert", "--no-edit", "HEAD~1"]);
        sandbox
    }),
    state("am with a conflict", || {
        let sandbox = Sandbox::disagreeing();
        let patch = sandbox.try_git(&["format-patch", "--stdout", "-1", "side"]).stdout();
        let path = sandbox.root().join("patch");
        std::fs::write(&path, patch).unwrap();
        sandbox.try_git(&["am", "-3", path.to_str().unwrap()]);
        sandbox
    }),
    state("bisect", || {
        let sandbox = Sandbox::new();
        for number in 0..5 {
            sandbox.write("a.txt", format!("{number}\n"));
            sandbox.commit(&format!("number {number}"));
        }
        sandbox.git(&["bisect", "start", "HEAD", "HEAD~4"]);
        sandbox.write("untracked", "beside\n");
        sandbox
    }),
];

/// A command that stops at the disagreement of the branches.
fn stopped(arguments: &[&str]) -> Sandbox {
    let sandbox = Sandbox::disagreeing();
    let outcome = sandbox.try_git(arguments);
    assert_ne!(outcome.code(), Some(0), "it should have stopped: {}", outcome.describe());
    sandbox
}
