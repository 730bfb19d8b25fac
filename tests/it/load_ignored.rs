//! `ckpt load` and what the ignore rules of the point hide.

use serde_json::{Value, json};

use crate::sandbox::{Outcome, Picture, Sandbox};

/// A point whose rules hide an environment file, a folder of packages and logs but one.
fn hidden() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", ".env\nnode_modules/\n*.log\n");
    sandbox.write("sub/.gitignore", "!keep.log\nonly-here\n");
    sandbox.commit("rules");
    sandbox.write(".env", "SECRET=1\n");
    sandbox.write("node_modules/left/pad.js", "pad\n");
    sandbox.write("sub/only-here", "here\n");
    sandbox.write("sub/a.log", "log\n");
    sandbox.write("sub/keep.log", "kept\n");
    sandbox.mkdir("node_modules/bare");
    sandbox.save(&["good"]);
    sandbox
}

fn kept(outcome: &Outcome) -> Value {
    outcome.json()["ignored_kept"].clone()
}

fn undo_is_exact(sandbox: &Sandbox, wreck: &Picture, good: &Picture) {
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    wreck.must_equal(&sandbox.picture(), "after the undo");
    let _ = sandbox.ckpt(&["redo", "--yes"]).succeeds();
    good.must_equal(&sandbox.picture(), "after the redo");
}

#[test]
fn what_only_the_rules_of_the_point_hide_is_left_alone_and_named() {
    let sandbox = hidden();
    let good = sandbox.picture();
    sandbox.write(".gitignore", "");
    sandbox.write("sub/.gitignore", "oops\n");
    sandbox.write("junk.txt", "junk\n");
    sandbox.write("sub/keep.log", "wrecked\n");
    let wreck = sandbox.picture();
    let expected = json!([".env", "node_modules", "sub/a.log", "sub/only-here"]);
    let plan = sandbox.ckpt(&["load", "good", "--dry-run", "--json"]).succeeds();
    assert_eq!(kept(&plan), expected);
    assert_eq!(plan.json()["changes"]["deleted"], 1, "junk.txt alone: {}", plan.describe());
    let loaded = sandbox.ckpt(&["load", "good", "--yes", "--json"]).succeeds();
    assert_eq!(kept(&loaded), expected);
    assert_eq!(loaded.json()["revealed"], json!([]));
    good.must_equal(&sandbox.picture(), "after the load");
    undo_is_exact(&sandbox, &wreck, &good);
}

#[test]
fn people_are_told_what_was_left_alone() {
    let sandbox = hidden();
    sandbox.remove(".gitignore");
    let told = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    let _ = told.says("ignored by the rules of the checkpoint, and left as they are:\n    .env\n    node_modules\n");
}

#[test]
fn what_was_made_since_and_is_hidden_by_the_point_stays_too() {
    let sandbox = hidden();
    sandbox.write(".gitignore", "");
    sandbox.write("node_modules/new/a.js", "new\n");
    sandbox.write("deep/er/.env", "MINE=1\n");
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    assert_eq!(sandbox.read("node_modules/new/a.js"), b"new\n");
    assert_eq!(sandbox.read("deep/er/.env"), b"MINE=1\n");
}

#[test]
fn some_paths_alone_are_loaded_by_the_same_rules() {
    let sandbox = hidden();
    sandbox.write(".gitignore", "");
    sandbox.write("sub/junk", "junk\n");
    let loaded = sandbox.ckpt(&["load", "good", "--yes", "--json", "--path", "sub"]).succeeds();
    assert_eq!(kept(&loaded), json!(["sub/a.log"]));
    assert_eq!(loaded.json()["revealed"], json!([]));
    assert_eq!(sandbox.read("sub/a.log"), b"log\n");
    assert!(!sandbox.exists("sub/junk"));
}

