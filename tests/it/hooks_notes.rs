//! Notes on commits: who shows them, and how they follow commits that are rewritten.

use std::fs;

use crate::hooks::{events, kinds, note};
use crate::sandbox::{Outcome, Sandbox};

fn installed() -> Sandbox {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["hooks", "install", "-q"]).succeeds();
    sandbox
}

fn change_and_commit(sandbox: &Sandbox, file: &str, subject: &str) -> String {
    sandbox.write(file, format!("{subject}\n"));
    sandbox.commit(subject)
}

#[test]
fn a_note_names_session_checkpoint_and_what_it_was_about() {
    let sandbox = installed();
    change_and_commit(&sandbox, "a.txt", "second");
    assert_eq!(note(&sandbox, "HEAD"), "session main, no checkpoint yet");
    let id = sandbox.save(&["good", "-m", "login works\n\nand more"]);
    change_and_commit(&sandbox, "a.txt", "third");
    assert_eq!(note(&sandbox, "HEAD"), format!("session main, checkpoint {id}: login works"));
    let log = sandbox.git(&["log", "--notes=ckpt", "-1"]);
    assert!(log.contains("Notes (ckpt):") && log.contains("login works"), "{log}");
}

#[test]
fn an_amended_commit_keeps_its_note_and_gets_that_of_the_moment() {
    let sandbox = installed();
    change_and_commit(&sandbox, "a.txt", "second");
    sandbox.save(&["-m", "later"]);
    sandbox.git(&["commit", "-q", "--amend", "-m", "second, amended"]);
    let text = note(&sandbox, "HEAD");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("no checkpoint yet") && text.contains(": later"), "{text}");
    sandbox.git(&["commit", "-q", "--amend", "-m", "and again"]);
    assert_eq!(note(&sandbox, "HEAD").lines().count(), 2);
}

#[test]
fn notes_follow_a_rebase_and_what_is_squashed_in_it_has_all() {
    let sandbox = installed();
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    for number in 1..=3 {
        sandbox.save(&["--always", "-m", &format!("point {number}")]);
        change_and_commit(&sandbox, &format!("side{number}.txt"), &format!("side {number}"));
    }
    sandbox.git(&["checkout", "-q", "main"]);
    change_and_commit(&sandbox, "main.txt", "on main");
    sandbox.save(&["-m", "much later"]);
    sandbox.git(&["checkout", "-q", "side"]);
    sandbox.git(&["rebase", "-q", "main"]);
    let texts: Vec<String> = (0..3).map(|back| note(&sandbox, &format!("HEAD~{back}"))).collect();
    assert!(texts[0].ends_with(": point 3") && texts[2].ends_with(": point 1"), "{texts:?}");
    assert!(texts.iter().all(|text| text.lines().count() == 1), "the picks themselves add nothing: {texts:?}");
    let last = events(&sandbox).pop().unwrap();
    assert_eq!((&last["kind"], &last["by"], &last["commits"]), (&"rewrite".into(), &"rebase".into(), &3.into()));
    let mut command = sandbox.command("git");
    command.args(["rebase", "-q", "-i", "main"]).env("GIT_EDITOR", "true");
    let _ = Outcome::of(command.env("GIT_SEQUENCE_EDITOR", "sed -i '2,$s/^pick/squash/'")).succeeds();
    let text = note(&sandbox, "HEAD");
    assert_eq!(text.lines().count(), 3, "{text}");
    assert_eq!(sandbox.git(&["rev-list", "--count", "main..side"]), "1");
}

/// A server, and somebody else's clone of it.
fn with_server(sandbox: &Sandbox) -> impl Fn(&[&str]) + '_ {
    sandbox.git(&["clone", "-q", "--bare", ".", "../server.git"]);
    sandbox.git(&["remote", "add", "origin", "../server.git"]);
    sandbox.git(&["clone", "-q", "../server.git", "../theirs"]);
    |arguments| {
        let mut command = sandbox.command("git");
        let _ = Outcome::of(command.args(arguments).current_dir(sandbox.root().join("theirs"))).succeeds();
    }
}

