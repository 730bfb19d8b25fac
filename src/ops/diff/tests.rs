use super::*;
use crate::model::omission::Reason;
use crate::ops::fixture::{Fixture, Saving};
use crate::ops::show::show;

#[test]
fn two_points_are_compared_by_path_and_content() {
    let fixture = Fixture::new();
    let save = |files| fixture.save(&Saving { files, ..Saving::default() });
    save(&[("dir/a", "one\n"), ("b", "same"), ("gone", "x"), ("bin", "a\0b")]);
    save(&[("dir/a", "two\n"), ("b", "same"), ("bin", "a\0bc")]);
    let request = DiffRequest { from: Some("@~1".into()), to: Some("@".into()), paths: Vec::new() };
    let found = diff(&fixture.repo, &request).unwrap();
    let paths: Vec<_> = found.files.iter().map(|file| file.change.path.to_string()).collect();
    assert_eq!(paths, ["bin", "dir/a", "gone"]);
    assert!(matches!(found.files[0].content, FileContent::Binary { old: 3, new: 4 }));
    assert!(matches!(&found.files[1].content, FileContent::Text { old, new } if old == b"one\n" && new == b"two\n"));
    assert!(matches!(&found.files[2].content, FileContent::Text { new, .. } if new.is_empty()));
    let only = DiffRequest { paths: vec!["dir".into()], ..request };
    assert_eq!(diff(&fixture.repo, &only).unwrap().files.len(), 1);
}

#[test]
fn what_could_not_be_read_was_not_deleted() {
    let side = Some(Side { mode: Mode::File, id: ObjectId::from_bytes(&[1; 20]).unwrap() });
    let change = |path: &str| Change { path: path.into(), old: side, new: None };
    let left = |path: &str, reason| Omission { path: path.into(), reason };
    let omissions = [left("secret", Reason::Vanished), left("lfs", Reason::FilterFailed { filter: "lfs".into() })];
    let changes = vec![change("lfs"), change("secret/in"), change("secret2")];
    let kept = without_omitted(changes, &omissions);
    assert_eq!(kept.iter().map(|change| change.path.to_string()).collect::<Vec<_>>(), ["lfs", "secret2"]);
}

#[test]
fn a_point_is_shown_against_its_base() {
    let fixture = Fixture::new();
    let id = fixture.save(&Saving { files: &[("new", "x")], ..Saving::default() });
    let shown = show(&fixture.repo, None).unwrap();
    assert_eq!(shown.checkpoint.summary.id, id);
    assert_eq!(shown.base_subject.as_deref(), Some("first commit"));
    assert_eq!((shown.changes.len(), shown.staged.len(), shown.at_base), (1, 1, true));
    fixture.git(&["commit", "-q", "--allow-empty", "-m", "second"]);
    assert!(!show(&fixture.repo, Some("@")).unwrap().at_base);
}

#[test]
fn every_file_of_a_point_is_there_beside_what_its_base_has() {
    let fixture = Fixture::new();
    std::fs::write(fixture.root.join("gone"), "x").unwrap();
    std::fs::write(fixture.root.join("same"), "y").unwrap();
    fixture.git(&["add", "-A"]);
    fixture.git(&["commit", "-q", "-m", "two files"]);
    fixture.save(&Saving { files: &[("new", "x"), ("same", "y")], ..Saving::default() });
    let shown = show(&fixture.repo, None).unwrap();
    let files = crate::ops::show::files(&fixture.repo, &shown.checkpoint).unwrap();
    let lines: Vec<_> = files
        .iter()
        .map(|file| format!("{} {}", if file.old == file.new { ' ' } else { file.letter() }, file.path))
        .collect();
    assert_eq!(lines, ["D gone", "A new", "  same"]);
}
