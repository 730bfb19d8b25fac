//! `ckpt load` and repositories inside the work tree: a wall, whatever the index says.

use serde_json::json;

use crate::sandbox::{Kind, Sandbox};

fn protected(outcome: &crate::sandbox::Outcome) -> Vec<(String, String)> {
    let document = outcome.json();
    let rows = document["protected"].as_array().unwrap().iter();
    let text = |row: &serde_json::Value, field: &str| row[field].as_str().unwrap().to_owned();
    rows.map(|row| (text(row, "path"), text(row, "reason"))).collect()
}

fn wall(path: &str) -> (String, String) {
    (path.to_owned(), "repository-boundary".to_owned())
}

/// A point with tracked files in `lib`, over which a repository is made then.
fn over_tracked_files(commits: bool) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("lib/a.c", "one\n");
    sandbox.write("lib/deep/b.c", "one\n");
    sandbox.commit("lib");
    sandbox.save(&["good"]);
    sandbox.git(&["-C", "lib", "init", "-q"]);
    if commits {
        sandbox.git(&["-C", "lib", "add", "-A"]);
        sandbox.git(&["-C", "lib", "commit", "-q", "-m", "its own"]);
    }
    sandbox.write("lib/a.c", "its own now\n");
    sandbox.write("lib/new.c", "its own too\n");
    sandbox.remove("lib/deep");
    sandbox.write("a.txt", "wrecked\n");
    sandbox
}

#[test]
fn a_repository_made_over_tracked_files_is_saved_and_never_written_into() {
    for commits in [false, true] {
        let sandbox = over_tracked_files(commits);
        let wreck = sandbox.picture();
        let plan = sandbox.ckpt(&["load", "good", "--dry-run", "--json"]).succeeds();
        let named = [wall("lib"), ("lib/.git".to_owned(), "refused-name".to_owned())];
        assert_eq!(protected(&plan), [named[0].clone()], "{}", plan.describe());
        assert_eq!(plan.json()["changes"], json!({"new": 0, "modified": 1, "deleted": 0}));
        let loaded = sandbox.ckpt(&["load", "good", "--yes", "--json"]).succeeds();
        assert_eq!(protected(&loaded), [named[0].clone()]);
        assert_eq!(sandbox.read("a.txt"), b"alpha\n");
        assert_eq!(sandbox.read("lib/a.c"), b"its own now\n");
        assert_eq!(sandbox.read("lib/new.c"), b"its own too\n");
        assert!(!sandbox.exists("lib/deep"));
        let safety = loaded.json_text("safety");
        assert_eq!(sandbox.git(&["show", &format!("{safety}:lib/a.c")]), "its own now");
        let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
        wreck.must_equal(&sandbox.picture(), "after the undo");
        let _ = sandbox.ckpt(&["redo", "--yes"]).succeeds();
        assert_eq!(sandbox.read("lib/a.c"), b"its own now\n");
    }
}

#[test]
fn a_repository_in_an_ignored_folder_is_not_written_into_either() {
    let sandbox = Sandbox::new();
    sandbox.write("vendor/a.c", "one\n");
    sandbox.commit("vendor");
    sandbox.save(&["good"]);
    sandbox.git(&["rm", "-q", "-r", "vendor"]);
    sandbox.write(".gitignore", "vendor/\n");
    sandbox.mkdir("vendor");
    sandbox.git(&["-C", "vendor", "init", "-q"]);
    sandbox.write("vendor/theirs.c", "theirs\n");
    let loaded = sandbox.ckpt(&["load", "good", "--yes", "--json"]).succeeds();
    assert_eq!(protected(&loaded), [wall("vendor")]);
    assert!(!sandbox.exists("vendor/a.c"));
    assert_eq!(sandbox.read("vendor/theirs.c"), b"theirs\n");
}

#[test]
fn a_file_does_not_take_the_place_of_a_repository() {
    let sandbox = Sandbox::new();
    sandbox.write("thing", "a file\n");
    sandbox.save(&["good"]);
    sandbox.remove("thing");
    sandbox.write("thing/tracked", "here\n");
    sandbox.git(&["add", "thing/tracked"]);
    sandbox.git(&["-C", "thing", "init", "-q"]);
    let wreck = sandbox.picture();
    let loaded = sandbox.ckpt(&["load", "good", "--yes", "--json"]).succeeds();
    assert_eq!(protected(&loaded), [wall("thing")]);
    wreck.must_equal(&sandbox.picture(), "all stayed");
}

#[test]
fn a_git_folder_that_is_no_repository_is_named_and_the_rest_is_as_any_folder() {
    let sandbox = Sandbox::new();
    sandbox.mkdir("empty/.git");
    sandbox.write("empty/f", "one\n");
    sandbox.write("garbage/.git", "garbage\n");
    sandbox.write("garbage/f", "one\n");
    sandbox.write("half/.git/config", "[core]\n");
    sandbox.write("half/f", "one\n");
    let id = sandbox.save(&["good"]);
    let files = sandbox.git(&["ls-tree", "-r", "--name-only", &id]);
    assert_eq!(files, "a.txt\nempty/f\ngarbage/f\nhalf/f\nrun.sh\nsrc/main.rs");
    sandbox.git(&["add", "-A"]);
    assert_eq!(sandbox.git(&["write-tree"]), sandbox.git(&["rev-parse", &format!("{id}^{{tree}}")]), "as git has it");
    let saved = sandbox.ckpt(&["save", "--always", "--json"]).succeeds().json();
    let named: Vec<_> = saved["skipped"].as_array().unwrap().iter().map(|row| row["path"].as_str().unwrap()).collect();
    assert_eq!(named, ["empty/.git", "garbage/.git", "half/.git"]);
    let good = sandbox.picture();
    for folder in ["empty", "garbage", "half"] {
        sandbox.write(format!("{folder}/f"), "wrecked\n");
        sandbox.write(format!("{folder}/more"), "junk\n");
    }
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    good.must_equal(&sandbox.picture(), "after the load");
    assert_eq!(sandbox.read("half/.git/config"), b"[core]\n");
    assert_eq!(sandbox.read("garbage/.git"), b"garbage\n");
}

