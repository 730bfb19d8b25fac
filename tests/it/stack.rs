//! The stack where the ground has changed meanwhile: branches that moved or are gone, other work trees, what is in the way.

use crate::sandbox::repository::index_entries;
use crate::sandbox::{Picture, Sandbox};

fn at_work() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", "*.o\n");
    sandbox.write("lines", "1\n2\n3\n4\n5\n6\n7\n8\n");
    sandbox.commit("lines");
    sandbox.git(&["switch", "-q", "-c", "feature"]);
    sandbox.write("lines", "one\n2\n3\n4\n5\n6\n7\n8\n");
    sandbox.write("staged", "staged\n");
    sandbox.git(&["add", "staged"]);
    sandbox.write("new", "untracked\n");
    sandbox
}

fn branch(sandbox: &Sandbox) {
    let _ = sandbox.ckpt(&["branch", "urgent"]).succeeds();
}

fn come_back(sandbox: &Sandbox, more: &[&str]) -> serde_json::Value {
    sandbox.ckpt(&[&["return", "--json"], more].concat()).succeeds().json()
}

/// Commits to `feature` as somebody else would, without touching the work tree.
fn move_feature(sandbox: &Sandbox, files: &[(&str, &str)]) -> String {
    let index = sandbox.root().join("other-index");
    let run = |arguments: &[&str]| {
        let mut command = sandbox.command("git");
        let outcome = crate::sandbox::Outcome::of(command.args(arguments).env("GIT_INDEX_FILE", &index)).succeeds();
        outcome.stdout().trim().to_owned()
    };
    run(&["read-tree", "feature"]);
    for (path, text) in files {
        std::fs::write(sandbox.root().join("blob"), text).unwrap();
        let blob = run(&["hash-object", "-w", "../blob"]);
        run(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")]);
    }
    let tree = run(&["write-tree"]);
    let commit = run(&["commit-tree", "-p", "feature", "-m", "meanwhile", &tree]);
    run(&["update-ref", "refs/heads/feature", &commit]);
    commit
}

#[test]
fn a_branch_that_moved_gets_the_changes_on_top() {
    let sandbox = at_work();
    branch(&sandbox);
    let tip = move_feature(&sandbox, &[("lines", "1\n2\n3\n4\n5\n6\n7\neight\n"), ("theirs", "theirs\n")]);
    let back = come_back(&sandbox, &[]);
    assert_eq!((&back["ground"]["fate"], &back["ground"]["ahead"]), (&"merged".into(), &1.into()));
    assert_eq!(back["ground"]["conflicts"].as_array().unwrap().len(), 0);
    assert_eq!(sandbox.read("lines"), b"one\n2\n3\n4\n5\n6\n7\neight\n");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), tip);
    assert_eq!(sandbox.git(&["branch", "--show-current"]), "feature");
    assert_eq!(sandbox.git(&["status", "--porcelain"]), " M lines\nA  staged\n?? new");
    let _ = sandbox.ckpt(&["undo"]).succeeds();
    assert_eq!(sandbox.git(&["branch", "--show-current"]), "urgent");
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    sandbox.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn conflicts_are_told_with_both_sides_and_neither_is_written_over() {
    let sandbox = at_work();
    branch(&sandbox);
    let tip = move_feature(&sandbox, &[("lines", "uno\n2\n3\n4\n5\n6\n7\n8\n"), ("new", "theirs\n")]);
    let told = sandbox.ckpt(&["return"]).succeeds();
    let told = told.says("1 file holds both sides").says(&format!("git show {}:lines", &tip[..10]));
    let _ = told.says("new is new.saved-").warns("git add");
    let text = String::from_utf8(sandbox.read("lines")).unwrap();
    assert!(text.starts_with("<<<<<<< feature\nuno\n=======\none\n>>>>>>> checkpoint-"), "{text}");
    let stages: Vec<String> = sandbox.git(&["ls-files", "-u"]).lines().map(|line| line[48..].to_owned()).collect();
    assert_eq!(stages.len(), 3, "{stages:?}");
    assert_eq!(sandbox.read("new"), b"theirs\n");
    let saved = sandbox.git(&["ls-files", "-o", "--exclude-standard"]);
    assert!(saved.starts_with("new.saved-"), "{saved}");
    assert_eq!(sandbox.read(&saved), b"untracked\n");
    sandbox.write("lines", "both\n");
    sandbox.git(&["add", "lines"]);
    assert_eq!(sandbox.git(&["ls-files", "-u"]), "");
}

