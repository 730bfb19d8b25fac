//! A repository with a checkpoint and a wreck of it, made anew for each death.

use std::collections::BTreeMap;
use std::process::Command;

use bstr::BString;

use crate::sandbox::repository::index_entries;
use crate::sandbox::{Outcome, Picture, Sandbox};

/// The checkpoint `good`, the state it holds, and the state that came after.
pub struct Scene {
    pub sandbox: Sandbox,
    pub good: Picture,
    pub good_index: Vec<(BString, u32)>,
    pub wreck: Picture,
    pub wreck_index: Vec<(BString, u32)>,
}

impl Scene {
    /// Saves `good`, then changes, deletes, adds and retypes files and changes the index.
    pub fn new() -> Scene {
        let sandbox = Sandbox::new();
        sandbox.write("staged.txt", "staged\n");
        sandbox.git(&["add", "staged.txt"]);
        sandbox.write("deep/er/file.txt", "deep\n");
        sandbox.write("kind", "a file\n");
        sandbox.link("pointer", "a.txt");
        sandbox.mkdir("void");
        sandbox.write("secret", "0600\n");
        sandbox.chmod("secret", 0o600);
        sandbox.save(&["good"]);
        let (good, good_index) = (sandbox.picture(), index_entries(&sandbox));
        sandbox.write("a.txt", "wrecked\n");
        sandbox.remove("deep");
        sandbox.remove("kind");
        sandbox.write("kind/inside.txt", "a folder now\n");
        sandbox.remove("pointer");
        sandbox.remove("void");
        sandbox.chmod("secret", 0o644);
        sandbox.write("junk/new.txt", "new\n");
        sandbox.git(&["add", "-A"]);
        sandbox.write("junk/more.txt", "not staged\n");
        let (wreck, wreck_index) = (sandbox.picture(), index_entries(&sandbox));
        Scene { sandbox, good, good_index, wreck, wreck_index }
    }

    pub fn is_good(&self) -> bool {
        self.sandbox.picture() == self.good && index_entries(&self.sandbox) == self.good_index
    }

    pub fn is_wreck(&self) -> bool {
        self.sandbox.picture() == self.wreck && index_entries(&self.sandbox) == self.wreck_index
    }

    /// Fails unless files and index are those of the checkpoint.
    #[track_caller]
    pub fn must_be_good(&self, why: &str) {
        self.good.must_equal(&self.sandbox.picture(), why);
        assert_eq!(self.good_index, index_entries(&self.sandbox), "{why}: the index");
    }

    /// Fails unless files and index are those before the load.
    #[track_caller]
    pub fn must_be_wreck(&self, why: &str) {
        self.wreck.must_equal(&self.sandbox.picture(), why);
        assert_eq!(self.wreck_index, index_entries(&self.sandbox), "{why}: the index");
    }

    /// `ckpt load good --yes`, not yet run.
    pub fn load(&self) -> Command {
        self.sandbox.ckpt_command(&["load", "good", "--yes"])
    }
}

/// Whether an interrupted load waits for `recover`.
pub fn is_pending(sandbox: &Sandbox) -> bool {
    is_pending_in(sandbox, "")
}

/// The same in a repository that stands at a place of the work tree.
pub fn is_pending_in(sandbox: &Sandbox, place: &str) -> bool {
    let outcome = sandbox.ckpt_in(&format!("work/{place}"), &["status", "--json"]).succeeds();
    !outcome.json()["pending"].is_null()
}

/// Finishes an interrupted load.
pub fn finish(sandbox: &Sandbox) -> Command {
    sandbox.ckpt_command(&["recover", "--yes"])
}

/// Undoes an interrupted load.
pub fn undo(sandbox: &Sandbox) -> Command {
    sandbox.ckpt_command(&["recover", "--undo", "--yes"])
}

/// The fault points that a command passes, each with how often; the command must succeed.
pub fn points(mut command: Command, sandbox: &Sandbox) -> Vec<(String, u32)> {
    let log = sandbox.root().join("fault-log");
    let _ = std::fs::remove_file(&log);
    Outcome::of(command.env("CKPT_FAULT_LOG", &log)).succeeds();
    let text = std::fs::read_to_string(&log).unwrap_or_default();
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        *counts.entry(line.to_owned()).or_insert(0) += 1;
    }
    // Caches are written beside the rest, each as often as it happens to be worth it.
    counts.entry("atomic.before-rename".to_owned()).and_modify(|count| *count = 1);
    counts.into_iter().collect()
}

/// The first occurrences of a point, and the last one.
pub fn occurrences(count: u32, at_most: u32) -> Vec<u32> {
    let mut numbers: Vec<_> = (1..=count.min(at_most)).collect();
    if count > at_most {
        numbers.push(count);
    }
    numbers
}

/// Runs a command that dies at the `number`-th passage of a point; fails when it does not die.
pub fn die_at(mut command: Command, point: &str, number: u32) {
    let outcome = Outcome::of(command.env("CKPT_FAULT", format!("{point}:{number}")));
    assert_eq!(outcome.code(), None, "it should have died at {point}:{number}\n{}", outcome.describe());
}

/// What must hold after any accident: `list` works and the repository is sound.
#[track_caller]
pub fn must_be_sound(sandbox: &Sandbox, why: &str) {
    let listed = sandbox.ckpt(&["list"]);
    assert_eq!(listed.code(), Some(0), "{why}\n{}", listed.describe());
    assert!(listed.stdout().contains("good"), "{why}\n{}", listed.describe());
    let checked = sandbox.try_git(&["fsck", "--strict", "--no-dangling", "--connectivity-only"]);
    assert_eq!(checked.code(), Some(0), "{why}\n{}", checked.describe());
}
