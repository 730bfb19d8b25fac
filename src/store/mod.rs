//! Git's side: objects, refs, index, HEAD, and one file per kind of record that ckpt keeps in them.
//!
//! The only module that names git2 or runs git. Its callers are in `ops/`.

pub mod anchors;
mod blob_sizes;
pub mod branches;
mod cat_file;
pub mod chain_cache;
pub mod checkpoint;
mod clean;
pub mod config_file;
mod consolidate;
pub mod error;
pub mod event_tail;
pub mod exclude;
#[cfg(test)]
mod fixture;
mod format;
mod git_command;
mod git_config;
pub mod git_hooks;
mod git_lock;
mod git_refs;
mod head;
pub mod hook_record;
pub mod index_extra;
pub mod index_file;
pub mod index_install;
mod index_read;
mod index_render;
pub mod index_tree;
pub mod journal;
pub mod journal_tail;
mod keep;
pub mod layout;
pub mod left_out;
mod library;
pub mod linked_worktree;
mod loose;
pub mod materialised;
pub mod meta;
pub mod missing;
pub mod nested_changes;
pub mod notes;
mod objects;
mod open;
pub mod operation_log;
pub mod operation_state;
mod owner;
mod pack_index;
pub mod pack_read;
mod pack_set;
mod pack_writer;
mod path_text;
pub mod path_tree;
mod publish;
mod ref_store;
mod ref_transaction;
pub mod refs;
mod revisions;
pub mod session;
pub mod session_chain;
pub mod session_events;
pub mod session_history;
pub mod session_roster;
mod settings;
mod sharing;
pub mod signed_anchors;
pub mod signing;
pub mod smudge;
pub mod sparse;
pub mod stack;
mod stream_read;
pub mod submodules;
pub mod summary_cache;
mod sync;
pub mod templates;
mod temporary;
pub mod tree_merge;
pub mod upkeep;
pub mod upstream;
pub mod versioned;
mod writing;

pub use error::StoreError;
pub use layout::Layout;
pub use refs::{Expected, RefEdit};
pub use sharing::Sharing;
pub use writing::{Writing, Written};

use std::io;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use crate::model::head::Head;
use crate::model::id::{HashKind, ObjectId};
use crate::model::object::{Object, ObjectError, ObjectKind, ObjectReader};
use crate::sys::environment::Environment;
use crate::sys::{atomic, fault};
use git_command::GitCommand;
use git_config::GitConfig;
use git_refs::GitRefs;
use objects::Objects;
use ref_store::RefStore;

/// An opened repository.
pub struct Store {
    layout: Layout,
    environment: Environment,
    /// The repository's own file alone: what its format is.
    repository_config: GitConfig,
    /// Everything, once somebody asked.
    config: OnceLock<GitConfig>,
    git: GitCommand,
    objects: Arc<Objects>,
    refs: RefStore,
}

impl Store {
    /// Finds and opens the repository that the environment's directory is in. Writes nothing and starts no process.
    pub fn open(environment: &Environment) -> Result<Store, StoreError> {
        let (layout, repository_config, format) = open::discover(environment)?;
        let git = GitCommand::new(environment, &layout, format.has_reftable);
        let folder = layout.common_dir.join("objects");
        let objects = Arc::new(match format.needs_git_for_objects() {
            true => Objects::of_git(&folder, format.hash, git.clone()),
            false => Objects::of_library(&folder),
        });
        let refs = match format.needs_git_for_refs() {
            true => RefStore::Git(GitRefs::new(git.clone(), &layout, format.has_reftable)),
            false => RefStore::Files,
        };
        let environment = environment.clone();
        Ok(Store { layout, environment, repository_config, config: OnceLock::new(), git, objects, refs })
    }

    /// Where its folders are.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Reads HEAD.
    pub fn head(&self) -> Result<Head, StoreError> {
        self.refs.head(&self.layout)
    }

    /// [`Store::publish_all`] for one collection of objects, whose protection ends in any case.
    pub fn publish(&self, written: Option<Written>, edits: &[RefEdit]) -> Result<(), StoreError> {
        self.publish_all(&mut written.into_iter().collect(), edits)
    }

