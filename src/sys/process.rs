//! Running git, with nothing in its environment that could lead it elsewhere; and whether a process lives.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use super::environment::Environment;

/// Settings of git that name programs to run, switched off in every call; fixed so that no repository can add to them.
const SAFE_SETTINGS: [&str; 10] = [
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "diff.external=",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
];

/// A call of git in `directory`, without the variables that git or a hook may have set for another repository.
///
/// Nothing is fetched, nothing is asked, pathspecs are literal, no lock is taken that git could do without.
pub fn git(environment: &Environment, directory: &Path) -> Command {
    let mut command = outside_git(environment, Path::new("git"), directory);
    command.args(SAFE_SETTINGS);
    command.envs([
        // Hooks that git has in its configuration run all the same; ours then do nothing.
        ("CKPT_HOOKS", "off"),
        ("GIT_NO_LAZY_FETCH", "1"),
        // A git before 2.45 does not know that word; with no protocol allowed it cannot fetch either.
        ("GIT_ALLOW_PROTOCOL", "none"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("LC_ALL", "C"),
    ]);
    command
}

/// A call of git that behaves as the user's own: its hooks run.
pub fn git_with_hooks(environment: &Environment, directory: &Path) -> Command {
    outside_git(environment, Path::new("git"), directory)
}

/// A call of any program in `directory`, without the variables that belong to a git that called us.
pub fn outside_git(environment: &Environment, program: &Path, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir(directory);
    for (name, value) in environment.variables() {
        if !is_git_variable(name) {
            command.env(name, value);
        }
    }
    command
}

/// `GIT_*` is dropped but for what only says where the user's own settings are.
fn is_git_variable(name: &OsStr) -> bool {
    const KEPT: [&str; 4] =
        ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES"];
    let text = name.to_string_lossy();
    text.starts_with("GIT_") && !KEPT.contains(&text.as_ref())
}

/// Whether no process has this number any more.
pub fn is_gone(process: u32) -> bool {
    !Path::new(&format!("/proc/{process}")).exists()
}