#[test]
fn what_the_index_tracks_is_hidden_from_nobody() {
    let sandbox = hidden();
    sandbox.write("node_modules/added.js", "added\n");
    sandbox.write("was.log", "tracked, and deleted in the point\n");
    sandbox.git(&["add", "-f", "was.log"]);
    sandbox.remove("was.log");
    sandbox.save(&["better"]);
    sandbox.write("was.log", "back again\n");
    sandbox.git(&["add", "-f", "node_modules/added.js"]);
    let wreck = sandbox.picture();
    let loaded = sandbox.ckpt(&["load", "better", "--yes", "--json"]).succeeds();
    assert_eq!(loaded.json()["changes"]["deleted"], 2, "{}", loaded.describe());
    assert!(!sandbox.exists("was.log") && !sandbox.exists("node_modules/added.js"));
    assert_eq!(sandbox.read("node_modules/left/pad.js"), b"pad\n");
    let good = sandbox.picture();
    undo_is_exact(&sandbox, &wreck, &good);
}

#[test]
fn what_the_point_tracks_is_written_though_it_ignores_it() {
    let sandbox = hidden();
    sandbox.write("node_modules/patched.js", "patched\n");
    sandbox.write("cache", "a file\n");
    sandbox.write(".gitignore", ".env\nnode_modules/\ncache/\n");
    sandbox.git(&["add", "-f", "node_modules/patched.js"]);
    sandbox.save(&["better"]);
    sandbox.write(".gitignore", "");
    sandbox.write("node_modules/patched.js", "wrecked\n");
    sandbox.remove("cache");
    sandbox.write("cache/inside", "in the way\n");
    let wreck = sandbox.picture();
    let _ = sandbox.ckpt(&["load", "better", "--yes"]).succeeds();
    assert_eq!(sandbox.read("node_modules/patched.js"), b"patched\n");
    assert_eq!(sandbox.read("cache"), b"a file\n");
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    wreck.must_equal(&sandbox.picture(), "after the undo");
}

#[test]
fn an_empty_folder_that_the_point_could_not_know_stays() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", "build/\n");
    sandbox.mkdir("build");
    sandbox.mkdir("plain");
    sandbox.save(&["good"]);
    sandbox.write(".gitignore", "");
    sandbox.mkdir("made-since");
    let loaded = sandbox.ckpt(&["load", "good", "--yes", "--json"]).succeeds();
    assert_eq!(kept(&loaded), json!(["build"]));
    assert!(sandbox.exists("build") && sandbox.exists("plain") && !sandbox.exists("made-since"));
}

#[test]
fn an_empty_folder_that_is_ignored_now_survives_load_and_undo() {
    let sandbox = Sandbox::new();
    sandbox.mkdir("build");
    sandbox.save(&["good"]);
    let good = sandbox.picture();
    sandbox.write(".gitignore", "build/\n");
    sandbox.chmod("build", 0o700);
    let wreck = sandbox.picture();
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    good.must_equal(&sandbox.picture(), "after the load");
    undo_is_exact(&sandbox, &wreck, &good);
}

#[test]
fn an_interrupted_load_leaves_them_alone_when_it_is_finished() {
    for point in ["apply.removed", "apply.files", "load.index"] {
        let sandbox = hidden();
        let good = sandbox.picture();
        sandbox.write(".gitignore", "");
        sandbox.write("junk.txt", "junk\n");
        sandbox.git(&["add", "-N", "junk.txt"]);
        let killed = Outcome::of(sandbox.ckpt_command(&["load", "good", "--yes"]).env("CKPT_FAULT", point));
        assert_eq!(killed.code(), None, "{}", killed.describe());
        let _ = sandbox.ckpt(&["recover", "--yes"]).succeeds();
        good.must_equal(&sandbox.picture(), point);
    }
}

#[test]
fn an_ignored_folder_stays_where_a_sparse_checkout_has_no_file() {
    let sandbox = Sandbox::new();
    sandbox.write("place", "skipped\n");
    sandbox.commit("place");
    sandbox.git(&["update-index", "--skip-worktree", "place"]);
    sandbox.remove("place");
    sandbox.save(&["point"]);
    std::fs::write(sandbox.git_dir().join("info/exclude"), "place\n").unwrap();
    sandbox.write("place/deep/precious", "precious\n");
    let before = sandbox.picture();
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    before.must_equal(&sandbox.picture(), "after the load");
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(
        (sandbox.read("a.txt"), sandbox.read("place/deep/precious")),
        (b"wrecked\n".into(), b"precious\n".into())
    );
}
