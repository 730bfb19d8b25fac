use proptest::prelude::*;

use super::*;

/// A token is a word, or a mark.
struct Words;

impl TokenCounter for Words {
    fn count(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }
}

/// The whole is more than its parts: no encoding is as bad.
struct Surprising;

impl TokenCounter for Surprising {
    fn count(&self, text: &str) -> usize {
        text.len() + text.len() * text.len() / 200
    }
}

struct Plain;

impl Form for Plain {
    fn render(&self, brief: &Brief<'_>) -> String {
        let mut out = format!("{} of {}\n", brief.tokens, brief.budget);
        for part in &brief.sections {
            out.push_str(&self.heading(part.section));
            part.entries.iter().for_each(|shown| out.push_str(&self.entry(shown)));
        }
        for left in &brief.left_out {
            out.push_str(&format!("without {} {} {}\n", left.section.name, left.entries, left.cut));
        }
        out
    }

    fn heading(&self, section: &Section) -> String {
        format!("[{}]\n", section.title)
    }

    fn entry(&self, shown: &Shown<'_>) -> String {
        format!("- {}{}\n", shown.text, if shown.is_cut() { " …" } else { "" })
    }
}

fn entry(text: &str) -> Entry {
    Entry { shape: Shape::Item, label: None, time: None, text: text.to_owned(), is_pinned: false }
}

fn pin(text: &str) -> Entry {
    Entry { is_pinned: true, ..entry(text) }
}

fn section(name: &'static str, entries: Vec<Entry>) -> Section {
    Section { name, title: name, entries, has_older: false, source: format!("see {name}"), share: 30 }
}

fn material() -> Material {
    let many = (0..100).map(|number| entry(&format!("event {number}"))).collect();
    Material {
        sections: vec![
            section("next", vec![pin("first step"), entry("second step")]),
            section("events", many),
            section("todo", vec![entry("tidy up")]),
        ],
    }
}

fn text(material: &Material, budget: usize) -> String {
    compose(material, budget, &Words, &Plain).unwrap().text
}

#[test]
fn with_room_for_all_of_it_nothing_is_left_out() {
    let all = text(&material(), 1000);
    assert!(all.contains("event 99") && all.contains("tidy up") && !all.contains("without"), "{all}");
    let composed = compose(&material(), 1000, &Words, &Plain).unwrap();
    assert_eq!((composed.tokens, composed.text.lines().next()), (315, Some("315 of 1000")));
}

#[test]
fn each_section_has_a_share_before_one_takes_the_rest() {
    let some = text(&material(), 100);
    assert!(some.contains("event 20") && some.contains("tidy up") && some.contains("second step"), "{some}");
    assert!(some.contains("without events "), "{some}");
}

#[test]
fn what_is_pinned_comes_shortened_where_there_is_no_room() {
    let long = (0..60).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ");
    let material = Material { sections: vec![section("next", vec![pin(&long)])] };
    assert!(text(&material, 200).contains("w59"));
    let short = text(&material, 50);
    assert!(short.contains("w20") && short.contains("…") && short.contains("without next 0 1"), "{short}");
}

#[test]
fn a_budget_smaller_than_what_is_pinned_is_told_the_least() {
    let least = compose(&material(), 5, &Words, &Plain).unwrap_err().least;
    assert_eq!(compose(&material(), least - 1, &Words, &Plain).unwrap_err().least, least);
    assert!(compose(&material(), least, &Words, &Plain).is_ok());
}

#[test]
fn a_document_is_cut_at_the_end_of_a_line() {
    let lines = (0..40).map(|number| format!("line {number} of it")).collect::<Vec<_>>().join("\n");
    let document = Entry { shape: Shape::Document, ..entry(&lines) };
    let material = Material { sections: vec![section("documents", vec![document, entry("after")])] };
    let some = text(&material, 80);
    assert!(some.contains("line 12 of it") && !some.contains("line 39") && some.contains(" of it …"), "{some}");
    assert!(some.contains("without documents 1 1"), "{some}");
    assert!(text(&material, 400).contains("line 39 of it\n- after"));
}

/// Counts how many bytes were counted.
struct Counting(std::cell::Cell<usize>);

impl TokenCounter for Counting {
    fn count(&self, text: &str) -> usize {
        self.0.set(self.0.get() + text.len());
        Words.count(text)
    }
}

#[test]
fn what_has_no_room_is_not_counted() {
    let many = (0..10_000).map(|number| entry(&format!("event number {number}"))).collect();
    let material = Material { sections: vec![section("events", many)] };
    let counter = Counting(0.into());
    let composed = compose(&material, 400, &counter, &Plain).unwrap();
    assert!(composed.tokens > 390, "{}", composed.tokens);
    assert!(counter.0.get() < composed.text.len() * 5, "{} bytes for {}", counter.0.get(), composed.text.len());
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let text = "\\PC{1,60}|([a-z`<&\"]{1,9}[ \n]){1,40}|\u{1F600}{1,40}";
    (text, prop::option::of("[a-z0-9]{1,8}"), 0..4usize).prop_map(|(text, label, shape)| Entry {
        shape: [Shape::Fact, Shape::Item, Shape::Numbered, Shape::Document][shape],
        label,
        ..entry(&text)
    })
}

prop_compose! {
    fn any_section()(
        entries in prop::collection::vec(any_entry(), 0..8), pinned in 0usize..4, share in 0usize..101, older: bool,
    ) -> Section {
        let mut section = Section { share, has_older: older, ..section("any", entries) };
        section.entries.iter_mut().take(pinned).for_each(|entry| entry.is_pinned = true);
        section
    }
}

proptest! {
    #[test]
    fn never_over_budget_and_never_without_what_is_pinned(
        sections in prop::collection::vec(any_section(), 0..6), budget in 0usize..3000, is_surprising: bool,
    ) {
        let material = Material { sections };
        let counter: &dyn TokenCounter = if is_surprising { &Surprising } else { &Words };
        match compose(&material, budget, counter, &Plain) {
            Ok(composed) => {
                prop_assert!(composed.tokens <= budget);
                prop_assert_eq!(composed.tokens, counter.count(&composed.text));
                for entry in material.sections.iter().flat_map(|section| &section.entries).filter(|one| one.is_pinned) {
                    let start = entry.text.split_whitespace().next().unwrap_or_default();
                    let start: String = start.chars().take(2).collect();
                    prop_assert!(is_surprising || composed.text.contains(&start), "{} of {}", start, composed.text);
                }
                prop_assert_eq!(Ok(composed), compose(&material, budget, counter, &Plain));
            }
            Err(TooSmall { least }) => {
                prop_assert!(least > budget);
                prop_assert!(compose(&material, least, counter, &Plain).is_ok());
            }
        }
    }
}
