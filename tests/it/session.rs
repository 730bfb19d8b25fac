//! `ckpt session start`, `list`, `show`, `pause`, `resume`, `cancel`, `archive`, `rename`, `set`.

use serde_json::Value;

use crate::sandbox::repository::index_entries;
use crate::sandbox::{Outcome, Sandbox};

/// The subjects of a session's chain, newest first.
fn story(sandbox: &Sandbox, session: &str) -> Vec<String> {
    let subjects = sandbox.git(&["log", "--first-parent", "--format=%s", &format!("refs/ckpt/sessions/{session}")]);
    subjects.lines().map(str::to_owned).collect()
}

fn context(sandbox: &Sandbox, session: &str) -> String {
    sandbox.git(&["show", &format!("refs/ckpt/sessions/{session}:context.md")])
}

/// Name and state of each session, as the list has them.
pub fn states(sandbox: &Sandbox) -> Vec<(String, String)> {
    let list = sandbox.ckpt(&["session", "list", "--all", "--json"]).succeeds().json();
    let text = |session: &Value, field: &str| session[field].as_str().unwrap().to_owned();
    list["sessions"].as_array().unwrap().iter().map(|one| (text(one, "name"), text(one, "state"))).collect()
}

pub fn current(sandbox: &Sandbox) -> String {
    sandbox.ckpt(&["status", "--json"]).succeeds().json_text("session")
}

/// Everything that a refused command may not change.
fn refs(sandbox: &Sandbox) -> String {
    let head = String::from_utf8(sandbox.read(".git/HEAD")).unwrap();
    sandbox.git(&["for-each-ref"]) + &head + &sandbox.try_git(&["rev-parse", "refs/worktree/ckpt/stack"]).stdout()
}

/// Runs a command that is refused, and sees that nothing changed.
fn refused(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let (before, picture) = (refs(sandbox), sandbox.picture());
    let outcome = sandbox.ckpt(arguments).ends_with(1);
    assert_eq!(refs(sandbox), before, "{arguments:?}");
    picture.must_equal(&sandbox.picture(), "a refused command");
    outcome
}

#[test]
fn a_session_begins_in_the_present_tree_and_nothing_of_it_moves() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "half done\n");
    sandbox.write("new.txt", "new\n");
    sandbox.git(&["add", "new.txt"]);
    let before = (sandbox.picture(), index_entries(&sandbox));
    let outcome = sandbox.ckpt(&["session", "start", "User notifications", "--task", "tell people"]).succeeds();
    outcome.says("Started session user-notifications: User notifications\n").warns("ckpt session close");
    before.0.must_equal(&sandbox.picture(), "start");
    assert_eq!(before.1, index_entries(&sandbox));
    assert_eq!(current(&sandbox), "user-notifications");
    assert_eq!(story(&sandbox, "user-notifications"), ["session: started User notifications"]);
    let text = context(&sandbox, "user-notifications");
    assert!(text.starts_with("# User notifications\n\n## Current Work\n\ntell people\n"), "{text}");
    sandbox.ckpt(&["note", "said"]).succeeds();
    sandbox.save(&["point"]);
    assert_eq!(story(&sandbox, "user-notifications").len(), 3);
    assert_eq!(sandbox.try_git(&["rev-parse", "--verify", "-q", "refs/ckpt/sessions/main"]).code(), Some(1));
}

#[test]
fn a_session_knows_what_its_parent_knows_and_works_on_its_own() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["decide", "use JWT"]).succeeds();
    sandbox.ckpt(&["issue", "slow tests"]).succeeds();
    sandbox.ckpt(&["next", "after that"]).succeeds();
    sandbox.ckpt(&["context", "partition", "add", "web", "--path", "web"]).succeeds();
    sandbox.ckpt(&["session", "start", "Login"]).succeeds();
    let text = context(&sandbox, "login");
    assert!(text.contains("use JWT") && text.contains("- [ ] slow tests") && !text.contains("after that"), "{text}");
    sandbox.ckpt(&["note", "in part", "--partition", "web"]).succeeds();
    sandbox.ckpt(&["next", "mine"]).succeeds();
    assert!(!context(&sandbox, "main").contains("mine"));
}

