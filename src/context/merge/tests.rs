use super::*;

fn conflicts(merged: &Merged) -> Vec<(&str, ConflictKind, &str)> {
    merged.conflicts.iter().map(|one| (one.section.as_str(), one.kind, one.line.as_str())).collect()
}

/// A merge that comes out clean, whichever side is ours.
#[track_caller]
fn clean(base: &str, ours: &str, theirs: &str, wanted: &str) {
    let merged = merge(base, ours, theirs);
    assert_eq!((merged.text.as_str(), conflicts(&merged)), (wanted, Vec::new()));
}

#[test]
fn changes_of_different_sections_and_items_come_together() {
    let base = "# T\n\n## A\n\n- one\n- two\n\n## B\n\ntext\n";
    let ours = "# T\n\n## A\n\n- [x] one\n- two\n\n## B\n\ntext\n";
    let theirs = "# T\n\n## A\n\n- one\n- two, too\n- three\n\n## B\n\nother text\n\n## C\n\nnew\n";
    let wanted = "# T\n\n## A\n\n- [x] one\n- two, too\n- three\n\n## B\n\nother text\n\n## C\n\nnew\n";
    clean(base, ours, theirs, wanted);
    clean(base, theirs, ours, wanted);
}

#[test]
fn what_both_add_to_a_list_is_there_once_each() {
    let base = "## A\n\n- one\n\n## B\n";
    clean(
        base,
        "## A\n\n- one\n- same\n- ours\n\n## B\n",
        "## A\n\n- one\n- theirs\n- same\n\n## B\n",
        "## A\n\n- one\n- same\n- ours\n- theirs\n\n## B\n",
    );
    clean(
        "## A\n\n## B\n",
        "## A\n\n- ours\n\n## B\n",
        "## A\n\n- theirs\n\n## B\n",
        "## A\n\n- ours\n- theirs\n\n## B\n",
    );
    clean("", "## A\n\n- ours\n", "## A\n\n- theirs\n", "## A\n\n- ours\n- theirs\n");
    clean("- a\n\n- b", "- a\n\n- b\n\n- c", "- a\n\n- b\n\n- d", "- a\n\n- b\n\n- c\n\n- d");
}

#[test]
fn numbered_items_count_on() {
    clean("1. a\n2. b\n", "1. a\n2. b\n3. c\n", "1. a\n2. b\n3. d\n4. e\n", "1. a\n2. b\n3. c\n4. d\n5. e\n");
    clean("1. a\n2. b\n3. c\n", "1. b\n2. c\n", "1. a\n2. b\n3. c\n4. d\n", "1. b\n2. c\n3. d\n");
    clean("1. a\n1. b\n", "1. a\n1. b\n1. c\n", "1. a\n1. b\n1. d\n", "1. a\n1. b\n1. c\n1. d\n");
    let theirs = "8. a\n9. d\n   - e\n";
    clean("8. a\n", "8. a\n9. c\n", theirs, "8. a\n9. c\n10. d\n    - e\n");
}

#[test]
fn one_item_changed_on_both_sides_is_kept_from_both() {
    let merged = merge("## A\n\n- [ ] one\n- two\n", "## A\n\n- [x] one\n- two\n", "## A\n\n- [ ] one more\n- two\n");
    assert_eq!(merged.text, format!("## A\n\n- [x] one\n{MARK}\n- [ ] one more\n- two\n"));
    assert_eq!(conflicts(&merged), [("A", ConflictKind::BothChanged, "- [ ] one more")]);
    assert_eq!(marks(&merged.text), 1);
}

#[test]
fn prose_of_both_sides_is_marked() {
    let merged = merge("## A\n\n<!-- say -->\n", "## A\n\n<!-- say -->\n\nours\n", "## A\n\n<!-- say -->\n\ntheirs\n");
    assert_eq!(merged.text, format!("## A\n\n<!-- say -->\n\nours\n\n{MARK}\ntheirs\n"));
    assert_eq!(conflicts(&merged), [("A", ConflictKind::BothChanged, "theirs")]);
}

