use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::capture::capture as capture_with;
use super::restore::restore as restore_with;
use super::*;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::no_objects::NoObjects;
use crate::model::object::ObjectKind;
use crate::model::scratch::Scratch;
use crate::store::path_tree::{PathMap, write_paths};

/// Every file below a folder, with its bytes and whether it is executable.
fn files(root: &Path) -> BTreeMap<String, (Vec<u8>, bool)> {
    let entries = walkdir::WalkDir::new(root).into_iter().map(|entry| entry.unwrap());
    let entries = entries.filter(|entry| entry.file_type().is_file());
    entries
        .map(|entry| {
            let path = entry.path().strip_prefix(root).unwrap().display().to_string();
            let is_executable = entry.metadata().unwrap().permissions().mode() & 0o100 != 0;
            (path, (std::fs::read(entry.path()).unwrap(), is_executable))
        })
        .collect()
}

fn capture(git_dir: &Path, store: &Scratch<'_>) -> Result<Option<OperationState>, StoreError> {
    capture_with(git_dir, &TableRefs::default(), store, store)
}

fn restore(git_dir: &Path, saved: Option<&OperationState>, store: &Scratch<'_>) -> Result<(), StoreError> {
    assert!(restore_with(git_dir, false, saved, store)?.is_empty());
    Ok(())
}

fn put(root: &Path, path: &str, text: &str) {
    let place = root.join(path);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, text).unwrap();
}

/// A git folder in the middle of a rebase that was started in the middle of a bisect.
fn busy(commit: &ObjectId) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "HEAD", "ref: refs/heads/main\n");
    put(root, "index", "not ours");
    put(root, "rebase-merge/git-rebase-todo", &format!("pick {commit} subject\n"));
    put(root, "rebase-merge/rewritten/one", "x");
    put(root, "rebase-merge/author-script", "GIT_AUTHOR_NAME='x'\n");
    put(root, "refs/bisect/bad", &format!("{commit}\n"));
    put(root, "BISECT_START", "main\n");
    put(root, "ORIG_HEAD", "0123456789012345678901234567890123456789\n");
    put(root, "MERGE_MSG", "conflict\n");
    put(root, "COMMIT_EDITMSG", "not ours");
    std::fs::set_permissions(root.join("rebase-merge/author-script"), PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

fn commit(store: &Scratch<'_>) -> ObjectId {
    store.write(ObjectKind::Commit, b"tree x\n").unwrap()
}

#[test]
fn an_operation_is_kept_and_put_back_byte_for_byte() {
    let store = Scratch::new(&NoObjects);
    let commit = commit(&store);
    let folder = busy(&commit);
    let before = files(folder.path());
    let saved = capture(folder.path(), &store).unwrap().unwrap();
    assert_eq!((saved.kind.as_str(), saved.commits.as_slice()), ("rebase", &[commit][..]));
    put(folder.path(), "rebase-merge/done", "more");
    put(folder.path(), "MERGE_HEAD", "x");
    std::fs::remove_dir_all(folder.path().join("refs")).unwrap();
    restore(folder.path(), Some(&saved), &store).unwrap();
    assert_eq!(files(folder.path()), before);
    assert_eq!(capture(folder.path(), &store).unwrap(), Some(saved));
}

#[test]
fn restoring_none_removes_its_files_alone() {
    let store = Scratch::new(&NoObjects);
    let folder = busy(&commit(&store));
    restore(folder.path(), None, &store).unwrap();
    let left: Vec<_> = files(folder.path()).into_keys().collect();
    assert_eq!(left, ["COMMIT_EDITMSG", "HEAD", "ORIG_HEAD", "index"]);
    assert_eq!(kind_of(folder.path(), &TableRefs::default()), None);
    assert_eq!(capture(folder.path(), &store).unwrap(), None);
}

#[test]
fn each_kind_has_its_name() {
    let cases = [
        ("MERGE_HEAD", "merge"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
        ("REVERT_HEAD", "revert"),
        ("rebase-apply/applying", "am"),
        ("rebase-apply/next", "rebase"),
        ("BISECT_START", "bisect"),
        ("SQUASH_MSG", "squash"),
    ];
    for (path, kind) in cases {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), path, "x");
        assert_eq!(kind_of(folder.path(), &TableRefs::default()), Some(kind), "{path}");
    }
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "sequencer/todo", "revert 0123 x\n");
    assert_eq!(kind_of(folder.path(), &TableRefs::default()), Some("revert"));
}

#[test]
fn a_path_that_is_not_of_an_operation_is_refused_before_anything_changes() {
    let store = Scratch::new(&NoObjects);
    let folder = busy(&commit(&store));
    let before = files(folder.path());
    let blob = store.write(ObjectKind::Blob, b"evil").unwrap();
    for (path, mode) in [("hooks/pre-commit", Mode::File), ("HEAD", Mode::File), ("MERGE_HEAD", Mode::Symlink)] {
        let paths = PathMap::from([(path.into(), (mode, blob))]);
        let tree = write_paths(&store, &paths).unwrap();
        let state = OperationState { kind: "merge".into(), tree, commits: Vec::new() };
        assert!(restore(folder.path(), Some(&state), &store).is_err(), "{path}");
    }
    assert_eq!(files(folder.path()), before);
}

#[test]
fn a_merge_tree_that_is_gone_is_left_out() {
    let store = Scratch::new(&NoObjects);
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "MERGE_HEAD", "x\n");
    put(folder.path(), "AUTO_MERGE", "0123456789012345678901234567890123456789\n");
    let saved = capture(folder.path(), &store).unwrap().unwrap();
    restore(folder.path(), Some(&saved), &store).unwrap();
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["MERGE_HEAD"]);
}
