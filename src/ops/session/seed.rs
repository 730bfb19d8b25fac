//! What a session's documents begin with. Pure but for reading the parent's.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use crate::context::document::Document;
use crate::context::sections::{add_section, set_section};
use crate::context::standard::{
    ARCHITECTURE, CURRENT_WORK, DEPENDENCIES, KNOWN_ISSUES, RECENT_DECISIONS, Standard, TESTING_NOTES, new_document,
};
use crate::context::{ContextError, facts};
use crate::model::id::{HashKind, ObjectId};
use crate::model::object::{ObjectKind, ObjectReader, hash_object};
use crate::ops::OpError;
use crate::store::session::{FileChanges, PARTITION_FOLDER, PARTITIONS, Session};

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

/// The partitions of a project are those of every session, a new one begins with its parent's: their list and documents,
/// by path.
pub(crate) fn partition_blobs(parent: &Session) -> BTreeMap<String, ObjectId> {
    let listed = parent.blob(PARTITIONS).map(|id| (PARTITIONS.to_owned(), id));
    let documents = parent.below(PARTITION_FOLDER).filter_map(|(path, id)| Some((path.to_str().ok()?.to_owned(), id)));
    listed.into_iter().chain(documents).collect()
}

/// The same blobs as files of a new session.
pub(crate) fn read_blobs(
    reader: &dyn ObjectReader,
    blobs: &BTreeMap<String, ObjectId>,
) -> Result<FileChanges, OpError> {
    let read = |(path, id): (&String, &ObjectId)| {
        Ok((BString::from(path.as_str()), Some(reader.read_kind(id, ObjectKind::Blob)?)))
    };
    blobs.iter().map(read).collect()
}

/// The id that a text has as a blob.
pub(crate) fn blob_of(hash: HashKind, text: &str) -> ObjectId {
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
        use crate::context::merge::merge_shared;

        let seed = seeded(&[("Testing Notes".into(), "run them all".into())]);
        let child = seed.replace("- use JWT\n", "- use JWT\n- no cookies\n").replace("build it", "built");
        let merged = merge_shared(PARENT, &seed, &child).text;
        assert_eq!(merged, PARENT.replace("- use JWT\n", "- use JWT\n- no cookies\n"));
        assert_eq!(merge_shared(&merged, &seed, &child).text, merged);
    }
}
