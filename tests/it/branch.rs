//! `ckpt branch` and `ckpt return`: the work that was left comes back to the last bit.

use crate::left_work::{State, on_feature};
use crate::sandbox::user::User;
use crate::sandbox::{Outcome, Sandbox};

/// A branch `feature` with a commit, and work on it of every kind.
fn at_work() -> Sandbox {
    let sandbox = on_feature();
    sandbox.write("staged.txt", "and changed again\n");
    sandbox.write("new/deep/file", "untracked\n");
    sandbox.link("new/link", "../a.txt");
    sandbox.write("secret", "0600\n");
    sandbox.chmod("secret", 0o600);
    sandbox.mkdir("void");
    sandbox.write("intended.txt", "not yet\n");
    sandbox.git(&["add", "-N", "intended.txt"]);
    sandbox.remove("run.sh");
    sandbox.write("build/x.o", "object\n");
    sandbox
}

fn branch(sandbox: &Sandbox, title: &str) -> serde_json::Value {
    sandbox.ckpt(&["branch", title, "--json"]).succeeds().json()
}

fn come_back(sandbox: &Sandbox, more: &[&str]) -> serde_json::Value {
    let arguments = [&["return", "--json"], more].concat();
    sandbox.ckpt(&arguments).succeeds().json()
}

