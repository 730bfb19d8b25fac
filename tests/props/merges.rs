//! Three-way merges of documents of any shape: nothing said on either side is lost.

use ckpt::context::document::Document;
use ckpt::context::merge::{merge, merge_shared};
use proptest::prelude::*;

use crate::markdown::{changed, document, tidily_changed};

/// What a merge may put in: its mark, fences, and the ends of blocks that were left open.
const OWN: [&str; 8] = ["<!-- ckpt: also said", "```", "~~~", "-->", "?>", "]]>", ">", "</"];

/// A line as it is compared: without its number and the white space around it, which a merge may change.
fn said(line: &str) -> &str {
    // A byte order mark may come to stand at the beginning.
    let line = line.trim_start_matches('\u{feff}').trim();
    let rest = line.trim_start_matches(|one: char| one.is_ascii_digit());
    let is_numbered = rest.len() < line.len() && rest.starts_with(['.', ')']);
    if is_numbered { rest[1..].trim_start() } else { line }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r']).map(said).filter(|line| !line.is_empty())
}

/// Names and levels of all headings, and the texts of all items.
fn parts(text: &str) -> Vec<(u8, String)> {
    let document = Document::parse(text);
    let headings = document.sections().iter().map(|section| (section.level, section.name.clone()));
    let items = document.sections().iter().flat_map(|section| document.items_of(section));
    headings.chain(items.map(|item| (0, document.item_text(item)))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_one_side_alone_changed_is_the_result(base in document(), other in document()) {
        prop_assert_eq!(merge(&base, &other, &base).text, other.clone());
        prop_assert_eq!(merge(&base, &base, &other).text, other.clone());
        let both = merge(&base, &other, &other);
        prop_assert_eq!(both.text, other);
        prop_assert!(both.conflicts.is_empty());
    }

    #[test]
    fn no_line_of_either_side_is_lost((base, ours, theirs) in changed()) {
        let merged = merge(&base, &ours, &theirs);
        let kept: std::collections::HashSet<_> = lines(&merged.text).collect();
        let old: std::collections::HashSet<_> = lines(&base).collect();
        for line in lines(&ours).chain(lines(&theirs)) {
            prop_assert!(old.contains(line) || kept.contains(line), "{:?} is lost in {:?}", line, merged.text);
        }
        let known: std::collections::HashSet<_> = lines(&ours).chain(lines(&theirs)).collect();
        for line in lines(&merged.text) {
            let is_ours = OWN.iter().any(|own| line.starts_with(own));
            prop_assert!(known.contains(line) || is_ours, "{:?} is nobody's in {:?}", line, merged.text);
        }
    }

    #[test]
    fn headings_and_items_stay_what_they_are((base, ours, theirs) in tidily_changed()) {
        let merged = merge(&base, &ours, &theirs).text;
        let (old, new) = (parts(&base), parts(&merged));
        let sides = [parts(&ours), parts(&theirs)].concat();
        for part in &sides {
            prop_assert!(old.contains(part) || new.contains(part), "{:?} is lost in {}", part, merged);
        }
        for part in &new {
            prop_assert!(sides.contains(part), "{:?} is nobody's in {}", part, merged);
        }
    }

    #[test]
    fn a_child_without_changes_changes_nothing((base, ours, _) in changed()) {
        prop_assert_eq!(merge_shared(&ours, &base, &base).text, ours);
    }
}
