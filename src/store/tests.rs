use std::ffi::OsStr;

use super::fixture::Fixture;
use super::*;
use crate::model::object::{ObjectWriter, StreamError};

#[test]
fn what_was_written_is_read_back_and_git_finds_it_sound() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    let writing = store.start_writing().unwrap();
    let blob = writing.write(ObjectKind::Blob, b"new\n").unwrap();
    assert!(writing.contains(&blob));
    assert!(!store.contains(&blob));
    let large = vec![7u8; 9 << 20];
    let streamed = writing.write_stream(large.len() as u64, &mut &large[..]).unwrap();
    let written = store.finish_writing(writing).unwrap();
    assert!(written.bytes > 0);
    assert_eq!(store.read(&blob).unwrap().bytes, b"new\n");
    assert_eq!(store.read(&streamed).unwrap().bytes, large);
    assert_eq!(fixture.git(["cat-file", "-p", &blob.to_string()]), "new");
    fixture.git(["fsck", "--strict"]);
    let packs = store.pack_dir();
    assert!(std::fs::read_dir(&packs).unwrap().flatten().any(|entry| entry.path().extension().unwrap() == "keep"));
    // The protection holds until the refs exist.
    fixture.git(["gc", "--prune=now", "-q"]);
    assert!(fixture.store().contains(&blob));
    let tree = store.tree_of(&fixture.id("HEAD")).unwrap();
    assert_eq!(tree, fixture.id("HEAD^{tree}"));
    drop(written);
    fixture.git(["gc", "--prune=now", "-q"]);
    assert!(!fixture.store().contains(&blob));
}

#[test]
fn a_known_object_is_not_written_again_and_nothing_makes_no_pack() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    let writing = store.start_writing().unwrap();
    writing.write(ObjectKind::Blob, b"hello\n").unwrap();
    let written = store.finish_writing(writing).unwrap();
    assert_eq!(written.bytes, 0);
    assert_eq!(std::fs::read_dir(store.pack_dir()).unwrap().count(), 0);
}

#[test]
fn a_stream_of_another_size_leaves_no_trace() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    let writing = store.start_writing().unwrap();
    let large = noise(1, 10 << 20);
    let first = writing.write(ObjectKind::Blob, b"before").unwrap();
    for wrong in [large.len() as u64 - 1, large.len() as u64 + 1] {
        let error = writing.write_stream(wrong, &mut &large[..]).unwrap_err();
        assert!(matches!(error, StreamError::SizeChanged));
    }
    let whole = writing.write_stream(large.len() as u64, &mut &large[..]).unwrap();
    assert_eq!(writing.write_stream(large.len() as u64, &mut &large[..]).unwrap(), whole);
    let last = writing.write(ObjectKind::Blob, b"after").unwrap();
    let written = store.finish_writing(writing).unwrap();
    for id in [first, whole, last] {
        assert!(store.contains(&id));
    }
    let pack = written.pack.clone().unwrap();
    let index = store.pack_dir().join(format!("pack-{pack}.idx"));
    let listing = fixture.git([OsStr::new("verify-pack"), OsStr::new("-v"), index.as_os_str()]);
    assert_eq!(listing.lines().filter(|line| line.contains(" blob ")).count(), 3);
    assert_eq!(store.read(&whole).unwrap().bytes, large);
}

#[test]
fn an_unfinished_writing_leaves_nothing_behind() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    let writing = store.start_writing().unwrap();
    for seed in 0..20 {
        writing.write(ObjectKind::Blob, &noise(seed, 1 << 18)).unwrap();
    }
    assert_ne!(std::fs::read_dir(store.pack_dir()).unwrap().count(), 0, "it is large enough for a file");
    drop(writing);
    assert_eq!(std::fs::read_dir(store.pack_dir()).unwrap().count(), 0);
}

#[test]
fn large_blobs_are_copied_in_pieces_wherever_they_stand() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    let writing = store.start_writing().unwrap();
    let large = noise(5, 9 << 20);
    let packed = writing.write_stream(large.len() as u64, &mut &large[..]).unwrap();
    let written = store.finish_writing(writing).unwrap();
    let loose_bytes = noise(6, 5 << 20);
    std::fs::write(fixture.root.join("loose"), &loose_bytes).unwrap();
    let loose: ObjectId = fixture.git(["hash-object", "-w", "loose"]).parse().unwrap();
    let small = fixture.id("HEAD:file");
    for (id, bytes) in [(packed, large.as_slice()), (loose, &loose_bytes), (small, b"hello\n")] {
        let mut out = Vec::new();
        store.copy_blob(&id, &mut out).unwrap();
        assert!(out == bytes);
        let mut count = Vec::new();
        let piecewise =
            stream_read::copy(&[store.layout.common_dir.join("objects")], &id, bytes.len() as u64, &mut count);
        assert!(piecewise.unwrap() && count == bytes);
    }
    let error = store.copy_blob(&fixture.id("HEAD"), &mut Vec::new()).unwrap_err();
    assert!(matches!(error, ObjectError::WrongKind { .. }));
    drop(written);
}

#[test]
fn damaged_and_missing_objects_are_named() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    let (one, other) = (fixture.id("HEAD:file"), fixture.id("HEAD:sub/other"));
    let path = |id: ObjectId| {
        let hex = id.to_string();
        fixture.root.join(".git/objects").join(&hex[..2]).join(&hex[2..])
    };
    std::fs::remove_file(path(one)).unwrap();
    std::fs::rename(path(other), path(one)).unwrap();
    assert!(matches!(store.read(&one), Err(ObjectError::Damaged { id, .. }) if id == one));
    assert!(matches!(store.read(&other), Err(ObjectError::Missing(id)) if id == other));
    assert!(!store.contains(&other));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let _ = config_file::parse(&bytes);
        for version in 2..5u8 {
            let mut file = [b"DIRC\0\0\0".as_slice(), &[version], &[0, 0, 0, 3], &bytes].concat();
            file.extend_from_slice(&[0; 20]);
            let _ = index_file::parse(&file, HashKind::Sha1);
        }
    }
}

/// Bytes that do not compress.
fn noise(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}
