//! What the run found: `mutants/SURVIVORS.md` and a line of `RELIABILITY.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

const HEAD: &str = "# Mutants that no test catches\n\nWritten by `mutants/run`; the reasons are by hand and stay from run to \
                    run. Each says why the change is harmless. Several of one\nkind in one line stand once.\n";

/// Writes the list anew, with the reasons that it had.
pub fn write_survivors(root: &Path, survivors: &BTreeSet<String>) -> std::io::Result<()> {
    let path = root.join("mutants/SURVIVORS.md");
    let known = reasons(&fs::read_to_string(&path).unwrap_or_default());
    let mut page = HEAD.to_owned();
    for survivor in survivors {
        let reason = known.get(survivor).map_or("?", String::as_str);
        write!(page, "\n- {survivor}\n\n  {reason}\n").expect("text takes all");
    }
    fs::write(path, page)
}

fn reasons(page: &str) -> BTreeMap<String, String> {
    let items = page.split("\n- ").skip(1).filter_map(|item| item.split_once("\n\n  "));
    items.map(|(survivor, reason)| (survivor.to_owned(), reason.trim().to_owned())).collect()
}

/// Puts the figure among the others.
pub fn write_figure(root: &Path, caught: usize, all: usize) -> std::io::Result<()> {
    const WHAT: &str = "| Mutants of plan, apply, journal and path check that a test catches |";
    let path = root.join("RELIABILITY.md");
    let page = fs::read_to_string(&path)?;
    let (head, rows) = page.split_at(page.find("|---|---|---|\n").map_or(page.len(), |at| at + 14));
    let mut rows: Vec<&str> = rows.lines().filter(|row| !row.starts_with(WHAT)).collect();
    let row = format!("{WHAT} {caught} of {all} | `mutants/run` |");
    rows.push(&row);
    rows.sort_unstable();
    fs::write(&path, format!("{head}{}\n", rows.join("\n")))?;
    // The sweeps write the page anew from these.
    let folder = root.join("target/reliability");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("Mutants.md"), format!("{row}\n"))
}
