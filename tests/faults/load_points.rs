//! A load that dies anywhere can be finished or undone, as often as the recovery itself dies.

use std::process::Command;

use crate::sandbox::Sandbox;
use crate::scene::{Scene, die_at, finish, is_pending, must_be_sound, occurrences, points, undo};

/// How often a point is died at: its first passages and its last.
const PASSAGES: u32 = 3;

fn load_points() -> Vec<(String, u32)> {
    let scene = Scene::new();
    let all = points(scene.load(), &scene.sandbox);
    scene.must_be_good("a load that nobody disturbs");
    assert!(all.len() >= 6, "a load passes hardly any fault point: {all:?}");
    all.into_iter()
        .flat_map(|(point, count)| occurrences(count, PASSAGES).into_iter().map(move |n| (point.clone(), n)))
        .collect()
}

/// A scene in which the load died.
fn dead_at(point: &str, number: u32) -> Scene {
    let scene = Scene::new();
    die_at(scene.load(), point, number);
    must_be_sound(&scene.sandbox, &format!("died at {point}:{number}"));
    scene
}

#[test]
fn a_load_that_died_can_be_finished() {
    let mut pending = 0;
    for (point, number) in load_points() {
        let why = format!("died at {point}:{number}, then finished");
        let scene = dead_at(&point, number);
        if is_pending(&scene.sandbox) {
            pending += 1;
            scene.sandbox.ckpt(&["list"]).succeeds().mentions("ckpt recover");
            scene.sandbox.ckpt(&["save", "in-between"]).ends_orderly().mentions("ckpt recover");
            crate::sandbox::Outcome::of(&mut finish(&scene.sandbox)).succeeds();
            scene.must_be_good(&why);
            assert!(!is_pending(&scene.sandbox), "{why}");
            scene.sandbox.ckpt(&["undo", "--yes"]).succeeds();
            scene.must_be_wreck(&format!("{why}, then `undo`"));
        } else {
            check_settled(&scene, &why);
        }
    }
    assert!(pending >= 3, "only {pending} deaths left something to recover");
}

#[test]
fn a_load_that_died_can_be_undone() {
    for (point, number) in load_points() {
        let why = format!("died at {point}:{number}, then undone");
        let scene = dead_at(&point, number);
        if is_pending(&scene.sandbox) {
            crate::sandbox::Outcome::of(&mut undo(&scene.sandbox)).succeeds();
            scene.must_be_wreck(&why);
            assert!(!is_pending(&scene.sandbox), "{why}");
        }
        check_settled(&scene, &why);
    }
}

/// Nothing pending: the old state or the new one, and the next load works.
fn check_settled(scene: &Scene, why: &str) {
    assert!(
        scene.is_good() || scene.is_wreck(),
        "{why}: a mixed tree\n{}",
        scene.good.differences(&scene.sandbox.picture())
    );
    scene.sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    scene.must_be_good(why);
}

#[test]
fn a_recovery_may_die_at_every_point_too() {
    let all = load_points();
    // A death early, in the middle and late in the load is enough: every recovery passes the same points.
    let chosen = [all.len() / 4, all.len() / 2, all.len() * 3 / 4].map(|at| all[at].clone());
    for (point, number) in chosen {
        for direction in [finish as fn(&Sandbox) -> Command, undo] {
            check_recovery_deaths(&point, number, direction);
        }
    }
}

fn check_recovery_deaths(point: &str, number: u32, direction: fn(&Sandbox) -> Command) {
    let scene = dead_at(point, number);
    if !is_pending(&scene.sandbox) {
        return;
    }
    let passed = points(direction(&scene.sandbox), &scene.sandbox);
    for (second, count) in passed {
        for passage in occurrences(count, 2) {
            let why = format!("load died at {point}:{number}, recovery at {second}:{passage}");
            let scene = dead_at(point, number);
            die_at(direction(&scene.sandbox), &second, passage);
            if is_pending(&scene.sandbox) {
                crate::sandbox::Outcome::of(&mut finish(&scene.sandbox)).succeeds();
                scene.must_be_good(&why);
            }
            must_be_sound(&scene.sandbox, &why);
            check_settled(&scene, &why);
        }
    }
}
