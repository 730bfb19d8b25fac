//! Random edits, commits, branches, returns, saves, loads, undos, and sessions that start, pause, go on and are given up,
//! against a plain stack of states: after each return the parent is as it was left, to the last bit, and no file moves
//! when only the session changes.
//!
//! What is ignored is not compared: it is nobody's, and a child may change it.

use bstr::BString;

use crate::sandbox::random::Random;
use crate::sandbox::repository::index_entries;
use crate::sandbox::{Outcome, Picture, Sandbox};
use crate::workers;

/// Steps of one sequence; four sequences are the usual run.
const STEPS: usize = 75;
const SEQUENCES: u64 = 4;

#[test]
fn after_each_return_the_parent_is_as_it_was_left() {
    let sequences = SEQUENCES * workers::sweep_factor();
    workers::run("stack::stack_worker", 8101..8101 + sequences);
    workers::record(
        "Steps of random sequences of branch, return, pause, resume, save, load and undo, each return exact",
        sequences * STEPS as u64,
    );
}

#[test]
#[ignore = "started by the test above, in a process of its own"]
fn stack_worker() {
    workers::each_seed(|seed| Model::new(seed).run());
}

#[derive(Clone, PartialEq)]
struct State {
    picture: Picture,
    index: Vec<(BString, u32)>,
    head: String,
    commit: String,
    operation: bool,
}

impl State {
    fn of(sandbox: &Sandbox) -> State {
        let mut picture = sandbox.picture();
        picture.things.retain(|path, _| !path.ends_with(b".log"));
        State {
            picture,
            index: index_entries(sandbox),
            head: std::fs::read_to_string(sandbox.git_dir().join("HEAD")).unwrap(),
            commit: sandbox.git(&["rev-parse", "HEAD"]),
            operation: sandbox.git_dir().join("MERGE_HEAD").exists(),
        }
    }

    #[track_caller]
    fn must_equal(&self, found: &State, why: &str) {
        self.picture.must_equal(&found.picture, why);
        assert_eq!(self.index, found.index, "{why}: the index");
        assert_eq!((&self.head, &self.commit), (&found.head, &found.commit), "{why}: HEAD");
        assert_eq!(self.operation, found.operation, "{why}: a merge in progress");
    }
}

/// Something that can be undone: which it was, what was before it, and the states below at that time.
enum Done {
    Branch {
        before: State,
    },
    Return {
        before: State,
        child: String,
    },
    Load {
        before: State,
    },
    /// A session began elsewhere than at HEAD; which one was current before.
    Start {
        before: State,
        base: Option<String>,
    },
}

struct Model {
    seed: u64,
    random: Random,
    sandbox: Sandbox,
    /// What waits below with the names of the children that it waits for, the bottom first.
    stack: Vec<(State, String)>,
    /// The session at the bottom of the stack; `None` for `main`.
    base: Option<String>,
    /// Sessions that were left and may go on.
    left: Vec<String>,
    done: Vec<Done>,
    /// A checkpoint of this session at this commit.
    saved: Option<(String, State)>,
    titles: usize,
    history: Vec<String>,
}

impl Model {
    fn new(seed: u64) -> Model {
        let sandbox = Sandbox::new();
        sandbox.write(".gitignore", "*.log\n");
        sandbox.commit("rules");
        sandbox.git(&["switch", "-q", "-c", "work"]);
        sandbox.write("z", "of work\n");
        sandbox.commit("work");
        sandbox.git(&["tag", "point"]);
        let (random, history) = (Random::new(seed), Vec::new());
        Model {
            seed,
            random,
            sandbox,
            stack: Vec::new(),
            base: None,
            left: Vec::new(),
            done: Vec::new(),
            saved: None,
            titles: 0,
            history,
        }
    }

    fn run(&mut self) {
        for step in 0..STEPS {
            let chosen = self.random.below(25);
            self.history.push(format!("step {step}: {chosen}"));
            match chosen {
                0..=6 => self.edit(),
                7 | 8 => self.stage(),
                9 => self.commit(),
                10..=12 if self.stack.len() < 6 => self.branch(),
                13..=15 => self.come_back(),
                16 => self.save(),
                17 => self.load(),
                18 => self.undo(),
                19 => self.merge(),
                20 => self.start(),
                21 => self.start_elsewhere(),
                22 => self.leave("pause"),
                23 => self.leave("cancel"),
                _ => self.resume(),
            }
            if chosen >= 10 {
                self.check_current();
            }
        }
        while !self.stack.is_empty() {
            self.come_back();
        }
        self.sandbox.git(&["fsck", "--strict", "--no-dangling", "--connectivity-only"]);
    }