#[test]
fn a_folder_goes_but_for_the_repository_in_it() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    sandbox.write("work/plain.txt", "plain\n");
    sandbox.write("work/deep/other.txt", "other\n");
    for (folder, commits) in [("work/deep/own", true), ("work/bare-of-commits", false)] {
        sandbox.write(format!("{folder}/file"), "theirs\n");
        sandbox.git(&["-C", folder, "init", "-q"]);
        if commits {
            sandbox.git(&["-C", folder, "add", "-A"]);
            sandbox.git(&["-C", folder, "commit", "-q", "-m", "its own"]);
        }
    }
    let wreck = sandbox.picture();
    let loaded = sandbox.ckpt(&["load", "good", "--yes", "--json"]).succeeds();
    assert_eq!(protected(&loaded), [("work/deep/own".to_owned(), "nested-repository".to_owned())]);
    assert!(!sandbox.exists("work/plain.txt") && !sandbox.exists("work/deep/other.txt"));
    assert_eq!(sandbox.read("work/deep/own/file"), b"theirs\n");
    assert_eq!(sandbox.read("work/bare-of-commits/file"), b"theirs\n");
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    wreck.must_equal(&sandbox.picture(), "after the undo");
}

/// Puts a submodule that is not checked out into the index, without its folder.
fn stage_submodule(sandbox: &Sandbox, path: &str) {
    let id = "7".repeat(Kind::of_run().digits());
    sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},{path}")]);
}

#[test]
fn the_empty_folder_of_a_submodule_comes_and_goes_with_it() {
    let sandbox = Sandbox::new();
    sandbox.save(&["without"]);
    let without = sandbox.picture();
    stage_submodule(&sandbox, "libraries/c/module");
    sandbox.mkdir("libraries/c/module");
    sandbox.chmod("libraries/c/module", 0o700);
    let saved = sandbox.ckpt(&["save", "with", "--json"]).succeeds().json();
    assert_eq!(saved["skipped"], json!([]), "there is nothing in it that could be left out");
    let with = sandbox.picture();
    let steps: [(&[&str], _); 5] = [
        (&["load", "without", "--yes"], &without),
        (&["undo", "--yes"], &with),
        (&["redo", "--yes"], &without),
        (&["load", "with", "--yes"], &with),
        (&["undo", "--yes"], &without),
    ];
    for (arguments, expected) in steps {
        let loaded = sandbox.ckpt(&[arguments, &["--json"]].concat()).succeeds();
        expected.must_equal(&sandbox.picture(), &format!("{arguments:?}\n{}", loaded.describe()));
    }
}

#[test]
fn what_is_in_a_submodule_that_is_not_checked_out_stays() {
    let sandbox = Sandbox::new();
    sandbox.save(&["without"]);
    let without = sandbox.picture();
    stage_submodule(&sandbox, "module");
    sandbox.write("module/mine.txt", "in no point\n");
    let saved = sandbox.ckpt(&["save", "with", "--json"]).succeeds().json();
    assert_eq!(saved["skipped"][0]["reason"], "nested-repository");
    let with = sandbox.picture();
    let _ = sandbox.ckpt(&["load", "without", "--yes"]).succeeds();
    assert_eq!(sandbox.read("module/mine.txt"), b"in no point\n");
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    with.must_equal(&sandbox.picture(), "after the undo");
    // What the load makes of it where it is gone, the undo takes away.
    sandbox.git(&["rm", "-q", "-f", "--cached", "module"]);
    sandbox.remove("module");
    let _ = sandbox.ckpt(&["load", "with", "--yes"]).succeeds();
    assert!(sandbox.exists("module") && !sandbox.exists("module/mine.txt"));
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    without.must_equal(&sandbox.picture(), "after the second undo");
}

#[test]
fn an_ignored_file_where_a_submodule_was_is_kept_and_comes_back() {
    let sandbox = Sandbox::new();
    stage_submodule(&sandbox, "module");
    sandbox.mkdir("module");
    sandbox.save(&["with"]);
    let with = sandbox.picture();
    sandbox.git(&["rm", "-q", "-f", "--cached", "module"]);
    sandbox.remove("module");
    std::fs::write(sandbox.git_dir().join("info/exclude"), "module\n").unwrap();
    sandbox.write("module", "precious\n");
    let loaded = sandbox.ckpt(&["load", "with", "--yes", "--json"]).succeeds();
    with.must_equal(&sandbox.picture(), &loaded.describe());
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(sandbox.read("module"), b"precious\n");
}
