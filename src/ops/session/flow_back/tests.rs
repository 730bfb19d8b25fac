use super::*;

const NEW: &str = "# New\n\n## Current Work\n\n## Recent Decisions\n";
const PARENT: &str = "# P\n\n## Current Work\n\nmine\n\n## Recent Decisions\n\n- one\n";

#[test]
fn a_step_is_made_exactly_where_nobody_has_gone_on() {
    let after = PARENT.replace("- one\n", "- one\n- two\n");
    assert_eq!(stepped_text(Some(&after), Some(&after), Some(PARENT)).as_deref(), Some(PARENT));
    let gone_on = after.replace("mine", "changed");
    let back = stepped_text(Some(&gone_on), Some(&after), Some(PARENT)).unwrap();
    assert!(back.contains("changed") && !back.contains("- two"), "{back}");
    assert_eq!(stepped_text(Some(PARENT), Some(&after), Some(PARENT)), None);
}

fn documents(all: &[(&str, &str, &str)]) -> Documents {
    let mut documents = Documents::default();
    for (name, path, text) in all {
        documents.list.add(&name.parse().unwrap(), [(*path).into()]);
        documents.texts.insert((*name).to_owned(), (*text).to_owned());
    }
    documents
}

/// The partitions that ours has after theirs came back: name, paths, text.
fn merged(base: &Documents, ours: Documents, theirs: Documents) -> Vec<(String, String, String)> {
    let sides = Sides { base: base.clone(), ours, theirs };
    let files = sides
        .merged(&|_, texts| {
            let own = texts.ours.unwrap_or(NEW);
            Ok(merge_shared(own, texts.base.unwrap_or_default(), texts.theirs).text)
        })
        .unwrap();
    let Sides { mut ours, .. } = sides;
    for (path, bytes) in files {
        let text = bytes.map(|bytes| String::from_utf8(bytes).unwrap());
        match (name_of(path.to_str().unwrap()).map(str::to_owned), text) {
            (None, text) => ours.list = Partitions::parse(&text.unwrap_or("version = 1".into())).unwrap(),
            (Some(name), Some(text)) => drop(ours.texts.insert(name, text)),
            (Some(name), None) => drop(ours.texts.remove(&name)),
        }
    }
    let row = |(name, paths): (&str, &[bstr::BString])| {
        let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        (name.to_owned(), paths.join(" "), ours.texts[name].clone())
    };
    assert_eq!(ours.texts.len(), ours.list.iter().count());
    ours.list.iter().map(row).collect()
}

fn row(name: &str, paths: &str, text: &str) -> (String, String, String) {
    (name.to_owned(), paths.to_owned(), text.to_owned())
}

#[test]
fn shared_sections_of_partitions_flow_and_the_rest_does_not() {
    let base = documents(&[("web", "web", PARENT)]);
    let child = PARENT.replace("mine", "other").replace("- one\n", "- one\n- two\n");
    let grown = PARENT.replace("- one\n", "- zero\n- one\n");
    let found = merged(&base, documents(&[("web", "web", &grown)]), documents(&[("web", "web", &child)]));
    assert_eq!(found, [row("web", "web", &grown.replace("- one\n", "- one\n- two\n"))]);
}

#[test]
fn partitions_come_and_go_with_what_the_child_made_of_them() {
    let base = documents(&[("a", "a", PARENT), ("b", "b", PARENT)]);
    let theirs = documents(&[("a", "a", PARENT), ("a", "more", PARENT), ("new", "n", PARENT)]);
    let added = "# New\n\n## Current Work\n\n## Recent Decisions\n\n- one\n";
    assert_eq!(merged(&base, base.clone(), theirs.clone()), [row("a", "a more", PARENT), row("new", "n", added)]);
    // What was said in it meanwhile is not taken away, and what both sides know already is not said twice.
    let grown = PARENT.replace("- one\n", "- one\n- three\n");
    let ours = documents(&[("a", "a", PARENT), ("a", "own", PARENT), ("b", "b", &grown)]);
    let expected = [row("a", "a own more", PARENT), row("b", "b", &grown), row("new", "n", added)];
    let found = merged(&base, ours, theirs.clone());
    assert_eq!(found, expected);
    let again = documents(&[("a", "a", PARENT), ("a", "own", PARENT), ("a", "more", PARENT), ("b", "b", &grown)]);
    assert_eq!(merged(&base, again, theirs)[..2], expected[..2]);
}
