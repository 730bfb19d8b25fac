//! One run of some tests with one mutant on: whether any of them notices.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Tests of one program, chosen by parts of their names.
pub struct Stage {
    pub program: PathBuf,
    /// Where it runs: a mutant may take any path for one from there.
    pub folder: PathBuf,
    pub filters: Vec<String>,
    /// How long they may take; more is as good as a failure.
    pub limit: Duration,
}

/// What tells a mutant from the program.
pub enum Outcome {
    Passed,
    /// By the name of the test, or what happened.
    Caught(String),
}

impl Stage {
    /// Runs the tests up to the first that fails.
    pub fn run(&self) -> std::io::Result<Outcome> {
        let scratch = std::env::temp_dir().join(format!("ckpt-mutants-{}", std::process::id()));
        std::fs::create_dir_all(&scratch)?;
        let outcome = self.run_in(&scratch);
        // What was killed leaves its folders.
        let _ = std::fs::remove_dir_all(&scratch);
        outcome
    }

    fn run_in(&self, scratch: &std::path::Path) -> std::io::Result<Outcome> {
        // A mutant may ask for memory without end.
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -v 8000000; exec \"$0\" \"$@\""])
            .arg(&self.program)
            .args(&self.filters)
            .current_dir(&self.folder)
            .env("TMPDIR", scratch)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let lines = BufReader::new(child.stdout.take().expect("it was asked for")).lines().map_while(Result::ok);
        let (sender, receiver) = mpsc::channel();
        let reader = std::thread::spawn(move || lines.into_iter().try_for_each(|line| sender.send(line)));
        let end = Instant::now() + self.limit;
        let outcome = loop {
            match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) if line.starts_with("test ") && line.ends_with("FAILED") => {
                    break Some(line.trim_start_matches("test ").trim_end_matches(" ... FAILED").to_owned());
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => break Some("took too long".to_owned()),
                Err(RecvTimeoutError::Disconnected) => break None,
            }
        };
        if outcome.is_some() {
            let _ = Command::new("kill").args(["-9", "--", &format!("-{}", child.id())]).status();
        }
        let status = child.wait()?;
        drop(receiver);
        let _ = reader.join();
        let outcome = outcome.or_else(|| (!status.success()).then(|| format!("ended with {status}")));
        Ok(outcome.map_or(Outcome::Passed, Outcome::Caught))
    }
}
