use super::*;

fn names(text: &str) -> Vec<(String, u8)> {
    Document::parse(text).sections.iter().map(|section| (section.name.clone(), section.level)).collect()
}

fn named(names: &[(&str, u8)]) -> Vec<(String, u8)> {
    names.iter().map(|(name, level)| ((*name).to_owned(), *level)).collect()
}

#[test]
fn headings_are_found_where_markdown_has_them() {
    assert_eq!(names("# A\n## B ##\n\nC\n===\n\nD\nd\n---\n"), named(&[("A", 1), ("B", 2), ("C", 1), ("D d", 2)]));
    assert_eq!(names("## `a` *b* [c](/d)\n##\n"), named(&[("a b c", 2), ("", 2)]));
    assert_eq!(names("\u{feff}# A\r\n\r\n## B"), named(&[("A", 1), ("B", 2)]));
}

#[test]
fn what_looks_like_a_heading_elsewhere_is_none() {
    let none = "```\n# no\n```\n\n~~~\n## no\n\n    # no\n\n<!--\n# no\n-->\n<div>\n# no\n</div>\n\n> # no\n\n- # no\n";
    assert_eq!(names(&none.replace("~~~\n## no\n", "~~~\n## no\n~~~\n")), []);
    assert_eq!(names("---\n# no: 1\n---\n# A\n"), named(&[("A", 1)]));
    assert_eq!(names("+++\n# no\n+++\n# A\n"), named(&[("A", 1)]));
    assert_eq!(names("---\n\n# A\n---\n"), named(&[("A", 1)]));
    assert_eq!(names("| a |\n| - |\n| # b |\n"), []);
    assert_eq!(names("\\# no\n#no\n"), []);
}

#[test]
fn a_section_reaches_to_the_next_of_its_level_but_the_title_only_to_the_first() {
    let text = "# T\nt\n## A\na\n### B\nb\n## C\nc\n";
    let document = Document::parse(text);
    let bodies: Vec<_> = document.sections.iter().map(|one| &text[one.body.clone()]).collect();
    assert_eq!(bodies, ["t\n", "a\n### B\nb\n", "b\n", "c\n"]);
    let own: Vec<_> = document.sections.iter().map(|one| &text[one.own.clone()]).collect();
    assert_eq!(own, ["t\n", "a\n", "b\n", "c\n"]);
    let two = Document::parse("# A\n## B\n# C\n").sections[0].body.clone();
    assert_eq!(two, 4..9);
}

#[test]
fn items_have_their_places() {
    let text = "# A\r\n\r\n- [ ] one\r\n  two\r\n    1. [x] in\r\n\r\n10) ten\r\nlazy";
    let document = Document::parse(text);
    let items = document.items_of(&document.sections[0]);
    let sources: Vec<_> = items.iter().map(|item| &text[item.range.clone()]).collect();
    assert_eq!(sources, ["- [ ] one\r\n  two\r\n    1. [x] in\r\n", "10) ten\r\nlazy"]);
    let texts: Vec<_> = items.iter().map(|item| document.item_text(item)).collect();
    assert_eq!(texts, ["one\ntwo", "ten\nlazy"]);
    let nested = &document.with_nested(items[0])[1];
    assert_eq!((nested.depth, nested.is_checked(), document.item_text(nested).as_str()), (2, true, "in"));
    assert_eq!((items[0].is_checked(), items[0].checkbox.is_some(), items[1].checkbox), (false, true, None));
}

#[test]
fn items_in_quotations_and_facts_are_nobodys() {
    let text = "# A\n> - no\n\n<!-- ckpt:facts -->\n- no\n# No\n```\n<!-- /ckpt:facts -->\n- yes\n# B\n";
    let document = Document::parse(text);
    assert_eq!(names(text), named(&[("A", 1), ("B", 1)]));
    let items = document.items_of(&document.sections[0]);
    assert_eq!(items.iter().map(|item| document.item_text(item)).collect::<Vec<_>>(), ["yes"]);
    assert_eq!(document.content(&document.sections[0]), "> - no\n\n- yes");
}

#[test]
fn sections_are_found_by_any_spelling_of_their_name() {
    let document = Document::parse("## Known Issues:\n\n## known issues\n\n## Storage\n");
    for name in ["Known Issues", " known  issues ", "KNOWN-ISSUES", "known_issues:"] {
        let found = document.find_section(name).unwrap();
        assert_eq!((found.section.heading.start, found.others), (0, 1), "{name}");
    }
    let unknown = |name: &str| document.find_section(name).unwrap_err();
    let nearest = |name: &str, nearest: &[&str]| ContextError::UnknownSection {
        name: name.into(),
        nearest: nearest.iter().map(|&one| one.into()).collect(),
    };
    assert_eq!(unknown("Storrage"), nearest("Storrage", &["Storage"]));
    assert_eq!(unknown("issues"), nearest("issues", &["Known Issues:", "known issues"]));
    assert_eq!(unknown("xyz"), nearest("xyz", &[]));
}

#[test]
fn comments_are_no_content() {
    let document = Document::parse("# A\n<!-- help -->\n\n# B\n<!-- help --> more\n\n# C\n`<!-- x -->`\n");
    let has: Vec<_> = document.sections.iter().map(|section| document.has_content(section)).collect();
    assert_eq!(has, [false, true, true]);
}

#[test]
fn nesting_without_end_is_read() {
    let deep = "- ".repeat(20_000);
    assert!(Document::parse(&deep).items.len() <= 16);
    Document::parse(&"> ".repeat(20_000));
}
