//! What is there, beside what the user last signed.
//!
//! A statement says where the refs were at one moment. A history may have grown since; what was signed must be in it still,
//! whatever the unsigned anchors say.

use std::collections::HashSet;

use super::anchored::{descends, dropped};
use super::{Finding, Problem, Run, Scope, Subject, checkpoint_of_ref, session_ref};
use crate::model::id::ObjectId;
use crate::ops::{OpError, Repo};
use crate::store::anchors::full_name;
use crate::store::signed_anchors::{self, Signed};
use crate::store::signing::Signature;
use crate::store::{checkpoint, operation_log, session, stack};

/// Looks at the signature, and then at what was signed.
pub(super) fn check(run: &mut Run<'_>, signed: &Signed, scope: &Scope) {
    let told = |problem: &str| format!("the signature in the user's state folder: {problem}");
    match &signed.signature {
        Signature::Good(_) => {}
        Signature::Bad(problem) => {
            return run.find(Finding::new(Subject::Anchors, Problem::BadSignature, told(problem)));
        }
        Signature::Unknown(problem) => {
            return run.find(Finding::new(Subject::Anchors, Problem::BadSignature, told(problem)).doubtful(true));
        }
    }
    let mut taken: Option<HashSet<String>> = None;
    for (name, last) in signed.refs.iter().filter_map(|(name, anchored)| Some((name, anchored.last?))) {
        if let Some(finding) = compare(run, name, &last, scope, &mut taken) {
            run.find(finding);
        }
    }
}

fn compare(
    run: &Run<'_>,
    name: &str,
    last: &ObjectId,
    scope: &Scope,
    taken: &mut Option<HashSet<String>>,
) -> Option<Finding> {
    let subject = subject(run, name, scope)?;
    let layout = run.repo.store.layout();
    let own = if layout.worktree_key.is_empty() { name.to_owned() } else { unlinked(name) };
    let tip = run.repo.store.find_ref(&own).ok()?;
    let reader = &run.repo.store;
    let (problem, detail) = match tip {
        Some(tip) if tip == *last || descends(reader, &tip, last) => return None,
        Some(tip) if descends(reader, last, &tip) => (Problem::RolledBack, "now an older state is in its place"),
        Some(_) => (Problem::Rewritten, "what is there now does not come from that"),
        None if was_taken_away(run, name, taken) => return None,
        None => (Problem::Gone, "now it is gone"),
    };
    let detail = format!("it was at {} when it was signed; {detail}", last.short());
    Some(Finding::new(subject, problem, detail))
}

/// What a ref is about, if this run looks at it.
fn subject(run: &Run<'_>, name: &str, scope: &Scope) -> Option<Subject> {
    let layout = run.repo.store.layout();
    let key = || layout.worktree_key.clone();
    if let Some(session) = name.strip_prefix(session::REFS) {
        let is_asked = *scope == Scope::All || name == session_ref(run.repo.session().as_str());
        return is_asked.then(|| Subject::Session(session.to_owned()));
    }
    if let Some(id) = checkpoint_of_ref(name) {
        return (*scope == Scope::All).then(|| run.checkpoint(&id));
    }
    if name == full_name(layout, operation_log::REF) {
        return Some(Subject::Operations(key()));
    }
    (name == full_name(layout, stack::REF)).then(|| Subject::Stack(key()))
}

/// The name of a ref as this work tree says it.
fn unlinked(name: &str) -> String {
    let own = name.strip_prefix("worktrees/").and_then(|rest| rest.split_once('/'));
    own.map_or_else(|| name.to_owned(), |(_, rest)| rest.to_owned())
}

/// Whether ckpt noted that it took the ref away.
fn was_taken_away(run: &Run<'_>, name: &str, taken: &mut Option<HashSet<String>>) -> bool {
    let mut files = run.anchors.files.iter().filter(|file| file.is_own);
    let is_noted = files.any(|file| file.refs.get(name).is_some_and(|anchored| anchored.is_removed));
    is_noted || taken.get_or_insert_with(|| dropped(run.repo)).contains(name)
}

/// Signs where everything is now.
pub(super) fn sign(repo: &Repo) -> Result<(), OpError> {
    let mut refs = Vec::new();
    for prefix in [session::REFS, checkpoint::REFS] {
        refs.extend(repo.store.list_refs(prefix)?);
    }
    for name in [operation_log::REF, stack::REF] {
        refs.extend(repo.store.find_ref(name)?.map(|id| (full_name(repo.store.layout(), name), id)));
    }
    Ok(signed_anchors::sign(&repo.environment, repo.store.layout(), repo.clock.now(), &refs)?)
}
