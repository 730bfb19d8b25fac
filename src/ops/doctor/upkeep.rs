//! What interrupted and dead processes have left, and caches.

use std::path::Path;
use std::time::Duration;

use super::{Check, Symptom};
use crate::ops::Repo;
use crate::ops::recover::find_pending;

/// A lock of git's that is older was left by a crash, or by something that hangs.
const OLD: Duration = Duration::from_secs(600);

pub(super) fn recovery(repo: &Repo) -> Check {
    match find_pending(repo) {
        Ok(None) => Check::new("recovery", "nothing is pending", Vec::new()),
        Ok(Some(pending)) if pending.is_running => Check::new("recovery", "another ckpt is at work", Vec::new()),
        Ok(Some(pending)) => {
            let symptom = Symptom::problem(format!("`{}` was interrupted", pending.description));
            let symptom = symptom.type_this("finish it with `ckpt recover`, or go back with `ckpt recover --undo`");
            Check::new("recovery", "pending", vec![symptom])
        }
        Err(error) => {
            let symptom = Symptom::problem(error.to_string());
            let symptom = symptom
                .type_this("the state before the load is in `ckpt list --safety`; load it, then remove that file");
            Check::new("recovery", "cannot be read", vec![symptom])
        }
    }
}

pub(super) fn locks(repo: &Repo, fix: bool) -> Check {
    let locks = repo.store.lock_files();
    let symptoms = locks.iter().map(|lock| {
        let path = lock.path.display();
        let age = age(lock.age);
        if lock.is_abandoned {
            let symptom = Symptom::problem(format!("{path} was left {age} ago by a ckpt that died"));
            let symptom = symptom.type_this("the next save removes it, or `ckpt doctor --fix`");
            return symptom.mended_by(fix, || repo.store.remove_abandoned_lock(&lock.path));
        }
        let message = format!("{path} was made {age} ago, by git or another program");
        let symptom = if lock.age > OLD { Symptom::problem(message) } else { Symptom::hint(message) };
        symptom.type_this(format!("if no git is running here, a crash left it: `rm {path}`"))
    });
    let symptoms: Vec<Symptom> = symptoms.collect();
    let told = if symptoms.is_empty() { "none".to_owned() } else { symptoms.len().to_string() };
    Check::new("locks", told, symptoms)
}

fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

pub(super) fn leftovers(repo: &Repo, fix: bool) -> Check {
    let found = repo.store.leftovers();
    if found.is_empty() {
        return Check::new("leftovers", "none", Vec::new());
    }
    let first = found[0].display();
    let message = match found.len() {
        1 => format!("{first} was left by a ckpt that died"),
        number => format!("{first} and {} more files were left by a ckpt that died", number - 1),
    };
    let mend = || {
        repo.store.sweep();
        repo.store.leftovers().is_empty()
    };
    let symptom = Symptom::hint(message).type_this("remove them with `ckpt doctor --fix`").mended_by(fix, mend);
    Check::new("leftovers", format!("{}", found.len()), vec![symptom])
}

/// Events that wait for the next save or word, and folds of them that died.
pub(super) fn journal(repo: &Repo) -> Check {
    let folder = repo.store.layout().own_dir.join("journal");
    let (mut symptoms, mut waiting) = (Vec::new(), 0);
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        match std::fs::read(&path) {
            Ok(bytes) => waiting += bytes.iter().filter(|byte| **byte == b'\n').count(),
            Err(error) => {
                let symptom = Symptom::problem(format!("{} cannot be read: {error}", path.display()));
                symptoms.push(symptom.type_this(format!("see whose it is: `ls -ld {}`", path.display())));
            }
        }
        if path.extension().is_some_and(|extension| extension == "folding") {
            let symptom = Symptom::hint(format!("{} was left by a save that was interrupted", path.display()));
            symptoms.push(symptom.type_this("nothing is lost: the next save takes it"));
        }
    }
    let told = match waiting {
        0 => "nothing waits".to_owned(),
        1 => "1 event waits for the next save".to_owned(),
        number => format!("{number} events wait for the next save"),
    };
    Check::new("journal", told, symptoms)
}

pub(super) fn caches(repo: &Repo, fix: bool) -> Check {
    let own = &repo.store.layout().own_dir;
    let mut symptoms = Vec::new();
    for folder in [own.join("cache"), repo.cache_dir()] {
        if let Some(problem) = cache_problem(&folder) {
            let symptom = Symptom::problem(problem).type_this("remove it with `ckpt doctor --fix`: it is made anew");
            symptoms.push(symptom.mended_by(fix, || remove(&folder)));
        }
    }
    let told = if symptoms.is_empty() { "sound" } else { "broken" };
    Check::new("caches", told, symptoms)
}

/// Why a cache cannot be used. What is in it need not be looked at: whatever makes no sense is passed over and replaced.
fn cache_problem(folder: &Path) -> Option<String> {
    let told = |error: std::io::Error, path: &Path| format!("the cache {} cannot be used: {error}", path.display());
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(told(error, folder)),
        Ok(entries) => entries,
    };
    if let Err(error) = rustix::fs::access(folder, rustix::fs::Access::WRITE_OK) {
        return Some(told(error.into(), folder));
    }
    entries.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() || entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
            return Some(format!("the cache {} is no file", path.display()));
        }
        std::fs::File::open(&path).err().map(|error| told(error, &path))
    })
}

fn remove(path: &Path) -> bool {
    let is_folder = path.symlink_metadata().is_ok_and(|data| data.is_dir());
    if is_folder { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.is_ok()
}
