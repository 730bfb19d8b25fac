//! A load with `--recurse-submodules` that dies anywhere is finished or undone in every repository that it goes into.

use std::process::Command;

use crate::sandbox::inside::{self, PLACES, States, git_in, make_dirty};
use crate::sandbox::reliability::{self, Row, is_sweep};
use crate::sandbox::{Outcome, Sandbox};
use crate::scene::{die_at, finish, is_pending, occurrences, points, undo};

/// A point is passed once in each repository, and mostly more often.
const PASSAGES: u32 = 6;

/// In the usual run, every so-many-th death.
const STEP: usize = 16;

struct Scene {
    sandbox: Sandbox,
    good: States,
    bad: States,
}

impl Scene {
    fn new() -> Scene {
        let sandbox = inside::sandbox();
        make_dirty(&sandbox, "good");
        sandbox.save(&["good", "--recurse-submodules"]);
        let good = States::of(&sandbox);
        make_dirty(&sandbox, "bad");
        git_in(&sandbox, "libs/one", &["commit", "-q", "-m", "elsewhere"]);
        let bad = States::of(&sandbox);
        Scene { sandbox, good, bad }
    }

    fn copy(&self) -> Scene {
        Scene { sandbox: self.sandbox.copy(), good: self.good.clone(), bad: self.bad.clone() }
    }

    fn load(&self) -> Command {
        self.sandbox.ckpt_command(&["load", "good", "--recurse-submodules", "--yes"])
    }

    fn must_be_sound(&self, why: &str) {
        for place in PLACES {
            let status = self.sandbox.ckpt_in(&format!("work/{place}"), &["status", "--json"]).succeeds().json();
            assert!(status["pending"].is_null(), "{why}: something is pending in `{place}`");
            git_in(&self.sandbox, place, &["fsck", "--strict", "--no-dangling", "--connectivity-only"]);
        }
    }
}

fn each_death(then: &str, after: &dyn Fn(&Scene, &str)) {
    let template = Scene::new();
    let undisturbed = template.copy();
    let all = points(undisturbed.load(), &undisturbed.sandbox);
    let deaths = all.iter().flat_map(|(point, count)| {
        occurrences(*count, PASSAGES).into_iter().map(move |number| (point.as_str(), number))
    });
    let step = if is_sweep() { 1 } else { STEP };
    let mut number_of_deaths = 0;
    for (point, number) in deaths.step_by(step) {
        number_of_deaths += 1;
        let scene = template.copy();
        die_at(scene.load(), point, number);
        after(&scene, &format!("died at {point}:{number}"));
    }
    reliability::record(&Row {
        what: &format!(
            "`ckpt load --recurse-submodules` over three repositories, dead at every fault point, then {then}"
        ),
        figure: &format!("{number_of_deaths} deaths, each of them all old or all new"),
        command: "CKPT_SWEEP=1 cargo test --test faults submodule_points",
    });
}

#[test]
fn a_load_that_died_is_finished_in_all_of_them() {
    each_death("finished", &|scene, why| {
        if is_pending(&scene.sandbox) {
            Outcome::of(&mut finish(&scene.sandbox)).succeeds();
            scene.good.must_equal(&States::of(&scene.sandbox), why);
            scene.must_be_sound(why);
            let _ = scene.sandbox.ckpt(&["undo", "--yes"]).succeeds();
            scene.bad.must_equal(&States::of(&scene.sandbox), &format!("{why}, finished, undone"));
        } else {
            settled(scene, why);
        }
    });
}

#[test]
fn a_load_that_died_is_undone_in_all_of_them() {
    each_death("undone", &|scene, why| {
        if is_pending(&scene.sandbox) {
            Outcome::of(&mut undo(&scene.sandbox)).succeeds();
            scene.bad.must_equal(&States::of(&scene.sandbox), &format!("{why}, then undone"));
        }
        settled(scene, why);
    });
}

/// The old state or the new one, and the load can be typed again.
fn settled(scene: &Scene, why: &str) {
    let found = States::of(&scene.sandbox);
    if found != scene.good {
        scene.bad.must_equal(&found, &format!("{why}: neither old nor new"));
    }
    Outcome::of(&mut scene.load()).succeeds();
    scene.good.must_equal(&States::of(&scene.sandbox), why);
    scene.must_be_sound(why);
}

#[test]
fn a_recovery_may_die_too() {
    let template = Scene::new();
    die_at(template.load(), "load.submodule", 1);
    for direction in [finish as fn(&Sandbox) -> Command, undo] {
        let undisturbed = template.copy();
        let passed = points(direction(&undisturbed.sandbox), &undisturbed.sandbox);
        let step = if is_sweep() { 1 } else { STEP };
        for (point, count) in passed.into_iter().step_by(step) {
            for number in occurrences(count, 2) {
                let why = format!("the recovery died at {point}:{number}");
                let scene = template.copy();
                die_at(direction(&scene.sandbox), &point, number);
                if is_pending(&scene.sandbox) {
                    Outcome::of(&mut finish(&scene.sandbox)).succeeds();
                    scene.good.must_equal(&States::of(&scene.sandbox), &why);
                }
                settled(&scene, &why);
            }
        }
    }
}
