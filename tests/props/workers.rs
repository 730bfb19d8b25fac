//! Runs a range of seeds in two processes of this very test binary.
//!
//! The library is called in the process, and reads its environment: each worker therefore is a process of its own,
//! started with a hermetic one.

use std::ops::Range;
use std::process::{Command, Stdio};

use ckpt::ops::Repo;
use ckpt::ops::repo::Limits;
use ckpt::sys::environment::Environment;

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
            command.env(SEEDS, format!("{start}..{}", (start + share).min(seeds.end)));
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    for output in outputs {
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "a worker failed:\n{stdout}{stderr}");
        assert!(stdout.contains("1 passed"), "the worker `{worker}` did not run:\n{stdout}{stderr}");
        eprint!("{stderr}");
    }
}

/// The seeds that this worker is to run; none when it was not started by [`run`].
pub fn seeds() -> Range<u64> {
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
    if std::env::var_os("CKPT_SWEEP").is_some() { 10 } else { 1 }
}

/// Opens a sandbox's repository in this process.
pub fn open(sandbox: &Sandbox) -> Repo {
    let environment = Environment::of_process().unwrap().in_directory(&sandbox.work());
    Repo::open(&environment, Limits::default()).unwrap_or_else(|error| panic!("cannot open: {error}"))
}
