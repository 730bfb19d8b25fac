//! Words, the journal and the context's file under death and crowds: nothing is lost, nothing is there twice.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ckpt::model::event::{Event, EventKind};
use ckpt::store::{Layout, journal};

use crate::sandbox::{Outcome, Sandbox};
use crate::scene::{die_at, occurrences, points};

const FILE: &str = ".ckpt/context.md";

fn layout(sandbox: &Sandbox) -> Layout {
    let git_dir = sandbox.git_dir();
    Layout {
        work_dir: sandbox.work(),
        git_dir: git_dir.clone(),
        common_dir: git_dir.clone(),
        own_dir: git_dir.join("ckpt"),
        own_worktree_dir: git_dir.join("ckpt/worktree"),
        worktree_key: String::new(),
        sharing: ckpt::store::Sharing::Umask,
        prefix: Default::default(),
    }
}

fn append(layout: &Layout, text: &str, salt: u64) {
    let event = Event::new("2026-11-21T09:00:00Z".parse().unwrap(), EventKind::Commit, text, salt);
    journal::append(layout, &"main".parse().unwrap(), &event).unwrap();
}

/// How often each text is in the chain's events.
fn told(sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let listed = sandbox.git(&["ls-tree", "-r", "--name-only", "refs/ckpt/sessions/main", "events/"]);
    let mut counts = BTreeMap::new();
    for path in listed.lines() {
        for line in sandbox.git(&["show", &format!("refs/ckpt/sessions/main:{path}")]).lines() {
            *counts.entry(Event::parse_line(line.as_bytes()).unwrap().text).or_default() += 1;
        }
    }
    counts
}

fn context(sandbox: &Sandbox) -> String {
    sandbox.git(&["show", "refs/ckpt/sessions/main:context.md"])
}

/// A context with an edit by hand that nobody has taken, and events that wait in the journal.
fn scene() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["init"]).succeeds();
    sandbox.ckpt(&["issue", "by command"]).succeeds();
    let text = String::from_utf8(sandbox.read(FILE)).unwrap();
    sandbox.write(FILE, text.replace("- [ ] by command\n", "- [ ] by command\n- [ ] by hand\n"));
    append(&layout(&sandbox), "waits", 1);
    append(&layout(&sandbox), "waits too", 2);
    sandbox
}

/// Whatever died: one more word, and everything is there once, in the chain and in the file.
fn check(sandbox: &Sandbox, why: &str) {
    sandbox.ckpt(&["note", "afterwards"]).succeeds();
    let told = told(sandbox);
    for text in ["waits", "waits too", "afterwards"] {
        assert_eq!(told.get(text), Some(&1), "{why}: {text}: {told:?}");
    }
    let (chain, file) = (context(sandbox), String::from_utf8(sandbox.read(FILE)).unwrap());
    for line in ["- [ ] by command\n", "- [ ] by hand\n", ": afterwards\n"] {
        assert_eq!(chain.matches(line).count(), 1, "{why}: {line}: {chain}");
        assert_eq!(file.matches(line).count(), 1, "{why}: {line}: {file}");
    }
    assert!(!chain.contains("ckpt: also said"), "{why}: {chain}");
    let folder = sandbox.git_dir().join("ckpt/journal");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "{why}: the journal is not empty");
    let left = std::fs::read_dir(sandbox.path(".ckpt")).unwrap().flatten();
    let left: Vec<PathBuf> = left.map(|entry| entry.path()).filter(|path| !path.ends_with("context.md")).collect();
    // What a death between writing and renaming leaves is hidden, and in nobody's way.
    assert!(left.iter().all(|path| path.file_name().unwrap().to_string_lossy().starts_with(".ckpt-")), "{left:?}");
    sandbox.git(&["fsck", "--strict", "--no-dangling", "--connectivity-only"]);
}

fn check_deaths(arguments: &[&str]) {
    let first = scene();
    let all = points(first.ckpt_command(arguments), &first);
    assert!(all.iter().any(|(point, _)| point == "journal.before-remove"), "{all:?}");
    for (point, count) in all {
        for number in occurrences(count, 2) {
            let sandbox = scene();
            die_at(sandbox.ckpt_command(arguments), &point, number);
            check(&sandbox, &format!("{arguments:?} died at {point}:{number}"));
        }
    }
}

#[test]
fn a_word_may_die_at_every_point() {
    check_deaths(&["decide", "use JWT"]);
}

#[test]
fn a_save_that_folds_and_takes_an_edit_may_die_at_every_point() {
    check_deaths(&["save", "--always"]);
}

#[test]
fn eight_writers_beside_saves_and_words_lose_nothing_and_double_nothing() {
    const EACH: u64 = 40;
    let sandbox = Sandbox::new();
    let layout = layout(&sandbox);
    let commands: Vec<Vec<_>> = [["save", "--always"], ["note", "x"]]
        .map(|arguments| (0..12).map(|_| sandbox.ckpt_command(&arguments)).collect())
        .into();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let layout = &layout;
            scope.spawn(move || {
                for number in 0..EACH {
                    append(layout, &format!("{writer} {number}"), writer * EACH + number);
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
            });
        }
        for commands in commands {
            scope.spawn(move || {
                for mut command in commands {
                    Outcome::of(&mut command).succeeds();
                }
            });
        }
    });
    sandbox.ckpt(&["note", "last"]).succeeds();
    let told = told(&sandbox);
    for writer in 0..8 {
        for number in 0..EACH {
            assert_eq!(told.get(&format!("{writer} {number}")), Some(&1));
        }
    }
    assert_eq!(told.get("x"), Some(&12));
}

#[test]
fn a_context_that_is_damaged_in_the_store_is_taken_from_the_file() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["init"]).succeeds();
    sandbox.ckpt(&["issue", "by command"]).succeeds();
    let blob = sandbox.git(&["rev-parse", "refs/ckpt/sessions/main:context.md"]);
    sandbox.git(&["-c", "pack.writeBitmaps=false", "repack", "-adkq"]);
    lose(&sandbox, &blob);
    sandbox.ckpt(&["status"]).succeeds();
    sandbox.save(&["still"]);
    let text = String::from_utf8(sandbox.read(FILE)).unwrap();
    sandbox.write(FILE, text.replace("by command", "by hand"));
    sandbox.ckpt(&["issue", "another"]).succeeds().warns("cannot be read");
    sandbox.ckpt(&["issue", "list"]).succeeds().says("1 [ ] by hand\n2 [ ] another\n");
}

/// Takes one object out of the repository.
fn lose(sandbox: &Sandbox, id: &str) {
    let pack = sandbox.git_dir().join("objects/pack");
    let packs = std::fs::read_dir(&pack).unwrap().flatten().map(|entry| entry.path());
    let packs: Vec<PathBuf> = packs.filter(|path| path.extension().is_some_and(|one| one == "pack")).collect();
    for path in &packs {
        let moved = sandbox.root().join(path.file_name().unwrap());
        std::fs::rename(path, &moved).unwrap();
        std::fs::remove_file(path.with_extension("idx")).unwrap();
        let input = std::fs::File::open(&moved).unwrap();
        Outcome::of(sandbox.command("git").arg("unpack-objects").arg("-q").stdin(input)).succeeds();
    }
    let loose = sandbox.git_dir().join("objects").join(&id[..2]).join(&id[2..]);
    std::fs::remove_file(loose).unwrap();
}
