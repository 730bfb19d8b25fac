use jiff::civil::date;

use super::*;

#[test]
fn completed_items_go_and_the_rest_stays_as_it_is() {
    let text = "# T\n\n- [x] a\n\n## Known Issues\n\n- [x] b\n  - [ ] open\n- [x] c\n  - [x] done\n- d\n1. [X] e\n2. [ ] f\n\n## Todo\n\n- [x] g\n- [x] h\n\ntext\n";
    let (rest, pruned) = prune(text);
    assert_eq!(rest, "# T\n\n## Known Issues\n\n- [x] b\n  - [ ] open\n- d\n1. [ ] f\n\n## Todo\n\ntext\n");
    let told: Vec<_> = pruned.iter().map(|one| (one.section.as_str(), one.number, one.text.as_str())).collect();
    assert_eq!(
        told,
        [("T", 1, "a"), ("Known Issues", 2, "c"), ("Known Issues", 4, "e"), ("Todo", 1, "g"), ("Todo", 2, "h")]
    );
    assert_eq!(pruned[1].source, "- [x] c\n  - [x] done\n");
    assert_eq!(prune(&rest), (rest.clone(), Vec::new()));
}

#[test]
fn the_archive_grows_by_day_and_section() {
    let (_, first) = prune("## Todo\n   - [x] a\r\n     more\r\n## Known Issues\n- [x] b");
    let (monday, tuesday) = (date(2026, 11, 23), date(2026, 11, 24));
    let text = archive("", &first, monday);
    let wanted = "# Archive\n\n## 2026-11-23\n\n### Todo\n\n- [x] a\n  more\n\n### Known Issues\n\n- [x] b\n";
    assert_eq!(text, wanted);
    let (_, second) = prune("## Todo\n- [x] c\n## Other\n- [x] d\n");
    let text = archive(&text, &second, monday);
    assert_eq!(text, wanted.replace("  more\n", "  more\n- [x] c\n") + "\n### Other\n\n- [x] d\n");
    let later = archive(&text, &second, tuesday);
    assert_eq!(later, text + "\n## 2026-11-24\n\n### Todo\n\n- [x] c\n\n### Other\n\n- [x] d\n");
    assert_eq!(archive("by hand", &[], monday), "by hand");
    let by_hand = archive("by hand", &second[..1], monday);
    assert_eq!(by_hand, "by hand\n\n## 2026-11-23\n\n### Todo\n\n- [x] c\n");
}
