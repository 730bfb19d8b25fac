use super::fixture::Fixture;
use super::*;
use crate::model::object::ObjectWriter;

fn edit(name: &str, expected: Expected, new: Option<ObjectId>) -> RefEdit {
    RefEdit { name: name.into(), expected, new }
}

#[test]
fn refs_are_made_moved_and_removed_only_as_expected() {
    let fixture = Fixture::with_commit();
    fixture.git(["commit", "-q", "--allow-empty", "-m", "second"]);
    let (one, two) = (fixture.id("HEAD~1"), fixture.id("HEAD"));
    let store = fixture.store();
    let name = "refs/ckpt/names/first";
    let publish = |expected, new| store.publish(None, &[edit(name, expected, new)]);
    publish(Expected::Absent, Some(one)).unwrap();
    assert_eq!(fixture.id(name), one);
    assert!(
        matches!(publish(Expected::Absent, Some(two)), Err(StoreError::RefMoved { found, .. }) if found == Some(one))
    );
    for packed in [false, true] {
        if packed {
            fixture.git(["pack-refs", "--all"]);
        }
        assert_eq!(store.find_ref(name).unwrap(), Some(one));
        assert!(publish(Expected::At(two), None).is_err());
        publish(Expected::At(one), Some(two)).unwrap();
        publish(Expected::Anything, Some(one)).unwrap();
        assert_eq!(fixture.id(name), one);
    }
    fixture.git(["tag", "-a", "annotated", "-m", "peeled lines stay with their refs"]);
    fixture.git(["pack-refs", "--all"]);
    publish(Expected::At(one), None).unwrap();
    assert_eq!(store.find_ref(name).unwrap(), None);
    assert_eq!(fixture.git(["for-each-ref", "refs/ckpt"]), "");
    assert_eq!(fixture.git(["rev-parse", "annotated^{}"]), two.to_string());
    assert_eq!(fixture.git(["for-each-ref", "--format=%(refname)", "refs/heads"]), "refs/heads/main");
    publish(Expected::Absent, Some(one)).unwrap();
    fixture.git(["fsck", "--strict"]);
}

#[test]
fn the_list_is_that_of_git() {
    let fixture = Fixture::with_commit();
    let (store, head) = (fixture.store(), fixture.id("HEAD"));
    let name = |number: u32| format!("refs/ckpt/names/n{number}");
    for number in 0..30 {
        store.publish(None, &[edit(&name(number), Expected::Absent, Some(head))]).unwrap();
        if number == 14 {
            fixture.git(["pack-refs", "--all"]);
        }
    }
    store.publish(None, &[edit(&name(3), Expected::At(head), None)]).unwrap();
    fixture.git(["symbolic-ref", "refs/ckpt/names/symbolic", "refs/heads/main"]);
    std::fs::write(fixture.root.join(".git/refs/ckpt/names/broken"), "").unwrap();
    let listed = store.list_refs("refs/ckpt/").unwrap();
    let lines: Vec<_> = listed.iter().map(|(name, id)| format!("{name} {id}")).collect();
    let gits = fixture.git(["for-each-ref", "--format=%(refname) %(objectname)", "refs/ckpt/"]);
    assert_eq!(lines.join("\n"), gits);
    assert_eq!(listed.len(), 30);
    assert!(store.find_ref("refs/ckpt/names/broken").is_err());
}

#[test]
fn refs_of_one_work_tree_are_seen_there_alone() {
    let fixture = Fixture::with_commit();
    fixture.git(["worktree", "add", "-q", "../linked"]);
    let linked = Store::open(&fixture.environment(&fixture.root.with_file_name("linked"))).unwrap();
    let (main, head) = (fixture.store(), fixture.id("HEAD"));
    let own = "refs/worktree/ckpt/stack";
    linked.publish(None, &[edit(own, Expected::Absent, Some(head))]).unwrap();
    linked.publish(None, &[edit("refs/ckpt/names/shared", Expected::Absent, Some(head))]).unwrap();
    assert_eq!((linked.find_ref(own).unwrap(), main.find_ref(own).unwrap()), (Some(head), None));
    assert_eq!(main.find_ref("refs/ckpt/names/shared").unwrap(), Some(head));
    let listed = linked.list_refs("refs/worktree/ckpt/").unwrap();
    assert_eq!(listed, [(own.to_owned(), head)]);
    assert_eq!(fixture.git_in(&linked.layout().work_dir, ["rev-parse", own]), head.to_string());
    assert_eq!(linked.head().unwrap().branch_name(), Some("linked"));
}

