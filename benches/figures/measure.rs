//! Timing of commands, interleaved, and the table of ratios.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often each contender runs.
pub fn rounds() -> usize {
    if crate::place::is_small() { 5 } else { 9 }
}

/// Runs a command to its end and gives its wall time; it must succeed.
pub fn time(command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let start = Instant::now();
    let output = command.output().unwrap();
    let elapsed = start.elapsed();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    elapsed
}

/// The largest resident size of a command in KiB, read from `/proc` until it ends.
pub fn peak_memory(command: &mut Command) -> u64 {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let path = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        // The high-water mark only rises, so the last look before the end is the answer but for half a millisecond.
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let size = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(size.unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{command:?}");
            return peak;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
}

/// One way to do the work: its name and one timed run of it, with what has to be prepared left out.
pub struct Contender<'a> {
    pub run: Box<dyn FnMut() -> Duration + 'a>,
}

impl<'a> Contender<'a> {
    pub fn new(run: impl FnMut() -> Duration + 'a) -> Contender<'a> {
        Contender { run: Box::new(run) }
    }
}

/// Runs the contenders in turns, after one round that does not count, and gives the median of each in seconds.
pub fn interleaved(contenders: &mut [Contender<'_>]) -> Vec<f64> {
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..=rounds() {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let elapsed = (contender.run)();
            if round > 0 {
                times.push(elapsed.as_secs_f64());
            }
        }
    }
    times.into_iter().map(median).collect()
}

pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The figures so far.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

struct Row {
    what: String,
    ours: f64,
    theirs: f64,
    unit: &'static str,
    limit: f64,
}

impl Table {
    /// A figure in seconds.
    pub fn time(&mut self, what: &str, ours: f64, theirs: f64, limit: f64) {
        self.add(what, ours * 1000.0, theirs * 1000.0, "ms", limit);
    }

    pub fn add(&mut self, what: &str, ours: f64, theirs: f64, unit: &'static str, limit: f64) {
        let row = Row { what: what.to_owned(), ours, theirs, unit, limit };
        eprintln!("  {}", row.text());
        self.rows.push(row);
    }

    /// Prints all of it.
    pub fn print(&self) {
        println!("{:<62} {:>13} {:>13} {:>7} {:>7}", "figure", "ckpt", "against", "ratio", "limit");
        for row in &self.rows {
            println!("{}", row.text());
        }
        let missed = self.rows.iter().filter(|row| !row.holds()).count();
        println!("{} of {} figures hold", self.rows.len() - missed, self.rows.len());
    }
}

impl Row {
    fn holds(&self) -> bool {
        self.ours <= self.theirs * self.limit
    }

    fn text(&self) -> String {
        let mark = if self.holds() { "ok" } else { "MISSED" };
        let number = |value: f64| format!("{value:.1} {}", self.unit);
        let ratio = self.ours / self.theirs;
        let (ours, theirs) = (number(self.ours), number(self.theirs));
        format!("{:<62} {ours:>13} {theirs:>13} {ratio:>7.2} {:>7.2} {mark}", self.what, self.limit)
    }
}
