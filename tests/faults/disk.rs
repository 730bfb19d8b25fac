//! Full and read-only disks: a small file system of our own, mounted where only this test sees it.
//!
//! Where the system does not let us mount, the tests say so and prove nothing.

use std::fs;
use std::process::{Command, Stdio};

use crate::sandbox::random::Random;
use crate::sandbox::{Outcome, RepositoryState, Sandbox};
use crate::scene::is_pending;

/// Set in the process that has a mount namespace of its own.
const INSIDE: &str = "CKPT_TEST_MAY_MOUNT";

/// Runs an ignored test of this binary where it may mount; false when that is not permitted here.
fn run_inside(test: &str) -> bool {
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--map-root-user"]).stdin(Stdio::null());
        command
    };
    let probe = unshare().args(["mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this system does not let a test mount a file system");
        return false;
    }
    let mut command = unshare();
    command.arg(std::env::current_exe().unwrap()).args(["--exact", test, "--ignored", "--nocapture"]).env(INSIDE, "1");
    let outcome = Outcome::of(&mut command);
    assert!(outcome.stdout().contains("1 passed"), "{}", outcome.describe());
    true
}

fn may_mount() -> bool {
    std::env::var_os(INSIDE).is_some()
}

fn mount(arguments: &[&str]) {
    assert!(Command::new("mount").args(arguments).status().unwrap().success(), "mount {arguments:?}");
}

/// A repository on a file system of 8 MB, with the checkpoint `good`.
fn small() -> Sandbox {
    let sandbox = Sandbox::empty();
    mount(&["-t", "tmpfs", "-o", "size=8m", "none", sandbox.work().to_str().unwrap()]);
    sandbox.git(&["init", "-q"]);
    sandbox.write("a.txt", "alpha\n");
    sandbox.commit("first");
    sandbox.write("big.bin", Random::new(1).bytes(400_000));
    sandbox.save(&["good"]);
    sandbox
}

/// Fills the disk but for `free` bytes.
fn fill(sandbox: &Sandbox, free: usize) {
    let mut filler = fs::File::create(sandbox.git_dir().join("filler")).unwrap();
    while std::io::Write::write_all(&mut filler, &[0; 4096]).is_ok() {}
    let length = filler.metadata().unwrap().len();
    filler.set_len(length.saturating_sub(free as u64)).unwrap();
}

fn make_room(sandbox: &Sandbox) {
    fs::remove_file(sandbox.git_dir().join("filler")).unwrap();
}

/// Files of `objects/` that a crash may leave but an error may not.
fn unfinished_objects(sandbox: &Sandbox) -> Vec<String> {
    let walk = walkdir::WalkDir::new(sandbox.git_dir().join("objects")).into_iter().map(|entry| entry.unwrap());
    let names = walk.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains("tmp") || name.starts_with('.') || name.ends_with(".lock")).collect()
}

const FREE: [usize; 8] = [0, 4 << 10, 16 << 10, 64 << 10, 128 << 10, 300 << 10, 400 << 10, 500 << 10];

#[test]
fn a_full_disk_fails_the_save_and_harms_nothing() {
    run_inside("disk::full_disk_save_worker");
}

#[test]
#[ignore = "started by the test above, where it may mount"]
fn full_disk_save_worker() {
    let failures = FREE.iter().filter(|&&free| may_mount() && check_full_save(free)).count();
    assert!(!may_mount() || failures >= 3, "only {failures} saves failed: the disk was not full");
}

/// True when the save failed.
fn check_full_save(free: usize) -> bool {
    let sandbox = small();
    sandbox.write("more.bin", Random::new(2).bytes(400_000));
    fill(&sandbox, free);
    let (picture, state) = (sandbox.picture(), sandbox.repository());
    let outcome = sandbox.ckpt(&["save", "second"]).ends_orderly();
    picture.must_equal(&sandbox.picture(), &format!("{free} bytes free"));
    state.must_equal(&RepositoryState::of(&sandbox), &format!("{free} bytes free"));
    assert_eq!(unfinished_objects(&sandbox), Vec::<String>::new(), "{free} bytes free\n{}", outcome.describe());
    sandbox.ckpt(&["list"]).succeeds().says("good");
    make_room(&sandbox);
    sandbox.git(&["fsck", "--strict", "--no-dangling"]);
    sandbox.save(&["second", "--move", "--always"]);
    outcome.code() != Some(0)
}

#[test]
fn a_full_disk_fails_the_load_and_mixes_nothing() {
    run_inside("disk::full_disk_load_worker");
}

