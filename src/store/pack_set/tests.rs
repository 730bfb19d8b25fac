//! Objects in packs and beside them, found and read without libgit2.

use std::process::Command;

use super::*;
use crate::model::object::hash_object;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn ids(folder: &Path) -> Vec<ObjectId> {
    let lines = git(folder, &["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    lines.lines().map(|line| ObjectId::from_hex(line.as_bytes()).unwrap()).collect()
}

fn commit(folder: &Path, files: std::ops::Range<u32>) {
    for file in files {
        std::fs::write(folder.join(format!("file{file}")), format!("{file}\n").repeat(3000)).unwrap();
    }
    git(folder, &["add", "."]);
    git(folder, &["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "more"]);
}

#[test]
fn loose_and_packed_objects_are_found_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    commit(folder.path(), 0..4000);
    git(folder.path(), &["repack", "-adq"]);
    commit(folder.path(), 4000..4003);
    let objects = folder.path().join(".git/objects");
    let set = PackSet::new(std::slice::from_ref(&objects));
    let all = ids(folder.path());
    assert!(all.len() > 4000);
    for id in &all {
        assert_eq!(set.find(id), Presence::There, "{id}");
        let object = set.read(id).expect("it is small");
        assert_eq!(hash_object(HashKind::Sha1, object.kind, &object.bytes), *id);
        let absent = hash_object(HashKind::Sha1, ObjectKind::Blob, id.as_bytes());
        assert_eq!(set.find(&absent), Presence::Absent, "{absent}");
    }
}

#[test]
fn whole_objects_and_deltas_of_deltas_are_read() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    let mut text = String::new();
    for version in 0..40 {
        text.push_str(&format!("version {version}\n{}", format!("{version} {}\n", version * 7919).repeat(100)));
        std::fs::write(folder.path().join("file"), &text).unwrap();
        commit(folder.path(), version..version + 1);
    }
    let set = PackSet::new(&[folder.path().join(".git/objects")]);
    for arguments in
        [&["repack", "-adfq", "--depth=40"][..], &["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"]]
    {
        git(folder.path(), arguments);
        set.refresh();
        let deltas = git(folder.path(), &["cat-file", "--batch-all-objects", "--batch-check=%(deltabase)"]);
        assert!(deltas.lines().filter(|base| !base.starts_with("0000")).count() > 30, "the test needs deltas");
        for id in ids(folder.path()) {
            let object = set.read(&id).expect("it is packed");
            assert_eq!(hash_object(HashKind::Sha1, object.kind, &object.bytes), id);
        }
    }
}

#[test]
fn a_delta_that_does_not_fit_makes_nothing() {
    let base = b"0123456789";
    assert_eq!(apply_delta(base, b"\x0a\x05\x90\x03\x02ab").unwrap(), b"012ab");
    let wrong: [&[u8]; 7] = [
        b"",
        b"\x09\x05\x90\x03\x02ab",
        b"\x0a\x04\x90\x03\x02ab",
        b"\x0a\x05\x90\x0b",
        b"\x0a\x05\x91\xff\x03",
        b"\x0a\x05\x90\x03\x02a",
        b"\x0a\x05\x90",
    ];
    for delta in wrong {
        assert_eq!(apply_delta(base, delta), None, "{delta:?}");
    }
}

#[test]
fn a_refresh_finds_what_came_and_forgets_what_went() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    let objects = folder.path().join(".git/objects");
    let set = PackSet::new(std::slice::from_ref(&objects));
    let some = hash_object(HashKind::Sha1, ObjectKind::Blob, "1\n".repeat(3000).as_bytes());
    assert_eq!(set.find(&some), Presence::Absent);
    commit(folder.path(), 1..3);
    git(folder.path(), &["repack", "-adq"]);
    assert_eq!(set.find(&some), Presence::Absent, "the list is as it was");
    set.refresh();
    assert_eq!(set.find(&some), Presence::There);
    let packs = objects.join("pack");
    for pack in list_names(&packs).iter().map(|name| packs.join(name)) {
        std::fs::remove_file(pack).unwrap();
    }
    set.refresh();
    assert_eq!(set.find(&some), Presence::Absent);
}

#[test]
fn a_damaged_pack_gives_another_object_or_none() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    // One that hardly shrinks, so that it does not fit into what is read with its head.
    let noise: Vec<u8> = (0..3_000u32)
        .flat_map(|at| hash_object(HashKind::Sha1, ObjectKind::Blob, &at.to_le_bytes()).as_bytes().to_vec())
        .collect();
    std::fs::write(folder.path().join("noise"), &noise).unwrap();
    commit(folder.path(), 0..3);
    git(folder.path(), &["repack", "-adq"]);
    let objects = folder.path().join(".git/objects");
    let packs = list_names(&objects.join("pack")).into_iter().map(|name| objects.join("pack").join(name));
    let path = packs.into_iter().find(|path| path.extension() == Some(OsStr::new("pack"))).unwrap();
    let all = ids(folder.path());
    let sound = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let (mut same, mut changed) = (0, 0);
    for at in (12..sound.len()).step_by(sound.len() / 150) {
        for damaged in [[&sound[..at], &[!sound[at]], &sound[at + 1..]].concat(), sound[..at].to_vec()] {
            std::fs::write(&path, damaged).unwrap();
            let set = PackSet::new(std::slice::from_ref(&objects));
            for id in &all {
                let is_it = |object: &Object| hash_object(HashKind::Sha1, object.kind, &object.bytes) == *id;
                *if set.read(id).is_some_and(|object| is_it(&object)) { &mut same } else { &mut changed } += 1;
            }
        }
    }
    assert!(same > 0 && changed > 0, "{same} read, {changed} not");
}

