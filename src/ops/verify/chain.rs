//! The chain of a session: unbroken, only ever added to, and telling of the checkpoints that are there.

use std::collections::HashMap;

use super::anchored::{self, Anchored};
use super::points::of_error;
use super::{Finding, Problem, Run, Subject, session_ref};
use crate::model::checkpoint::Summary;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::ops::OpError;
use crate::store::path_tree::PathMap;
use crate::store::session_chain::{Link, history_problem, read_files, read_link};

/// What a chain tells, as far as it could be read.
pub(super) struct Told {
    /// The first digits of the checkpoint of each sequence.
    saves: HashMap<u64, String>,
    /// It was read to its beginning.
    is_whole: bool,
}

/// Looks at the chain of a session, at its checkpoints beside it, and at what this user's anchors say of it.
pub(super) fn check(run: &mut Run<'_>, name: &Name, summaries: &HashMap<ObjectId, Summary>) -> Result<(), OpError> {
    let subject = Subject::Session(name.to_string());
    let known = anchored::of_ref(run, &session_ref(name.as_str()));
    let tip = match run.repo.store.find_ref(&session_ref(name.as_str())) {
        Ok(tip) => tip,
        Err(error) => {
            run.find(of_error(subject, &error));
            return Ok(());
        }
    };
    let Some(tip) = tip else {
        anchored::check_gone(run, &subject, &known);
        return Ok(());
    };
    let mut walk = Walk { run, subject, known, told: Told { saves: HashMap::new(), is_whole: false } };
    walk.chain(&tip);
    let told = walk.told;
    check_points(run, name, &told, summaries);
    Ok(())
}

struct Walk<'a, 'r> {
    run: &'a mut Run<'r>,
    subject: Subject,
    known: Anchored,
    told: Told,
}

impl Walk<'_, '_> {
    fn chain(&mut self, tip: &ObjectId) {
        let mut newer: Option<(Link, Option<PathMap>)> = None;
        let mut next = Some(*tip);
        let mut place = anchored::Place::default();
        while let Some(id) = next {
            // What the user has taken for right needs no explanation; damage is told all the same.
            let is_accepted = place.is_settled();
            place.pass(&self.known, &id);
            let link = match read_link(&self.run.repo.store, &id) {
                Ok(link) => link,
                Err(error) => {
                    self.run.find(of_error(self.subject.clone(), &error));
                    break;
                }
            };
            let files = self.files(&link, newer.as_ref());
            if let Some((newer, newer_files)) = newer.as_ref().filter(|_| !is_accepted) {
                self.step(&link, newer);
                self.history(&link, files.as_ref(), newer_files.as_ref());
            }
            self.note(&link);
            next = link.previous().copied();
            if next.is_none() {
                self.beginning(&link, place.is_settled());
            }
            newer = Some((link, files));
        }
        let is_read = next.is_none();
        place.tell(self.run, &self.subject, &self.known, tip, is_read);
    }

    fn bad(&mut self, link: &Link, detail: String) {
        let detail = format!("commit {}: {detail}", link.id.short());
        self.run.find(Finding::new(self.subject.clone(), Problem::BrokenHistory, detail));
    }

    /// The files of a commit; those of the one after it where the tree is the same.
    fn files(&mut self, link: &Link, newer: Option<&(Link, Option<PathMap>)>) -> Option<PathMap> {
        if let Some((newer, files)) = newer
            && newer.tree == link.tree
        {
            return files.clone();
        }
        self.run.inventory.tree(&link.tree, 0);
        match read_files(&self.run.repo.store, link) {
            Ok(files) => Some(files),
            Err(error) => {
                let finding = of_error(self.subject.clone(), &error);
                let detail = format!("commit {}: {}", link.id.short(), finding.detail);
                self.run.find(Finding { detail, ..finding });
                None
            }
        }
    }

    /// A commit and the one after it: a save counts one up, all else leaves the count alone.
    fn step(&mut self, older: &Link, newer: &Link) {
        match newer.sequence.checked_sub(older.sequence) {
            None => self.bad(newer, format!("it counts back from {} to {}", older.sequence, newer.sequence)),
            Some(0) if newer.latest != older.latest => {
                self.bad(newer, "it names another checkpoint than the commit before it, and saved none".to_owned());
            }
            Some(0) => {}
            Some(1) => self.save(older, newer),
            Some(2) => self.bad(newer, "a save before it is not there".to_owned()),
            Some(step) => self.bad(newer, format!("{} saves before it are not there", step - 1)),
        }
    }

    fn save(&mut self, older: &Link, newer: &Link) {
        let latest = newer.latest.map(|id| id.to_string());
        let problem = match (newer.told(), latest) {
            (None, _) => Some("it counts a save and names none"),
            (Some((_, true)), _) if newer.latest != older.latest => {
                Some("it was kept for safety and takes the place of the latest")
            }
            (Some((digits, false)), Some(latest)) if !latest.starts_with(digits) => Some("it names two checkpoints"),
            _ => None,
        };
        if let Some(problem) = problem {
            self.bad(newer, problem.to_owned());
        }
    }

    fn history(&mut self, older: &Link, older_files: Option<&PathMap>, newer_files: Option<&PathMap>) {
        let (Some(old), Some(new)) = (older_files, newer_files) else { return };
        if std::ptr::eq(old, new) || old == new {
            return;
        }
        match history_problem(&self.run.repo.store, old, new) {
            Ok(None) => {}
            Ok(Some(problem)) => self.bad(older, format!("after it, {problem}")),
            Err(error) => self.run.find(of_error(self.subject.clone(), &error)),
        }
    }

    fn note(&mut self, link: &Link) {
        if let Some((digits, _)) = link.told() {
            self.told.saves.entry(link.sequence).or_insert_with(|| digits.to_owned());
        }
        if let Some((_, rest)) = link.parents.split_first() {
            rest.iter().for_each(|parent| self.run.inventory.commit_is_there(parent));
        }
    }

    fn beginning(&mut self, link: &Link, is_accepted: bool) {
        let first = u64::from(link.told().is_some());
        self.told.is_whole = link.sequence <= first;
        if !self.told.is_whole && !is_accepted {
            self.bad(link, format!("the history begins with number {}: what came before is cut off", link.sequence));
        }
    }
}

/// Every checkpoint of a session is told of by its chain, and what the chain tells of is of this session.
fn check_points(run: &mut Run<'_>, name: &Name, told: &Told, summaries: &HashMap<ObjectId, Summary>) {
    if !told.is_whole {
        return;
    }
    let mut by_digits: HashMap<String, &Summary> = HashMap::new();
    for summary in summaries.values() {
        by_digits.insert(summary.id.short(), summary);
    }
    for summary in summaries.values().filter(|summary| summary.session == name.as_str()) {
        let is_told = told.saves.get(&summary.sequence).is_some_and(|digits| *digits == summary.id.short());
        if !is_told {
            anchored::check_untold(run, summary);
        }
    }
    for digits in told.saves.values() {
        let foreign = by_digits.get(digits).filter(|summary| summary.session != name.as_str());
        if let Some(summary) = foreign {
            let detail = format!("it tells of checkpoint {digits}, which is of session {}", summary.session);
            run.find(Finding::new(Subject::Session(name.to_string()), Problem::BrokenHistory, detail));
        }
    }
}
