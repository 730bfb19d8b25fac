use super::*;

/// Publishes a checkpoint of any tree, as a forger could.
fn forged(fixture: &Fixture, tree: impl FnOnce(&dyn ObjectWriter) -> ObjectId) -> ObjectId {
    let store = &fixture.repo.store;
    let writing = store.start_writing().unwrap();
    let tree = tree(&writing);
    let empty = writing.write(ObjectKind::Tree, b"").unwrap();
    let snapshot = Snapshot {
        tree,
        extra: Default::default(),
        omissions: Vec::new(),
        included: Vec::new(),
        index_tree: empty,
        index_extra: Default::default(),
        head: store.head().unwrap(),
        operation: None,
        submodules: Vec::new(),
    };
    let new = NewCheckpoint {
        snapshot: &snapshot,
        words: &Words::default(),
        facts: &Facts::default(),
        session: "main",
        sequence: 99,
        kind: CheckpointKind::Manual,
        created: "2026-11-21T10:00:00Z".parse().unwrap(),
        base_seconds: 0,
        worktree: "",
        changes: ChangeCounts::default(),
    };
    let id = write_checkpoint(&writing, &Identity::default(), &new).unwrap().id;
    let written = store.finish_writing(writing).unwrap();
    let edit = RefEdit { name: checkpoint::ref_name(&id), expected: Expected::Absent, new: Some(id) };
    store.publish(Some(written), &[edit]).unwrap();
    id
}

#[test]
fn a_hostile_tree_is_refused_whole() {
    let fixture = at_work();
    for name in [".git", ".GIT", "..", "git~1", "a/b"] {
        let id = forged(&fixture, |writer| {
            let blob = writer.write(ObjectKind::Blob, b"evil").unwrap();
            let mut bytes = Vec::new();
            encode_entry(&mut bytes, Mode::File, b"!first", &blob);
            encode_entry(&mut bytes, Mode::File, name.as_bytes(), &blob);
            writer.write(ObjectKind::Tree, &bytes).unwrap()
        });
        let before = picture(&fixture);
        let error = load(&fixture, &request(&id)).unwrap_err();
        assert!(
            matches!(error, OpError::Worktree(crate::worktree::WorktreeError::HostilePath { .. })),
            "{name}: {error}"
        );
        let into = load_into(&fixture.repo, &request(&id), &fixture.root.with_extension("into"));
        assert!(into.is_err());
        assert_eq!(picture(&fixture), before);
        assert!(!fixture.root.with_extension("into").exists());
    }
}

#[test]
fn missing_objects_are_named_before_anything_moves() {
    let fixture = at_work();
    let lost: ObjectId = "1234567890123456789012345678901234567890".parse().unwrap();
    let id = forged(&fixture, |writer| {
        let mut bytes = Vec::new();
        encode_entry(&mut bytes, Mode::File, b"lost", &lost);
        writer.write(ObjectKind::Tree, &bytes).unwrap()
    });
    let before = picture(&fixture);
    match load(&fixture, &request(&id)).unwrap_err() {
        OpError::MissingObjects { missing, first, .. } => assert_eq!((missing, first), (1, vec![lost])),
        error => panic!("{error}"),
    }
    assert_eq!(picture(&fixture), before);
}

#[test]
fn what_changes_while_the_user_thinks_is_kept() {
    let fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let plan = prepare(&fixture.repo, &request(&id), false).unwrap();
    write(&fixture, "tracked", "typed meanwhile\n");
    match carry_out(&fixture.repo, plan).unwrap_err() {
        OpError::ChangedUnderUs { paths } => assert_eq!(paths, ["tracked"]),
        error => panic!("{error}"),
    }
    assert_eq!(read(&fixture, "tracked"), "typed meanwhile\n");
    assert_eq!(read(&fixture, "sub/kept"), "kept\n");
    assert!(find_pending(&fixture.repo).unwrap().is_none());
    undo(&fixture.repo).unwrap();
    assert_eq!(read(&fixture, "tracked"), "wrecked\n");
}

#[test]
fn what_is_staged_while_the_user_thinks_is_kept() {
    let fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let plan = prepare(&fixture.repo, &request(&id), false).unwrap();
    write(&fixture, "staged-meanwhile", "work\n");
    fixture.git(&["add", "staged-meanwhile"]);
    fs::remove_file(fixture.root.join("staged-meanwhile")).unwrap();
    match carry_out(&fixture.repo, plan) {
        Err(OpError::ChangedUnderUs { paths }) => assert_eq!(paths, [".git/index"]),
        other => panic!("{other:?}"),
    }
    assert!(picture(&fixture).index.contains("staged-meanwhile"));
}

#[test]
fn an_index_that_is_only_refreshed_does_not_stop_a_load() {
    let fixture = at_work();
    let (id, good) = (saved(&fixture), picture(&fixture));
    wreck(&fixture);
    let plan = prepare(&fixture.repo, &request(&id), false).unwrap();
    let index = fixture.root.join(".git/index");
    let bytes = fs::read(&index).unwrap();
    fs::remove_file(&index).unwrap();
    fs::write(&index, bytes).unwrap();
    carry_out(&fixture.repo, plan).unwrap();
    assert_eq!(picture(&fixture), good);
}

