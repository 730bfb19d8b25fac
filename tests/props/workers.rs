//! Runs a range of seeds in two processes of this very test binary.
//!
//! The library is called in the process, and reads its environment: each worker therefore is a process of its own,
//! started with a hermetic one.

use std::ops::Range;
use std::process::{Command, Stdio};

use ckpt::ops::Repo;
use ckpt::ops::repo::Limits;
use ckpt::sys::environment::Environment;

use crate::sandbox::reliability::{self, Row};
use crate::sandbox::{Sandbox, hermetic_variables};

/// Names the seeds that a worker is to run, as `from..to`.
const SEEDS: &str = "CKPT_TEST_SEEDS";

/// How many processes share the seeds.
const WORKERS: u64 = 2;

/// Runs the ignored test `worker` over `seeds`, shared between the workers; fails when one of them fails.
pub fn run(worker: &str, seeds: Range<u64>) {
    let seeds = match only_seed() {
        Some(seed) => seed..seed + 1,
        None => seeds,
    };
    let home = Sandbox::empty();
    let share = (seeds.end - seeds.start).div_ceil(WORKERS);
    let starts = (seeds.start..seeds.end).step_by(share as usize);
    let children: Vec<_> = starts
        .map(|start| {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", worker, "--ignored", "--nocapture", "--test-threads=1"]).env_clear();
            command.envs(hermetic_variables(home.root())).current_dir(home.root());
            // A sweep is much faster where nothing waits for a disk.
            command.envs(std::env::var_os("TMPDIR").map(|folder| ("TMPDIR", folder)));
            command.env(SEEDS, format!("{start}..{}", (start + share).min(seeds.end)));
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    for output in &outputs {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
    }
    for output in outputs {
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "a worker failed:\n{stdout}");
        assert!(stdout.contains("1 passed"), "the worker `{worker}` did not run:\n{stdout}");
    }
}

/// Runs `check` for every seed of this worker (for none when it was not started by [`run`]), and fails at the end with the
/// list of those that failed: one long run shows all of them.
pub fn each_seed(check: impl Fn(u64) + std::panic::RefUnwindSafe) {
    let failed: Vec<_> = seeds().filter(|&seed| std::panic::catch_unwind(|| check(seed)).is_err()).collect();
    assert!(failed.is_empty(), "the seeds {failed:?} failed");
}

fn seeds() -> Range<u64> {
    let text = std::env::var(SEEDS).unwrap_or_else(|_| "0..0".into());
    let (start, end) = text.split_once("..").unwrap();
    start.parse().unwrap()..end.parse().unwrap()
}

/// The one seed that the developer asked for.
fn only_seed() -> Option<u64> {
    std::env::var("CKPT_SEED").ok()?.parse().ok()
}

/// Ten times as much when the long run is asked for.
pub fn sweep_factor() -> u64 {
    if reliability::is_sweep() { 10 } else { 1 }
}

/// Puts on record that so many were checked and all of them held, where all were asked for.
pub fn record(what: &str, number: u64) {
    if only_seed().is_none() {
        let figure = format!("{number} of {number}");
        reliability::record(&Row { what, figure: &figure, command: "CKPT_SWEEP=1 cargo test --test props" });
    }
}

/// Opens a sandbox's repository in this process.
pub fn open(sandbox: &Sandbox) -> Repo {
    let environment = Environment::of_process().unwrap().in_directory(&sandbox.work());
    Repo::open(&environment, Limits::default()).unwrap_or_else(|error| panic!("cannot open: {error}"))
}
