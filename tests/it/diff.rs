//! `ckpt diff`.

use crate::sandbox::Sandbox;

fn changed() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("text.txt", "one\ntwo\nthree\n");
    sandbox.write("data.bin", b"\0\x01\x02");
    sandbox.save(&["first"]);
    sandbox.write("text.txt", "one\n2\nthree\n");
    sandbox.write("data.bin", b"\0\x01\x03\x04");
    sandbox.chmod("run.sh", 0o644);
    sandbox.write("new.txt", "new\n");
    sandbox.remove("a.txt");
    sandbox
}

#[test]
fn a_point_against_the_work_tree() {
    let sandbox = changed();
    let before = sandbox.repository();
    let text = sandbox.ckpt(&["diff", "first"]).succeeds().stdout();
    for part in ["-two", "+2", "new.txt", "a.txt", "run.sh", "data.bin"] {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
    assert!(text.to_lowercase().contains("binary") && text.contains("mode"), "{text}");
    before.must_equal(&sandbox.repository(), "a diff writes nothing");
}

#[test]
fn the_default_is_the_latest_point() {
    let sandbox = changed();
    assert_eq!(sandbox.ckpt(&["diff"]).succeeds().stdout(), sandbox.ckpt(&["diff", "first"]).succeeds().stdout());
}

#[test]
fn two_points_and_some_paths() {
    let sandbox = changed();
    sandbox.save(&["second"]);
    let whole = sandbox.ckpt(&["diff", "first", "second"]).succeeds().stdout();
    assert!(whole.contains("text.txt") && whole.contains("new.txt"), "{whole}");
    let part = sandbox.ckpt(&["diff", "first", "second", "--", "text.txt"]).succeeds().stdout();
    assert!(part.contains("text.txt") && !part.contains("new.txt"), "{part}");
    let inside = sandbox.ckpt_in("work/src", &["diff", "first", "second", "--", "../text.txt"]).succeeds();
    assert!(inside.stdout().contains("+2"), "{}", inside.describe());
    let nothing = sandbox.ckpt(&["diff", "second", "second"]).succeeds();
    assert!(!nothing.stdout().contains('+'), "{}", nothing.describe());
}

#[test]
fn the_patch_is_one_that_git_applies() {
    let sandbox = changed();
    sandbox.write("data.bin", b"\0\x01\x02");
    sandbox.save(&["second"]);
    let patch = sandbox.ckpt(&["diff", "first", "second", "--color", "never"]).succeeds().stdout();
    let _ = sandbox.ckpt(&["load", "first", "--yes"]).succeeds();
    std::fs::write(sandbox.root().join("patch"), &patch).unwrap();
    let applied = sandbox.try_git(&["apply", "../patch"]);
    assert_eq!(applied.code(), Some(0), "{}\n{patch}", applied.describe());
    assert_eq!(sandbox.read("text.txt"), b"one\n2\nthree\n");
    assert!(!sandbox.exists("a.txt"));
}

#[test]
fn over_twenty_files_it_counts() {
    let sandbox = Sandbox::new();
    sandbox.save(&["first"]);
    for number in 0..25 {
        sandbox.write(format!("many/{number}.txt"), "content line\n");
    }
    let text = sandbox.ckpt(&["diff"]).succeeds().stdout();
    assert!(!text.contains("+content line"), "{text}");
    assert!(text.contains("25"), "{text}");
}

#[test]
fn as_data_and_unknown() {
    let sandbox = changed();
    let document = sandbox.ckpt(&["diff", "--json"]).succeeds().json();
    assert_eq!(document["schema"], "ckpt.diff/1");
    assert_eq!(document["files"].as_array().unwrap().len(), 5);
    let _ = sandbox.ckpt(&["diff", "absent"]).ends_with(1).warns("absent");
    let _ = Sandbox::new().ckpt(&["diff"]).ends_orderly();
}
