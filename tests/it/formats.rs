//! What any released ckpt has stored is read for ever, and what a later one stores is refused or read as it must be.
//!
//! The fixtures are bundles of git's, with the states that they must give beside them; `make.rs` made them.

mod make;
mod state;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::sandbox::Sandbox;
use state::describe;

const FORMATS: [&str; 1] = ["format-1"];
const POINTS: [&str; 5] = ["plain", "named", "endings", "left-out", "merging"];

fn fixture(format: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format).join(name)
}

fn text(format: &str, name: &str) -> String {
    let path = fixture(format, name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

fn document(format: &str, name: &str) -> Value {
    serde_json::from_str(&text(format, name)).unwrap()
}

fn id_of(format: &str, point: &str) -> String {
    text(format, &format!("{point}.id")).trim().to_owned()
}

/// A new repository with all that a bundle holds.
fn unbundled(format: &str, bundle: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q", "--object-format=sha1"]);
    sandbox.at("2026-11-22T09:00:00Z");
    let path = fixture(format, &format!("{bundle}.bundle"));
    let refs = ["refs/heads/*:refs/heads/*", "refs/ckpt/*:refs/ckpt/*", "refs/worktree/*:refs/worktree/*"];
    let fetch = ["fetch", "-q", "--update-head-ok", path.to_str().unwrap()];
    sandbox.git(&[&fetch[..], &refs].concat());
    sandbox.git(&["reset", "-q", "--hard"]);
    sandbox
}

/// Whether everything that was said is said still; more may be.
#[track_caller]
fn must_say(expected: &Value, found: &Value, place: &str) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                let found = found.get(key).unwrap_or_else(|| panic!("{place}.{key} is missing"));
                must_say(value, found, &format!("{place}.{key}"));
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            assert_eq!(expected.len(), found.len(), "{place}: {expected:?} and {found:?}");
            for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
                must_say(expected, found, &format!("{place}[{at}]"));
            }
        }
        _ => assert_eq!(expected, found, "{place}"),
    }
}

#[test]
fn points_are_listed_and_shown_as_they_were() {
    for format in FORMATS {
        let sandbox = unbundled(format, "points");
        for _ in 0..2 {
            let list = sandbox.ckpt(&["list", "--safety", "--json"]).succeeds().json();
            must_say(&document(format, "list.json"), &list, "list");
        }
        for point in POINTS {
            let mut expected = document(format, &format!("{point}.show.json"));
            // Whether HEAD is there now is not the point's own.
            expected.as_object_mut().unwrap().remove("at_head");
            let found = sandbox.ckpt(&["show", &id_of(format, point), "--json"]).succeeds().json();
            must_say(&expected, &found, point);
        }
        sandbox.git(&["fsck", "--strict", "--no-dangling"]);
    }
}

#[test]
fn points_are_loaded_exactly() {
    for format in FORMATS {
        for point in POINTS {
            let sandbox = unbundled(format, "points");
            let id = id_of(format, point);
            let base = sandbox.git(&["rev-parse", &format!("{id}^1")]);
            sandbox.git(&["reset", "-q", "--hard", &base]);
            let _ = sandbox.ckpt(&["load", &id, "--operation", "--head", "--yes"]).succeeds();
            assert_eq!(describe(&sandbox, &[]), text(format, &format!("{point}.state")), "{format}: {point}");
            let saved = sandbox.ckpt(&["save", "--always", "--include", "*.env", "--json"]).succeeds();
            let trees = [id, saved.json_text("id")].map(|id| sandbox.git(&["rev-parse", &format!("{id}^{{tree}}")]));
            assert_eq!(trees[0], trees[1], "{format}: {point} saved again");
        }
    }
}

#[test]
fn the_operation_log_goes_on() {
    for format in FORMATS {
        let sandbox = unbundled(format, "points");
        let log = sandbox.ckpt(&["operations", "--json"]).succeeds().json();
        must_say(&document(format, "operations.json"), &log, "operations");
        let base = sandbox.git(&["rev-parse", &format!("{}^1", id_of(format, "endings"))]);
        sandbox.git(&["reset", "-q", "--hard", &base]);
        let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
        assert_eq!(describe(&sandbox, &[]), text(format, "undone.state"), "{format}");
        let _ = sandbox.ckpt(&["redo", "--yes"]).succeeds();
        let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
        assert_eq!(describe(&sandbox, &[]), text(format, "undone.state"), "{format}");
        let _ = sandbox.ckpt(&["load", "endings", "--yes"]).succeeds();
        assert_eq!(describe(&sandbox, &[]), text(format, "redone.state"), "{format}");
    }
}

