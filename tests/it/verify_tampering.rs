//! Edits behind ckpt's back are told by `ckpt verify`; what is legitimate is not.

use std::fs;
use std::process::Command;

use crate::forge::{edited_commit, object};
use crate::sandbox::{Outcome, Sandbox};
use crate::verify::must_be_whole;

const SESSION: &str = "refs/ckpt/sessions/main";

/// A session with three saves and words between them.
fn worked() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.set("COLUMNS", "400");
    for number in 1..=3 {
        sandbox.write("a.txt", format!("{number}\n"));
        sandbox.save(&[&format!("point{number}"), "-m", &format!("note {number}")]);
        let _ = sandbox.ckpt(&["note", &format!("word {number}")]).succeeds();
    }
    must_be_whole(&sandbox, "before anything is changed");
    sandbox
}

/// The commits of the session, oldest first.
fn chain(sandbox: &Sandbox) -> Vec<String> {
    sandbox.git(&["rev-list", "--first-parent", "--reverse", SESSION]).lines().map(str::to_owned).collect()
}

/// Makes commits like these, each on top of the one before, and puts the session at the last.
fn rechain(sandbox: &Sandbox, commits: &[String]) {
    let mut parent: Option<String> = None;
    for id in commits {
        let text = sandbox.git(&["cat-file", "commit", id]) + "\n";
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.retain(|line| !line.starts_with("parent "));
        if let Some(parent) = &parent {
            lines.insert(1, format!("parent {parent}"));
        }
        parent = Some(object(sandbox, "commit", (lines.join("\n") + "\n").as_bytes()));
    }
    sandbox.git(&["update-ref", SESSION, &parent.unwrap()]);
}

#[track_caller]
fn told(sandbox: &Sandbox, problem: &str) -> Outcome {
    let outcome = sandbox.ckpt(&["verify", "--json"]).ends_with(4);
    let found = outcome.json();
    let problems: Vec<&str> =
        found["findings"].as_array().unwrap().iter().filter_map(|one| one["problem"].as_str()).collect();
    assert!(problems.contains(&problem), "{problem} is not among {problems:?}\n{}", outcome.describe());
    sandbox.ckpt(&["verify", "--all"]).ends_with(4)
}

/// Without the anchors the form of the chain alone has to tell.
#[track_caller]
fn told_without_anchors(sandbox: &Sandbox, problem: &str) {
    let _ = fs::remove_dir_all(sandbox.home().join(".local/state"));
    told(sandbox, problem);
}

#[test]
fn a_changed_commit_is_told() {
    let sandbox = worked();
    let commits = chain(&sandbox);
    let text = sandbox.git(&["cat-file", "commit", &commits[3]]);
    assert!(text.contains("word 2"), "{text}");
    let changed = edited_commit(&sandbox, &commits[3], |text| text.replace("word 2", "word 7"));
    rechain(&sandbox, &[&commits[..3], &[changed], &commits[4..]].concat());
    let _ = told(&sandbox, "rewritten").says("session main").warns("`ckpt verify --accept`");
    let _ = sandbox.ckpt(&["verify", "--accept"]).succeeds();
    must_be_whole(&sandbox, "what was accepted");
}

#[test]
fn changed_events_are_told() {
    let sandbox = worked();
    let commits = chain(&sandbox);
    let segment = sandbox.git(&["show", &format!("{SESSION}:events/000001.jsonl")]);
    assert!(segment.contains("word 1"), "{segment}");
    let blob = object(&sandbox, "blob", (segment.replace("word 1", "word 9") + "\n").as_bytes());
    let events = format!("100644 blob {blob}\t000001.jsonl\n");
    let events = crate::forge::git_with(&sandbox, &["mktree"], events.as_bytes());
    let old = sandbox.git(&["rev-parse", &format!("{SESSION}:events")]);
    let listing = sandbox.git(&["ls-tree", SESSION]).replace(&old, &events) + "\n";
    let tree = crate::forge::git_with(&sandbox, &["mktree"], listing.as_bytes());
    let old_tree = sandbox.git(&["rev-parse", &format!("{SESSION}^{{tree}}")]);
    let tip = edited_commit(&sandbox, commits.last().unwrap(), |text| text.replace(&old_tree, &tree));
    sandbox.git(&["update-ref", SESSION, &tip]);
    let _ = told(&sandbox, "rewritten").says("events/000001.jsonl were changed or removed");
    told_without_anchors(&sandbox, "broken-history");
}

