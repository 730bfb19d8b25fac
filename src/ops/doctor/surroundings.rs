//! What ckpt stands in: programs, the user's settings, the clock, the file system.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use rustix::fs::StatVfsMountFlags;

use super::{Check, Symptom};
use crate::ops::{Repo, points};
use crate::store::{anchors, upkeep};
use crate::sys::clock::file_time_now;
use crate::sys::environment::{Environment, own_program};

/// The oldest git that all commands work with.
const OLDEST_GIT: (u32, u32) = (2, 39);

/// Clocks of two machines may differ by so much without harm.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Less room than this is worth a word.
const LITTLE_SPACE: u64 = 100 << 20;

pub(super) fn programs(environment: &Environment) -> Check {
    let version = format!("ckpt {}", env!("CARGO_PKG_VERSION"));
    let own = own_program().ok();
    let found = environment.find_programs("ckpt");
    let is_own = |path: &PathBuf| path.canonicalize().ok() == own;
    let mut symptoms = Vec::new();
    match found.iter().position(is_own) {
        None if found.is_empty() => {
            let symptom = Symptom::hint("no `ckpt` is on the PATH: hooks that call it by name do nothing");
            symptoms.push(symptom.type_this("add its folder to the PATH"));
        }
        Some(0) => {}
        _ => {
            let symptom = Symptom::problem(format!("`ckpt` on the PATH is another program: {}", found[0].display()));
            symptoms.push(symptom.type_this(format!("see which: `{} --version`", found[0].display())));
        }
    }
    let others = found.iter().skip(1).filter(|path| !is_own(path));
    symptoms.extend(others.map(|path| {
        Symptom::hint(format!("another program called ckpt is on the PATH: {}", path.display()))
            .type_this("see all of them: `type -a ckpt`")
    }));
    Check::new("program", version, symptoms)
}

pub(super) fn git(environment: &Environment) -> Check {
    let advice = "install git 2.39 or later";
    let text = match upkeep::git_version(environment) {
        Ok(text) => text,
        Err(problem) => {
            let symptom = Symptom::problem(format!("git cannot be run: {problem}")).type_this(advice);
            return Check::new("git", "missing", vec![symptom]);
        }
    };
    let mut numbers = text.rsplit(' ').next().unwrap_or_default().split('.').map(|word| word.parse::<u32>().ok());
    let version = numbers.next().flatten().zip(numbers.next().flatten());
    let is_old = version.is_some_and(|version| version < OLDEST_GIT);
    let symptoms = is_old.then(|| Symptom::problem(format!("{text} is too old")).type_this(advice));
    Check::new("git", text.trim_start_matches("git version ").to_owned(), symptoms.into_iter().collect())
}

pub(super) fn settings(environment: &Environment, wrong: Option<Symptom>, repo: Option<&Repo>) -> Check {
    let mut symptoms: Vec<Symptom> = wrong.into_iter().collect();
    let told = match environment.config_home().map(|folder| folder.join("ckpt/config.toml")) {
        Some(path) if path.exists() => path.display().to_string(),
        _ => "none of your own".to_owned(),
    };
    match environment.state_home().map(|folder| folder.join("ckpt")) {
        None => symptoms.push(
            Symptom::hint("there is no state folder: tampering with histories cannot be told")
                .type_this("set `HOME` or `XDG_STATE_HOME`"),
        ),
        Some(folder) => {
            let there = folder.ancestors().find(|path| path.exists());
            let is_writable = there.is_some_and(|path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok());
            if !is_writable {
                let message =
                    format!("{} cannot be written: tampering with histories cannot be told", folder.display());
                symptoms.push(Symptom::hint(message).type_this("make it writable"));
            }
        }
    }
    if let Some(repo) = repo
        && anchors::find_folder(environment, repo.store.layout()).is_some()
        && !anchors::read(environment, repo.store.layout()).files.iter().any(|file| file.is_own)
        && points::find_latest(repo).is_ok_and(|latest| latest.is_some())
    {
        let symptom = Symptom::hint("what was saved here is not anchored in your state folder yet");
        symptoms.push(symptom.type_this("the next save does it, or `ckpt verify --accept`"));
    }
    Check::new("settings", told, symptoms)
}

pub(super) fn clock(repo: &Repo) -> Check {
    let now = repo.clock.now();
    let mut symptoms = Vec::new();
    let is_ahead = |time: Timestamp| time.duration_since(now) > TOLERANCE;
    if let Ok(Some(id)) = points::find_latest(repo)
        && let Ok(listed) = points::listed(repo, &id)
        && is_ahead(listed.summary.created)
    {
        let message = format!("the clock is before the last checkpoint, of {:.0}", listed.summary.created);
        symptoms
            .push(Symptom::problem(message).type_this("set the clock; the order of checkpoints does not depend on it"));
    }
    let index = repo.store.layout().git_dir.join("index").metadata().and_then(|data| data.modified());
    if let Some(time) = index.ok().and_then(|time| Timestamp::try_from(time).ok())
        && time.as_nanosecond() - i128::from(file_time_now()) > TOLERANCE.as_nanos()
    {
        let symptom = Symptom::hint(format!("the index is dated in the future: {time:.0}"));
        symptoms.push(symptom.type_this("let git write it anew: `git update-index --really-refresh`"));
    }
    Check::new("clock", format!("{now:.0}"), symptoms)
}

pub(super) fn filesystem(repo: &Repo) -> Check {
    let layout = repo.store.layout();
    let (mut traits, mut symptoms) = (Vec::new(), Vec::new());
    if let Ok(data) = rustix::fs::statvfs(&layout.common_dir) {
        if data.f_flag.contains(StatVfsMountFlags::RDONLY) {
            symptoms.push(Symptom::problem("the file system is read-only").type_this("remount it, or work elsewhere"));
        }
        if data.f_flag.contains(StatVfsMountFlags::NOEXEC) {
            traits.push("no programs run from it");
        }
        let free = data.f_bavail.saturating_mul(data.f_frsize);
        if free < LITTLE_SPACE {
            symptoms.push(Symptom::problem(format!("only {} MiB are free", free >> 20)).type_this("make room"));
        }
    }
    let settings = repo.store.scan_settings();
    let folds = upkeep::folds_case(layout);
    if folds {
        traits.push("folds case");
    }
    if let Ok(settings) = settings {
        if folds != settings.ignore_case {
            let (is, says) = if folds { ("folds", "does not") } else { ("does not fold", "does") };
            let message = format!("the file system {is} case, and `core.ignoreCase` says that it {says}");
            symptoms.push(Symptom::hint(message).type_this(format!("`git config core.ignoreCase {folds}`")));
        }
        if !settings.symlinks {
            traits.push("links are plain files");
        }
        if !settings.trust_file_mode {
            traits.push("executable bits do not count");
        }
    }
    let told = if traits.is_empty() { "as usual".to_owned() } else { traits.join(", ") };
    Check::new("filesystem", told, symptoms)
}