#[test]
fn an_interrupted_load_is_finished_or_undone() {
    for format in FORMATS {
        for (direction, state) in [("--finish", "endings"), ("--undo", "interrupted")] {
            let sandbox = unbundled(format, "points");
            sandbox.write(".git/ckpt/worktree/pending.toml", text(format, "pending.toml"));
            let _ = sandbox.ckpt(&["status"]).succeeds().mentions("ckpt recover");
            let _ = sandbox.ckpt(&["recover", direction, "--yes"]).succeeds();
            let files = |text: &str| text.split_once("# index").unwrap().0.to_owned();
            let expected = files(&text(format, &format!("{state}.state")));
            assert_eq!(files(&describe(&sandbox, &[])), expected, "{format}: {direction}");
            let _ = sandbox.ckpt(&["recover"]).ends_with(1);
        }
    }
}

#[test]
fn what_a_later_revision_added_is_passed_over() {
    for format in FORMATS {
        let sandbox = unbundled(format, "later-revision");
        let _ = sandbox.ckpt(&["list"]).succeeds().says("later-revision").says("endings");
        let _ = sandbox.ckpt(&["show", "later-revision"]).succeeds();
        let base = sandbox.git(&["rev-parse", "refs/ckpt/names/later-revision^1"]);
        sandbox.git(&["reset", "-q", "--hard", &base]);
        let _ = sandbox.ckpt(&["load", "later-revision", "--yes"]).succeeds();
        assert_eq!(describe(&sandbox, &[]), text(format, "endings.state"), "{format}");
        let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
        let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
        sandbox.write("a.txt", "saved by this ckpt\n");
        sandbox.save(&["after"]);
        let record = sandbox.git(&["show", "refs/ckpt/sessions/main:session.toml"]);
        assert!(record.contains("added-later = \"text\""), "unknown fields must be kept:\n{record}");
    }
}

#[test]
fn a_later_version_is_refused_and_the_others_are_listed() {
    for format in FORMATS {
        let sandbox = unbundled(format, "later-version");
        sandbox.write("a.txt", "unsaved\n");
        let id = sandbox.git(&["rev-parse", "refs/ckpt/names/later-version"]);
        let before = (sandbox.picture(), sandbox.repository(), sandbox.git(&["for-each-ref"]));
        let list = sandbox.ckpt(&["list", "--safety", "--json"]).succeeds().json();
        assert_eq!(list["damaged"].as_array().unwrap().len(), 1, "{list}");
        assert!(list["damaged"].to_string().contains("made by a newer ckpt"), "{list}");
        let _ = sandbox.ckpt(&["list"]).succeeds().says("endings").says("merging").warns(&id).warns("newer ckpt");
        for arguments in [
            &["show", "later-version"][..],
            &["show", &id[..9]],
            &["load", "later-version", "--yes"],
            &["load", "later-version", "--into", "../out"],
            &["diff", "later-version"],
        ] {
            let _ = sandbox.ckpt(arguments).ends_with(4).warns("made by a newer ckpt");
        }
        before.0.must_equal(&sandbox.picture(), "files");
        before.1.must_equal(&sandbox.repository(), "git folder");
        assert_eq!(before.2, sandbox.git(&["for-each-ref"]), "{format}: refs");
    }
}

#[test]
fn a_session_or_log_of_a_later_version_is_not_added_to() {
    for format in FORMATS {
        let sandbox = unbundled(format, "later-records");
        sandbox.write("a.txt", "unsaved\n");
        let before = (sandbox.picture(), sandbox.repository(), sandbox.git(&["for-each-ref"]));
        for arguments in
            [&["save"][..], &["save", "name"], &["load", "endings", "--yes"], &["undo", "--yes"], &["redo"]]
        {
            let _ = sandbox.ckpt(arguments).ends_with(4).warns("made by a newer ckpt");
        }
        for arguments in [&["name", "endings", "other"][..], &["drop", "endings"]] {
            let _ = sandbox.ckpt(arguments).ends_with(4).warns("made by a newer ckpt");
        }
        let _ = sandbox.ckpt(&["list"]).succeeds().says("endings");
        let _ = sandbox.ckpt(&["show", "endings"]).succeeds();
        before.0.must_equal(&sandbox.picture(), "files");
        before.1.must_equal(&sandbox.repository(), "git folder");
        assert_eq!(before.2, sandbox.git(&["for-each-ref"]), "{format}: refs");
    }
}
