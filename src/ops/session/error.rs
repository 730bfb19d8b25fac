//! Why a session stays as it is. `command::failure` says what each means to the user.

use std::path::PathBuf;

use crate::model::name::Name;
use crate::model::session::SessionState;

/// A refusal about sessions; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error("no session is called `{typed}`")]
    Unknown { typed: String, nearest: Vec<String> },
    #[error("the session `{name}` exists already; it is {state}")]
    Exists { name: Name, state: SessionState },
    #[error("a title cannot be empty")]
    NoTitle,
    #[error("the title has {length} characters; the limit is {limit}")]
    TitleTooLong { length: usize, limit: usize },
    #[error("the session `{name}` is {state} and cannot be {wanted}")]
    WrongMove { name: Name, state: SessionState, wanted: &'static str },
    #[error("`main` is always there and cannot be {wanted}")]
    Main { wanted: &'static str },
    /// The current session interrupted another one, so it ends by a return.
    #[error("`{name}` interrupted `{below}` and cannot be {wanted} without a return")]
    Interrupting { name: Name, below: Name, wanted: &'static str },
    /// Its work waits for another session to return.
    #[error("`{name}` is on the stack, interrupted by `{by}`, and cannot be {wanted}")]
    Interrupted { name: Name, by: Name, wanted: &'static str },
    #[error("`{name}` is on the stack and cannot be {wanted}")]
    OnStack { name: Name, wanted: &'static str },
    #[error("`{name}` is active in {} and cannot be {wanted} here", place(worktree))]
    ActiveElsewhere { name: Name, worktree: String, wanted: &'static str },
    /// A new session would lose the way back.
    #[error("`{name}` interrupted `{below}`: a session cannot be {wanted} before the return")]
    Nested { name: Name, below: Name, wanted: &'static str },
    #[error("`{branch}` is no name for a git branch: {problem}")]
    BadBranch { branch: String, problem: &'static str },
    #[error("the git branch `{branch}` is taken{}", by_folder(other))]
    BranchTaken { branch: String, other: Option<String> },
    #[error("`{revision}` names no commit")]
    UnknownRevision { revision: String },
    #[error("`{key}` is no name for a variable: {problem}")]
    BadVariable { key: String, problem: &'static str },
    #[error("{path} already exists")]
    ExportExists { path: PathBuf },
    #[error("cannot write {path}: {source}")]
    ExportFailed { path: PathBuf, source: std::io::Error },
    #[error("`{pattern}` is no pattern: {problem}")]
    BadPattern { pattern: String, problem: String },
    #[error("sessions that are {state} are not cleaned up")]
    StillOpen { state: SessionState },
    #[error("the history of session `{name}` cannot be read")]
    Damaged { name: Name },
    #[error("no checks are configured")]
    NoChecks,
}

fn place(worktree: &str) -> String {
    if worktree.is_empty() { "the main work tree".to_owned() } else { format!("the work tree `{worktree}`") }
}

fn by_folder(other: &Option<String>) -> String {
    other.as_ref().map_or_else(String::new, |other| format!(" by `{other}`, which stands in its way"))
}
