//! The saved tree is the one that git builds, in states where that is easily missed.

use crate::sandbox::{Kind, Outcome, Sandbox};

#[test]
fn odd_lines_of_rules_mean_what_they_mean_to_git() {
    let sandbox = Sandbox::new();
    let names: [&[u8]; 6] = [b"dir/c.o", b"foox/y/bar", b"\xff\xfe.u", b".u", b"\t", b"kept"];
    for name in names {
        sandbox.write(name, "text\r\n");
    }
    // The CR belongs to the end of the line even where no LF follows; only one byte order mark is known to git.
    std::fs::write(sandbox.git_dir().join("info/exclude"), "foo**/bar\n\t\n*.o\r").unwrap();
    sandbox.write(".gitignore", b"\xff\xfe.u\n");
    // One bad word makes the line void.
    sandbox.write(".gitattributes", "kept text bad/word\n[attr]mine text\n.u mine\n");
    saves_what_git_adds(&sandbox, "odd rules");
    sandbox.git(&["add", "-A"]);
    assert_eq!(sandbox.git(&["show", ":.u"]), "text");
}

/// Saves, and wants the tree that git builds of a copy of the index.
#[track_caller]
pub fn saves_what_git_adds(sandbox: &Sandbox, what: &str) {
    let id = sandbox.save(&["--always"]);
    let copy = sandbox.root().join("index-copy");
    let index = sandbox.git_dir().join("index");
    std::fs::copy(&index, &copy).unwrap();
    let written = std::fs::metadata(&index).unwrap().modified().unwrap();
    std::fs::File::options().write(true).open(&copy).unwrap().set_modified(written).unwrap();
    let git = |arguments: &[&str]| {
        let mut command = sandbox.command("git");
        let outcome = Outcome::of(command.env("GIT_INDEX_FILE", &copy).args(arguments)).succeeds();
        outcome.stdout().trim_end().to_owned()
    };
    let _ = git(&["add", "-A", "--sparse"]);
    assert_eq!(sandbox.git(&["rev-parse", &format!("{id}^{{tree}}")]), git(&["write-tree"]), "{what}");
}

#[test]
fn in_a_conflict_our_side_gives_the_mode_that_the_disk_does_not_tell() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.fileMode", "false"]);
    let id = sandbox.git(&["rev-parse", "HEAD:a.txt"]);
    let zeros = "0".repeat(Kind::of_run().digits());
    let stages = format!("0 {zeros}\ta.txt\n100644 {id} 1\ta.txt\n100755 {id} 2\ta.txt\n100644 {id} 3\ta.txt\n");
    let list = sandbox.root().join("stages");
    std::fs::write(&list, stages).unwrap();
    let mut command = sandbox.command("git");
    command.args(["update-index", "--index-info"]).stdin(std::fs::File::open(list).unwrap());
    let _ = Outcome::of(&mut command).succeeds();
    saves_what_git_adds(&sandbox, "conflict");
    assert!(sandbox.git(&["ls-tree", &sandbox.save(&["--always"]), "a.txt"]).starts_with("100755"));
}

#[test]
fn a_conflict_of_a_file_with_a_folder_does_not_hide_the_folder() {
    let sandbox = Sandbox::new();
    sandbox.write("both", "file\n");
    sandbox.commit("a file");
    sandbox.remove("both");
    sandbox.write("both/inner.txt", "inner\n");
    let id = sandbox.git(&["rev-parse", "HEAD:both"]);
    let list = sandbox.root().join("stages");
    std::fs::write(&list, format!("100644 {id} 2\tboth/inner.txt\n100644 {id} 3\tboth/inner.txt\n")).unwrap();
    let mut command = sandbox.command("git");
    command.args(["update-index", "--index-info"]).stdin(std::fs::File::open(list).unwrap());
    let _ = Outcome::of(&mut command).succeeds();
    std::fs::write(sandbox.git_dir().join("info/exclude"), "both\n").unwrap();
    saves_what_git_adds(&sandbox, "conflict");
}