#[test]
fn the_next_session_pauses_the_one_before_and_they_are_taken_up_again() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["session", "start", "One"]).succeeds();
    sandbox.save(&[]);
    sandbox.ckpt(&["session", "start", "Two"]).succeeds().says("one is paused");
    let named = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
    };
    assert_eq!(states(&sandbox), named(&[("two", "active"), ("main", "active"), ("one", "paused")]));
    let resumed = sandbox.ckpt(&["session", "resume", "One"]).succeeds();
    resumed.says("Session one is the current one again\n  two is paused\n").warns("ckpt load one@");
    assert_eq!(story(&sandbox, "one")[..2], ["session: resumed", "session: paused"]);
    sandbox.ckpt(&["session", "resume", "one"]).succeeds().says("is the current one already");
    sandbox.ckpt(&["session", "pause"]).succeeds().says("the current session is main");
    assert_eq!(current(&sandbox), "main");
    refused(&sandbox, &["session", "pause"]).warns("`main` is always there and cannot be paused");
}

#[test]
fn a_start_of_one_that_exists_is_refused_or_resumes_it() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["session", "start", "Log in"]).succeeds();
    refused(&sandbox, &["session", "start", "log IN!"]).warns("the session `log-in` exists already; it is active");
    sandbox.ckpt(&["session", "pause"]).succeeds();
    refused(&sandbox, &["session", "start", "Log in"])
        .warns("hint: go on with it: `ckpt session resume log-in`")
        .warns("--or-resume");
    let answer = sandbox.ckpt(&["session", "start", "Log in", "--or-resume", "--json"]).succeeds().json();
    assert_eq!((&answer["schema"], &answer["resumed"]), (&"ckpt.session-start/1".into(), &true.into()));
    assert_eq!(current(&sandbox), "log-in");
    refused(&sandbox, &["session", "start", "main"]).warns("give the session another title");
}

#[test]
fn titles_may_be_anything_and_are_kept_whole() {
    let sandbox = Sandbox::new();
    let long = "word ".repeat(60).trim().to_owned();
    for (title, name) in [
        (long.as_str(), "word-word-word-word-word-word-word-word"),
        ("two\nlines\tand \u{1b}[31mcolour", "two-lines-and-31mcolour"),
        ("\u{200b}…", "session-1"),
        ("--", "session-2"),
    ] {
        sandbox.ckpt(&["session", "start", "-q", "--", title]).succeeds().says(&format!("{name}\n"));
        let shown = sandbox.ckpt(&["session", "show", "--json"]).succeeds();
        assert_eq!(shown.json_text("title"), title);
        let text = sandbox.ckpt(&["session", "show"]).succeeds().stdout();
        assert!(!text.contains('\u{1b}') && text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
    sandbox.ckpt(&["session", "start", "-q", "🔐 Größe ✨"]).succeeds();
    let list = sandbox.ckpt(&["session", "list", "--verbose"]).succeeds().stdout();
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
    refused(&sandbox, &["session", "start", " \n "]).warns("a title cannot be empty");
    refused(&sandbox, &["session", "start", &"x".repeat(2001)]).warns("2001 characters; the limit is 2000");
}

#[test]
fn a_git_branch_is_made_at_head_and_checked_before_anything_is_done() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "dirty\n");
    let commit = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.ckpt(&["session", "start", "Login", "--branch", "feature/login"]).succeeds().says("new git branch");
    assert_eq!(sandbox.git(&["symbolic-ref", "HEAD"]), "refs/heads/feature/login");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), commit);
    assert_eq!(sandbox.git(&["status", "--short"]), " M a.txt");
    for (branch, says) in [
        ("feature/login", "the git branch `feature/login` is taken"),
        ("feature", "is taken by `feature/login`, which stands in its way"),
        ("feature/login/x", "is taken by `feature/login`"),
        ("a..b", "`a..b` is no name for a git branch: it holds two dots in a row"),
        ("-x", "it begins with a dash"),
        ("x.lock", "ends with `.lock`"),
    ] {
        refused(&sandbox, &["session", "start", "Other", &format!("--branch={branch}")]).warns(says);
    }
    sandbox.ckpt(&["session", "resume", "main"]).ends_with(1);
    sandbox.git(&["stash", "-q"]);
    sandbox.git(&["switch", "-q", "-"]);
    sandbox.ckpt(&["session", "pause"]).succeeds();
    sandbox.ckpt(&["session", "resume", "login"]).succeeds().warns("`git switch feature/login`");
}

