//! What can go wrong with summaries alone.

/// An error of a summary. `command::failure` maps each to hints and an exit code.
#[derive(Debug, thiserror::Error)]
pub enum SummaryError {
    #[error("`{range}` is no range of commits: {problem}")]
    BadRange { range: String, problem: String },
    #[error("nothing is called `{typed}`: no line, event, checkpoint or commit")]
    UnknownLine { typed: String },
    #[error("`{typed}` fits more than one event")]
    AmbiguousEvent { typed: String, candidates: Vec<String> },
    #[error("`{typed}` is not pinned")]
    NotPinned { typed: String },
}