#[test]
fn a_branch_gives_a_clean_tree_and_a_return_everything_back() {
    let sandbox = at_work();
    let before = State::of(&sandbox);
    let begun = branch(&sandbox, "bug fix: login (urgent)");
    assert_eq!(begun["schema"], "ckpt.branch/1");
    assert_eq!(begun["session"], "bug-fix-login-urgent");
    assert_eq!((&begun["kind"], &begun["depth"]), (&"branch".into(), &1.into()));
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    assert_eq!(sandbox.git(&["branch", "--show-current"]), "bug-fix-login-urgent");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), sandbox.git(&["rev-parse", "main"]));
    assert_eq!(sandbox.read("build/x.o"), b"object\n", "what is ignored stays");
    assert!(!sandbox.exists("new") && !sandbox.exists("secret") && sandbox.exists("run.sh"));
    sandbox.write("a.txt", "fixed\n");
    sandbox.commit("fix");
    sandbox.write("left.txt", "not committed\n");
    let back = come_back(&sandbox, &["-m", "fixed it"]);
    assert_eq!((&back["schema"], &back["outcome"]), (&"ckpt.return/1".into(), &"completed".into()));
    assert_eq!((&back["ground"]["fate"], &back["uncommitted"]["new"]), (&"same".into(), &1.into()));
    before.is_back(&sandbox, "after the return");
    let saved = back["saved"].as_str().unwrap();
    assert_eq!(sandbox.git(&["show", &format!("{saved}:left.txt")]), "not committed");
    assert_eq!(sandbox.git(&["log", "-1", "--format=%s", "bug-fix-login-urgent"]), "fix");
    sandbox.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn it_is_told_what_waits_and_what_is_back() {
    let sandbox = at_work();
    let told = sandbox.ckpt(&["branch", "urgent"]).succeeds();
    let told = told.says("Branched to urgent").says("git branch: urgent, from main").says("on feature");
    let _ = told.warns("ckpt return");
    sandbox.write("one", "1");
    sandbox.write("two", "2");
    let told = sandbox.ckpt(&["return"]).succeeds();
    let told = told.says("Back at main; urgent is completed").says("2 uncommitted files are in checkpoint ");
    let _ = told.says("everything is as it was left, on feature").says("# Checkpoint ");
    for line in sandbox.ckpt(&["stack"]).succeeds().stdout().lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn nesting_to_depth_eight_comes_back_step_by_step() {
    let sandbox = at_work();
    let mut states = Vec::new();
    for depth in 0..8 {
        states.push(State::of(&sandbox));
        let begun = branch(&sandbox, &format!("level {depth}"));
        assert_eq!(begun["depth"], depth + 1);
        sandbox.write("a.txt", format!("at {depth}\n"));
        sandbox.write(format!("only/{depth}"), "x");
        if depth % 2 == 0 {
            sandbox.git(&["add", "-A"]);
        }
        if depth % 3 == 0 {
            sandbox.commit("work");
            sandbox.write("a.txt", format!("more at {depth}\n"));
        }
    }
    assert_eq!(sandbox.ckpt(&["stack", "--json"]).succeeds().json()["stack"].as_array().unwrap().len(), 9);
    while let Some(state) = states.pop() {
        come_back(&sandbox, &[]);
        state.is_back(&sandbox, &format!("level {}", states.len()));
    }
    let _ = sandbox.ckpt(&["return"]).ends_with(1).warns("nothing to return from").warns("ckpt branch");
}

#[test]
fn a_child_on_the_same_files_moves_none() {
    let sandbox = at_work();
    let before = State::of(&sandbox);
    branch_here(&sandbox);
    before.is_back(&sandbox, "after the branch");
    let back = come_back(&sandbox, &["--keep"]);
    assert_eq!((&back["ground"]["fate"], &back["ground"]["changed"]), (&"shared".into(), &0.into()));
    before.is_back(&sandbox, "after the return");
    let _ = sandbox.ckpt(&["branch", "another question", "--here"]).succeeds().says("the same, on the same branch");
    sandbox.write("a.txt", "the answer\n");
    sandbox.write("new2", "2");
    let told = sandbox.ckpt(&["return"]).succeeds();
    let _ = told.says("2 files changed since and are left so").does_not_say("uncommitted");
    assert_eq!(sandbox.read("a.txt"), b"the answer\n");
}

fn branch_here(sandbox: &Sandbox) {
    let begun = sandbox.ckpt(&["branch", "a question", "--here", "--json"]).succeeds().json();
    assert_eq!((&begun["kind"], &begun["branch"]), (&"here".into(), &serde_json::Value::Null));
}

#[test]
fn undo_and_redo_of_both() {
    let sandbox = at_work();
    let before = State::of(&sandbox);
    branch(&sandbox, "urgent");
    let told = sandbox.ckpt(&["undo"]).succeeds();
    let _ = told.says("urgent is cancelled").says("the git branch urgent was not used and is gone");
    before.is_back(&sandbox, "after the undo of the branch");
    assert_eq!(sandbox.git(&["branch", "--list", "urgent"]), "");
    let _ = sandbox.ckpt(&["redo"]).succeeds().says("urgent is the current session");
    assert_eq!(sandbox.git(&["branch", "--show-current"]), "urgent");
    sandbox.write("a.txt", "fixed\n");
    sandbox.commit("fix");
    sandbox.write("half.txt", "half\n");
    let child = State::of(&sandbox);
    come_back(&sandbox, &[]);
    before.is_back(&sandbox, "after the return");
    let _ = sandbox.ckpt(&["undo"]).succeeds();
    child.is_back(&sandbox, "after the undo of the return");
    assert_eq!(current(&sandbox), "urgent");
    let _ = sandbox.ckpt(&["undo"]).succeeds().says("urgent is paused").says("the git branch urgent stays");
    before.is_back(&sandbox, "after the second undo of the branch");
    assert_eq!(current(&sandbox), "main");
    let _ = sandbox.ckpt(&["redo"]).succeeds();
    child.is_back(&sandbox, "after the redo of the branch");
    let _ = sandbox.ckpt(&["redo"]).succeeds();
    before.is_back(&sandbox, "after the redo of the return");
}

fn current(sandbox: &Sandbox) -> String {
    sandbox.ckpt(&["stack", "--json"]).succeeds().json_text("current")
}

#[test]
fn what_was_changed_after_a_return_survives_its_undo_and_the_next_return() {
    let sandbox = at_work();
    branch(&sandbox, "urgent");
    come_back(&sandbox, &[]);
    sandbox.write("a.txt", "gone on\n");
    let after = State::of(&sandbox);
    let _ = sandbox.ckpt(&["undo"]).succeeds();
    come_back(&sandbox, &[]);
    after.is_back(&sandbox, "after the second return");
}

#[test]
fn bad_wishes_are_refused_and_change_nothing() {
    let sandbox = at_work();
    sandbox.git(&["branch", "taken"]);
    sandbox.git(&["branch", "folder/inner"]);
    branch(&sandbox, "known");
    come_back(&sandbox, &[]);
    let (before, refs) = (State::of(&sandbox), sandbox.git(&["for-each-ref"]));
    let cases: [(&[&str], &str); 10] = [
        (&["branch", "x", "--branch", "taken"], "taken"),
        (&["branch", "taken"], "taken"),
        (&["branch", "x", "--branch", "folder"], "folder/inner"),
        (&["branch", "x", "--branch", "a..b"], "a..b"),
        (&["branch", "x", "--branch=-x"], "-x"),
        (&["branch", "x", "--from", "no-such"], "no-such"),
        (&["branch", "x", "--from=--all"], "--all"),
        (&["branch", "known"], "known"),
        (&["branch", " \n "], "title"),
        (&["return"], "nothing to return from"),
    ];
    for (arguments, words) in cases {
        let refused = sandbox.ckpt(arguments).ends_with(1).warns(words).warns("hint");
        assert_eq!(refused.stdout(), "", "{arguments:?}");
        before.is_back(&sandbox, &format!("{arguments:?}"));
        assert_eq!(refs, sandbox.git(&["for-each-ref"]), "{arguments:?}");
    }
    let _ = sandbox.ckpt(&["branch", "x", "--here", "--from", "main"]).ends_with(2);
}

#[test]
fn odd_titles_make_sessions_of_their_own() {
    let sandbox = at_work();
    let before = State::of(&sandbox);
    let titles = ["t".repeat(300), "👩‍👧🔐".into(), "two\nlines \u{1b}[2J".into(), "Größe".into()];
    for title in &titles {
        let told = sandbox.ckpt(&["branch", title]).succeeds();
        assert!(!told.stdout().contains('\u{1b}'), "{}", told.describe());
        let drawn = sandbox.ckpt(&["stack"]).succeeds().stdout();
        assert!(drawn.lines().all(|line| line.chars().count() <= 80) && !drawn.contains('\u{1b}'), "{drawn}");
    }
    for _ in &titles {
        come_back(&sandbox, &[]);
    }
    before.is_back(&sandbox, "after all returns");
}

#[test]
fn what_the_child_decided_flows_back_and_its_work_does_not() {
    let sandbox = at_work();
    let _ = sandbox.ckpt(&["decide", "keep it small"]).succeeds();
    let _ = sandbox.ckpt(&["next", "go on with the form"]).succeeds();
    branch(&sandbox, "urgent");
    let _ = sandbox.ckpt(&["context", "show"]).succeeds().says("keep it small").does_not_say("go on with the form");
    let _ = sandbox.ckpt(&["decide", "use JWT"]).succeeds();
    let _ = sandbox.ckpt(&["issue", "logout is slow"]).succeeds();
    let _ = sandbox.ckpt(&["next", "only mine"]).succeeds();
    let told = sandbox.ckpt(&["return"]).succeeds().says("context: what it decided and found was added");
    let _ = told.says("## Recent Decisions").says("use JWT").says("go on with the form");
    let text = sandbox.ckpt(&["context", "show"]).succeeds().says("use JWT").says("logout is slow");
    let _ = text.says("go on with the form").does_not_say("only mine");
    let story = sandbox.git(&["log", "--format=%s", "refs/ckpt/sessions/main"]);
    assert!(story.contains("return: \"urgent\" completed") && story.contains("decide: use JWT"), "{story}");
    let _ = sandbox.ckpt(&["undo"]).succeeds();
    let _ = sandbox.ckpt(&["undo"]).succeeds();
    let _ = sandbox.ckpt(&["context", "show"]).succeeds().says("keep it small").does_not_say("use JWT");
}

#[test]
fn what_the_child_learned_about_a_part_flows_back_and_is_undone_with_the_return() {
    let sandbox = at_work();
    let show = |sandbox: &Sandbox, name: &str| sandbox.ckpt(&["context", "show", "--partition", name]);
    let _ = sandbox.ckpt(&["context", "partition", "add", "web", "--path", "web"]).succeeds();
    let _ = sandbox.ckpt(&["decide", "no frames", "--partition", "web"]).succeeds();
    branch(&sandbox, "urgent");
    let _ = sandbox.ckpt(&["decide", "use cookies", "--partition", "web"]).succeeds();
    let _ = sandbox.ckpt(&["context", "partition", "add", "server", "--path", "server"]).succeeds();
    assert_eq!(come_back(&sandbox, &[])["context_changed"], true);
    let _ = show(&sandbox, "web").succeeds().says("no frames").says("use cookies");
    let _ = show(&sandbox, "server").succeeds();
    let _ = sandbox.ckpt(&["undo"]).succeeds();
    let _ = sandbox.ckpt(&["undo"]).succeeds();
    assert_eq!(current(&sandbox), "main");
    let _ = show(&sandbox, "web").succeeds().says("no frames").does_not_say("use cookies");
    let _ = show(&sandbox, "server").ends_with(1);
}

#[test]
fn the_context_file_follows_the_session() {
    let sandbox = at_work();
    let _ = sandbox.ckpt(&["init"]).succeeds();
    let _ = sandbox.ckpt(&["next", "of the parent"]).succeeds();
    let text = |sandbox: &Sandbox| String::from_utf8(sandbox.read(".ckpt/context.md")).unwrap();
    let edited = text(&sandbox).replace("# ", "# Edited ");
    sandbox.write(".ckpt/context.md", edited);
    branch(&sandbox, "urgent");
    assert!(text(&sandbox).starts_with("# urgent"), "{}", text(&sandbox));
    sandbox.write(".ckpt/context.md", text(&sandbox).replace("# urgent", "# urgent, by hand"));
    come_back(&sandbox, &[]);
    let back = text(&sandbox);
    assert!(back.starts_with("# Edited ") && back.contains("of the parent") && !back.contains("urgent"), "{back}");
    let _ = sandbox.ckpt(&["undo"]).succeeds();
    assert!(text(&sandbox).starts_with("# urgent, by hand"), "{}", text(&sandbox));
}

#[test]
fn line_endings_and_ident_are_laid_out_as_git_does() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitattributes", "*.bat eol=crlf\n*.c ident\n*.u16 working-tree-encoding=UTF-16LE\n");
    sandbox.write("x.bat", "one\r\ntwo\r\n");
    sandbox.write("x.c", "$Id$\n");
    sandbox.write("x.u16", "a\0b\0\n\0");
    sandbox.commit("converted");
    sandbox.git(&["checkout", "-q", "--orphan", "bare"]);
    sandbox.git(&["rm", "-rqf", "."]);
    sandbox.write("only.txt", "here\n");
    sandbox.commit("bare");
    sandbox.write("only.txt", "changed\n");
    let before = State::of(&sandbox);
    branch(&sandbox, "urgent");
    let ours = sandbox.picture();
    assert_eq!(sandbox.read("x.bat"), b"one\r\ntwo\r\n");
    assert_eq!(sandbox.read("x.u16"), b"a\0b\0\n\0");
    assert!(sandbox.read("x.c").starts_with(b"$Id: "));
    sandbox.git(&["rm", "-rqf", "."]);
    sandbox.git(&["reset", "-q", "--hard"]);
    sandbox.picture().must_equal(&ours, "as git lays it out");
    come_back(&sandbox, &[]);
    before.is_back(&sandbox, "after the return");
}

