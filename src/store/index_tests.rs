use std::collections::HashMap;

use bstr::{BStr, BString, ByteSlice};

use super::fixture::Fixture;
use super::index_install::install_index;
use super::index_read::{index_path, read_through_git};
use super::index_tree::write_index_tree;
use super::*;
use crate::model::index::{Index, IndexExtra, IndexSource};
use crate::model::mode::Mode;

/// Our own reading must be git's, entry for entry, whatever form the file has.
fn assert_reads_as_git(fixture: &Fixture, what: &str) -> Index {
    let store = fixture.store();
    let ours = IndexSource::read(&store).unwrap();
    let mut gits = read_through_git(&store, index_path(&store)).unwrap();
    for (our, git) in ours.entries.iter().zip(&mut gits.entries) {
        git.stat.mode = our.stat.mode;
    }
    assert_eq!(ours.entries, gits.entries, "{what}");
    ours
}

fn many_files(fixture: &Fixture) {
    for number in 0..60 {
        fixture.write(&format!("a{}/b{}/file{number}", number % 5, number % 3), &format!("{number}\n"));
        fixture.write(&format!("a{}.c/{number}", number % 5), &format!("{number}\n"));
    }
    fixture.write("sparse/in/x", "x\n");
    fixture.write(&format!("{}/deep", "long-name-".repeat(20)), "deep\n");
    fixture.git(["add", "-A"]);
    fixture.git(["commit", "-q", "-m", "many"]);
}

#[test]
fn every_form_of_index_reads_as_git_reads_it() {
    let fixture = Fixture::with_commit();
    many_files(&fixture);
    let index = assert_reads_as_git(&fixture, "version 2");
    assert_eq!(index_file::cached_trees(&index.trees, HashKind::Sha1)[0].id, fixture.id("HEAD^{tree}"));
    assert!(index_file::cached_trees(&index.trees, HashKind::Sha1).iter().any(|tree| tree.path == "a1/b2"));
    fixture.write("intended", "later\n");
    fixture.git(["add", "-N", "intended"]);
    fixture.git(["update-index", "--skip-worktree", "file"]);
    fixture.git(["update-index", "--assume-unchanged", "sub/other"]);
    let index = assert_reads_as_git(&fixture, "version 3");
    let flags =
        |entry: &crate::model::index::IndexEntry| (entry.intent_to_add, entry.skip_worktree, entry.assume_unchanged);
    let with_flags: Vec<_> = index.entries.iter().filter(|entry| flags(entry) != (false, false, false)).collect();
    let seen: Vec<_> = with_flags.iter().map(|entry| (entry.path.to_string(), flags(entry))).collect();
    let expected =
        [("file", (false, true, false)), ("intended", (true, false, false)), ("sub/other", (false, false, true))];
    assert_eq!(seen, expected.map(|(path, flags)| (path.to_owned(), flags)));
    for form in ["--index-version=4", "--force-untracked-cache", "--split-index"] {
        fixture.git(["update-index"].into_iter().chain(form.split('=')));
        assert_reads_as_git(&fixture, form);
    }
    let bytes = std::fs::read(fixture.root.join(".git/index")).unwrap();
    assert!(index_file::parse(&bytes, HashKind::Sha1).is_err(), "a split index is left to git");
}

#[test]
fn sparse_and_unhashed_indexes_read_as_git_reads_them() {
    let fixture = Fixture::with_commit();
    many_files(&fixture);
    fixture.git(["config", "index.skipHash", "true"]);
    fixture.git(["update-index", "--force-write-index"]);
    assert_reads_as_git(&fixture, "no hash");
    fixture.git(["sparse-checkout", "set", "--cone", "--sparse-index", "sparse"]);
    let index = assert_reads_as_git(&fixture, "sparse");
    assert!(index.entries.iter().any(|entry| entry.skip_worktree && entry.path == "a1/b0/file21"));
    let bytes = std::fs::read(fixture.root.join(".git/index")).unwrap();
    assert_eq!(index_file::parse(&bytes, HashKind::Sha1).unwrap_err(), index_file::IndexFileError::Foreign);
}

#[test]
fn an_absent_index_is_empty_and_a_damaged_one_is_named() {
    let fixture = Fixture::new();
    assert!(IndexSource::read(&fixture.store()).unwrap().entries.is_empty());
    assert_eq!(fixture.store().stamp().unwrap(), Default::default());
    fixture.write("x", "x\n");
    fixture.git(["add", "x"]);
    let path = fixture.root.join(".git/index");
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        assert!(index_file::parse(&whole[..length], HashKind::Sha1).is_err(), "{length}");
    }
    let mut flipped = whole.clone();
    flipped[50] ^= 1;
    std::fs::write(&path, flipped).unwrap();
    assert!(IndexSource::read(&fixture.store()).unwrap_err().to_string().contains("checksum"));
}