#[test]
fn a_truncated_history_is_told() {
    let sandbox = worked();
    let commits = chain(&sandbox);
    rechain(&sandbox, &commits[2..]);
    let _ = told(&sandbox, "rewritten").says("is cut off");
    told_without_anchors(&sandbox, "broken-history");
}

#[test]
fn a_history_without_its_middle_is_told() {
    let sandbox = worked();
    let commits = chain(&sandbox);
    rechain(&sandbox, &[&commits[..2], &commits[4..]].concat());
    let _ = told(&sandbox, "rewritten").says("a save before it is not there");
    told_without_anchors(&sandbox, "broken-history");
    let other = worked();
    let commits = chain(&other);
    rechain(&other, &[&commits[..3], &commits[4..]].concat());
    told(&other, "rewritten");
}

#[test]
fn a_reordered_history_is_told() {
    let sandbox = worked();
    let mut commits = chain(&sandbox);
    commits.swap(2, 4);
    rechain(&sandbox, &commits);
    let _ = told(&sandbox, "rewritten").says("counts back");
    told_without_anchors(&sandbox, "broken-history");
}

#[test]
fn a_forged_commit_on_top_is_told_and_so_it_is_below_a_later_save() {
    let sandbox = worked();
    let tip = sandbox.git(&["rev-parse", SESSION]);
    let forged = edited_commit(&sandbox, &tip, |text| {
        let (head, rest) = text.split_once("\nparent ").unwrap();
        format!("{head}\nparent {tip}{}", &rest[40..])
    });
    sandbox.git(&["update-ref", SESSION, &forged]);
    let _ = told(&sandbox, "unknown").says(&format!("commit {} came in without this user's ckpt", &forged[..10]));
    sandbox.write("a.txt", "later\n");
    sandbox.save(&["later"]);
    let _ = told(&sandbox, "unknown").says(&forged[..10]);
}

#[test]
fn a_forged_checkpoint_is_told_and_so_is_one_that_was_exchanged() {
    let sandbox = worked();
    let id = sandbox.git(&["rev-parse", "refs/ckpt/names/point2"]);
    let forged = edited_commit(&sandbox, &id, |text| text.replace("note 2", "note 8"));
    sandbox.git(&["update-ref", &format!("refs/ckpt/checkpoints/{forged}"), &forged]);
    let _ = told(&sandbox, "unknown").says(&forged[..10]).says("Unaffected: 3 of 4 checkpoints");
    sandbox.git(&["update-ref", "refs/ckpt/names/point2", &forged]);
    sandbox.git(&["update-ref", "-d", &format!("refs/ckpt/checkpoints/{id}")]);
    let _ = told(&sandbox, "gone").says("it was not dropped");
}

#[test]
fn a_history_of_another_session_is_told() {
    let (sandbox, other) = (worked(), worked());
    let from = other.work();
    sandbox.git(&["fetch", "-q", from.to_str().unwrap(), &format!("+{SESSION}:{SESSION}")]);
    told(&sandbox, "rewritten");
    let other_session = worked();
    other_session.git(&["update-ref", "refs/ckpt/sessions/side", SESSION]);
    let outcome = other_session.ckpt(&["verify", "--all"]).ends_with(4);
    let _ = outcome.says("which is of session main");
}

#[test]
fn a_session_that_was_set_back_is_told() {
    let sandbox = worked();
    let commits = chain(&sandbox);
    sandbox.git(&["update-ref", SESSION, &commits[3]]);
    let id = sandbox.git(&["rev-parse", "refs/ckpt/names/point3"]);
    sandbox.git(&["update-ref", "-d", "refs/ckpt/names/point3"]);
    sandbox.git(&["update-ref", "-d", &format!("refs/ckpt/checkpoints/{id}")]);
    let _ = told(&sandbox, "rolled-back").says("an older state is in its place").says("it was not dropped");
}

