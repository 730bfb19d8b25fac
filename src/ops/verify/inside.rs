//! The checkpoints of repositories inside that belong to checkpoints around them (`save --recurse-submodules`).
//!
//! Each repository is opened once, by the path that a load would take, and looked at as the one around it is. What is bad
//! there is a finding of its own: the checkpoint around it can be loaded without it.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::{Finding, Problem, Run, Subject, anchored, points};
use crate::model::checkpoint::Checkpoint;
use crate::model::id::ObjectId;
use crate::model::tree::join;
use crate::ops::points::{CHECKPOINT_REFS, exists};
use crate::ops::{OpError, Repo, submodules};
use crate::store::StoreError;

/// Checkpoints inside: by the path of their repository, each with the names of those around it.
#[derive(Debug, Default)]
pub(super) struct Tied(BTreeMap<BString, BTreeMap<ObjectId, BTreeSet<String>>>);

impl Tied {
    /// Takes those that belong to a checkpoint; `outer` are the names of the outermost.
    pub(super) fn add(&mut self, checkpoint: &Checkpoint, outer: &BTreeSet<String>) {
        for one in &checkpoint.snapshot.submodules {
            let known = self.0.entry(one.path.clone()).or_default().entry(one.id).or_default();
            known.extend(outer.iter().cloned());
        }
    }
}

/// What was looked at inside.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) checkpoints: u64,
    pub(super) objects: u64,
    pub(super) bytes_read: u64,
}

/// Looks at all of them; what is found is told by `run`.
pub(super) fn check(run: &mut Run<'_>, read_data: bool) -> Result<Counts, OpError> {
    let mut counts = Counts::default();
    for (path, ids) in std::mem::take(&mut run.tied).0 {
        counts.checkpoints += ids.len() as u64;
        let findings = match submodules::open(run.repo, path.as_bstr()) {
            Ok(inside) => look(&inside, &ids, read_data, &mut counts)?,
            Err(error) => unopened(&ids, &error),
        };
        findings.into_iter().for_each(|finding| run.find(placed(finding, &path)));
    }
    Ok(counts)
}

fn look(
    inside: &Repo,
    ids: &BTreeMap<ObjectId, BTreeSet<String>>,
    read_data: bool,
    counts: &mut Counts,
) -> Result<Vec<Finding>, OpError> {
    let mut run = Run::new(inside)?;
    let mut there = Vec::new();
    for (id, outer) in ids {
        match exists(inside, id) {
            Ok(true) => there.push(*id),
            _ => run.find(gone(&run, id, outer)),
        }
        run.outer.insert(*id, outer.clone());
    }
    points::check(&mut run, &there);
    counts.bytes_read += run.inventory.check_blobs(read_data, inside.progress.as_ref());
    points::attribute(&mut run, &there);
    let below = check(&mut run, read_data)?;
    counts.checkpoints += below.checkpoints;
    counts.objects += below.objects + run.inventory.count();
    counts.bytes_read += below.bytes_read;
    let Run { findings, outer, .. } = run;
    Ok(findings.into_iter().map(|finding| owned(finding, &outer)).collect())
}

/// Who dropped it there knows that the one around it is not whole without it.
fn gone(run: &Run<'_>, id: &ObjectId, outer: &BTreeSet<String>) -> Finding {
    let name = format!("{CHECKPOINT_REFS}{id}");
    let mut noted = run.anchors.files.iter().filter(|file| file.is_own).filter_map(|file| file.refs.get(&name));
    let is_dropped = noted.any(|anchored| anchored.is_removed) || anchored::dropped(run.repo).contains(&name);
    let detail = if is_dropped { "it was dropped there" } else { "it is not there any more" };
    Finding::new(subject(*id, outer), Problem::Missing, detail).doubtful(is_dropped)
}

/// A repository that is not checked out, or that is not to be opened by us, may be as sound as ever.
fn unopened(ids: &BTreeMap<ObjectId, BTreeSet<String>>, error: &OpError) -> Vec<Finding> {
    let (detail, is_doubt) = match error {
        OpError::SubmoduleAbsent { .. } => ("no repository is checked out there".to_owned(), true),
        OpError::Store(StoreError::Damaged { .. }) => (error.to_string(), false),
        error => (format!("its repository cannot be opened: {error}"), true),
    };
    let finding = |(id, outer): (&ObjectId, &BTreeSet<String>)| {
        Finding::new(subject(*id, outer), Problem::Missing, detail.clone()).doubtful(is_doubt)
    };
    ids.iter().map(finding).collect()
}

fn subject(id: ObjectId, outer: &BTreeSet<String>) -> Subject {
    Subject::Inside { path: BString::default(), id, outer: outer.iter().cloned().collect() }
}

/// A finding about a checkpoint of this repository, as it is told around it.
fn owned(finding: Finding, outer: &BTreeMap<ObjectId, BTreeSet<String>>) -> Finding {
    match finding.subject {
        Subject::Checkpoint { id, .. } => {
            let outer = outer.get(&id).cloned().unwrap_or_default();
            Finding { subject: subject(id, &outer), ..finding }
        }
        _ => finding,
    }
}

/// The same, the path counted from the repository around.
fn placed(finding: Finding, outer: &BString) -> Finding {
    let Subject::Inside { path, id, outer: names } = finding.subject else { return finding };
    let path = if path.is_empty() { outer.clone() } else { join(outer, &path) };
    Finding { subject: Subject::Inside { path, id, outer: names }, ..finding }
}

impl Run<'_> {
    /// The names of the outermost checkpoints that one of this repository belongs to; its own where it is one.
    pub(super) fn outermost(&self, id: &ObjectId) -> BTreeSet<String> {
        let own = || self.names.get(id).and_then(|names| names.first().cloned()).unwrap_or_else(|| id.short());
        self.outer.get(id).cloned().unwrap_or_else(|| BTreeSet::from([own()]))
    }
}
