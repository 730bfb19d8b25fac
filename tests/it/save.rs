//! `ckpt save`.

use crate::sandbox::{Outcome, Sandbox};

#[test]
fn a_save_tells_id_name_counts_and_time() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "changed\n");
    sandbox.write("new.txt", "new\n");
    sandbox.remove("src/main.rs");
    let outcome = sandbox.ckpt(&["save", "before-refactor", "-m", "login endpoint works"]).succeeds();
    let id = sandbox.git(&["rev-parse", "refs/ckpt/names/before-refactor"]);
    let _ = outcome.says(&id[..8]).says("before-refactor").says("1 new").says("1 modified").says("1 deleted");
}

#[test]
fn as_data_it_is_one_document() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "changed\n");
    let outcome = sandbox.ckpt(&["save", "point", "--json"]).succeeds();
    let document = outcome.json();
    assert_eq!(document["schema"], "ckpt.save/1");
    assert_eq!(document["name"], "point");
    assert_eq!(document["branch"], "main");
    assert_eq!(document["session"], "main");
    assert_eq!(document["unchanged"], false);
    assert_eq!(document["changes"], serde_json::json!({"new": 0, "modified": 1, "deleted": 0}));
    assert!(document["bytes_stored"].as_u64().unwrap() > 0);
    assert!(outcome.stderr().is_empty(), "{}", outcome.describe());
}

#[test]
fn an_unchanged_state_is_not_saved_twice() {
    let sandbox = Sandbox::new();
    let first = sandbox.save(&[]);
    let again = sandbox.ckpt(&["save"]).succeeds().says(&first[..8]);
    assert!(again.stdout().contains("Nothing changed"), "{}", again.describe());
    assert_eq!(sandbox.save(&[]), first);
    assert_eq!(checkpoints(&sandbox), 1);
    assert_ne!(sandbox.save(&["--always"]), first);
    assert_eq!(checkpoints(&sandbox), 2);
    sandbox.save(&["named"]);
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt/names"]).lines().count(), 1);
}

#[test]
fn a_staged_change_alone_is_a_change() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "changed\n");
    let first = sandbox.save(&[]);
    sandbox.git(&["add", "a.txt"]);
    assert_ne!(sandbox.save(&[]), first);
}

#[test]
fn a_branch_or_mode_change_alone_is_a_change() {
    let sandbox = Sandbox::new();
    let first = sandbox.save(&[]);
    sandbox.chmod("a.txt", 0o600);
    let second = sandbox.save(&[]);
    assert_ne!(second, first);
    sandbox.git(&["checkout", "-q", "-b", "other"]);
    assert_ne!(sandbox.save(&[]), second);
    sandbox.mkdir("void");
    assert_eq!(checkpoints(&sandbox), 3);
    sandbox.save(&[]);
    assert_eq!(checkpoints(&sandbox), 4, "an empty folder is a change");
}

fn checkpoints(sandbox: &Sandbox) -> usize {
    sandbox.git(&["for-each-ref", "refs/ckpt/checkpoints"]).lines().count()
}

#[test]
fn the_note_comes_from_a_file_or_stdin_too() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.root().join("note"), "first line\n\nthe rest\n").unwrap();
    let id = sandbox.save(&["--from", "../note"]);
    assert_eq!(sandbox.git(&["show", "-s", "--format=%s", &id]), "first line");
    assert!(sandbox.git(&["show", "-s", "--format=%b", &id]).starts_with("the rest"));
    let mut command = sandbox.ckpt_command(&["save", "--always", "--json", "--from", "-"]);
    command.stdin(std::fs::File::open(sandbox.root().join("note")).unwrap());
    let id = Outcome::of(&mut command).succeeds().json_text("id");
    assert_eq!(sandbox.git(&["show", "-s", "--format=%s", &id]), "first line");
    let closed = sandbox.ckpt(&["save", "--always", "--from", "-"]).ends_orderly();
    assert!(closed.code() != Some(3), "{}", closed.describe());
    let _ = sandbox.ckpt(&["save", "--from", "absent"]).ends_with(1).warns("absent");
}

#[test]
fn a_note_cannot_forge_what_ckpt_says_of_a_point() {
    let sandbox = Sandbox::new();
    let note = "subject\n\nCkpt-Version: 9\nCkpt-Session: forged\nCkpt-Sequence: 77\n";
    sandbox.save(&["point", "-m", note]);
    let listed = sandbox.ckpt(&["list", "--json"]).succeeds().json();
    assert_eq!(listed["points"][0]["session"], "main");
    assert_eq!(listed["points"][0]["sequence"], 1);
    let shown = sandbox.ckpt(&["show", "point", "--json"]).succeeds().json();
    assert_eq!(shown["notes"][0].as_str().unwrap().trim_end(), note.trim_end());
}

