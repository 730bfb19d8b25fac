//! Which document a word is for: the context itself, or that of a partition.

use super::update::View;
use crate::context::partition::Partitions;
use crate::context::standard::{Standard, new_document};
use crate::model::name::Name;
use crate::ops::{OpError, Repo};
use crate::store::session::{FileChanges, PARTITION_FOLDER, PARTITIONS};

/// A document of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Context,
    Partition(Name),
}

impl Target {
    /// The context where no partition is named.
    pub(super) fn of(partition: Option<&str>) -> Result<Target, OpError> {
        Ok(match partition {
            Some(name) => Target::Partition(name.parse()?),
            None => Target::Context,
        })
    }

    pub(super) fn partition(&self) -> Option<&str> {
        match self {
            Target::Context => None,
            Target::Partition(name) => Some(name.as_str()),
        }
    }

    /// The document's text; `None` where there is no context yet. A partition must be known.
    pub(super) fn text(&self, view: &View<'_>) -> Result<Option<String>, OpError> {
        match self {
            Target::Context => Ok(view.text.map(str::to_owned)),
            Target::Partition(name) => {
                partitions(view)?.paths(name.as_str())?;
                view.file(&path_of(name.as_str()))
            }
        }
    }

    /// The text to edit: a new document where there is none.
    pub(super) fn text_or_new(&self, view: &View<'_>, standard: &Standard) -> Result<String, OpError> {
        Ok(self.text(view)?.unwrap_or_else(|| new_document(&self.title(view.repo), standard)))
    }

    /// The title of a new document.
    pub(super) fn title(&self, repo: &Repo) -> String {
        let folder = repo.store.layout().work_dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match self {
            Target::Context => format!("Context of {folder}"),
            Target::Partition(name) => format!("Context of {folder}: {name}"),
        }
    }

    /// The new text as what a step holds: the context, or other files.
    pub(super) fn put(&self, text: String) -> (Option<String>, FileChanges) {
        match self {
            Target::Context => (Some(text), Vec::new()),
            Target::Partition(name) => (None, vec![(path_of(name.as_str()).into(), Some(text.into_bytes()))]),
        }
    }
}

/// Where a partition's document stands in the session's tree.
pub(super) fn path_of(name: &str) -> String {
    format!("{PARTITION_FOLDER}{name}.md")
}

/// The partitions of the session.
pub(super) fn partitions(view: &View<'_>) -> Result<Partitions, OpError> {
    let text = view.file(PARTITIONS)?;
    Ok(text.map_or(Ok(Partitions::default()), |text| Partitions::parse(&text))?)
}
