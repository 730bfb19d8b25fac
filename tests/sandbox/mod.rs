//! A place of its own for each test: a temporary home, a cleared environment, a pinned clock, a repository.
//!
//! Included by every test binary with `#[path]`; it tests nothing itself.

pub mod inside;
pub mod kind;
pub mod outcome;
pub mod picture;
pub mod random;
pub mod reliability;
pub mod repository;
pub mod user;

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use kind::Kind;
pub use outcome::Outcome;
pub use picture::Picture;
pub use repository::RepositoryState;

/// The moment at which the clock of a sandbox stands unless a test says otherwise.
pub const NOW: &str = "2026-11-21T09:00:00Z";

/// A temporary folder with a home and a work tree in it; removed when dropped.
pub struct Sandbox {
    /// Removed when dropped, where it is this one's own.
    _own: Option<tempfile::TempDir>,
    folder: PathBuf,
    clock: RefCell<Option<String>>,
    variables: RefCell<Vec<(String, String)>>,
}

impl Sandbox {
    /// A sandbox whose work tree is not a repository.
    pub fn empty() -> Sandbox {
        let folder = tempfile::Builder::new().prefix("ckpt-test-").tempdir().unwrap();
        for name in ["home", "work", "home/.config"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        write_git_config(&folder.path().join("home/gitconfig"));
        let (place, clock) = (folder.path().to_owned(), RefCell::new(Some(NOW.into())));
        Sandbox { _own: Some(folder), folder: place, clock, variables: RefCell::default() }
    }

    /// A repository without a commit.
    pub fn unborn() -> Sandbox {
        let sandbox = Sandbox::empty();
        sandbox.git(&["init", "-q"]);
        sandbox
    }

    /// A repository with one commit: `a.txt`, `src/main.rs` and an executable `run.sh`.
    pub fn new() -> Sandbox {
        let sandbox = Sandbox::unborn();
        sandbox.write("a.txt", "alpha\n");
        sandbox.write("src/main.rs", "fn main() {}\n");
        sandbox.write("run.sh", "#!/bin/sh\n");
        sandbox.chmod("run.sh", 0o755);
        sandbox.commit("first");
        sandbox
    }

    /// A repository whose branches `side` and `main`, which is checked out, disagree about `a.txt`.
    pub fn disagreeing() -> Sandbox {
        let sandbox = Sandbox::new();
        sandbox.disagree();
        sandbox
    }

    /// Makes them disagree.
    pub fn disagree(&self) {
        self.git(&["checkout", "-q", "-b", "side"]);
        self.write("a.txt", "side\n");
        self.commit("side");
        self.git(&["checkout", "-q", "main"]);
        self.write("a.txt", "main\n");
        self.commit("main");
    }

    /// The same once more, times and modes included.
    pub fn copy(&self) -> Sandbox {
        let folder = tempfile::Builder::new().prefix("ckpt-test-").tempdir().unwrap();
        let copied = self.copy_to(folder.path());
        Sandbox { _own: Some(folder), ..copied }
    }

    /// The same once more, in a folder that stays when this is dropped.
    pub fn copy_to(&self, place: &Path) -> Sandbox {
        fs::create_dir_all(place).unwrap();
        let copied = Command::new("cp").arg("-a").arg(self.root().join(".")).arg(place).status().unwrap();
        assert!(copied.success());
        self.at_place(place)
    }

    /// The sandbox that stands at a place already.
    pub fn at_place(&self, place: &Path) -> Sandbox {
        let (clock, variables) = (self.clock.clone(), self.variables.clone());
        Sandbox { _own: None, folder: place.to_owned(), clock, variables }
    }

    /// The folder that holds everything, the home too.
    pub fn root(&self) -> &Path {
        &self.folder
    }

    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// The work tree.
    pub fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    pub fn git_dir(&self) -> PathBuf {
        self.work().join(".git")
    }

    /// Puts the clock at another moment (RFC 3339).
    pub fn at(&self, moment: &str) {
        *self.clock.borrow_mut() = Some(moment.to_owned());
    }

    /// Lets the system's clock run.
    pub fn with_real_clock(&self) {
        *self.clock.borrow_mut() = None;
    }

    /// Sets a variable for every later command.
    pub fn set(&self, name: &str, value: &str) {
        self.variables.borrow_mut().push((name.to_owned(), value.to_owned()));
    }

    /// Any program, in the sandbox's environment, standing in the work tree.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(hermetic_variables(self.root())).current_dir(self.work()).stdin(Stdio::null());
        if let Some(moment) = &*self.clock.borrow() {
            command.env("CKPT_CLOCK", moment);
        }
        command.envs(self.variables.borrow().iter().map(|(name, value)| (name, value)));
        command
    }

