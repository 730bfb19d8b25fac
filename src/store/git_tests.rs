//! The way through git: objects of either hash function, and refs in tables or in files.

use super::fixture::Fixture;
use super::*;
use crate::model::object::ObjectWriter;

/// A store over a repository made with these options; `None` where git knows no such thing.
fn store(fixture: &Fixture, options: &[&str]) -> Option<Store> {
    let root = fixture.root.with_file_name("other");
    let mut command = fixture.command(&fixture.root);
    if !command.args(["init", "-q", "-b", "main"]).args(options).arg(&root).status().unwrap().success() {
        return None;
    }
    fixture.git_in(&root, ["commit", "-q", "--allow-empty", "-m", "first"]);
    let variable = ("CKPT_STORE".into(), "plumbing".into());
    let path = ("PATH".into(), std::env::var_os("PATH").unwrap());
    Some(Store::open(&Environment::from_variables([variable, path], &root)).unwrap())
}

const KINDS: [&[&str]; 3] =
    [&["--object-format=sha1"], &["--object-format=sha256"], &["--object-format=sha256", "--ref-format=reftable"]];

fn each(check: impl Fn(&Fixture, &Store)) {
    for options in KINDS {
        let fixture = Fixture::new();
        if let Some(store) = store(&fixture, options) {
            check(&fixture, &store);
        }
    }
}

#[test]
fn what_is_written_is_read_and_git_finds_it_sound() {
    each(|fixture, store| {
        let writing = store.start_writing().unwrap();
        let large: Vec<u8> = (0..9_000_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 9) as u8).collect();
        let small = writing.write(ObjectKind::Blob, b"hello\n").unwrap();
        let streamed = writing.write_stream(large.len() as u64, &mut large.as_slice()).unwrap();
        let written = store.finish_writing(writing).unwrap();
        assert_eq!(store.read(&small).unwrap().bytes, b"hello\n");
        let mut copied = Vec::new();
        store.copy_blob(&streamed, &mut copied).unwrap();
        assert!(copied == large);
        assert_eq!(store.blob_sizes(&[small; 2000]), vec![Some(6); 2000]);
        let absent = ObjectId::from_bytes(&vec![7; store.hash_kind().len()]).unwrap();
        assert!(!store.contains(&absent));
        assert!(matches!(store.read(&absent), Err(ObjectError::Missing(id)) if id == absent));
        let other = ObjectId::from_bytes(&vec![7; 52 - store.hash_kind().len()]).unwrap();
        assert!(matches!(store.read_header(&other), Err(ObjectError::Missing(_))), "an id of the other kind");
        drop(written);
        fixture.git_in(&store.layout().work_dir, ["fsck", "--strict", "--no-dangling"]);
        let head = store.head().unwrap();
        assert_eq!(head.branch.as_deref(), Some("refs/heads/main"));
        assert!(matches!(store.copy_blob(&head.commit.unwrap(), &mut Vec::new()), Err(ObjectError::WrongKind { .. })));
    });
}

#[test]
fn objects_of_others_are_found_although_packs_come_and_go() {
    each(|fixture, store| {
        let root = &store.layout().work_dir;
        let put = |text: &str| -> ObjectId {
            std::fs::write(root.join("file"), text).unwrap();
            fixture.git_in(root, ["add", "file"]);
            fixture.git_in(root, ["rev-parse", ":file"]).parse().unwrap()
        };
        let one = put("one\n");
        assert_eq!(store.read(&one).unwrap().bytes, b"one\n");
        fixture.git_in(root, ["commit", "-q", "-m", "one"]);
        fixture.git_in(root, ["gc", "-q", "--prune=now"]);
        assert_eq!(store.read(&one).unwrap().bytes, b"one\n");
        let two = put("two\n");
        fixture.git_in(root, ["commit", "-q", "-m", "two"]);
        fixture.git_in(root, ["repack", "-adq"]);
        assert_eq!(store.read_header(&two).unwrap(), (ObjectKind::Blob, 4));
        assert_eq!(store.read(&one).unwrap().bytes, b"one\n");
    });
}

#[test]
fn many_small_packs_are_joined() {
    each(|fixture, store| {
        for number in 0..20 {
            let writing = store.start_writing().unwrap();
            let tree = writing.write(ObjectKind::Tree, b"").unwrap();
            let who = "A <a@example.org> 1700000000 +0000";
            let text = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\n{number}\n");
            let commit = writing.write(ObjectKind::Commit, text.as_bytes()).unwrap();
            let written = store.finish_writing(writing).unwrap();
            let name = format!("refs/ckpt/checkpoints/{commit}");
            store.publish(Some(written), &[RefEdit { name, expected: Expected::Absent, new: Some(commit) }]).unwrap();
        }
        let names = std::fs::read_dir(store.pack_dir()).unwrap().flatten();
        let packs = names.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "pack")).count();
        assert_eq!(packs, 5);
        for (_, id) in store.list_refs("refs/ckpt/checkpoints/").unwrap() {
            assert!(store.tree_of(&id).is_ok());
        }
        fixture.git_in(&store.layout().work_dir, ["fsck", "--strict", "--no-dangling"]);
    });
}