#[test]
fn the_old_commit_comes_back_exactly_where_that_is_wanted() {
    let sandbox = at_work();
    let (before, index) = (sandbox.picture(), index_entries(&sandbox));
    let old = sandbox.git(&["rev-parse", "HEAD"]);
    branch(&sandbox);
    let tip = move_feature(&sandbox, &[("lines", "uno\n")]);
    assert_eq!(come_back(&sandbox, &["--exact"])["ground"]["fate"], "detached");
    before.must_equal(&sandbox.picture(), "files");
    assert_eq!(index, index_entries(&sandbox));
    assert_eq!((sandbox.git(&["rev-parse", "HEAD"]), sandbox.git(&["rev-parse", "feature"])), (old, tip));
    let _ = sandbox.try_git(&["symbolic-ref", "-q", "HEAD"]).ends_with(1);
}

#[test]
fn a_branch_that_is_gone_leaves_head_detached_and_says_how_to_make_it_again() {
    let sandbox = at_work();
    let (before, index) = (sandbox.picture(), index_entries(&sandbox));
    branch(&sandbox);
    sandbox.git(&["branch", "-q", "-D", "feature"]);
    let told = sandbox.ckpt(&["return"]).succeeds();
    let _ = told.says("the branch feature is gone").warns("git switch -c feature");
    before.must_equal(&sandbox.picture(), "files");
    assert_eq!(index, index_entries(&sandbox));
}

#[test]
fn a_branch_that_another_work_tree_is_on_stays_there() {
    let sandbox = at_work();
    let before = sandbox.picture();
    branch(&sandbox);
    sandbox.git(&["worktree", "add", "-q", "../other", "feature"]);
    let _ = sandbox.ckpt(&["return"]).succeeds().says("feature is checked out in another work tree");
    before.must_equal(&sandbox.picture(), "files");
    let _ = sandbox.try_git(&["symbolic-ref", "-q", "HEAD"]).ends_with(1);
}

#[test]
fn a_child_whose_branch_is_gone_or_detached_returns_all_the_same() {
    let sandbox = at_work();
    let (before, index) = (sandbox.picture(), index_entries(&sandbox));
    branch(&sandbox);
    sandbox.write("work", "committed\n");
    sandbox.commit("work");
    sandbox.git(&["checkout", "-q", "--detach"]);
    sandbox.git(&["branch", "-q", "-D", "urgent"]);
    sandbox.write("more", "not committed\n");
    let saved = come_back(&sandbox, &["--discard"])["saved"].as_str().unwrap().to_owned();
    before.must_equal(&sandbox.picture(), "files");
    assert_eq!(index, index_entries(&sandbox));
    assert_eq!(sandbox.git(&["show", &format!("{saved}:more")]), "not committed");
    assert_eq!(sandbox.git(&["show", &format!("{saved}:work")]), "committed");
}

