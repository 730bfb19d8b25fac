//! `ckpt doctor`: what can go wrong around the work is named with what to type, and `--fix` mends what is safe.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::sandbox::{Outcome, Sandbox};

/// One of the checks, with its state.
#[track_caller]
fn check(outcome: &Outcome, name: &str) -> (String, Value) {
    let document = outcome.json();
    let found = document["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).cloned();
    let found = found.unwrap_or_else(|| panic!("there is no check {name}\n{}", outcome.describe()));
    (found["state"].as_str().unwrap().to_owned(), found)
}

#[track_caller]
fn doctor(sandbox: &Sandbox, code: i32) -> Outcome {
    sandbox.ckpt(&["doctor", "--json"]).ends_with(code)
}

fn make_old(path: &std::path::Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(7200)).unwrap();
}

#[test]
fn a_sound_repository_needs_no_hand() {
    let sandbox = Sandbox::new();
    sandbox.with_real_clock();
    sandbox.save(&["point"]);
    let before = (sandbox.picture(), sandbox.repository());
    let outcome = doctor(&sandbox, 0);
    for name in [
        "repository",
        "head",
        "objects",
        "refs",
        "session",
        "recovery",
        "locks",
        "leftovers",
        "caches",
        "hooks",
        "notes",
        "clock",
        "settings",
        "git",
    ] {
        assert_eq!(check(&outcome, name).0, "ok", "{name}\n{}", outcome.describe());
    }
    assert_eq!(outcome.json()["schema"], "ckpt.doctor/1");
    let _ = sandbox.ckpt(&["doctor"]).succeeds().says("Nothing needs a hand");
    let _ = sandbox.ckpt(&["doctor", "--fix"]).succeeds();
    before.0.must_equal(&sandbox.picture(), "doctor changes no file");
    before.1.must_equal(&sandbox.repository(), "doctor changes nothing of git's");
    let _ = sandbox.ckpt(&["doctor", "-q"]).succeeds().prints_nothing();
}

#[test]
fn a_lock_of_gits_is_named_and_never_removed() {
    let sandbox = Sandbox::new();
    sandbox.set("COLUMNS", "400");
    sandbox.save(&["point"]);
    let lock = sandbox.git_dir().join("index.lock");
    fs::write(&lock, "").unwrap();
    let outcome = doctor(&sandbox, 0);
    assert_eq!(check(&outcome, "locks").0, "hint");
    make_old(&lock);
    let outcome = sandbox.ckpt(&["doctor", "--fix"]).ends_with(1);
    let _ =
        outcome.says("index.lock was made 2 h ago, by git or another program").says("rm ").says("1 thing needs a hand");
    assert!(lock.exists());
}

#[test]
fn a_lock_of_a_ckpt_that_died_goes() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    sandbox.write("a.txt", "more\n");
    let mut save = sandbox.ckpt_command(&["save", "more"]);
    assert_eq!(Outcome::of(save.env("CKPT_FAULT", "publish.refs-locked")).code(), None);
    let outcome = doctor(&sandbox, 1);
    let (state, found) = check(&outcome, "locks");
    assert_eq!((state.as_str(), &found["findings"][0]["fixable"]), ("problem", &Value::Bool(true)), "{found}");
    let outcome = sandbox.ckpt(&["doctor", "--fix", "--json"]).succeeds();
    assert!(outcome.json()["fixed"].as_u64().unwrap() > 0, "{}", outcome.describe());
    assert_eq!(check(&doctor(&sandbox, 0), "locks").0, "ok");
    let _ = sandbox.ckpt(&["save", "more"]).succeeds();
}

#[test]
fn what_dead_processes_left_is_swept() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let own = sandbox.git_dir().join("ckpt");
    let (dead, alive) = (own.join("x.999999999.tmp"), own.join(format!("x.{}.tmp", std::process::id())));
    fs::write(&dead, "").unwrap();
    fs::write(&alive, "").unwrap();
    assert_eq!(check(&doctor(&sandbox, 0), "leftovers").0, "hint");
    assert!(dead.exists());
    let _ = sandbox.ckpt(&["doctor", "--fix"]).succeeds().says("mended: ");
    assert!(!dead.exists() && alive.exists());
}

#[test]
fn events_that_wait_are_counted_and_an_interrupted_fold_is_no_harm() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let folder = sandbox.git_dir().join("ckpt/journal");
    fs::create_dir_all(&folder).unwrap();
    let line = "{\"id\":\"0123456789ab\",\"time\":\"2026-11-21T09:00:00Z\",\"kind\":\"note\",\"text\":\"x\"}\n";
    fs::write(folder.join("main~1.folding"), line).unwrap();
    let (state, found) = check(&doctor(&sandbox, 0), "journal");
    assert_eq!((state.as_str(), found["told"].as_str().unwrap()), ("hint", "1 event waits for the next save"));
    sandbox.save(&["--always"]);
    assert_eq!(check(&doctor(&sandbox, 0), "journal").0, "ok");
    crate::verify::must_be_whole(&sandbox, "the fold was made up for");
}

