//! One run of some tests with one mutant on: whether any of them notices.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Tests of one program, chosen by parts of their names.
pub struct Trial {
    pub program: PathBuf,
    pub filters: &'static [&'static str],
    /// Where it runs: a mutant may take any path for one from there.
    pub folder: PathBuf,
    /// A mutant that takes longer is as good as caught.
    pub limit: Duration,
}

impl Trial {
    /// Runs the tests up to the first that fails, and gives its name, or what else went wrong.
    pub fn run(&self) -> std::io::Result<Option<String>> {
        let scratch = std::env::temp_dir().join(format!("ckpt-mutants-{}", std::process::id()));
        std::fs::create_dir_all(&scratch)?;
        let failed = self.run_in(&scratch);
        // Whoever is killed leaves his folders.
        let _ = std::fs::remove_dir_all(&scratch);
        failed
    }

    fn run_in(&self, scratch: &Path) -> std::io::Result<Option<String>> {
        // A mutant may ask for memory without end.
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -v 8000000; exec \"$0\" \"$@\""]).arg(&self.program).args(self.filters);
        command.current_dir(&self.folder).env("TMPDIR", scratch).process_group(0);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let lines = BufReader::new(child.stdout.take().expect("it was asked for")).lines().map_while(Result::ok);
        let (sender, receiver) = mpsc::channel();
        let reader = std::thread::spawn(move || lines.into_iter().try_for_each(|line| sender.send(line)));
        let end = Instant::now() + self.limit;
        let failed = loop {
            match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => match line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED")) {
                    Some(test) => break Some(test.to_owned()),
                    None => continue,
                },
                Err(RecvTimeoutError::Timeout) => break Some("too long".to_owned()),
                Err(RecvTimeoutError::Disconnected) => break None,
            }
        };
        if failed.is_some() {
            let _ = Command::new("kill").args(["-9", "--", &format!("-{}", child.id())]).status();
        }
        let status = child.wait()?;
        let _ = reader.join();
        Ok(failed.or_else(|| (!status.success()).then(|| status.to_string())))
    }
}
