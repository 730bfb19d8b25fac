use std::collections::BTreeMap;

use super::*;
use crate::model::id::HashKind;
use crate::model::object::{Object, hash_object};

#[derive(Default)]
struct Memory(BTreeMap<ObjectId, Object>);

impl Memory {
    fn put(&mut self, kind: ObjectKind, bytes: Vec<u8>) -> ObjectId {
        let id = hash_object(HashKind::Sha1, kind, &bytes);
        self.0.insert(id, Object { kind, bytes });
        id
    }

    /// Entries exactly in the order given.
    fn tree(&mut self, entries: &[(Mode, &[u8], ObjectId)]) -> ObjectId {
        let mut bytes = Vec::new();
        for (mode, name, id) in entries {
            tree::encode_entry(&mut bytes, *mode, name, id);
        }
        self.put(ObjectKind::Tree, bytes)
    }

    fn blob(&mut self, bytes: &[u8]) -> ObjectId {
        self.put(ObjectKind::Blob, bytes.to_vec())
    }
}

impl ObjectReader for Memory {
    fn hash_kind(&self) -> HashKind {
        HashKind::Sha1
    }
    fn contains(&self, id: &ObjectId) -> bool {
        self.0.contains_key(id)
    }
    fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        self.0.get(id).cloned().ok_or(ObjectError::Missing(*id))
    }
    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        self.read(id).map(|object| (object.kind, object.bytes.len() as u64))
    }
}

const STRANGER: PathRules = PathRules { trusted: false, allow_links: false };
const OWN: PathRules = PathRules { trusted: true, allow_links: false };

fn problem(memory: &Memory, tree: &ObjectId, rules: PathRules) -> Option<&'static str> {
    match check_tree(memory, tree, None, &WorktreeExtra::default(), rules) {
        Ok(()) => None,
        Err(WorktreeError::HostilePath { problem, .. }) => Some(problem),
        Err(error) => panic!("{error}"),
    }
}

fn problem_of_name(name: &[u8], rules: PathRules) -> Option<&'static str> {
    let mut memory = Memory::default();
    let blob = memory.blob(b"x");
    let inner = memory.tree(&[(Mode::File, name, blob)]);
    let root = memory.tree(&[(Mode::Tree, b"sub", inner)]);
    problem(&memory, &root, rules)
}

#[test]
fn names_that_reach_git_on_any_system_are_refused_whoever_made_the_tree() {
    let names: [&[u8]; 18] = [
        ".g\u{200c}it".as_bytes(),
        "\u{feff}.git".as_bytes(),
        ".Gi\u{202e}t".as_bytes(),
        b"",
        b".",
        b"..",
        b".git",
        b".GIT",
        b".gIt",
        b"git~1",
        b"GIT~1",
        b".git ",
        b".git. .",
        b"git~1.",
        b".git::$INDEX_ALLOCATION",
        b".git:stream",
        b"a/b",
        b"a\\.git",
    ];
    for name in names {
        assert!(problem_of_name(name, STRANGER).is_some(), "{:?}", BStr::new(name));
        assert!(problem_of_name(name, OWN).is_some(), "{:?}", BStr::new(name));
    }
}

#[test]
fn names_that_only_look_like_git_pass() {
    let names: [&[u8]; 9] =
        [b".gitignore", b".git2", b"git~2", b".github", b"git", b"a.git", b"..a", b"...", b"\xff\xfe"];
    for name in names {
        assert_eq!(problem_of_name(name, STRANGER), None, "{:?}", BStr::new(name));
    }
}

#[test]
fn what_is_a_name_here_and_a_trap_elsewhere_is_refused_from_strangers_alone() {
    for name in ["a\\b", "..\\up"] {
        assert!(problem_of_name(name.as_bytes(), STRANGER).is_some(), "{name:?}");
        assert_eq!(problem_of_name(name.as_bytes(), OWN), None, "{name:?}");
    }
}

