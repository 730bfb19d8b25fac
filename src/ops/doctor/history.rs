//! ckpt's own refs and records, looked at quickly: `ckpt verify` does it in full.

use super::{Check, Symptom};
use crate::model::id::ObjectId;
use crate::ops::Repo;
use crate::ops::points::{CHECKPOINT_REFS, NAME_REFS};
use crate::store::{StoreError, operation_log, session, stack};

pub(super) fn refs(repo: &Repo) -> Check {
    let mut symptoms = Vec::new();
    let mut checkpoints: Vec<ObjectId> = Vec::new();
    for prefix in [CHECKPOINT_REFS, NAME_REFS, session::REFS] {
        match repo.store.list_broken_refs(prefix) {
            Ok(broken) => symptoms.extend(broken.iter().map(|name| {
                let path = repo.store.layout().common_dir.join(name);
                Symptom::problem(format!("{name} holds no id of an object"))
                    .type_this(format!("look at {}, and remove it if it is empty", path.display()))
            })),
            Err(error) => symptoms.push(Symptom::problem(error.to_string())),
        }
    }
    match repo.store.list_refs(CHECKPOINT_REFS) {
        Ok(found) => {
            for (name, id) in found {
                if name[CHECKPOINT_REFS.len()..] != id.to_string() {
                    symptoms.push(
                        Symptom::problem(format!("{name} points at {id}: ckpt did not make it"))
                            .type_this(format!("remove it with `git update-ref -d {name}`")),
                    );
                }
                checkpoints.push(id);
            }
        }
        Err(error) => symptoms.push(Symptom::problem(error.to_string())),
    }
    Check::new("refs", format!("{} checkpoints", checkpoints.len()), symptoms)
}

pub(super) fn session(repo: &Repo) -> Check {
    let name = repo.session();
    let mut symptoms = Vec::new();
    let tip = repo.store.find_ref(&format!("{}{name}", session::REFS));
    let read = tip.and_then(|tip| tip.map_or(Ok(()), |tip| session::read_session(&repo.store, &tip).map(drop)));
    symptoms.extend(unreadable(read, "the history of the session"));
    let tip =
        repo.store.find_ref(operation_log::REF).map(|tip| operation_log::read_readable(&repo.store, tip.as_ref()).1);
    let read = tip.and_then(|error| error.map_or(Ok(()), Err));
    symptoms.extend(unreadable(read, "the operation log"));
    let tip = repo.store.find_ref(stack::REF);
    let read = tip.and_then(|tip| tip.map_or(Ok(()), |tip| stack::read(&repo.store, &tip).map(drop)));
    symptoms.extend(unreadable(read, "the stack"));
    Check::new("session", name.to_string(), symptoms)
}

fn unreadable(read: Result<(), StoreError>, what: &str) -> Option<Symptom> {
    let error = read.err()?;
    let symptom = Symptom::problem(format!("{what} cannot be read: {error}"));
    Some(match error {
        StoreError::Newer { .. } => symptom.type_this("install the newest ckpt"),
        _ => symptom.type_this("see what is damaged and what is not with `ckpt verify --all`"),
    })
}
