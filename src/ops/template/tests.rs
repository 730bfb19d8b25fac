use super::change::{NewText, store, tip_of};
use super::*;
use crate::ops::fixture::Fixture;
use crate::template::{DEEPEST, MOST_PARTS, TemplateError};

fn put(fixture: &Fixture, name: &str, body: &str) -> Result<ObjectId, OpError> {
    let text = format!("+++\ndescription = \"{name}\"\n+++\n{body}");
    let name: Name = name.parse().unwrap();
    let tip = tip_of(&fixture.repo, &name)?;
    let new = NewText { bytes: text.as_bytes(), file: None, verb: "add" };
    store(&fixture.repo, &name, &new, tip).map(|stored| stored.version)
}

fn problem(result: Result<ObjectId, OpError>) -> TemplateError {
    match result {
        Err(OpError::Templates(TemplatesError::Text(error))) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn how_deep_and_how_many_is_bounded() {
    let fixture = Fixture::new();
    put(&fixture, "t0", "# Plan\n").unwrap();
    for depth in 1..DEEPEST {
        put(&fixture, &format!("t{depth}"), &format!("{{% include \"t{}\" %}}", depth - 1)).unwrap();
    }
    let deeper = put(&fixture, "deep", &format!("{{% include \"t{}\" %}}", DEEPEST - 1));
    assert_eq!(problem(deeper), TemplateError::TooDeep { template: "deep".into(), limit: DEEPEST });
    let twice = |name: &str| format!("{{% include \"{name}\" %}}").repeat(MOST_PARTS / 2 + 1);
    put(&fixture, "half", &twice("t0")).unwrap();
    let many = put(&fixture, "many", &twice("half"));
    assert_eq!(problem(many), TemplateError::TooManyParts { template: "many".into(), limit: MOST_PARTS });
}

#[test]
fn a_version_is_that_of_all_parts_and_the_blob_where_there_are_none() {
    let fixture = Fixture::new();
    let alone = put(&fixture, "alone", "# Plan\n").unwrap();
    assert_eq!(fixture.git(&["rev-parse", "refs/ckpt/templates/alone:template.md"]).trim(), alone.to_string());
    let whole = put(&fixture, "whole", "{% include \"alone\" %}").unwrap();
    put(&fixture, "alone", "# Plan\n- [ ] more\n").unwrap();
    let resolved = resolve(&fixture.repo, "whole").unwrap();
    assert_ne!(resolved.version, whole);
    assert_eq!(resolved.template_use().name, "whole");
    assert!(matches!(resolved.origin, Origin::Repository { .. }) && resolved.shadows.is_empty());
}

#[test]
fn the_values_that_are_built_in_are_all_there() {
    let fixture = Fixture::new();
    let values = built_in_values(&fixture.repo, "A title", None);
    let names: Vec<&str> = values.keys().map(String::as_str).collect();
    let mut known = crate::template::BUILT_IN_VALUES;
    known.sort_unstable();
    assert_eq!(names, known);
    assert_eq!((values["title"].as_str(), values["branch"].as_str(), values["task"].as_str()), ("A title", "main", ""));
}

#[test]
fn an_unknown_template_is_told_with_the_nearest() {
    let fixture = Fixture::new();
    match resolve(&fixture.repo, "refacter") {
        Err(OpError::Templates(TemplatesError::Unknown { nearest, .. })) => assert_eq!(nearest[0], "refactor"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(resolve(&fixture.repo, "a b"), Err(OpError::BadName(_))));
}
