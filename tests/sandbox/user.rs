//! Commands run as another user, which only the superuser can do.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::{Outcome, Sandbox};

/// A user and a group that need not exist, and the file permissions withheld from what they make.
#[derive(Clone, Copy)]
pub struct User {
    pub id: u32,
    pub group: u32,
    pub umask: &'static str,
}

impl User {
    /// Gives a sandbox with all that is in it to this user; false where we may not.
    pub fn take(self, sandbox: &Sandbox) -> bool {
        std::fs::set_permissions(sandbox.root(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut chown = sandbox.command("chown");
        chown.args(["-R", &format!("{}:{}", self.id, self.group)]).arg(sandbox.root());
        let is_possible = chown.output().is_ok_and(|output| output.status.success())
            && self.command(sandbox, "true").output().is_ok_and(|output| output.status.success());
        if !is_possible {
            eprintln!("skipped: only the superuser can be somebody else");
        }
        is_possible
    }

    /// A program, run by this user.
    pub fn command(self, sandbox: &Sandbox, program: &str) -> Command {
        let mut command = sandbox.command("setpriv");
        command.args([format!("--reuid={}", self.id), format!("--regid={}", self.group)]).arg("--clear-groups");
        command.args(["sh", "-c", &format!("umask {}; exec \"$0\" \"$@\"", self.umask), program]);
        command
    }

    pub fn ckpt(self, sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(sandbox, env!("CARGO_BIN_EXE_ckpt")).args(arguments))
    }

    pub fn git(self, sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(sandbox, "git").args(arguments))
    }
}
