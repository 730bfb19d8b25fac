//! What the journal says while a load is under way: all that a recovery has to know.

use std::sync::{Arc, Mutex};

use super::*;
use crate::model::progress::{Progress, Step};
use crate::worktree::apply::Applied;
use crate::worktree::journal::{Phase, Subject};

/// Reads the journal as each step over files begins.
#[derive(Clone, Default)]
struct Reader {
    own_dir: PathBuf,
    seen: Arc<Mutex<Vec<(Step, Journal)>>>,
}

impl Progress for Reader {
    fn begin(&self, step: Step, _files: usize) {
        let journal = journal::find(&self.own_dir).unwrap();
        self.seen.lock().unwrap().extend(journal.map(|journal| (step, journal)));
    }
}

impl Reader {
    fn watch(fixture: &mut Fixture) -> Reader {
        let reader = Reader { own_dir: own_dir(fixture), ..Reader::default() };
        fixture.repo.progress = Box::new(reader.clone());
        reader
    }

    /// The journal as files are written, which is the only one of that step since this was asked last.
    fn at_writing(&self) -> Journal {
        let mut seen = std::mem::take(&mut *self.seen.lock().unwrap());
        seen.retain(|(step, _)| *step == Step::Writing);
        assert_eq!(seen.len(), 1);
        seen.remove(0).1
    }
}

#[test]
fn all_that_was_asked_for_stands_in_it() {
    let mut fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let reader = Reader::watch(&mut fixture);
    load(&fixture, &LoadRequest { head: true, operation: true, ..request(&id) }).unwrap();
    let journal = reader.at_writing();
    assert_eq!((journal.head, journal.operation, journal.allow_links), (true, true, false));
    assert_eq!((journal.target, journal.paths.is_empty(), journal.subject), (id, true, None));
    undo(&fixture.repo).unwrap();
    let journal = reader.at_writing();
    assert_eq!(journal.subject, Some(Subject { is_redo: false, position: 1 }));
    load(&fixture, &LoadRequest { paths: vec!["tracked".into()], allow_links: true, ..request(&id) }).unwrap();
    let journal = reader.at_writing();
    assert_eq!((journal.head, journal.operation, journal.allow_links), (false, false, true));
    assert_eq!((journal.paths, journal.subject), (vec!["tracked".to_owned()], None));
}

#[test]
fn it_says_how_far_the_load_has_come() {
    let mut fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let reader = Reader::watch(&mut fixture);
    load(&fixture, &request(&id)).unwrap();
    let phases: Vec<_> = reader.seen.lock().unwrap().iter().map(|(step, journal)| (*step, journal.phase)).collect();
    assert_eq!(phases, [(Step::Writing, Phase::Files), (Step::Reading, Phase::Verify)]);
}

#[test]
fn a_recovery_begins_anew_in_the_name_of_its_own_process() {
    let mut fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let safety = save(&fixture.repo, &SaveRequest::of_kind(CheckpointKind::Safety)).unwrap().id;
    let started = "2026-11-21T10:00:00Z".parse().unwrap();
    let left = Journal::new(safety, id, started, "load good".into());
    journal::write(&own_dir(&fixture), &Journal { process: 7, phase: Phase::Verify, ..left.clone() }).unwrap();
    let reader = Reader::watch(&mut fixture);
    recover(&fixture.repo, Direction::Finish).unwrap();
    assert_eq!(reader.at_writing(), left);
}

#[test]
fn what_waits_in_the_staging_folder_goes_back_before_a_load_that_was_disturbed_ends() {
    let fixture = at_work();
    let staging = own_dir(&fixture).join("staging");
    fs::create_dir_all(&staging).unwrap();
    fs::write(staging.join("paths"), "sub/displaced").unwrap();
    fs::write(staging.join("0.new"), "work\n").unwrap();
    carry_out::settle(&fixture.repo, &Applied::default()).unwrap();
    assert!(staging.exists());
    carry_out::settle(&fixture.repo, &Applied { changed: vec!["sub/displaced".into()] }).unwrap();
    assert_eq!((read(&fixture, "sub/displaced"), staging.exists()), ("work\n".to_owned(), false));
}
