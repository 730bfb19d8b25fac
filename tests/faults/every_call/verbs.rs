//! The verbs that are stopped, each with the work before it and what must hold after it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use bstr::{BString, ByteSlice};

use crate::sandbox::repository::index_entries;
use crate::sandbox::{Outcome, Picture, Sandbox};
use crate::scene::{Scene, is_pending};

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

/// A sandbox, and the two states that it may be in.
pub struct Work {
    pub sandbox: Sandbox,
    before: State,
    after: State,
    /// Ids of the contents that are the user's.
    contents: BTreeSet<String>,
}

#[derive(Clone, PartialEq)]
struct State {
    files: Picture,
    index: Vec<(BString, u32)>,
}

impl State {
    fn of(sandbox: &Sandbox) -> State {
        State { files: sandbox.picture(), index: index_entries(sandbox) }
    }
}

impl Work {
    /// Work that its verb leaves as it is.
    fn still(sandbox: Sandbox) -> Work {
        let state = State::of(&sandbox);
        Work::new(sandbox, state.clone(), state)
    }

    fn new(sandbox: Sandbox, before: State, after: State) -> Work {
        let contents = contents(&sandbox);
        Work { sandbox, before, after, contents }
    }

    pub fn copy(&self) -> Work {
        self.with(self.sandbox.copy())
    }

    /// The same once more, in a folder that is not there yet.
    pub fn copy_to(&self, place: &Path) -> Work {
        self.with(self.sandbox.copy_to(place))
    }

    /// The same work, where a sandbox stands already.
    pub fn at(&self, place: &Path) -> Work {
        self.with(self.sandbox.at_place(place))
    }

    fn with(&self, sandbox: Sandbox) -> Work {
        let (before, after, contents) = (self.before.clone(), self.after.clone(), self.contents.clone());
        Work { sandbox, before, after, contents }
    }

    pub fn command(&self, verb: &Verb) -> Command {
        self.sandbox.ckpt_command(verb.arguments)
    }

    /// Every content that was in the work tree is still there, or in the index, or reachable from a ref.
    pub fn must_hold_all_work(&self, why: &str) {
        let held = self.sandbox.git(&["rev-list", "--objects", "--no-object-names", "--all", "--indexed-objects"]);
        let held: BTreeSet<&str> = held.lines().collect();
        let present = contents(&self.sandbox);
        let lost: Vec<_> =
            self.contents.iter().filter(|id| !held.contains(id.as_str()) && !present.contains(*id)).collect();
        assert!(lost.is_empty(), "{why}: lost {lost:?}");
    }

    /// Git has no complaint.
    pub fn must_be_sound(&self, why: &str) {
        for arguments in [&["status", "--porcelain"][..], &["fsck", "--full", "--strict", "--no-dangling"]] {
            let checked = self.sandbox.try_git(arguments);
            assert_eq!(checked.code(), Some(0), "{why}\n{}", checked.describe());
        }
    }

    /// After one more save nothing is left of what was only on its way, and git's own locks are free.
    pub fn must_be_tidy(&self, why: &str) {
        self.sandbox.ckpt(&["save", "--always", "-m", "afterwards"]).succeeds();
        let all = walkdir::WalkDir::new(self.sandbox.work()).into_iter().map(Result::unwrap);
        let names = all.map(|entry| entry.path().to_string_lossy().into_owned());
        let left: Vec<_> = names.filter(|name| is_on_its_way(name)).collect();
        assert!(left.is_empty(), "{why}: left behind: {left:?}");
    }

    fn must_be_before(&self, why: &str) {
        self.before.files.must_equal(&self.sandbox.picture(), why);
        assert_eq!(self.before.index, index_entries(&self.sandbox), "{why}: the index");
    }

    fn is_before(&self) -> bool {
        State::of(&self.sandbox) == self.before
    }

    fn is_after(&self) -> bool {
        State::of(&self.sandbox) == self.after
    }
}

/// Lock files that git or ckpt make and remove, and files under another name until they are whole. The flocks of ckpt
/// stay where they are for ever; a lock beside a checkpoint's own ref is in nobody's way: no other will have that id.
/// Unfinished packs are swept when they are old; caches that were never finished by whoever writes the next.
fn is_on_its_way(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    let is_in_own_folder = name.contains("/.git/ckpt/");
    let is_scan = name.contains("/cache/scan.") || name.contains("/cache/index.");
    let is_atomic = file.ends_with(".tmp") && (!is_in_own_folder || is_scan);
    let is_lock = file.ends_with(".lock") && !is_in_own_folder && !name.contains("/refs/ckpt/checkpoints/");
    is_lock || is_atomic || file.starts_with(".ckpt-") && !name.contains("/objects/pack/")
}

/// Ids of all files of the work tree.
fn contents(sandbox: &Sandbox) -> BTreeSet<String> {
    let picture = sandbox.picture();
    let files = picture.leaves().filter(|(path, _)| sandbox.path(path.as_bytes()).is_file());
    let paths: Vec<String> = files.map(|(path, _)| path.to_str().unwrap().to_owned()).collect();
    let mut arguments = vec!["hash-object", "--no-filters", "--"];
    arguments.extend(paths.iter().map(String::as_str));
    sandbox.git(&arguments).lines().map(str::to_owned).collect()
}

/// The scene of the other tests: `good` is saved, and wrecked since.
fn wrecked() -> Work {
    let scene = Scene::new();
    Work::still(scene.sandbox)
}

/// The same, to be loaded: before it is the wreck, after it what is good.
fn to_load() -> Work {
    let scene = Scene::new();
    let before = State { files: scene.wreck, index: scene.wreck_index };
    Work::new(scene.sandbox, before, State { files: scene.good, index: scene.good_index })
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
    let (before, after) = (State::of(&sandbox), State::of(&beside));
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

/// A save moves nothing; said to be done, it is there and whole.
fn saved(work: &Work, succeeded: bool, why: &str) {
    work.must_be_before(why);
    if succeeded {
        let saved = work.sandbox.git(&["show", "refs/ckpt/names/second:a.txt"]);
        assert_eq!(saved, "wrecked", "{why}");
        work.sandbox.ckpt(&["show", "second"]).succeeds();
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
