//! Finds the checkpoint that a user means.

use std::collections::HashMap;

use super::{OpError, Repo};
use crate::model::checkpoint::{CheckpointKind, Summary};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::object::ObjectReader;
use crate::model::point::{Place, Point, parse_point};
use crate::model::when::Present;
use crate::store::Layout;
use crate::store::checkpoint::read_summary;
use crate::store::session::{self, Session, find_sound_session};
use crate::store::summary_cache::{Summaries, read_summaries, recall_summaries};

#[cfg(test)]
mod tests;

/// Where the checkpoints' refs are; what follows is the full id.
pub const CHECKPOINT_REFS: &str = "refs/ckpt/checkpoints/";

/// Where the names' refs are.
pub const NAME_REFS: &str = "refs/ckpt/names/";

/// How like a typed text a name must be to be proposed, from 0 to 1.
const LIKENESS: f64 = 0.7;

/// A checkpoint with the names that point at it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub summary: Summary,
    pub names: Vec<String>,
}

/// All checkpoints that can be read, in no order, and the refs of those that cannot: full name and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct AllPoints {
    pub points: Vec<Summary>,
    pub damaged: Vec<(String, String)>,
}

/// Resolves a POINT as typed: a name, an id prefix, `@`, `@~N`, `@{WHEN}`, `SESSION@…`.
pub fn resolve(repo: &Repo, point: &str) -> Result<ObjectId, OpError> {
    let present = Present { now: repo.clock.now(), zone: repo.clock.zone().clone() };
    let bad = |problem: String| OpError::BadPoint { point: point.to_owned(), problem };
    match parse_point(point, &present).map_err(|error| bad(error.problem))? {
        Point::Label { name, prefix } => resolve_label(repo, point, name.as_ref(), prefix.as_deref()),
        Point::Place { session: None, place: Place::Back(0) } => latest(repo),
        Point::Place { session, place } => {
            let points = points_of_session(repo, session.as_ref())?;
            pick(&points, place).ok_or_else(|| bad(no_such_place(place, points.len())))
        }
    }
}

/// The latest checkpoint of the current session in this work tree that was not taken for safety.
pub fn latest(repo: &Repo) -> Result<ObjectId, OpError> {
    find_latest(repo)?.ok_or(OpError::NothingSaved)
}

