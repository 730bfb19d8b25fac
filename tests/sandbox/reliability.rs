//! The figures of `RELIABILITY.md`: each sweep puts its row in the place of the one from before.
//!
//! Only with `CKPT_SWEEP=1`; the usual run tests the same on a sample and writes nothing.

use std::collections::BTreeMap;
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

/// Puts a row on record: it takes the place of the one that said the same before, and all others stay.
pub fn record(row: &Row<'_>) {
    if !is_sweep() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = root.join("RELIABILITY.md");
    let lock = fs::File::create(root.join("target/reliability.lock")).unwrap();
    lock.lock().unwrap();
    let old = fs::read_to_string(&page).unwrap_or_default();
    fs::write(&page, with_row(&old, row)).unwrap();
}

/// The page with this row, all rows in their order.
fn with_row(page: &str, row: &Row<'_>) -> String {
    let rows = page.lines().filter(|line| line.starts_with("| ") && !HEAD.contains(line));
    let mut lines: BTreeMap<&str, String> = rows.map(|line| (what_of(line), format!("{line}\n"))).collect();
    let line = format!("| {} | {} | `{}` |\n", row.what, row.figure, row.command);
    lines.insert(row.what, line);
    HEAD.to_owned() + &lines.into_values().collect::<String>()
}

/// What a row is about.
fn what_of(line: &str) -> &str {
    line.trim_start_matches("| ").split(" | ").next().expect("even an empty text has a first part")
}

#[test]
fn a_run_replaces_its_own_rows_and_no_others() {
    let row = |what, figure| Row { what, figure, command: "cargo test" };
    let page = with_row("", &row("the second", "1 of 2"));
    let page = with_row(&page, &row("the first", "3 of 3"));
    let page = with_row(&page, &row("the second", "2 of 2"));
    let rows = "| the first | 3 of 3 | `cargo test` |\n| the second | 2 of 2 | `cargo test` |\n";
    assert_eq!(page, HEAD.to_owned() + rows);
}
