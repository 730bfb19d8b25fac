//! A branch or a return that dies anywhere leaves the old state or the new one, or what `recover` makes one of them.

use std::process::Command;

use bstr::BString;

use crate::sandbox::repository::index_entries;
use crate::sandbox::{Outcome, Picture, Sandbox};
use crate::scene::{die_at, finish, is_pending, occurrences, points, undo};

/// How often a point is died at: its first passage, and its last.
const PASSAGES: u32 = 1;

/// Files, index, HEAD, git branches and the current session.
#[derive(PartialEq)]
struct State {
    picture: Picture,
    index: Vec<(BString, u32)>,
    head: String,
    branches: String,
    current: String,
    merging: bool,
}

impl State {
    fn of(sandbox: &Sandbox) -> State {
        State {
            picture: sandbox.picture(),
            index: index_entries(sandbox),
            head: std::fs::read_to_string(sandbox.git_dir().join("HEAD")).unwrap(),
            branches: sandbox.git(&["for-each-ref", "refs/heads"]),
            current: sandbox.ckpt(&["stack", "--json"]).succeeds().json_text("current"),
            merging: sandbox.git_dir().join("MERGE_HEAD").exists(),
        }
    }

    #[track_caller]
    fn must_be(&self, other: &State, why: &str) {
        self.picture.must_equal(&other.picture, why);
        assert_eq!(self.index, other.index, "{why}: the index");
        assert_eq!(
            (&self.head, &self.branches, &self.current, self.merging),
            (&other.head, &other.branches, &other.current, other.merging),
            "{why}: HEAD, branches, the current session, a merge"
        );
    }
}

/// What brings one session in the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Branch,
    Return,
    /// Of a session elsewhere than at HEAD.
    Start,
}

impl Verb {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Verb::Branch => &["branch", "urgent", "--from", "side"],
            Verb::Return => &["return"],
            Verb::Start => &["session", "start", "urgent", "--from", "side"],
        }
    }
}

/// A merge in progress that is left for another session, and that session at work.
struct Scene {
    sandbox: Sandbox,
    verb: Verb,
}

impl Scene {
    fn new(verb: Verb) -> Scene {
        let sandbox = Sandbox::disagreeing();
        sandbox.write("staged.txt", "staged\n");
        sandbox.git(&["add", "staged.txt"]);
        let _ = sandbox.try_git(&["merge", "side"]);
        sandbox.write("deep/er/file.txt", "untracked\n");
        sandbox.write("secret", "0600\n");
        sandbox.chmod("secret", 0o600);
        if verb == Verb::Return {
            let _ = sandbox.ckpt(&["branch", "urgent", "--from", "side"]).succeeds();
            sandbox.write("a.txt", "fixed\n");
            sandbox.commit("fix");
            sandbox.write("half.txt", "half\n");
        }
        Scene { sandbox, verb }
    }

    fn command(&self) -> Command {
        self.sandbox.ckpt_command(self.verb.arguments())
    }
}

/// Dies at each point in turn and does `after`; it gets the scene, the state before, and what it is about.
fn each_death(verb: Verb, after: &dyn Fn(&Scene, &State, &State, &str)) {
    let scene = Scene::new(verb);
    let old = State::of(&scene.sandbox);
    let all = points(scene.command(), &scene.sandbox);
    let new = State::of(&scene.sandbox);
    assert!(all.len() >= 10, "hardly any fault point: {all:?}");
    for (point, count) in all {
        for number in occurrences(count, PASSAGES) {
            let why = format!("{verb:?} died at {point}:{number}");
            let scene = Scene::new(verb);
            die_at(scene.command(), &point, number);
            after(&scene, &old, &new, &why);
            let checked = scene.sandbox.try_git(&["fsck", "--strict", "--no-dangling", "--connectivity-only"]);
            assert_eq!(checked.code(), Some(0), "{why}\n{}", checked.describe());
        }
    }
}

/// Commits have times, so only their trees and what stands on disk are compared with another run of the same scene.
fn is_like(state: &State, other: &State) -> bool {
    let names = |state: &State| -> Vec<String> {
        state.branches.lines().map(|line| line.rsplit('\t').next().unwrap_or_default().to_owned()).collect()
    };
    (&state.picture, &state.index, &state.head, &state.current, state.merging)
        == (&other.picture, &other.index, &other.head, &other.current, other.merging)
        && names(state) == names(other)
}

#[track_caller]
fn must_be_like(state: &State, other: &State, why: &str) {
    if !is_like(state, other) {
        state.must_be(other, why);
    }
}

