//! What every operation works on: the repository, the clock, the environment and the settings.

use std::sync::Mutex;
use std::time::Duration;

use crate::model::name::Name;
use crate::model::progress::{Progress, Unwatched};
use crate::model::session::MAIN;
use crate::store::{Store, stack};
use crate::summary::age::Ages;
use crate::sys::clock::Clock;
use crate::sys::environment::Environment;

use super::OpError;

/// An opened repository with all that an operation may consult.
pub struct Repo {
    pub store: Store,
    pub environment: Environment,
    pub clock: Clock,
    pub limits: Limits,
    pub context: ContextSettings,
    /// What the user's configuration runs before a session is closed.
    pub checks: Vec<QualityCheck>,
    pub summary: SummarySettings,
    /// Who watches what takes long.
    pub progress: Box<dyn Progress>,
    session: Mutex<Option<Name>>,
}

/// What the user's configuration says of the context; git's own configuration goes before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextSettings {
    /// Where its file is to be, from the root of the work tree.
    pub file: Option<String>,
    /// The sections of a new one; empty for the standard ones.
    pub sections: Vec<String>,
    /// Documents that a brief refers to, from the root of the work tree.
    pub documents: Vec<String>,
}

/// A command that says whether the work is as good as it should be; the user's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityCheck {
    pub name: String,
    /// For the shell, in the root of the work tree.
    pub command: String,
    /// After this it is ended.
    pub limit: Duration,
}

/// What the user's configuration says of summaries; nothing of it is ever read from a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummarySettings {
    pub ages: Ages,
    /// The user's own writer: a program and its arguments; empty for none.
    pub command: Vec<String>,
    pub timeout: Duration,
}

impl Default for SummarySettings {
    fn default() -> Self {
        SummarySettings { ages: Ages::default(), command: Vec::new(), timeout: Duration::from_secs(30) }
    }
}

/// Budgets of a save, in bytes and numbers; from the user's configuration, the environment and flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files larger than this are left out and named.
    pub max_file_size: u64,
    /// More new untracked files than this stop the save before anything is hashed.
    pub max_untracked_files: u64,
    /// More bytes in new untracked files than this stop it too.
    pub max_untracked_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_file_size: 100 << 20, max_untracked_files: 50_000, max_untracked_bytes: 2 << 30 }
    }
}

impl Repo {
    /// Opens the repository that the environment's directory is in.
    pub fn open(environment: &Environment, limits: Limits) -> Result<Repo, OpError> {
        let store = Store::open(environment)?;
        let clock = Clock::new(environment);
        let context = ContextSettings::default();
        Ok(Repo {
            store,
            environment: environment.clone(),
            clock,
            limits,
            context,
            checks: Vec::new(),
            summary: SummarySettings::default(),
            progress: Box::new(Unwatched),
            session: Mutex::default(),
        })
    }

    /// Where this work tree's caches are; all of it may be deleted at any time.
    pub fn cache_dir(&self) -> std::path::PathBuf {
        self.store.layout().own_worktree_dir.join("cache")
    }

    /// The session that new checkpoints of this work tree go to: the top of its stack.
    ///
    /// A stack that cannot be read counts for none, so that work can be saved; whoever changes it reads it whole and says
    /// what is wrong.
    pub fn session(&self) -> Name {
        let mut session = self.session.lock().expect("no thread panics while it holds this lock");
        session.get_or_insert_with(|| self.top_of_stack().unwrap_or_else(main_session)).clone()
    }

    /// Looks at the stack again when it is asked the next time: for whoever has changed it.
    pub fn forget_session(&self) {
        *self.session.lock().expect("no thread panics while it holds this lock") = None;
    }

    fn top_of_stack(&self) -> Option<Name> {
        let tip = self.store.find_ref(stack::REF).ok()??;
        stack::read_current(&self.store, &tip).ok()
    }
}

/// The session at the bottom of every stack.
pub(super) fn main_session() -> Name {
    MAIN.parse().expect("`main` is a valid name")
}
