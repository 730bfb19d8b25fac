//! Checkpoints that a chain tells of, looked up: whether they are there still, and what they are called.

use std::collections::{HashMap, HashSet};

use super::PastPoint;
use crate::model::checkpoint::CheckpointKind;
use crate::model::id::ObjectId;
use crate::ops::points::{CHECKPOINT_REFS, exists, names_by_id};
use crate::ops::{OpError, Repo};
use crate::store::checkpoint::read_summary;
use crate::store::session_history::{Link, ToldPoint};

/// So many are looked for one by one, as a first page needs; after that all refs are read once.
const ONE_BY_ONE: usize = 64;

/// Looks checkpoints up.
pub(super) struct Checkpoints<'a> {
    repo: &'a Repo,
    looked: usize,
    there: Option<HashSet<ObjectId>>,
    names: Option<HashMap<ObjectId, Vec<String>>>,
}

impl<'a> Checkpoints<'a> {
    pub(super) fn new(repo: &'a Repo) -> Checkpoints<'a> {
        Checkpoints { repo, looked: 0, there: None, names: None }
    }

    /// What is known of the checkpoint that a commit of the chain tells of.
    pub(super) fn look_up(&mut self, link: &Link, told: &ToldPoint) -> Result<PastPoint, OpError> {
        let id = match &told.id {
            Ok(id) => self.is_there(id)?.then_some(*id),
            Err(digits) => self.find(digits)?,
        };
        // One that cannot be read is told with what the chain says of it.
        let summary = id.and_then(|id| read_summary(&self.repo.store, &id).ok());
        let kind = match &summary {
            Some(summary) => summary.kind,
            None if told.is_safety => CheckpointKind::Safety,
            None => CheckpointKind::Manual,
        };
        Ok(PastPoint {
            id: id.or(told.id.as_ref().ok().copied()),
            short: told.id.as_ref().map_or_else(Clone::clone, ObjectId::short),
            kind,
            time: link.time,
            subject: told.subject.clone(),
            changes: told.changes.clone(),
            names: id.map(|id| self.names_of(&id)).transpose()?.unwrap_or_default(),
            summary,
        })
    }

    fn is_there(&mut self, id: &ObjectId) -> Result<bool, OpError> {
        self.looked += 1;
        if self.looked <= ONE_BY_ONE && self.there.is_none() {
            return exists(self.repo, id);
        }
        Ok(self.all()?.contains(id))
    }

    /// The one checkpoint that begins with these digits.
    fn find(&mut self, digits: &str) -> Result<Option<ObjectId>, OpError> {
        let mut fitting = self.all()?.iter().filter(|id| id.to_string().starts_with(digits));
        Ok(fitting.next().copied().filter(|_| fitting.next().is_none()))
    }

    fn all(&mut self) -> Result<&HashSet<ObjectId>, OpError> {
        if self.there.is_none() {
            let refs = self.repo.store.list_refs(CHECKPOINT_REFS)?.into_iter();
            let own = refs.filter(|(name, id)| name[CHECKPOINT_REFS.len()..] == id.to_string());
            self.there = Some(own.map(|(_, id)| id).collect());
        }
        Ok(self.there.get_or_insert_default())
    }

    fn names_of(&mut self, id: &ObjectId) -> Result<Vec<String>, OpError> {
        if self.names.is_none() {
            self.names = Some(names_by_id(self.repo)?);
        }
        Ok(self.names.as_ref().and_then(|names| names.get(id)).cloned().unwrap_or_default())
    }
}
