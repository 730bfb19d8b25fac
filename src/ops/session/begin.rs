//! The first step of a session's chain: its record, and the documents that it begins with.
//!
//! Called by `start` and by the stack's `branch`, so that both begin a session the same way.

use jiff::Timestamp;

use super::naming::{in_quotes, on_one_line};
use super::seed::{Seeds, blob_of, partition_blobs, read_blobs, seed_context};
use super::start::Planned;
use super::switch::ChainStep;
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::object::ObjectReader;
use crate::model::session::{SessionDetails, SessionState};
use crate::ops::context;
use crate::ops::{OpError, Repo};
use crate::store::session::{Session, SessionRecord};
use crate::sys::clock;

/// A session that is about to be.
pub(crate) struct Beginning<'a> {
    pub(crate) name: &'a Name,
    /// As it was typed, white space around it taken away.
    pub(crate) title: &'a str,
    pub(crate) task: Option<&'a str>,
    pub(crate) planned: &'a Planned,
    /// The session that its decisions flow back to.
    pub(crate) parent_name: &'a Name,
    /// `None` where nothing happened in it yet.
    pub(crate) parent: Option<&'a Session>,
    /// The git branch that it gets, as people say it.
    pub(crate) branch: Option<&'a str>,
    /// The commit that it begins at.
    pub(crate) base: Option<ObjectId>,
    /// Key of the work tree that it is active in.
    pub(crate) worktree: &'a str,
}

impl Beginning<'_> {
    /// The step; `more` is added to what its event says.
    pub(crate) fn step(&self, repo: &Repo, time: Timestamp, more: &str) -> Result<ChainStep, OpError> {
        let store = &repo.store;
        let inherited = self.parent.map(|parent| parent.context(store)).transpose()?.flatten();
        let seeds = Seeds {
            title: self.title,
            task: self.task,
            parent: inherited.as_deref(),
            sections: &self.planned.sections,
        };
        let text = seed_context(&seeds, &context::standard_of(repo)?)?;
        let partitions = self.parent.map(partition_blobs).unwrap_or_default();
        let mut step = ChainStep::new(self.name.clone(), format!("session: started {}", on_one_line(self.title)));
        step.files = read_blobs(store, &partitions)?;
        step.files.extend(self.planned.files());
        step.events = vec![self.event(time, more)];
        let details = SessionDetails {
            state: SessionState::Active,
            task: self.task.map(str::to_owned),
            branch: self.branch.map(str::to_owned),
            base: self.base,
            parent: Some(self.parent_name.to_string()),
            worktree: Some(self.worktree.to_owned()),
            seed: Some(blob_of(store.hash_kind(), &text)),
            seeds: partitions,
            template: self.planned.template.clone(),
            variables: self.planned.variables.clone(),
            ..SessionDetails::default()
        };
        step.record = Some(SessionRecord::new(self.title, time, details));
        step.context = Some(text);
        Ok(step)
    }

    fn event(&self, time: Timestamp, more: &str) -> Event {
        let said = format!("started {}{more}", in_quotes(self.title));
        let template = self.planned.template.as_ref().map(|template| template.name.clone());
        Event::new(time, EventKind::Session, said, clock::salt())
            .with("state", Some("started"))
            .with("task", self.task.map(str::to_owned))
            .with("branch", self.branch)
            .with("template", template)
    }
}
