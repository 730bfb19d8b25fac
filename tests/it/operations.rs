//! A merge, rebase, cherry-pick, revert or bisect in progress.

use crate::sandbox::repository::index_entries;
use crate::sandbox::{Outcome, Sandbox};

fn start(sandbox: &Sandbox, kind: &str) {
    let outcome = match kind {
        "merge" => sandbox.try_git(&["merge", "-q", "side"]),
        "cherry-pick" => sandbox.try_git(&["cherry-pick", "side"]),
        "revert" => {
            sandbox.write("a.txt", "third\n");
            sandbox.commit("third");
            sandbox.try_git(&["revert", "--no-edit", "HEAD~1"])
        }
        "rebase" => sandbox.try_git(&["rebase", "-q", "side"]),
        _ => unreachable!("no such operation"),
    };
    assert_eq!(outcome.code(), Some(1), "there should be a conflict\n{}", outcome.describe());
}

fn abort(sandbox: &Sandbox, kind: &str) {
    sandbox.git(&[kind, "--abort"]);
}

#[test]
fn each_kind_is_saved_named_and_brought_back() {
    for kind in ["merge", "cherry-pick", "revert"] {
        let sandbox = Sandbox::disagreeing();
        start(&sandbox, kind);
        let before = (sandbox.picture(), index_entries(&sandbox), sandbox.git(&["status"]));
        sandbox.save(&["during"]);
        let _ = sandbox.ckpt(&["show", "during"]).succeeds().says(kind);
        assert_eq!(before.2, sandbox.git(&["status"]), "{kind}: the save itself changed it");
        abort(&sandbox, kind);
        let refused = sandbox.ckpt(&["load", "during", "--yes"]);
        assert!(matches!(refused.code(), Some(0 | 1)), "{}", refused.describe());
        assert!((refused.stdout() + &refused.stderr()).contains("--operation"), "{}", refused.describe());
        let _ = sandbox.ckpt(&["load", "during", "--operation", "--yes"]).succeeds();
        before.0.must_equal(&sandbox.picture(), kind);
        assert_eq!(before.1, index_entries(&sandbox), "{kind}");
        assert_eq!(before.2, sandbox.git(&["status"]), "{kind}");
        abort(&sandbox, kind);
    }
}

#[test]
fn a_rebase_goes_on_after_a_load() {
    let sandbox = Sandbox::disagreeing();
    start(&sandbox, "rebase");
    let before = (sandbox.picture(), sandbox.git(&["status"]));
    sandbox.save(&["during"]);
    abort(&sandbox, "rebase");
    sandbox.git(&["reflog", "expire", "--expire=now", "--all"]);
    sandbox.git(&["gc", "-q", "--prune=now"]);
    let _ = sandbox.ckpt(&["load", "during", "--operation", "--head", "--yes"]).succeeds();
    before.0.must_equal(&sandbox.picture(), "files");
    assert_eq!(before.1, sandbox.git(&["status"]));
    sandbox.write("a.txt", "both\n");
    sandbox.git(&["add", "a.txt"]);
    let mut command = sandbox.command("git");
    command.args(["rebase", "--continue"]).env("GIT_EDITOR", "true");
    let _ = Outcome::of(&mut command).succeeds();
    assert_eq!(sandbox.git(&["log", "--format=%s", "-2"]), "main\nside");
}

#[test]
fn the_same_operation_stays_as_it_is() {
    let sandbox = Sandbox::disagreeing();
    start(&sandbox, "merge");
    sandbox.save(&["during"]);
    sandbox.write("a.txt", "half resolved\n");
    let _ = sandbox.ckpt(&["load", "during", "--yes"]).succeeds();
    assert!(sandbox.git_dir().join("MERGE_HEAD").exists());
    assert!(String::from_utf8(sandbox.read("a.txt")).unwrap().contains("<<<<<<<"));
}

#[test]
fn another_operation_is_in_the_way() {
    let sandbox = Sandbox::disagreeing();
    sandbox.save(&["quiet"]);
    start(&sandbox, "merge");
    let before = (sandbox.picture(), sandbox.git(&["status"]));
    let _ = sandbox.ckpt(&["load", "quiet", "--yes"]).ends_with(1).warns("--operation");
    before.0.must_equal(&sandbox.picture(), "files");
    assert_eq!(before.1, sandbox.git(&["status"]));
    let _ = sandbox.ckpt(&["load", "quiet", "--operation", "--yes"]).succeeds();
    assert!(!sandbox.git_dir().join("MERGE_HEAD").exists());
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(before.1, sandbox.git(&["status"]));
}
