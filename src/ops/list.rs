//! Lists checkpoints, newest first.

use std::collections::{BTreeMap, BinaryHeap};

use jiff::Timestamp;

use super::points::{self, Listed, newer_first};
use super::{OpError, Repo};
use crate::model::checkpoint::{CheckpointKind, Summary};
use crate::model::when::{DayEdge, Present};

#[cfg(test)]
mod tests;

/// Which checkpoints to list.
#[derive(Clone, Debug, Default)]
pub struct ListRequest {
    pub session: Option<String>,
    pub branch: Option<String>,
    pub since: Option<Timestamp>,
    pub limit: Option<usize>,
    /// Those of other work trees too.
    pub all_worktrees: bool,
    /// Safety checkpoints too.
    pub safety: bool,
}

/// The checkpoints found, and how many could not be read.
#[derive(Clone, Debug, Default)]
pub struct PointList {
    pub points: Vec<Listed>,
    /// More would have been listed without the limit.
    pub truncated: bool,
    /// Refs whose checkpoint is missing or damaged: full ref name and what is wrong.
    pub damaged: Vec<(String, String)>,
}

/// Lists the checkpoints of this work tree, or of all.
pub fn list(repo: &Repo, request: &ListRequest) -> Result<PointList, OpError> {
    let all = points::all_points(repo)?;
    if let Some(session) = &request.session {
        points::require_session(repo, &session.parse()?, &all.points)?;
    }
    let here = &repo.store.layout().worktree_key;
    let wanted = all.points.into_iter().filter(|summary| is_wanted(summary, request, here)).collect();
    let mut ordered = in_order(wanted);
    let limit = request.limit.unwrap_or(usize::MAX);
    let truncated = ordered.len() > limit;
    ordered.truncate(limit);
    let mut names = points::names_by_id(repo)?;
    let with_names = ordered.into_iter().map(|summary| {
        let names = names.remove(&summary.id).unwrap_or_default();
        Listed { summary, names }
    });
    Ok(PointList { points: with_names.collect(), truncated, damaged: all.damaged })
}

fn is_wanted(summary: &Summary, request: &ListRequest, here: &str) -> bool {
    let matches = |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
    matches(&request.session, Some(&summary.session))
        && matches(&request.branch, summary.branch.as_deref())
        && request.since.is_none_or(|since| summary.created >= since)
        && (request.all_worktrees || summary.worktree == here)
        && (request.safety || summary.kind != CheckpointKind::Safety)
}

/// Newest first. Within a session by sequence, whatever the clock said; sessions are interleaved by time.
fn in_order(summaries: Vec<Summary>) -> Vec<Summary> {
    let mut sessions: BTreeMap<String, Vec<Summary>> = BTreeMap::new();
    let count = summaries.len();
    for summary in summaries {
        match sessions.get_mut(&summary.session) {
            Some(session) => session.push(summary),
            None => {
                sessions.insert(summary.session.clone(), vec![summary]);
            }
        }
    }
    let mut queues: Vec<_> = sessions.into_values().map(newest_first).collect();
    let time = |queue: &std::vec::IntoIter<Summary>| queue.as_slice().first().map(|summary| summary.created);
    let heads = queues.iter().enumerate().filter_map(|(at, queue)| Some((time(queue)?, at)));
    let mut heads: BinaryHeap<(Timestamp, usize)> = heads.collect();
    let mut ordered = Vec::with_capacity(count);
    while let Some((_, at)) = heads.pop() {
        ordered.extend(queues[at].next());
        heads.extend(time(&queues[at]).map(|created| (created, at)));
    }
    ordered
}

fn newest_first(mut session: Vec<Summary>) -> std::vec::IntoIter<Summary> {
    session.sort_by(newer_first);
    session.into_iter()
}

/// Reads what is typed after `--since`: a span back from now (`20m`, `2h`, `3d`), a date, a date and time, or RFC 3339.
pub fn parse_when(text: &str, repo: &Repo) -> Result<Timestamp, OpError> {
    let present = Present { now: repo.clock.now(), zone: repo.clock.zone().clone() };
    crate::model::when::parse_when(text, &present, DayEdge::Start)
        .map_err(|error| OpError::BadPoint { point: text.to_owned(), problem: error.to_string() })
}