#[test]
fn a_plain_file_that_stands_for_a_link_stays_one_through_all_saves() {
    let sandbox = Sandbox::new();
    sandbox.link("link", "a.txt");
    sandbox.write(".gitattributes", "* text\n");
    sandbox.commit("a link");
    sandbox.git(&["config", "core.symlinks", "false"]);
    sandbox.remove("link");
    saves_what_git_adds(&sandbox, "gone");
    for (what, bytes) in [("back", "b.txt"), ("changed", "c.txt"), ("converted", "d.txt\r\n")] {
        sandbox.write("link", bytes);
        saves_what_git_adds(&sandbox, what);
        assert!(sandbox.git(&["ls-tree", &sandbox.save(&["--always"]), "link"]).starts_with("120000"), "{what}");
    }
    let _ = sandbox.ckpt(&["save", "point"]).succeeds();
    sandbox.remove("link");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    assert!(!sandbox.path("link").is_symlink());
    assert_eq!(sandbox.read("link"), b"d.txt\r\n");
    sandbox.git(&["update-index", "--force-remove", "link"]);
    saves_what_git_adds(&sandbox, "no longer staged");
}

#[test]
fn a_file_whose_mode_changed_is_taken_anew_under_the_rules_of_now() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "one\r\ntwo\r\n");
    sandbox.commit("as it is");
    saves_what_git_adds(&sandbox, "before");
    // Within the same second the index tells of the change by the mode alone.
    sandbox.chmod("a.txt", 0o755);
    sandbox.write(".gitattributes", "* text\n");
    saves_what_git_adds(&sandbox, "executable, and text");
}

#[test]
fn line_endings_that_git_converted_under_a_setting_of_the_moment_come_back() {
    let sandbox = Sandbox::new();
    sandbox.with_real_clock();
    sandbox.save(&[]);
    sandbox.write("a.txt", "one\r\ntwo\r\n");
    // What is older than the index by whole seconds, git and the scan take the index's word for.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    sandbox.git(&["-c", "core.autocrlf=input", "add", "a.txt"]);
    saves_what_git_adds(&sandbox, "converted");
    sandbox.save(&["point"]);
    sandbox.remove("a.txt");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"one\r\ntwo\r\n");
}

#[test]
fn what_a_filter_of_the_same_size_made_of_a_file_is_not_taken_for_its_bytes() {
    let sandbox = Sandbox::new();
    sandbox.with_real_clock();
    sandbox.git(&["config", "filter.rot.clean", "tr a-y b-z"]);
    sandbox.write(".gitattributes", "*.flt filter=rot\n");
    sandbox.write("f.flt", "abc\n");
    // What is older than the index by whole seconds, git and the scan take the index's word for.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    sandbox.commit("filtered");
    sandbox.write(".gitattributes", "\n");
    sandbox.commit("no filter any more");
    saves_what_git_adds(&sandbox, "the index is believed");
    sandbox.save(&["point"]);
    sandbox.remove("f.flt");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    assert_eq!(sandbox.read("f.flt"), b"abc\n");
}

#[test]
fn a_file_that_stands_for_a_link_no_longer_has_no_bytes_of_its_own_any_more() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.symlinks", "false"]);
    sandbox.write("link", "a.txt");
    let blob = sandbox.git(&["hash-object", "-w", "link"]);
    let raw_after_staging = |mode: &str| {
        sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("{mode},{},link", blob.trim())]);
        std::thread::sleep(std::time::Duration::from_millis(50));
        let point = sandbox.save(&["--always"]);
        sandbox.git(&["ls-tree", "-r", "--name-only", &format!("{point}^2^2")]).contains("raw/link")
    };
    assert!(raw_after_staging("120000"));
    assert!(!raw_after_staging("100644"));
}

