//! `ckpt verify` where checkpoints are tied to those of repositories inside (`save --recurse-submodules`).

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::verify::{must_be_whole, object_file, unpack};
use crate::sandbox::Sandbox;
use crate::sandbox::inside::{self, RECURSE, git_in, make_dirty};

/// `good` over three repositories; the ids inside, the nearer first.
fn saved() -> (Sandbox, [String; 2]) {
    let sandbox = inside::sandbox();
    make_dirty(&sandbox, "good");
    let saved = sandbox.ckpt(&["save", "good", RECURSE, "--json"]).succeeds().json();
    let id = |at: usize| saved["submodules"][at]["id"].as_str().unwrap().to_owned();
    let ids = [id(0), id(1)];
    (sandbox, ids)
}

/// What is found, all of it inside; the checkpoint around is unaffected.
fn found(sandbox: &Sandbox, arguments: &[&str], code: i32) -> Vec<Value> {
    let found = sandbox.ckpt(&[&["verify", "--json"], arguments].concat()).ends_with(code).json();
    assert_eq!((&found["checkpoints"], &found["whole_checkpoints"]), (&1.into(), &1.into()), "{found}");
    let findings = found["findings"].as_array().unwrap().clone();
    assert!(findings.iter().all(|one| one["subject"] == "inside" && one["names"][0] == "good"), "{found}");
    findings
}

#[test]
fn what_is_inside_is_looked_at_too() {
    let (sandbox, _) = saved();
    let _ = sandbox.ckpt(&["verify"]).succeeds().says("Whole: 1 checkpoint, session main, 2 checkpoints inside (");
    let whole = sandbox.ckpt(&["verify", "good", "--read-data", "--json"]).succeeds().json();
    assert_eq!((&whole["inside"], &whole["whole_inside"]), (&2.into(), &2.into()), "{whole}");
    make_dirty(&sandbox, "more");
    sandbox.save(&["more", RECURSE]);
    sandbox.ckpt(&["load", "good", RECURSE, "--yes"]).succeeds();
    must_be_whole(&sandbox, "after a load");
}

#[test]
fn the_files_inside_are_read_with_the_data() {
    let (sandbox, _) = saved();
    let counted = |arguments: &[&str]| {
        let whole = sandbox.ckpt(&[&["verify", "good", "--json"], arguments].concat()).succeeds().json();
        whole["bytes_read"].as_u64().unwrap()
    };
    assert_eq!(counted(&[]), 0);
    assert!(counted(&["--read-data"]) > 0);
    let place = "libs/one/deep";
    let blob = git_in(&sandbox, place, &["hash-object", "deep.txt"]);
    let other = git_in(&sandbox, place, &["hash-object", "staged-good.txt"]);
    unpack(&sandbox, place);
    let file = object_file(&sandbox, place, &blob);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::copy(object_file(&sandbox, place, &other), &file).unwrap();
    let findings = found(&sandbox, &["--read-data"], 4);
    assert_eq!(findings[0]["path"], "libs/one/deep", "{findings:?}");
    assert!(findings[0]["detail"].as_str().unwrap().starts_with("deep.txt: "), "{findings:?}");
}

#[test]
fn a_checkpoint_that_is_gone_inside_is_named() {
    let (sandbox, [id, _]) = saved();
    git_in(&sandbox, "libs/one", &["update-ref", "-d", &format!("refs/ckpt/checkpoints/{id}")]);
    let findings = found(&sandbox, &["--all"], 4);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!((&findings[0]["path"], &findings[0]["id"]), (&"libs/one".into(), &id.into()), "{findings:?}");
    assert_eq!(findings[0]["problem"], "missing", "{findings:?}");
    let told = sandbox.ckpt(&["verify"]).ends_with(4);
    let _ = told.says("in libs/one, saved with good").says("Unaffected: 1 of 1 checkpoint").warns("ckpt load good");
}

#[test]
fn a_file_that_is_gone_inside_is_named_with_its_path() {
    let (sandbox, ids) = saved();
    let blob = git_in(&sandbox, "libs/one/deep", &["hash-object", "new-good/file.txt"]);
    unpack(&sandbox, "libs/one/deep");
    fs::remove_file(object_file(&sandbox, "libs/one/deep", &blob)).unwrap();
    let findings = found(&sandbox, &[], 4);
    assert_eq!((&findings[0]["path"], &findings[0]["id"]), (&"libs/one/deep".into(), &ids[1].as_str().into()));
    assert!(findings[0]["detail"].as_str().unwrap().contains("new-good/file.txt"), "{findings:?}");
}

#[test]
fn one_that_was_dropped_inside_is_no_damage() {
    let (sandbox, [id, _]) = saved();
    sandbox.ckpt_in("work/libs/one", &["drop", &id, "--yes"]).succeeds();
    let findings = found(&sandbox, &[], 0);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0]["detail"].as_str().unwrap().contains("dropped"), "{findings:?}");
    assert_eq!(findings[0]["doubt"], true, "{findings:?}");
    sandbox.ckpt_in("work/libs/one", &["undo", "--yes"]).succeeds();
    must_be_whole(&sandbox, "taken back");
}

#[test]
fn one_that_is_not_checked_out_cannot_be_looked_at() {
    let (sandbox, _) = saved();
    fs::rename(sandbox.path("libs/one/deep"), sandbox.root().join("away")).unwrap();
    let findings = found(&sandbox, &[], 0);
    assert_eq!(findings[0]["path"], "libs/one/deep", "{findings:?}");
    let _ = sandbox.ckpt(&["verify"]).succeeds().says("no repository is checked out");
}
