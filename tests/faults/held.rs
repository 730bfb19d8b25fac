//! Locks of git that somebody else holds.

use std::fs;

use crate::sandbox::{Kind, RepositoryState};
use crate::scene::Scene;

#[test]
fn a_save_does_not_care_about_the_index_lock_and_leaves_it() {
    let scene = Scene::new();
    let lock = scene.sandbox.git_dir().join("index.lock");
    fs::write(&lock, "held by an editor").unwrap();
    let before = scene.sandbox.repository();
    scene.sandbox.ckpt(&["save", "beside"]).succeeds();
    before.must_equal(&RepositoryState::of(&scene.sandbox), "the git folder");
    scene.sandbox.ckpt(&["status"]).succeeds();
    scene.sandbox.ckpt(&["diff"]).succeeds();
}

#[test]
fn a_load_that_needs_the_index_is_busy_and_changes_nothing() {
    let scene = Scene::new();
    let lock = scene.sandbox.git_dir().join("index.lock");
    fs::write(&lock, "held by an editor").unwrap();
    scene.sandbox.ckpt(&["load", "good", "--yes"]).ends_with(3).mentions("index.lock");
    assert_eq!(fs::read(&lock).unwrap(), b"held by an editor");
    fs::remove_file(lock).unwrap();
    scene.must_be_wreck("after the refused load");
    assert!(!crate::scene::is_pending(&scene.sandbox), "a refused load is no interrupted one");
    scene.sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    scene.must_be_good("after the lock is gone");
}

#[test]
fn a_held_ref_is_busy_and_nothing_is_lost() {
    for name in ["sessions/main", "names/second"] {
        let scene = Scene::new();
        let lock = match Kind::of_run().has_ref_files() {
            true => format!("refs/ckpt/{name}.lock"),
            false => "reftable/tables.list.lock".to_owned(),
        };
        let lock = scene.sandbox.git_dir().join(lock);
        fs::create_dir_all(lock.parent().unwrap()).unwrap();
        fs::write(&lock, "").unwrap();
        scene.sandbox.ckpt(&["save", "second"]).ends_with(3);
        assert!(lock.exists(), "a lock of git's was deleted");
        fs::remove_file(lock).unwrap();
        scene.sandbox.ckpt(&["save", "second", "--move", "--always"]).succeeds();
        crate::scene::must_be_sound(&scene.sandbox, name);
    }
}

#[test]
fn a_held_head_stops_only_a_load_that_moves_it() {
    let scene = Scene::new();
    fs::write(scene.sandbox.git_dir().join("HEAD.lock"), "").unwrap();
    scene.sandbox.ckpt(&["save"]).succeeds();
    scene.sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    scene.must_be_good("HEAD was not to be moved");
}
