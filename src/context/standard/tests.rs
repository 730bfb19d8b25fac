use super::*;
use crate::context::document::Document;

#[test]
fn a_new_document_has_the_sections_in_order_and_says_nothing_yet() {
    let text = new_document("My  project\n", &Standard::default());
    let document = Document::parse(&text);
    let names: Vec<_> = document.sections().iter().map(|section| section.name.as_str()).collect();
    assert_eq!(names[0], "My project");
    assert_eq!(names[1..], STANDARD);
    assert!(document.sections().iter().all(|section| !document.has_content(section)), "{text}");
    assert!(facts::has_block(&text) && text.ends_with("-->\n"));
    assert!(text.lines().all(|line| line.len() <= 100));
}

#[test]
fn a_project_may_have_sections_of_its_own() {
    let standard = Standard::of(["Goals", "next-session", "", "goals", "Risks"]);
    assert_eq!(standard.names(), ["Goals", "next-session", "Risks"]);
    let order = standard.order();
    assert_eq!(order[..4], ["Goals", TODO, "next-session", "Risks"]);
    assert_eq!(standard.spelling("NEXT SESSION"), Some("next-session"));
    assert_eq!(standard.spelling("known issues"), Some(KNOWN_ISSUES));
    assert_eq!(standard.spelling("other"), None);
}