fn push_topic(sandbox: &Sandbox) {
    sandbox.git(&["checkout", "-q", "-b", "topic"]);
    for number in 1..=3 {
        sandbox.save(&["--always", "-m", &format!("point {number}")]);
        sandbox.write("topic.txt", "line\n".repeat(number));
        sandbox.commit(&format!("topic {number}"));
    }
    sandbox.git(&["push", "-q", "origin", "topic"]);
    sandbox.git(&["checkout", "-q", "main"]);
}

#[test]
fn a_squash_on_a_server_has_the_notes_of_all_that_went_into_it() {
    for is_moved in [false, true] {
        let sandbox = installed();
        let theirs = with_server(&sandbox);
        push_topic(&sandbox);
        if is_moved {
            // Then the tree is another; only the change is the same.
            fs::write(sandbox.root().join("theirs/other.txt"), "other\n").unwrap();
            theirs(&["add", "other.txt"]);
            theirs(&["commit", "-q", "-m", "main moved on"]);
        }
        theirs(&["fetch", "-q"]);
        theirs(&["merge", "-q", "--squash", "origin/topic"]);
        theirs(&["commit", "-q", "-m", "topic (#1)"]);
        theirs(&["push", "-q", "origin", "main"]);
        sandbox.git(&["pull", "-q", "--ff-only", "origin", "main"]);
        let text = note(&sandbox, "HEAD");
        assert!((1..=3).all(|number| text.contains(&format!(": point {number}"))), "{is_moved}: {text:?}");
        if is_moved {
            assert_eq!(note(&sandbox, "HEAD~1"), "", "what others made has no note");
        }
    }
}

#[test]
fn commits_that_a_server_rebased_have_each_its_own_note() {
    let sandbox = installed();
    let theirs = with_server(&sandbox);
    push_topic(&sandbox);
    fs::write(sandbox.root().join("theirs/other.txt"), "other\n").unwrap();
    theirs(&["add", "other.txt"]);
    theirs(&["commit", "-q", "-m", "main moved on"]);
    theirs(&["fetch", "-q"]);
    theirs(&["cherry-pick", "origin/topic~2", "origin/topic~1", "origin/topic"]);
    theirs(&["push", "-q", "origin", "main"]);
    sandbox.git(&["pull", "-q", "--ff-only", "origin", "main"]);
    for back in 0..3 {
        let text = note(&sandbox, &format!("HEAD~{back}"));
        assert!(text.ends_with(&format!(": point {}", 3 - back)) && text.lines().count() == 1, "{back}: {text:?}");
    }
}

#[test]
fn notes_that_were_fetched_are_joined_as_a_union() {
    let sandbox = installed();
    let head = change_and_commit(&sandbox, "a.txt", "second");
    let theirs = with_server(&sandbox);
    theirs(&["notes", "--ref=ckpt", "add", "-m", "session theirs, no checkpoint yet", &head]);
    theirs(&["push", "-q", "origin", "refs/notes/ckpt"]);
    sandbox.git(&["fetch", "-q", "origin", "+refs/notes/ckpt:refs/notes/remotes/origin/ckpt"]);
    change_and_commit(&sandbox, "a.txt", "third");
    assert_eq!(note(&sandbox, &head), "session main, no checkpoint yet\nsession theirs, no checkpoint yet");
    assert_ne!(note(&sandbox, "HEAD"), "");
    let before = sandbox.git(&["rev-list", "--count", "refs/notes/ckpt"]);
    change_and_commit(&sandbox, "a.txt", "fourth");
    let after = sandbox.git(&["rev-list", "--count", "refs/notes/ckpt"]);
    assert_eq!(before.parse::<u32>().unwrap() + 1, after.parse::<u32>().unwrap(), "joined once");
}

#[test]
fn events_of_the_hooks_are_part_of_the_session_after_the_next_save() {
    let sandbox = installed();
    change_and_commit(&sandbox, "a.txt", "second");
    assert_eq!(kinds(&sandbox), ["commit"]);
    sandbox.save(&["good"]);
    assert!(kinds(&sandbox).is_empty(), "folded into the chain");
    let segment = sandbox.git(&["show", "refs/ckpt/sessions/main:events/000001.jsonl"]);
    assert!(segment.contains("\"kind\":\"commit\"") && segment.contains("second"), "{segment}");
}
