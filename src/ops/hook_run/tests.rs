//! What a hook reads of its command line, and how much of a commit it counts.

use super::lines::{Extent, extent};
use super::*;
use crate::model::id::ObjectId;
use crate::ops::fixture::{Fixture, Saving};
use crate::ops::tree_diff::first_changes;

#[test]
fn the_command_line_names_a_hook_or_nothing() {
    let call = HookCall::parse(["--shared", "post-rewrite", "amend", "--shared"]).unwrap();
    assert_eq!((call.hook, call.is_shared), (Hook::PostRewrite, true));
    assert_eq!(call.arguments, ["amend", "--shared"]);
    assert!(!HookCall::parse(["post-commit"]).unwrap().is_shared);
    for words in [&[][..], &["--shared"], &["pre-push"], &["--help"]] {
        assert_eq!(HookCall::parse(words.iter().copied()), None, "{words:?}");
    }
}

fn tree(fixture: &Fixture, files: &[(&str, &str)]) -> ObjectId {
    let id = fixture.save(&Saving { files, ..Saving::default() });
    fixture.repo.store.tree_of(&id).unwrap()
}

#[test]
fn files_and_lines_are_counted_as_git_counts_them() {
    let fixture = Fixture::new();
    let old = tree(&fixture, &[("a", "1\n2\n3\n"), ("gone", "x\n"), ("same", "s\n"), ("bin", "\0old")]);
    let new = tree(&fixture, &[("a", "1\n2b\n3\n4"), ("new", "y\nz\n"), ("same", "s\n"), ("bin", "\0new")]);
    let counted = extent(&fixture.repo.store, Some(&old), &new).unwrap();
    assert_eq!(counted, Extent { files: Some(4), lines_added: Some(4), lines_removed: Some(2) });
    let numbers = fixture.git(&["diff", "--numstat", &old.to_string(), &new.to_string()]);
    let sum = |column: usize| -> u64 {
        let column = |line: &str| line.split('\t').nth(column)?.parse::<u64>().ok();
        numbers.lines().filter_map(column).sum()
    };
    assert_eq!((Some(sum(0)), Some(sum(1))), (counted.lines_added, counted.lines_removed));
}

#[test]
fn what_is_too_much_is_not_counted() {
    let fixture = Fixture::new();
    let long = "line\n".repeat(20_000);
    let large = tree(&fixture, &[("a", &long)]);
    let counted = extent(&fixture.repo.store, None, &large).unwrap();
    assert_eq!(counted, Extent { files: Some(1), lines_added: None, lines_removed: None });
    let names: Vec<String> = (0..1_500).map(|number| format!("d{}/f{number}", number % 50)).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let many = tree(&fixture, &files);
    assert_eq!(extent(&fixture.repo.store, None, &many).unwrap(), Extent::default());
    assert_eq!(first_changes(&fixture.repo.store, None, Some(&many), 1_500).unwrap().unwrap().len(), 1_500);
    assert!(first_changes(&fixture.repo.store, None, Some(&many), 1_499).unwrap().is_none());
}