#[test]
fn a_session_begins_before_the_first_commit_too() {
    let sandbox = Sandbox::unborn();
    sandbox.write("a.txt", "first\n");
    sandbox.ckpt(&["session", "start", "Begin", "--branch", "work"]).succeeds();
    assert_eq!(sandbox.git(&["symbolic-ref", "HEAD"]), "refs/heads/work");
    sandbox.save(&["point"]);
    sandbox.ckpt(&["session", "close", "--yes"]).succeeds();
    assert_eq!(current(&sandbox), "main");
}

#[test]
fn only_moves_that_make_sense_are_made_and_a_wrong_one_says_which_are() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["session", "start", "Login"]).succeeds();
    refused(&sandbox, &["session", "archive", "login"])
        .warns("the session `login` is active and cannot be archived")
        .warns("what is active can become paused, complete or cancelled");
    sandbox.ckpt(&["session", "cancel"]).succeeds().says("Session login is cancelled\n  the current session is main\n");
    refused(&sandbox, &["session", "cancel", "login"]).warns("what is cancelled can become active or archived");
    refused(&sandbox, &["session", "close", "login", "--yes"]).warns("is cancelled and cannot be closed");
    sandbox.ckpt(&["session", "archive", "login"]).succeeds();
    let list = sandbox.ckpt(&["session", "list"]).succeeds();
    list.does_not_say("login").warns("1 session archived or cancelled; `--all` lists them too");
    sandbox.ckpt(&["session", "list", "--state", "archived"]).succeeds().says("login").does_not_say("main");
    sandbox.ckpt(&["session", "list", "--state", "closed", "--state", "active"]).succeeds().says("login").says("main");
    sandbox.ckpt(&["session", "resume", "login"]).succeeds();
    for verb in ["pause", "cancel"] {
        sandbox.ckpt(&["session", "resume", "login"]).succeeds();
        sandbox.ckpt(&["session", verb]).succeeds();
    }
    for arguments in [&["cancel", "main"][..], &["archive", "main"], &["close", "main"], &["delete", "main"]] {
        refused(&sandbox, &[&["session"], arguments].concat()).warns("`main` is always there and cannot be");
    }
    refused(&sandbox, &["session", "rename", "main", "x"]).warns("cannot be renamed");
}

#[test]
fn an_unknown_session_gets_the_nearest_names() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["session", "start", "User notifications"]).succeeds();
    for arguments in [&["show", "user-notification"][..], &["resume", "User notificatons"], &["delete", "user-notif"]] {
        refused(&sandbox, &[&["session"], arguments].concat()).warns("did you mean `user-notifications`?");
    }
    refused(&sandbox, &["session", "show", "zzz"]).warns("ckpt session list --all");
    let failure = sandbox.ckpt(&["session", "show", "zzz", "--json"]).ends_with(1).json();
    assert_eq!(failure["code"], "unknown-session");
}

#[test]
fn a_session_is_active_in_one_work_tree_at_a_time_and_main_in_all() {
    let sandbox = Sandbox::new();
    sandbox.git(&["worktree", "add", "-q", "--detach", "../other"]);
    sandbox.ckpt_in("other", &["session", "start", "Login"]).succeeds();
    assert_eq!(current(&sandbox), "main");
    for verb in ["resume", "close", "cancel", "delete"] {
        refused(&sandbox, &["session", verb, "login"])
            .warns("`login` is active in the work tree `other` and cannot be");
    }
    sandbox.ckpt(&["session", "list", "--verbose"]).succeeds().says("in the work tree other");
    sandbox.ckpt(&["note", "main is free"]).succeeds();
    // A work tree that is gone does not count.
    std::fs::remove_dir_all(sandbox.root().join("other")).unwrap();
    sandbox.ckpt(&["session", "list"]).succeeds().says("paused");
    sandbox.ckpt(&["session", "resume", "login"]).succeeds();
    assert_eq!(current(&sandbox), "login");
}

#[test]
fn titles_and_variables_change_and_the_history_tells() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["session", "start", "Login", "--var", "ticket=A-1"]).succeeds();
    sandbox.ckpt(&["session", "rename", "login", "Log in, again"]).succeeds().says("Session login is now called");
    sandbox.ckpt(&["session", "set", "owner", "me"]).succeeds().says("owner = me in login");
    sandbox.ckpt(&["session", "set", "ticket", ""]).succeeds().says("ticket is not set any more");
    let shown = sandbox.ckpt(&["session", "show", "--json"]).succeeds().json();
    assert_eq!((&shown["title"], &shown["variables"]), (&"Log in, again".into(), &serde_json::json!({"owner": "me"})));
    let expected = ["set: ticket unset", "set: owner = me", "session: renamed to Log in, again"];
    assert_eq!(story(&sandbox, "login")[..3], expected);
    refused(&sandbox, &["session", "set", "1x", "y"]).warns("it begins with no letter");
    sandbox.ckpt(&["session", "start", "x", "--var", "novalue"]).ends_with(2);
    sandbox.ckpt(&["session", "pause"]).succeeds();
    sandbox.ckpt(&["session", "set", "of-main", "yes"]).succeeds().says("of-main = yes\n");
}

