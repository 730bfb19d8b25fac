//! `ckpt verify`: what is whole is said to be whole, and what is damaged is named with what it belongs to.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::sandbox::inside::git_in;
use crate::sandbox::{Outcome, Sandbox};

/// Everything is whole, to the last byte, and nothing in doubt.
#[track_caller]
pub fn must_be_whole(sandbox: &Sandbox, why: &str) {
    let outcome = sandbox.ckpt(&["verify", "--all", "--read-data", "--json"]);
    assert_eq!(outcome.code(), Some(0), "{why}\n{}", outcome.describe());
    assert_eq!(outcome.json()["findings"].as_array().unwrap().len(), 0, "{why}\n{}", outcome.describe());
}

/// Unpacks all objects of the repository at a place of the work tree, so that one can be taken away or spoilt.
pub fn unpack(sandbox: &Sandbox, place: &str) {
    let (packs, objects) = (sandbox.root().join("packs"), objects(sandbox, place));
    fs::rename(objects.join("pack"), &packs).unwrap();
    fs::create_dir(objects.join("pack")).unwrap();
    for entry in fs::read_dir(&packs)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "pack"))
    {
        let mut command = sandbox.command("git");
        command.args(["unpack-objects", "-q"]).stdin(fs::File::open(entry.path()).unwrap());
        assert!(command.current_dir(sandbox.work().join(place)).status().unwrap().success());
    }
}

fn objects(sandbox: &Sandbox, place: &str) -> PathBuf {
    Path::new(&git_in(sandbox, place, &["rev-parse", "--absolute-git-dir"])).join("objects")
}

pub fn object_file(sandbox: &Sandbox, place: &str, id: &str) -> PathBuf {
    objects(sandbox, place).join(format!("{}/{}", &id[..2], &id[2..]))
}

#[test]
fn what_ckpt_does_is_whole() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["verify"]).succeeds().says("Whole: 0 checkpoints, no session");
    sandbox.save(&["one", "-m", "first"]);
    must_be_whole(&sandbox, "a save");
    let _ = sandbox.ckpt(&["note", "a word"]).succeeds();
    let _ = sandbox.ckpt(&["decide", "a decision", "--why", "because"]).succeeds();
    sandbox.write("a.txt", "two\n");
    sandbox.write("sub/large.bin", vec![7; 5 << 20]);
    sandbox.save(&["two"]);
    must_be_whole(&sandbox, "words and a second save");
    let _ = sandbox.ckpt(&["load", "one", "--yes"]).succeeds();
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    let _ = sandbox.ckpt(&["redo", "--yes"]).succeeds();
    must_be_whole(&sandbox, "a load, undone and done again");
    let _ = sandbox.ckpt(&["name", "one", "other"]).succeeds();
    let _ = sandbox.ckpt(&["drop", "two"]).succeeds();
    must_be_whole(&sandbox, "a drop");
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    must_be_whole(&sandbox, "a drop that was undone");
    sandbox.git(&["gc", "-q", "--prune=now"]);
    must_be_whole(&sandbox, "git gc");
    let _ = sandbox.ckpt(&["verify"]).succeeds().says("checkpoints, session main (");
    let _ = sandbox.ckpt(&["verify", "one"]).succeeds().says("Whole: 1 checkpoint (");
    let _ = sandbox.ckpt(&["verify", "-q"]).succeeds().prints_nothing();
}

#[test]
fn a_damaged_file_is_named_and_the_rest_is_told_to_be_whole() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    sandbox.write("sub/lost.txt", "a blob of its own\n");
    let bad = sandbox.save(&["bad"]);
    let blob = sandbox.git(&["rev-parse", "refs/ckpt/names/bad:sub/lost.txt"]);
    unpack(&sandbox, "");
    fs::remove_file(object_file(&sandbox, "", &blob)).unwrap();
    let outcome = sandbox.ckpt(&["verify"]).ends_with(4);
    let outcome = outcome
        .says(&format!("checkpoint {} bad", &bad[..10]))
        .says(&format!("sub/lost.txt: object {blob} is missing"));
    let _ = outcome
        .says("Unaffected: 1 of 2 checkpoints, 1 of 1 session")
        .says("The newest that is whole: good")
        .warns("`ckpt load good`");
    let _ = sandbox.ckpt(&["verify", "good"]).succeeds();
    let _ = sandbox.ckpt(&["verify", "bad", "-q"]).ends_with(4).says("sub/lost.txt");
    let found = sandbox.ckpt(&["verify", "--json"]).ends_with(4).json();
    assert_eq!((&found["schema"], &found["whole"]), (&"ckpt.verify/1".into(), &false.into()));
    assert_eq!(found["findings"][0]["problem"], "missing");
    assert_eq!(found["newest_whole"]["names"][0], "good");
}