#[test]
fn index_trees_are_those_of_git() {
    let fixture = Fixture::with_commit();
    many_files(&fixture);
    let mut state = 12345u64;
    for round in 0..40 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = (state >> 33) % 90;
        let path = format!("a{}/b{}/file{number}", number % 5, number % 3);
        match state >> 61 {
            0 | 1 if fixture.root.join(&path).exists() => {
                fixture.git(["rm", "-q", "--cached", "--ignore-unmatch", &path]);
            }
            2 => {
                fixture.write(&format!("a{}.c/x/{number}-{round}", number % 5), "new\n");
                fixture.git(["add", "-A"]);
            }
            3 => {
                fixture.git(["write-tree"]);
            }
            _ => {
                fixture.write(&path, &format!("{round}\n"));
                fixture.git(["add", &path]);
            }
        }
        let store = fixture.store();
        let index = IndexSource::read(&store).unwrap();
        let writing = store.start_writing().unwrap();
        let ours = write_index_tree(&index, &writing).unwrap();
        assert_eq!(ours.to_string(), fixture.git(["write-tree"]), "round {round}");
    }
}

#[test]
fn the_tree_of_an_index_lacks_conflicts_and_intentions() {
    let fixture = Fixture::with_commit();
    make_conflict(&fixture);
    fixture.write("only/intended", "x");
    fixture.git(["add", "-N", "only/intended"]);
    let store = fixture.store();
    let index = IndexSource::read(&store).unwrap();
    let writing = store.start_writing().unwrap();
    let tree = write_index_tree(&index, &writing).unwrap();
    store.publish(Some(store.finish_writing(writing).unwrap()), &[]).unwrap();
    assert_eq!(fixture.git(["ls-tree", "-r", "--name-only", &tree.to_string()]), "sub/other");
}

/// A merge in conflict over `file`.
fn make_conflict(fixture: &Fixture) {
    fixture.git(["checkout", "-q", "-b", "side"]);
    fixture.write("file", "theirs\n");
    fixture.git(["commit", "-qam", "side"]);
    fixture.git(["checkout", "-q", "main"]);
    fixture.write("file", "ours\n");
    fixture.git(["commit", "-qam", "ours"]);
    assert!(!fixture.command(&fixture.root).args(["merge", "-q", "side"]).output().unwrap().status.success());
}

#[test]
fn an_index_goes_through_tree_and_extra_and_comes_back() {
    let fixture = Fixture::with_commit();
    many_files(&fixture);
    make_conflict(&fixture);
    fixture.write("intended", "later\n");
    fixture.git(["add", "-N", "intended"]);
    fixture.git(["update-index", "--skip-worktree", "sub/other"]);
    fixture.git(["update-index", "--assume-unchanged", "a1/b0/file21"]);
    fixture.git(["rm", "-q", "--cached", "a1/b1/file1"]);
    let listing = ["ls-files", "--stage", "-v"];
    let (before, status) = (fixture.git(listing), fixture.git(["status", "--porcelain"]));
    let store = fixture.store();
    let index = IndexSource::read(&store).unwrap();
    let writing = store.start_writing().unwrap();
    let tree = write_index_tree(&index, &writing).unwrap();
    let written = store.finish_writing(writing).unwrap();
    for form in ["--no-split-index", "--split-index", "--force-untracked-cache"] {
        fixture.git(["read-tree", "--empty"]);
        fixture.git(["update-index", form]);
        install_index(&store, &tree, &IndexExtra::of(&index), &|_| None).unwrap();
        assert_eq!(fixture.git(listing), before, "{form}");
        assert_eq!(fixture.git(["status", "--porcelain"]), status, "{form}");
    }
    fixture.git(["fsck", "--strict"]);
    drop(written);
}

#[test]
fn known_stat_data_spares_git_the_reading() {
    let fixture = Fixture::with_commit();
    many_files(&fixture);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    fixture.git(["update-index", "--really-refresh"]);
    let store = fixture.store();
    let index = IndexSource::read(&store).unwrap();
    let known: HashMap<BString, _> = index
        .entries
        .iter()
        .map(|entry| (entry.path.clone(), (Mode::from_number(entry.mode).unwrap(), entry.id, entry.stat)))
        .collect();
    fixture.git(["read-tree", "--empty"]);
    let tree = fixture.id("HEAD^{tree}");
    install_index(&store, &tree, &IndexExtra::default(), &|path: &BStr| known.get(path).copied()).unwrap();
    // `diff-files` believes the stat data alone.
    assert_eq!(fixture.git(["diff-files", "--name-only"]), "");
    let installed = IndexSource::read(&store).unwrap();
    let count = |trees: &[u8]| index_file::cached_trees(trees, HashKind::Sha1).len();
    assert_eq!(count(&installed.trees), count(&index.trees));
    // What the old index knew stays known.
    install_index(&store, &tree, &IndexExtra::default(), &|_| None).unwrap();
    assert_eq!(fixture.git(["diff-files", "--name-only"]), "");
    assert_eq!(fixture.git(["status", "--porcelain"]), "");
}

