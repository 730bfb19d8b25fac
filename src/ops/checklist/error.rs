//! What can go wrong with the check list of a session.

use crate::ops::OpError;
use crate::ops::template::trust::Distrust;
use crate::template::checklist::ChecklistError;

/// Why nothing was checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error("the session has no check list")]
    NoChecklist,
    #[error("no item of the check list has `{typed}` in it")]
    Unknown { typed: String, nearest: Vec<String> },
    #[error("`{typed}` fits more than one item of the check list")]
    Ambiguous { typed: String, candidates: Vec<String> },
    #[error("item {number} of the check list has no command")]
    NoCommand { number: usize, text: String },
    #[error("the command of item {number} is not trusted")]
    Untrusted { number: usize, command: String, template: Option<String>, reason: Distrust },
    #[error("cannot run the command: {0}")]
    CannotRun(std::io::Error),
    #[error(transparent)]
    List(#[from] ChecklistError),
}

impl From<ChecklistError> for OpError {
    fn from(error: ChecklistError) -> OpError {
        OpError::Check(error.into())
    }
}
