//! What can go wrong in an operation, beyond the errors of the store and the work tree.

use std::path::PathBuf;

use bstr::BString;

use super::checklist::error::CheckError;
use super::hooks::error::HooksError;
use super::session::error::SessionError;
use super::stack::error::StackError;
use super::summary::error::SummaryError;
use super::template::error::TemplatesError;
use crate::context::ContextError;
use crate::model::checkpoint::Summary;
use crate::model::id::ObjectId;
use crate::model::name::NameError;
use crate::store::StoreError;
use crate::worktree::WorktreeError;

/// An error of an operation. `command::failure` maps each to a message, hints and an exit code.
#[derive(Debug, thiserror::Error)]
pub enum OpError {
    #[error("nothing has been saved yet")]
    NothingSaved,
    #[error("no checkpoint is named or begins with `{point}`")]
    UnknownPoint { point: String, nearest: Vec<String> },
    #[error("`{point}` fits more than one checkpoint")]
    AmbiguousPoint { point: String, candidates: Vec<Summary> },
    #[error("`{point}` names no checkpoint: {problem}")]
    BadPoint { point: String, problem: String },
    #[error("the name `{name}` is taken by checkpoint {}", id.short())]
    NameTaken { name: String, id: ObjectId },
    #[error("no checkpoint has the name `{name}`")]
    UnknownName { name: String, nearest: Vec<String> },
    #[error("no session is called `{session}`")]
    UnknownSession { session: String, nearest: Vec<String> },
    #[error(transparent)]
    BadName(#[from] NameError),
    #[error("{path} is not a place to keep work in: it is {what}")]
    UnfitRoot { path: PathBuf, what: &'static str },
    #[error("the path `{path}` is not in the checkpoint")]
    PathNotFound { path: BString },
    #[error("the path {path} is outside the work tree")]
    PathOutside { path: PathBuf },
    #[error("a load of {} was interrupted", target.short())]
    RecoveryPending { target: ObjectId },
    #[error("there is nothing to recover")]
    NothingToRecover,
    #[error("there is nothing to {verb}")]
    NothingToUndo { verb: &'static str },
    #[error("the checkpoint was taken during {}; there is {} in progress now", a(saved), a(present))]
    OperationDiffers { saved: Option<String>, present: Option<String> },
    #[error("another ckpt is moving files in this work tree")]
    WorktreeBusy,
    #[error("git is changing the index: {path} exists")]
    IndexLocked { path: PathBuf },
    #[error("HEAD moved while the checkpoint was being loaded")]
    HeadMoved,
    #[error("{} paths changed while the checkpoint was being loaded", paths.len())]
    ChangedUnderUs { paths: Vec<BString> },
    #[error("after the load, {} paths are not as they were saved", paths.len())]
    NotAsSaved { paths: Vec<BString> },
    #[error("the load was not confirmed")]
    NotConfirmed,
    #[error("the checkpoint needs {missing} objects that are not there")]
    MissingObjects { id: ObjectId, missing: u64, first: Vec<ObjectId> },
    #[error("cannot save before loading: {omitted} paths could not be read")]
    UnsafeToLoad { omitted: u64, paths: Vec<BString> },
    #[error("{path} already exists")]
    DestinationExists { path: PathBuf },
    #[error("no repository is checked out in {path}, of which the checkpoint holds one")]
    SubmoduleAbsent { path: BString },
    #[error("in {path}: {source}")]
    InSubmodule { path: BString, source: Box<OpError> },
    #[error(transparent)]
    Hooks(#[from] HooksError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Stack(#[from] StackError),
    #[error("bad configuration in {origin}: {problem}")]
    BadConfiguration { origin: String, problem: String },
    #[error("there is no context yet")]
    NoContext,
    #[error("the checkpoint `{point}` holds no context")]
    NoContextAt { point: String },
    #[error("`{version}` fits more than one version of the context")]
    AmbiguousVersion { version: String, candidates: Vec<String> },
    #[error("no open item of `{section}` holds `{typed}`")]
    UnknownItem { section: String, typed: String },
    #[error("`{typed}` fits more than one item of `{section}`")]
    AmbiguousItem { section: String, typed: String, candidates: Vec<String> },
    #[error("the context cannot be kept in `{file}`: {problem}")]
    BadContextFile { file: String, problem: &'static str },
    #[error("the least that can be told takes {least} tokens; the budget is {budget}")]
    BudgetTooSmall { budget: usize, least: usize },
    #[error(transparent)]
    Summary(#[from] SummaryError),
    #[error("what was edited is not UTF-8; it is kept in {path}")]
    EditedNoText { path: PathBuf },
    #[error(transparent)]
    Templates(#[from] TemplatesError),
    #[error(transparent)]
    Check(#[from] CheckError),
    #[error(transparent)]
    Context(#[from] ContextError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Worktree(#[from] WorktreeError),
}

/// An operation by its kind, or none.
fn a(operation: &Option<String>) -> String {
    operation.as_ref().map_or_else(|| "no operation".to_owned(), |kind| format!("a {kind}"))
}

impl From<crate::model::object::ObjectError> for OpError {
    fn from(error: crate::model::object::ObjectError) -> Self {
        OpError::Store(error.into())
    }
}

impl From<crate::model::index::IndexError> for OpError {
    fn from(error: crate::model::index::IndexError) -> Self {
        OpError::Store(error.into())
    }
}
