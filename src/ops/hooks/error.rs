//! Why hooks are left as they are.

use std::path::PathBuf;

use crate::hooks::Hook;

/// A refusal about hooks; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum HooksError {
    #[error("ckpt's hook cannot go into {path}: {problem}")]
    Refused { path: PathBuf, hook: Hook, problem: String },
    #[error("the hooks of this repository are in {path}, outside of it")]
    Outside { path: PathBuf },
    #[error("git looks for hooks in {path}, which is no folder")]
    NoFolder { path: PathBuf },
}