#[test]
fn a_moved_head_or_a_locked_index_stops_a_load_before_it_begins() {
    let fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let bad = picture(&fixture);
    fs::write(fixture.root.join(".git/index.lock"), "").unwrap();
    assert!(matches!(load(&fixture, &request(&id)), Err(OpError::IndexLocked { .. })));
    assert!(fixture.root.join(".git/index.lock").exists(), "git's lock is not ours to remove");
    fs::remove_file(fixture.root.join(".git/index.lock")).unwrap();
    assert_eq!(picture(&fixture), bad);
    let plan = prepare(&fixture.repo, &request(&id), false).unwrap();
    fixture.git(&["commit", "-qm", "meanwhile"]);
    assert!(matches!(carry_out(&fixture.repo, plan), Err(OpError::HeadMoved)));
    assert_eq!(picture(&fixture).files, bad.files);
    assert!(find_pending(&fixture.repo).unwrap().is_none());
}

#[test]
fn a_locked_index_is_no_concern_of_a_load_that_leaves_it() {
    let fixture = at_work();
    let id = saved(&fixture);
    let lock = fixture.root.join(".git/index.lock");
    write(&fixture, "tracked", "wrecked\n");
    fs::write(&lock, "").unwrap();
    load(&fixture, &request(&id)).unwrap();
    assert_eq!(read(&fixture, "tracked"), "two\n");
    fs::remove_file(&lock).unwrap();
    wreck(&fixture);
    fixture.git(&["commit", "-qm", "elsewhere"]);
    fs::write(&lock, "").unwrap();
    let loaded = load(&fixture, &request(&id)).unwrap();
    assert!(matches!(loaded.index, IndexFate::Kept { .. }));
    assert_eq!(read(&fixture, "tracked"), "two\n");
}

#[test]
fn a_plan_from_before_another_load_is_stale_and_moves_nothing() {
    let fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let bad = saved(&fixture);
    write(&fixture, "tracked", "else\n");
    let stale = prepare(&fixture.repo, &request(&id), false).unwrap();
    load(&fixture, &request(&bad)).unwrap();
    let before = picture(&fixture);
    assert!(matches!(carry_out(&fixture.repo, stale), Err(OpError::WorktreeBusy)));
    assert_eq!(picture(&fixture), before);
    assert!(find_pending(&fixture.repo).unwrap().is_none());
}

#[test]
fn a_name_given_while_the_user_thinks_disturbs_no_load() {
    let fixture = at_work();
    let (id, good) = (saved(&fixture), picture(&fixture));
    wreck(&fixture);
    let plan = prepare(&fixture.repo, &request(&id), false).unwrap();
    crate::ops::label::name(&fixture.repo, &id.to_string(), &"meanwhile".parse().unwrap(), false).unwrap();
    carry_out(&fixture.repo, plan).unwrap();
    assert_eq!(picture(&fixture), good);
}

#[test]
fn nothing_is_kept_or_planned_in_the_midst_of_another_load() {
    let fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let held = lock::acquire(&fixture.repo).unwrap();
    assert!(matches!(prepare(&fixture.repo, &request(&id), false), Err(OpError::WorktreeBusy)));
    assert!(prepare(&fixture.repo, &request(&id), true).is_ok(), "a dry run only looks");
    drop(held);
}

#[test]
fn two_loads_at_once_are_refused() {
    let fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let held = lock::acquire(&fixture.repo).unwrap();
    assert!(matches!(load(&fixture, &request(&id)), Err(OpError::WorktreeBusy)));
    assert!(matches!(undo(&fixture.repo), Err(OpError::WorktreeBusy)));
    drop(held);
    assert!(load(&fixture, &request(&id)).is_ok());
}

#[test]
fn what_somebody_else_changes_during_a_load_is_told_apart_from_damage() {
    type Change = fn(&Fixture);
    let cases: [(&str, Change); 4] = [
        ("sub/kept", |fixture| write(fixture, "sub/kept", "edited meanwhile\n")),
        ("sub/kept", |fixture| fs::remove_file(fixture.root.join("sub/kept")).unwrap()),
        ("sub/more", |fixture| write(fixture, "sub/more", "made meanwhile\n")),
        (".gitignore", |fixture| {
            fs::set_permissions(fixture.root.join(".gitignore"), Permissions::from_mode(0o600)).unwrap();
        }),
    ];
    for (path, change) in cases {
        let fixture = at_work();
        let id = saved(&fixture);
        write(&fixture, "tracked", "wrecked\n");
        let plan = prepare(&fixture.repo, &request(&id), false).unwrap();
        change(&fixture);
        let before = picture(&fixture).files.remove(Path::new(path));
        match carry_out(&fixture.repo, plan) {
            Err(OpError::ChangedUnderUs { paths }) => assert_eq!(paths, [path]),
            other => panic!("{path}: {other:?}"),
        }
        assert_eq!(picture(&fixture).files.remove(Path::new(path)), before, "it is left as it is");
        assert_eq!(read(&fixture, "tracked"), "two\n");
        undo(&fixture.repo).unwrap();
    }
}
