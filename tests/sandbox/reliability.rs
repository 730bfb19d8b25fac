//! The figures of `RELIABILITY.md`: each sweep leaves its row, and the page is written from all rows there are.
//!
//! Only with `CKPT_SWEEP=1`; the usual run tests the same on a sample and writes nothing.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// One line of the table.
pub struct Row<'a> {
    /// What was done.
    pub what: &'a str,
    pub figure: &'a str,
    /// What produces the figure.
    pub command: &'a str,
}

const HEAD: &str = "# Reliability\n\nWhat the sweeps found the last time they ran to their end. Each line is written by the tests that the command\n\
                    beside it runs; the usual `cargo test` runs a sample of each.\n\n| what | figure | command |\n|---|---|---|\n";

/// Whether everything is to be run, and not a sample.
pub fn is_sweep() -> bool {
    std::env::var_os("CKPT_SWEEP").is_some()
}

/// Puts a row on record and writes the page anew.
pub fn record(row: &Row<'_>) {
    if !is_sweep() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/reliability");
    fs::create_dir_all(&folder).unwrap();
    let lock = fs::File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let name: String = row.what.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect();
    let line = format!("| {} | {} | `{}` |\n", row.what, row.figure, row.command);
    fs::write(folder.join(format!("{name}.md")), line).unwrap();
    let mut rows: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    rows.sort();
    let mut page = HEAD.to_owned();
    for row in rows.iter().filter(|row| row.extension().is_some_and(|extension| extension == "md")) {
        write!(page, "{}", fs::read_to_string(row).unwrap()).unwrap();
    }
    fs::write(root.join("RELIABILITY.md"), page).unwrap();
}
