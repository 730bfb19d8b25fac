//! `ckpt list`.

use std::process::Stdio;

use crate::sandbox::Sandbox;

fn three() -> Sandbox {
    let sandbox = Sandbox::new();
    for (moment, name) in [("08:00", "one"), ("08:30", "two"), ("08:59", "three")] {
        sandbox.at(&format!("2026-11-21T{moment}:00Z"));
        sandbox.write("a.txt", name);
        sandbox.save(&[name, "-m", &format!("note {name}\n\nmore")]);
    }
    sandbox.at("2026-11-21T09:00:00Z");
    sandbox
}

fn names(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let mut all = vec!["list", "--json"];
    all.extend(arguments);
    let document = sandbox.ckpt(&all).succeeds().json();
    let points = document["points"].as_array().unwrap().iter();
    points.map(|point| point["names"][0].as_str().unwrap_or("").to_owned()).collect()
}

#[test]
fn nothing_saved_yet_says_what_to_type() {
    let _ = Sandbox::new().ckpt(&["list"]).succeeds().mentions("ckpt save");
    let document = Sandbox::new().ckpt(&["list", "--json"]).succeeds().json();
    assert_eq!(document["points"], serde_json::json!([]));
}

#[test]
fn the_newest_is_first_with_age_branch_and_note() {
    let outcome = three().ckpt(&["list"]).succeeds();
    let text = outcome.stdout();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].contains("three") && lines[0].contains("1m ago"), "{text}");
    assert!(lines[0].contains("main") && lines[0].contains("note three"), "{text}");
    assert!(lines[2].contains("one"), "{text}");
    assert!(!text.contains("more"), "only the note's first line belongs here: {text}");
}

#[test]
fn lines_fit_the_terminal() {
    let sandbox = three();
    sandbox.save(&["--always", "-m", &"wide ".repeat(60)]);
    for width in ["60", "80", "120"] {
        sandbox.set("COLUMNS", width);
        let text = sandbox.ckpt(&["list"]).succeeds().stdout();
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width.parse().unwrap(), "{widest} columns of {width}:\n{text}");
    }
}

#[test]
fn filters() {
    let sandbox = three();
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.save(&["aside"]);
    assert_eq!(names(&sandbox, &[]), ["aside", "three", "two", "one"]);
    assert_eq!(names(&sandbox, &["--branch", "main"]), ["three", "two", "one"]);
    assert_eq!(names(&sandbox, &["--branch", "side"]), ["aside"]);
    assert_eq!(names(&sandbox, &["--since", "45m"]), ["aside", "three", "two"]);
    assert_eq!(names(&sandbox, &["--since", "2026-11-21T08:45:00Z"]), ["aside", "three"]);
    assert_eq!(names(&sandbox, &["--limit", "2"]), ["aside", "three"]);
    assert_eq!(names(&sandbox, &["--session", "main", "--limit", "1"]), ["aside"]);
    let _ = sandbox.ckpt(&["list", "--session", "absent"]).ends_with(1).warns("absent");
    let _ = sandbox.ckpt(&["list", "--since", "someday"]).ends_orderly().warns("someday");
}

#[test]
fn the_order_does_not_hang_on_the_clock() {
    let sandbox = three();
    sandbox.at("1970-01-02T00:00:00Z");
    sandbox.write("a.txt", "after the clock went back");
    sandbox.save(&["four"]);
    sandbox.at("2099-01-01T00:00:00Z");
    sandbox.write("a.txt", "far");
    sandbox.save(&["five"]);
    sandbox.at("2026-11-21T10:00:00Z");
    sandbox.write("a.txt", "now");
    sandbox.save(&["six"]);
    assert_eq!(names(&sandbox, &[]), ["six", "five", "four", "three", "two", "one"]);
}

#[test]
fn a_closed_pipe_is_quiet() {
    let sandbox = three();
    for _ in 0..5 {
        let mut command = sandbox.ckpt_command(&["list"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn foreign_text_never_reaches_the_terminal_raw() {
    let sandbox = Sandbox::new();
    sandbox.write("x\u{1b}[31m\u{202e}.txt", "x");
    sandbox.save(&["point", "-m", "evil \u{1b}]0;title\u{7}\u{202e} note"]);
    for arguments in [&["list"][..], &["show", "point"], &["diff", "point"], &["status"], &["operations"]] {
        let outcome = sandbox.ckpt(arguments).succeeds();
        let text = outcome.stdout() + &outcome.stderr();
        let raw = text.chars().find(|&one| one != '\n' && (one.is_control() || one == '\u{202e}'));
        assert_eq!(raw, None, "{arguments:?} printed {raw:?}\n{}", outcome.describe());
    }
}

/// Moves the pack that holds this object away, or one of its files.
fn lose(sandbox: &Sandbox, id: &str, extensions: &[&str]) {
    let packs = sandbox.git_dir().join("objects/pack");
    let indexes = std::fs::read_dir(&packs).unwrap().flatten().map(|entry| entry.path());
    let of_id = |path: &std::path::PathBuf| {
        path.extension().is_some_and(|extension| extension == "idx")
            && sandbox.git(&["verify-pack", "-v", path.to_str().unwrap()]).contains(id)
    };
    let index = indexes.into_iter().find(of_id).expect("some pack has the object");
    for extension in extensions {
        std::fs::remove_file(index.with_extension(extension)).unwrap();
    }
}

#[test]
fn a_point_whose_pack_is_gone_is_named_although_the_cache_knows_it() {
    for extensions in [&["pack", "idx"][..], &["pack"], &["idx"]] {
        let sandbox = three();
        assert_eq!(names(&sandbox, &[]), ["three", "two", "one"]);
        let id = sandbox.git(&["rev-parse", "refs/ckpt/names/two"]);
        lose(&sandbox, &id, extensions);
        for _ in 0..2 {
            assert_eq!(names(&sandbox, &[]), ["three", "one"], "without {extensions:?}");
            let _ = sandbox.ckpt(&["list"]).succeeds().warns(&id).warns("missing").says("three");
        }
        let _ = sandbox.ckpt(&["show", "two"]).ends_with(4).warns(&id[..10]);
        let _ = sandbox.ckpt(&["show", "one"]).succeeds();
        let _ = sandbox.ckpt(&["load", "three", "--yes"]).succeeds();
    }
}
