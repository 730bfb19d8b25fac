//! The copy of the repository that holds all mutants, and which of them compile.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::mutant::Mutant;
use crate::weave::{self, Woven};

pub struct Copy {
    pub repository: PathBuf,
    /// The copy; what was built in it stays from run to run.
    pub folder: PathBuf,
}

impl Copy {
    /// Copies what git knows or would add, but for the files that mutants are woven into.
    pub fn fill(&self, mutants: &[Mutant]) -> Result<(), Box<dyn Error>> {
        let mut list = Command::new("git");
        list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&self.repository);
        let mutated: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.file.as_str()).collect();
        let list = String::from_utf8(list.output()?.stdout)?;
        for path in list.split_terminator('\0').filter(|path| !mutated.contains(path)) {
            let Ok(mut bytes) = fs::read(self.repository.join(path)) else { continue };
            bytes.extend_from_slice(if path == "src/lib.rs" { b"\npub mod mutant;\n" } else { b"" });
            self.write(path, &bytes)?;
        }
        self.write("src/mutant.rs", weave::SWITCH.as_bytes())
    }

    /// Leaves alone what is the same, so that it is not built again.
    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
        let path = self.folder.join(path);
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        fs::create_dir_all(path.parent().ok_or("no folder")?)?;
        Ok(fs::write(path, bytes)?)
    }

    /// Says which mutant is on; 0 for none.
    pub fn switch_on(&self, number: usize) -> Result<(), Box<dyn Error>> {
        Ok(fs::write(self.folder.join("mutant-on"), number.to_string())?)
    }

    /// Weaves all mutants in and takes out again those that the compiler refuses. Gives the numbers of the rest. What was
    /// refused is remembered, so that a further run finds all as it was built.
    pub fn weave(&self, mutants: &[Mutant]) -> Result<BTreeSet<usize>, Box<dyn Error>> {
        let ledger = self.folder.join("refused.json");
        let known = fs::read(&ledger).unwrap_or_else(|_| b"[]".into());
        let mut all_refused: BTreeSet<String> = serde_json::from_slice(&known)?;
        loop {
            let mut files: BTreeMap<&str, Vec<(usize, &Mutant)>> = BTreeMap::new();
            for (number, mutant) in (1..).zip(mutants) {
                let is_left = !all_refused.contains(&mutant.name);
                files.entry(&mutant.file).or_default().extend(is_left.then_some((number, mutant)));
            }
            let mut woven = BTreeMap::new();
            for (path, mutants) in files {
                let file = weave::weave(&fs::read_to_string(self.repository.join(path))?, &mutants)?;
                self.write(path, file.text.as_bytes())?;
                woven.insert(path, file);
            }
            let left = woven.values().flat_map(|file| &file.mutants).map(|(number, _)| *number).collect();
            let messages = self.cargo(&["check", "--lib"])?.into_iter().map(|mut line| line["message"].take());
            let refused = refused(&woven, messages.filter(|message| message["level"] == "error"))?;
            if refused.is_empty() {
                return Ok(left);
            }
            all_refused.extend(refused.iter().map(|number| mutants[number - 1].name.clone()));
            fs::write(&ledger, serde_json::to_vec_pretty(&all_refused)?)?;
        }
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Vec<Value>, Box<dyn Error>> {
        let mut cargo = Command::new("cargo");
        cargo.args(arguments).arg("--message-format=json").current_dir(&self.folder).stderr(Stdio::null());
        let output = cargo.env("CARGO_TARGET_DIR", self.folder.join("target")).output()?;
        let lines = output.stdout.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map(serde_json::from_slice).collect::<Result<_, _>>()?)
    }

    /// Builds the tests. Gives the programs by their names.
    pub fn build(&self) -> Result<BTreeMap<String, PathBuf>, Box<dyn Error>> {
        let lines = self.cargo(&["test", "--no-run", "--lib", "--test", "it", "--test", "faults"])?;
        let tests = lines.iter().filter(|line| line["profile"]["test"] == true);
        let named = tests.filter_map(|line| Some((line["target"]["name"].as_str()?, line["executable"].as_str()?)));
        Ok(named.map(|(name, program)| (name.to_owned(), program.into())).collect())
    }
}

/// The mutants that errors are about: where they are, or where else they point to.
fn refused(
    woven: &BTreeMap<&str, Woven>,
    errors: impl Iterator<Item = Value>,
) -> Result<BTreeSet<usize>, Box<dyn Error>> {
    let mut refused = BTreeSet::new();
    // The last message only counts the others.
    for error in errors.filter(|error| error["spans"].as_array().is_some_and(|spans| !spans.is_empty())) {
        let about = |is_primary: bool| -> Vec<usize> {
            let spans = error["spans"].as_array().into_iter().flatten().filter(|span| span["is_primary"] == is_primary);
            let places =
                spans.filter_map(|span| Some((woven.get(span["file_name"].as_str()?)?, span["byte_start"].as_u64()?)));
            let mutants =
                places.flat_map(|(file, at)| file.mutants.iter().filter(move |(_, own)| own.contains(&(at as usize))));
            mutants.map(|(number, _)| *number).collect()
        };
        let found = [about(true), about(false)].into_iter().find(|found| !found.is_empty());
        refused.extend(found.ok_or_else(|| format!("an error that is about no mutant: {}", error["rendered"]))?);
    }
    Ok(refused)
}