#[test]
fn an_older_copy_of_the_whole_repository_is_told() {
    for keeps_identity in [true, false] {
        let sandbox = worked();
        let copy = sandbox.root().join("copy");
        assert!(Command::new("cp").arg("-a").arg(sandbox.git_dir()).arg(&copy).status().unwrap().success());
        sandbox.write("a.txt", "later\n");
        sandbox.save(&["later"]);
        fs::remove_dir_all(sandbox.git_dir()).unwrap();
        fs::rename(&copy, sandbox.git_dir()).unwrap();
        if !keeps_identity {
            fs::remove_dir_all(sandbox.git_dir().join("ckpt")).unwrap();
        }
        let _ = told(&sandbox, "rolled-back").says("an older state is in its place");
    }
}

#[test]
fn a_session_that_was_removed_is_told() {
    let sandbox = worked();
    sandbox.git(&["update-ref", "-d", SESSION]);
    let _ = told(&sandbox, "gone").says("its ref is gone");
}

#[test]
fn an_operation_log_that_was_set_back_is_told() {
    let sandbox = worked();
    let _ = sandbox.ckpt(&["load", "point1", "--yes"]).succeeds();
    let _ = sandbox.ckpt(&["load", "point2", "--yes"]).succeeds();
    let log = "refs/worktree/ckpt/operations";
    sandbox.git(&["update-ref", log, &format!("{log}^")]);
    let _ = told(&sandbox, "rolled-back").says("operation log");
}

#[test]
fn a_repository_that_was_moved_copied_or_cloned_is_whole() {
    let sandbox = worked();
    let copy = sandbox.root().join("copy");
    assert!(Command::new("cp").arg("-a").arg(sandbox.work()).arg(&copy).status().unwrap().success());
    sandbox.write("a.txt", "later\n");
    sandbox.save(&["later"]);
    let whole = |folder: &str| {
        let outcome = sandbox.ckpt_in(folder, &["verify", "--all", "--json"]).succeeds();
        assert_eq!(outcome.json()["findings"].as_array().unwrap().len(), 0, "{}", outcome.describe());
    };
    whole("copy");
    let _ = sandbox.ckpt_in("copy", &["save", "in-copy"]).succeeds();
    whole("copy");
    must_be_whole(&sandbox, "the one that was copied");
    let _ = sandbox.ckpt(&["drop", "point1"]).succeeds();
    sandbox.git(&["clone", "-q", ".", "../clone"]);
    let refs = ["-C", "../clone", "fetch", "-q", "origin", "refs/ckpt/*:refs/ckpt/*"];
    sandbox.git(&refs);
    whole("clone");
    fs::write(sandbox.root().join("clone/a.txt"), "here\n").unwrap();
    let _ = sandbox.ckpt_in("clone", &["save", "in-clone"]).succeeds();
    whole("clone");
    fs::rename(sandbox.work(), sandbox.root().join("moved")).unwrap();
    whole("moved");
    let _ = sandbox.ckpt_in("moved", &["save", "in-moved", "--always"]).succeeds();
    whole("moved");
}

#[test]
fn a_drop_in_another_work_tree_that_is_gone_by_now_is_no_tampering() {
    let sandbox = worked();
    sandbox.git(&["worktree", "add", "-q", "../linked"]);
    let _ = sandbox.ckpt_in("linked", &["save", "in-linked"]).succeeds();
    let _ = sandbox.ckpt_in("linked", &["drop", "point1"]).succeeds();
    must_be_whole(&sandbox, "beside another work tree");
    sandbox.git(&["worktree", "remove", "--force", "../linked"]);
    must_be_whole(&sandbox, "after it");
}

