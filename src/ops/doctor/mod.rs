//! Looks at everything around the work that can go wrong, says what to type, and mends what can be mended without harm.
//!
//! Each check stands alone: what one cannot read does not keep the others from looking. Nothing is changed unless `fix` is
//! asked for, and then only what ckpt can make again (notes, caches) or what its dead processes have left.

mod health;
mod history;
mod notes;
mod surroundings;
mod upkeep;

use super::Repo;
use crate::sys::environment::Environment;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Hint,
    /// Needs a hand.
    Problem,
}

/// Whether `--fix` has something to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mending {
    /// Only a hand can.
    ByHand,
    /// `--fix` would.
    Possible,
    /// It was done.
    Done,
}

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symptom {
    pub severity: Severity,
    /// A sentence; may hold text of others.
    pub message: String,
    /// What to type.
    pub hints: Vec<String>,
    pub mending: Mending,
}

impl Symptom {
    pub fn problem(message: impl Into<String>) -> Symptom {
        Symptom { severity: Severity::Problem, message: message.into(), hints: Vec::new(), mending: Mending::ByHand }
    }

    pub fn hint(message: impl Into<String>) -> Symptom {
        Symptom { severity: Severity::Hint, ..Symptom::problem(message) }
    }

    #[must_use]
    pub fn type_this(mut self, hint: impl Into<String>) -> Symptom {
        self.hints.push(hint.into());
        self
    }

    /// `--fix` mends it; `mend` is called when that is asked for and says whether it did.
    fn mended_by(mut self, fix: bool, mend: impl FnOnce() -> bool) -> Symptom {
        self.mending = match fix {
            true if mend() => Mending::Done,
            true => Mending::ByHand,
            false => Mending::Possible,
        };
        self
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// One word.
    pub name: &'static str,
    /// How it stands, in a few words.
    pub told: String,
    pub symptoms: Vec<Symptom>,
}

impl Check {
    fn new(name: &'static str, told: impl Into<String>, symptoms: Vec<Symptom>) -> Check {
        Check { name, told: told.into(), symptoms }
    }
}

/// All that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    pub checks: Vec<Check>,
    /// Mending was asked for.
    pub is_fixing: bool,
}

impl Diagnosis {
    fn symptoms(&self) -> impl Iterator<Item = &Symptom> {
        self.checks.iter().flat_map(|check| &check.symptoms)
    }

    /// How many findings need a hand still.
    pub fn problems(&self) -> usize {
        let is_open = |one: &&Symptom| one.severity == Severity::Problem && one.mending != Mending::Done;
        self.symptoms().filter(is_open).count()
    }

    /// How many findings `--fix` would mend, or has mended.
    pub fn with(&self, mending: Mending) -> usize {
        self.symptoms().filter(|one| one.mending == mending).count()
    }
}

/// Looks at what is there. `opened` is the repository, or what stands in the way of opening it; `settings` what is wrong
/// with the user's settings.
pub fn diagnose(
    environment: &Environment,
    opened: Result<&Repo, Symptom>,
    settings: Option<Symptom>,
    fix: bool,
) -> Diagnosis {
    let mut checks = vec![surroundings::programs(environment), surroundings::git(environment)];
    checks.push(surroundings::settings(environment, settings, opened.as_ref().ok().copied()));
    match opened {
        Err(symptom) => checks.insert(0, Check::new("repository", "cannot be opened", vec![symptom])),
        Ok(repo) => {
            checks.insert(0, health::repository(repo));
            checks.extend([
                health::head(repo),
                health::objects(repo),
                history::refs(repo),
                history::session(repo),
                upkeep::recovery(repo),
                upkeep::locks(repo, fix),
                upkeep::leftovers(repo, fix),
                upkeep::journal(repo),
                upkeep::caches(repo, fix),
                health::hooks(repo),
                notes::check(repo, fix),
                surroundings::clock(repo),
                surroundings::filesystem(repo),
            ]);
        }
    }
    Diagnosis { checks, is_fixing: fix }
}
