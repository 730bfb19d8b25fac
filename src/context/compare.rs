//! Two versions of a document, section by section, for `context diff` and for telling what an edit by hand touched.
//!
//! Called by `ops/`; the lines of a section are compared where they are shown.

use std::collections::HashMap;

use super::document::{Document, normal};

/// A section that differs in two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionChange {
    /// Empty for what stands before the first heading.
    pub name: String,
    /// What stood below the heading, without blank lines around it; nothing if the section was not there.
    pub old: Option<String>,
    /// What stands there now; nothing if the section is gone.
    pub new: Option<String>,
}

/// The sections that differ, in the order of the new version; those that are gone stand where they stood. Of several
/// with one name the first is compared with the first, and so on. Sections below others are sections of their own.
pub fn by_section(old: &str, new: &str) -> Vec<SectionChange> {
    let (old, new) = (said(old), said(new));
    let in_new: HashMap<&Key, &Said> = new.iter().map(|one| (&one.key, one)).collect();
    let mut gone_after: HashMap<Option<&Key>, Vec<&Said>> = HashMap::new();
    let mut last = None;
    for one in &old {
        if in_new.contains_key(&one.key) {
            last = Some(&one.key)
        } else {
            gone_after.entry(last).or_default().push(one)
        }
    }
    let in_old: HashMap<&Key, &Said> = old.iter().map(|one| (&one.key, one)).collect();
    let mut changes = Vec::new();
    let gone = |one: &&Said| SectionChange { name: one.name.clone(), old: Some(one.text.clone()), new: None };
    for one in &new {
        let before = in_old.get(&one.key).map(|before| before.text.clone());
        if before.as_ref() != Some(&one.text) {
            changes.push(SectionChange { name: one.name.clone(), old: before, new: Some(one.text.clone()) });
        }
        changes.extend(gone_after.remove(&Some(&one.key)).unwrap_or_default().iter().map(gone));
    }
    changes
}

/// Which one of the sections with a name; nothing for what stands before them all.
type Key = Option<(String, usize)>;

struct Said {
    key: Key,
    name: String,
    text: String,
}

/// What each section says. What stands before the first heading always comes first, so nothing is gone before it.
fn said(text: &str) -> Vec<Said> {
    let document = Document::parse(text);
    let start = document.sections.first().map_or(text.len(), |first| first.heading.start);
    let mut said = vec![Said { key: None, name: String::new(), text: text[..start].trim().to_owned() }];
    let mut seen: HashMap<String, usize> = HashMap::new();
    for section in &document.sections {
        let count = seen.entry(normal(&section.name)).or_insert(0);
        let key = Some((normal(&section.name), *count));
        *count += 1;
        said.push(Said { key, name: section.name.clone(), text: text[section.own.clone()].trim().to_owned() });
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> Vec<(String, Option<String>, Option<String>)> {
        by_section(old, new).into_iter().map(|one| (one.name, one.old, one.new)).collect()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn sections_are_compared_by_name_and_place() {
        let old = "intro\n# A\n- a\n# B\n# Gone\nx\n# B\nsecond\n";
        let new = "intro\n\n# New\n# a:\n\n- a\n- b\n# B\n# B\nother\n";
        let wanted = [
            ("New".into(), None, some("")),
            ("a:".into(), some("- a"), some("- a\n- b")),
            ("Gone".into(), some("x"), None),
            ("B".into(), some("second"), some("other")),
        ];
        assert_eq!(told(old, new), wanted);
        assert_eq!(told(old, old), []);
        assert_eq!(told("", "intro"), [(String::new(), some(""), some("intro"))]);
    }
}
