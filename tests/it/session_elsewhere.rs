//! `ckpt session start --from`: a session that begins elsewhere than at HEAD, on a clean tree.

use crate::left_work::{State, on_feature};
use crate::sandbox::Sandbox;
use crate::session::{current, states};

/// Work on `feature`, with every kind of change; `main` is behind it.
fn at_work() -> Sandbox {
    let sandbox = on_feature();
    sandbox.write("new/deep/file", "untracked\n");
    sandbox.write("x.o", "object\n");
    sandbox
}

#[test]
fn everything_is_kept_and_a_clean_tree_laid_out() {
    let sandbox = at_work();
    let before = State::of(&sandbox);
    let told = sandbox.ckpt(&["session", "start", "Hot fix", "--from", "main"]).succeeds();
    let told = told.says("Started session hot-fix: Hot fix\n  on its new git branch hot-fix, from main\n");
    let _ = told.says("what was there is checkpoint ").says("on feature, 2 new, 1 modified").says("`ckpt undo`");
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    assert_eq!(sandbox.git(&["branch", "--show-current"]), "hot-fix");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), sandbox.git(&["rev-parse", "main"]));
    assert!(!sandbox.exists("feature.txt") && sandbox.exists("x.o"));
    assert_eq!(current(&sandbox), "hot-fix");
    let shown = sandbox.ckpt(&["session", "show", "--json"]).succeeds().json();
    assert_eq!((&shown["branch"], &shown["base"]), (&"hot-fix".into(), &sandbox.git(&["rev-parse", "main"]).into()));
    let _ =
        sandbox.ckpt(&["undo"]).succeeds().says("hot-fix is cancelled").says("branch hot-fix was not used and is gone");
    before.is_back(&sandbox, "the work that was left");
    assert_eq!(current(&sandbox), "main");
    let _ = sandbox.ckpt(&["redo"]).succeeds().says("hot-fix is the current session");
    assert_eq!(sandbox.git(&["branch", "--show-current"]), "hot-fix");
    sandbox.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn the_document_tells_what_was_kept() {
    let sandbox = at_work();
    let answer = sandbox.ckpt(&["session", "start", "Fix", "--from", "main", "--json"]).succeeds().json();
    assert_eq!((&answer["branch"], &answer["from"]), (&"fix".into(), &"main".into()));
    assert_eq!((&answer["base"], &answer["changes"]["new"]), (&sandbox.git(&["rev-parse", "main"]).into(), &2.into()));
    let kept = answer["checkpoint"].as_str().unwrap();
    assert_eq!(sandbox.git(&["show", &format!("{kept}:new/deep/file")]), "untracked");
    let undone = sandbox.ckpt(&["undo", "--json"]).succeeds().json();
    let expected = serde_json::json!({"session": "fix", "state": "cancelled", "current": "main",
        "removed_branch": "fix", "kept_branch": null, "directory": null});
    assert_eq!(undone["switched"], expected);
    sandbox.ckpt(&["drop", kept, "--yes"]).succeeds();
    assert_eq!(sandbox.ckpt(&["undo", "--json"]).succeeds().json()["switched"], serde_json::Value::Null);
}

#[test]
fn the_session_before_is_paused_and_comes_back_with_the_undo() {
    let sandbox = at_work();
    sandbox.ckpt(&["session", "start", "One"]).succeeds();
    sandbox.write("a.txt", "of one\n");
    let before = State::of(&sandbox);
    let _ = sandbox.ckpt(&["session", "start", "Two", "--from", "main"]).succeeds().says("one is paused");
    sandbox.write("a.txt", "of two\n");
    let _ = sandbox.ckpt(&["decide", "made in two"]).succeeds();
    let _ = sandbox.ckpt(&["undo"]).succeeds().says("two is paused; the current session is one");
    before.is_back(&sandbox, "the work that was left");
    let named = |name: &str| states(&sandbox).into_iter().find(|(one, _)| one == name).unwrap().1;
    assert_eq!((named("one"), named("two")), ("active".to_owned(), "paused".to_owned()));
    let _ = sandbox.ckpt(&["redo"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"of two\n");
    assert_eq!((named("one"), named("two")), ("paused".to_owned(), "active".to_owned()));
    // Where the stack has changed since, there is no way back through it.
    sandbox.ckpt(&["session", "pause"]).succeeds();
    let _ = sandbox.ckpt(&["undo"]).ends_with(1).warns("the stack is not as `session start two` left it");
    sandbox.ckpt(&["session", "resume", "two"]).succeeds();
    sandbox.ckpt(&["session", "close", "--yes"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"of two\n", "an end moves no file");
}

#[test]
fn without_a_branch_head_is_detached_and_a_named_branch_is_made() {
    let sandbox = at_work();
    let main = sandbox.git(&["rev-parse", "main"]);
    let told = sandbox.ckpt(&["session", "start", "Look", "--from", "main", "--no-branch"]).succeeds();
    let _ = told.says("  at main, with HEAD detached\n");
    let _ = sandbox.try_git(&["symbolic-ref", "-q", "HEAD"]).ends_with(1);
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), main);
    sandbox.ckpt(&["undo"]).succeeds();
    sandbox.ckpt(&["session", "start", "Named", "--from", "main", "--branch", "fix/named"]).succeeds();
    assert_eq!(sandbox.git(&["branch", "--show-current"]), "fix/named");
}

