//! A child in a work tree of its own whose beginning dies anywhere: the old state or the new one, or what `recover` makes one
//! of them. Git's own work in between may die as well.

use crate::sandbox::{Outcome, Picture, Sandbox};
use crate::scene::{die_at, finish, is_pending, occurrences, points, undo};

const BRANCH: [&str; 4] = ["branch", "urgent", "--worktree", "../there"];

/// All that is to be seen of the child, and the parent's files.
#[derive(PartialEq)]
struct State {
    picture: Picture,
    branches: String,
    /// The session that is current in the other work tree.
    there: Option<String>,
    files_there: Vec<String>,
    /// Name and state of the sessions.
    sessions: Vec<(String, String)>,
    worktrees: usize,
}

impl State {
    fn of(sandbox: &Sandbox) -> State {
        let there = sandbox.root().join("there");
        let entries = std::fs::read_dir(&there).into_iter().flatten().flatten();
        let mut files_there: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        files_there.sort();
        let current = || sandbox.ckpt_in("there", &["stack", "--json"]).succeeds().json_text("current");
        let listed = sandbox.ckpt(&["session", "list", "--all", "--json"]).succeeds().json();
        let text = |one: &serde_json::Value, field: &str| one[field].as_str().unwrap().to_owned();
        let sessions = listed["sessions"].as_array().unwrap().iter();
        let mut sessions: Vec<_> = sessions.map(|one| (text(one, "name"), text(one, "state"))).collect();
        sessions.sort();
        State {
            picture: sandbox.picture(),
            branches: sandbox.git(&["for-each-ref", "--format=%(refname)", "refs/heads"]),
            there: there.join(".git").exists().then(current),
            files_there,
            sessions,
            worktrees: sandbox.git(&["worktree", "list", "--porcelain"]).matches("worktree ").count(),
        }
    }

    #[track_caller]
    fn must_be(&self, other: &State, why: &str) {
        self.picture.must_equal(&other.picture, why);
        let rest = |state: &State| {
            let State { branches, there, files_there, sessions, worktrees, .. } = state;
            format!("{branches}\n{there:?}\n{files_there:?}\n{sessions:?}\n{worktrees}")
        };
        assert_eq!(rest(self), rest(other), "{why}");
    }
}

fn scene() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["decide", "use JWT"]).succeeds();
    sandbox.write("a.txt", "changed\n");
    sandbox.write("new", "untracked\n");
    sandbox
}

fn each_death(after: &dyn Fn(&Sandbox, &State, &State, &str)) {
    let sandbox = scene();
    let old = State::of(&sandbox);
    let all = points(sandbox.ckpt_command(&BRANCH), &sandbox);
    let new = State::of(&sandbox);
    assert!(all.iter().any(|(point, _)| point == "branch.worktree-made"), "{all:?}");
    for (point, count) in all {
        for number in occurrences(count, 2) {
            let sandbox = scene();
            die_at(sandbox.ckpt_command(&BRANCH), &point, number);
            after(&sandbox, &old, &new, &format!("died at {point}:{number}"));
            let checked = sandbox.try_git(&["fsck", "--strict", "--no-dangling", "--connectivity-only"]);
            assert_eq!(checked.code(), Some(0), "{point}:{number}\n{}", checked.describe());
        }
    }
}

/// Nothing pending: the old state, from which the same words begin again, or the new one.
#[track_caller]
fn must_be_settled(sandbox: &Sandbox, old: &State, new: &State, why: &str) {
    let found = State::of(sandbox);
    if found != *new {
        old.must_be(&found, why);
        sandbox.ckpt(&BRANCH).succeeds();
        new.must_be(&State::of(sandbox), &format!("{why}, and again"));
    }
}

#[test]
fn a_beginning_that_died_can_be_finished() {
    each_death(&|sandbox, old, new, why| {
        if is_pending(sandbox) {
            let _ = sandbox.ckpt(&BRANCH).ends_with(1).warns("ckpt recover");
            Outcome::of(&mut finish(sandbox)).succeeds();
            new.must_be(&State::of(sandbox), &format!("{why}, then finished"));
            assert!(!is_pending(sandbox));
            sandbox.ckpt(&["undo"]).succeeds();
            let story = sandbox.git(&["log", "--format=%s", "refs/ckpt/sessions/main"]);
            assert_eq!(story.matches("branch: left for").count(), 1, "{why}: {story}");
        } else {
            must_be_settled(sandbox, old, new, why);
        }
    });
}

#[test]
fn a_beginning_that_died_can_be_taken_back() {
    each_death(&|sandbox, old, new, why| {
        if is_pending(sandbox) {
            let was_at_work = State::of(sandbox).there.as_deref() == Some("urgent");
            Outcome::of(&mut undo(sandbox)).succeeds();
            assert!(!is_pending(sandbox));
            if was_at_work {
                let now = State::of(sandbox);
                assert_eq!(now.there.as_deref(), Some("main"), "{why}: undone like any other");
                sandbox.ckpt(&["redo"]).succeeds();
            } else {
                old.must_be(&State::of(sandbox), &format!("{why}, then taken back"));
                sandbox.ckpt(&BRANCH).succeeds();
            }
            new.must_be(&State::of(sandbox), &format!("{why}, taken back and done again"));
        } else {
            must_be_settled(sandbox, old, new, why);
        }
    });
}

/// Where git itself was killed: its folder is there, the files are not all.
fn half_made() -> Sandbox {
    let sandbox = scene();
    die_at(sandbox.ckpt_command(&BRANCH), "branch.worktree-made", 1);
    let folder = sandbox.git_dir().join("worktrees/there");
    std::fs::write(folder.join("locked"), "initializing").unwrap();
    std::fs::write(folder.join("index.lock"), "").unwrap();
    std::fs::remove_file(folder.join("index")).unwrap();
    std::fs::remove_file(sandbox.root().join("there/a.txt")).unwrap();
    sandbox
}

#[test]
fn what_git_left_half_made_is_taken_away_or_made_anew() {
    let (old, new) = {
        let sandbox = scene();
        let old = State::of(&sandbox);
        sandbox.ckpt(&BRANCH).succeeds();
        (old, State::of(&sandbox))
    };
    let sandbox = half_made();
    std::fs::write(sandbox.root().join("there/precious"), "made in between").unwrap();
    Outcome::of(&mut undo(&sandbox)).succeeds();
    old.must_be(&State::of(&sandbox), "taken back");
    let kept = sandbox.git(&["for-each-ref", "--format=%(refname)", "refs/ckpt/checkpoints"]);
    let has = |id: &&str| sandbox.try_git(&["cat-file", "-e", &format!("{id}:precious")]).code() == Some(0);
    assert_eq!(kept.lines().filter(has).count(), 1, "{kept}");
    let sandbox = half_made();
    Outcome::of(&mut finish(&sandbox)).succeeds();
    new.must_be(&State::of(&sandbox), "finished");
}

#[test]
fn files_that_were_made_there_meanwhile_are_never_taken_away() {
    let sandbox = scene();
    die_at(sandbox.ckpt_command(&BRANCH), "branch.worktree-made", 1);
    std::fs::write(sandbox.root().join("there/precious"), "made in between").unwrap();
    let refused = Outcome::of(&mut undo(&sandbox)).ends_with(1);
    let _ = refused.warns("files were made or changed in the new work tree").warns("ckpt recover");
    assert!(sandbox.root().join("there/precious").exists());
    Outcome::of(&mut finish(&sandbox)).succeeds();
    assert_eq!(sandbox.ckpt_in("there", &["stack", "--json"]).succeeds().json_text("current"), "urgent");
}
