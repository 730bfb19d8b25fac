//! A save that dies anywhere leaves the old state or the new one, and nothing in the way of the next.

use crate::sandbox::{RepositoryState, Sandbox};
use crate::scene::{Scene, die_at, must_be_sound, occurrences, points};

const SAVE: [&str; 4] = ["save", "second", "-m", "again"];

#[test]
fn a_save_may_die_at_every_point() {
    let scene = Scene::new();
    let all = points(scene.sandbox.ckpt_command(&SAVE), &scene.sandbox);
    assert!(all.len() >= 3, "a save passes hardly any fault point: {all:?}");
    for (point, count) in all {
        for number in occurrences(count, 3) {
            check_death(&point, number);
        }
    }
}

fn check_death(point: &str, number: u32) {
    let why = format!("died at {point}:{number}");
    let scene = Scene::new();
    let sandbox = &scene.sandbox;
    let before = sandbox.repository();
    die_at(sandbox.ckpt_command(&SAVE), point, number);
    scene.must_be_wreck(&why);
    before.must_equal(&RepositoryState::of(sandbox), &why);
    must_be_sound(sandbox, &why);
    check_next_save(sandbox, &why);
    scene.must_be_wreck(&why);
    sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    scene.must_be_good(&why);
}

/// The next save gets through, and its checkpoint holds the work; a name may have been given before the death.
fn check_next_save(sandbox: &Sandbox, why: &str) {
    let id = sandbox.save(&["second", "--move", "--always"]);
    assert_eq!(sandbox.git(&["show", &format!("{id}:a.txt")]), "wrecked", "{why}");
    assert_eq!(sandbox.git(&["rev-parse", "refs/ckpt/names/second"]), id, "{why}");
    assert_eq!(temporary_files(sandbox), Vec::<String>::new(), "{why}: temporary files are left");
}

/// Files in our own folder or beside our refs that are only ever on the way to something else.
fn temporary_files(sandbox: &Sandbox) -> Vec<String> {
    let folders = [sandbox.git_dir().join("ckpt"), sandbox.git_dir().join("refs/ckpt")];
    let files = folders.iter().flat_map(|folder| walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok));
    let names = files.map(|entry| entry.path().to_string_lossy().into_owned());
    // A lock beside a checkpoint's own ref is in nobody's way: no other checkpoint will ever have that id.
    let is_lock = |name: &str| name.ends_with(".lock") && !name.contains("/checkpoints/") && name.contains("/refs/");
    names.filter(|name| is_lock(name) || name.ends_with(".tmp")).collect()
}
