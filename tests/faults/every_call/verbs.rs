//! The verbs that are stopped, each with the work before it and what must hold after it.

use super::work::Work;
use crate::sandbox::inside::{self, RECURSE, States, git_in, make_dirty};
use crate::sandbox::{Outcome, Sandbox};
use crate::scene::{Scene, die_at, is_pending};

/// A command, the work that it is given, and what must have become of it.
pub struct Verb {
    pub name: &'static str,
    pub scene: fn() -> Work,
    pub arguments: &'static [&'static str],
    /// It makes at least so many calls, or the tracing has seen nothing.
    pub least: usize,
    /// Given whether the command said that it had succeeded.
    pub settled: fn(&Work, bool, &str),
}

/// The scene of the other tests: `good` is saved, and wrecked since.
fn wrecked() -> Work {
    let scene = Scene::new();
    Work::still(scene.sandbox)
}

/// The same, to be loaded: before it is the wreck, after it what is good.
fn to_load() -> Work {
    let scene = Scene::new();
    let before = States::of_places(&scene.sandbox, &[""]);
    let after = before.with_outermost(scene.good, scene.good_index);
    Work::new(scene.sandbox, before, after)
}

fn to_undo() -> Work {
    let work = to_load();
    work.sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    Work::new(work.sandbox, work.after, work.before)
}

/// A load that died when half of its files were written.
fn to_recover() -> Work {
    let work = to_load();
    let mut command = work.sandbox.ckpt_command(&["load", "good", "--yes"]);
    let died = Outcome::of(command.env("CKPT_FAULT", "load.index:1"));
    assert_eq!(died.code(), None, "{}", died.describe());
    assert!(is_pending(&work.sandbox));
    work
}

/// Work that a command moves, and that is moved once beside to know where to.
fn moving(sandbox: Sandbox, arguments: &[&str]) -> Work {
    let beside = sandbox.copy();
    beside.ckpt(arguments).succeeds();
    let (before, after) = (States::of_places(&sandbox, &[""]), States::of_places(&beside, &[""]));
    assert!(before != after, "{arguments:?} moves nothing");
    Work::new(sandbox, before, after)
}

fn to_branch() -> Work {
    moving(Scene::new().sandbox, BRANCH.arguments)
}

/// In a child session, with work of its own that is not committed.
fn to_return() -> Work {
    let sandbox = Scene::new().sandbox;
    sandbox.ckpt(BRANCH.arguments).succeeds();
    sandbox.write("a.txt", "fixed\n");
    sandbox.write("child.txt", "of the child\n");
    moving(sandbox, RETURN.arguments)
}

fn in_session() -> Work {
    let sandbox = Scene::new().sandbox;
    sandbox.ckpt(SESSION_START.arguments).succeeds();
    Work::still(sandbox)
}

fn hooked() -> Work {
    let scene = Scene::new();
    scene.sandbox.ckpt(&["hooks", "install"]).succeeds();
    Work::still(scene.sandbox)
}

/// A submodule and a repository in that, each with work of its own.
fn inside() -> Sandbox {
    let sandbox = inside::sandbox();
    make_dirty(&sandbox, "good");
    sandbox
}

fn to_save_inside() -> Work {
    let sandbox = inside();
    let state = States::of(&sandbox);
    Work::inside(sandbox, state.clone(), state)
}

fn to_load_inside() -> Work {
    let sandbox = inside();
    sandbox.save(&["good", RECURSE]);
    let after = States::of(&sandbox);
    make_dirty(&sandbox, "bad");
    git_in(&sandbox, "libs/one", &["commit", "-q", "-m", "elsewhere"]);
    let before = States::of(&sandbox);
    Work::inside(sandbox, before, after)
}

/// A load that died when the first of the repositories inside was done.
fn to_recover_inside() -> Work {
    let work = to_load_inside();
    die_at(work.command(&LOAD_INSIDE), "load.submodule", 1);
    assert!(is_pending(&work.sandbox));
    work
}

/// A save moves nothing; said to be done, it is there and whole.
fn saved(work: &Work, succeeded: bool, why: &str) {
    work.must_be_before(why);
    if succeeded {
        let saved = work.sandbox.git(&["show", "refs/ckpt/names/second:a.txt"]);
        assert_eq!(saved, "wrecked", "{why}");
        work.sandbox.ckpt(&["show", "second"]).succeeds();
    }
}

/// Nothing has moved in any of them; said to be done, all of them are there and whole.
fn saved_inside(work: &Work, succeeded: bool, why: &str) {
    work.must_be_before(why);
    if succeeded {
        let shown = work.sandbox.ckpt(&["show", "second", "--json"]).succeeds().json();
        assert_eq!(shown["submodules"].as_array().map(Vec::len), Some(1), "{why}: {shown}");
        work.sandbox.ckpt(&["load", "second", RECURSE, "--yes"]).succeeds();
        work.must_be_before(why);
    }
}

/// The old state or the new one, or an interrupted load that recovers to the new one.
fn moved(work: &Work, succeeded: bool, why: &str) {
    if is_pending(&work.sandbox) {
        assert!(!succeeded, "{why}: it said that it was done");
        // One half of the accidents is undone, the other finished.
        let undoes = why.len().is_multiple_of(2);
        let arguments: &[&str] = if undoes { &["recover", "--undo", "--yes"] } else { &["recover", "--yes"] };
        work.sandbox.ckpt(arguments).succeeds();
        assert!(!is_pending(&work.sandbox), "{why}");
        assert!(if undoes { work.is_before() } else { work.is_after() }, "{why}: recovered to something else");
    } else if succeeded {
        assert!(work.is_after(), "{why}: it said that it was done");
    } else {
        assert!(work.is_before() || work.is_after(), "{why}: a mixed tree");
    }
    work.must_not_be_pending_inside(why);
}

