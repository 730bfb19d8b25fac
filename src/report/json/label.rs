//! `ckpt.name/1` and `ckpt.drop/1`.

use serde::Serialize;

use crate::model::id::ObjectId;
use crate::ops::label::{Dropped, Named};

/// `ckpt.name/1`: what has which name now.
#[derive(Debug, Serialize)]
pub struct NameDocument<'a> {
    /// `ckpt.name/1`.
    pub schema: &'static str,
    pub id: ObjectId,
    pub name: &'a str,
    /// Where the name pointed before.
    pub previous: Option<ObjectId>,
    /// The old name, for `rename`.
    pub renamed_from: Option<&'a str>,
}

/// `ckpt.drop/1`: what was dropped.
#[derive(Debug, Serialize)]
pub struct DropDocument<'a> {
    /// `ckpt.drop/1`.
    pub schema: &'static str,
    pub ids: &'a [ObjectId],
    /// Names that went with them.
    pub names: &'a [String],
}

impl<'a> NameDocument<'a> {
    pub fn of(named: &'a Named) -> NameDocument<'a> {
        NameDocument {
            schema: "ckpt.name/1",
            id: named.id,
            name: named.name.as_str(),
            previous: named.previous,
            renamed_from: named.renamed_from.as_ref().map(|name| name.as_str()),
        }
    }
}

impl<'a> DropDocument<'a> {
    pub fn of(dropped: &'a Dropped) -> DropDocument<'a> {
        DropDocument { schema: "ckpt.drop/1", ids: &dropped.ids, names: &dropped.names }
    }
}
