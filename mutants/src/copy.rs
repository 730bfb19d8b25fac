//! The copy of the repository that holds all mutants, and which of them compile.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::mutant::Mutant;
use crate::weave::{self, Woven};

pub struct Copy {
    /// The repository.
    pub root: PathBuf,
    /// The copy; its own build folder stays from run to run.
    pub folder: PathBuf,
}

impl Copy {
    /// Copies what git knows or would add, but for the files that mutants are woven into.
    pub fn fill(&self, mutants: &[Mutant]) -> Result<(), Box<dyn Error>> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&self.root)
            .output()?;
        let mutated: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.file.as_str()).collect();
        for path in String::from_utf8(listed.stdout)?.split_terminator('\0').filter(|path| !mutated.contains(path)) {
            let Ok(mut bytes) = fs::read(self.root.join(path)) else { continue };
            if path == "src/lib.rs" {
                bytes.extend_from_slice(b"\npub mod mutant;\n");
            }
            self.write(path, &bytes)?;
        }
        self.write("src/mutant.rs", weave::SWITCH.as_bytes())
    }

    /// Untouched where it is the same, so that it is not built again.
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

    /// Weaves all mutants in and takes out again those that the compiler does not take. Gives the numbers of the rest.
    pub fn weave(&self, mutants: &[Mutant]) -> Result<BTreeSet<usize>, Box<dyn Error>> {
        let mut left: BTreeSet<usize> = (1..=mutants.len()).collect();
        loop {
            let woven = self.weave_these(mutants, &left)?;
            left = woven.values().flat_map(|file| &file.parts).map(|part| part.number).collect();
            let refused = refused(&woven, &self.errors()?)?;
            eprintln!("{} mutants, {} of them do not compile", left.len(), refused.len());
            if refused.is_empty() {
                return Ok(left);
            }
            left.retain(|number| !refused.contains(number));
        }
    }

    fn weave_these(
        &self,
        mutants: &[Mutant],
        left: &BTreeSet<usize>,
    ) -> Result<BTreeMap<String, Woven>, Box<dyn Error>> {
        let mut files: BTreeMap<&str, Vec<(usize, &Mutant)>> = BTreeMap::new();
        for (mutant, number) in mutants.iter().zip(1..) {
            let file = files.entry(&mutant.file).or_default();
            file.extend(left.contains(&number).then_some((number, mutant)));
        }
        let mut woven = BTreeMap::new();
        for (path, mutants) in files {
            let file = weave::weave(&fs::read_to_string(self.root.join(path))?, &mutants)?;
            self.write(path, file.text.as_bytes())?;
            woven.insert(path.to_owned(), file);
        }
        Ok(woven)
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Vec<Value>, Box<dyn Error>> {
        let mut cargo = Command::new("cargo");
        cargo.args(arguments).arg("--message-format=json").current_dir(&self.folder).stderr(Stdio::null());
        let output = cargo.env("CARGO_TARGET_DIR", self.folder.join("target")).output()?;
        let lines = output.stdout.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map(serde_json::from_slice).collect::<Result<_, _>>()?)
    }

    /// What the compiler does not take.
    fn errors(&self) -> Result<Vec<Value>, Box<dyn Error>> {
        let messages = self.cargo(&["check", "--lib"])?.into_iter().map(|mut line| line["message"].take());
        Ok(messages.filter(|message| message["level"] == "error").collect())
    }

    /// Builds the tests. Gives the programs by their names.
    pub fn build(&self, targets: &[&str]) -> Result<BTreeMap<String, PathBuf>, Box<dyn Error>> {
        let mut arguments = vec!["test", "--no-run", "--lib"];
        arguments.extend(targets.iter().flat_map(|target| ["--test", target]));
        let mut programs = BTreeMap::new();
        for line in self.cargo(&arguments)? {
            if let (Some(program), true) = (line["executable"].as_str(), line["profile"]["test"] == true) {
                let name = line["target"]["name"].as_str().unwrap_or_default();
                programs.insert(name.to_owned(), Path::new(program).to_owned());
            }
        }
        Ok(programs)
    }
}

/// The mutants that errors are about: those in whose own parts they are, else those of the expression around.
fn refused(woven: &BTreeMap<String, Woven>, errors: &[Value]) -> Result<BTreeSet<usize>, Box<dyn Error>> {
    let mut refused = BTreeSet::new();
    for error in errors.iter().filter(|error| error["spans"].as_array().is_some_and(|spans| !spans.is_empty())) {
        let found = [(true, true), (false, true), (true, false), (false, false)]
            .into_iter()
            .map(|(is_primary, is_own)| about(woven, error, is_primary, is_own))
            .find(|found| !found.is_empty());
        refused.extend(found.ok_or_else(|| format!("no mutant, but an error: {}", error["rendered"]))?);
    }
    if refused.is_empty() && !errors.is_empty() {
        return Err(format!("errors of no place: {errors:?}").into());
    }
    Ok(refused)
}

fn about(woven: &BTreeMap<String, Woven>, error: &Value, is_primary: bool, is_own: bool) -> Vec<usize> {
    let mut numbers = Vec::new();
    for span in error["spans"].as_array().into_iter().flatten().filter(|span| span["is_primary"] == is_primary) {
        let Some(file) = span["file_name"].as_str().and_then(|name| woven.get(name)) else { continue };
        let at = span["byte_start"].as_u64().map_or(usize::MAX, |at| at as usize);
        let around = file.parts.iter().filter(|part| if is_own { &part.own } else { &part.site }.contains(&at));
        let smallest = around.clone().map(|part| part.site.len()).min();
        numbers.extend(around.filter(|part| Some(part.site.len()) == smallest).map(|part| part.number));
    }
    numbers
}