fn check_finish(scene: &Scene, old: &State, new: &State, why: &str) {
    if is_pending(&scene.sandbox) {
        Outcome::of(&mut finish(&scene.sandbox)).succeeds();
        let found = State::of(&scene.sandbox);
        must_be_like(new, &found, &format!("{why}, then finished"));
        let _ = scene.sandbox.ckpt(&["undo"]).succeeds();
        must_be_like(old, &State::of(&scene.sandbox), &format!("{why}, finished, then `undo`"));
    } else {
        settled(scene, old, new, why);
    }
}

fn check_undo(scene: &Scene, old: &State, new: &State, why: &str) {
    if is_pending(&scene.sandbox) {
        Outcome::of(&mut undo(&scene.sandbox)).succeeds();
        let why = format!("{why}, then undone");
        must_be_like(old, &State::of(&scene.sandbox), &why);
        Outcome::of(&mut redo_by_hand(scene)).succeeds();
        must_be_like(new, &State::of(&scene.sandbox), &format!("{why}, then done again"));
    } else {
        settled(scene, old, new, why);
    }
}

/// What was published, and then undone, is there as a session: its title is taken.
fn redo_by_hand(scene: &Scene) -> Command {
    let known = scene.sandbox.try_git(&["rev-parse", "-q", "--verify", "refs/ckpt/sessions/urgent"]).code() == Some(0);
    if known && scene.verb != Verb::Return { scene.sandbox.ckpt_command(&["redo"]) } else { scene.command() }
}

/// Nothing pending: the old state or the new one.
fn settled(scene: &Scene, old: &State, new: &State, why: &str) {
    let found = State::of(&scene.sandbox);
    if !is_like(&found, old) && !is_like(&found, new) {
        old.must_be(&found, &format!("{why}: neither old nor new"));
    }
}

#[test]
fn a_branch_that_died_can_be_finished() {
    each_death(Verb::Branch, &check_finish);
}

#[test]
fn a_branch_that_died_can_be_undone() {
    each_death(Verb::Branch, &check_undo);
}

#[test]
fn a_return_that_died_can_be_finished() {
    each_death(Verb::Return, &check_finish);
}

#[test]
fn a_return_that_died_can_be_undone() {
    each_death(Verb::Return, &check_undo);
}

#[test]
fn a_start_elsewhere_that_died_can_be_finished() {
    each_death(Verb::Start, &check_finish);
}

#[test]
fn a_start_elsewhere_that_died_can_be_undone() {
    each_death(Verb::Start, &check_undo);
}

#[test]
fn the_context_file_follows_a_recovery_at_once() {
    for (back, verb) in [(false, Verb::Branch), (true, Verb::Branch), (false, Verb::Return), (true, Verb::Return)] {
        let scene = Scene::new(verb);
        scene.sandbox.ckpt(&["init"]).succeeds();
        let text = || String::from_utf8(scene.sandbox.read(".ckpt/context.md")).unwrap();
        let before = text();
        die_at(scene.command(), "load.verified", 1);
        let mut recovery = if back { undo(&scene.sandbox) } else { finish(&scene.sandbox) };
        Outcome::of(&mut recovery).succeeds();
        let title = |text: &str| text.lines().next().unwrap().to_owned();
        assert_eq!(title(&text()) == title(&before), back, "{verb:?}: {}", text());
    }
}

#[test]
fn what_was_noted_in_between_is_not_lost() {
    for verb in [Verb::Branch, Verb::Return, Verb::Start] {
        for point in ["load.verified", "switch.anchored", "journal.written"] {
            let scene = Scene::new(verb);
            die_at(scene.command(), point, 1);
            let _ = scene.sandbox.ckpt(&["decide", "made in between"]);
            if is_pending(&scene.sandbox) {
                Outcome::of(&mut finish(&scene.sandbox)).succeeds();
            }
            let told = scene.sandbox.git(&["log", "--format=%s", "--glob=refs/ckpt/sessions/*"]);
            assert!(told.contains("made in between"), "{verb:?} {point}: {told}");
        }
    }
}

#[test]
fn a_full_disk_stops_both_and_nothing_is_lost() {
    for verb in [Verb::Branch, Verb::Return, Verb::Start] {
        let scene = Scene::new(verb);
        scene.sandbox.write("large", vec![b'x'; 200_000]);
        let before = State::of(&scene.sandbox);
        let mut command = scene.sandbox.command("sh");
        let program = env!("CARGO_BIN_EXE_ckpt");
        let limited = format!("ulimit -f 0; exec {program} {}", verb.arguments().join(" "));
        let outcome = Outcome::of(command.args(["-c", &limited])).ends_orderly();
        assert_ne!(outcome.code(), Some(0), "{}", outcome.describe());
        if is_pending(&scene.sandbox) {
            Outcome::of(&mut undo(&scene.sandbox)).succeeds();
        }
        must_be_like(&before, &State::of(&scene.sandbox), &format!("{verb:?}"));
        Outcome::of(&mut scene.command()).succeeds();
    }
}
