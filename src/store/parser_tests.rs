//! Readers of foreign bytes that nobody outside the store sees: any bytes are read or refused.

use proptest::prelude::*;

use super::fixture::Fixture;
use super::pack_read::PackIndex;
use super::{config_file, index_file, summary_cache};
use crate::model::id::{HashKind, ObjectId};
use crate::model::no_objects::NoObjects;

/// The index of a repository with stages, long paths and extensions.
fn index() -> Vec<u8> {
    let fixture = Fixture::with_commit();
    for name in ["a/very/long/path/to/some/file", "a/very/long/path/to/another", "x"] {
        fixture.write(name, name);
    }
    fixture.git(["add", "-A"]);
    fixture.git(["update-index", "--index-version", "4"]);
    fixture.git(["write-tree"]);
    std::fs::read(fixture.root.join(".git/index")).unwrap()
}

fn pack_index() -> Vec<u8> {
    let fixture = Fixture::with_commit();
    fixture.git(["repack", "-adq"]);
    let folder = fixture.root.join(".git/objects/pack");
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let path = entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "idx")).unwrap();
    std::fs::read(path).unwrap()
}

/// Turns bytes over, and cuts at the end.
fn spoilt(sound: &[u8], flips: &[(prop::sample::Index, u8)], cut: usize) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for (at, bits) in flips {
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
    }
    bytes.truncate(bytes.len() - cut.min(bytes.len()));
    bytes
}

fn flips() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 1u8..=255), 0..6)
}

#[test]
fn any_index_file_is_read_or_refused() {
    let mut sound = index();
    // Without a checksum every spoilt byte is read.
    let length = sound.len();
    sound[length - 20..].fill(0);
    assert!(index_file::parse(&sound, HashKind::Sha1).is_ok());
    proptest!(|(flips in flips(), cut in 0usize..100, rest in prop::collection::vec(any::<u8>(), 0..200))| {
        let mut bytes = spoilt(&sound[..length - 20], &flips, cut);
        bytes.extend([0; 20]);
        let _ = index_file::parse(&bytes, HashKind::Sha1);
        let _ = index_file::parse(&[b"DIRC\0\0\0\x02".as_slice(), &rest, &[0; 20]].concat(), HashKind::Sha1);
        let _ = index_file::parse(&rest, HashKind::Sha1);
    });
}

#[test]
fn any_pack_index_is_read_or_refused() {
    let sound = pack_index();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.idx");
    let ids: Vec<ObjectId> = (0..=255u8).map(|byte| ObjectId::from_bytes(&[byte; 20]).unwrap()).collect();
    let wanted: Vec<u32> = (0..256).collect();
    proptest!(ProptestConfig::with_cases(100), |(flips in flips(), cut in 0usize..300)| {
        std::fs::write(&path, spoilt(&sound, &flips, cut)).unwrap();
        if let Ok(index) = PackIndex::open(&path, HashKind::Sha1) {
            let _ = index.find(&ids[7]);
            let _ = index.find_all(&ids, &wanted);
        }
    });
}

proptest! {
    #[test]
    fn any_configuration_is_read_or_refused(text in "(\\[[a-z\".\\\\ ]{0,8}\\]|[a-z=#;\"\\\\ \n\t\r]{0,12}){0,12}",
                                            bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = config_file::parse(text.as_bytes());
        let _ = config_file::parse(&bytes);
    }
}

#[test]
fn any_list_cache_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut layout = Fixture::new().store().layout().clone();
    layout.own_dir = folder.path().to_path_buf();
    std::fs::create_dir(folder.path().join("cache")).unwrap();
    let id = ObjectId::null(HashKind::Sha1);
    proptest!(|(bytes in prop::collection::vec(any::<u8>(), 0..300))| {
        std::fs::write(folder.path().join("cache/list"), [b"ckpt list 1\n".as_slice(), &bytes].concat()).unwrap();
        prop_assert_eq!(summary_cache::recall_summaries(&NoObjects, &layout, &[id]).len(), 1);
    });
}
