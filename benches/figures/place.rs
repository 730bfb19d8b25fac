//! A repository to measure in, and the commands that run in it with a clean environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether this is a quick trial.
pub fn is_small() -> bool {
    std::env::var_os("CKPT_BENCH_SMALL").is_some()
}

/// The folder for all trees.
pub fn trees_folder() -> PathBuf {
    let name = if is_small() { "small-trial" } else { "full" };
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    target.join("bench-trees").join(name)
}

/// A repository.
#[derive(Clone)]
pub struct Place {
    pub work: PathBuf,
}

impl Place {
    pub fn command(&self, program: &str) -> Command {
        let home = trees_folder().join("home");
        fs::create_dir_all(&home).unwrap();
        let mut command = Command::new(program);
        command.env_clear().current_dir(&self.work).env("HOME", &home).env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("LC_ALL", "C").env("TZ", "UTC");
        command.envs([
            ("GIT_AUTHOR_NAME", "b"),
            ("GIT_AUTHOR_EMAIL", "b@b"),
            ("GIT_COMMITTER_NAME", "b"),
            ("GIT_COMMITTER_EMAIL", "b@b"),
        ]);
        command
    }

    pub fn git(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("git");
        command.args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"]).args(arguments);
        command
    }

    pub fn ckpt(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_ckpt"));
        command.args(arguments);
        command
    }

    /// The bare walk, as a process of its own like the others.
    pub fn walk(&self) -> Command {
        let mut command = self.command(std::env::current_exe().unwrap().to_str().unwrap());
        command.arg("--walk").arg(&self.work);
        command
    }

    /// Runs git to its end; gives what it prints.
    pub fn run_git(&self, arguments: &[&str]) -> String {
        let output = self.git(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs ckpt to its end.
    pub fn run_ckpt(&self, arguments: &[&str]) {
        let output = self.ckpt(arguments).output().unwrap();
        assert!(output.status.success(), "ckpt {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// One process that does with git's plumbing what a save does: copied index, `add -A`, tree, commit, ref.
    pub fn plumbing(&self) -> Command {
        let script = "cp -p .git/index .git/bench-index && export GIT_INDEX_FILE=.git/bench-index && git add -A && \
                      tree=$(git write-tree) && commit=$(git commit-tree -p HEAD -m save $tree) && \
                      git update-ref refs/bench/save $commit";
        let mut command = self.command("sh");
        command.args(["-c", script]);
        command
    }

    /// The same with the three commits of a save and its refs, as git alone would do it.
    pub fn whole_plumbing(&self) -> Command {
        let script = "cp -p .git/index .git/bench-index && export GIT_INDEX_FILE=.git/bench-index && \
                      staged=$(git write-tree) && git add -A && tree=$(git write-tree) && \
                      meta=$(git commit-tree -m meta $tree) && index=$(git commit-tree -p HEAD -p $meta -m index $staged) && \
                      commit=$(git commit-tree -p HEAD -p $index -m save $tree) && \
                      git update-ref refs/bench/save $commit";
        let mut command = self.command("sh");
        command.args(["-c", script]);
        command
    }

    /// `git add -A` on a copy of the index, alone.
    pub fn add_to_copy(&self) -> Command {
        fs::copy(self.work.join(".git/index"), self.work.join(".git/bench-index")).unwrap();
        let mut command = self.git(&["add", "-A"]);
        command.env("GIT_INDEX_FILE", ".git/bench-index");
        command
    }

    /// Takes away all that ckpt keeps here.
    pub fn forget_saves(&self) {
        let _ = fs::remove_dir_all(self.work.join(".git/ckpt"));
        for name in self.run_git(&["for-each-ref", "--format=%(refname)", "refs/ckpt", "refs/worktree/ckpt"]).lines() {
            self.run_git(&["update-ref", "-d", name]);
        }
    }
}