#[test]
fn a_filter_is_run_on_the_way_out() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "filter.rot.clean", "tr a-z n-za-m"]);
    sandbox.git(&["config", "filter.rot.smudge", "tr a-z n-za-m"]);
    sandbox.write(".gitattributes", "*.rot filter=rot\n");
    sandbox.write("x.rot", "hello\n");
    sandbox.commit("filtered");
    assert_eq!(sandbox.git(&["show", "HEAD:x.rot"]), "uryyb");
    sandbox.git(&["switch", "-q", "-c", "feature"]);
    sandbox.git(&["rm", "-q", "x.rot"]);
    sandbox.commit("without");
    branch(&sandbox, "urgent");
    assert_eq!(sandbox.read("x.rot"), b"hello\n");
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    come_back(&sandbox, &[]);
    assert!(!sandbox.exists("x.rot"));
}

#[test]
fn a_rebase_in_progress_waits_and_goes_on() {
    let sandbox = Sandbox::disagreeing();
    let _ = sandbox.try_git(&["rebase", "side"]).ends_with(1);
    sandbox.write("more.txt", "untracked\n");
    let before = State::of(&sandbox);
    let begun = branch(&sandbox, "urgent");
    assert_eq!(begun["operation"], "rebase");
    assert!(!sandbox.git(&["status"]).contains("rebase"));
    sandbox.write("b.txt", "fix\n");
    sandbox.commit("fix");
    come_back(&sandbox, &[]);
    before.is_back(&sandbox, "after the return");
    sandbox.write("a.txt", "both\n");
    sandbox.git(&["add", "a.txt"]);
    let mut command = sandbox.command("git");
    let _ = Outcome::of(command.args(["rebase", "--continue"]).env("GIT_EDITOR", "true")).succeeds();
    assert_eq!(sandbox.git(&["log", "-2", "--format=%s"]), "main\nside");
}

