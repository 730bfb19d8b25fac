//! `ckpt save` and `ckpt load` with `--recurse-submodules`: each repository inside has a checkpoint of its own.

use crate::sandbox::Sandbox;
use crate::sandbox::inside::{self, PLACES, RECURSE, States, git_in, make_dirty};

#[test]
fn all_of_it_comes_back_and_goes_away_again() {
    let sandbox = inside::sandbox();
    make_dirty(&sandbox, "good");
    let good = States::of(&sandbox);
    let saved = sandbox.ckpt(&["save", "good", "-m", "half way", RECURSE, "--json"]).succeeds().json();
    good.must_equal(&States::of(&sandbox), "a save changes nothing");
    let rows = saved["submodules"].as_array().unwrap();
    let paths: Vec<_> = rows.iter().map(|row| row["path"].as_str().unwrap()).collect();
    assert_eq!(paths, PLACES[1..], "{saved}");
    assert_eq!(saved["skipped"].as_array().unwrap().len(), 0, "what is saved is not left out: {saved}");
    let id = rows[0]["id"].as_str().unwrap();
    let _ = sandbox.ckpt_in("work/libs/one", &["show", id]).succeeds().says("half way").says("saved with");
    let _ = sandbox
        .ckpt(&["show", "good"])
        .succeeds()
        .says("## Submodules")
        .does_not_say("## Left out")
        .says(&format!("libs/one: {}", &id[..10]));
    make_dirty(&sandbox, "bad");
    sandbox.remove("libs/one/new-good");
    git_in(&sandbox, "libs/one", &["commit", "-q", "-m", "elsewhere"]);
    let bad = States::of(&sandbox);
    let loaded = sandbox.ckpt(&["load", "good", RECURSE, "--yes", "--json"]).succeeds().json();
    assert_eq!(loaded["submodules"].as_array().unwrap().len(), 2, "{loaded}");
    good.must_equal(&States::of(&sandbox), "after the load");
    for (verb, wanted) in [("undo", &bad), ("redo", &good), ("undo", &bad)] {
        let _ = sandbox.ckpt(&[verb, "--yes"]).succeeds().says("libs/one/deep");
        wanted.must_equal(&States::of(&sandbox), verb);
    }
    for place in PLACES {
        git_in(&sandbox, place, &["fsck", "--strict", "--no-dangling"]);
        let _ = sandbox.ckpt_in(&format!("work/{place}"), &["verify", "--all"]).succeeds();
    }
}

#[test]
fn a_plan_tells_of_all_and_does_nothing() {
    let sandbox = inside::sandbox();
    sandbox.save(&["good", RECURSE]);
    make_dirty(&sandbox, "bad");
    let bad = States::of(&sandbox);
    let refs = git_in(&sandbox, "libs/one", &["for-each-ref"]);
    let planned = sandbox.ckpt(&["load", "good", RECURSE, "--dry-run"]).succeeds();
    let _ = planned.says("In libs/one: Loading").says("In libs/one/deep: Loading").says("D new-bad/file.txt");
    bad.must_equal(&States::of(&sandbox), "a dry run");
    assert_eq!(refs, git_in(&sandbox, "libs/one", &["for-each-ref"]), "a dry run keeps nothing");
    let planned = sandbox.ckpt(&["load", "good", RECURSE, "--dry-run", "--json"]).succeeds().json();
    assert_eq!(planned["submodules"][1]["path"], "libs/one/deep", "{planned}");
    assert!(planned["submodules"][0]["safety"].is_null(), "{planned}");
}

#[test]
fn what_has_not_changed_is_not_saved_again() {
    let sandbox = inside::sandbox();
    make_dirty(&sandbox, "good");
    let first = sandbox.ckpt(&["save", RECURSE, "--json"]).succeeds().json();
    let again = sandbox.ckpt(&["save", RECURSE, "--json"]).succeeds().json();
    assert_eq!((&again["unchanged"], &again["id"]), (&true.into(), &first["id"]), "{again}");
    // What changed inside is a new state of all, though the files outside are the same.
    sandbox.write("libs/one/deep/deep.txt", "deeper\n");
    let saved = sandbox.ckpt(&["save", "-m", "deeper", RECURSE, "--json"]).succeeds().json();
    assert_eq!(saved["unchanged"], false, "{saved}");
    sandbox.write("a.txt", "outside alone\n");
    let outside = sandbox.ckpt(&["save", "-m", "outside", RECURSE, "--json"]).succeeds().json();
    assert_eq!(outside["submodules"][0]["unchanged"], true, "{outside}");
    assert_eq!(outside["submodules"][0]["id"], saved["submodules"][0]["id"]);
}

