//! `ckpt status`, and `ckpt` alone.

use crate::sandbox::Sandbox;

#[test]
fn before_and_after_the_first_save() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&[]).succeeds().mentions("ckpt save");
    sandbox.save(&["good"]);
    sandbox.at("2026-11-21T09:02:00Z");
    sandbox.write("a.txt", "changed\n");
    sandbox.write("new.txt", "new\n");
    let outcome = sandbox.ckpt(&["status"]).succeeds();
    let _ = outcome.says("main").says("good").says("2m ago").says("1 new").says("1 modified");
    let _ = sandbox.ckpt(&[]).succeeds().says("good").mentions("ckpt load");
}

#[test]
fn as_data() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    sandbox.remove("a.txt");
    let document = sandbox.ckpt(&["status", "--json"]).succeeds().json();
    assert_eq!(document["schema"], "ckpt.status/1");
    assert_eq!(document["changes"], serde_json::json!({"new": 0, "modified": 0, "deleted": 1}));
    assert!(document["pending"].is_null());
    assert_eq!(sandbox.ckpt(&["--json"]).succeeds().json()["schema"], "ckpt.status/1");
}

#[test]
fn a_look_reads_no_more_than_a_save_would() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    for number in 0..30 {
        sandbox.write(format!("new/{number}"), "x");
    }
    sandbox.set("CKPT_MAX_UNTRACKED_FILES", "20");
    for command in ["status", "diff"] {
        let _ = sandbox.ckpt(&[command]).ends_with(1).mentions("30 files");
    }
}