#[test]
fn a_cache_that_cannot_be_used_is_made_anew() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let cache = sandbox.git_dir().join("ckpt/cache");
    let _ = fs::remove_dir_all(&cache);
    fs::write(&cache, "a file in its place").unwrap();
    assert_eq!(check(&doctor(&sandbox, 1), "caches").0, "problem");
    let _ = sandbox.ckpt(&["doctor", "--fix"]).succeeds();
    let _ = sandbox.ckpt(&["list"]).succeeds().says("point");
    assert_eq!(check(&doctor(&sandbox, 0), "caches").0, "ok");
}

#[test]
fn notes_are_made_anew_from_the_sessions() {
    let sandbox = Sandbox::new();
    sandbox.save(&["before", "-m", "before the commit"]);
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    sandbox.write("a.txt", "committed\n");
    sandbox.commit("second");
    sandbox.write("a.txt", "more\n");
    sandbox.save(&["after"]);
    let note = sandbox.git(&["notes", "--ref=ckpt", "show", "HEAD"]);
    assert!(note.contains("before the commit"), "{note}");
    assert_eq!(check(&doctor(&sandbox, 0), "notes").0, "ok");
    sandbox.git(&["update-ref", "-d", "refs/notes/ckpt"]);
    assert_eq!(check(&doctor(&sandbox, 0), "notes").0, "hint");
    let _ = sandbox.ckpt(&["doctor", "--fix"]).succeeds();
    assert_eq!(sandbox.git(&["notes", "--ref=ckpt", "show", "HEAD"]), note);
    for broken in [format!("{}\n", "7".repeat(40)), "rubbish\n".to_owned()] {
        fs::write(sandbox.git_dir().join("refs/notes/ckpt"), broken).unwrap();
        assert_eq!(check(&doctor(&sandbox, 1), "notes").0, "problem");
        let _ = sandbox.ckpt(&["doctor", "--fix"]).succeeds();
        assert_eq!(sandbox.git(&["notes", "--ref=ckpt", "show", "HEAD"]), note);
    }
}

#[test]
fn an_interrupted_load_is_named() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    sandbox.write("a.txt", "wrecked\n");
    let mut load = sandbox.ckpt_command(&["load", "point", "--yes"]);
    assert_eq!(Outcome::of(load.env("CKPT_FAULT", "journal.written")).code(), None);
    let _ = sandbox.ckpt(&["doctor"]).ends_with(1).says("ckpt recover");
    fs::write(sandbox.git_dir().join("ckpt/worktree/pending.toml"), "rubbish").unwrap();
    let _ = sandbox.ckpt(&["doctor"]).ends_with(1).says("recovery");
}

#[test]
fn it_works_in_a_damaged_repository() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let nowhere = format!("{}\n", "7".repeat(40));
    for (file, text, name) in [
        ("refs/ckpt/sessions/main", nowhere.as_str(), "session"),
        ("refs/ckpt/sessions/main", "rubbish\n", "session"),
        ("refs/ckpt/names/circle", "ref: refs/ckpt/names/circle\n", "refs"),
        ("refs/heads/main", nowhere.as_str(), "head"),
        ("refs/worktree/ckpt/operations", nowhere.as_str(), "session"),
        ("refs/worktree/ckpt/stack", "rubbish\n", "session"),
        ("objects/info/alternates", "/nowhere/objects\n", "objects"),
    ] {
        let path = sandbox.git_dir().join(file);
        let before = fs::read(&path).ok();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let outcome = doctor(&sandbox, 1);
        assert_eq!(check(&outcome, name).0, "problem", "{file} {text}\n{}", outcome.describe());
        let _ = sandbox.ckpt(&["list"]).ends_orderly();
        match before {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
    }
    assert_eq!(check(&doctor(&sandbox, 0), "session").0, "ok");
}

#[test]
fn what_is_around_the_repository_is_told() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    sandbox.at("2020-01-01T00:00:00Z");
    let outcome = doctor(&sandbox, 1);
    assert_eq!(check(&outcome, "clock").0, "problem");
    sandbox.at(crate::sandbox::NOW);
    let bin = sandbox.root().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::copy("/bin/true", bin.join("ckpt")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut command = sandbox.ckpt_command(&["doctor"]);
    let outcome = Outcome::of(command.env("PATH", path)).ends_with(1);
    let _ = outcome.says("is another program");
    let config = sandbox.home().join(".config/ckpt/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "[limits]\nmax-file-size = \"a lot\"\n").unwrap();
    assert_eq!(check(&doctor(&sandbox, 1), "settings").0, "problem");
}

#[test]
fn outside_a_repository_it_says_so_and_looks_at_the_rest() {
    let sandbox = Sandbox::empty();
    let outcome = doctor(&sandbox, 1);
    assert_eq!(check(&outcome, "repository").0, "problem");
    assert_eq!(check(&outcome, "git").0, "ok");
    let _ = sandbox.ckpt(&["doctor"]).ends_with(1).says("not a git repository").says("git init");
}
