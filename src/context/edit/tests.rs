use super::*;

fn standard() -> Standard {
    Standard::default()
}

fn added(text: &str, section: &str, item: &NewItem) -> String {
    add_item(text, section, item, &standard()).unwrap().text
}

fn issue(text: &str) -> NewItem {
    NewItem::open(text)
}

/// Adds a known issue, sees what comes of it, and takes it out again.
fn round(before: &str, after: &str) {
    let edited = add_item(before, "Known Issues", &NewItem::plain("new"), &standard()).unwrap();
    assert_eq!(edited.text, after, "added to {before:?}");
    let removed = remove_item(after, "Known Issues", edited.number, &standard()).unwrap();
    assert_eq!((removed.text.as_str(), removed.item.as_str()), (before, "new"), "removed from {after:?}");
}

#[test]
fn an_item_goes_after_the_last_one_in_its_style() {
    round("## Known Issues\n- a\n- b\n\n## Testing Notes\n", "## Known Issues\n- a\n- b\n- new\n\n## Testing Notes\n");
    round("## Known Issues\n\n * a\n", "## Known Issues\n\n * a\n * new\n");
    round("## Known Issues\n+   a\n    more\n", "## Known Issues\n+   a\n    more\n+   new\n");
    round("## Known Issues\r\n- a\r\n", "## Known Issues\r\n- a\r\n- new\r\n");
    round("## Known Issues\r\n- a\n", "## Known Issues\r\n- a\n- new\n");
    round("## Known Issues\n- a", "## Known Issues\n- a\n- new");
    round("## Known Issues\n- a\n\n- b\n", "## Known Issues\n- a\n\n- b\n\n- new\n");
    round("## Known Issues\n- a\n\n- b", "## Known Issues\n- a\n\n- b\n\n- new");
    round("## Known Issues\n- a\n  - b\nlazy\n## X", "## Known Issues\n- a\n  - b\nlazy\n- new\n## X");
    round("## Known Issues\n- ```\n  # no\n", "## Known Issues\n- ```\n  # no\n- new\n");
}

#[test]
fn numbered_items_go_on_counting() {
    round("## Known Issues\n1. a\n2. b\n", "## Known Issues\n1. a\n2. b\n3. new\n");
    round("## Known Issues\n1. a\n1. b\n", "## Known Issues\n1. a\n1. b\n1. new\n");
    round("## Known Issues\n8)  a\n9)  b\n", "## Known Issues\n8)  a\n9)  b\n10) new\n");
    round("## Known Issues\n999999999. b\n", "## Known Issues\n999999999. b\n999999999. new\n");
}

#[test]
fn a_list_is_begun_where_there_is_none() {
    round("## Known Issues\n\n## X\n", "## Known Issues\n\n- new\n\n## X\n");
    round("## Known Issues\n## X\n", "## Known Issues\n\n- new\n## X\n");
    round("## Known Issues", "## Known Issues\n\n- new");
    round("## Known Issues\n\n\n", "## Known Issues\n\n- new\n\n\n");
    round("## Known Issues\n\ntext\n\nX\n===\n", "## Known Issues\n\ntext\n\n- new\n\nX\n===\n");
    round("## Known Issues\nX\n===\n", "## Known Issues\n- new\n\nX\n===\n");
    round("## Known Issues\n<div>\n\n# X", "## Known Issues\n<div>\n\n- new\n\n# X");
    round("## Known Issues\ntext\n```\n- no\n# no\n", "## Known Issues\n- new\n\ntext\n```\n- no\n# no\n");
    round("## Known Issues\n\n<!-- open\n# no\n", "## Known Issues\n\n- new\n\n<!-- open\n# no\n");
    let block = format!("{}\n{}\n", super::super::facts::START, super::super::facts::END);
    let before = format!("## Known Issues\n\ntext\n\n{block}\n## X\n");
    round(&before, &before.replace("text\n", "text\n\n- new\n"));
}

#[test]
fn what_follows_is_not_drawn_into_the_item() {
    let text = added("## Known Issues\n- # a\nTitle\n===\n", "Known Issues", &NewItem::plain("new"));
    assert_eq!(text, "## Known Issues\n- # a\n- new\n\nTitle\n===\n");
    let text = remove_item("## Known Issues\n- a\n- # b\ntext\n", "Known Issues", 2, &standard()).unwrap().text;
    assert_eq!(text, "## Known Issues\n- a\n\ntext\n");
    let text = remove_item("text\n# Known Issues\ntext\n- b\n---\n", "Known Issues", 1, &standard()).unwrap().text;
    assert_eq!(text, "text\n# Known Issues\ntext\n\n---\n");
}

#[test]
fn a_missing_standard_section_comes_to_its_place() {
    let text = "# T\n\n## Architecture\n\nx\n\n## Dependencies\n\ny\n";
    let wanted = "# T\n\n## Architecture\n\nx\n\n## Known Issues\n\n- [ ] new\n\n## Dependencies\n\ny\n";
    assert_eq!(added(text, "known-issues", &issue("new")), wanted);
    assert_eq!(added("", "Todo", &issue("new")), "## Todo\n\n- [ ] new\n");
    assert_eq!(added("# T", "Todo", &issue("new")), "# T\n\n## Todo\n\n- [ ] new");
    let wanted = "### Todo\n\n- [ ] new\n\n### Next Session\n";
    assert_eq!(added("### Next Session\n", "Todo", &issue("new")), wanted);
    let wanted = "# T\n\n## Todo\n\n- [ ] new\n\n## X\n```\nopen";
    assert_eq!(added("# T\n\n## X\n```\nopen", "Todo", &issue("new")), wanted);
}

