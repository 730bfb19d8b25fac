use std::path::Path;

use super::fixture::Fixture;
use super::*;
use crate::model::object::ObjectWriter;
use crate::model::tree;

fn save(store: &Store, number: u32) -> ObjectId {
    let writing = store.start_writing().unwrap();
    let text: String =
        (0..400).map(|line| format!("line {line} {}\n", if line == number % 400 { number } else { 0 })).collect();
    let blob = writing.write(ObjectKind::Blob, text.as_bytes()).unwrap();
    let entries = [tree::TreeEntry { mode: crate::model::mode::Mode::File, name: "file".into(), id: blob }];
    let tree = writing.write(ObjectKind::Tree, &tree::encode(&entries)).unwrap();
    let who = "A <a@example.org> 1700000000 +0000";
    let text = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\n{number}\n");
    let commit = writing.write(ObjectKind::Commit, text.as_bytes()).unwrap();
    let written = store.finish_writing(writing).unwrap();
    let name = format!("refs/ckpt/checkpoints/{commit}");
    store.publish(Some(written), &[RefEdit { name, expected: Expected::Absent, new: Some(commit) }]).unwrap();
    commit
}

fn packs(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap().flatten();
    names.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "pack")).count()
}

#[test]
fn many_saves_make_few_packs_and_lose_nothing() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    let commits: Vec<_> = (0..40).map(|number| save(&store, number)).collect();
    let folder = store.pack_dir();
    assert_eq!(packs(&folder), 1 + 40 % 16, "a small pack of the next tier takes them up");
    let odd = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap());
    let odd: Vec<_> = odd.filter(|name| !name.starts_with("pack-") || name.ends_with(".keep")).collect();
    assert!(odd.is_empty(), "{odd:?}");
    fixture.git(["fsck", "--strict"]);
    for commit in &commits {
        assert!(store.tree_of(commit).is_ok());
    }
    let size: u64 = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.metadata().unwrap().len()).sum();
    fixture.git(["gc", "-q"]);
    // An already opened store finds what gc has moved.
    for commit in &commits {
        assert!(store.tree_of(commit).is_ok());
    }
    assert!(size > 0 && packs(&folder) == 1);
    save(&store, 99);
}

#[test]
fn savers_at_once_keep_every_point() {
    let fixture = Fixture::with_commit();
    std::thread::scope(|scope| {
        for writer in 0..6 {
            let fixture = &fixture;
            scope.spawn(move || {
                let store = fixture.store();
                for round in 0..12 {
                    save(&store, writer * 1000 + round);
                }
            });
        }
    });
    let store = fixture.store();
    let refs = store.list_refs("refs/ckpt/checkpoints/").unwrap();
    assert_eq!(refs.len(), 72);
    for (_, commit) in refs {
        let tree = store.tree_of(&commit).unwrap();
        assert!(store.contains(&store.read_tree(&tree).unwrap()[0].id));
    }
    fixture.git(["fsck", "--strict"]);
}

#[test]
fn a_pack_that_somebody_keeps_is_left_alone() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    save(&store, 0);
    let folder = store.pack_dir();
    let pack = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path());
    let pack = pack.into_iter().find(|path| path.extension().unwrap() == "pack").unwrap();
    std::fs::write(pack.with_extension("keep"), "mine").unwrap();
    for number in 1..=16 {
        save(&store, number);
    }
    assert!(pack.exists() && pack.with_extension("keep").exists());
    assert_eq!(packs(&folder), 2);
}