#[test]
fn what_was_found_stands_until_its_pack_or_its_file_goes() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    commit(folder.path(), 0..3);
    git(folder.path(), &["repack", "-adq"]);
    commit(folder.path(), 3..5);
    let objects = folder.path().join(".git/objects");
    let set = PackSet::new(std::slice::from_ref(&objects));
    let all = ids(folder.path());
    let absent = hash_object(HashKind::Sha1, ObjectKind::Blob, b"absent");
    assert!(all.iter().all(|id| set.find(id) == Presence::There));
    // What is known is not listed anew for it.
    set.refresh();
    assert!(set.are_still_there(all.iter().copied()));
    assert!(!set.are_still_there([all[0], absent]));
    for suffix in ["pack", "idx"] {
        let packs = list_names(&objects.join("pack")).into_iter().map(|name| objects.join("pack").join(name));
        let path = packs.into_iter().find(|path| path.extension() == Some(OsStr::new(suffix))).unwrap();
        let aside = path.with_extension("aside");
        std::fs::rename(&path, &aside).unwrap();
        assert!(!set.are_still_there(all.iter().copied()), "{suffix}");
        std::fs::rename(&aside, &path).unwrap();
        assert!(set.are_still_there(all.iter().copied()), "{suffix}");
    }
    // They are all there still, and none of them where it was.
    git(folder.path(), &["repack", "-adq"]);
    assert!(!set.are_still_there(all.iter().copied()));
    assert!(all.iter().all(|id| set.find(id) == Presence::There));
}

#[test]
fn an_index_that_cannot_be_read_leaves_it_open() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("pack")).unwrap();
    for name in ["pack/pack-a.idx", "pack/pack-a.pack"] {
        std::fs::write(folder.path().join(name), "short").unwrap();
    }
    let set = PackSet::new(&[folder.path().to_path_buf()]);
    let id = hash_object(HashKind::Sha1, ObjectKind::Blob, b"x");
    assert_eq!(set.find(&id), Presence::Unknown);
    assert!(set.read(&id).is_none());
}
