//! The repository itself: its format, HEAD, its objects, its hooks.

use super::{Check, Symptom};
use crate::model::object::{ObjectKind, ObjectReader};
use crate::ops::Repo;
use crate::ops::hooks::status::{HookState, status};
use crate::store::hook_record;

/// Git packs them of its own accord from here on.
const MANY_LOOSE: u64 = 6_700;
const MANY_PACKS: usize = 200;

pub(super) fn repository(repo: &Repo) -> Check {
    let layout = repo.store.layout();
    let linked = if layout.worktree_key.is_empty() { "" } else { ", a linked work tree" };
    let told = format!("{}{linked}", layout.work_dir.display());
    let mut symptoms = Vec::new();
    if let Err(error) = rustix::fs::access(&layout.common_dir, rustix::fs::Access::WRITE_OK) {
        let message = format!("{} cannot be written: {error}", layout.common_dir.display());
        symptoms.push(
            Symptom::problem(message).type_this(format!("see whose it is: `ls -ld {}`", layout.common_dir.display())),
        );
    }
    Check::new("repository", told, symptoms)
}

pub(super) fn head(repo: &Repo) -> Check {
    let broken = |message: String| {
        vec![Symptom::problem(message).type_this(
            "see what git says: `git fsck`; put HEAD on a branch: `git symbolic-ref HEAD refs/heads/BRANCH`",
        )]
    };
    match repo.store.head() {
        Err(error) => Check::new("head", "cannot be read", broken(error.to_string())),
        Ok(head) => match head.commit {
            None => Check::new("head", "before the first commit", Vec::new()),
            Some(id) => match repo.store.read_header(&id) {
                Ok((ObjectKind::Commit, _)) => Check::new("head", head.branch_name().unwrap_or("detached"), Vec::new()),
                Ok((kind, _)) => {
                    Check::new("head", "is no commit", broken(format!("HEAD is at {id}, a {}", kind.as_str())))
                }
                Err(error) => Check::new("head", "its commit cannot be read", broken(error.to_string())),
            },
        },
    }
}

pub(super) fn objects(repo: &Repo) -> Check {
    let mut symptoms = Vec::new();
    for (path, is_there) in repo.store.alternates() {
        if !is_there {
            let message = format!("objects are borrowed from {}, which is not there", path.display());
            symptoms
                .push(Symptom::problem(message).type_this("bring it back, or correct `.git/objects/info/alternates`"));
        }
    }
    let loose = repo.store.loose_objects();
    let folder = repo.store.layout().common_dir.join("objects/pack");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let packs = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "pack")).count();
    if loose > MANY_LOOSE || packs > MANY_PACKS {
        let message = format!("about {loose} loose objects and {packs} packs make everything slower");
        symptoms.push(Symptom::hint(message).type_this("pack them with `git gc`"));
    }
    Check::new("objects", format!("{packs} packs, about {loose} loose"), symptoms)
}

pub(super) fn hooks(repo: &Repo) -> Check {
    let status = match status(repo) {
        Ok(status) => status,
        Err(error) => {
            let symptom = Symptom::problem(error.to_string()).type_this("see more with `ckpt hooks status`");
            return Check::new("hooks", "cannot be looked at", vec![symptom]);
        }
    };
    let mut symptoms = Vec::new();
    let was_installed = hook_record::is_installed(repo.store.layout());
    if !status.is_installed() {
        if was_installed {
            let symptom = Symptom::problem("the hooks that were installed are gone");
            symptoms.push(symptom.type_this("put them back with `ckpt hooks install`"));
        }
        return Check::new("hooks", "none installed", symptoms);
    }
    for hook in status.hooks.iter().filter(|hook| hook.state != HookState::Installed) {
        let message = format!("{}: {}", hook.hook.name(), hook.state.word().replace('-', " "));
        let symptom = if hook.state.is_alive() { Symptom::hint(message) } else { Symptom::problem(message) };
        symptoms.push(symptom.type_this("put it right with `ckpt hooks install`"));
    }
    for hook in &status.hooks {
        if let Some(failure) = hook.runs.as_ref().and_then(|runs| runs.last_failure.as_ref()) {
            let message = format!("{} failed at {:.0}: {}", hook.hook.name(), failure.time, failure.message);
            symptoms.push(Symptom::hint(message).type_this("try it with `ckpt hooks test`"));
        }
    }
    let told = if status.off.is_some() { "installed, switched off" } else { "installed" };
    Check::new("hooks", told, symptoms)
}