#[test]
fn what_one_side_removed_and_the_other_changed_stays() {
    let merged = merge("- a\n- b\n- c\n", "- a\n- c\n", "- a\n- b!\n- c\n");
    assert_eq!(merged.text, "- a\n- b!\n- c\n");
    assert_eq!(conflicts(&merged), [("", ConflictKind::ChangedAndRemoved, "- b!")]);
    let merged = merge("## A\n\na\n\n## B\n", "## B\n", "## A\n\nmore\n\n## B\n\nx\n");
    assert_eq!(merged.text, "## A\n\nmore\n\n## B\n\nx\n");
    assert_eq!(conflicts(&merged), [("A", ConflictKind::ChangedAndRemoved, "## A")]);
    clean("## A\n\na\n\n## B\n", "## B\n", "## A\n\na\n\n## B\n\nx\n", "## B\n\nx\n");
}

#[test]
fn moved_and_new_sections_find_their_places() {
    let base = "## A\n\na\n\n## B\n\nb\n";
    let swapped = "## B\n\nb\n\n## A\n\na\n";
    clean(base, swapped, "## A\n\na\n\n## New\n\n## B\n\nb!\n", "## B\n\nb!\n\n## A\n\na\n\n## New\n");
    clean(base, "## A\n\na!\n\n## B\n\nb\n", swapped, "## B\n\nb\n\n## A\n\na!\n");
}

#[test]
fn front_matter_and_open_blocks_do_no_harm() {
    let merged = merge("---\na: 1\n---\n# T\n", "---\na: 2\n---\n# T\n", "---\na: 3\n---\n# T\n");
    assert_eq!(merged.text, format!("---\na: 2\n---\n\n{MARK}\n```\n---\na: 3\n---\n```\n# T\n"));
    let merged = merge("## A\n", "## A\n\n```\n# no\n", "## A\n\n## B\n\ntext\n");
    assert_eq!(merged.text, "## A\n\n```\n# no\n```\n\n## B\n\ntext\n");
    let merged = merge("## A\n", "## A\n\n<!-- no\n", "## A\n\n## B\n");
    assert_eq!(merged.text, "## A\n\n<!-- no\n-->\n\n## B\n");
}

#[test]
fn line_endings_alone_are_no_change_of_an_item() {
    clean("- a\n- b\n", "- a\r\n- b\r\n", "- a\n- b!\n- c\n", "- a\r\n- b!\r\n- c\r\n");
    clean("- a\n- b\n", "- a\n- b!\n- c\n", "- a\r\n- b\r\n", "- a\r\n- b!\r\n- c\r\n");
    clean("- a\r\n- b\n", "- a\r\n- b\r\n", "- a\n- b!\n", "- a\n- b!\n");
    clean("- a\n- b", "- a\n- b\n", "- a!\n- b", "- a!\n- b\n");
}

#[test]
fn only_shared_sections_flow_back_to_the_parent() {
    let base = "## Current Work\n\nparent\n\n## Known Issues\n\n- [ ] one\n\n## Next Session\n";
    let child = "## Current Work\n\nchild\n\n## Known Issues\n\n- [x] one\n\n### Backend\n\n- [ ] two\n\n## Next Session\n\n1. go\n";
    let parent = "## Current Work\n\nparent!\n\n## Known Issues\n\n- [ ] one\n- [ ] own\n\n## Next Session\n";
    let merged = merge_shared(parent, base, child);
    let wanted = "## Current Work\n\nparent!\n\n## Known Issues\n\n- [x] one\n- [ ] own\n\n### Backend\n\n- [ ] two\n\n## Next Session\n";
    assert_eq!((merged.text.as_str(), merged.conflicts.len()), (wanted, 0));
    assert_eq!(merge_shared(parent, base, base).text, parent);
}

#[test]
fn a_section_that_the_parent_lacks_comes_after_its_title() {
    let parent = "# The parent\n\n## Current Work\n\nmine\n";
    let child = "# The child\n\n## Known Issues\n\n- [ ] slow\n";
    assert_eq!(merge_shared(parent, "", child).text, format!("{parent}\n## Known Issues\n\n- [ ] slow\n"));
    let child = format!("# The child\n\n## Known Issues\n\n- [ ] slow\n\n{}", "## Current Work\n\ntheirs\n");
    let merged = "# The parent\n\n## Known Issues\n\n- [ ] slow\n\n## Current Work\n\nmine\n";
    assert_eq!(merge_shared(parent, "", &child).text, merged);
}
