//! `ckpt.list/1`.

use serde::Serialize;

use super::parts::PointRow;
use crate::ops::list::PointList;

/// `ckpt.list/1`: checkpoints, newest first.
#[derive(Debug, Serialize)]
pub struct ListDocument<'a> {
    /// `ckpt.list/1`.
    pub schema: &'static str,
    pub points: Vec<PointRow<'a>>,
    /// `--limit` cut the list.
    pub truncated: bool,
    /// Checkpoints that could not be read.
    pub damaged: Vec<DamagedRow<'a>>,
}

/// A ref whose checkpoint is missing or damaged.
#[derive(Debug, Serialize)]
pub struct DamagedRow<'a> {
    #[serde(rename = "ref")]
    pub reference: &'a str,
    pub problem: &'a str,
}

impl<'a> ListDocument<'a> {
    pub fn of(list: &'a PointList) -> ListDocument<'a> {
        ListDocument {
            schema: "ckpt.list/1",
            points: list.points.iter().map(PointRow::of).collect(),
            truncated: list.truncated,
            damaged: list.damaged.iter().map(|(reference, problem)| DamagedRow { reference, problem }).collect(),
        }
    }
}
