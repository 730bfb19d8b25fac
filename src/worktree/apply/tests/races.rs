//! What somebody else does between two steps of a load, and file systems that make the steps go another way.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::model::id::{HashKind, ObjectId};
use crate::model::object::{Object, ObjectError, ObjectKind};
use crate::worktree::apply::place::Spot;

/// Does something once, when a certain blob is read: at its writing, or at the comparison with a file of CR LF lines.
struct Meddler<'m, F> {
    memory: &'m Memory,
    blob: ObjectId,
    is_done: AtomicBool,
    act: F,
}

impl<F: Fn() + Send + Sync> ObjectReader for Meddler<'_, F> {
    fn hash_kind(&self) -> HashKind {
        self.memory.hash_kind()
    }
    fn contains(&self, id: &ObjectId) -> bool {
        self.memory.contains(id)
    }
    fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        if *id == self.blob && !self.is_done.swap(true, Ordering::SeqCst) {
            (self.act)();
        }
        self.memory.read(id)
    }
    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        self.memory.read_header(id)
    }
}

/// A file of CR LF lines that is not as it was saved, a plan that changes it, and what is done while that is found out.
fn meddled(place: &Place, old: &Captured, new: &Captured, act: impl Fn() + Send + Sync) -> Vec<String> {
    let meddler =
        Meddler { memory: &place.memory, blob: place.memory.blob(b"a\n"), is_done: AtomicBool::new(false), act };
    let plan = place.plan(old, new);
    let applied = apply(&meddler, &place.root(), &place.own(), &plan, &Unwatched).unwrap();
    assert!(meddler.is_done.load(Ordering::SeqCst));
    texts(&applied.changed)
}

fn with_crlf(place: &Place, path: &str, files: &[(&str, &str)]) -> Captured {
    let mut state = place.target(files);
    state.extra.crlf.push(path.into());
    state
}