#[test]
fn a_merge_on_a_branch_that_moved_comes_back_only_exactly() {
    let sandbox = Sandbox::disagreeing();
    let _ = sandbox.try_git(&["merge", "side"]).ends_with(1);
    let before = State::of(&sandbox);
    let _ = sandbox.ckpt(&["branch", "urgent", "--from", "side"]).succeeds();
    sandbox.write("b.txt", "fix\n");
    let tip = sandbox.commit("fix");
    sandbox.git(&["update-ref", "refs/heads/main", &tip]);
    let here = State::of(&sandbox);
    let _ = sandbox.ckpt(&["return"]).ends_with(1).warns("was in a merge on `main`").warns("--exact");
    here.is_back(&sandbox, "after the refusal");
    assert_eq!(current(&sandbox), "urgent");
    let told = sandbox.ckpt(&["return", "--exact"]).succeeds();
    let _ = told.says("HEAD detached: main has moved");
    before.is_back_but_for_head(&sandbox, "after the exact return");
    assert_eq!(sandbox.git(&["rev-parse", "main"]), tip, "no branch moves");
    assert!(sandbox.git_dir().join("MERGE_HEAD").exists());
}

#[test]
fn an_unborn_branch_can_be_left_for_another() {
    let sandbox = Sandbox::new();
    sandbox.git(&["checkout", "-q", "--orphan", "fresh"]);
    sandbox.write("b.txt", "b\n");
    let before = State::of(&sandbox);
    branch(&sandbox, "urgent");
    come_back(&sandbox, &[]);
    before.is_back(&sandbox, "after the return");
    let unborn = Sandbox::unborn();
    let _ = unborn.ckpt(&["branch", "x"]).ends_with(1).warns("no commit").warns("--here");
    let _ = unborn.ckpt(&["branch", "x", "--here"]).succeeds();
    let _ = unborn.ckpt(&["return"]).succeeds();
}