#[test]
fn an_unknown_section_gets_the_nearest_names() {
    let error = add_item("## Storage\n", "Storag", &issue("x"), &standard()).unwrap_err();
    assert_eq!(error, ContextError::UnknownSection { name: "Storag".into(), nearest: vec!["Storage".into()] });
    let error = items("", "issues", &standard()).unwrap_err();
    assert_eq!(error, ContextError::UnknownSection { name: "issues".into(), nearest: vec!["Known Issues".into()] });
    assert_eq!(items("", "Known Issues", &standard()), Ok(Vec::new()));
}

#[test]
fn of_two_sections_with_one_name_the_first_is_meant() {
    let text = "## Known Issues\n- a\n\n## KNOWN  ISSUES:\n- b\n";
    let edited = add_item(text, "known issues", &issue("c"), &standard()).unwrap();
    assert_eq!(edited.text, "## Known Issues\n- a\n- [ ] c\n\n## KNOWN  ISSUES:\n- b\n");
    assert_eq!((edited.section.as_str(), edited.number, edited.others), ("Known Issues", 2, 1));
}

#[test]
fn text_of_several_lines_stays_one_item() {
    let item = issue("  first\r\n\r\n```\n# no\n```  \n");
    let text = added("## Known Issues\n- [ ] a\n\n## X\n", "Known Issues", &item);
    let wanted = "## Known Issues\n- [ ] a\n- [ ] first\n\n  ```\n  # no\n  ```\n\n## X\n";
    assert_eq!(text, wanted);
    let listed = items(&text, "Known Issues", &standard()).unwrap();
    assert_eq!(listed[1].text, "first\n\n```\n# no\n```");
    assert_eq!(add_item("", "Todo", &issue(" \n"), &standard()), Err(ContextError::EmptyText));
}

#[test]
fn text_that_would_be_a_ruler_or_a_check_box_is_escaped() {
    assert_eq!(added("## Todo\n", "Todo", &NewItem::plain("- -")), "## Todo\n\n- \\- -\n");
    assert_eq!(added("## Todo\n", "Todo", &NewItem::plain("[x] y")), "## Todo\n\n- \\[x] y\n");
}

#[test]
fn checking_changes_one_byte() {
    let text = "## Todo\n- [ ] a\n  - [x] b\n- [X] c\r\n- d\n1. [ ] e";
    let set = |number, checked| set_checked(text, "todo", number, checked, &standard()).unwrap().text;
    assert_eq!(set(1, true), text.replace("[ ] a", "[x] a"));
    assert_eq!(set(2, true), text);
    assert_eq!(set(2, false), text.replace("[X]", "[ ]"));
    assert_eq!(set(3, true), text.replace("- d", "- [x] d"));
    assert_eq!(set(4, true), text.replace("[ ] e", "[x] e"));
    let error = set_checked(text, "todo", 5, true, &standard()).unwrap_err();
    assert_eq!(error, ContextError::NoSuchItem { section: "Todo".into(), number: 5, count: 4 });
    let error = set_checked("## Todo\n- ```\n", "todo", 1, true, &standard()).unwrap_err();
    assert_eq!(error, ContextError::NoCheckbox { section: "Todo".into(), number: 1 });
}

#[test]
fn removing_renumbers_only_what_counted() {
    let remove = |text: &str, number| remove_item(text, "Todo", number, &standard()).unwrap().text;
    assert_eq!(remove("# Todo\n1. a\n2. b\n3. c\n", 1), "# Todo\n1. b\n2. c\n");
    assert_eq!(remove("# Todo\n1. a\n1. b\n1. c\n", 1), "# Todo\n1. b\n1. c\n");
    assert_eq!(remove("# Todo\n1. a\n5. b\n3. c\n", 1), "# Todo\n1. b\n2. c\n");
    assert_eq!(remove("# Todo\n8. a\n9. b\n10. c\n    - d\n", 1), "# Todo\n8. b\n9.  c\n    - d\n");
    assert_eq!(remove("# Todo\n- a\n  - n\n\n- b\n\n- c\n", 2), "# Todo\n- a\n  - n\n\n- c\n");
    assert_eq!(remove("# Todo\n- a\n  - n\n- b\n", 1), "# Todo\n- b\n");
}

#[test]
fn moving_leaves_markers_and_gaps_in_place() {
    let moved = |text: &str, from, to| move_item(text, "Todo", from, to, &standard()).unwrap().text;
    assert_eq!(moved("# Todo\n1. a\n2. b\n\n3. c", 3, 1), "# Todo\n1. c\n2. a\n\n3. b");
    assert_eq!(moved("# Todo\n- a\n  - n\n- b\n", 1, 2), "# Todo\n- b\n- a\n  - n\n");
    assert_eq!(moved("# Todo\n   - a\n     - n\n- b\n", 2, 1), "# Todo\n   - b\n- a\n  - n\n");
    assert_eq!(moved("# Todo\n9. a\n   n\n10. b\n\tn\n", 1, 2), "# Todo\n9. b\n   n\n10. a\n    n\n");
    assert_eq!(moved("# Todo\r\n- a\r\n- b", 1, 2), "# Todo\r\n- b\r\n- a");
    assert_eq!(moved("# Todo\n- [ ] a\n- [x] b\n", 1, 2), "# Todo\n- [x] b\n- [ ] a\n");
    assert_eq!(moved("# Todo\n- a\n- b\n", 2, 2), "# Todo\n- a\n- b\n");
    assert!(move_item("# Todo\n- a\n", "Todo", 1, 2, &standard()).is_err());
}
