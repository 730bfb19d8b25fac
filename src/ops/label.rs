//! Names checkpoints, renames names, drops checkpoints.

use super::{OpError, Repo};
use crate::model::id::ObjectId;
use crate::model::name::Name;

/// A name that was given.
#[derive(Clone, Debug)]
pub struct Named {
    pub id: ObjectId,
    pub name: Name,
    /// Where the name pointed before.
    pub previous: Option<ObjectId>,
    /// The old name, when a name was renamed.
    pub renamed_from: Option<Name>,
}

/// Checkpoints that were dropped; `ckpt undo` brings them back.
#[derive(Clone, Debug)]
pub struct Dropped {
    pub ids: Vec<ObjectId>,
    /// Names that went with them.
    pub names: Vec<String>,
}

/// Gives `name` to a checkpoint; taken names need `move_name`.
pub fn name(_repo: &Repo, _point: &str, _name: &Name, _move_name: bool) -> Result<Named, OpError> {
    todo!()
}

/// Renames a name; the checkpoint stays.
pub fn rename(_repo: &Repo, _old: &str, _new: &Name, _move_name: bool) -> Result<Named, OpError> {
    todo!()
}

/// Drops checkpoints and the names on them.
pub fn drop_points(_repo: &Repo, _points: &[String]) -> Result<Dropped, OpError> {
    todo!()
}