#[test]
fn notes_of_any_form_come_back() {
    let sandbox = Sandbox::new();
    for note in ["one", "# heading\n\n- a\n- b", "grün 🌲", "-dash", "a\n\n\nb"] {
        let id = sandbox.save(&["--always", "-m", note]);
        let shown = sandbox.ckpt(&["show", &id, "--json"]).succeeds().json();
        assert_eq!(shown["notes"][0].as_str().unwrap().trim_end(), note);
    }
}

#[test]
fn names_are_checked_and_taken_names_need_a_word() {
    let sandbox = Sandbox::new();
    let first = sandbox.save(&["point"]);
    let _ = sandbox.ckpt(&["save", "point"]).ends_with(1).warns("point").warns("--move");
    assert_eq!(sandbox.git(&["rev-parse", "refs/ckpt/names/point"]), first);
    let second = sandbox.save(&["point", "--move", "--always"]);
    assert_eq!(sandbox.git(&["rev-parse", "refs/ckpt/names/point"]), second);
    for bad in ["", ".hidden", "a..b", "a/b", "x.lock", "@", "a~1", "-"] {
        let outcome = sandbox.ckpt(&["save", "--always", "--", bad]);
        assert!(matches!(outcome.code(), Some(1 | 2)), "{bad:?}: {}", outcome.describe());
    }
    sandbox.save(&["Point"]);
    assert_ne!(sandbox.git(&["rev-parse", "refs/ckpt/names/Point"]), "");
}

/// Git needs room for `.lock` in the name of a ref's file.
#[test]
fn the_longest_name_can_be_saved_and_loaded_and_a_longer_one_is_refused() {
    let sandbox = Sandbox::new();
    let longest = "x".repeat(250);
    sandbox.ckpt(&["save", &longest]).succeeds();
    let _ = sandbox
        .ckpt(&["save", &"y".repeat(251), "--always"])
        .ends_with(1)
        .warns("the name is 251 bytes long; the limit is 250");
    sandbox.write("new", "new\n");
    sandbox.ckpt(&["load", &longest, "--yes"]).succeeds();
    assert!(!sandbox.exists("new"));
}

#[test]
fn a_title_becomes_a_name_and_that_is_said() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["save", "before the refactor"]).succeeds().mentions("before-the-refactor");
    sandbox.git(&["rev-parse", "--verify", "refs/ckpt/names/before-the-refactor"]);
}

#[test]
fn the_same_from_any_folder() {
    let sandbox = Sandbox::new();
    sandbox.write("src/new.rs", "new\n");
    let outcome = sandbox.ckpt_in("work/src", &["save", "--json"]).succeeds();
    let tree = sandbox.git(&["rev-parse", &format!("{}^{{tree}}", outcome.json_text("id"))]);
    let id = sandbox.ckpt_in("", &["-C", "work", "save", "--always", "--json"]).succeeds().json_text("id");
    assert_eq!(sandbox.git(&["rev-parse", &format!("{id}^{{tree}}")]), tree);
}

#[test]
fn quiet_says_the_id_alone() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.ckpt(&["save", "point", "-q"]).succeeds();
    assert_eq!(outcome.stdout().trim_end(), sandbox.git(&["rev-parse", "refs/ckpt/names/point"]));
    assert!(outcome.stderr().is_empty(), "{}", outcome.describe());
}

#[test]
fn ignored_files_come_along_on_request() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", "*.env\nbuild/\n");
    sandbox.write("local.env", "KEY=1\n");
    sandbox.write("build/out.bin", "out\n");
    sandbox.save(&["point", "--include", "*.env"]);
    assert_eq!(sandbox.git(&["show", "refs/ckpt/names/point:local.env"]), "KEY=1");
    let _ = sandbox.try_git(&["cat-file", "-e", "refs/ckpt/names/point:build/out.bin"]).ends_with(128);
    sandbox.write("local.env", "KEY=2\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    assert_eq!(sandbox.read("local.env"), b"KEY=1\n");
    assert!(sandbox.exists("build/out.bin"));
}

#[test]
fn next_steps_are_kept() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point", "--next", "write the test", "--next", "mend it"]);
    let shown = sandbox.ckpt(&["show", "point", "--json"]).succeeds().json();
    assert_eq!(shown["todos"], serde_json::json!(["write the test", "mend it"]));
    let _ = sandbox.ckpt(&["show", "point"]).succeeds().says("write the test").says("mend it");
}
