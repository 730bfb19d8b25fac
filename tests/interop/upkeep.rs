//! Git's own upkeep (gc, repack, prune, fsck) beside and after saves.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sandbox::repository::index_entries;
use crate::sandbox::{Kind, Outcome, Sandbox};

/// Blobs that only the index or a conflict stage names, an untracked file, CR LF bytes that git would not give back.
fn rich() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    sandbox.write(".gitattributes", "*.dos text eol=lf\n");
    sandbox.write("mixed.dos", "one\r\ntwo\nthree\r\n");
    sandbox.write("a.txt", "only the index has this\n");
    sandbox.git(&["add", "a.txt"]);
    sandbox.write("a.txt", "and only the file has this\n");
    make_conflict(&sandbox);
    sandbox.mkdir("void");
    sandbox.chmod("run.sh", 0o700);
    let id = sandbox.save(&["rich"]);
    (sandbox, id)
}

fn make_conflict(sandbox: &Sandbox) {
    let text = sandbox.root().join("text");
    let ids: Vec<_> = (1..=3)
        .map(|stage| {
            std::fs::write(&text, format!("stage {stage}\n")).unwrap();
            sandbox.git(&["hash-object", "-w", text.to_str().unwrap()])
        })
        .collect();
    let lines: String = (1..=3).map(|stage| format!("100644 {} {stage}\tsrc/main.rs\n", ids[stage - 1])).collect();
    let info = sandbox.root().join("info");
    std::fs::write(&info, format!("0 {}\tsrc/main.rs\n{lines}", "0".repeat(Kind::of_run().digits()))).unwrap();
    let mut command = sandbox.command("git");
    command.args(["update-index", "--index-info"]).stdin(std::fs::File::open(info).unwrap());
    assert!(command.status().unwrap().success());
}

fn wreck(sandbox: &Sandbox) {
    sandbox.git(&["reset", "-q", "--hard"]);
    sandbox.git(&["clean", "-q", "-fdx"]);
    sandbox.chmod("run.sh", 0o755);
    sandbox.write("junk.txt", "junk\n");
}

fn load_brings_all_back_after(upkeep: &[&[&str]]) {
    let (sandbox, _) = rich();
    let (picture, index) = (sandbox.picture(), index_entries(&sandbox));
    wreck(&sandbox);
    for arguments in upkeep {
        sandbox.git(arguments);
    }
    sandbox.ckpt(&["load", "rich", "--yes"]).succeeds();
    picture.must_equal(&sandbox.picture(), &format!("after {upkeep:?}"));
    assert_eq!(index, index_entries(&sandbox), "after {upkeep:?}");
    sandbox.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn nothing_is_lost_to_gc() {
    load_brings_all_back_after(&[&["reflog", "expire", "--expire=now", "--all"], &["gc", "-q", "--prune=now"]]);
}

#[test]
fn nothing_is_lost_to_repack_and_prune() {
    load_brings_all_back_after(&[
        &["reflog", "expire", "--expire=now", "--all"],
        &["repack", "-q", "-a", "-d"],
        &["prune", "--expire=now"],
        &["prune-packed"],
        &["pack-refs", "--all", "--prune"],
    ]);
}

#[test]
fn fsck_is_clean_after_every_command() {
    let (sandbox, _) = rich();
    let commands: [&[&str]; 7] = [
        &["load", "rich", "--yes"],
        &["undo"],
        &["redo"],
        &["save", "other", "-m", "a note", "--next", "a step"],
        &["rename", "other", "third"],
        &["drop", "third", "--yes"],
        &["undo", "--yes"],
    ];
    for arguments in commands {
        wreck(&sandbox);
        sandbox.ckpt(arguments).succeeds();
        let outcome = sandbox.try_git(&["fsck", "--strict", "--full"]).succeeds();
        assert!(!outcome.stderr().contains("warning"), "after {arguments:?}\n{}", outcome.describe());
    }
}

#[test]
fn gc_running_beside_saves_takes_nothing_away() {
    let sandbox = Sandbox::new();
    let done = AtomicBool::new(false);
    let (outcomes, rounds) = std::thread::scope(|scope| {
        let collector = scope.spawn({
            let (work, done) = (sandbox.work(), &done);
            let mut gc = sandbox.command("git");
            gc.args(["gc", "-q", "--prune=now"]).current_dir(work);
            move || run_until(&mut gc, done)
        });
        let outcomes: Vec<_> = (0..40).map(|number| save_one(&sandbox, number)).collect();
        done.store(true, Ordering::SeqCst);
        (outcomes, collector.join().unwrap())
    });
    assert!(rounds > 2, "gc hardly ran");
    sandbox.git(&["fsck", "--strict", "--no-dangling"]);
    for (number, outcome) in outcomes.into_iter().enumerate() {
        let id = outcome.succeeds().json_text("id");
        assert_eq!(sandbox.git(&["show", &format!("{id}:file{number}.txt")]), format!("content {number}"));
    }
}

fn save_one(sandbox: &Sandbox, number: usize) -> Outcome {
    sandbox.write(format!("file{number}.txt"), format!("content {number}\n"));
    sandbox.ckpt(&["save", "--json"])
}

fn run_until(command: &mut Command, done: &AtomicBool) -> u32 {
    let mut rounds = 0;
    while !done.load(Ordering::SeqCst) {
        let _ = command.output();
        rounds += 1;
    }
    rounds
}
