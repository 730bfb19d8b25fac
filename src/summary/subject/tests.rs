use super::*;

fn sort(subject: &str) -> Sort {
    Subject::parse(subject, "").sort
}

#[test]
fn the_common_habits_are_understood() {
    let cases = [
        ("feat(parser): read arrays", Sort::Feature, Some("parser")),
        ("fix: a crash on empty input", Sort::Fix, None),
        ("sync: add `Notify::notify_last` (#6520)", Sort::Feature, Some("sync")),
        ("rt: reduce lock contention when spawning", Sort::Performance, Some("rt")),
        ("Fix the deadlock in drop", Sort::Fix, None),
        ("ci: fix the docs job", Sort::Chore, Some("ci")),
        ("chore: prepare v1.35.0", Sort::Release, None),
        ("chore: fix clippy warnings", Sort::Style, None),
        ("docs: fix typo in README", Sort::Style, Some("docs")),
        ("io: document cancel safety of `copy`", Sort::Documentation, Some("io")),
        ("Bump serde from 1.0.1 to 1.0.2 (#12)", Sort::Dependency, None),
        ("chore(deps): bump actions/checkout from 3 to 4", Sort::Dependency, Some("deps")),
        ("add tests for the parser", Sort::Test, None),
        ("refactor: move the parser", Sort::Refactoring, None),
        ("Remove unused import", Sort::Refactoring, None),
        ("Remove the `old` feature", Sort::Removal, None),
        ("1.2.3", Sort::Release, None),
        ("Release 2.0", Sort::Release, None),
        ("net: drop support for 1.63", Sort::Removal, Some("net")),
        (":bug: fix the parser", Sort::Fix, None),
        ("✨ Add a parser", Sort::Feature, None),
        ("Something else entirely", Sort::Other, None),
    ];
    for (subject, expected, area) in cases {
        let parsed = Subject::parse(subject, "");
        assert_eq!((parsed.sort, parsed.area.as_deref()), (expected, area), "{subject}");
    }
}

#[test]
fn a_sentence_with_a_colon_has_no_area() {
    let parsed = Subject::parse("Do what the issue says should be done: nothing", "");
    assert_eq!(parsed.area, None);
    assert_eq!(parsed.text, "Do what the issue says should be done: nothing");
}

#[test]
fn numbers_of_pull_requests_are_found_where_they_stand() {
    let number = |subject: &str, body: &str| Subject::parse(subject, body).pull_request;
    assert_eq!(number("fix it (#12)", "").as_deref(), Some("#12"));
    assert_eq!(number("fix it (#12) (#13)", "").as_deref(), Some("#13"));
    assert_eq!(number("fix #12 by hand", ""), None);
    assert_eq!(number("Merge pull request #7 from a/b", "").as_deref(), Some("#7"));
    assert_eq!(number("Merge branch 'x' into 'main'", "Add y\n\nSee merge request g/p!44").as_deref(), Some("!44"));
    assert_eq!(number("Auto merge of #99 - a:b, r=c", "Add z").as_deref(), Some("#99"));
}

#[test]
fn a_merged_pull_request_has_the_title_of_its_body() {
    let parsed = Subject::parse("Merge pull request #7 from ann/fix-it", "\nFix the parser for `a`\n\nlong text");
    assert_eq!((parsed.told().as_str(), parsed.sort), ("Fix the parser for `a` (#7)", Sort::Fix));
    let untitled = Subject::parse("Merge pull request #7 from ann/fix-the-parser", "");
    assert_eq!((untitled.told().as_str(), untitled.sort), ("fix the parser (#7)", Sort::Fix));
    assert!(Subject::parse("Merge branch 'main' into x", "").is_plain_merge);
    assert!(Subject::parse("Merge remote-tracking branch 'origin/main'", "").is_plain_merge);
    assert!(!Subject::parse("merge adjacent chunks when reading", "").is_plain_merge);
}

#[test]
fn what_is_undone_or_mended_is_named() {
    assert_eq!(Subject::parse("Revert \"sync: add x (#3)\" (#4)", "").reverts.as_deref(), Some("sync: add x"));
    let revert = Subject::parse("Revert \"fix(sync): close x (#3)\" (#4)", "");
    assert_eq!((revert.area.as_deref(), revert.sort), (None, Sort::Change), "it fixes nothing");
    assert_eq!(revert.told(), "Revert \"fix(sync): close x (#3)\" (#4)");
    assert_eq!(sort("Revert \"ci: add a job\""), Sort::Chore);
    assert_eq!(Subject::parse("fixup! sync: add x", "").mends.as_deref(), Some("sync: add x"));
    assert_eq!(Subject::parse("reverted nothing", "").reverts, None);
}

#[test]
fn what_breaks_or_endangers_is_seen() {
    assert!(Subject::parse("feat!: take a path", "").is_breaking);
    assert!(Subject::parse("change it", "BREAKING CHANGE: all").is_breaking);
    assert!(Subject::parse("fix unsound `Send` of x", "").is_security);
}

#[test]
fn dependencies_are_told_from_releases() {
    assert_eq!(sort("update nix dependency to 0.27.1"), Sort::Dependency);
    assert_eq!(sort("Update changelog for 1.2"), Sort::Release);
    assert_eq!(sort("Bump MSRV to 1.71"), Sort::Change);
    assert_eq!(sort("build: update the gnulib submodule to latest"), Sort::Dependency);
    assert_eq!(sort("perf: implement decoding of events"), Sort::Feature);
    assert_eq!(sort("perf: twice as fast"), Sort::Performance);
    assert_eq!(sort("build(deps): update rustix requirement from 0.37 to 0.38"), Sort::Dependency);
}

proptest::proptest! {
    #[test]
    fn any_message_is_read(subject in ".*", body in "(?s).{0,80}", start in "(Merge |Revert |fixup! |\\[|Revert: |x\\(|Merge #1: )?") {
        let _ = Subject::parse(&format!("{start}{subject}"), &body).told();
    }
}