#[test]
fn a_template_gives_the_child_its_plan_its_branch_and_its_context() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["init"]).succeeds();
    let refused = sandbox.ckpt(&["branch", "Tokens expire", "--template", "bugfxi"]).ends_with(1);
    assert!(refused.stderr().contains("bugfix"), "{}", refused.describe());
    sandbox.ckpt(&["branch", "Tokens expire", "--template", "bugfix", "--from", "main"]).succeeds();
    let branch = sandbox.git(&["branch", "--show-current"]);
    assert!(branch.ends_with("tokens-expire") && branch.len() > "tokens-expire".len(), "{branch}");
    sandbox.ckpt(&["check"]).succeeds().says("[ ]");
    sandbox.ckpt(&["brief"]).succeeds().says("What to mind");
    assert_eq!(sandbox.ckpt(&["session", "show", "--json"]).succeeds().json()["template"]["name"], "bugfix");
    sandbox.ckpt(&["return"]).succeeds();
    assert_eq!(sandbox.git(&["branch", "--show-current"]), "main");
}

#[test]
fn what_could_not_be_read_is_not_said_to_be_saved() {
    let user = User { id: 65534, group: 65534, umask: "022" };
    let sandbox = at_work();
    sandbox.write("closed/file", "whose?\n");
    if !user.take(&sandbox) {
        return;
    }
    sandbox.chmod("closed", 0);
    let told = user.ckpt(&sandbox, &["branch", "fix"]).succeeds();
    let _ = told.does_not_say("all of it").says("could not be saved: 1 path").says("closed: ");
    let begun = user.ckpt(&sandbox, &["branch", "another", "--json"]).succeeds().json();
    assert_eq!(begun["missed"][0]["path"], "closed", "{begun}");
}
