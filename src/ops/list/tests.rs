use super::*;
use crate::ops::fixture::{Fixture, Saving};
use crate::ops::label;

fn notes(fixture: &Fixture, request: &ListRequest) -> Vec<String> {
    let found = list(&fixture.repo, request).unwrap();
    found.points.into_iter().map(|point| point.summary.subject).collect()
}

#[test]
fn sessions_are_interleaved_by_time_and_each_keeps_its_order() {
    let fixture = Fixture::new();
    let at = |session, note, created| Saving { session, note, created, ..Saving::default() };
    fixture.save(&at("main", "m1", "2026-11-21T10:00:00Z"));
    fixture.save(&at("main", "m2", "2026-11-21T07:00:00Z"));
    fixture.save(&at("main", "m3", "2026-11-21T12:00:00Z"));
    fixture.save(&at("side", "s1", "2026-11-21T11:00:00Z"));
    fixture.save(&at("side", "s2", "2026-11-21T09:00:00Z"));
    assert_eq!(notes(&fixture, &ListRequest::default()), ["m3", "s2", "s1", "m2", "m1"]);
    let request = ListRequest { session: Some("side".into()), ..ListRequest::default() };
    assert_eq!(notes(&fixture, &request), ["s2", "s1"]);
    let request = ListRequest { since: "2026-11-21T10:30:00Z".parse().ok(), ..ListRequest::default() };
    assert_eq!(notes(&fixture, &request), ["m3", "s1"]);
    let request = ListRequest { session: Some("sid".into()), ..ListRequest::default() };
    assert!(matches!(list(&fixture.repo, &request), Err(OpError::UnknownSession { .. })));
}

#[test]
fn filters_limit_names_and_safety() {
    let fixture = Fixture::new();
    let first = fixture.noted("first");
    fixture.save(&Saving { note: "kept", kind: CheckpointKind::Safety, ..Saving::default() });
    fixture.git(&["checkout", "-q", "-b", "topic"]);
    fixture.noted("second");
    label::name(&fixture.repo, &first.to_string(), &"one".parse().unwrap(), false).unwrap();
    let found = list(&fixture.repo, &ListRequest { limit: Some(1), ..ListRequest::default() }).unwrap();
    assert!(found.truncated && found.points.len() == 1);
    let safety = ListRequest { safety: true, ..ListRequest::default() };
    assert_eq!(notes(&fixture, &safety), ["second", "kept", "first"]);
    let branch = ListRequest { branch: Some("main".into()), ..ListRequest::default() };
    let found = list(&fixture.repo, &branch).unwrap();
    assert_eq!(found.points.len(), 1);
    assert_eq!(found.points[0].names, ["one"]);
}

#[test]
fn nothing_saved_is_an_empty_list() {
    let found = list(&Fixture::new().repo, &ListRequest::default()).unwrap();
    assert!(found.points.is_empty() && !found.truncated && found.damaged.is_empty());
}

#[test]
fn a_damaged_point_is_named_and_the_others_are_listed() {
    let fixture = Fixture::new();
    fixture.noted("sound");
    let commit = fixture.git(&["rev-parse", "HEAD"]);
    fixture.git(&["update-ref", &format!("refs/ckpt/checkpoints/{commit}"), &commit]);
    fixture.git(&["update-ref", &format!("refs/ckpt/checkpoints/{}", "1".repeat(40)), &commit]);
    let found = list(&fixture.repo, &ListRequest::default()).unwrap();
    assert_eq!(found.points.len(), 1);
    let mut damaged: Vec<_> = found.damaged.iter().map(|(name, _)| name.rsplit('/').next().unwrap()).collect();
    damaged.sort_unstable();
    let mut expected = [commit.as_str(), &"1".repeat(40)];
    expected.sort_unstable();
    assert_eq!(damaged, expected);
}