#[test]
fn doubled_and_unsorted_names_are_refused() {
    let mut memory = Memory::default();
    let blob = memory.blob(b"x");
    let empty = memory.tree(&[]);
    let twice = memory.tree(&[(Mode::File, b"a", blob), (Mode::File, b"a", blob)]);
    assert_eq!(problem(&memory, &twice, OWN), Some("a name stands in its folder twice"));
    let both = memory.tree(&[(Mode::File, b"a", blob), (Mode::File, b"a.b", blob), (Mode::Tree, b"a", empty)]);
    assert_eq!(problem(&memory, &both, OWN), Some("a name stands in its folder twice"));
    let unsorted = memory.tree(&[(Mode::File, b"b", blob), (Mode::File, b"a", blob)]);
    assert_eq!(problem(&memory, &unsorted, OWN), Some("the entries of the folder are not in git's order"));
}

#[test]
fn bad_modes_and_torn_trees_are_refused() {
    let mut memory = Memory::default();
    let mut bytes = b"120666 x\0".to_vec();
    bytes.extend_from_slice(&[1; 20]);
    let bad = memory.put(ObjectKind::Tree, bytes);
    assert!(problem(&memory, &bad, OWN).is_some());
    let torn = memory.put(ObjectKind::Tree, b"100644 x\0abc".to_vec());
    assert!(problem(&memory, &torn, OWN).is_some());
}

fn link_problem(name: &[u8], target: &[u8], rules: PathRules) -> Option<&'static str> {
    let mut memory = Memory::default();
    let link = memory.blob(target);
    let inner = memory.tree(&[(Mode::Symlink, name, link)]);
    let root = memory.tree(&[(Mode::Tree, b"sub", inner)]);
    problem(&memory, &root, rules)
}

#[test]
fn links_of_strangers_stay_inside() {
    for target in ["/etc/passwd", "../../x", "..//./../x", "a/../../..", "d/../e", ""] {
        assert!(link_problem(b"l", target.as_bytes(), STRANGER).is_some(), "{target}");
        assert_eq!(link_problem(b"l", target.as_bytes(), OWN), None, "{target}");
    }
    for target in ["../x", "x", "./a/b", "..", "./../x", ".//../x"] {
        assert_eq!(link_problem(b"l", target.as_bytes(), STRANGER), None, "{target}");
    }
    let allowed = PathRules { trusted: false, allow_links: true };
    assert_eq!(link_problem(b"l", b"/etc/passwd", allowed), None);
}

#[test]
fn each_folder_that_a_link_stands_in_is_one_step_up() {
    let mut memory = Memory::default();
    for (target, steps) in [("../x", 1), ("../..", 2), ("../../../x", 3)] {
        let link = memory.blob(target.as_bytes());
        let mut tree = memory.tree(&[(Mode::Symlink, b"l", link)]);
        for depth in 0..4 {
            assert_eq!(problem(&memory, &tree, STRANGER).is_some(), depth < steps, "{target} {depth}");
            tree = memory.tree(&[(Mode::Tree, b"d", tree)]);
        }
    }
}

#[test]
fn a_link_is_as_long_as_the_system_allows() {
    let longest = MAX_LINK as usize;
    assert_eq!(link_problem(b"l", &vec![b'x'; longest], STRANGER), None);
    assert!(link_problem(b"l", &vec![b'x'; longest + 1], STRANGER).is_some());
    assert!(link_problem(b"l", b"a\0b", STRANGER).is_some());
}

#[test]
fn gitmodules_is_never_a_link() {
    for name in [&b".gitmodules"[..], b".GITmodules", ".git\u{200d}modules".as_bytes()] {
        assert!(link_problem(name, b"x", OWN).is_some());
    }
}

#[test]
fn what_may_be_in_no_tree_is_told_of_a_single_entry_too() {
    let id = Memory::default().blob(b"x");
    let entry = |mode, name: &[u8]| TreeEntry { mode, name: name.into(), id };
    assert_eq!(entry_problem(&entry(Mode::Symlink, b".gitmodules")), Some("`.gitmodules` is a symbolic link"));
    assert_eq!(entry_problem(&entry(Mode::File, b".GIT")), Some("a name is another spelling of `.git`"));
    for (mode, name) in [(Mode::File, ".gitmodules"), (Mode::Symlink, "link"), (Mode::File, "a\\b")] {
        assert_eq!(entry_problem(&entry(mode, name.as_bytes())), None, "{name}");
    }
}