#[test]
fn the_file_of_the_context_follows_the_session_and_edits_by_hand_stay_with_theirs() {
    let sandbox = Sandbox::new();
    let file = ".ckpt/context.md";
    let read = || String::from_utf8(sandbox.read(file)).unwrap();
    sandbox.ckpt(&["init"]).succeeds();
    sandbox.ckpt(&["issue", "in main"]).succeeds();
    sandbox.write(file, read().replace("- [ ] in main\n", "- [ ] in main\n- [ ] by hand\n"));
    sandbox.ckpt(&["session", "start", "Login", "--task", "mine"]).succeeds().warns("Known Issues");
    assert!(read().starts_with("# Login\n") && read().contains("by hand") && read().contains("mine"), "{}", read());
    assert!(context(&sandbox, "main").contains("by hand"));
    sandbox.write(file, read().replace("mine\n", "mine\n\nand more\n"));
    sandbox.ckpt(&["session", "pause"]).succeeds();
    assert!(read().starts_with("# Context of") && !read().contains("mine"), "{}", read());
    assert!(context(&sandbox, "login").contains("and more") && !context(&sandbox, "main").contains("mine"));
    sandbox.ckpt(&["session", "resume", "login"]).succeeds();
    assert!(read().contains("and more"));
    assert_eq!(sandbox.git(&["status", "--short"]), "");
}

#[test]
fn points_of_a_session_are_named_by_it() {
    let sandbox = Sandbox::new();
    sandbox.save(&["in-main"]);
    sandbox.ckpt(&["session", "start", "Login"]).succeeds();
    sandbox.ckpt(&["show", "@"]).ends_with(1).warns("nothing has been saved yet");
    sandbox.write("a.txt", "one\n");
    let first = sandbox.save(&[]);
    sandbox.write("a.txt", "two\n");
    let second = sandbox.save(&[]);
    let id = |point: &str| sandbox.ckpt(&["show", point, "--json"]).succeeds().json_text("id");
    assert_eq!((id("@"), id("login@~1"), id("@~1")), (second.clone(), first.clone(), first));
    sandbox.ckpt(&["session", "pause"]).succeeds();
    assert_eq!((id("login@"), id("@")), (second, id("in-main")));
    sandbox.ckpt(&["list", "--session", "login"]).succeeds().does_not_say("in-main");
    sandbox.ckpt(&["list"]).succeeds().says("in-main").says("login");
    sandbox.write("a.txt", "three\n");
    let resumed = sandbox.ckpt(&["session", "resume", "login", "--load", "--json"]).succeeds().json();
    assert_eq!(resumed["loaded"], resumed["latest"]);
    assert_eq!(sandbox.read("a.txt"), b"two\n");
    sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"three\n");
}

#[test]
fn a_thousand_sessions_are_listed_and_a_spoilt_cache_does_no_harm() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["session", "start", "Login"]).succeeds();
    let tip = sandbox.git(&["rev-parse", "refs/ckpt/sessions/login"]);
    let lines: String = (0..1000).map(|number| format!("create refs/ckpt/sessions/s-{number} {tip}\n")).collect();
    let path = sandbox.root().join("refs.txt");
    std::fs::write(&path, lines).unwrap();
    let mut update = sandbox.command("git");
    update.args(["update-ref", "--stdin"]).current_dir(sandbox.work());
    assert!(update.stdin(std::fs::File::open(&path).unwrap()).status().unwrap().success());
    let count = || sandbox.ckpt(&["session", "list", "--json"]).succeeds().json()["sessions"].as_array().unwrap().len();
    assert_eq!(count(), 1002);
    std::fs::write(sandbox.git_dir().join("ckpt/cache/sessions"), b"\xff\x00 nonsense").unwrap();
    assert_eq!((count(), count()), (1002, 1002));
}