#[test]
fn at_head_no_file_moves_whatever_it_is_called() {
    let sandbox = at_work();
    let before = State::of(&sandbox);
    let answer = sandbox.ckpt(&["session", "start", "Here", "--from", "feature", "--json"]).succeeds().json();
    assert_eq!((&answer["checkpoint"], &answer["branch"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    before.is_back(&sandbox, "the work that was left");
}

#[test]
fn an_operation_in_progress_is_kept_as_well() {
    let sandbox = Sandbox::disagreeing();
    let _ = sandbox.try_git(&["merge", "side"]);
    let before = State::of(&sandbox);
    let told = sandbox.ckpt(&["session", "start", "Fix", "--from", "side"]).succeeds();
    let _ = told.says(", in a merge");
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    assert!(!sandbox.git_dir().join("MERGE_HEAD").exists());
    sandbox.ckpt(&["undo"]).succeeds();
    before.is_back(&sandbox, "the work that was left");
}

#[test]
fn what_cannot_be_is_refused_before_anything_moves() {
    let sandbox = at_work();
    sandbox.git(&["branch", "taken"]);
    let before = (State::of(&sandbox), sandbox.git(&["for-each-ref"]));
    let start = ["session", "start", "taken"];
    for (more, words) in [
        (&["--from", "nowhere"][..], "`nowhere` names no commit"),
        (&["--from=--all"], "`--all` names no commit"),
        (&["--from", "main"], "the git branch `taken` is taken"),
        (&["--from", "main", "--branch", "a..b"], "no name for a git branch"),
    ] {
        let _ = sandbox.ckpt(&[&start[..], more].concat()).ends_with(1).warns(words).warns("hint");
        before.0.is_back(&sandbox, "the work that was left");
        assert_eq!(before.1, sandbox.git(&["for-each-ref"]), "{more:?}");
    }
    let lock = sandbox.git_dir().join("index.lock");
    std::fs::write(&lock, "").unwrap();
    let _ = sandbox.ckpt(&["session", "start", "x", "--from", "main"]).ends_with(3).warns("index.lock");
    assert_eq!((current(&sandbox), sandbox.git(&["branch", "--list", "x"])), ("main".into(), String::new()));
    std::fs::remove_file(&lock).unwrap();
    before.0.is_back(&sandbox, "the work that was left");
    sandbox.ckpt(&["branch", "child"]).succeeds();
    let _ = sandbox.ckpt(&["session", "start", "x", "--from", "main"]).ends_with(1).warns("before the return");
}

#[test]
fn a_template_says_where_to_begin() {
    let sandbox = at_work();
    let text = "+++\nname = \"fix\"\ntitle = \"Fix {{ title }}\"\ndescription = \"a fix\"\n[branch]\nname = \"fix/{{ title | slug }}\"\nfrom = \"main\"\n+++\n\n# Plan\n\n## Do\n\n- [ ] it\n";
    sandbox.write("fix.md", text);
    let added = sandbox.ckpt(&["template", "add", "fix.md"]);
    assert_eq!(added.code(), Some(0), "{}", added.describe());
    let before = State::of(&sandbox);
    sandbox.ckpt(&["session", "start", "Stay", "--template", "fix", "--no-branch"]).succeeds();
    before.is_back(&sandbox, "the work that was left");
    sandbox.ckpt(&["session", "start", "Login", "--template", "fix"]).succeeds();
    assert_eq!(sandbox.git(&["branch", "--show-current"]), "fix/login");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), sandbox.git(&["rev-parse", "main"]));
}