#[test]
fn a_folder_is_sorted_as_if_its_name_ended_in_a_slash() {
    let mut memory = Memory::default();
    let blob = memory.blob(b"x");
    let empty = memory.tree(&[]);
    let (file, folder) = ((Mode::File, &b"a.b"[..], blob), (Mode::Tree, &b"a"[..], empty));
    let sorted = memory.tree(&[file, folder]);
    assert_eq!(problem(&memory, &sorted, OWN), None);
    let unsorted = memory.tree(&[folder, file]);
    assert_eq!(problem(&memory, &unsorted, OWN), Some("the entries of the folder are not in git's order"));
}

#[test]
fn what_is_wrong_is_named_with_its_path() {
    let mut memory = Memory::default();
    let blob = memory.blob(b"x");
    let twice = memory.tree(&[(Mode::File, b"a", blob), (Mode::File, b"a", blob)]);
    let reserved = memory.tree(&[(Mode::File, b".git", blob), (Mode::File, b"a", blob)]);
    for (inner, expected) in [(twice, "sub/a"), (reserved, "sub/.git")] {
        let root = memory.tree(&[(Mode::Tree, b"sub", inner)]);
        match check_tree(&memory, &root, None, &WorktreeExtra::default(), OWN) {
            Err(WorktreeError::HostilePath { path, .. }) => assert_eq!(path, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_last_tree_that_is_not_too_large_passes() {
    let mut memory = Memory::default();
    let blob = memory.blob(b"x");
    let inner = memory.tree(&[(Mode::File, b"a", blob), (Mode::File, b"b", blob)]);
    let root = memory.tree(&[(Mode::File, b"c", blob), (Mode::Tree, b"sub", inner)]);
    for before in [MAX_ENTRIES - 4, MAX_ENTRIES - 3] {
        let mut check = Check { objects: &memory, rules: OWN, entries: before };
        let outcome = check.folder(&mut BString::default(), 0, &root, None);
        assert_eq!(outcome.is_ok(), before + 4 == MAX_ENTRIES);
    }
}

#[test]
fn a_tree_bomb_is_refused_for_its_depth() {
    let mut memory = Memory::default();
    let mut tree = memory.tree(&[]);
    for _ in 0..MAX_DEPTH {
        tree = memory.tree(&[(Mode::Tree, b"a", tree)]);
    }
    assert_eq!(problem(&memory, &tree, OWN), None);
    tree = memory.tree(&[(Mode::Tree, b"a", tree)]);
    assert_eq!(problem(&memory, &tree, OWN), Some("its folders are nested too deeply"));
}

#[test]
fn known_subtrees_are_passed_over_and_unknown_ones_are_not() {
    let mut memory = Memory::default();
    let blob = memory.blob(b"x");
    let evil = memory.tree(&[(Mode::File, b".git", blob)]);
    let known = memory.tree(&[(Mode::Tree, b"old", evil)]);
    let target = memory.tree(&[(Mode::Tree, b"new", evil), (Mode::Tree, b"old", evil)]);
    let extra = WorktreeExtra::default();
    assert!(check_tree(&memory, &known, Some(&known), &extra, OWN).is_ok());
    assert!(check_tree(&memory, &target, Some(&known), &extra, OWN).is_err());
    // Beside files that sort around the folder's name.
    let known = memory.tree(&[(Mode::File, b"old.x", blob), (Mode::Tree, b"old", evil), (Mode::File, b"old0", blob)]);
    let target = memory.tree(&[(Mode::Tree, b"old", evil), (Mode::File, b"other", blob)]);
    assert!(check_tree(&memory, &target, Some(&known), &extra, OWN).is_ok());
    assert!(check_tree(&memory, &target, None, &extra, OWN).is_err());
}

#[test]
fn paths_beside_the_tree_are_checked_too() {
    let mut memory = Memory::default();
    let empty = memory.tree(&[]);
    for path in ["../up", "/root", "a//b", "sub/.GIT/hooks"] {
        let extra = WorktreeExtra { empty_folders: vec![path.into()], ..WorktreeExtra::default() };
        assert!(check_tree(&memory, &empty, None, &extra, OWN).is_err(), "{path}");
    }
}
