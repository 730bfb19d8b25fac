//! Lists checkpoints, newest first.

use jiff::Timestamp;

use super::points::Listed;
use super::{OpError, Repo};

/// Which checkpoints to list.
#[derive(Clone, Debug, Default)]
pub struct ListRequest {
    pub session: Option<String>,
    pub branch: Option<String>,
    pub since: Option<Timestamp>,
    pub limit: Option<usize>,
    /// Those of other work trees too.
    pub all_worktrees: bool,
    /// Safety checkpoints too.
    pub safety: bool,
}

/// The checkpoints found, and how many could not be read.
#[derive(Clone, Debug, Default)]
pub struct PointList {
    pub points: Vec<Listed>,
    /// More would have been listed without the limit.
    pub truncated: bool,
    /// Refs whose checkpoint is missing or damaged: full ref name and what is wrong.
    pub damaged: Vec<(String, String)>,
}

/// Lists the checkpoints of this work tree, or of all.
pub fn list(_repo: &Repo, _request: &ListRequest) -> Result<PointList, OpError> {
    todo!()
}

/// Reads what is typed after `--since`: a span back from now (`20m`, `2h`, `3d`), a date, a date and time, or RFC 3339.
pub fn parse_when(_text: &str, _repo: &Repo) -> Result<Timestamp, OpError> {
    todo!()
}
