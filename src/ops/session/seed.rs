//! What a session's context begins with, and what of it flows back. Pure but for reading the parent's documents.

use bstr::BString;

use crate::context::document::Document;
use crate::context::merge::merge_shared;
use crate::context::sections::{add_section, set_section};
use crate::context::standard::{
    ARCHITECTURE, CURRENT_WORK, DEPENDENCIES, KNOWN_ISSUES, RECENT_DECISIONS, Standard, TESTING_NOTES, new_document,
};
use crate::context::{ContextError, facts};
use crate::model::object::{ObjectKind, ObjectReader, hash_object};
use crate::ops::OpError;
use crate::store::session::{FileChanges, PARTITION_FOLDER, PARTITIONS, Session, SessionRecord};
use crate::store::{Store, session};

/// Sections that a session begins with as its parent has them; current work and next steps are its own.
const INHERITED: [&str; 5] = [ARCHITECTURE, RECENT_DECISIONS, KNOWN_ISSUES, DEPENDENCIES, TESTING_NOTES];

/// What a context is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seeds<'a> {
    pub(crate) title: &'a str,
    pub(crate) task: Option<&'a str>,
    /// The parent's context.
    pub(crate) parent: Option<&'a str>,
    /// Sections and the markdown that a template puts into each.
    pub(crate) sections: &'a [(String, String)],
}

/// The text that the context of a new session begins with.
pub(crate) fn seed_context(seeds: &Seeds<'_>, standard: &Standard) -> Result<String, ContextError> {
    let mut text = new_document(seeds.title, standard);
    if let Some(parent) = seeds.parent {
        let parent = facts::strip(parent);
        let document = Document::parse(&parent);
        for name in INHERITED {
            let Ok(found) = document.find_section(name) else { continue };
            let content = document.content(found.section);
            if !content.is_empty() {
                text = put(&text, name, &content, standard)?;
            }
        }
    }
    if let Some(task) = seeds.task {
        text = put(&text, CURRENT_WORK, task, standard)?;
    }
    for (section, body) in seeds.sections {
        text = put(&text, section, body, standard)?;
    }
    Ok(text)
}

/// Adds to what a section says.
fn put(text: &str, section: &str, body: &str, standard: &Standard) -> Result<String, ContextError> {
    // A template may have sections of its own.
    let text = match Document::parse(text).find_section(section) {
        Ok(_) => text.to_owned(),
        Err(_) => add_section(text, section, standard)?,
    };
    let document = Document::parse(&text);
    let present = document.find_section(section).map(|found| document.content(found.section)).unwrap_or_default();
    let whole = if present.is_empty() { body.to_owned() } else { format!("{present}\n\n{body}") };
    Ok(set_section(&text, section, &whole, standard)?.text)
}

/// The partitions of a project are those of every session: a new one begins with its parent's.
pub(crate) fn seed_partitions(reader: &dyn ObjectReader, parent: &Session) -> Result<FileChanges, OpError> {
    let mut files = FileChanges::new();
    let listed = parent.blob(PARTITIONS).map(|id| (BString::from(PARTITIONS), id));
    let documents = parent.below(PARTITION_FOLDER).map(|(path, id)| (path.clone(), id));
    for (path, id) in listed.into_iter().chain(documents) {
        files.push((path, Some(reader.read_kind(&id, ObjectKind::Blob)?)));
    }
    Ok(files)
}

/// What the parent's context says once a session has come back; `None` where nothing flows. `begun` is what it begins
/// with where it has none yet.
pub(crate) fn flow_back(
    store: &Store,
    record: &SessionRecord,
    child: &Session,
    parent: Option<&Session>,
    begun: &str,
) -> Result<Option<String>, OpError> {
    let Some(text) = child.text(store, session::CONTEXT)? else { return Ok(None) };
    let read = |id| Some(String::from_utf8_lossy(&store.read_kind(&id, ObjectKind::Blob).ok()?).into_owned());
    let seed = record.details.seed.and_then(read);
    let own = parent.map(|parent| parent.text(store, session::CONTEXT)).transpose()?.flatten();
    let own = own.unwrap_or_else(|| begun.to_owned());
    let base = seed.unwrap_or_default();
    let merged = merge_shared(&own, &base, &text).text;
    Ok((merged != own).then_some(merged))
}

/// The id that a text has as a blob.
pub(crate) fn blob_of(hash: crate::model::id::HashKind, text: &str) -> crate::model::id::ObjectId {
    hash_object(hash, ObjectKind::Blob, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "# P\n\n## Current Work\n\n- mine\n\n## Recent Decisions\n\n- use JWT\n\n## Known Issues\n\n\
                          - [ ] slow\n\n## Next Session\n\n1. go on\n";

    fn seeded(sections: &[(String, String)]) -> String {
        let seeds = Seeds { title: "Login\nform", task: Some("build it"), parent: Some(PARENT), sections };
        seed_context(&seeds, &Standard::default()).unwrap()
    }

    #[test]
    fn shared_sections_come_from_the_parent_and_work_is_its_own() {
        let text = seeded(&[]);
        assert!(text.starts_with("# Login form\n"), "{text}");
        let document = Document::parse(&text);
        let content = |name: &str| document.content(document.find_section(name).unwrap().section);
        assert_eq!(content(CURRENT_WORK), "build it");
        assert_eq!(content(RECENT_DECISIONS), "- use JWT");
        assert_eq!(content(KNOWN_ISSUES), "- [ ] slow");
        assert_eq!(content("Next Session"), "");
    }

    #[test]
    fn what_a_template_says_is_added() {
        let text = seeded(&[("Recent Decisions".into(), "- tests first".into()), ("Plan".into(), "slowly".into())]);
        assert!(text.contains("- use JWT\n\n- tests first\n"), "{text}");
        assert!(text.contains("## Plan\n\nslowly\n"), "{text}");
    }

    #[test]
    fn only_what_is_new_flows_back_and_twice_is_once() {
        let seed = seeded(&[("Testing Notes".into(), "run them all".into())]);
        let child = seed.replace("- use JWT\n", "- use JWT\n- no cookies\n").replace("build it", "built");
        let merged = merge_shared(PARENT, &seed, &child).text;
        assert_eq!(merged, PARENT.replace("- use JWT\n", "- use JWT\n- no cookies\n"));
        assert_eq!(merge_shared(&merged, &seed, &child).text, merged);
    }
}