#[test]
fn a_child_in_a_work_tree_of_its_own_goes_on_beside_its_parent() {
    let sandbox = at_work();
    let (before, index) = (sandbox.picture(), index_entries(&sandbox));
    let told = sandbox.ckpt(&["branch", "urgent", "--worktree", "--json"]).succeeds().json();
    assert_eq!(told["kind"], "worktree");
    before.must_equal(&sandbox.picture(), "files");
    assert_eq!(index, index_entries(&sandbox));
    let there = sandbox.root().join("work-urgent");
    assert_eq!(told["directory"], there.canonicalize().unwrap().to_str().unwrap());
    let run = |arguments: &[&str]| sandbox.ckpt_in("work-urgent", arguments);
    assert_eq!(run(&["stack", "--json"]).succeeds().json_text("current"), "urgent");
    assert_eq!(sandbox.ckpt(&["stack", "--json"]).succeeds().json_text("current"), "main");
    let _ = sandbox.ckpt(&["stack"]).succeeds().says("In other work trees:").says("urgent");
    let _ = sandbox.ckpt(&["branch", "urgent"]).ends_with(1).warns("urgent");
    let _ = run(&["decide", "use JWT"]).succeeds();
    std::fs::write(there.join("left"), "not committed").unwrap();
    let told = run(&["return"]).succeeds().says("1 uncommitted file is in checkpoint");
    let _ = told.warns("git worktree remove");
    assert!(there.join("left").exists());
    let _ = sandbox.ckpt(&["context", "show"]).succeeds().says("use JWT");
    let _ = run(&["return"]).ends_with(1).warns("nothing to return from");
    let _ = sandbox.ckpt(&["branch", "other", "--worktree", "../work-urgent"]).ends_with(1).warns("already exists");
}

#[test]
fn the_undo_of_a_child_elsewhere_pauses_it_and_leaves_its_files() {
    let sandbox = at_work();
    let _ = sandbox.ckpt(&["branch", "urgent", "--worktree", "../there"]).succeeds();
    let told = sandbox.ckpt(&["undo"]).succeeds();
    let _ = told.says("urgent is paused").says("the work tree ").says("the git branch urgent stays");
    assert!(sandbox.root().join("there/a.txt").exists());
    assert_eq!(sandbox.ckpt_in("there", &["stack", "--json"]).succeeds().json_text("current"), "main");
    let _ = sandbox.ckpt(&["redo"]).succeeds();
    assert_eq!(sandbox.ckpt_in("there", &["stack", "--json"]).succeeds().json_text("current"), "urgent");
}

#[test]
fn submodules_and_nested_repositories_stay_where_they_are() {
    let sandbox = at_work();
    for folder in ["module", "nested"] {
        sandbox.mkdir(folder);
        sandbox.git(&["-C", folder, "init", "-q"]);
        sandbox.write(format!("{folder}/file"), "inside\n");
        sandbox.git(&["-C", folder, "add", "-A"]);
        sandbox.git(&["-C", folder, "commit", "-q", "-m", "inside"]);
    }
    sandbox.git(&["add", "module"]);
    sandbox.git(&["commit", "-q", "-m", "with a module"]);
    sandbox.write("module/file", "dirty\n");
    sandbox.write("nested/file", "dirty\n");
    let (before, index) = (sandbox.picture(), index_entries(&sandbox));
    branch(&sandbox);
    assert_eq!((sandbox.read("module/file"), sandbox.read("nested/file")), (b"dirty\n".to_vec(), b"dirty\n".to_vec()));
    come_back(&sandbox, &[]);
    before.must_equal(&sandbox.picture(), "files");
    assert_eq!(index, index_entries(&sandbox));
}

#[test]
fn an_ignored_file_in_the_way_is_kept_and_comes_back() {
    let sandbox = Sandbox::new();
    sandbox.write("out", "tracked on main\n");
    sandbox.commit("out");
    sandbox.git(&["switch", "-q", "-c", "feature"]);
    sandbox.git(&["rm", "-q", "out"]);
    sandbox.write(".gitignore", "out\n");
    sandbox.commit("ignored");
    sandbox.write("out", "precious and ignored\n");
    let before = sandbox.picture();
    branch(&sandbox);
    assert_eq!(sandbox.read("out"), b"tracked on main\n");
    come_back(&sandbox, &[]);
    before.must_equal(&sandbox.picture(), "files");
}

