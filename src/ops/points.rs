//! Finds the checkpoint that a user means.

use super::{OpError, Repo};
use crate::model::checkpoint::Summary;
use crate::model::id::ObjectId;

/// A checkpoint with the names that point at it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub summary: Summary,
    pub names: Vec<String>,
}

/// Resolves a POINT as typed: a name, an id prefix, `@`, `@~N`, `@{WHEN}`, `SESSION@…`.
pub fn resolve(_repo: &Repo, _point: &str) -> Result<ObjectId, OpError> {
    todo!()
}
