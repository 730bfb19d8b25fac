//! Many at once: savers beside savers, loads beside loads.

use std::collections::BTreeSet;

use crate::sandbox::reliability::{self, Row};
use crate::sandbox::{Outcome, Sandbox};
use crate::scene::Scene;

#[test]
fn eight_savers_with_twenty_five_saves_each_keep_two_hundred() {
    let sandbox = Sandbox::new();
    let ids = std::thread::scope(|scope| {
        let savers: Vec<_> = (0..8)
            .map(|writer| {
                let commands: Vec<_> = (0..25)
                    .map(|number| {
                        let name = format!("writer{writer}-{number}");
                        sandbox.ckpt_command(&["save", &name, "--always", "--json", "-m", &name])
                    })
                    .collect();
                scope.spawn(move || {
                    commands.into_iter().map(|mut command| Outcome::of(&mut command)).collect::<Vec<_>>()
                })
            })
            .collect();
        savers.into_iter().flat_map(|saver| saver.join().unwrap()).collect::<Vec<_>>()
    });
    let ids: BTreeSet<_> = ids.into_iter().map(|outcome| outcome.succeeds().json_text("id")).collect();
    assert_eq!(ids.len(), 200, "two savers got the same id");
    let refs = sandbox.git(&["for-each-ref", "--format=%(objectname)", "refs/ckpt/checkpoints"]);
    let kept: BTreeSet<_> = refs.lines().map(str::to_owned).collect();
    assert_eq!(kept, ids);
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt/names"]).lines().count(), 200);
    let sequences = sandbox.git(&[
        "for-each-ref",
        "--format=%(contents:trailers:key=Ckpt-Sequence,valueonly)",
        "refs/ckpt/checkpoints",
    ]);
    let sequences: BTreeSet<_> = sequences.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(sequences.len(), 200, "two checkpoints have the same place in the session");
    let listed = sandbox.ckpt(&["list", "--limit", "1000"]).succeeds().stdout();
    assert_eq!(listed.lines().filter(|line| line.contains("writer")).count(), 200, "{listed}");
    sandbox.git(&["fsck", "--strict", "--no-dangling"]);
    reliability::record(&Row {
        what: "Saves kept of eight writers with twenty-five each, at once",
        figure: "200 of 200",
        command: "CKPT_SWEEP=1 cargo test --test faults crowd",
    });
}

#[test]
fn of_two_loads_at_once_the_tree_is_never_a_mixture() {
    for round in 0..8 {
        let scene = Scene::new();
        scene.sandbox.save(&["other"]);
        let mut children: Vec<_> = ["good", "other"]
            .map(|point| scene.sandbox.ckpt_command(&["load", point, "--yes", "-q"]).spawn().unwrap())
            .into();
        let codes: Vec<_> = children.iter_mut().map(|child| child.wait().unwrap().code()).collect();
        assert!(codes.iter().all(|code| matches!(code, Some(0 | 3))), "round {round}: {codes:?}");
        assert!(codes.contains(&Some(0)), "round {round}: neither got through");
        assert!(scene.is_good() || scene.is_wreck(), "round {round}: a mixed tree");
        assert!(!crate::scene::is_pending(&scene.sandbox));
    }
}

#[test]
fn a_save_beside_a_load_gets_one_state_or_says_that_it_changed() {
    for _ in 0..5 {
        let scene = Scene::new();
        let mut load = scene.load().spawn().unwrap();
        let saved = scene.sandbox.ckpt(&["save", "--always", "--json"]).ends_orderly();
        assert_eq!(load.wait().unwrap().code(), Some(0));
        scene.must_be_good("a save beside it must not disturb a load");
        assert!(matches!(saved.code(), Some(0 | 1 | 3)), "{}", saved.describe());
    }
}
