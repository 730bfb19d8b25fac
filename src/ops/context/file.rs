//! The context's file in the work tree: where it is, and what it says with its facts emptied.

use crate::context::facts;
use crate::model::id::{HashKind, ObjectId};
use crate::model::object::ObjectReader;
use crate::ops::{OpError, Repo};
use crate::store::materialised::{self, Materialised};
use crate::worktree::document::Place;

use super::update::version_of;

/// Where it stands by default: our own folder, ignored by way of `info/exclude`.
pub(super) const DEFAULT: &str = ".ckpt/context.md";

/// A file that `ckpt init` made, or took over.
#[derive(Clone, Debug)]
pub(super) struct ContextFile {
    pub(super) record: Materialised,
}

/// The file as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Every byte of it; `None` when it is not there.
    pub(super) raw: Option<String>,
    /// Without the facts; `None` when there is nothing in it.
    pub(super) stripped: Option<String>,
    /// The id that this has as a version.
    pub(super) version: Option<ObjectId>,
    /// The version that it was last known as.
    pub(super) base: Option<ObjectId>,
}

impl ContextFile {
    /// The file; `None` without `ckpt init`, which is all that anybody else pays for.
    pub(super) fn find(repo: &Repo) -> Result<Option<ContextFile>, OpError> {
        Ok(materialised::find(repo.store.layout())?.map(|record| ContextFile { record }))
    }

    pub(super) fn path(&self) -> &str {
        &self.record.file
    }

    pub(super) fn place<'a>(&'a self, repo: &'a Repo) -> Place<'a> {
        Place { root: &repo.store.layout().work_dir, path: &self.record.file }
    }

    /// Whether it is out of the sight of git, so that writing it changes nothing that a save would see.
    pub(super) fn is_excluded(&self) -> bool {
        self.record.file == DEFAULT || !self.record.exclude_line.is_empty()
    }

    /// Whether it says what this version says.
    pub(super) fn holds(&self, repo: &Repo, version: &ObjectId) -> bool {
        let text = self.place(repo).read().ok().flatten();
        text.is_some_and(|text| version_of(version.kind(), &facts::strip(&text)) == *version)
    }

    /// Reads it. What differs from what is known is read only once its writer is at rest.
    pub(super) fn read(&self, repo: &Repo) -> Result<Seen, OpError> {
        let base = materialised::find_base(repo.store.layout());
        let place = self.place(repo);
        let hash = repo.store.hash_kind();
        let seen = Seen::of(hash, place.read()?, base);
        let is_known = seen.version == base && base.is_some();
        if is_known || seen.raw.is_none() {
            return Ok(seen);
        }
        Ok(Seen::of(hash, place.read_at_rest()?, base))
    }
}

impl Seen {
    fn of(hash: HashKind, raw: Option<String>, base: Option<ObjectId>) -> Seen {
        let stripped = raw.as_deref().map(facts::strip);
        // A file without a word is one that somebody lost, or that a power cut emptied.
        let stripped =
            stripped.filter(|text| !text.trim_matches(|one: char| one.is_whitespace() || one == '\0').is_empty());
        let version = stripped.as_deref().map(|text| version_of(hash, text));
        Seen { raw, stripped, version, base }
    }
}
