use super::*;

fn settled(file: Option<&str>, current: Option<&str>, base: Option<&str>) -> Settled {
    settle(&Sides { file, current, base })
}

#[test]
fn who_moved_alone_is_followed() {
    assert_eq!(settled(Some("a"), Some("a"), None), Settled::InStep);
    assert_eq!(settled(Some("b"), Some("a"), Some("a")), Settled::Taken);
    assert_eq!(settled(Some("a"), Some("b"), Some("a")), Settled::Rewrite);
    assert_eq!(settled(Some("a"), None, Some("a")), Settled::Taken);
    assert_eq!(settled(None, Some("a"), Some("a")), Settled::Rewrite);
    assert_eq!(settled(None, None, None), Settled::InStep);
}

#[test]
fn two_edits_are_merged() {
    let base = "# T\n\n## A\n\n- one\n\n## B\n\n- two\n";
    let ours = base.replace("- one\n", "- one\n- by hand\n");
    let theirs = base.replace("- two\n", "- two\n- by command\n");
    let Settled::Merged { text, conflicts } = settled(Some(&ours), Some(&theirs), Some(base)) else { panic!() };
    assert!(text.contains("- by hand\n") && text.contains("- by command\n"), "{text}");
    assert_eq!(conflicts, Vec::<String>::new());
}

#[test]
fn sections_that_changed_came_or_went_are_named_once() {
    let old = "# T\n\n## A\n\nx\n\n## B\n\ny\n\n## C\n";
    let new = "# T\n\n## A\n\nx!\n\n## B\n\ny\n\n## D\n\n## D\n";
    let mut changed = changed_sections(old, new);
    changed.sort();
    assert_eq!(changed, ["A", "C", "D"]);
    assert_eq!(changed_sections(old, old), Vec::<String>::new());
    assert_eq!(changed_sections("", "only text\n"), [""]);
}
