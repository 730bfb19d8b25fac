//! Saves in four linked work trees beside a user's own git: `gc --prune=now`, `commit` and `status`, over and over.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::sandbox::reliability::{self, Row, is_sweep};
use crate::sandbox::{Outcome, Sandbox};

const WORK_TREES: usize = 4;
const SAVES: usize = 6;
const SAVES_OF_A_SWEEP: usize = 50;

/// Nobody waits longer for one command.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a loop of git's did.
#[derive(Default)]
struct Rounds {
    number: usize,
    slowest: Duration,
    failures: Vec<String>,
}

/// Runs commands in turn until the savers are done, and at least once.
fn repeat(commands: impl Fn() -> Vec<Command>, turn: Option<&Mutex<()>>, is_done: &AtomicBool) -> Rounds {
    let mut rounds = Rounds::default();
    while rounds.number == 0 || !is_done.load(Ordering::SeqCst) {
        for mut command in commands() {
            let _turn = turn.map(|turn| turn.lock().unwrap());
            let started = Instant::now();
            let outcome = Outcome::of(&mut command);
            rounds.slowest = rounds.slowest.max(started.elapsed());
            if outcome.code() != Some(0) {
                rounds.failures.push(outcome.describe());
            }
        }
        rounds.number += 1;
    }
    rounds
}

/// A work tree and its saves: each changes a file and gets a name of its own.
fn save_all(root: &Path, tree: usize, commands: Vec<(String, Command)>) -> (BTreeSet<String>, Duration) {
    let (mut ids, mut slowest) = (BTreeSet::new(), Duration::ZERO);
    for (name, mut command) in commands {
        let folder = root.join(format!("linked-{tree}"));
        std::fs::write(folder.join("a.txt"), &name).unwrap();
        std::fs::write(folder.join(format!("{name}.txt")), &name).unwrap();
        let started = Instant::now();
        let outcome = Outcome::of(&mut command);
        slowest = slowest.max(started.elapsed());
        ids.insert(outcome.succeeds().json_text("id"));
    }
    (ids, slowest)
}

#[test]
fn nothing_is_lost_and_nobody_is_in_the_way() {
    let sandbox = Sandbox::new();
    sandbox.with_real_clock();
    let saves = if is_sweep() { SAVES_OF_A_SWEEP } else { SAVES };
    for tree in 0..WORK_TREES {
        sandbox.git(&["worktree", "add", "-q", "-b", &format!("b{tree}"), &format!("../linked-{tree}")]);
    }
    let commands = |tree: usize| -> Vec<(String, Command)> {
        let command = |number: usize| {
            let name = format!("tree{tree}-{number}");
            let mut command = sandbox.ckpt_command(&["save", &name, "-m", &name, "--json"]);
            command.current_dir(sandbox.root().join(format!("linked-{tree}")));
            (name, command)
        };
        (0..saves).map(command).collect()
    };
    let work: Vec<_> = (0..WORK_TREES).map(commands).collect();
    let git = |arguments: &'static [&'static str]| {
        let (environment, folder) = (sandbox.command("git"), sandbox.work());
        let environment: Vec<_> =
            environment.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned))).collect();
        move || {
            let mut command = Command::new("git");
            command.env_clear().envs(environment.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))));
            command.current_dir(&folder).args(arguments);
            vec![command]
        }
    };
    let (gc, commit, status) = (
        git(&["gc", "-q", "--prune=now"]),
        git(&["commit", "-q", "--allow-empty", "-m", "beside"]),
        // As an editor does it: otherwise it is git's own `status` that makes its `commit` fail.
        git(&["--no-optional-locks", "status", "--porcelain"]),
    );
    // Git itself does not promise that a commit outlives a `gc --prune=now` beside it.
    let turn = Mutex::new(());
    let is_done = AtomicBool::new(false);
    let root = sandbox.root().to_owned();
    let (saved, rounds) = std::thread::scope(|scope| {
        let loops = [
            scope.spawn(|| repeat(gc, Some(&turn), &is_done)),
            scope.spawn(|| repeat(commit, Some(&turn), &is_done)),
            scope.spawn(|| repeat(status, None, &is_done)),
        ];
        let savers: Vec<_> = work
            .into_iter()
            .enumerate()
            .map(|(tree, commands)| {
                let root = &root;
                scope.spawn(move || save_all(root, tree, commands))
            })
            .collect();
        let saved: Vec<_> = savers.into_iter().map(|saver| saver.join()).collect();
        is_done.store(true, Ordering::SeqCst);
        let rounds = loops.map(|one| one.join().unwrap());
        (saved.into_iter().map(Result::unwrap).collect::<Vec<_>>(), rounds)
    });
    let [gc, commit, status] = &rounds;
    for one in &rounds {
        assert!(one.failures.is_empty(), "a command of the user's failed:\n{}", one.failures.join("\n"));
        assert!(one.slowest < PATIENCE, "git waited for {:?}", one.slowest);
    }
    let slowest = saved.iter().map(|(_, slowest)| *slowest).max().unwrap();
    assert!(slowest < PATIENCE, "a save took {slowest:?}");
    let ids: BTreeSet<&String> = saved.iter().flat_map(|(ids, _)| ids).collect();
    assert_eq!(ids.len(), WORK_TREES * saves);
    let kept = sandbox.git(&["for-each-ref", "--format=%(objectname)", "refs/ckpt/names"]);
    assert_eq!(kept.lines().map(str::to_owned).collect::<BTreeSet<_>>(), ids.into_iter().cloned().collect());
    sandbox.git(&["fsck", "--full", "--strict", "--no-dangling"]);
    sandbox.ckpt(&["verify", "--all", "--read-data"]).succeeds();
    reliability::record(&Row {
        what: "Saves kept of four linked work trees beside loops of `git gc --prune=now`, `commit` and `status`",
        figure: &format!(
            "{0} of {0}; {1} gc, {2} commits and {3} status beside, none failed; the longest save took {4} ms",
            WORK_TREES * saves,
            gc.number,
            commit.number,
            status.number,
            slowest.as_millis()
        ),
        command: "CKPT_SWEEP=1 cargo test --test faults beside_git",
    });
}