    /// `ckpt`, not yet run.
    pub fn ckpt_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_ckpt"));
        command.args(arguments);
        command
    }

    /// Runs `ckpt` in the work tree.
    pub fn ckpt(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(&mut self.ckpt_command(arguments))
    }

    /// Runs `ckpt` in a folder given from the sandbox's root.
    pub fn ckpt_in(&self, folder: &str, arguments: &[&str]) -> Outcome {
        Outcome::of(self.ckpt_command(arguments).current_dir(self.root().join(folder)))
    }

    /// Runs `ckpt save` with `--json` and gives the id; the save must succeed.
    pub fn save(&self, arguments: &[&str]) -> String {
        let mut all = vec!["save", "--json"];
        all.extend(arguments);
        self.ckpt(&all).succeeds().json_text("id")
    }

    /// Runs git in the work tree; it must succeed. Gives its stdout without the last newline.
    pub fn git(&self, arguments: &[&str]) -> String {
        let outcome = self.try_git(arguments).succeeds();
        outcome.stdout().trim_end_matches('\n').to_owned()
    }

    /// Runs git in the work tree.
    pub fn try_git(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command("git").args(arguments))
    }

    /// Commits everything that is not ignored.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A path of the work tree; any bytes.
    pub fn path(&self, path: impl AsRef<[u8]>) -> PathBuf {
        self.work().join(OsStr::from_bytes(path.as_ref()))
    }

    /// Writes a file of the work tree, with the folders above it.
    pub fn write(&self, path: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, path: impl AsRef<[u8]>) -> Vec<u8> {
        let path = self.path(path);
        fs::read(&path).unwrap_or_else(|error| panic!("cannot read {path:?}: {error}"))
    }

    pub fn exists(&self, path: impl AsRef<[u8]>) -> bool {
        fs::symlink_metadata(self.path(path)).is_ok()
    }

    pub fn mkdir(&self, path: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(path)).unwrap();
    }

    pub fn link(&self, path: impl AsRef<[u8]>, target: &str) {
        symlink(target, self.path(path)).unwrap();
    }

    pub fn chmod(&self, path: impl AsRef<[u8]>, mode: u32) {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Removes a file or a whole folder.
    pub fn remove(&self, path: impl AsRef<[u8]>) {
        let path = self.path(path);
        if fs::symlink_metadata(&path).unwrap().is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }

    /// The work tree as it is now.
    pub fn picture(&self) -> Picture {
        Picture::of(&self.work())
    }

    /// What of the repository is the user's own, as it is now.
    pub fn repository(&self) -> RepositoryState {
        RepositoryState::of(self)
    }
}

/// The only variables that a program in a sandbox sees.
pub fn hermetic_variables(root: &Path) -> Vec<(String, String)> {
    let home = root.join("home");
    let text = |path: PathBuf| path.to_str().expect("temporary folders have UTF-8 names").to_owned();
    let fixed = [("TZ", "UTC"), ("LC_ALL", "C"), ("COLUMNS", "80"), ("GIT_CONFIG_NOSYSTEM", "1")];
    let mut variables: Vec<_> = fixed.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    variables.extend(Kind::of_run().variables().iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
    variables.push(("PATH".into(), std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".into())));
    variables.push(("GIT_CONFIG_GLOBAL".into(), text(home.join("gitconfig"))));
    variables.push(("XDG_CONFIG_HOME".into(), text(home.join(".config"))));
    variables.push(("XDG_CACHE_HOME".into(), text(home.join(".cache"))));
    variables.push(("XDG_DATA_HOME".into(), text(home.join(".local/share"))));
    variables.push(("GIT_CEILING_DIRECTORIES".into(), text(root.to_owned())));
    variables.push(("HOME".into(), text(home)));
    variables
}

/// Writes the user's git configuration of a sandbox.
pub fn write_git_config(path: &Path) {
    let text = "[user]\n\tname = Test\n\temail = test@example.org\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n\
                [advice]\n\taddEmbeddedRepo = false\n\tdetachedHead = false\n[maintenance]\n\tauto = false\n";
    fs::write(path, text).unwrap();
}