#[test]
fn one_that_cannot_be_loaded_refuses_them_all() {
    let sandbox = inside::sandbox();
    make_dirty(&sandbox, "good");
    sandbox.save(&["good", RECURSE]);
    make_dirty(&sandbox, "bad");
    sandbox.remove("libs/one/deep/.git");
    let whole = |sandbox: &Sandbox| crate::sandbox::Picture::without(&sandbox.work(), &|path| path.ends_with(b".git"));
    let bad = whole(&sandbox);
    let refused = sandbox.ckpt(&["load", "good", RECURSE, "--yes"]).ends_with(1);
    let _ = refused.warns("in libs/one: no repository is checked out in deep").warns("git submodule update --init");
    bad.must_equal(&whole(&sandbox), "refused before anything is changed");
    // Another repository in its place does not hold the checkpoint.
    sandbox.git(&["init", "-q", "libs/one/deep"]);
    git_in(&sandbox, "libs/one/deep", &["commit", "-q", "--allow-empty", "-m", "another"]);
    let _ = sandbox.ckpt(&["load", "good", RECURSE, "--yes"]).ends_with(4).warns("in libs/one: in deep:");
    bad.must_equal(&whole(&sandbox), "refused before anything is changed");
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds().warns("--recurse-submodules");
    assert_eq!(sandbox.read("a.txt"), b"good\n", "the rest can be loaded alone");
    assert_eq!(sandbox.read("libs/one/lib.txt"), b"bad\n");
}

#[test]
fn an_interrupted_load_inside_refuses_them_all() {
    let sandbox = inside::sandbox();
    sandbox.save(&["good", RECURSE]);
    make_dirty(&sandbox, "bad");
    let mut died = sandbox.ckpt_command(&["load", "--yes"]);
    died.current_dir(sandbox.path("libs/one")).env("CKPT_FAULT", "journal.written");
    assert_eq!(crate::sandbox::Outcome::of(&mut died).code(), None);
    let bad = States::of(&sandbox);
    let _ = sandbox.ckpt(&["load", "good", RECURSE, "--yes"]).ends_with(1).warns("ckpt recover").warns("libs/one");
    bad.must_equal(&States::of(&sandbox), "refused before anything is changed");
}

#[test]
fn one_that_cannot_be_saved_is_named_and_the_rest_is_saved() {
    let sandbox = inside::sandbox();
    make_dirty(&sandbox, "good");
    git_in(&sandbox, "libs/one/deep", &["config", "core.repositoryFormatVersion", "99"]);
    let saved = sandbox.ckpt(&["save", RECURSE, "--json"]).ends_with(1).json();
    assert_eq!(saved["partial"], true, "{saved}");
    let row = &saved["submodules"][1];
    assert_eq!((&row["path"], row["id"].is_null()), (&"libs/one/deep".into(), true), "{saved}");
    assert!(row["problem"].as_str().unwrap().contains("deep"), "{saved}");
    let _ = sandbox.ckpt(&["save", "--always", RECURSE, "--partial-ok"]).succeeds().says("libs/one/deep: not saved");
}

#[test]
fn a_linked_work_tree_of_the_same_repository_is_none_of_it() {
    let sandbox = inside::sandbox();
    sandbox.git(&["worktree", "add", "-q", "--detach", "beside"]);
    let saved = sandbox.ckpt(&["save", RECURSE, "--json"]).succeeds().json();
    let rows = saved["submodules"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["path"] != "beside"), "{saved}");
    assert_eq!(saved["skipped"][0]["path"], "beside", "{saved}");
}
