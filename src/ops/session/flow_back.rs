//! What a session gives back to its parent: of the context and of each partition's document, the sections that belong to the
//! project. Texts only; `close` and the stack's `return` put them into the parent's chain.

use std::collections::BTreeMap;

use bstr::ByteSlice;

use crate::context::compare::by_section;
use crate::context::merge::{merge, merge_shared};
use crate::context::partition::Partitions;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::model::session::SessionDetails;
use crate::ops::context;
use crate::ops::{OpError, Repo};
use crate::store::session::{FileChanges, PARTITION_FOLDER, PARTITIONS, Session};

#[cfg(test)]
mod tests;

/// What changes in the parent's tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flowed {
    /// Its context from now on; `None` where it stays as it is.
    pub(crate) context: Option<String>,
    /// Its list of partitions and their documents.
    pub(crate) files: FileChanges,
    /// The sections that say something else then; those of a partition after its name.
    pub(crate) sections: Vec<String>,
}

impl Flowed {
    pub(crate) fn is_empty(&self) -> bool {
        self.context.is_none() && self.files.is_empty()
    }
}

/// What the child has come to know since it began, on top of what the parent knows by now.
pub(crate) fn flow_back(repo: &Repo, child: Option<&Session>, parent: Option<&Session>) -> Result<Flowed, OpError> {
    let Some(child) = child else { return Ok(Flowed::default()) };
    let (store, details) = (&repo.store, &child.record.details);
    let own = match parent.map(|parent| parent.context(store)).transpose()?.flatten() {
        Some(text) => text,
        None => context::new_context(repo)?,
    };
    // Without the text that it began with, all that it says is its own: nothing of the parent's goes by that.
    let base = details.seed.and_then(|id| read_seed(store, &id)).unwrap_or_default();
    let merged = child.context(store)?.map(|text| merge_shared(&own, &base, &text).text);
    let context = merged.filter(|text| *text != own);
    let changed = |text: &String| by_section(&own, text).into_iter().map(|section| section.name).collect();
    let mut sections: Vec<String> = context.as_ref().map(changed).unwrap_or_default();
    let seeds = Some(Documents::of_seeds(store, details));
    let Some(sides) = Sides::read(store, seeds, parent, Some(child))? else {
        return Ok(Flowed { context, files: Vec::new(), sections });
    };
    let begun = |name: &str| context::new_partition(repo, name);
    let files = sides.merged(&|name, texts| {
        let own = texts.ours.map_or_else(|| begun(name), |text| Ok(text.to_owned()))?;
        Ok(merge_shared(&own, texts.base.unwrap_or_default(), texts.theirs).text)
    })?;
    sections.extend(sides.changed_sections(&files));
    Ok(Flowed { context, files, sections })
}

/// A session's documents with the step from one version of them to another made: exactly, or merged where they have gone
/// on since.
pub(crate) fn stepped(
    repo: &Repo,
    current: Option<&Session>,
    from: Option<&Session>,
    to: Option<&Session>,
) -> Result<Flowed, OpError> {
    let store = &repo.store;
    let text = |session: Option<&Session>| session.map(|session| session.context(store)).transpose();
    let (now, from_text, to_text) = (text(current)?.flatten(), text(from)?.flatten(), text(to)?.flatten());
    let context = stepped_text(now.as_deref(), from_text.as_deref(), to_text.as_deref());
    let base = from.map_or_else(|| Ok(Some(Documents::default())), |from| Documents::of(store, from))?;
    let Some(sides) = Sides::read(store, base, current, to)? else {
        return Ok(Flowed { context, ..Flowed::default() });
    };
    let files = sides.merged(&|_, texts| {
        Ok(match (texts.base, texts.ours) {
            (base, ours) if base == ours => texts.theirs.to_owned(),
            (base, ours) => merge(base.unwrap_or_default(), ours.unwrap_or_default(), texts.theirs).text,
        })
    })?;
    Ok(Flowed { context, files, sections: Vec::new() })
}

fn stepped_text(current: Option<&str>, from: Option<&str>, to: Option<&str>) -> Option<String> {
    let (current, to) = (current?, to?);
    let text = if Some(current) == from { to.to_owned() } else { merge(from.unwrap_or_default(), current, to).text };
    (text != current).then_some(text)
}

