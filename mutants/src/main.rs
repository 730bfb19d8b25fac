//! Mutation testing of what a load stands on, with all mutants in one build: `mutants/run` calls it.
//!
//! Weaves the mutants that `cargo mutants` lists into a copy of the repository, builds its tests once, and runs them with
//! one mutant on after the other: the unit tests first, then for those that pass them the tests of the whole program.
//! Left out are mutants that do not compile in that form, and those of text within macros, which are not listed.

// It is run by hand, beside ckpt and not in it.
#![allow(clippy::disallowed_macros)]

use std::collections::BTreeMap;
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
use trial::{Outcome, Stage};

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
        unit: &["worktree::", "ops::load"],
        it: &["load", "undo::", "hostile", "operations::", "submodules::", "left_work::", "filters::", "branch::"],
        faults: &[
            "load_points::",
            "submodule_points::",
            "linked_points::",
            "of_two_loads",
            "full_disk_fails_the_load",
            "a_load_outlives_a_power_cut",
        ],
    },
];

/// The test that caught a mutant, by the mutant's name.
type Verdicts = BTreeMap<String, String>;

fn main() -> Result<(), Box<dyn Error>> {
    let [list, root, only] = [1, 2, 3].map(|place| std::env::args().nth(place).unwrap_or_default());
    let root = Path::new(&root);
    let mutants: Vec<Mutant> = serde_json::from_slice(&fs::read(list)?)?;
    let copy = Copy { root: root.to_owned(), folder: root.join("target/mutants") };
    copy.fill(&mutants)?;
    copy.switch_on(0)?;
    let viable = copy.weave(&mutants)?;
    let programs = copy.build(&["it", "faults"])?;
    let ledger = copy.folder.join("verdicts.json");
    let mut verdicts = read_verdicts(&ledger);
    if only != "survivors" {
        verdicts.clear();
    }
    let numbered: Vec<(usize, &Mutant)> = (1..).zip(&mutants).filter(|(number, _)| viable.contains(number)).collect();
    for (name, tests) in
        ["ckpt", "it", "faults"].into_iter().flat_map(|name| (0..TESTS.len()).map(move |tests| (name, tests)))
    {
        let program = programs.get(name).ok_or_else(|| format!("`{name}` was not built"))?;
        let stage = stage_of(&copy, name, program, tests)?;
        for &(number, mutant) in numbered.iter().filter(|(_, mutant)| tests == tests_of(&mutant.file)) {
            if verdicts.contains_key(&mutant.name) {
                continue;
            }
            copy.switch_on(number)?;
            if let Outcome::Caught(test) = stage.run()? {
                eprintln!("{}: {test}", mutant.name);
                verdicts.insert(mutant.name.clone(), test);
                fs::write(&ledger, serde_json::to_vec_pretty(&verdicts)?)?;
            }
        }
        copy.switch_on(0)?;
    }
    report(root, numbered.into_iter().map(|(_, mutant)| mutant), &verdicts)
}

fn read_verdicts(ledger: &Path) -> Verdicts {
    fs::read(ledger).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn tests_of(file: &str) -> usize {
    TESTS.iter().position(|tests| file.contains(tests.files)).expect("the last is for all")
}

/// Without a mutant the tests must pass; how long they take is the measure of a time that is too long.
fn stage_of(copy: &Copy, name: &str, program: &Path, tests: usize) -> Result<Stage, Box<dyn Error>> {
    let tests = &TESTS[tests];
    let filters = match name {
        "it" => tests.it,
        "faults" => tests.faults,
        _ => tests.unit,
    };
    let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
    let mut stage =
        Stage { program: program.to_owned(), folder: copy.folder.clone(), filters, limit: Duration::from_secs(3600) };
    let begun = Instant::now();
    if let Outcome::Caught(test) = stage.run()? {
        return Err(format!("fails without any mutant: {test}").into());
    }
    eprintln!("{name} takes {:?}", begun.elapsed());
    stage.limit = begun.elapsed() * 4 + Duration::from_secs(10);
    Ok(stage)
}

fn report<'m>(
    root: &Path,
    mutants: impl Iterator<Item = &'m Mutant>,
    verdicts: &Verdicts,
) -> Result<(), Box<dyn Error>> {
    let mut survivors = Vec::new();
    let mut figures: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for mutant in mutants {
        let (caught, all) = figures.entry(&mutant.file).or_default();
        *all += 1;
        if verdicts.contains_key(&mutant.name) {
            *caught += 1;
        } else {
            survivors.push(mutant.description(&fs::read_to_string(root.join(&mutant.file))?));
        }
    }
    for (file, (caught, all)) in &figures {
        eprintln!("{file}: {caught} of {all}");
    }
    let (caught, all) = figures.values().fold((0, 0), |sum, figure| (sum.0 + figure.0, sum.1 + figure.1));
    page::write_survivors(root, &survivors)?;
    Ok(page::write_figure(root, caught, all)?)
}
