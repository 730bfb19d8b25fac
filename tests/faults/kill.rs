//! SIGKILL at random times.

use std::time::{Duration, Instant};

use crate::sandbox::Outcome;
use crate::sandbox::random::Random;
use crate::scene::{Scene, finish, is_pending, must_be_sound, undo};

const ROUNDS: u64 = 40;

/// Starts a command and kills it after a random part of `usual`; true when it was killed before its end.
fn kill_somewhere(command: &mut std::process::Command, usual: Duration, random: &mut Random) -> bool {
    let mut child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(usual.mul_f64(random.below(1000) as f64 / 900.0));
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

fn usual_time(scene: &Scene, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    scene.sandbox.ckpt(arguments).succeeds();
    start.elapsed()
}

#[test]
fn a_load_killed_at_any_time_is_finished_or_undone() {
    let usual = usual_time(&Scene::new(), &["load", "good", "--yes"]);
    let mut random = Random::new(7);
    let mut killed = 0;
    for round in 0..ROUNDS {
        let scene = Scene::new();
        killed += u64::from(kill_somewhere(&mut scene.load(), usual, &mut random));
        let why = format!("round {round}");
        must_be_sound(&scene.sandbox, &why);
        if is_pending(&scene.sandbox) {
            let back = random.chance(50);
            let mut recovery = if back { undo(&scene.sandbox) } else { finish(&scene.sandbox) };
            Outcome::of(&mut recovery).succeeds();
            if back { scene.must_be_wreck(&why) } else { scene.must_be_good(&why) }
        }
        assert!(scene.is_good() || scene.is_wreck(), "{why}: a mixed tree");
    }
    assert!(killed >= ROUNDS / 4, "only {killed} of {ROUNDS} were killed in time");
}

#[test]
fn a_save_killed_at_any_time_harms_nothing() {
    let scene = Scene::new();
    let usual = usual_time(&scene, &["save"]);
    let mut random = Random::new(11);
    let mut killed = 0;
    for round in 0..ROUNDS {
        scene.sandbox.write("a.txt", format!("round {round}\n"));
        let before = scene.sandbox.repository();
        killed += u64::from(kill_somewhere(&mut scene.sandbox.ckpt_command(&["save"]), usual, &mut random));
        before.must_equal(&scene.sandbox.repository(), &format!("round {round}"));
    }
    must_be_sound(&scene.sandbox, "after all kills");
    let id = scene.sandbox.save(&["last"]);
    assert_eq!(scene.sandbox.git(&["show", &format!("{id}:a.txt")]), format!("round {}", ROUNDS - 1));
    assert!(killed >= ROUNDS / 4, "only {killed} of {ROUNDS} were killed in time");
}
