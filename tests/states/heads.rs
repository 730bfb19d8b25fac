//! Where HEAD may be.

use crate::sandbox::Sandbox;
use crate::{State, state};

pub const STATES: &[State] = &[
    state("before the first commit", || {
        let sandbox = Sandbox::unborn();
        sandbox.write("a.txt", "first\n");
        sandbox.write("b.txt", "staged\n");
        sandbox.git(&["add", "b.txt"]);
        sandbox
    }),
    state("orphan branch", || {
        with(|one| {
            one.git(&["checkout", "-q", "--orphan", "fresh"]);
            one.write("a.txt", "changed\n");
        })
    }),
    state("detached", || {
        with(|one| {
            one.git(&["checkout", "-q", "--detach"]);
            one.write("a.txt", "changed\n");
        })
    }),
    state("detached at an older commit", || {
        with(|one| {
            one.write("a.txt", "second\n");
            one.commit("second");
            one.git(&["checkout", "-q", "HEAD~1"]);
        })
    }),
    state("branch with a folder in its name", || {
        with(|one| {
            one.git(&["checkout", "-q", "-b", "feature/größe/🦀"]);
            one.write("a.txt", "changed\n");
        })
    }),
    state("packed refs", || {
        with(|one| {
            one.git(&["pack-refs", "--all"]);
            one.write("a.txt", "changed\n");
        })
    }),
    state("no identity", || {
        with(|one| {
            std::fs::write(one.home().join("gitconfig"), "[user]\n\tuseConfigOnly = true\n").unwrap();
            one.write("a.txt", "changed\n");
        })
    }),
    state("signing demanded", || {
        with(|one| {
            one.git(&["config", "commit.gpgSign", "true"]);
            one.git(&["config", "gpg.program", "/nonexistent/gpg"]);
            one.write("a.txt", "changed\n");
        })
    }),
];

fn with(change: impl Fn(&Sandbox)) -> Sandbox {
    let sandbox = Sandbox::new();
    change(&sandbox);
    sandbox
}