#[test]
fn a_held_index_lock_stops_both_before_anything_moves() {
    let sandbox = at_work();
    let before = sandbox.picture();
    let lock = sandbox.git_dir().join("index.lock");
    std::fs::write(&lock, "").unwrap();
    let _ = sandbox.ckpt(&["branch", "urgent"]).ends_with(3).warns("index.lock");
    before.must_equal(&sandbox.picture(), "after the branch that was refused");
    assert_eq!(current(&sandbox), "main");
    assert_eq!(sandbox.git(&["branch", "--list", "urgent"]), "");
    std::fs::remove_file(&lock).unwrap();
    branch(&sandbox);
    let child = sandbox.picture();
    std::fs::write(&lock, "").unwrap();
    let _ = sandbox.ckpt(&["return"]).ends_with(3).warns("index.lock");
    child.must_equal(&sandbox.picture(), "after the return that was refused");
    assert_eq!(current(&sandbox), "urgent");
    std::fs::remove_file(&lock).unwrap();
    come_back(&sandbox, &[]);
    before.must_equal(&sandbox.picture(), "after the return");
}

fn current(sandbox: &Sandbox) -> String {
    sandbox.ckpt(&["stack", "--json"]).succeeds().json_text("current")
}

#[test]
fn a_sparse_checkout_stays_one() {
    let sandbox = Sandbox::new();
    for folder in ["in", "out"] {
        sandbox.write(format!("{folder}/file"), "1\n");
    }
    sandbox.commit("folders");
    sandbox.git(&["switch", "-q", "-c", "other"]);
    sandbox.write("out/added", "2\n");
    sandbox.write("in/added", "2\n");
    sandbox.commit("more");
    sandbox.git(&["switch", "-q", "main"]);
    sandbox.git(&["sparse-checkout", "set", "in"]);
    sandbox.write("in/file", "changed\n");
    let (before, index) = (sandbox.picture(), index_entries(&sandbox));
    let _ = sandbox.ckpt(&["branch", "urgent", "--from", "other"]).succeeds();
    assert!(sandbox.exists("in/added") && !sandbox.exists("out"));
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    come_back(&sandbox, &[]);
    before.must_equal(&sandbox.picture(), "files");
    assert_eq!(index, index_entries(&sandbox));
}

#[test]
fn the_drawing_shows_who_was_left_for_whom() {
    let sandbox = at_work();
    branch(&sandbox);
    let _ = sandbox.ckpt(&["branch", "a question", "--here"]).succeeds();
    let _ = sandbox.ckpt(&["return", "--keep"]).succeeds();
    sandbox.write("x", "x");
    let drawn = sandbox.ckpt(&["stack"]).succeeds().stdout();
    assert_eq!(
        drawn,
        "main  on feature, 2 new, 1 modified, left just now\n\
         └── urgent  on urgent, 1 new, since just now  ← here\n    \
         └── a question  paused just now\n"
    );
    let document = sandbox.ckpt(&["stack", "--json"]).succeeds().json();
    assert_eq!((&document["schema"], &document["current"]), (&"ckpt.stack/1".into(), &"urgent".into()));
    assert_eq!(document["stack"][1]["children"][0]["state"], "paused");
    let _: Picture = sandbox.picture();
}

#[test]
fn many_files_are_looked_at_only_when_that_is_wanted() {
    let sandbox = Sandbox::new();
    let blob = sandbox.git(&["rev-parse", "HEAD:a.txt"]);
    let lines: String = (0..10_001).map(|number| format!("100644 {blob}\tmany/{number}\n")).collect();
    std::fs::write(sandbox.root().join("entries"), lines).unwrap();
    let mut update = sandbox.command("git");
    update.args(["update-index", "--add", "--index-info"]).current_dir(sandbox.work());
    update.stdin(std::fs::File::open(sandbox.root().join("entries")).unwrap());
    assert!(update.status().unwrap().success());
    let told = sandbox.ckpt(&["stack"]).succeeds().says("main  on main, changes not looked at  ← here\n");
    let _ = told.warns("ckpt stack --changes");
    let changes = |arguments: &[&str]| sandbox.ckpt(arguments).succeeds().json()["stack"][0]["changes"].clone();
    assert_eq!(changes(&["stack", "--json"]), serde_json::Value::Null);
    assert_eq!(changes(&["stack", "--json", "--changes"])["new"], 0);
}
