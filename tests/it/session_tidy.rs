//! `ckpt session delete`, `cleanup` and `export`.

use std::process::Stdio;

use crate::sandbox::Sandbox;
use crate::session::states;

fn names(sandbox: &Sandbox) -> Vec<String> {
    states(sandbox).into_iter().map(|(name, _)| name).collect()
}

/// Closed sessions of several ages, each with a point that has no name and one that has.
fn scene() -> Sandbox {
    let sandbox = Sandbox::new();
    for (day, title) in [("01", "feature one"), ("10", "feature two"), ("20", "bug fix")] {
        sandbox.at(&format!("2026-10-{day}T09:00:00Z"));
        sandbox.ckpt(&["session", "start", title]).succeeds();
        sandbox.write("a.txt", format!("{title}\n"));
        sandbox.save(&[]);
        sandbox.write("a.txt", format!("{title}, done\n"));
        sandbox.save(&[&format!("end-of-{day}")]);
        sandbox.ckpt(&["session", "close", "--yes"]).succeeds();
    }
    sandbox.at("2026-11-15T09:00:00Z");
    sandbox
}

#[test]
fn a_session_goes_and_comes_back_and_its_points_stay() {
    let sandbox = scene();
    let tip = sandbox.git(&["rev-parse", "refs/ckpt/sessions/bug-fix"]);
    sandbox.ckpt(&["session", "delete", "bug-fix"]).succeeds().says("Deleted session bug-fix; its 2 checkpoints stay");
    assert!(!names(&sandbox).contains(&"bug-fix".to_owned()));
    sandbox.ckpt(&["show", "bug-fix@"]).succeeds();
    sandbox.git(&["gc", "-q", "--prune=now"]);
    sandbox.ckpt(&["operations"]).succeeds().says("session delete bug-fix");
    sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(sandbox.git(&["rev-parse", "refs/ckpt/sessions/bug-fix"]), tip);
    sandbox.ckpt(&["redo", "--yes"]).succeeds();
    assert!(!names(&sandbox).contains(&"bug-fix".to_owned()));
}

#[test]
fn a_session_on_the_stack_is_not_deleted() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["session", "start", "Login"]).succeeds();
    let refused = sandbox.ckpt(&["session", "delete", "login"]).ends_with(1);
    refused.warns("`login` is on the stack and cannot be deleted").warns("ckpt session pause");
    assert_eq!(names(&sandbox), ["login", "main"]);
}

#[test]
fn a_clean_up_lists_what_would_go_and_asks() {
    let sandbox = scene();
    let before = sandbox.git(&["for-each-ref", "refs/ckpt"]);
    let asked = sandbox.ckpt(&["session", "cleanup"]).ends_with(1);
    let asked = asked.warns("feature-one").warns("feature-two").warns("2 sessions and 2 checkpoints, ");
    let asked = asked.warns("2 checkpoints with a name stay").warns("confirm beforehand with `--yes`");
    assert!(!asked.stderr().contains("bug-fix"), "{}", asked.stderr());
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt"]), before);
    let done = sandbox.ckpt(&["session", "cleanup", "--json", "--yes"]).succeeds().json();
    assert_eq!((&done["schema"], &done["checkpoints"]), (&"ckpt.session-cleanup/1".into(), &2.into()));
    assert!(done["bytes"].as_u64().unwrap() > 100 && done["sessions"][0]["bytes"].as_u64().unwrap() > 100);
    assert_eq!(names(&sandbox), ["main", "bug-fix"]);
    sandbox.ckpt(&["show", "end-of-01"]).succeeds();
    // One operation brings all of it back, whatever git has thrown away.
    sandbox.git(&["gc", "-q", "--prune=now"]);
    sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt"]), before);
    sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn a_clean_up_goes_by_age_name_and_state() {
    let sandbox = scene();
    let would_go = |more: &[&str]| {
        let arguments = [&["session", "cleanup"], more].concat();
        let told = sandbox.ckpt(&arguments).stderr();
        ["feature-one", "feature-two", "bug-fix"].map(|name| told.contains(name))
    };
    assert_eq!(would_go(&["--older-than", "40d"]), [true, false, false]);
    assert_eq!(would_go(&["--older-than", "1d", "--pattern", "feature-*"]), [true, true, false]);
    assert_eq!(would_go(&["--older-than", "1d", "--pattern", "*-o?e"]), [true, false, false]);
    assert_eq!(would_go(&["--older-than", "1d", "--state", "cancelled"]), [false, false, false]);
    assert_eq!(would_go(&["--older-than", "1d", "--state", "closed"]), [true, true, true]);
    sandbox.ckpt(&["session", "cleanup", "--state", "active", "--yes"]).ends_with(1).warns("are not cleaned up");
    sandbox.ckpt(&["session", "cleanup", "--older-than", "soon"]).ends_with(1).warns("no time");
    sandbox.ckpt(&["session", "cleanup", "--pattern", "nothing"]).succeeds().warns("nothing to clean up");
    let points = || sandbox.git(&["for-each-ref", "refs/ckpt/checkpoints"]);
    let before = points();
    sandbox.ckpt(&["session", "cleanup", "--older-than", "1d", "--keep-checkpoints", "--yes"]).succeeds();
    assert_eq!((points(), names(&sandbox)), (before, vec!["main".to_owned()]));
}

#[test]
fn a_history_is_written_to_a_new_file_in_each_form() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["session", "start", "Login <b>form</b>", "--task", "say <script>alert(1)</script>"]).succeeds();
    sandbox.ckpt(&["note", "evil \u{1b}[2J <img src=x> [x](javascript:y)"]).succeeds();
    sandbox.save(&["point"]);
    for format in ["md", "json", "jsonl", "html"] {
        let file = format!("story.{format}");
        sandbox.ckpt(&["session", "export", "--format", format, "-o", &file]).succeeds();
        let text = String::from_utf8(sandbox.read(&file)).unwrap();
        assert_eq!(sandbox.ckpt(&["session", "export", "--format", format]).succeeds().stdout(), text);
        assert!(text.contains("evil"), "{text}");
        sandbox.write(&file, "mine\n");
        let refused = sandbox.ckpt(&["session", "export", "--format", format, "-o", &file]).ends_with(1);
        refused.warns("already exists");
        assert_eq!(sandbox.read(&file), b"mine\n");
    }
    let page = sandbox.ckpt(&["session", "export", "--format", "html"]).succeeds().stdout();
    for bad in ["<script", "<img", "<b>", "href", "\u{1b}"] {
        assert!(!page.contains(bad), "{bad}\n{page}");
    }
    let lines = sandbox.ckpt(&["session", "export", "login-b-form-b", "--format", "jsonl"]).succeeds().stdout();
    let kinds: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["session", "note", "checkpoint"]);
    let answer = sandbox.ckpt(&["session", "export", "--json", "-o", "once.md"]).succeeds().json();
    assert_eq!((&answer["schema"], &answer["text"]), (&"ckpt.session-export/1".into(), &serde_json::Value::Null));
    sandbox.ckpt(&["session", "export", "-o", "no/such/folder.md"]).ends_with(1).warns("cannot write");
}

#[test]
fn a_reader_that_closes_early_is_no_failure() {
    let sandbox = scene();
    let mut command = sandbox.ckpt_command(&["session", "list", "--all"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
