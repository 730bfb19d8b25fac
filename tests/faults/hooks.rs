//! Hooks that die, run out of space, or may not be written: the user's git goes on, and so do the next ones.

use std::fs;

use crate::disk::{fill, make_room, may_mount, mount, run_inside, small};
use crate::sandbox::{Outcome, Picture, Sandbox};
use crate::scene::{die_at, must_be_sound, points};

fn installed() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    sandbox.ckpt(&["hooks", "install"]).succeeds();
    sandbox
}

/// A commit that no hook hears of.
fn commit_silently(sandbox: &Sandbox, subject: &str) {
    let mut command = sandbox.command("git");
    command.args(["commit", "-q", "--allow-empty", "-m", subject]).env("CKPT_HOOKS", "off");
    Outcome::of(&mut command).succeeds();
}

fn note(sandbox: &Sandbox) -> String {
    sandbox.try_git(&["notes", "--ref=ckpt", "show", "HEAD"]).stdout()
}

#[test]
fn a_hook_may_die_at_every_point() {
    let sandbox = installed();
    commit_silently(&sandbox, "second");
    let all = points(sandbox.ckpt_command(&["hook-run", "post-commit"]), &sandbox);
    assert!(all.len() >= 3, "a hook passes hardly any fault point: {all:?}");
    for (point, _) in all {
        let why = format!("died at {point}");
        commit_silently(&sandbox, &why);
        die_at(sandbox.ckpt_command(&["hook-run", "post-commit"]), &point, 1);
        must_be_sound(&sandbox, &why);
        // Git calls the shell of the hook file, which makes nothing of it.
        let mut command = sandbox.command("git");
        command.args(["commit", "-q", "--allow-empty", "-m", &why]).env("CKPT_FAULT", &point);
        Outcome::of(&mut command).succeeds().prints_nothing();
        sandbox.commit("the next one");
        assert_eq!(note(&sandbox).lines().count(), 1, "{why}: the next hook gets through");
    }
}

#[test]
fn an_installation_that_dies_is_removed_without_a_trace() {
    let hooks = |sandbox: &Sandbox| Picture::without(&sandbox.git_dir().join("hooks"), &|_| false);
    for number in 1..=4 {
        let sandbox = Sandbox::new();
        let path = sandbox.git_dir().join("hooks/post-checkout");
        fs::write(&path, "#!/bin/sh\necho mine").unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let before = hooks(&sandbox);
        die_at(sandbox.ckpt_command(&["hooks", "install"]), "hooks.file-changed", number);
        sandbox.git(&["commit", "-q", "--allow-empty", "-m", "in between"]);
        sandbox.ckpt(&["hooks", "remove"]).succeeds();
        before.must_equal(&hooks(&sandbox), &format!("died after file {number}"));
        sandbox.ckpt(&["hooks", "install"]).succeeds();
        sandbox.ckpt(&["hooks", "test"]).succeeds();
    }
}

#[test]
fn a_full_disk_is_no_concern_of_gits() {
    run_inside("hooks::full_disk_worker");
}

#[test]
#[ignore = "started by the test above, where it may mount"]
fn full_disk_worker() {
    if !may_mount() {
        return;
    }
    for free in [0, 4 << 10, 8 << 10, 16 << 10, 32 << 10] {
        let sandbox = small();
        sandbox.ckpt(&["hooks", "install"]).succeeds();
        commit_silently(&sandbox, "second");
        fill(&sandbox, free);
        sandbox.ckpt(&["hook-run", "post-commit"]).succeeds().prints_nothing();
        make_room(&sandbox);
        sandbox.git(&["fsck", "--strict", "--no-dangling"]);
        sandbox.commit("third");
        assert_ne!(note(&sandbox), "", "{free} bytes free, then room");
    }
}

#[test]
fn a_hook_folder_that_may_not_be_written_is_named() {
    run_inside("hooks::read_only_folder_worker");
}

#[test]
#[ignore = "started by the test above, where it may mount"]
fn read_only_folder_worker() {
    if !may_mount() {
        return;
    }
    let sandbox = Sandbox::new();
    let folder = sandbox.git_dir().join("hooks");
    mount(&["-t", "tmpfs", "-o", "ro", "none", folder.to_str().unwrap()]);
    let outcome = sandbox.ckpt(&["hooks", "install"]).ends_with(1).warns("ead-only");
    assert!(outcome.stderr().contains(".git/hooks/post-commit"), "{}", outcome.describe());
    sandbox.ckpt(&["hooks", "status"]).succeeds().says("No hooks are installed");
    sandbox.ckpt(&["hooks", "remove"]).succeeds();
}