/// The tree stays; the note is in the session once or not at all, and can be made again.
fn noted(work: &Work, succeeded: bool, why: &str) {
    // Without a context there is nothing to show.
    let times = || work.sandbox.ckpt(&["context", "show"]).stdout().matches("remember this").count();
    work.must_be_before(why);
    let count = times();
    assert!(count <= 1 && (count == 1 || !succeeded), "{why}: it is there {count} times");
    work.sandbox.ckpt(&["next", "remember this too"]).succeeds();
}

fn dropped(work: &Work, succeeded: bool, why: &str) {
    work.must_be_before(why);
    let is_there = work.sandbox.ckpt(&["show", "good"]).code() == Some(0);
    assert!(!(succeeded && is_there), "{why}: it is still there");
    if !is_there {
        let undone = work.sandbox.ckpt(&["undo", "--yes"]);
        assert_eq!(undone.code(), Some(0), "{why}\n{}", undone.describe());
    }
    work.sandbox.ckpt(&["show", "good"]).succeeds();
}

/// Whatever stands in the hook files, git goes on, and a removal leaves nothing of it.
fn hooks_work(work: &Work, succeeded: bool, why: &str) {
    work.must_be_before(why);
    work.sandbox.git(&["commit", "-q", "--allow-empty", "-m", "beside"]);
    if succeeded {
        work.sandbox.ckpt(&["hooks", "status"]).succeeds();
    }
    work.sandbox.ckpt(&["hooks", "install"]).succeeds();
    work.sandbox.ckpt(&["hooks", "test"]).succeeds();
    work.sandbox.ckpt(&["hooks", "remove"]).succeeds();
    let left = std::fs::read_dir(work.sandbox.git_dir().join("hooks")).unwrap().map(Result::unwrap);
    let left: Vec<_> =
        left.map(|entry| entry.file_name()).filter(|name| !name.as_encoded_bytes().ends_with(b".sample")).collect();
    assert!(left.is_empty(), "{why}: hooks are left: {left:?}");
}

/// The old stack or the new one, and whichever it is, the sessions can go on.
fn switched(work: &Work, succeeded: bool, why: &str) {
    work.must_be_before(why);
    let stack = work.sandbox.ckpt(&["stack", "--json"]);
    assert_eq!(stack.code(), Some(0), "{why}\n{}", stack.describe());
    work.sandbox.ckpt(&["session", "list", "--all"]).succeeds();
    if succeeded {
        work.sandbox.ckpt(&["session", "show", "login"]).succeeds();
    }
    work.sandbox.ckpt(&["session", "start", "Login", "--no-branch", "--or-resume"]).succeeds();
    work.sandbox.ckpt(&["session", "close", "--yes"]).succeeds();
}

fn begun(work: &Work, _: bool, why: &str) {
    work.sandbox.ckpt(&["init"]).succeeds();
    assert!(work.sandbox.exists(".ckpt/context.md"), "{why}");
    work.sandbox.ckpt(&["uninit"]).succeeds();
    work.must_be_before(why);
}

pub const SAVE: Verb =
    Verb { name: "save", scene: wrecked, arguments: &["save", "second", "-m", "again"], least: 15, settled: saved };
pub const LOAD: Verb =
    Verb { name: "load", scene: to_load, arguments: &["load", "good", "--yes"], least: 40, settled: moved };
pub const SAVE_INSIDE: Verb = Verb {
    name: "save --recurse-submodules",
    scene: to_save_inside,
    arguments: &["save", "second", RECURSE],
    least: 40,
    settled: saved_inside,
};
pub const LOAD_INSIDE: Verb = Verb {
    name: "load --recurse-submodules",
    scene: to_load_inside,
    arguments: &["load", "good", RECURSE, "--yes"],
    least: 100,
    settled: moved,
};
pub const RECOVER_INSIDE: Verb = Verb {
    name: "recover over submodules",
    scene: to_recover_inside,
    arguments: &["recover", "--yes"],
    least: 40,
    settled: moved,
};
pub const UNDO: Verb = Verb { name: "undo", scene: to_undo, arguments: &["undo", "--yes"], least: 40, settled: moved };
pub const RECOVER: Verb =
    Verb { name: "recover", scene: to_recover, arguments: &["recover", "--yes"], least: 20, settled: moved };
pub const NOTE: Verb =
    Verb { name: "next", scene: wrecked, arguments: &["next", "remember this"], least: 10, settled: noted };
pub const DROP: Verb =
    Verb { name: "drop", scene: wrecked, arguments: &["drop", "good", "--yes"], least: 10, settled: dropped };
pub const HOOKS_INSTALL: Verb =
    Verb { name: "hooks install", scene: wrecked, arguments: &["hooks", "install"], least: 10, settled: hooks_work };
pub const HOOKS_REMOVE: Verb =
    Verb { name: "hooks remove", scene: hooked, arguments: &["hooks", "remove"], least: 5, settled: hooks_work };
pub const BRANCH: Verb =
    Verb { name: "branch", scene: to_branch, arguments: &["branch", "Fix login"], least: 40, settled: moved };
pub const RETURN: Verb = Verb { name: "return", scene: to_return, arguments: &["return"], least: 40, settled: moved };
pub const SESSION_START: Verb = Verb {
    name: "session start",
    scene: wrecked,
    arguments: &["session", "start", "Login", "--no-branch"],
    least: 10,
    settled: switched,
};
pub const SESSION_CLOSE: Verb = Verb {
    name: "session close",
    scene: in_session,
    arguments: &["session", "close", "--yes"],
    least: 20,
    settled: switched,
};
pub const INIT: Verb = Verb { name: "init", scene: wrecked, arguments: &["init"], least: 5, settled: begun };
