//! Reading refs, and publishing several of them by compare-and-swap.

use crate::model::id::ObjectId;

/// What a ref must be before it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It must not exist.
    Absent,
    /// It must point here.
    At(ObjectId),
    /// It may be anything, and is to point at the new value afterwards.
    Anything,
}

/// One ref to create, move or (`new` is `None`) delete. Edits are made in the order given.
#[derive(Clone, Debug)]
pub struct RefEdit {
    pub name: String,
    pub expected: Expected,
    pub new: Option<ObjectId>,
}
