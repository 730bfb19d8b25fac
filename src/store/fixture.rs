//! A repository in a temporary folder, for the tests of this module.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Store;
use crate::model::id::ObjectId;
use crate::sys::environment::Environment;

pub(crate) struct Fixture {
    _folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
}

impl Fixture {
    /// An empty repository on branch `main`.
    pub(crate) fn new() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("work");
        std::fs::create_dir(&root).unwrap();
        let fixture = Fixture { _folder: folder, root };
        fixture.git(["init", "-q", "-b", "main"]);
        fixture
    }

    /// One with a commit of `file` (`hello\n`) and `sub/other`.
    pub(crate) fn with_commit() -> Fixture {
        let fixture = Fixture::new();
        fixture.write("file", "hello\n");
        fixture.write("sub/other", "other\n");
        fixture.git(["add", "-A"]);
        fixture.git(["commit", "-q", "-m", "first"]);
        fixture
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs git, which must succeed, and gives its output without the line end.
    pub(crate) fn git<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> String {
        self.git_in(&self.root, arguments)
    }

    pub(crate) fn git_in<I: IntoIterator<Item: AsRef<OsStr>>>(&self, folder: &Path, arguments: I) -> String {
        let output = self.command(folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    pub(crate) fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new("git");
        command.current_dir(folder).envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "A"),
            ("GIT_AUTHOR_EMAIL", "a@example.org"),
            ("GIT_COMMITTER_NAME", "A"),
            ("GIT_COMMITTER_EMAIL", "a@example.org"),
        ]);
        command.env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE").env_remove("GIT_WORK_TREE");
        command
    }

    pub(crate) fn id(&self, revision: &str) -> ObjectId {
        self.git(["rev-parse", revision]).parse().unwrap()
    }

    pub(crate) fn environment(&self, folder: &Path) -> Environment {
        let process = Environment::of_process().unwrap();
        let own = process.variables().map(|(name, value)| (name.clone(), value.clone()));
        let state = ("XDG_STATE_HOME".into(), self._folder.path().join("state").into());
        Environment::from_variables(own.chain([state]), folder)
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.environment(&self.root)).unwrap()
    }
}