#[test]
fn a_large_index_is_read_in_two_halves_to_the_same_end() {
    let id = crate::model::object::hash_object(HashKind::Sha1, crate::model::object::ObjectKind::Blob, b"");
    let entry = |number: usize| {
        // Some paths are longer than the file has a number for.
        let long = "x".repeat(if number % 700 == 3 { 5_000 } else { number % 11 });
        let skip_worktree = number.is_multiple_of(5);
        let stat = crate::model::stat::Stat { size: number as u64, ..Default::default() };
        let path = format!("folder{}/{number:06}{long}", number / 1_000).into();
        crate::model::index::IndexEntry {
            path,
            mode: 0o100644,
            id,
            stage: (number % 4) as u8,
            assume_unchanged: number.is_multiple_of(3),
            skip_worktree,
            intent_to_add: false,
            stat,
        }
    };
    for count in [1_999, 4_000] {
        let expected: Vec<_> = (0..count).map(entry).collect();
        let mut bytes = index_render::render(HashKind::Sha1, &expected, &[]);
        assert!(bytes.len() > 1 << 17, "the test needs a large one");
        let mut found = index_file::parse(&bytes, HashKind::Sha1).unwrap();
        found.entries.iter_mut().for_each(|entry| entry.stat.mode = 0);
        assert_eq!(found.entries, expected);
        // The path of the first entry is longer than it says, and no checksum tells.
        let end = bytes.len();
        bytes[end - 20..].fill(0);
        bytes[12 + 61] -= 8;
        assert!(index_file::parse(&bytes, HashKind::Sha1).is_err());
    }
}

#[test]
fn a_lock_of_git_is_respected_and_one_of_our_own_is_taken_over() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    let (tree, lock) = (fixture.id("HEAD^{tree}"), fixture.root.join(".git/index.lock"));
    let install = || install_index(&store, &tree, &IndexExtra::default(), &|_| None);
    std::fs::write(&lock, "theirs").unwrap();
    assert!(matches!(install(), Err(StoreError::IndexLocked { .. })));
    assert_eq!(std::fs::read(&lock).unwrap().as_bstr(), "theirs");
    std::fs::remove_file(&lock).unwrap();
    let own = store.layout().own_worktree_dir.join("index.new");
    std::fs::write(&own, "half").unwrap();
    std::fs::hard_link(&own, &lock).unwrap();
    install().unwrap();
    assert!(!lock.exists() && !own.exists());
    assert_eq!(fixture.git(["status", "--porcelain"]), "");
}

#[test]
fn an_entry_that_git_has_written_several_times_is_one() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    let mut entries = IndexSource::read(&store).unwrap().entries;
    entries.splice(0..0, [entries[0].clone(), entries[0].clone()]);
    std::fs::write(index_path(&store), index_render::render(HashKind::Sha1, &entries, &[])).unwrap();
    let index = IndexSource::read(&store).unwrap();
    assert_eq!(index.entries, entries[2..]);
    let writing = store.start_writing().unwrap();
    assert_eq!(write_index_tree(&index, &writing).unwrap(), fixture.id("HEAD^{tree}"));
}

#[test]
fn an_index_out_of_order_is_refused_as_fsck_refuses_it() {
    let fixture = Fixture::with_commit();
    fixture.write("d/x", "x");
    fixture.write("e", "e");
    fixture.git(["add", "-A"]);
    let mut bytes = std::fs::read(fixture.root.join(".git/index")).unwrap();
    let (checked, at) = (bytes.len() - 20, bytes.find(b"d/x\0").unwrap());
    bytes[checked..].fill(0);
    bytes[at] = b'f';
    let refused = index_file::parse(&bytes, HashKind::Sha1).unwrap_err();
    assert_eq!(refused, index_file::IndexFileError::Damaged("its entries are not in order"));
    std::fs::write(fixture.root.join(".git/index"), &bytes).unwrap();
    let checked = std::process::Command::new("git").arg("fsck").current_dir(&fixture.root).output().unwrap();
    assert!(!checked.status.success() && checked.stderr.contains_str("unordered"), "{checked:?}");
}