#[test]
fn bytes_that_changed_are_found_where_the_data_is_read() {
    let sandbox = Sandbox::new();
    sandbox.write("spoilt.txt", "the bytes of a file\n");
    sandbox.save(&["point"]);
    let blob = sandbox.git(&["rev-parse", "refs/ckpt/names/point:spoilt.txt"]);
    let other = sandbox.git(&["hash-object", "-w", "a.txt"]);
    unpack(&sandbox, "");
    let path = object_file(&sandbox, "", &blob);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::copy(object_file(&sandbox, "", &other), &path).unwrap();
    let _ = sandbox.ckpt(&["verify"]).ends_orderly();
    let _ = sandbox.ckpt(&["verify", "--read-data"]).ends_with(4).says("spoilt.txt");
}

#[test]
fn refs_and_names_that_ckpt_would_not_make_are_told() {
    let sandbox = Sandbox::new();
    let id = sandbox.save(&["point"]);
    let head = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.git(&["update-ref", &format!("refs/ckpt/checkpoints/{}", "1".repeat(40)), &id]);
    sandbox.git(&["update-ref", "refs/ckpt/names/astray", &head]);
    fs::write(sandbox.git_dir().join("refs/ckpt/names/empty"), "").unwrap();
    let outcome = sandbox.ckpt(&["verify", "--all"]).ends_with(4);
    let outcome = outcome.says(&format!("refs/ckpt/checkpoints/{}", "1".repeat(40))).says("refs/ckpt/names/astray");
    let _ = outcome.says("refs/ckpt/names/empty").says("Unaffected: 1 of 1 checkpoint");
}

#[test]
fn a_damaged_history_leaves_the_checkpoints_whole() {
    let sandbox = Sandbox::new();
    sandbox.save(&["one"]);
    let _ = sandbox.ckpt(&["note", "a word"]).succeeds();
    let tree = sandbox.git(&["rev-parse", "refs/ckpt/sessions/main^{tree}"]);
    unpack(&sandbox, "");
    fs::remove_file(object_file(&sandbox, "", &tree)).unwrap();
    let outcome = sandbox.ckpt(&["verify", "--all"]).ends_with(4).says("session main");
    let _ = outcome.says("Unaffected: 1 of 1 checkpoint, 0 of 1 session");
}

#[test]
fn points_of_the_first_format_are_whole() {
    let sandbox = Sandbox::unborn();
    let bundle = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1/points.bundle");
    let refs = ["refs/heads/*:refs/heads/*", "refs/ckpt/*:refs/ckpt/*", "refs/worktree/*:refs/worktree/*"];
    sandbox.git(&[&["fetch", "-q", "--update-head-ok", bundle.to_str().unwrap()][..], &refs].concat());
    must_be_whole(&sandbox, "the fixtures of format 1");
}

#[test]
fn many_checkpoints_share_what_they_share() {
    let sandbox = Sandbox::new();
    for number in 0..40 {
        sandbox.write(format!("folder/{number}.txt"), number.to_string());
        sandbox.save(&[]);
    }
    let found = sandbox.ckpt(&["verify", "--json"]).succeeds().json();
    assert_eq!(found["checkpoints"], 40);
    let objects = found["objects"].as_u64().unwrap();
    assert!(objects < 40 * 12, "{objects} objects were looked at");
}

#[test]
fn the_state_folder_may_be_anything() {
    let sandbox = Sandbox::new();
    sandbox.set("XDG_STATE_HOME", sandbox.root().join("state").to_str().unwrap());
    fs::write(sandbox.root().join("state"), "in the way").unwrap();
    sandbox.save(&["one"]);
    sandbox.write("a.txt", "two\n");
    sandbox.save(&["two"]);
    must_be_whole(&sandbox, "no state folder");
    let found = sandbox.ckpt(&["verify", "--json"]).succeeds().json();
    assert_eq!(found["anchored"], false);
    fs::remove_file(sandbox.root().join("state")).unwrap();
    sandbox.write("a.txt", "three\n");
    sandbox.save(&["three"]);
    fs::write(sandbox.root().join("state-in-the-way"), "").unwrap();
    sandbox.set("XDG_STATE_HOME", sandbox.root().join("state-in-the-way").to_str().unwrap());
    sandbox.write("a.txt", "four\n");
    sandbox.save(&["four"]);
    sandbox.set("XDG_STATE_HOME", sandbox.root().join("state").to_str().unwrap());
    // What was saved meanwhile is not known here, and that is a doubt and no damage.
    let outcome: Outcome = sandbox.ckpt(&["verify", "--all"]).succeeds();
    let _ = outcome.says("In doubt:").says("came in without this user's ckpt");
    let _ = sandbox.ckpt(&["verify", "--accept"]).succeeds();
    must_be_whole(&sandbox, "what was accepted");
}