/// [`latest`], where there is one. Reads two commits, unless the one that the session's tip names is not it.
pub fn find_latest(repo: &Repo) -> Result<Option<ObjectId>, OpError> {
    if repo.store.find_ref(&format!("{}{}", session::REFS, repo.session()))?.is_none() {
        return Ok(None);
    }
    if let Some(session) = find_session(repo, &repo.session())?
        && let Some(id) = session.record.latest
        && exists(repo, &id)?
        && let Ok(summary) = read_summary(&repo.store, &id)
        && summary.worktree == repo.store.layout().worktree_key
    {
        return Ok(Some(id));
    }
    match points_of_session(repo, None) {
        Ok(points) => Ok(points.first().map(|summary| summary.id)),
        Err(OpError::NothingSaved) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Resolves a POINT, or the latest checkpoint where none is given.
pub fn resolve_or_latest(repo: &Repo, point: Option<&str>) -> Result<ObjectId, OpError> {
    point.map_or_else(|| latest(repo), |point| resolve(repo, point))
}

/// Reads the session of that name, where it exists and its tip can be read.
pub fn find_session(repo: &Repo, name: &Name) -> Result<Option<Session>, OpError> {
    let tip = repo.store.find_ref(&format!("{}{name}", session::REFS))?;
    match tip {
        Some(tip) => Ok(find_sound_session(&repo.store, &tip)?),
        None => Ok(None),
    }
}

/// The names of each checkpoint, sorted.
pub fn names_by_id(repo: &Repo) -> Result<HashMap<ObjectId, Vec<String>>, OpError> {
    let mut names: HashMap<ObjectId, Vec<String>> = HashMap::new();
    for (full, id) in repo.store.list_refs(NAME_REFS)? {
        names.entry(id).or_default().push(full[NAME_REFS.len()..].to_owned());
    }
    Ok(names)
}

/// One checkpoint with its names.
pub fn listed(repo: &Repo, id: &ObjectId) -> Result<Listed, OpError> {
    let summary = read_summary(&repo.store, id)?;
    let names = names_by_id(repo)?.remove(id).unwrap_or_default();
    Ok(Listed { summary, names })
}

/// Whether a checkpoint is there: its ref is, under its own id.
pub fn exists(repo: &Repo, id: &ObjectId) -> Result<bool, OpError> {
    Ok(repo.store.find_ref(&format!("{CHECKPOINT_REFS}{id}"))? == Some(*id))
}

/// Reads the summary of every checkpoint.
pub fn all_points(repo: &Repo) -> Result<AllPoints, OpError> {
    points_by(repo, read_summaries)
}

/// [`all_points`] for counting: quicker, and one whose commit is gone may be among them.
pub fn all_points_unchecked(repo: &Repo) -> Result<AllPoints, OpError> {
    points_by(repo, recall_summaries)
}

type ReadSummaries = fn(&dyn ObjectReader, &Layout, &[ObjectId]) -> Summaries;

fn points_by(repo: &Repo, read: ReadSummaries) -> Result<AllPoints, OpError> {
    let mut all = AllPoints::default();
    let mut ids = Vec::new();
    for (name, id) in repo.store.list_refs(CHECKPOINT_REFS)? {
        if name[CHECKPOINT_REFS.len()..] == id.to_string() {
            ids.push(id);
        } else {
            all.damaged.push((name, format!("it points at {id}")));
        }
    }
    for (id, summary) in read(&repo.store, repo.store.layout(), &ids) {
        match summary {
            Ok(summary) => all.points.push(summary),
            Err(error) => all.damaged.push((format!("{CHECKPOINT_REFS}{id}"), error.to_string())),
        }
    }
    Ok(all)
}

fn resolve_label(repo: &Repo, point: &str, name: Option<&Name>, prefix: Option<&str>) -> Result<ObjectId, OpError> {
    if let Some(name) = name
        && let Some(id) = repo.store.find_ref(&format!("{NAME_REFS}{name}"))?
        && exists(repo, &id)?
    {
        return Ok(id);
    }
    let fitting = prefix.map_or(Ok(Vec::new()), |prefix| ids_with_prefix(repo, prefix))?;
    match fitting.as_slice() {
        [id] => Ok(*id),
        [] => Err(OpError::UnknownPoint { point: point.to_owned(), nearest: nearest_names(repo, point)? }),
        several => {
            let candidates = several.iter().filter_map(|id| read_summary(&repo.store, id).ok()).collect();
            Err(OpError::AmbiguousPoint { point: point.to_owned(), candidates })
        }
    }
}

fn ids_with_prefix(repo: &Repo, prefix: &str) -> Result<Vec<ObjectId>, OpError> {
    if let Some(id) = ObjectId::from_hex(prefix.as_bytes()) {
        return Ok(if exists(repo, &id)? { vec![id] } else { Vec::new() });
    }
    let refs = repo.store.list_refs(CHECKPOINT_REFS)?;
    let own = refs.into_iter().filter(|(name, id)| name[CHECKPOINT_REFS.len()..] == id.to_string());
    Ok(own.map(|(_, id)| id).filter(|id| id.to_string().starts_with(prefix)).collect())
}

/// The names most like what was typed, the best first.
pub fn nearest_names(repo: &Repo, typed: &str) -> Result<Vec<String>, OpError> {
    nearest(repo, NAME_REFS, typed)
}

/// The sessions whose names are most like what was typed, the best first.
pub fn nearest_sessions(repo: &Repo, typed: &str) -> Result<Vec<String>, OpError> {
    nearest(repo, session::REFS, typed)
}

fn nearest(repo: &Repo, refs: &str, typed: &str) -> Result<Vec<String>, OpError> {
    let names = repo.store.list_refs(refs)?;
    let scored = names.iter().map(|(full, _)| {
        let name = &full[refs.len()..];
        (strsim::jaro_winkler(&name.to_lowercase(), &typed.to_lowercase()), name)
    });
    let mut scored: Vec<_> = scored.filter(|(likeness, _)| *likeness >= LIKENESS).collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
    Ok(scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect())
}

/// An error unless something was saved in the session, or its chain exists.
pub fn require_session(repo: &Repo, name: &Name, points: &[Summary]) -> Result<(), OpError> {
    let is_known = points.iter().any(|summary| summary.session == name.as_str())
        || *name == repo.session()
        || repo.store.find_ref(&format!("{}{name}", session::REFS))?.is_some();
    if is_known {
        return Ok(());
    }
    let nearest = nearest(repo, session::REFS, name.as_str())?;
    Err(OpError::UnknownSession { session: name.to_string(), nearest })
}

/// The checkpoints of a session, newest first, without those taken for safety. Of the current session, when none is
/// named, only those of this work tree: another one's state is never loaded by a bare `@`.
fn points_of_session(repo: &Repo, session: Option<&Name>) -> Result<Vec<Summary>, OpError> {
    let current = repo.session();
    let name = session.unwrap_or(&current);
    let mut points = all_points(repo)?.points;
    require_session(repo, name, &points)?;
    let here = &repo.store.layout().worktree_key;
    points.retain(|summary| {
        summary.session == name.as_str()
            && summary.kind != CheckpointKind::Safety
            && (session.is_some() || summary.worktree == *here)
    });
    if points.is_empty() {
        return Err(OpError::NothingSaved);
    }
    points.sort_by(newer_first);
    Ok(points)
}

/// Order within a session: by sequence, whatever the clock said. The rest only makes it a total order.
pub fn newer_first(left: &Summary, right: &Summary) -> std::cmp::Ordering {
    let key = |summary: &Summary| (summary.sequence, summary.created, summary.id);
    key(right).cmp(&key(left))
}

fn pick(newest_first: &[Summary], place: Place) -> Option<ObjectId> {
    let found = match place {
        Place::Back(count) => newest_first.get(usize::try_from(count).ok()?),
        Place::At(time) => newest_first.iter().find(|summary| summary.created <= time),
    };
    found.map(|summary| summary.id)
}

fn no_such_place(place: Place, count: usize) -> String {
    match place {
        Place::Back(_) if count == 1 => "the session has only 1 checkpoint".to_owned(),
        Place::Back(_) => format!("the session has only {count} checkpoints"),
        Place::At(time) => format!("nothing had been saved at {time:.0}"),
    }
}
