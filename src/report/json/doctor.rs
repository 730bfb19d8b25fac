//! The document of `doctor`.

use serde::Serialize;

use crate::ops::doctor::{Check, Diagnosis, Mending, Severity, Symptom};

/// `ckpt.doctor/1`: how it stands around the work.
#[derive(Debug, Serialize)]
pub struct DoctorDocument<'a> {
    /// `ckpt.doctor/1`.
    pub schema: &'static str,
    /// `--fix` was typed.
    pub fixing: bool,
    /// How many findings need a hand still.
    pub problems: usize,
    /// How many were mended.
    pub fixed: usize,
    /// How many `--fix` would mend.
    pub fixable: usize,
    pub checks: Vec<CheckRow<'a>>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct CheckRow<'a> {
    /// One word, such as `locks`.
    pub name: &'static str,
    /// `ok`, `hint` or `problem`: the worst of what is open.
    pub state: &'static str,
    /// How it stands, in a few words.
    pub told: &'a str,
    pub findings: Vec<SymptomRow<'a>>,
}

/// Something found.
#[derive(Debug, Serialize)]
pub struct SymptomRow<'a> {
    /// `hint` or `problem`.
    pub severity: &'static str,
    pub message: &'a str,
    /// What to type, as sentences.
    pub hints: &'a [String],
    /// `--fix` would mend it.
    pub fixable: bool,
    /// It was mended.
    pub fixed: bool,
}

impl<'a> DoctorDocument<'a> {
    pub fn of(diagnosis: &'a Diagnosis) -> DoctorDocument<'a> {
        DoctorDocument {
            schema: "ckpt.doctor/1",
            fixing: diagnosis.is_fixing,
            problems: diagnosis.problems(),
            fixed: diagnosis.with(Mending::Done),
            fixable: diagnosis.with(Mending::Possible),
            checks: diagnosis.checks.iter().map(CheckRow::of).collect(),
        }
    }
}

impl<'a> CheckRow<'a> {
    fn of(check: &'a Check) -> CheckRow<'a> {
        let open = check.symptoms.iter().filter(|one| one.mending != Mending::Done);
        let state = open.map(|one| one.severity).max().map_or("ok", word);
        let findings = check.symptoms.iter().map(SymptomRow::of).collect();
        CheckRow { name: check.name, state, told: &check.told, findings }
    }
}

impl<'a> SymptomRow<'a> {
    fn of(symptom: &'a Symptom) -> SymptomRow<'a> {
        SymptomRow {
            severity: word(symptom.severity),
            message: &symptom.message,
            hints: &symptom.hints,
            fixable: symptom.mending == Mending::Possible,
            fixed: symptom.mending == Mending::Done,
        }
    }
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Hint => "hint",
        Severity::Problem => "problem",
    }
}
