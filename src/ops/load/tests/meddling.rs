use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::model::omission::Reason;
use crate::model::progress::{Progress, Step};

/// Does something once, when files are about to be read: what was listed then is no longer so.
struct Meddler<F> {
    /// Not before files were written, so that it is the comparison that reads them.
    waits_for_writing: bool,
    has_written: AtomicBool,
    is_done: AtomicBool,
    act: F,
}

impl<F: Fn() + Send + Sync> Meddler<F> {
    fn new(waits_for_writing: bool, act: F) -> Box<Meddler<F>> {
        let never = || AtomicBool::new(false);
        Box::new(Meddler { waits_for_writing, has_written: never(), is_done: never(), act })
    }
}

impl<F: Fn() + Send + Sync> Progress for Meddler<F> {
    fn begin(&self, step: Step, _files: usize) {
        let is_time = !self.waits_for_writing || self.has_written.load(Ordering::SeqCst);
        if step == Step::Reading && is_time && !self.is_done.swap(true, Ordering::SeqCst) {
            (self.act)();
        }
        self.has_written.fetch_or(step == Step::Writing, Ordering::SeqCst);
    }
}

#[test]
fn what_goes_or_becomes_something_else_before_it_is_read_is_named_and_left_alone() {
    let mut fixture = at_work();
    for path in ["goes", "becomes-a-link", "becomes-a-folder", "stays"] {
        write(&fixture, path, "new\n");
    }
    let root = fixture.root.clone();
    fixture.repo.progress = Meddler::new(false, move || {
        for path in ["goes", "becomes-a-link", "becomes-a-folder"] {
            fs::remove_file(root.join(path)).unwrap();
        }
        symlink("tracked", root.join("becomes-a-link")).unwrap();
        fs::create_dir(root.join("becomes-a-folder")).unwrap();
    });
    let saved = save(&fixture.repo, &SaveRequest::of_kind(CheckpointKind::Manual)).unwrap();
    let failed = saved.omissions.iter().filter(|omission| omission.reason.is_failure());
    let failed: Vec<_> = failed.map(|omission| (omission.path.to_string(), omission.reason.clone())).collect();
    let expected = [
        ("becomes-a-folder", Reason::ChangedWhileSaving),
        ("becomes-a-link", Reason::ChangedWhileSaving),
        ("goes", Reason::Vanished),
    ];
    assert_eq!(failed, expected.map(|(path, reason)| (path.to_owned(), reason)));
    assert!(saved.is_partial());
    write(&fixture, "stays", "changed\n");
    write(&fixture, "goes", "back\n");
    load(&fixture, &request(&saved.id)).unwrap();
    assert_eq!((read(&fixture, "stays"), read(&fixture, "goes")), ("new\n".into(), "back\n".into()));
    assert!(fixture.root.join("becomes-a-link").is_symlink() && fixture.root.join("becomes-a-folder").is_dir());
}

#[test]
fn a_file_that_is_not_as_it_was_written_is_damage() {
    let mut fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let root = fixture.root.clone();
    fixture.repo.progress =
        Meddler::new(true, move || fs::write(root.join("tracked"), "not what was written\n").unwrap());
    match load(&fixture, &request(&id)) {
        Err(OpError::NotAsSaved { paths }) => assert_eq!(paths, ["tracked"]),
        other => panic!("{other:?}"),
    }
    assert!(find_pending(&fixture.repo).unwrap().is_none());
    undo(&fixture.repo).unwrap();
    assert_eq!(read(&fixture, "tracked"), "wrecked\n");
}
