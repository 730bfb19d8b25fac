//! Sessions under death and crowds: whatever dies leaves the old or the new state, and the same command again works.

use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::scene::{die_at, occurrences, points};

fn list(sandbox: &Sandbox) -> Vec<(String, String, bool)> {
    let list = sandbox.ckpt(&["session", "list", "--all", "--json"]).succeeds().json();
    let row = |one: &Value| {
        let text = |field: &str| one[field].as_str().unwrap().to_owned();
        (text("name"), text("state"), one["current"].as_bool().unwrap())
    };
    let mut rows: Vec<_> = list["sessions"].as_array().unwrap().iter().map(row).collect();
    rows.sort();
    rows
}

fn rows(rows: &[(&str, &str, bool)]) -> Vec<(String, String, bool)> {
    rows.iter().map(|(name, state, is_current)| ((*name).to_owned(), (*state).to_owned(), *is_current)).collect()
}

/// A session with a decision, a file of the context and one more session that is paused.
fn scene() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["init"]).succeeds();
    sandbox.ckpt(&["session", "start", "Other"]).succeeds();
    sandbox.ckpt(&["session", "start", "Login"]).succeeds();
    sandbox.ckpt(&["decide", "use JWT"]).succeeds();
    sandbox.write("a.txt", "changed\n");
    sandbox
}

/// Dies at every point that a command passes; `old` and `new` are what may be found then, and `again` must lead to `new`.
fn check_deaths(arguments: &[&str], again: &[&str], old: &[(&str, &str, bool)], new: &[(&str, &str, bool)]) {
    let rehearsal = scene();
    for (point, count) in points(rehearsal.ckpt_command(arguments), &rehearsal) {
        for number in occurrences(count, 1) {
            let sandbox = scene();
            die_at(sandbox.ckpt_command(arguments), &point, number);
            let found = list(&sandbox);
            // A session that was begun and is on no stack yet is none that anybody is in.
            let begun = |row: &(String, String, bool)| row.0 != "begun" || row.1 != "paused";
            let without: Vec<_> = found.iter().filter(|row| begun(row)).cloned().collect();
            assert!(
                found == rows(old) || found == rows(new) || without == rows(old),
                "{arguments:?} at {point}:{number}: {found:?}"
            );
            if found != rows(new) {
                sandbox.ckpt(again).succeeds();
            }
            assert_eq!(list(&sandbox), rows(new), "{arguments:?} at {point}:{number}, again");
            assert_eq!(sandbox.read("a.txt"), b"changed\n");
            sandbox.ckpt(&["note", "afterwards"]).succeeds();
            sandbox.git(&["fsck", "--strict", "--no-dangling", "--connectivity-only"]);
            check_context(&sandbox, &format!("{arguments:?} at {point}:{number}"));
        }
    }
}

/// The decision is once in each context that has it, and the file says what the current session's does.
fn check_context(sandbox: &Sandbox, why: &str) {
    for session in ["main", "login"] {
        let text = sandbox.try_git(&["show", &format!("refs/ckpt/sessions/{session}:context.md")]).stdout();
        assert!(text.matches("use JWT").count() <= 1, "{why}: {session}: {text}");
    }
    let shown = sandbox.ckpt(&["context", "show", "--json"]).succeeds().json_text("text");
    let title = shown.lines().next().unwrap().to_owned();
    let file = String::from_utf8(sandbox.read(".ckpt/context.md")).unwrap();
    assert_eq!(file.lines().next(), Some(title.as_str()), "{why}");
}

const OLD: [(&str, &str, bool); 3] = [("login", "active", true), ("main", "active", false), ("other", "paused", false)];

#[test]
fn a_start_may_die_at_every_point() {
    let new =
        [("begun", "active", true), ("login", "paused", false), ("main", "active", false), ("other", "paused", false)];
    let start = ["session", "start", "Begun"];
    check_deaths(&start, &start, &OLD, &new);
}

#[test]
fn a_close_may_die_at_every_point() {
    let new = [("login", "complete", false), ("main", "active", true), ("other", "paused", false)];
    let close = ["session", "close", "login", "--yes"];
    // Between stack and record the session is left, and is closed by its name.
    let rehearsal = scene();
    for (point, count) in points(rehearsal.ckpt_command(&close), &rehearsal) {
        for number in occurrences(count, 1) {
            let sandbox = scene();
            die_at(sandbox.ckpt_command(&close), &point, number);
            let why = format!("close at {point}:{number}");
            if list(&sandbox) != rows(&new) {
                sandbox.ckpt(&close).succeeds();
            }
            assert_eq!(list(&sandbox), rows(&new), "{why}");
            let main = sandbox.git(&["show", "refs/ckpt/sessions/main:context.md"]);
            assert_eq!(main.matches("use JWT").count(), 1, "{why}: {main}");
            check_context(&sandbox, &why);
        }
    }
}

#[test]
fn a_delete_may_die_at_every_point() {
    let new = [("login", "active", true), ("main", "active", false)];
    let delete = ["session", "delete", "other"];
    check_deaths(&delete, &delete, &OLD, &new);
}

#[test]
fn of_two_starts_of_one_title_one_is_refused() {
    let sandbox = Sandbox::new();
    let mut children: Vec<_> = (0..4)
        .map(|number| {
            let mut command = sandbox.ckpt_command(&["session", "start", "Login", "--branch", &format!("b{number}")]);
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
            command.spawn().unwrap()
        })
        .collect();
    let codes: Vec<_> = children.iter_mut().map(|child| child.wait().unwrap().code().unwrap()).collect();
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| [0, 1, 3].contains(code)), "{codes:?}");
    assert_eq!(sandbox.git(&["branch", "--list", "b*"]).lines().count(), 1, "a start that lost has made no branch");
    assert_eq!(list(&sandbox).len(), 2);
}

#[test]
fn saves_and_words_beside_switches_lose_nothing() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["init"]).succeeds();
    sandbox.ckpt(&["session", "start", "Login"]).succeeds();
    // Twelve writers at a time, while the current session changes under them.
    let items: Vec<String> =
        (0..3).flat_map(|writer| (0..4).map(move |number| format!("item {writer}-{number}"))).collect();
    let spawn = |item: &String| {
        let mut command = sandbox.ckpt_command(&["todo", "add", item]);
        command.stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let mut children: Vec<_> = items.iter().map(spawn).collect();
    for verb in ["pause", "resume", "pause", "resume"] {
        let arguments = if verb == "pause" { vec!["session", verb] } else { vec!["session", verb, "login"] };
        sandbox.ckpt(&arguments).succeeds();
        sandbox.ckpt(&["save", "-q"]).succeeds();
    }
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    let text = ["main", "login"]
        .map(|session| sandbox.try_git(&["log", "--format=%s", &format!("refs/ckpt/sessions/{session}")]).stdout());
    let told = text.concat();
    for item in items.iter().map(|item| format!("todo: {item}\n")) {
        assert_eq!(told.matches(&item).count(), 1, "{item}{told}");
    }
}
