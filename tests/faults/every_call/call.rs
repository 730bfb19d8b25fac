//! One system call of a run, and what may go wrong with it.

use std::collections::HashMap;
use std::fmt;
use std::process::{Command, Stdio};

use crate::sandbox::Outcome;

/// Calls that change the file system, or come before such a change. A `?` goes before what some machines do not have.
const CHANGING: &str = "?open,openat,?creat,write,pwrite64,writev,?rename,renameat,renameat2,?unlink,unlinkat,?mkdir,\
                        mkdirat,?rmdir,?link,linkat,?symlink,symlinkat,ftruncate,fallocate,?chmod,fchmod,fchmodat,\
                        utimensat,fsync,fdatasync,syncfs,copy_file_range,flock";

/// The `number`-th call of its kind of one thread, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    name: String,
    number: usize,
    /// As strace writes them, cut.
    arguments: String,
}

impl Call {
    /// Whether it is this call, of something that has this in its name.
    pub fn is(&self, name: &str, what: &str) -> bool {
        self.name == name && self.arguments.contains(what)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}#{}({})", self.name, self.number, self.arguments)
    }
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accident {
    /// The process dies before it.
    Kill,
    /// It fails, this once.
    Error(&'static str),
    /// It fails from here on: a disk that is full stays so.
    ErrorsFromHere(&'static str),
}

impl Accident {
    /// Those that can happen to a call.
    pub fn of(call: &Call) -> Vec<Accident> {
        use Accident::{Error, ErrorsFromHere, Kill};
        match call.name.as_str() {
            "open" | "openat" | "creat" => vec![Kill, Error("EIO"), ErrorsFromHere("EMFILE"), Error("EROFS")],
            "write" | "pwrite64" | "writev" | "fallocate" | "copy_file_range" => {
                vec![Kill, Error("EIO"), ErrorsFromHere("ENOSPC")]
            }
            "fsync" | "fdatasync" | "syncfs" => vec![Kill, Error("EIO")],
            "flock" | "unlink" | "unlinkat" | "rmdir" => vec![Kill, Error("EIO")],
            _ => vec![Kill, Error("ENOSPC"), ErrorsFromHere("EROFS")],
        }
    }
}

/// Whether strace is here and may trace.
pub fn may_trace() -> bool {
    let traced = Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"]).output();
    traced.is_ok_and(|output| output.status.success())
}

/// The same command under strace.
pub fn traced(command: &Command, options: &[String]) -> Command {
    let mut tracing = Command::new("strace");
    tracing.args(["-f", "-qq"]).args(options).arg("--").arg(command.get_program()).args(command.get_args());
    tracing.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    tracing.current_dir(command.get_current_dir().expect("a sandbox's command has a folder")).stdin(Stdio::null());
    tracing
}

/// The calls of a run that nobody disturbs. It must succeed.
pub fn calls_of(command: Command) -> Vec<Call> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let options = [
        "-o".into(),
        log.path().to_str().unwrap().to_owned(),
        "-s".into(),
        "60".into(),
        "-e".into(),
        format!("trace={CHANGING}"),
    ];
    Outcome::of(&mut traced(&command, &options)).succeeds();
    parse(&String::from_utf8_lossy(&std::fs::read(log.path()).unwrap()))
}

/// Calls are counted for each thread by themselves, as strace does when it stops one.
fn parse(log: &str) -> Vec<Call> {
    let mut counts: HashMap<(String, String), usize> = HashMap::new();
    let mut calls = Vec::new();
    for line in log.lines() {
        let Some((thread, rest)) = line.split_once(char::is_whitespace) else { continue };
        let rest = rest.trim_start();
        let Some((name, arguments)) = rest.split_once('(') else { continue };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            continue;
        }
        let number = counts.entry((thread.to_owned(), name.to_owned())).or_default();
        *number += 1;
        let call = Call { name: name.to_owned(), number: *number, arguments: arguments.chars().take(100).collect() };
        if changes_something(&call) && !calls.iter().any(|known| is_same(known, &call)) {
            calls.push(call);
        }
    }
    calls
}

fn is_same(one: &Call, other: &Call) -> bool {
    (&one.name, one.number) == (&other.name, other.number)
}

/// Files are mostly opened to be read, and nothing comes of it when that fails that other tests do not see.
fn changes_something(call: &Call) -> bool {
    !call.name.starts_with("open") || ["O_CREAT", "O_WRONLY", "O_RDWR"].iter().any(|flag| call.arguments.contains(flag))
}

/// Runs a command to which this happens.
pub fn run_with(command: Command, call: &Call, accident: Accident) -> Outcome {
    let what = match accident {
        Accident::Kill => format!("signal=SIGKILL:when={}", call.number),
        Accident::Error(error) => format!("error={error}:when={}", call.number),
        Accident::ErrorsFromHere(error) => format!("error={error}:when={}+", call.number),
    };
    let options = [
        "-o".to_owned(),
        "/dev/null".to_owned(),
        "-e".to_owned(),
        format!("trace={}", call.name),
        "-e".to_owned(),
        format!("inject={}:{what}", call.name),
    ];
    Outcome::of(&mut traced(&command, &options))
}
