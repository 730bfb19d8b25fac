use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;

use super::*;
use crate::model::progress::{Progress, Step, Unwatched};
use crate::worktree::memory::{Captured, Memory, texts};
use crate::worktree::plan;

mod handles;
mod races;

/// A work tree and our own folder beside it.
struct Place {
    folder: tempfile::TempDir,
    memory: Memory,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Place {
        let place = Place { folder: tempfile::tempdir().unwrap(), memory: Memory::default() };
        fs::create_dir(place.root()).unwrap();
        place.fill(files);
        place
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn own(&self) -> PathBuf {
        self.folder.path().join("own")
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// `*` marks a program, `@` a link, `/` an empty folder.
    fn fill(&self, files: &[(&str, &str)]) {
        for (path, content) in files {
            let path = self.at(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match content.split_at_checked(1) {
                Some(("@", target)) => symlink(target, path).unwrap(),
                Some(("/", _)) => fs::create_dir(path).unwrap(),
                Some(("*", bytes)) => {
                    fs::write(&path, bytes).unwrap();
                    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
                }
                _ => fs::write(path, content).unwrap(),
            }
        }
    }

    fn captured(&self) -> Captured {
        self.memory.capture(&self.root())
    }

    fn target(&self, files: &[(&str, &str)]) -> Captured {
        Captured { tree: Some(self.memory.tree_of(files)), ..Captured::default() }
    }

    fn plan(&self, old: &Captured, new: &Captured) -> Plan {
        plan::plan(&self.memory, old.state(), new.state(), &[]).unwrap()
    }

    fn apply(&self, plan: &Plan) -> Applied {
        let applied = apply(&self.memory, &self.root(), &self.own(), plan, &Unwatched).unwrap();
        assert_eq!(fs::read_dir(self.own()).unwrap().count(), 0, "the staging folder is cleared");
        applied
    }

    /// Loads `new` over what is there, and checks that it is there exactly.
    fn load(&self, new: &Captured) {
        let old = self.captured();
        assert_eq!(self.apply(&self.plan(&old, new)), Applied::default());
        assert_eq!(&self.captured(), new);
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.at(path)).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.at(path), Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn every_kind_becomes_every_other() {
    let kinds = ["text", "*program", "@link", "@gone/away", "/"];
    for old in kinds {
        for new in kinds.into_iter().filter(|&new| new != old) {
            let place = Place::new(&[("d/x", old), ("keep", "1")]);
            let other = Place::new(&[("d/x", new), ("keep", "1")]);
            place.load(&place.memory.capture(&other.root()));
        }
    }
}

#[test]
fn files_folders_and_links_swap_places() {
    let place = Place::new(&[("a", "1"), ("b/c/d", "1"), ("l", "@b"), ("e/f", "@../a"), ("void/deep", "/")]);
    let other = Place::new(&[("a/x/y", "2"), ("b", "@a"), ("l/z", "*3"), ("e", "4"), ("void", "file")]);
    let first = place.captured();
    place.load(&place.memory.capture(&other.root()));
    place.load(&first);
}

#[test]
fn random_trees_go_there_and_back() {
    let mut seed = 1u64;
    let mut next = |limit: u64| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) % limit
    };
    for _ in 0..60 {
        let places = [Place::new(&[]), Place::new(&[])];
        for place in &places {
            for _ in 0..next(40) {
                let names = ["a", "b", "c", "\u{e9}\n"];
                let depth = 1 + next(4);
                let path: Vec<_> = (0..depth).map(|_| names[next(4) as usize]).collect();
                let path = place.at(&path.join("/"));
                if fs::create_dir_all(path.parent().unwrap()).is_err() || fs::symlink_metadata(&path).is_ok() {
                    continue;
                }
                match next(4) {
                    0 => symlink(["a", "../b", "/nowhere"][next(3) as usize], path).unwrap(),
                    1 => fs::create_dir(path).unwrap(),
                    _ => {
                        fs::write(&path, next(5).to_string()).unwrap();
                        let mode = [0o644, 0o755, 0o600, 0o444, 0o500][next(5) as usize];
                        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
                    }
                }
            }
        }
        let [place, other] = places;
        let first = place.captured();
        place.load(&place.memory.capture(&other.root()));
        place.load(&first);
    }
}

#[test]
fn many_files_are_written_by_many_threads() {
    let paths: Vec<(String, String)> = (0..600).map(|n| (format!("d{}/f{n}", n % 7), format!("old {n}"))).collect();
    let old: Vec<(&str, &str)> = paths.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let place = Place::new(&old);
    let new: Vec<(&str, &str)> = paths.iter().skip(5).map(|(path, text)| (path.as_str(), &text[1..])).collect();
    place.load(&place.target(&new));
}

#[test]
fn what_does_not_differ_is_not_touched() {
    let place = Place::new(&[("d/kept", "1"), ("d/changed", "1"), ("d/mode", "1")]);
    let before = |path| fs::metadata(place.at(path)).map(|stat| (stat.mtime_nsec(), stat.ino())).unwrap();
    let (kept, mode) = (before("d/kept"), before("d/mode"));
    let mut target = place.target(&[("d/kept", "1"), ("d/changed", "2"), ("d/mode", "1")]);
    target.extra.permissions.insert("d/mode".into(), 0o600);
    place.load(&target);
    assert_eq!((before("d/kept"), before("d/mode")), (kept, mode));
}

#[test]
fn a_hard_link_outside_keeps_its_bytes() {
    let place = Place::new(&[("f", "inside")]);
    let outside = place.folder.path().join("outside");
    fs::hard_link(place.at("f"), &outside).unwrap();
    place.load(&place.target(&[("f", "new")]));
    assert_eq!(fs::read_to_string(outside).unwrap(), "inside");
}

#[test]
fn bytes_come_back_in_their_own_form() {
    let place = Place::new(&[]);
    let mut target = place.target(&[("dos", "a\nb\n"), ("raw", "clean"), ("plain", "a\n")]);
    target.extra.crlf.push("dos".into());
    target.extra.raw.insert("raw".into(), place.memory.blob(b"\xff dirty"));
    let plan = place.plan(&place.captured(), &target);
    place.apply(&plan);
    assert_eq!(place.text("dos"), "a\r\nb\r\n");
    assert_eq!(fs::read(place.at("raw")).unwrap(), b"\xff dirty");
    assert_eq!(place.text("plain"), "a\n");
    place.apply(&place.plan(&target, &place.target(&[])));
    assert_eq!(fs::read_dir(place.root()).unwrap().count(), 0);
}

#[test]
fn folders_that_cannot_be_written_are_worked_in_and_left_as_they_should_be() {
    let place = Place::new(&[("ro/f", "1"), ("ro/sub/g", "1"), ("gone/h", "1"), ("other/i", "1")]);
    for folder in ["ro/sub", "ro", "gone"] {
        place.set_mode(folder, 0o555);
    }
    place.set_mode("other", 0o2755);
    let mut target = place.target(&[("ro/f", "2"), ("ro/sub/new", "2"), ("other/i", "1"), ("made/j", "1")]);
    for (folder, mode) in [("ro", 0o555), ("ro/sub", 0o555), ("other", 0o500), ("made", 0o511)] {
        target.extra.permissions.insert(folder.into(), mode);
    }
    place.load(&target);
    assert_eq!(place.mode("other"), 0o2500, "the set-group bit of a folder is not ours to take");
}

#[test]
fn a_folder_loosened_for_the_load_is_tightened_again() {
    let place = Place::new(&[("ro/f", "1")]);
    place.set_mode("ro", 0o1555);
    let root = Root::open(&place.root()).unwrap();
    drop(root.writable_folder(BStr::new("ro")).unwrap());
    assert_eq!(place.mode("ro"), 0o1755);
    root.restore_loosened();
    assert_eq!(place.mode("ro"), 0o1555);
}

#[test]
fn what_changed_since_the_plan_is_kept() {
    let place = Place::new(&[("edited", "1"), ("retyped", "1"), ("foldered", "1"), ("removed", "1"), ("gone", "1")]);
    let target = place.target(&[("edited", "2"), ("retyped", "2"), ("foldered", "2"), ("new", "2"), ("gone", "2")]);
    let plan = place.plan(&place.captured(), &target);
    fs::write(place.at("edited"), "mine").unwrap();
    fs::write(place.at("removed"), "mine too").unwrap();
    fs::write(place.at("new"), "mine as well").unwrap();
    fs::remove_file(place.at("gone")).unwrap();
    for path in ["retyped", "foldered"] {
        fs::remove_file(place.at(path)).unwrap();
    }
    symlink("elsewhere", place.at("retyped")).unwrap();
    place.fill(&[("foldered/inside", "work")]);
    let applied = place.apply(&plan);
    assert_eq!(texts(&applied.changed), ["edited", "foldered", "new", "removed", "retyped"]);
    assert_eq!(place.text("edited"), "mine");
    assert_eq!(place.text("removed"), "mine too");
    assert_eq!(place.text("new"), "mine as well");
    assert_eq!(place.text("foldered/inside"), "work");
    assert_eq!(fs::read_link(place.at("retyped")).unwrap(), PathBuf::from("elsewhere"));
    assert_eq!(place.text("gone"), "2", "a file that is gone has nothing to lose");
}

#[test]
fn a_folder_swapped_for_a_link_leads_nowhere() {
    let place = Place::new(&[("d/f", "1"), ("d/gone", "1"), ("e/x", "1")]);
    let target = place.target(&[("d/f", "2"), ("d/new", "2"), ("e/x", "1"), ("e/sub/y", "2")]);
    let plan = place.plan(&place.captured(), &target);
    let outside = place.folder.path().join("outside");
    fs::rename(place.at("d"), &outside).unwrap();
    symlink(&outside, place.at("d")).unwrap();
    symlink(&outside, place.at("e/sub")).unwrap();
    let applied = place.apply(&plan);
    assert_eq!(texts(&applied.changed), ["d/f", "d/new", "e/sub", "e/sub/y"]);
    assert_eq!(fs::read_to_string(outside.join("f")).unwrap(), "1");
    assert_eq!(fs::read_to_string(outside.join("gone")).unwrap(), "1");
    assert!(!outside.join("new").exists() && !outside.join("y").exists());
}

#[test]
fn a_link_in_the_target_is_never_written_through() {
    let place = Place::new(&[]);
    let outside = place.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let link = format!("@{}", outside.display());
    let target = place.target(&[("l", &link), ("z/f", "1")]);
    place.load(&target);
    let next = place.target(&[("l/f", "through"), ("z/f", "1")]);
    place.load(&next);
    assert_eq!(fs::read_dir(outside).unwrap().count(), 0);
}

#[test]
fn folders_with_something_left_in_them_stay() {
    let place = Place::new(&[("d/f", "1"), ("d/sub/g", "1")]);
    let plan = place.plan(&place.captured(), &place.target(&[]));
    place.fill(&[("d/sub/ignored", "precious")]);
    assert_eq!(place.apply(&plan), Applied::default());
    assert_eq!(place.text("d/sub/ignored"), "precious");
    assert!(!place.at("d/f").exists());
}

#[test]
fn a_nested_repository_is_neither_entered_nor_removed() {
    let place = Place::new(&[("n/.git/config", "x"), ("n/work", "precious")]);
    let old = Captured { tree: Some(place.memory.tree_of(&[("n", "#1")])), ..Captured::default() };
    place.apply(&place.plan(&old, &place.target(&[("m", "#1")])));
    assert_eq!(place.text("n/work"), "precious");
    assert!(place.at("m").is_dir());
}

#[test]
fn an_error_half_way_leaves_a_state_that_a_new_plan_completes() {
    let place = Place::new(&[("a", "1"), ("b", "1"), ("c", "1")]);
    let target = place.target(&[("a", "2"), ("b", "lost"), ("c", "2")]);
    let plan = place.plan(&place.captured(), &target);
    let lost = place.memory.blob(b"lost");
    place.memory.forget(&lost);
    assert!(apply(&place.memory, &place.root(), &place.own(), &plan, &Unwatched).is_err());
    place.memory.blob(b"lost");
    assert!(rescue::clear_staging(&place.memory, &place.root(), &place.own()).unwrap().is_empty());
    place.load(&target);
}

/// A staging folder as a kill leaves it.
fn staged(place: &Place, paths: &str, files: &[(&str, &str)]) {
    let staging = place.own().join("staging");
    fs::create_dir_all(&staging).unwrap();
    fs::write(staging.join("paths"), paths).unwrap();
    for (name, content) in files {
        fs::create_dir_all(staging.join(name).parent().unwrap()).unwrap();
        fs::write(staging.join(name), content).unwrap();
    }
}

#[test]
fn what_a_kill_left_is_cleared_and_work_goes_back_to_its_place() {
    let place = Place::new(&[("a", "target"), ("d/taken", "newer work")]);
    place.memory.blob(b"target");
    place.memory.blob(b"old");
    staged(
        &place,
        "a\0b\0d/taken\0d/free\0a",
        &[
            ("0.new", "work displaced from a"),
            ("1.part", "half a fi"),
            ("2.old", "work that was in d/taken"),
            ("3.old", "work that was in d/free"),
            ("4.new", "old"),
            ("strange", "unknown work"),
        ],
    );
    let mut rescued = rescue::clear_staging(&place.memory, &place.root(), &place.own()).unwrap();
    rescued.sort();
    assert_eq!(place.text("a"), "work displaced from a");
    assert_eq!(place.text("d/taken"), "newer work");
    assert_eq!(place.text("d/free"), "work that was in d/free");
    assert_eq!(rescued, [place.own().join("rescued/1-strange"), place.own().join("rescued/1-taken")]);
    assert_eq!(fs::read_to_string(&rescued[1]).unwrap(), "work that was in d/taken");
    assert!(!place.own().join("staging").exists());
}

#[test]
fn an_own_folder_on_another_file_system_stages_in_the_work_tree() {
    let place = Place::new(&[("a", "1"), ("b", "1")]);
    let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else { return };
    if fs::metadata(elsewhere.path()).unwrap().dev() == fs::metadata(place.root()).unwrap().dev() {
        return;
    }
    let target = place.target(&[("a", "2"), ("c", "@x")]);
    let plan = place.plan(&place.captured(), &target);
    assert_eq!(apply(&place.memory, &place.root(), elsewhere.path(), &plan, &Unwatched).unwrap(), Applied::default());
    assert_eq!(place.captured(), target);
}

#[test]
fn the_bits_of_new_files_do_not_depend_on_the_umask() {
    let place = Place::new(&[]);
    let bits = [("open", 0o666), ("shut", 0o000), ("odd", 0o022), ("wide", 0o777), ("d", 0o777)];
    let files = [("open", "1"), ("shut", "1"), ("odd", "1"), ("wide", "*1"), ("d/run", "*1")];
    let mut target = place.target(&files);
    target.extra.permissions = bits.iter().map(|(path, bits)| ((*path).into(), *bits)).collect();
    let plan = place.plan(&place.captured(), &target);
    assert_eq!(place.apply(&plan), Applied::default());
    assert_eq!(bits.map(|(path, _)| place.mode(path)), bits.map(|(_, bits)| bits));
    assert_eq!(place.mode("d/run"), 0o755);
}

/// Counts the files of which it is told.
#[derive(Default)]
struct Counter(std::sync::Mutex<Vec<String>>);

impl Progress for Counter {
    fn begin(&self, step: Step, files: usize) {
        self.0.lock().unwrap().push(format!("{step:?} {files}"));
    }
    fn advance(&self) {
        self.0.lock().unwrap().push("one".into());
    }
    fn end(&self) {
        self.0.lock().unwrap().push("end".into());
    }
}

#[test]
fn each_file_that_is_written_is_told_of() {
    for count in [3, 200] {
        let place = Place::new(&[]);
        let files: Vec<_> = (0..count).map(|number| (format!("d/{number}"), number.to_string())).collect();
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let plan = place.plan(&place.captured(), &place.target(&files));
        let counter = Counter::default();
        apply(&place.memory, &place.root(), &place.own(), &plan, &counter).unwrap();
        let told = counter.0.into_inner().unwrap();
        assert_eq!((told[0].clone(), told.len()), (format!("Writing {count}"), count + 2));
        assert_eq!(told.last().unwrap(), "end");
    }
}
