//! Folders and permission bits by their handles, one at a time.

use super::*;
use crate::worktree::apply::permissions::{set_on_file, set_on_folder, set_unreadable};

fn root(place: &Place) -> Root {
    Root::open(&place.root()).unwrap()
}

fn is_changed(outcome: Result<(), Stop>) -> bool {
    match outcome {
        Ok(()) => false,
        Err(Stop::Changed) => true,
        Err(Stop::Failed(error)) => panic!("{error}"),
    }
}

#[test]
fn only_a_folder_will_do_for_a_folder() {
    let place = Place::new(&[("d/f", "1"), ("file", "1"), ("link", "@d")]);
    let root = root(&place);
    for (path, changed) in [("d", false), ("new", false), ("file", true), ("link", true), ("file/x", true)] {
        assert_eq!(is_changed(root.create_folder(BStr::new(path))), changed, "{path}");
        assert_eq!(is_changed(root.create_nested(BStr::new(path))), changed, "{path}");
    }
    assert_eq!((place.mode("new"), place.text("file")), (0o700, "1".to_owned()));
}

#[test]
fn a_folder_that_is_not_empty_matters_only_where_it_is_in_the_way() {
    let place = Place::new(&[("full/f", "1"), ("file", "1"), ("empty", "/"), ("empty too", "/")]);
    let root = root(&place);
    for path in ["full", "file", "gone/sub", "file/sub"] {
        assert!(!is_changed(root.remove_folder(BStr::new(path), false)), "{path}");
        assert!(is_changed(root.remove_folder(BStr::new(path), true)), "{path}");
    }
    assert!(!is_changed(root.remove_folder(BStr::new("gone"), true)));
    root.remove_folder(BStr::new("empty"), true).unwrap();
    root.remove_folder(BStr::new("empty too"), false).unwrap();
    let mut left: Vec<_> = fs::read_dir(place.root()).unwrap().map(|item| item.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["file", "full"]);
}

#[test]
fn a_folder_is_loosened_only_where_it_must_be_and_while_nobody_sets_its_bits() {
    let place = Place::new(&[("open", "/"), ("shut", "/"), ("set", "/"), ("half", "/")]);
    for (path, mode) in [("open", 0o300), ("shut", 0o555), ("set", 0o500), ("half", 0o600)] {
        place.set_mode(path, mode);
    }
    let root = root(&place);
    for (path, mode) in [("open", 0o300), ("shut", 0o755), ("set", 0o700), ("half", 0o700)] {
        drop(root.writable_folder(BStr::new(path)));
        assert_eq!(place.mode(path), mode, "{path}");
    }
    set_on_folder(&root, &PermissionChange { path: "set".into(), permissions: 0o750 }).unwrap();
    root.restore_loosened();
    assert_eq!(["open", "shut", "set", "half"].map(|path| place.mode(path)), [0o300, 0o555, 0o750, 0o600]);
}

#[test]
fn a_folder_of_somebody_else_is_not_loosened() {
    let place = Place::new(&[("theirs", "/")]);
    place.set_mode("theirs", 0o555);
    // Only the superuser may give it away.
    if std::os::unix::fs::chown(place.at("theirs"), Some(12345), None).is_err() {
        return;
    }
    let _ = root(&place).writable_folder(BStr::new("theirs"));
    assert_eq!(place.mode("theirs"), 0o555);
}

#[test]
fn bits_are_set_on_files_alone_and_never_through_a_link() {
    let place = Place::new(&[("f", "1"), ("link", "@f"), ("d/g", "1")]);
    let root = root(&place);
    fs::set_permissions(place.at("f"), Permissions::from_mode(0o4755)).unwrap();
    let pipe = root.folder(BStr::new("d")).unwrap();
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(&pipe, "pipe", kind, rustix::fs::Mode::from_raw_mode(0o600), 0).unwrap();
    let change = |path: &str| PermissionChange { path: path.into(), permissions: 0o640 };
    for path in ["link", "gone", "d", "d/pipe", "gone/x"] {
        assert!(is_changed(set_on_file(&root, &change(path))), "{path}");
    }
    let top = root.folder(BStr::new("")).unwrap();
    for path in ["link", "d"] {
        assert!(is_changed(set_unreadable(&root, &change(path), &top, path.as_bytes())), "{path}");
    }
    assert!(is_changed(set_on_folder(&root, &change("f"))));
    assert_eq!((place.mode("f"), place.mode("d/pipe")), (0o4755, 0o600));
    set_on_file(&root, &change("f")).unwrap();
    assert_eq!(place.mode("f"), 0o4640, "the set-user bit is not ours to take");
    place.set_mode("d/g", 0);
    let folder = root.folder(BStr::new("d")).unwrap();
    set_unreadable(&root, &change("d/g"), &folder, b"g").unwrap();
    assert_eq!(place.mode("d/g"), 0o640);
}

#[test]
fn bits_that_are_right_are_not_set() {
    let place = Place::new(&[("f", "1")]);
    let changed = || fs::metadata(place.at("f")).map(|stat| (stat.ctime(), stat.ctime_nsec())).unwrap();
    let before = changed();
    std::thread::sleep(std::time::Duration::from_millis(20));
    let right = PermissionChange { path: "f".into(), permissions: place.mode("f") };
    set_on_file(&root(&place), &right).unwrap();
    assert_eq!(changed(), before);
}