    fn why(&self, what: &str) -> String {
        format!("seed {}: {what}\n{}", self.seed, self.history.join("\n"))
    }

    #[track_caller]
    fn ckpt(&mut self, arguments: &[&str]) -> Outcome {
        self.history.push(format!("  ckpt {}", arguments.join(" ")));
        let outcome = self.sandbox.ckpt(arguments);
        assert_eq!(outcome.code(), Some(0), "{}\n{}", self.why("it should succeed"), outcome.describe());
        outcome
    }

    /// A file or folder; some are ignored, some have names that want care.
    fn path(&mut self) -> &'static str {
        const PATHS: [&str; 11] = [
            "a.txt",
            "src/main.rs",
            "run.sh",
            "new",
            "dir/one",
            "dir/two",
            "dir/sub/three",
            "odd name\n",
            "x.log",
            "-dash",
            "z",
        ];
        PATHS[self.random.below(PATHS.len())]
    }

    fn edit(&mut self) {
        let path = self.path();
        let kind = self.random.below(8);
        self.history.push(format!("  edit {path:?} {kind}"));
        let sandbox = &self.sandbox;
        let is_blocked = sandbox.path(path).ancestors().skip(1).any(|above| above.is_symlink() || above.is_file());
        if is_blocked {
            return;
        }
        let is_folder = sandbox.path(path).is_dir() && !sandbox.path(path).is_symlink();
        match kind {
            0 if sandbox.exists(path) => sandbox.remove(path),
            1 if !sandbox.exists(path) && !path.ends_with(".log") => {
                sandbox.mkdir(sandbox_parent(path));
                sandbox.link(path, "a.txt");
            }
            2 if sandbox.path(path).is_file() && !sandbox.path(path).is_symlink() => {
                let mode = [0o600, 0o644, 0o755, 0o700][self.random.below(4)];
                sandbox.chmod(path, mode);
            }
            3 => sandbox.mkdir(["void", "dir/void"][self.random.below(2)]),
            4 if sandbox.exists("dir") && sandbox.path("dir").is_dir() => sandbox.remove("dir"),
            _ if is_folder => {}
            _ => {
                if sandbox.path(path).is_symlink() {
                    sandbox.remove(path);
                }
                let text = format!("{}\n{}\n", self.random.below(5), self.random.below(1000));
                sandbox.write(path, text);
            }
        }
    }

    fn stage(&mut self) {
        let path = self.path();
        let commands: [&[&str]; 5] = [
            &["add", "-A"],
            &["add", "--", path],
            &["add", "-N", "--", path],
            &["rm", "-q", "--cached", "-r", "--", path],
            &["update-index", "--assume-unchanged", "--", path],
        ];
        let chosen = commands[self.random.below(5)];
        self.history.push(format!("  git {}", chosen.join(" ")));
        let _ = self.sandbox.try_git(chosen);
    }

    fn commit(&mut self) {
        let outcome = self.sandbox.try_git(&["commit", "-q", "-m", "step"]);
        self.history.push(format!("  git commit -> {:?}", outcome.code()));
        self.saved = None;
        // A load does not move HEAD, so going back over a commit is another matter.
        self.done.retain(|done| !matches!(done, Done::Load { .. }));
        if !self.done.is_empty() && outcome.code() == Some(0) {
            self.done.clear();
        }
    }

    /// A merge that conflicts, to be left in the middle.
    fn merge(&mut self) {
        let _ = self.sandbox.try_git(&["merge", "-q", "work"]);
        self.history.push("  git merge work".to_owned());
        self.saved = None;
        self.done.clear();
    }

    fn branch(&mut self) {
        let before = State::of(&self.sandbox);
        self.titles += 1;
        let title = format!("child {}", self.titles);
        self.ckpt(&["branch", &title]);
        let status = self.sandbox.git(&["status", "--porcelain"]);
        assert_eq!(status, "", "{}", self.why("a child begins clean"));
        self.stack.push((before.clone(), format!("child-{}", self.titles)));
        self.done.push(Done::Branch { before });
        self.saved = None;
    }

    /// The session on top, by the model.
    fn check_current(&mut self) {
        let top = self.stack.last().map(|(_, child)| child.clone()).or_else(|| self.base.clone());
        let found = self.sandbox.ckpt(&["stack", "--json"]).succeeds().json_text("current");
        assert_eq!(found, top.unwrap_or_else(|| "main".to_owned()), "{}", self.why("the current session"));
    }

    /// Runs what changes the session alone. Above a child it is refused.
    fn change_session(&mut self, arguments: &[&str], is_allowed: bool) {
        let before = State::of(&self.sandbox);
        if is_allowed {
            self.ckpt(arguments);
            self.done.clear();
        } else {
            self.history.push(format!("  ckpt {} is refused", arguments.join(" ")));
            let _ = self.sandbox.ckpt(arguments).ends_with(1);
        }
        before.must_equal(&State::of(&self.sandbox), &self.why("no file moves"));
    }

    fn start(&mut self) {
        self.titles += 1;
        let (title, is_allowed) = (format!("work {}", self.titles), self.stack.is_empty());
        self.change_session(&["session", "start", &title], is_allowed);
        if is_allowed {
            self.left.extend(self.base.replace(format!("work-{}", self.titles)));
        }
    }

    fn start_elsewhere(&mut self) {
        if !self.stack.is_empty() {
            return;
        }
        let before = State::of(&self.sandbox);
        self.titles += 1;
        let is_at_main = before.commit == self.sandbox.git(&["rev-parse", "main"]);
        let from = if is_at_main { "point" } else { "main" };
        self.ckpt(&["session", "start", &format!("work {}", self.titles), "--from", from]);
        let status = self.sandbox.git(&["status", "--porcelain"]);
        assert_eq!(status, "", "{}", self.why("it begins clean"));
        let base = self.base.replace(format!("work-{}", self.titles));
        self.done.push(Done::Start { before, base });
        self.saved = None;
    }

    /// Pauses or cancels the session at the bottom.
    fn leave(&mut self, verb: &str) {
        let is_allowed = self.stack.is_empty() && self.base.is_some();
        self.change_session(&["session", verb], is_allowed);
        if is_allowed {
            self.left.extend(self.base.take());
        }
    }

    fn resume(&mut self) {
        if self.left.is_empty() {
            return;
        }
        let name = self.left[self.random.below(self.left.len())].clone();
        let is_allowed = self.stack.is_empty();
        self.change_session(&["session", "resume", &name], is_allowed);
        if is_allowed {
            self.left.retain(|left| *left != name);
            self.left.extend(self.base.replace(name));
        }
    }

    fn come_back(&mut self) {
        let Some((wanted, child)) = self.stack.pop() else { return };
        let before = State::of(&self.sandbox);
        let how = ["--exact", "--keep", "--discard"][self.random.below(3)];
        self.ckpt(&["return", how]);
        wanted.must_equal(&State::of(&self.sandbox), &self.why("after the return"));
        self.left.push(child.clone());
        self.done.push(Done::Return { before, child });
        self.saved = None;
    }

    fn save(&mut self) {
        let id = self.ckpt(&["save", "--json"]).json_text("id");
        self.saved = Some((id, State::of(&self.sandbox)));
    }

    fn load(&mut self) {
        let Some((id, state)) = self.saved.clone() else { return };
        let before = State::of(&self.sandbox);
        self.ckpt(&["load", &id, "--yes", "--operation"]);
        state.must_equal(&State::of(&self.sandbox), &self.why("after the load"));
        self.done.push(Done::Load { before });
    }

    fn undo(&mut self) {
        let Some(done) = self.done.pop() else { return };
        let now = State::of(&self.sandbox);
        self.ckpt(&["undo"]);
        let before = match done {
            Done::Branch { before } => {
                self.left.extend(self.stack.pop().map(|(_, child)| child));
                before
            }
            // What the parent was when the return was undone is what the next one brings back.
            Done::Return { before, child } => {
                self.left.retain(|left| *left != child);
                self.stack.push((now, child));
                before
            }
            Done::Load { before } => before,
            Done::Start { before, base } => {
                self.left.extend(std::mem::replace(&mut self.base, base));
                before
            }
        };
        before.must_equal(&State::of(&self.sandbox), &self.why("after the undo"));
        self.saved = None;
    }
}

fn sandbox_parent(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}