/// A text that is gone says nothing.
fn read_seed(reader: &dyn ObjectReader, id: &ObjectId) -> Option<String> {
    let bytes = reader.read_kind(id, ObjectKind::Blob).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The partitions of a session, and what their documents say.
#[derive(Clone, Debug, Default)]
struct Documents {
    list: Partitions,
    /// By name.
    texts: BTreeMap<String, String>,
}

impl Documents {
    /// `None` where the list cannot be read: what is in it is left alone then.
    fn of(reader: &dyn ObjectReader, session: &Session) -> Result<Option<Documents>, OpError> {
        let list = match session.text(reader, PARTITIONS)?.map(|text| Partitions::parse(&text)) {
            None => Partitions::default(),
            Some(Ok(list)) => list,
            Some(Err(_)) => return Ok(None),
        };
        let mut documents = Documents { list, texts: BTreeMap::new() };
        for (path, _) in session.below(PARTITION_FOLDER) {
            let Ok(path) = path.to_str() else { continue };
            if let (Some(name), Some(text)) = (name_of(path), session.text(reader, path)?) {
                documents.texts.insert(name.to_owned(), text);
            }
        }
        Ok(Some(documents))
    }

    /// Those that a session began with.
    fn of_seeds(reader: &dyn ObjectReader, details: &SessionDetails) -> Documents {
        let mut documents = Documents::default();
        for (path, id) in &details.seeds {
            let Some(text) = read_seed(reader, id) else { continue };
            match name_of(path) {
                Some(name) => drop(documents.texts.insert(name.to_owned(), text)),
                None => documents.list = Partitions::parse(&text).unwrap_or_default(),
            }
        }
        documents
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }
}

/// `partitions/NAME.md`.
fn name_of(path: &str) -> Option<&str> {
    path.strip_prefix(PARTITION_FOLDER)?.strip_suffix(".md")
}

fn path_of(name: &str) -> String {
    format!("{PARTITION_FOLDER}{name}.md")
}

/// Three versions of the partitions.
struct Sides {
    base: Documents,
    ours: Documents,
    theirs: Documents,
}

/// Three versions of one document.
struct Texts<'a> {
    base: Option<&'a str>,
    ours: Option<&'a str>,
    theirs: &'a str,
}

impl Sides {
    fn read(
        reader: &dyn ObjectReader,
        base: Option<Documents>,
        ours: Option<&Session>,
        theirs: Option<&Session>,
    ) -> Result<Option<Sides>, OpError> {
        let read = |session: Option<&Session>| match session {
            Some(session) => Documents::of(reader, session),
            None => Ok(Some(Documents::default())),
        };
        let (Some(base), Some(ours), Some(theirs)) = (base, read(ours)?, read(theirs)?) else { return Ok(None) };
        Ok(Some(Sides { base, ours, theirs }))
    }

    /// What changes in ours. `merge` gives the text of a document that theirs has.
    fn merged(&self, merge: &dyn Fn(&str, Texts<'_>) -> Result<String, OpError>) -> Result<FileChanges, OpError> {
        let Sides { base, ours, theirs } = self;
        // One side took it away: it stays only if the other has said something in it since.
        let has_news = |name: &str| {
            let left = if ours.list.paths(name).is_ok() { ours } else { theirs };
            left.text(name) != base.text(name)
        };
        let list = Partitions::merge(&base.list, &ours.list, &theirs.list, has_news);
        let mut files = FileChanges::new();
        for (name, _) in list.iter() {
            let own = ours.text(name);
            let Some(theirs) = theirs.text(name) else { continue };
            let text = merge(name, Texts { base: base.text(name), ours: own, theirs })?;
            if own != Some(text.as_str()) {
                files.push((path_of(name).into(), Some(text.into_bytes())));
            }
        }
        let is_gone = |name: &&String| ours.list.paths(name).is_ok() && list.paths(name).is_err();
        files.extend(ours.texts.keys().filter(is_gone).map(|name| (path_of(name).into(), None)));
        if list != ours.list {
            files.push((PARTITIONS.into(), (!list.is_empty()).then(|| list.render().into_bytes())));
        }
        Ok(files)
    }
    /// `NAME: SECTION` for each that says something else in `files`; the name alone for a new document.
    fn changed_sections(&self, files: &FileChanges) -> Vec<String> {
        let documents = files.iter().filter_map(|(path, bytes)| {
            Some((name_of(path.to_str().ok()?)?, String::from_utf8_lossy(bytes.as_deref()?)))
        });
        let sections = |(name, text): (&str, std::borrow::Cow<'_, str>)| match self.ours.text(name) {
            None => vec![name.to_owned()],
            Some(own) => by_section(own, &text).iter().map(|section| format!("{name}: {}", section.name)).collect(),
        };
        documents.flat_map(sections).collect()
    }
}
