//! What can go wrong with templates in a repository, beyond what is wrong with one text.

use std::path::PathBuf;

use super::Origin;
use crate::ops::OpError;
use crate::template::TemplateError;

/// Why nothing was done with a template.
#[derive(Debug, thiserror::Error)]
pub enum TemplatesError {
    #[error("there is no template `{name}`")]
    Unknown { name: String, nearest: Vec<String> },
    #[error("the repository has a template `{name}` already")]
    Exists { name: String },
    #[error("the repository has no template `{name}`; the one that is meant is {}", said(origin))]
    Elsewhere { name: String, origin: Origin },
    /// What was written in the editor was not taken.
    #[error("{error}")]
    TextKept { name: String, path: PathBuf, error: Box<OpError> },
    #[error("{path} already exists")]
    TargetExists { path: PathBuf },
    #[error("there is no folder for what ckpt notes: neither $XDG_STATE_HOME nor $HOME is set")]
    NoStateFolder,
    #[error("{path}, which says what is trusted, cannot be read: {problem}")]
    BadTrust { path: PathBuf, problem: String },
    #[error(transparent)]
    Text(#[from] TemplateError),
}

/// Whose template it is.
fn said(origin: &Origin) -> String {
    match origin {
        Origin::Repository { .. } => "the repository's".to_owned(),
        Origin::User { path } => path.display().to_string(),
        Origin::BuiltIn => "built in".to_owned(),
    }
}

impl From<TemplateError> for OpError {
    fn from(error: TemplateError) -> OpError {
        OpError::Templates(error.into())
    }
}