#[test]
fn a_damaged_object_is_no_missing_one() {
    each(|fixture, store| {
        let root = &store.layout().work_dir;
        std::fs::write(root.join("file"), "text\n").unwrap();
        fixture.git_in(root, ["add", "file"]);
        let hex = fixture.git_in(root, ["rev-parse", ":file"]);
        let path = store.layout().common_dir.join("objects").join(&hex[..2]).join(&hex[2..]);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "rubbish").unwrap();
        let error = store.read(&hex.parse().unwrap()).unwrap_err();
        assert!(matches!(error, ObjectError::Damaged { .. }), "{error}");
        let head = store.head().unwrap().commit.unwrap();
        assert!(store.read(&head).is_ok(), "the next read has a process again");
        std::fs::remove_file(&path).unwrap();
        fixture.git_in(root, ["hash-object", "-w", "file"]);
        fixture.git_in(root, ["repack", "-adfq"]);
        let packs = std::fs::read_dir(store.pack_dir()).unwrap().flatten().map(|entry| entry.path());
        let pack = packs.into_iter().find(|path| path.extension().is_some_and(|end| end == "pack")).unwrap();
        let mut bytes = std::fs::read(&pack).unwrap();
        bytes[12..].fill(0x77);
        std::fs::remove_file(&pack).unwrap();
        std::fs::write(&pack, bytes).unwrap();
        let _ = std::fs::remove_file(&path);
        let error = store.read(&hex.parse().unwrap()).unwrap_err();
        assert!(matches!(error, ObjectError::Damaged { .. }), "{error}");
    });
}

#[test]
fn what_stands_in_an_index_of_another_format_is_left_to_git() {
    each(|fixture, store| {
        let root = &store.layout().work_dir;
        std::fs::write(root.join("file"), "text\n").unwrap();
        fixture.git_in(root, ["add", "file"]);
        let id: ObjectId = fixture.git_in(root, ["rev-parse", ":file"]).parse().unwrap();
        fixture.git_in(root, ["-c", "pack.indexVersion=1", "repack", "-adq"]);
        fixture.git_in(root, ["prune-packed"]);
        assert!(store.contains(&id));
        assert_eq!(store.read(&id).unwrap().bytes, b"text\n");
        let absent = ObjectId::from_bytes(&vec![7; store.hash_kind().len()]).unwrap();
        assert!(!store.contains(&absent));
        assert!(matches!(store.read(&absent), Err(ObjectError::Missing(_))));
    });
}

#[test]
fn refs_are_compared_before_they_are_written() {
    each(|fixture, store| {
        let root = &store.layout().work_dir;
        let first = store.head().unwrap().commit.unwrap();
        fixture.git_in(root, ["commit", "-q", "--allow-empty", "-m", "second"]);
        let second = store.head().unwrap().commit.unwrap();
        assert_ne!(first, second, "what git wrote is seen");
        let (one, two) = ("refs/ckpt/names/one", "refs/worktree/ckpt/two");
        let edit = |name: &str, expected, new| RefEdit { name: name.into(), expected, new };
        let both = [edit(one, Expected::Absent, Some(first)), edit(two, Expected::Absent, Some(first))];
        store.publish(None, &both).unwrap();
        store.publish(None, &both[..0]).unwrap();
        assert!(matches!(store.publish(None, &both), Err(StoreError::RefMoved { found: Some(_), .. })));
        let mixed = [edit(one, Expected::At(first), Some(second)), edit(two, Expected::At(second), None)];
        assert!(store.publish(None, &mixed).is_err());
        assert_eq!(store.find_ref(one).unwrap(), Some(first), "a refusal leaves none of its batch");
        let again = [edit(one, Expected::At(first), Some(second)), edit(one, Expected::At(second), Some(first))];
        store.publish(None, &again).unwrap();
        fixture.git_in(root, ["pack-refs", "--all"]);
        assert_eq!(store.list_refs("refs/ckpt/").unwrap(), [(one.to_owned(), first)]);
        store.publish(None, &[edit(one, Expected::Anything, None), edit(two, Expected::At(first), None)]).unwrap();
        store.publish(None, &[edit(one, Expected::Anything, None)]).unwrap();
        assert_eq!(fixture.git_in(root, ["for-each-ref", "refs/ckpt", "refs/worktree"]), "");
    });
}

#[test]
fn a_name_with_a_command_in_it_is_refused() {
    each(|fixture, store| {
        let main = store.head().unwrap();
        for name in ["refs/bisect/x\ndelete refs/heads/main", "refs/ckpt/a b", "", "\"refs/x\"", "-d"] {
            let edit = RefEdit { name: name.into(), expected: Expected::Anything, new: main.commit };
            assert!(matches!(store.publish(None, &[edit]), Err(StoreError::Damaged { .. })), "{name:?}");
            let head = Head { branch: Some(name.into()), commit: None };
            assert!(matches!(store.set_head(&head, &main), Err(StoreError::Damaged { .. })), "{name:?}");
        }
        assert_eq!(store.head().unwrap(), main);
        assert_eq!(
            fixture.git_in(&store.layout().work_dir, ["for-each-ref", "--format=%(refname)"]),
            "refs/heads/main"
        );
    });
}

#[test]
fn head_moves_by_compare_and_swap() {
    each(|fixture, store| {
        let root = &store.layout().work_dir;
        fixture.git_in(root, ["branch", "side"]);
        let main = store.head().unwrap();
        let side = Head { branch: Some("refs/heads/side".into()), commit: main.commit };
        let detached = Head { branch: None, commit: main.commit };
        assert!(matches!(store.set_head(&detached, &side), Err(StoreError::RefMoved { .. })));
        for (new, old) in [(&side, &main), (&detached, &side), (&main, &detached)] {
            store.set_head(new, old).unwrap();
            assert_eq!(store.head().unwrap(), *new);
        }
        assert!(fixture.git_in(root, ["reflog", "-1"]).contains("to main"));
        let unborn = Head { branch: Some("refs/heads/unborn".into()), commit: None };
        store.set_head(&unborn, &main).unwrap();
        assert_eq!(store.head().unwrap(), unborn);
        store.set_head(&main, &unborn).unwrap();
    });
}