#[test]
fn writers_at_once_lose_nothing() {
    let fixture = Fixture::with_commit();
    let head = fixture.id("HEAD");
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let fixture = &fixture;
            scope.spawn(move || {
                let store = fixture.store();
                for round in 0..5 {
                    let own = edit(&format!("refs/ckpt/checkpoints/{writer}-{round}"), Expected::Absent, Some(head));
                    let shared = edit("refs/ckpt/sessions/main", Expected::Anything, Some(head));
                    store.publish(None, &[own, shared]).unwrap();
                }
            });
        }
    });
    assert_eq!(fixture.store().list_refs("refs/ckpt/checkpoints/").unwrap().len(), 40);
    assert!(!fixture.root.join(".git/refs/ckpt/sessions/main.lock").exists());
}

#[test]
fn a_lock_of_another_is_waited_for_and_left_alone() {
    let fixture = Fixture::with_commit();
    let (store, head) = (fixture.store(), fixture.id("HEAD"));
    let folder = fixture.root.join(".git/refs/ckpt/names");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("held.lock"), "").unwrap();
    let error = store.publish(None, &[edit("refs/ckpt/names/held", Expected::Absent, Some(head))]).unwrap_err();
    assert!(matches!(error, StoreError::RefLocked { .. }));
    assert!(folder.join("held.lock").exists());
}

#[test]
fn a_reused_object_that_was_pruned_takes_the_refs_back() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    fixture.write("loose", "loose\n");
    let loose: ObjectId = fixture.git(["hash-object", "-w", "loose"]).parse().unwrap();
    let writing = store.start_writing().unwrap();
    assert_eq!(writing.write(ObjectKind::Blob, b"loose\n").unwrap(), loose);
    let written = store.finish_writing(writing).unwrap();
    fixture.git(["prune", "--expire=now"]);
    let name = "refs/ckpt/names/broken";
    let error = store.publish(Some(written), &[edit(name, Expected::Absent, Some(fixture.id("HEAD")))]).unwrap_err();
    assert!(matches!(error, StoreError::Object(ObjectError::Missing(id)) if id == loose));
    assert_eq!(store.find_ref(name).unwrap(), None);
}

#[test]
fn head_is_read_and_moved_by_compare_and_swap() {
    let fixture = Fixture::new();
    let store = fixture.store();
    assert_eq!(store.head().unwrap(), Head { branch: Some("refs/heads/main".into()), commit: None });
    fixture.write("file", "x\n");
    fixture.git(["add", "."]);
    fixture.git(["commit", "-q", "-m", "\n subject \n\nbody"]);
    let commit = fixture.id("HEAD");
    let on_main = Head { branch: Some("refs/heads/main".into()), commit: Some(commit) };
    let detached = Head { branch: None, commit: Some(commit) };
    assert_eq!(store.head().unwrap(), on_main);
    assert!(matches!(store.set_head(&on_main, &detached), Err(StoreError::RefMoved { .. })));
    store.set_head(&detached, &on_main).unwrap();
    assert_eq!(store.head().unwrap(), detached);
    assert!(fixture.git(["reflog", "-1"]).contains("checkout: moving from main to"));
    assert!(fixture.git(["status"]).starts_with("HEAD detached"));
    let foreign = Head { branch: Some("refs/heads/x\nref: refs/heads/y".into()), commit: None };
    assert!(matches!(store.set_head(&foreign, &detached), Err(StoreError::Damaged { .. })));
    store.set_head(&on_main, &detached).unwrap();
    assert_eq!(fixture.git(["branch", "--show-current"]), "main");
    assert_eq!(store.commit_subject(&commit).unwrap(), "subject");
}

#[test]
fn commits_are_counted_on_both_sides() {
    let fixture = Fixture::with_commit();
    fixture.git(["checkout", "-q", "-b", "side"]);
    fixture.git(["commit", "-q", "--allow-empty", "-m", "side"]);
    fixture.git(["checkout", "-q", "main"]);
    for _ in 0..2 {
        fixture.git(["commit", "-q", "--allow-empty", "-m", "main"]);
    }
    let (main, side) = (fixture.id("main"), fixture.id("side"));
    assert_eq!(fixture.store().ahead_behind(&main, &side).unwrap(), (2, 1));
    assert_eq!(fixture.store().ahead_behind(&main, &main).unwrap(), (0, 0));
}
