//! Warm saves in repositories that libgit2 cannot open, against git's own plumbing in the same.

use std::cell::RefCell;

use crate::measure::{Contender, Table, interleaved, time};
use crate::place::is_small;
use crate::trees::{Edits, SMALL, Size, repository_of};

const LIMIT: f64 = 1.2;

const KINDS: [(&str, &[&str]); 3] = [
    ("SHA-256", &["--object-format=sha256"]),
    ("reftable", &["--ref-format=reftable"]),
    ("both", &["--object-format=sha256", "--ref-format=reftable"]),
];

pub fn plumbing(table: &mut Table) {
    let middle = Size { files: if is_small() { 5_000 } else { 20_000 }, folders: 1_600, bytes: 4_000 };
    for (what, size) in [("5,000 files", SMALL), ("20,000 files", middle)] {
        for (kind, options) in KINDS {
            warm(table, &format!("warm save, {kind}, {what}"), &format!("plumbing-{kind}"), size, options);
        }
    }
}

fn warm(table: &mut Table, what: &str, name: &str, size: Size, options: &[&str]) {
    let place = repository_of(name, size, options);
    place.run_ckpt(&["save", "-q"]);
    let edits = RefCell::new(Edits::new(size));
    let edited = |command: &dyn Fn() -> std::process::Command| {
        edits.borrow_mut().make(&place);
        time(&mut command())
    };
    let times = interleaved(&mut [
        Contender::new(|| edited(&|| place.ckpt(&["save", "-q"]))),
        Contender::new(|| edited(&|| place.whole_plumbing())),
    ]);
    table.time(&format!("{what}, against git's plumbing"), times[0], times[1], LIMIT);
}