#[test]
fn a_folder_that_was_a_submodule_in_the_index_is_an_ordinary_one_once_it_is_none() {
    let sandbox = Sandbox::new();
    sandbox.write("module/file.txt", "file\n");
    sandbox.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{},module", "7".repeat(Kind::of_run().digits())),
    ]);
    saves_what_git_adds(&sandbox, "a submodule");
    sandbox.remove("module");
    saves_what_git_adds(&sandbox, "gone");
    sandbox.write("module/file.txt", "file\n");
    saves_what_git_adds(&sandbox, "back");
    sandbox.git(&["update-index", "--force-remove", "module"]);
    saves_what_git_adds(&sandbox, "a folder");
}

#[test]
fn skipped_files_below_an_ignored_file_are_kept() {
    let sandbox = Sandbox::new();
    sandbox.write("out/kept.txt", "kept\n");
    sandbox.commit("kept");
    sandbox.git(&["update-index", "--skip-worktree", "out/kept.txt"]);
    sandbox.remove("out");
    sandbox.write("out", "a file now\n");
    std::fs::write(sandbox.git_dir().join("info/exclude"), "out\n").unwrap();
    saves_what_git_adds(&sandbox, "ignored");
    saves_what_git_adds(&sandbox, "again");
    assert_eq!(sandbox.git(&["show", &format!("{}:out/kept.txt", sandbox.save(&["--always"]))]), "kept");
}

#[test]
fn a_folder_whose_git_folder_has_no_head_is_an_ordinary_one() {
    let sandbox = Sandbox::new();
    sandbox.write("broken/file.txt", "file\n");
    sandbox.git(&["-C", "broken", "init", "-q"]);
    std::fs::write(sandbox.path("broken/.git/HEAD"), "no ref\n").unwrap();
    saves_what_git_adds(&sandbox, "broken");
    std::fs::write(sandbox.path("broken/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let saved = sandbox.ckpt(&["save", "point", "--json"]).succeeds().json();
    assert_eq!(saved["skipped"][0]["reason"], "nested-without-commit");
}

#[test]
fn a_repository_in_the_place_of_a_tracked_file_is_added_though_it_is_ignored() {
    let sandbox = Sandbox::new();
    sandbox.write("place", "a file\n");
    sandbox.commit("a file");
    sandbox.remove("place");
    sandbox.write("place/inner.txt", "inner\n");
    sandbox.git(&["init", "-q", "place"]);
    sandbox.git(&["-C", "place", "commit", "-q", "--allow-empty", "-m", "inner"]);
    sandbox.write(".gitignore", "**/\n");
    saves_what_git_adds(&sandbox, "new rules");
    saves_what_git_adds(&sandbox, "the same rules");
}

#[test]
fn each_way_to_change_the_index_between_two_saves_counts() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", "*.o\nbuild/\n");
    for name in ["dir/one.txt", "dir/two.txt", "dir/sub/three.txt", "other/four.txt", "other/five.o", "build/six.txt"] {
        sandbox.write(name, name);
    }
    sandbox.commit("files");
    sandbox.write("other/new.txt", "untracked\n");
    sandbox.write("dir/one.txt", "edited\n");
    saves_what_git_adds(&sandbox, "at first");
    let steps: [&[&str]; 9] = [
        &["add", "dir/one.txt"],
        &["add", "other/new.txt"],
        &["rm", "-q", "--cached", "dir/sub/three.txt"],
        &["add", "-f", "other/five.o"],
        &["add", "-f", "build/six.txt"],
        &["rm", "-q", "--cached", "other/five.o"],
        &["update-index", "--chmod=+x", "dir/two.txt"],
        &["rm", "-q", "-r", "--cached", "build"],
        &["reset", "-q"],
    ];
    for step in steps {
        // What was written a moment ago is distrusted anyway.
        std::thread::sleep(std::time::Duration::from_millis(60));
        sandbox.git(step);
        saves_what_git_adds(&sandbox, &format!("{step:?}"));
        std::thread::sleep(std::time::Duration::from_millis(60));
        saves_what_git_adds(&sandbox, &format!("{step:?}, later"));
    }
}
