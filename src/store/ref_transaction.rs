//! One transaction of `git update-ref --stdin`: prepared, then committed. Called by `git_refs`.
//!
//! When this process dies in between, git comes to the end of its input and takes its locks away again.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::git_command::GitCommand;
use super::refs::{Expected, RefEdit};
use super::sync::sync_files;
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::sys::fault;

/// Its commands, in the order in which git is to see them.
#[derive(Default)]
pub(crate) struct Transaction {
    commands: String,
    /// For the log of HEAD.
    message: Option<String>,
}

impl Transaction {
    /// Adds an edit whose ref was `found` here a moment ago; git compares once more.
    pub(crate) fn add(&mut self, edit: &RefEdit, found: Option<ObjectId>) {
        let RefEdit { name, expected, new } = edit;
        let line = match (new, found) {
            (None, None) => return,
            (Some(new), Some(found)) if *new == found => format!("verify {name} {found}\n"),
            (Some(new), _) => match expected {
                Expected::Absent => format!("create {name} {new}\n"),
                Expected::At(old) => format!("update {name} {new} {old}\n"),
                Expected::Anything => format!("update {name} {new}\n"),
            },
            (None, Some(found)) => match expected {
                Expected::Anything => format!("delete {name}\n"),
                Expected::Absent | Expected::At(_) => format!("delete {name} {found}\n"),
            },
        };
        self.commands.push_str(&line);
    }

    /// Puts HEAD on a branch if it stands as it was `found`.
    pub(crate) fn to_branch(branch: &str, found: &Head, message: &str) -> Transaction {
        let old = match (&found.branch, found.commit) {
            (Some(old), _) => format!(" ref {old}"),
            (None, Some(old)) => format!(" oid {old}"),
            (None, None) => String::new(),
        };
        Transaction { commands: format!("symref-update HEAD {branch}{old}\n"), message: Some(message.to_owned()) }
    }

    /// Detaches HEAD if it stands where it was `found`.
    pub(crate) fn to_commit(commit: &ObjectId, found: &Head, message: &str) -> Transaction {
        let old = found.commit.map_or(String::new(), |old| format!(" {old}"));
        Transaction { commands: format!("update HEAD {commit}{old}\n"), message: Some(message.to_owned()) }
    }

    /// Runs it; `objects` is a folder to sync before it takes effect. The error is what git said.
    pub(crate) fn run(&self, git: &GitCommand, objects: Option<&Path>) -> Result<(), String> {
        let told = |error: io::Error| error.to_string();
        let objects = objects.map(File::open).transpose().map_err(told)?;
        let sync = || sync_files(&objects.iter().collect::<Vec<_>>());
        if self.commands.is_empty() {
            return sync().map_err(told);
        }
        let mut running = Running::start(git, self.message.as_deref()).map_err(told)?;
        let done = running
            .tell(&format!("start\n{}prepare\n", self.commands))
            .and_then(|()| running.hears("start: ok"))
            .and_then(|()| running.hears("prepare: ok"))
            .and_then(|()| {
                fault::reach("publish.refs-locked");
                sync()?;
                fault::reach("publish.refs-written");
                running.tell("commit\n")?;
                running.hears("commit: ok")
            });
        let said = running.end();
        fault::reach("publish.ref-changed");
        match (done, said) {
            (Ok(()), Ok(())) => Ok(()),
            (_, Err(said)) if !said.is_empty() => Err(said),
            (Err(error), _) => Err(error.to_string()),
            (Ok(()), Err(_)) => Err("git failed and did not say why".into()),
        }
    }
}

struct Running {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Running {
    fn start(git: &GitCommand, message: Option<&str>) -> io::Result<Running> {
        let mut command = git.call();
        // A log is continued where there is one, and none is begun.
        command.args([
            "-c",
            "core.fsync=reference",
            "-c",
            "core.fsyncMethod=fsync",
            "-c",
            "core.logAllRefUpdates=false",
        ]);
        command.arg("update-ref");
        if let Some(message) = message {
            command.args(["-m", message]);
        }
        command.args(["--no-deref", "--stdin"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let output = BufReader::new(child.stdout.take().expect("stdout was piped"));
        Ok(Running { input: child.stdin.take(), output, child })
    }

    fn tell(&mut self, text: &str) -> io::Result<()> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        input.write_all(text.as_bytes())?;
        input.flush()
    }

    fn hears(&mut self, wanted: &str) -> io::Result<()> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        if line.trim_end() == wanted {
            Ok(())
        } else {
            Err(io::Error::other(format!("git said `{}`", line.trim_end())))
        }
    }

    /// Lets git come to its end. The error is what it said.
    fn end(mut self) -> Result<(), String> {
        self.input = None;
        let mut said = String::new();
        let stderr = self.child.stderr.take().expect("stderr was piped");
        let _ = stderr.take(1 << 16).read_to_string(&mut said);
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            _ => Err(said.trim().trim_start_matches("fatal: ").to_owned()),
        }
    }
}