#[test]
#[ignore = "started by the test above, where it may mount"]
fn full_disk_load_worker() {
    let failures = FREE.iter().filter(|&&free| may_mount() && check_full_load(free)).count();
    assert!(!may_mount() || failures >= 3, "only {failures} loads failed: the disk was not full");
}

/// True when the load failed.
fn check_full_load(free: usize) -> bool {
    let sandbox = small();
    let good = sandbox.picture();
    sandbox.write("big.bin", "small now\n");
    sandbox.write("a.txt", "changed\n");
    let wreck = sandbox.picture();
    fill(&sandbox, free);
    let outcome = sandbox.ckpt(&["load", "good", "--yes"]).ends_orderly();
    let failed = outcome.code() != Some(0);
    make_room(&sandbox);
    if is_pending(&sandbox) {
        sandbox.ckpt(&["recover", "--undo", "--yes"]).succeeds();
    }
    let wanted = if failed { &wreck } else { &good };
    wanted.must_equal(&sandbox.picture(), &format!("{free} bytes free\n{}", outcome.describe()));
    sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    good.must_equal(&sandbox.picture(), &format!("{free} bytes free, then room"));
    failed
}

#[test]
fn a_read_only_repository_can_be_read_and_refuses_the_rest() {
    run_inside("disk::read_only_worker");
}

#[test]
#[ignore = "started by the test above, where it may mount"]
fn read_only_worker() {
    if !may_mount() {
        return;
    }
    let sandbox = small();
    sandbox.write("a.txt", "changed\n");
    mount(&["-o", "remount,ro", sandbox.work().to_str().unwrap()]);
    let readers: [&[&str]; 6] =
        [&["list"], &["show"], &["status"], &["diff"], &["operations"], &["load", "good", "--dry-run"]];
    for arguments in readers {
        sandbox.ckpt(arguments).succeeds();
    }
    let writers: [&[&str]; 5] = [
        &["save"],
        &["load", "good", "--yes"],
        &["drop", "good", "--yes"],
        &["name", "@", "other"],
        &["rename", "good", "other"],
    ];
    for arguments in writers {
        let outcome = sandbox.ckpt(arguments).ends_with(1);
        assert!(outcome.stdout().is_empty(), "{}", outcome.describe());
        assert!(outcome.stderr().contains("ead-only"), "{}", outcome.describe());
    }
}

#[test]
fn a_write_limit_fails_the_save_without_a_trace() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    sandbox.write("big.bin", Random::new(5).bytes(300_000));
    let mut command = sandbox.command("prlimit");
    command.args(["--fsize=65536", env!("CARGO_BIN_EXE_ckpt"), "save", "second"]);
    let outcome = Outcome::of(&mut command);
    assert_ne!(outcome.code(), Some(0), "{}", outcome.describe());
    sandbox.ckpt(&["list"]).succeeds().says("good").does_not_say("second");
    sandbox.git(&["fsck", "--strict", "--no-dangling"]);
    sandbox.save(&["second"]);
}

/// `ckpt` with a limit of file sizes, in blocks of 512 bytes; no core is dumped, for that would be a file as well.
fn limited(sandbox: &Sandbox, blocks: u32, arguments: &str) -> Outcome {
    let ckpt = env!("CARGO_BIN_EXE_ckpt");
    let script = format!("ulimit -c 0; ulimit -f {blocks}; exec {ckpt} {arguments}");
    Outcome::of(sandbox.command("sh").args(["-c", &script]))
}

#[test]
fn a_save_beyond_the_limit_of_file_sizes_says_so() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    sandbox.write("big.bin", Random::new(5).bytes(300_000));
    let state = sandbox.repository();
    let outcome = limited(&sandbox, 8, "save second").ends_with(1);
    let _ = outcome.warns("pack").warns("File too large").warns("4096 bytes").warns("ulimit -f");
    state.must_equal(&RepositoryState::of(&sandbox), "after the failure");
    assert_eq!(unfinished_objects(&sandbox), Vec::<String>::new());
    sandbox.save(&["second"]);
}

#[test]
fn a_load_beyond_the_limit_of_file_sizes_is_refused_before_anything_moves() {
    let sandbox = Sandbox::new();
    sandbox.write("big.bin", "x".repeat(100_000));
    sandbox.save(&["good"]);
    sandbox.write("big.bin", "small now\n");
    sandbox.write("a.txt", "changed\n");
    let wreck = sandbox.picture();
    let outcome = limited(&sandbox, 64, "load good --yes").ends_with(1);
    let _ = outcome.warns("big.bin").warns("32768 bytes").warns("ulimit -f");
    wreck.must_equal(&sandbox.picture(), "nothing moved");
    assert!(!is_pending(&sandbox));
    sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    assert_eq!(sandbox.read("big.bin").len(), 100_000);
}
