//! The stack of a work tree: which sessions were interrupted for which.
//!
//! Data only. Kept by `store/stack`, changed by `ops/stack` and `ops/session`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::ObjectId;
use super::name::Name;

/// How a session came onto the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FrameKind {
    /// Started or resumed in the present tree: nothing has to be brought back when it ends.
    Start,
    /// It has a tree and a git branch of its own; the work below waits in a checkpoint.
    Branch,
    /// It interrupted the work below on its tree and its branch.
    Here,
    /// It is worked on in a linked work tree of its own, whose stack begins with this frame.
    Worktree,
}

/// A session on the stack, above `main`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    pub session: Name,
    pub kind: FrameKind,
    pub pushed: Timestamp,
    /// The whole state of the work below, as it was left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<ObjectId>,
}

/// The frames above `main`, the current one last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    pub frames: Vec<Frame>,
}

impl Stack {
    /// The session on top; `None` for `main`.
    pub fn current(&self) -> Option<&Name> {
        self.frames.last().map(|frame| &frame.session)
    }

    /// Whether a session is anywhere on it.
    pub fn holds(&self, session: &Name) -> bool {
        self.frames.iter().any(|frame| frame.session == *session)
    }
}