fn rescued(place: &Place) -> Vec<(String, String)> {
    let rescued = rescue::clear_staging(&place.memory, &place.root(), &place.own()).unwrap();
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    rescued.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn work_goes_back_although_the_new_file_has_gone_meanwhile() {
    let place = Place::new(&[("f", "mine")]);
    let old = with_crlf(&place, "f", &[("f", "a\n")]);
    let changed = meddled(&place, &old, &place.target(&[("f", "new")]), || fs::remove_file(place.at("f")).unwrap());
    assert_eq!((changed, place.text("f")), (vec!["f".to_owned()], "mine".to_owned()));
    assert_eq!(fs::read_dir(place.own()).unwrap().count(), 0);
}

#[test]
fn what_was_saved_over_the_new_file_meanwhile_is_rescued() {
    let place = Place::new(&[("f", "mine")]);
    let old = with_crlf(&place, "f", &[("f", "a\n")]);
    let changed = meddled(&place, &old, &place.target(&[("f", "new")]), || fs::write(place.at("f"), "later").unwrap());
    assert_eq!((changed, place.text("f")), (vec!["f".to_owned()], "mine".to_owned()));
    assert_eq!(rescued(&place), [("1-f".to_owned(), "later".to_owned())]);
}

#[test]
fn work_whose_place_was_taken_while_it_was_looked_at_is_rescued() {
    let place = Place::new(&[("d/f", "mine"), ("gone", "1")]);
    let old = with_crlf(&place, "d/f", &[("d/f", "a\n"), ("gone", "1")]);
    let changed = meddled(&place, &old, &place.target(&[]), || fs::write(place.at("d/f"), "later").unwrap());
    assert_eq!((changed, place.text("d/f")), (vec!["d/f".to_owned()], "later".to_owned()));
    assert_eq!(rescued(&place), [("1-f".to_owned(), "mine".to_owned())]);
}

#[test]
fn a_staged_link_is_known_by_its_path() {
    let place = Place::new(&[("l2", "mine"), ("r1", "1"), ("r2", "1")]);
    let old = with_crlf(&place, "l2", &[("l2", "a\n"), ("r1", "1"), ("r2", "1")]);
    let new = place.target(&[("l1", "@x"), ("l2", "@y"), ("w1", "2"), ("w2", "2"), ("w3", "2")]);
    let changed = meddled(&place, &old, &new, || {
        fs::remove_file(place.at("l2")).unwrap();
        fs::write(place.at("l2"), "later").unwrap();
    });
    assert_eq!(changed, ["l2"]);
    assert_eq!(rescued(&place), [("1-l2".to_owned(), "later".to_owned())]);
    assert_eq!((place.text("l2"), place.text("w3")), ("mine".to_owned(), "2".to_owned()));
}

/// The steps of a plan, with the staging folder of a certain root.
fn with_run<T>(place: &Place, staging: &Path, plan: &Plan, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let root = Root::open(&place.root()).unwrap();
    let staging = Staging::create(&Root::open(staging).unwrap(), &staging.join("own"), plan).unwrap();
    act(&Run { objects: &place.memory, root: &root, staging: &staging, plan, progress: &Unwatched })
}

/// A folder on another file system than this one; `None` where there is none.
fn other_device(than: &Path) -> Option<tempfile::TempDir> {
    let other = tempfile::tempdir_in("/dev/shm").ok()?;
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    (device(other.path()) != device(than)).then_some(other)
}

#[test]
fn a_mounted_folder_is_written_within_itself() {
    let place = Place::new(&[("gone", "1"), ("d/replaced", "1"), ("d/link", "@x"), ("mode", "1")]);
    let Some(other) = other_device(&place.root()) else { return };
    let mut target = place.target(&[("d/replaced", "2"), ("d/link", "@y"), ("mode", "1"), ("d/new", "*1")]);
    target.extra.permissions.insert("d/new".into(), 0o700);
    let plan = place.plan(&place.captured(), &target);
    let applied = with_run(&place, other.path(), &plan, |run| run.all().unwrap());
    assert_eq!((applied, place.captured()), (Applied::default(), target));
    let left: Vec<_> =
        fs::read_dir(other.path().join("own/staging")).unwrap().map(|item| item.unwrap().file_name()).collect();
    assert_eq!(left, ["paths"]);
}

#[test]
fn work_in_a_mounted_folder_is_kept() {
    let place = Place::new(&[("removed", "1"), ("replaced", "1"), ("linked", "1")]);
    let Some(other) = other_device(&place.root()) else { return };
    let plan = place.plan(&place.captured(), &place.target(&[("linked", "@x"), ("new", "2"), ("replaced", "2")]));
    place.fill(&[("removed", "mine"), ("replaced", "mine too"), ("linked", "mine as well"), ("new", "and this")]);
    let before = place.captured();
    let applied = with_run(&place, other.path(), &plan, |run| run.all().unwrap());
    assert_eq!(texts(&applied.changed), ["linked", "new", "removed", "replaced"]);
    assert_eq!(place.captured(), before);
}

#[test]
fn without_an_exchange_a_file_is_looked_at_and_then_replaced() {
    for (there, expected) in [("1", "2"), ("mine", "mine")] {
        let place = Place::new(&[("f", "1")]);
        let plan = place.plan(&place.captured(), &place.target(&[("f", "2")]));
        place.fill(&[("f", there)]);
        with_run(&place, place.folder.path(), &plan, |run| {
            fs::write(place.own().join("staging/0.new"), "2").unwrap();
            let folder = run.root.folder(BStr::new("")).unwrap();
            let (staged, at) =
                (Spot { folder: &run.staging.handle, name: b"0.new" }, Spot { folder: &folder, name: b"f" });
            let write = &plan.writes[0];
            let outcome = place::replace_checked(run, write, write.replaces.unwrap(), staged, at);
            assert_eq!(outcome.is_ok(), there == "1");
        });
        assert_eq!(place.text("f"), expected);
        assert!(!place.own().join("staging/0.new").exists());
    }
}

#[test]
fn without_a_guarded_rename_a_link_is_made_and_never_over_what_is_there() {
    let place = Place::new(&[("f", "1"), ("taken", "2"), ("folder", "/"), ("other", "/")]);
    let handle = Root::open(&place.root()).unwrap().folder(BStr::new("")).unwrap();
    let spot = |name| Spot { folder: &handle, name };
    assert!(place::link_in(spot(b"f"), spot(b"taken")).is_err());
    assert!(place::link_in(spot(b"folder"), spot(b"other")).is_err());
    assert_eq!((place.text("f"), place.text("taken"), place.at("folder").is_dir()), ("1".into(), "2".into(), true));
    place::link_in(spot(b"f"), spot(b"free")).unwrap();
    place::link_in(spot(b"folder"), spot(b"elsewhere")).unwrap();
    assert_eq!((place.text("free"), place.at("elsewhere").is_dir()), ("1".into(), true));
    assert!(!place.at("f").exists() && !place.at("folder").exists());
}

#[test]
fn a_file_that_is_being_written_is_not_taken_for_a_whole_one() {
    let place = Place::new(&[]);
    let plan = place.plan(&place.captured(), &place.target(&[("f", "a\n")]));
    let names = || {
        let items = fs::read_dir(place.own().join("staging")).unwrap();
        let mut names: Vec<_> = items.map(|item| item.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["0.part", "paths"]);
    };
    let blob = place.memory.blob(b"a\n");
    let meddler = Meddler { memory: &place.memory, blob, is_done: AtomicBool::new(false), act: names };
    apply(&meddler, &place.root(), &place.own(), &plan, &Unwatched).unwrap();
    assert!(meddler.is_done.load(Ordering::SeqCst));
}

#[test]
fn nothing_is_written_into_what_waits_in_the_staging_folder() {
    let place = Place::new(&[]);
    let plan = place.plan(&place.captured(), &place.target(&[("f", "new")]));
    staged(&place, "f", &[("0.part", "longer than it")]);
    assert!(apply(&place.memory, &place.root(), &place.own(), &plan, &Unwatched).is_err());
    assert_eq!(fs::read_to_string(place.own().join("staging/0.part")).unwrap(), "longer than it");
    assert!(!place.at("f").exists());
}

#[test]
fn what_the_repository_holds_is_not_put_back_and_a_folder_never_in_exchange() {
    let place = Place::new(&[("taken", "known"), ("d/f", "known")]);
    place.memory.blob(b"known");
    staged(&place, "free\0taken\0d/f", &[("0.old", "known"), ("1.new/work", "precious")]);
    // Staged in the folder itself, as on another file system.
    fs::write(place.at("d/.ckpt-staging-2"), "mine").unwrap();
    let rescued = rescue::clear_staging(&place.memory, &place.root(), &place.own()).unwrap();
    assert_eq!(rescued, [place.own().join("rescued/1-taken")]);
    assert_eq!(fs::read_to_string(rescued[0].join("work")).unwrap(), "precious");
    assert_eq!((place.text("taken"), place.text("d/f")), ("known".to_owned(), "mine".to_owned()));
    assert!(!place.at("free").exists() && !place.at("d/.ckpt-staging-2").exists());
}

#[test]
fn files_are_staged_on_the_file_system_where_they_go() {
    let place = Place::new(&[]);
    let root = Root::open(&place.root()).unwrap();
    let made = |own: &Path| {
        let staging = Staging::create(&root, own, &Plan::default()).unwrap();
        let is_where = [own.join("staging").is_dir(), place.at(".ckpt-staging").is_dir()];
        staging.remove();
        is_where
    };
    assert_eq!(made(&place.own()), [true, false]);
    if let Some(other) = other_device(&place.root()) {
        assert_eq!(made(&other.path().join("own")), [false, true]);
    }
    assert!(place.own().exists() && fs::read_dir(place.root()).unwrap().next().is_none());
}

#[test]
fn a_file_that_cannot_be_put_in_place_leaves_nothing_beside() {
    let place = Place::new(&[]);
    let name = "x".repeat(256);
    let plan = place.plan(&place.captured(), &place.target(&[(&name, "1")]));
    assert!(apply(&place.memory, &place.root(), &place.own(), &plan, &Unwatched).is_err());
    assert_eq!(fs::read_dir(place.root()).unwrap().count(), 0);
    assert!(rescued(&place).is_empty());
}
