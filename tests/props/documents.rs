//! Context documents of any shape: an edit changes its item alone, and what was added can be taken out again.

use ckpt::context::document::Document;
use ckpt::context::edit::{self, Edited};
use ckpt::context::item::NewItem;
use ckpt::context::outline::outline;
use ckpt::context::standard::Standard;
use ckpt::context::{ContextError, archive, facts, sections};
use proptest::prelude::*;

use crate::markdown::{document, item_text};

fn texts(text: &str, section: &str) -> Vec<String> {
    let items = edit::items(text, section, &Standard::default()).unwrap_or_default();
    items.into_iter().map(|item| item.text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn headings(text: &str) -> Vec<String> {
    Document::parse(text).sections().iter().map(|section| section.name.clone()).collect()
}

/// The bytes that two texts begin with and end with in common; they cover the shorter one unless bytes were replaced.
fn common(left: &str, right: &str) -> usize {
    let before = left.bytes().zip(right.bytes()).take_while(|(one, other)| one == other).count();
    let after = left.bytes().rev().zip(right.bytes().rev()).take_while(|(one, other)| one == other).count();
    before + after
}

/// Whether a text has all lines of another, in their order.
fn has_lines(text: &str, other: &str) -> bool {
    let mut rest = text.lines();
    other.lines().all(|line| line.trim().is_empty() || rest.any(|one| one == line))
}

fn edited(edit: Result<Edited, ContextError>) -> Option<Edited> {
    match edit {
        Ok(edited) => Some(edited),
        Err(ContextError::UnknownSection { .. } | ContextError::NoCheckbox { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

fn check_positions(text: &str) -> Result<(), TestCaseError> {
    let document = Document::parse(text);
    let mut at = 0;
    for section in document.sections() {
        prop_assert!(at <= section.heading.start && section.heading.end <= section.own.start);
        prop_assert!(section.own.end <= section.body.end && section.body.end <= text.len());
        at = section.own.end;
        let mut item_end = section.own.start;
        for item in document.items_of(section) {
            prop_assert!(item_end <= item.range.start, "{:?}", &text[item.range.clone()]);
            prop_assert!(item.range.start <= item.marker_at && item.content <= item.range.end);
            prop_assert!(!text[item.range.clone()].trim().is_empty());
            document.item_text(item);
            item_end = item.range.end;
        }
        document.content(section);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_document(text in any::<String>()) {
        check_positions(&text)?;
        archive::prune(&text);
        facts::strip(&text);
    }

    #[test]
    fn any_markdown_is_a_document(text in document()) {
        check_positions(&text)?;
    }

    #[test]
    fn adding_puts_in_one_item_and_removing_takes_it_out(text in document(), new in item_text(), checkbox in any::<Option<bool>>(), ordered: bool) {
        let standard = Standard::default();
        let text = sections::add_section(&text, "Known Issues", &standard).unwrap();
        let item = NewItem { text: new, checkbox, ordered };
        let Some(added) = edited(edit::add_item(&text, "Known Issues", &item, &standard)) else { return Ok(()) };
        prop_assert!(common(&text, &added.text) >= text.len(), "bytes were replaced: {:?}", added.text);
        prop_assert_eq!(headings(&text), headings(&added.text), "{:?}", added.text);
        let mut wanted = texts(&text, "Known Issues");
        let after = texts(&added.text, "Known Issues");
        prop_assert!(after.len() == wanted.len() + 1, "{:?}", added.text);
        wanted.insert(added.number - 1, after[added.number - 1].clone());
        prop_assert_eq!(&wanted, &after, "{:?}", added.text);
        let removed = edited(edit::remove_item(&added.text, "Known Issues", added.number, &standard)).unwrap();
        if removed.text != text {
            // A blank line was needed to keep what follows out of the item; it stays.
            let is_blank_line = removed.text.len() > text.len() && common(&text, &removed.text) >= text.len()
                && removed.text.len() - text.len() <= 2;
            prop_assert!(is_blank_line, "{:?}\nwith {:?}\nwithout {:?}", text, added.text, removed.text);
        }
    }

    #[test]
    fn checking_changes_one_box(text in document(), number in 0usize..9, checked: bool) {
        let standard = Standard::default();
        let before = texts(&text, "Todo");
        let Some(number) = number.checked_rem(before.len()).map(|index| index + 1) else { return Ok(()) };
        let Some(set) = edited(edit::set_checked(&text, "Todo", number, checked, &standard)) else { return Ok(()) };
        let bytes = text.len().min(set.text.len());
        prop_assert!(common(&text, &set.text) + 1 >= bytes);
        prop_assert!(set.text.len() == text.len() || set.text.len() == text.len() + 4);
        prop_assert_eq!(before.len(), texts(&set.text, "Todo").len());
        let listed = edit::items(&set.text, "Todo", &standard).unwrap();
        prop_assert_eq!(listed[number - 1].checked, Some(checked));
        prop_assert_eq!(headings(&text), headings(&set.text));
    }

    #[test]
    fn removing_takes_out_one_item(text in document(), number in 0usize..9) {
        let standard = Standard::default();
        let mut wanted = texts(&text, "Todo");
        let Some(number) = number.checked_rem(wanted.len()).map(|index| index + 1) else { return Ok(()) };
        let removed = edited(edit::remove_item(&text, "Todo", number, &standard)).unwrap();
        wanted.remove(number - 1);
        prop_assert_eq!(wanted, texts(&removed.text, "Todo"), "{:?}", removed.text);
        prop_assert_eq!(headings(&text), headings(&removed.text));
    }

    #[test]
    fn moving_changes_the_order_alone(text in document(), from in 0usize..9, to in 0usize..9) {
        let standard = Standard::default();
        let mut wanted = texts(&text, "Todo");
        let Some(from) = from.checked_rem(wanted.len()).map(|index| index + 1) else { return Ok(()) };
        let to = to % wanted.len() + 1;
        let moved = edited(edit::move_item(&text, "Todo", from, to, &standard)).unwrap();
        let item = wanted.remove(from - 1);
        wanted.insert(to - 1, item);
        prop_assert_eq!(wanted, texts(&moved.text, "Todo"), "{:?}", moved.text);
        prop_assert_eq!(headings(&text), headings(&moved.text));
    }

    #[test]
    fn a_section_is_set_and_nothing_else(text in document(), body in document()) {
        let standard = Standard::default();
        let text = sections::add_section(&text, "Todo", &standard).unwrap();
        let set = match sections::set_section(&text, "Todo", &body, &standard) {
            Ok(set) => set,
            Err(ContextError::OpenEnd) => return Ok(()),
            Err(error) => panic!("{error}"),
        };
        let before = Document::parse(&text);
        let section = before.find_section("Todo").unwrap().section;
        prop_assert!(set.text.starts_with(&text[..section.body.start]));
        prop_assert!(set.text.ends_with(&text[section.body.end..]));
        let after = headings(&set.text);
        let outside: Vec<_> = before.sections().iter().filter(|one| one.heading.start >= section.body.end).map(|one| one.name.clone()).collect();
        prop_assert!(after.ends_with(&outside), "{:?}", set.text);
        if before.facts().is_none() && !body.contains("ckpt:facts") {
            let again = sections::set_section(&set.text, "Todo", &body, &standard).unwrap();
            let has_headings = !headings(&body).is_empty() || headings(&text) != headings(&set.text);
            prop_assert!(has_headings || again.text == set.text, "{:?}\n{:?}", set.text, again.text);
        }
    }

    #[test]
    fn facts_come_and_go(text in document(), inside in document()) {
        if let Some(filled) = facts::fill(&text, &inside) {
            prop_assert_eq!(facts::strip(&filled), facts::strip(&text));
            prop_assert_eq!(headings(&filled), headings(&text));
        } else {
            prop_assert_eq!(&facts::strip(&text), &text);
        }
        let with = facts::insert(&text, &Standard::default());
        if facts::has_block(&with) && !facts::has_block(&text) {
            prop_assert_eq!(headings(&with), headings(&text), "{:?}", with);
            let without = facts::remove(&with);
            prop_assert!(without == text || without.len() <= text.len() + 2, "{:?}\n{:?}", with, without);
        }
    }

    #[test]
    fn an_outline_keeps_to_its_size(text in document(), max in 0usize..400) {
        let short = outline(&text, max);
        prop_assert!(short.text.len() <= max);
        let whole = outline(&text, usize::MAX / 2);
        prop_assert!(whole.left_out.is_empty());
        prop_assert!(max < whole.text.len() || short == whole);
    }

    #[test]
    fn an_archive_takes_in_what_is_pruned_and_loses_nothing(text in document(), old in document(), later: bool) {
        let pruned = archive::prune(&text).1;
        let day = jiff::civil::date(2026, 11, 21);
        let first = archive::archive(&old, &pruned, day);
        let kept = archive::archive(&first, &pruned, if later { day.tomorrow().unwrap() } else { day });
        prop_assert!(has_lines(&first, &old), "{:?}\nfrom {:?}", first, old);
        prop_assert!(has_lines(&kept, &first), "{:?}\nfrom {:?}", kept, first);
        for item in &pruned {
            prop_assert!(kept.matches(item.source.as_str()).count() >= 2, "{:?} is not in {:?}", item.source, kept);
        }
    }

    #[test]
    fn pruning_takes_out_what_is_completed(text in document()) {
        let (pruned_text, pruned) = archive::prune(&text);
        prop_assert_eq!(headings(&text), headings(&pruned_text), "{:?}", pruned_text);
        prop_assert!(!pruned.is_empty() || pruned_text == text);
        let (again, rest) = archive::prune(&pruned_text);
        prop_assert!(rest.is_empty() && again == pruned_text, "{:?}", pruned_text);
    }
}
