//! Git's hooks: the block that ckpt puts into a hook file, the configuration that newer gits take instead, the other
//! tools that keep hooks, and what git tells a hook.
//!
//! Pure: bytes in, bytes out. Nothing here reads a file or runs anything; `ops/hooks` and `ops/hook_run` do.

pub mod block;
pub mod configured;
pub mod neighbours;
pub mod payload;
mod shell;

use std::fmt;

/// The hooks of git that ckpt listens to. All of them run after the deed: none can stop git.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    PostCommit,
    PostCheckout,
    PostMerge,
    PostRewrite,
}

impl Hook {
    pub const ALL: [Hook; 4] = [Hook::PostCommit, Hook::PostCheckout, Hook::PostMerge, Hook::PostRewrite];

    /// Git's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Hook::PostCommit => "post-commit",
            Hook::PostCheckout => "post-checkout",
            Hook::PostMerge => "post-merge",
            Hook::PostRewrite => "post-rewrite",
        }
    }

    /// The hook that git calls so.
    pub fn of_name(name: &str) -> Option<Hook> {
        Hook::ALL.into_iter().find(|hook| hook.name() == name)
    }

    /// Whether git writes to its standard input, which then has to be left for others too.
    pub const fn reads_input(self) -> bool {
        matches!(self, Hook::PostRewrite)
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The variable that marks a probe: whoever finds it set tells that it arrived, and does nothing else.
pub const PROBE: &str = "CKPT_HOOK_PROBE";

/// How a hook finds ckpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// By the path that it had when the hook was installed.
    At(Vec<u8>),
    /// Likewise, from a file that other repositories share: it acts only where it was installed.
    SharedAt(Vec<u8>),
    /// By its name, from a file that other people share; it too acts only where it was installed.
    OnPath,
}