    /// Writes the refs, each by compare-and-swap, in the order given, and syncs them. Then lets go of the protection of
    /// all that is in `written`. When an edit is refused, none of its batch of 32 is made, and `written` is as it was, so
    /// that one more attempt can name the same objects; when the disk fails, the edits before it stand: order them so that
    /// this does no harm.
    ///
    /// Objects that `written` did not add but found may be pruned by others until the refs exist. They are looked for
    /// once more; when one is gone the refs are put back and the error is [`ObjectError::Missing`]: save again. A
    /// `git prune` that made its plan before the refs existed and acts after this look can still harm them, as it can
    /// harm git's own commands.
    pub fn publish_all(&self, written: &mut Vec<Written>, edits: &[RefEdit]) -> Result<(), StoreError> {
        let folder = self.pack_dir();
        let added = written.iter().any(|written| written.pack.is_some());
        if added && edits.is_empty() {
            atomic::sync_dir(&folder).map_err(|source| StoreError::Io {
                action: "sync",
                path: folder.clone(),
                source,
            })?;
        }
        let anchoring = anchors::Anchoring::begin(&self.environment, &self.layout, edits);
        self.refs.apply(&self.layout, edits, added.then_some(folder.as_path()))?;
        let reused = written.iter().flat_map(|written| written.reused.iter().copied());
        if let Some(gone) = self.objects.find_gone(reused) {
            publish::put_back(|edit| self.refs.apply(&self.layout, &[edit], None), edits);
            return Err(ObjectError::Missing(gone).into());
        }
        if let Some(anchoring) = anchoring {
            anchoring.publish();
        }
        let packs: Vec<String> = written.drain(..).filter_map(|mut written| written.pack.take()).collect();
        fault::reach("publish.done");
        for hash in packs {
            // The save is complete: what is only housekeeping may not make it fail.
            let _ = self.note_pack(&hash);
        }
        Ok(())
    }

    /// Where a ref points, symbolic ones followed; `None` when it does not exist. `refs/worktree/` is this work tree's.
    pub fn find_ref(&self, name: &str) -> Result<Option<ObjectId>, StoreError> {
        self.refs.find(&self.layout, name)
    }

    /// [`Store::find_ref`] for a ref of another work tree; its key is that of its [`Layout`].
    pub fn find_ref_of_worktree(&self, key: &str, name: &str) -> Result<Option<ObjectId>, StoreError> {
        let git_dir = match key {
            "" => self.layout.common_dir.clone(),
            key => self.layout.common_dir.join("worktrees").join(key),
        };
        self.refs.find_of_worktree(&Layout { git_dir, ..self.layout.clone() }, key, name)
    }

    /// All refs below `prefix` (which ends in `/`), sorted by name.
    pub fn list_refs(&self, prefix: &str) -> Result<Vec<(String, ObjectId)>, StoreError> {
        self.refs.list(&self.layout, prefix)
    }

    /// Names of refs below `prefix` that cannot be understood, and that no listing has.
    pub fn list_broken_refs(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        refs::list_broken(&self.layout, prefix)
    }

    /// Where a ref below `refs/worktree/` points in each work tree, by its key.
    pub fn find_in_worktrees(&self, name: &str) -> Vec<(String, Result<Option<ObjectId>, StoreError>)> {
        refs::find_in_worktrees(&self.layout, name)
    }

    /// A call of git in the root of this work tree that cannot end up in another repository.
    pub fn git(&self) -> Command {
        self.git.call()
    }

    /// Runs git to its end and gives what it printed; `action` is for the error message.
    pub fn run_git(&self, action: &str, arguments: &[&str]) -> Result<Vec<u8>, StoreError> {
        self.git.run(action, arguments)
    }
}

impl ObjectReader for Store {
    fn hash_kind(&self) -> HashKind {
        self.objects.hash_kind()
    }
    fn contains(&self, id: &ObjectId) -> bool {
        self.objects.contains(id)
    }
    fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        self.objects.read(id)
    }
    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        self.objects.read_header(id)
    }
    fn blob_sizes(&self, ids: &[ObjectId]) -> Vec<Option<u64>> {
        self.objects.blob_sizes(ids)
    }
    fn copy_blob(&self, id: &ObjectId, out: &mut dyn io::Write) -> Result<(), ObjectError> {
        self.objects.copy_blob(id, out)
    }
}

#[cfg(test)]
mod clean_tests;
#[cfg(test)]
mod consolidate_tests;
#[cfg(test)]
mod git_tests;
#[cfg(test)]
mod index_tests;
#[cfg(test)]
mod open_tests;
#[cfg(test)]
mod parser_tests;
#[cfg(test)]
mod ref_tests;
#[cfg(test)]
mod tests;