#[test]
fn a_save_that_died_leaves_no_doubt() {
    for point in ["publish.refs-written", "publish.ref-changed", "publish.ref-changed:2", "save.published"] {
        let sandbox = worked();
        sandbox.write("a.txt", "later\n");
        let mut command = sandbox.ckpt_command(&["save", "later"]);
        assert_eq!(Outcome::of(command.env("CKPT_FAULT", point)).code(), None, "{point}");
        must_be_whole(&sandbox, point);
        sandbox.write("a.txt", "later still\n");
        sandbox.save(&["again"]);
        must_be_whole(&sandbox, point);
    }
}

#[test]
fn a_history_that_was_begun_anew_can_be_taken_for_right() {
    let sandbox = worked();
    let commits = chain(&sandbox);
    // The chain from its fourth commit on, with nothing before it.
    rechain(&sandbox, &commits[3..]);
    told(&sandbox, "broken-history");
    let _ = sandbox.ckpt(&["verify", "--accept"]).succeeds();
    must_be_whole(&sandbox, "after it was taken for right");
    sandbox.write("a.txt", "more\n");
    sandbox.save(&["more"]);
    must_be_whole(&sandbox, "after another save");
    // What comes after it is looked at as ever.
    let mut commits = chain(&sandbox);
    commits.remove(commits.len() - 2);
    rechain(&sandbox, &commits);
    told(&sandbox, "rewritten");
}

#[test]
fn a_save_that_a_power_cut_took_half_of_is_a_doubt_and_no_damage() {
    let sandbox = Sandbox::new();
    sandbox.at("2001-01-01T00:00:10Z");
    let folder = sandbox.home().join(".local/state/ckpt/anchors");
    sandbox.save(&["first"]);
    let log = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let (text, tip) = (fs::read(&log).unwrap(), chain(&sandbox).pop().unwrap());
    sandbox.write("a.txt", "second\n");
    sandbox.save(&["second"]);
    // The checkpoint's ref was on the disk, the session's was not, and nor were the lines about either.
    sandbox.git(&["update-ref", SESSION, &tip]);
    fs::write(&log, text).unwrap();
    let _ = sandbox.ckpt(&["verify", "--all"]).ends_with(4).says("does not tell of it");
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(978_307_205);
    fs::File::options().append(true).open(&log).unwrap().set_modified(long_ago).unwrap();
    let _ = sandbox.ckpt(&["verify", "--all"]).succeeds().says("In doubt").says("does not tell of it");
}

#[test]
fn what_a_power_cut_took_of_the_anchors_is_a_doubt_and_no_damage() {
    let sandbox = Sandbox::new();
    sandbox.set("COLUMNS", "300");
    sandbox.at("2001-01-01T00:00:10Z");
    for number in 1..=3 {
        sandbox.write("a.txt", format!("{number}\n"));
        sandbox.save(&[&format!("point{number}")]);
    }
    let folder = sandbox.home().join(".local/state/ckpt/anchors");
    let log = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&log).unwrap();
    let last = chain(&sandbox).pop().unwrap();
    let kept = &text[..text.find(&format!("? {SESSION} {last}")).unwrap()];
    let kept = &kept[..kept.rfind("? refs/ckpt/checkpoints/").unwrap()];
    fs::write(&log, kept).unwrap();
    let _ = sandbox.ckpt(&["verify", "--all"]).ends_with(4).says("came in without");
    // The file was last written before the machine was started.
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(978_307_205);
    fs::File::options().append(true).open(&log).unwrap().set_modified(long_ago).unwrap();
    let _ = sandbox.ckpt(&["verify", "--all"]).succeeds().says("In doubt").says("started again");
    sandbox.write("a.txt", "afterwards\n");
    sandbox.save(&["afterwards"]);
    let _ = sandbox.ckpt(&["verify", "--all"]).succeeds().says("In doubt");
    // What came in at another time is no more excused than ever.
    sandbox.at("1999-01-01T00:00:00Z");
    let state = sandbox.home().join(".local/state");
    fs::rename(&state, sandbox.root().join("aside")).unwrap();
    let _ = sandbox.ckpt(&["note", "made elsewhere"]).succeeds();
    let _ = fs::remove_dir_all(&state);
    fs::rename(sandbox.root().join("aside"), &state).unwrap();
    let _ = sandbox.ckpt(&["verify", "--all"]).says("came in without");
}
