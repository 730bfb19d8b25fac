use proptest::prelude::*;

use super::*;
use crate::report::json::brief::Json;
use crate::summary::brief::{Material, compose};
use crate::summary::tokens::{TokenCounter, Tokens};

fn entry(shape: Shape, label: Option<&str>, text: &str) -> Entry {
    Entry { shape, label: label.map(str::to_owned), time: None, text: text.to_owned(), is_pinned: false }
}

fn section(name: &'static str, title: &'static str, entries: Vec<Entry>) -> Section {
    Section { name, title, entries, has_older: false, source: format!("ckpt {name} list"), share: 30 }
}

fn material() -> Material {
    let at = "2026-11-21T09:00:00Z".parse().unwrap();
    let fact = Entry { time: Some(at), is_pinned: true, ..entry(Shape::Fact, Some("last checkpoint"), "works") };
    let commit = Entry { time: Some(at), ..entry(Shape::Item, Some("0123456789"), "fix <b> & \"c\"") };
    let changed = entry(Shape::Item, Some("M"), "src/main.rs +1 -2");
    let event = Entry { time: Some(at), ..entry(Shape::Item, Some("tool"), "ran it\n# no heading\x1b[2J") };
    let document = entry(Shape::Document, Some("README.md, 3 lines"), "a\n````\n## also no heading\n```");
    Material {
        sections: vec![
            section("state", "State", vec![fact]),
            section("issue", "Issues", vec![entry(Shape::Numbered, Some("2"), "leaks\nat night")]),
            section("events", "Events", vec![commit, changed, event]),
            section("documents", "Documents", vec![document]),
        ],
    }
}

fn written(material: &Material, budget: usize, form: &dyn Form) -> String {
    compose(material, budget, &Tokens::load(), form).unwrap().text
}

#[test]
fn markdown_keeps_everybody_in_their_place() {
    let text = written(&material(), 4000, &Markdown);
    let expected = "# Brief\n\n## State\n\n- last checkpoint, 2026-11-21T09:00:00Z: works\n\n## Issues\n\n2. leaks\n   at night\n\n\
                    ## Events\n\n- 2026-11-21 0123456789 fix <b> & \"c\"\n- M src/main.rs +1 -2\n\
                    - 2026-11-21 tool: ran it\n  # no heading\\x1b[2J\n\n## Documents\n\n\
                    README.md, 3 lines:\n`````text\na\n````\n## also no heading\n```\n`````\n";
    assert_eq!(text, expected);
}

#[test]
fn what_is_left_out_is_told_with_the_way_to_it() {
    let many = (0..300).map(|number| entry(Shape::Item, None, &format!("issue {number}"))).collect();
    let material = Material { sections: vec![Section { has_older: true, ..section("issue", "Issues", many) }] };
    let text = written(&material, 200, &Markdown);
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("- Issues: ") && last.ends_with(" more, older ones, `ckpt issue list`"), "{text}");
}

#[test]
fn xml_is_escaped_and_whole() {
    let text = written(&material(), 4000, &Xml);
    assert!(text.starts_with(
        "<brief>\n<section name=\"state\">\n<fact label=\"last checkpoint\" time=\"2026-11-21T09:00:00Z\">"
    ));
    assert!(
        text.contains(">fix &lt;b&gt; &amp; &quot;c&quot;</item>") && text.contains("<item number=\"2\">"),
        "{text}"
    );
    assert!(text.ends_with("</section>\n</brief>\n") && !text.contains('\x1b'), "{text}");
}

#[test]
fn json_tells_its_own_size() {
    let tokens = Tokens::load();
    for budget in [500, 999, 1000, 4000] {
        let Ok(composed) = compose(&material(), budget, &tokens, &Json) else { panic!("{budget} is enough") };
        let value: serde_json::Value = serde_json::from_str(&composed.text).unwrap();
        assert_eq!(value["tokens"], tokens.count(&composed.text));
        assert_eq!((&value["schema"], &value["budget"]), (&"ckpt.brief/1".into(), &budget.into()));
    }
}

fn any_material() -> impl Strategy<Value = Material> {
    let text = "\\PC{1,80}|([a-z]{1,9}[ \n/]){1,60}|[`~<>&\"'#\n]{1,40}|(.|\n){1,40}";
    let one = (text, 0..4usize, prop::option::of("\\PC{1,12}"), any::<bool>());
    let entries = prop::collection::vec(one, 0..12).prop_map(|all| {
        let shapes = [Shape::Fact, Shape::Item, Shape::Numbered, Shape::Document];
        let mut entries: Vec<Entry> = all
            .into_iter()
            .map(|(text, shape, label, is_pinned)| Entry { is_pinned, ..entry(shapes[shape], label.as_deref(), &text) })
            .collect();
        entries.sort_by_key(|entry| !entry.is_pinned);
        entries
    });
    prop::collection::vec(entries, 0..5)
        .prop_map(|all| Material { sections: all.into_iter().map(|entries| section("any", "Any", entries)).collect() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn in_no_form_a_brief_has_more_tokens_than_the_budget(material in any_material(), budget in 0usize..1500, form in 0..3usize) {
        let form: &dyn Form = [&Markdown as &dyn Form, &Xml, &Json][form];
        let tokens = Tokens::load();
        match compose(&material, budget, &tokens, form) {
            Ok(composed) => prop_assert!(tokens.count(&composed.text) <= budget),
            Err(small) => prop_assert!(compose(&material, small.least, &tokens, form).is_ok()),
        }
    }

    #[test]
    fn no_document_closes_its_fence(text in "([`~a]{0,6}\n){1,12}") {
        let shown = entry(Shape::Document, Some("x"), &text);
        let written = Markdown.entry(&Shown::whole(&shown));
        let lines: Vec<&str> = written.lines().collect();
        let fence = lines[lines.len() - 1];
        prop_assert_eq!(lines[1], format!("{fence}text"));
        prop_assert!(lines[2..lines.len() - 1].iter().all(|line| !line.starts_with(fence)), "{}", written);
    }
}
