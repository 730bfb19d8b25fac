//! What can go wrong around ckpt: death at any point, full disks, held locks, damage, crowds.
#![allow(clippy::unwrap_used, clippy::disallowed_macros, unreachable_pub)]

#[allow(dead_code)]
#[path = "../sandbox/mod.rs"]
mod sandbox;

/// A test of each verb: `check` of the module is run with it.
macro_rules! tests_of_verbs {
    ($($test:ident => $verb:expr;)*) => {
        $(#[test]
        fn $test() {
            check(&$verb);
        })*
    };
}

mod beside_git;
mod crowd;
mod damage;
mod disk;
mod every_call;
mod held;
mod hooks;
mod kill;
mod linked_points;
mod load_points;
mod power;
mod save_points;
mod scene;
mod sessions;
mod submodule_points;
mod switch_points;
mod words;
