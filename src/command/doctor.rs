//! `ckpt doctor`.

use crate::ops::doctor::{Mending, Severity, Symptom, diagnose};
use crate::report::diagnosed::render;
use crate::report::json::doctor::DoctorDocument;

use super::failure::{Exit, Failure, Stop};
use super::invocation::{Interrupted, Invocation};

/// Look for what is wrong around the work, and say what to type
///
/// The repository, HEAD, objects, refs, the session, an interrupted load, locks, what dead processes have left, the
/// journal, caches, hooks, notes, the clock, the file system, settings, and programs on the PATH. Ends with 1 where
/// something needs a hand.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt doctor --fix")]
pub struct Args {
    /// Mend what is safe: missing notes, broken caches, what dead ckpts have left
    #[arg(long)]
    fix: bool,
}

/// Looks, mends where that was asked for, and tells.
pub fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let (opened, settings) = open(invocation);
    let environment = invocation.environment.clone();
    let diagnosis = diagnose(&environment, opened.as_ref().map_err(Symptom::clone), settings, args.fix);
    if invocation.output.is_json() {
        invocation.output.document(&DoctorDocument::of(&diagnosis))?;
    } else if !invocation.output.is_quiet() || diagnosis.problems() > 0 {
        let text = render(&diagnosis, &invocation.look());
        invocation.output.answer(text)?;
        let fixable = diagnosis.with(Mending::Possible);
        if fixable > 0 {
            invocation.output.hint("mend what can be mended without harm with `ckpt doctor --fix`");
        }
    }
    Ok(if diagnosis.problems() > 0 { Exit::Refused } else { Exit::Done })
}

/// Opens the repository without the settings where they are what is wrong.
fn open(invocation: &mut Invocation) -> (Result<crate::ops::Repo, Symptom>, Option<Symptom>) {
    match invocation.open(Interrupted::Ignore) {
        Ok(repo) => (Ok(repo), None),
        Err(stop) => {
            let symptom = symptom_of(stop);
            match crate::ops::Repo::open(&invocation.environment, crate::ops::repo::Limits::default()) {
                Ok(repo) => (Ok(repo), Some(symptom)),
                Err(error) => (Err(symptom_of(Stop::from(error))), None),
            }
        }
    }
}

fn symptom_of(stop: Stop) -> Symptom {
    let failure = match stop {
        Stop::Failed(failure) => *failure,
        Stop::Closed => Failure::new(super::failure::Kind::Refused, "closed", "stdout is closed"),
    };
    Symptom { severity: Severity::Problem, message: failure.message, hints: failure.hints, mending: Mending::ByHand }
}
