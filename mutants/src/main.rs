//! Mutation testing of what a load stands on, with all mutants in one build: `mutants/run` calls it.
//!
//! Weaves the mutants that `cargo mutants` lists into a copy of the repository, builds its tests once, and runs them with
//! one mutant on after the other: the unit tests first, then for those that pass them the tests of the whole program.
//! Left out are mutants that do not compile in that form, and those of text within macros, which are not listed.

// It is run by hand, beside ckpt and not in it.
#![allow(clippy::disallowed_macros)]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

mod copy;
mod mutant;
mod page;
mod trial;
mod weave;

use copy::Copy;
use mutant::Mutant;
use trial::Trial;

/// The tests that are run for some files, by parts of their names.
struct Tests {
    /// A part of the files' paths.
    files: &'static str,
    unit: &'static [&'static str],
    it: &'static [&'static str],
    faults: &'static [&'static str],
}

/// The first that fits a file holds.
const TESTS: [Tests; 2] = [
    Tests {
        files: "src/store/journal",
        unit: &["store::journal"],
        it: &["words::", "log::", "chain::", "replay::", "shared::"],
        faults: &["words::"],
    },
    Tests {
        files: "",
        unit: &[
            "worktree::apply::",
            "worktree::content::",
            "worktree::journal::",
            "worktree::path_check::",
            "worktree::plan::",
            "worktree::scan::names::",
            "worktree::verify::",
            "worktree::walls::",
            "ops::load::",
        ],
        it: &["load", "undo::", "hostile::", "operations::", "submodules::", "filters::"],
        faults: &[
            "submodule_points::a_load_that_died_is_finished",
            "of_two_loads",
            "full_disk_fails_the_load",
            "a_load_outlives_a_power_cut",
        ],
    },
];

/// The tests that caught mutants, by the mutants' names.
type Caught = BTreeMap<String, String>;

fn main() -> Result<(), Box<dyn Error>> {
    let [list, root, only] = [1, 2, 3].map(|place| std::env::args().nth(place).unwrap_or_default());
    let root = Path::new(&root);
    let mutants: Vec<Mutant> = serde_json::from_slice(&fs::read(list)?)?;
    let copy = Copy { repository: root.to_owned(), folder: root.join("target/mutants") };
    copy.fill(&mutants)?;
    copy.switch_on(0)?;
    let compiled = copy.weave(&mutants)?;
    let mutants: Vec<(usize, &Mutant)> = (1..).zip(&mutants).filter(|(number, _)| compiled.contains(number)).collect();
    let ledger = copy.folder.join("caught.json");
    let mut caught = match only.as_str() {
        "" => Caught::new(),
        // Without what an earlier run found, all would be written down as survivors.
        _ => serde_json::from_slice(&fs::read(&ledger).map_err(|_| "nothing was tried yet: `mutants/run`")?)?,
    };
    if only != "report" {
        try_all(&copy, &mutants, &mut caught, &ledger)?;
    }
    report(root, mutants.into_iter().map(|(_, mutant)| mutant), &caught)
}

/// Runs the tests with each mutant that is not caught yet: the unit tests of all, then the others.
fn try_all(
    copy: &Copy,
    mutants: &[(usize, &Mutant)],
    caught: &mut Caught,
    ledger: &Path,
) -> Result<(), Box<dyn Error>> {
    let programs = copy.build()?;
    for name in ["ckpt", "it", "faults"] {
        for tests in &TESTS {
            let trial = trial(copy, programs.get(name).ok_or("a program was not built")?, tests.of(name))?;
            for (number, mutant) in mutants.iter().filter(|(_, mutant)| tests.are_for(&mutant.file)) {
                if caught.contains_key(&mutant.name) {
                    continue;
                }
                copy.switch_on(*number)?;
                // Once more, for a test that fails now and then on a busy machine.
                if let Some(test) = trial.run()?
                    && trial.run()?.is_some()
                {
                    eprintln!("{}: {test}", mutant.name);
                    caught.insert(mutant.name.clone(), test);
                    fs::write(ledger, serde_json::to_vec_pretty(caught)?)?;
                }
            }
            copy.switch_on(0)?;
        }
    }
    Ok(())
}

impl Tests {
    fn are_for(&self, file: &str) -> bool {
        TESTS.iter().find(|tests| file.contains(tests.files)).is_some_and(|tests| tests.files == self.files)
    }

    fn of(&self, program: &str) -> &'static [&'static str] {
        match program {
            "it" => self.it,
            "faults" => self.faults,
            _ => self.unit,
        }
    }
}

/// Without a mutant the tests must pass; how long they take is the measure of a time that is too long.
fn trial(copy: &Copy, program: &Path, filters: &'static [&'static str]) -> Result<Trial, Box<dyn Error>> {
    let (program, folder) = (program.to_owned(), copy.folder.clone());
    let trial = Trial { program, filters, folder, limit: Duration::from_secs(3600) };
    let begun = Instant::now();
    match trial.run()? {
        Some(test) => Err(format!("without any mutant: {test}").into()),
        None => Ok(Trial { limit: begun.elapsed() * 8 + Duration::from_secs(30), ..trial }),
    }
}

fn report<'m>(root: &Path, mutants: impl Iterator<Item = &'m Mutant>, caught: &Caught) -> Result<(), Box<dyn Error>> {
    let mut survivors = BTreeSet::new();
    let mut figures: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for mutant in mutants {
        let figure = figures.entry(&mutant.file).or_default();
        figure.1 += 1;
        if caught.contains_key(&mutant.name) {
            figure.0 += 1;
        } else {
            survivors.insert(mutant.description(&fs::read_to_string(root.join(&mutant.file))?));
        }
    }
    for (file, (caught, all)) in &figures {
        eprintln!("{file}: {caught} of {all}");
    }
    page::write_survivors(root, &survivors)?;
    let (caught, all) = figures.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    Ok(page::write_figure(root, caught, all)?)
}
