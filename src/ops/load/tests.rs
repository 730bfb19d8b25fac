use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::*;
use crate::model::checkpoint::{CheckpointKind, Facts, Snapshot, Words};
use crate::model::commit::Identity;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectWriter};
use crate::model::tree::encode_entry;
use crate::ops::fixture::{Fixture, open};
use crate::ops::recover::{Direction, find_pending, recover};
use crate::ops::save::{SaveRequest, save};
use crate::ops::undo::{operations, redo, undo};
use crate::store::checkpoint::{NewCheckpoint, write_checkpoint};
use crate::store::{Expected, RefEdit, checkpoint};
use crate::worktree::journal::{self, Journal};

mod meddling;
mod pending;
mod recovery;
mod refusals;

/// Everything that a load may change, for comparing.
#[derive(Debug, PartialEq, Eq)]
struct Picture {
    files: BTreeMap<PathBuf, (u32, Vec<u8>)>,
    index: String,
    head: String,
}

fn picture(fixture: &Fixture) -> Picture {
    let mut files = BTreeMap::new();
    let inside =
        walkdir::WalkDir::new(&fixture.root).min_depth(1).into_iter().filter_entry(|entry| entry.file_name() != ".git");
    for entry in inside.map(|entry| entry.unwrap()) {
        let kind = entry.file_type();
        let bytes = match () {
            () if kind.is_symlink() => fs::read_link(entry.path()).unwrap().into_os_string().into_encoded_bytes(),
            () if kind.is_file() => fs::read(entry.path()).unwrap(),
            () => Vec::new(),
        };
        let mode = entry.metadata().unwrap().permissions().mode();
        files.insert(entry.path().strip_prefix(&fixture.root).unwrap().to_owned(), (mode, bytes));
    }
    let head = fs::read_to_string(fixture.root.join(".git/HEAD")).unwrap();
    Picture { files, index: fixture.git(&["ls-files", "--stage", "-t"]), head }
}

fn write(fixture: &Fixture, path: &str, text: &str) {
    let path = fixture.root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(fixture: &Fixture, path: &str) -> String {
    fs::read_to_string(fixture.root.join(path)).unwrap()
}

/// A repository in the middle of some work.
fn at_work() -> Fixture {
    let fixture = Fixture::new();
    write(&fixture, ".gitignore", "ignored\n*.log\n");
    write(&fixture, "tracked", "one\n");
    write(&fixture, "sub/kept", "kept\n");
    write(&fixture, "sub/staged", "one\n");
    fixture.git(&["add", "-A"]);
    fixture.git(&["commit", "-qm", "second"]);
    write(&fixture, "tracked", "two\n");
    write(&fixture, "sub/staged", "two\n");
    fixture.git(&["add", "sub/staged"]);
    write(&fixture, "sub/staged", "three\n");
    write(&fixture, "new/untracked", "new\n");
    write(&fixture, "ignored", "never touched\n");
    fs::create_dir_all(fixture.root.join("void/deep")).unwrap();
    symlink("sub", fixture.root.join("link")).unwrap();
    fs::set_permissions(fixture.root.join("tracked"), Permissions::from_mode(0o600)).unwrap();
    fixture
}

fn saved(fixture: &Fixture) -> ObjectId {
    save(&fixture.repo, &SaveRequest::of_kind(CheckpointKind::Manual)).unwrap().id
}

/// What an agent on the wrong way does.
fn wreck(fixture: &Fixture) {
    fs::remove_dir_all(fixture.root.join("sub")).unwrap();
    fs::remove_dir_all(fixture.root.join("void")).unwrap();
    fs::remove_file(fixture.root.join("link")).unwrap();
    write(fixture, "sub", "a file now\n");
    write(fixture, "link/inside", "a folder now\n");
    write(fixture, "tracked", "wrecked\n");
    write(fixture, "more/of/it", "x\n");
    fs::set_permissions(fixture.root.join("new"), Permissions::from_mode(0o700)).unwrap();
    fixture.git(&["add", "-A"]);
}

fn request(id: &ObjectId) -> LoadRequest {
    LoadRequest { point: Some(id.to_string()), ..LoadRequest::default() }
}

fn load(fixture: &Fixture, request: &LoadRequest) -> Result<Loaded, OpError> {
    carry_out(&fixture.repo, prepare(&fixture.repo, request, false)?)
}

fn own_dir(fixture: &Fixture) -> PathBuf {
    fixture.repo.store.layout().own_worktree_dir.clone()
}

fn refs(fixture: &Fixture) -> String {
    fixture.git(&["for-each-ref"])
}

#[test]
fn a_load_brings_everything_back_and_can_itself_be_undone_and_redone() {
    let fixture = at_work();
    let (id, good) = (saved(&fixture), picture(&fixture));
    wreck(&fixture);
    let bad = picture(&fixture);
    let loaded = load(&fixture, &request(&id)).unwrap();
    assert_eq!((loaded.target, loaded.head, loaded.index), (id, HeadFate::Same, IndexFate::Restored));
    assert_eq!(picture(&fixture), good);
    undo(&fixture.repo).unwrap();
    assert_eq!(picture(&fixture), bad);
    redo(&fixture.repo).unwrap();
    assert_eq!(picture(&fixture), good);
    fixture.git(&["fsck", "--strict"]);
    assert_eq!(find_pending(&fixture.repo).unwrap().map(|pending| pending.target), None);
    assert!(!own_dir(&fixture).join("staging").exists());
}

#[test]
fn a_load_of_what_is_there_touches_nothing() {
    let fixture = at_work();
    let id = saved(&fixture);
    let times = |path: &str| {
        use std::os::unix::fs::MetadataExt;
        let stat = fs::metadata(fixture.root.join(path)).unwrap();
        (stat.mtime_nsec(), stat.ctime_nsec(), stat.ino())
    };
    let before = [times("tracked"), times("sub/kept"), times(".git/index"), times("sub")];
    let loaded = load(&fixture, &request(&id)).unwrap();
    assert_eq!((loaded.counts.total(), loaded.safety), (0, id));
    assert_eq!([times("tracked"), times("sub/kept"), times(".git/index"), times("sub")], before);
}

#[test]
fn undo_and_redo_go_to_any_depth_and_lose_nothing() {
    let fixture = at_work();
    let mut ids = Vec::new();
    for text in ["first\n", "second\n", "third\n"] {
        write(&fixture, "tracked", text);
        ids.push(saved(&fixture));
    }
    for id in ids.iter().rev().skip(1) {
        load(&fixture, &request(id)).unwrap();
    }
    assert_eq!(read(&fixture, "tracked"), "first\n");
    write(&fixture, "tracked", "edited after the load\n");
    type Step = fn(&Repo) -> Result<crate::ops::undo::Undone, OpError>;
    let steps: [(Step, &str); 6] = [
        (undo, "second\n"),
        (undo, "third\n"),
        (redo, "second\n"),
        (redo, "edited after the load\n"),
        (undo, "second\n"),
        (redo, "edited after the load\n"),
    ];
    for (step, expected) in steps {
        step(&fixture.repo).unwrap();
        assert_eq!(read(&fixture, "tracked"), expected);
    }
    assert!(matches!(redo(&fixture.repo), Err(OpError::NothingToUndo { verb: "redo" })));
    undo(&fixture.repo).unwrap();
    undo(&fixture.repo).unwrap();
    assert!(matches!(undo(&fixture.repo), Err(OpError::NothingToUndo { verb: "undo" })));
    let log = operations(&fixture.repo).unwrap();
    assert_eq!(log.len(), 10);
    assert_eq!(log.iter().filter(|entry| entry.is_undone).map(|entry| entry.position).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_dry_run_tells_and_changes_nothing() {
    let fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let (before, refs_before) = (picture(&fixture), refs(&fixture));
    let plan = prepare(&fixture.repo, &request(&id), true).unwrap();
    assert_eq!(plan.safety, None);
    assert!(plan.counts.total() >= 5 && plan.bytes > 0 && plan.folder_and_mode_changes > 0);
    assert_eq!(
        plan.unsaved.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["link/inside", "more/of/it", "sub", "tracked"]
    );
    assert!(carry_out(&fixture.repo, plan).is_err());
    assert_eq!((picture(&fixture), refs(&fixture)), (before, refs_before));
}

#[test]
fn an_ignored_file_in_the_way_is_kept_first() {
    let fixture = at_work();
    write(&fixture, "now.log", "tracked then\n");
    fixture.git(&["add", "-f", "now.log"]);
    let id = saved(&fixture);
    fixture.git(&["rm", "-q", "-f", "--cached", "now.log"]);
    write(&fixture, "now.log", "ignored now\n");
    let plan = prepare(&fixture.repo, &request(&id), false).unwrap();
    assert_eq!(plan.ignored_overwritten, ["now.log"]);
    carry_out(&fixture.repo, plan).unwrap();
    assert_eq!(read(&fixture, "now.log"), "tracked then\n");
    undo(&fixture.repo).unwrap();
    assert_eq!(read(&fixture, "now.log"), "ignored now\n");
    assert_eq!(read(&fixture, "ignored"), "never touched\n");
}

#[test]
fn an_ignored_folder_is_kept_before_it_gives_way() {
    let fixture = at_work();
    write(&fixture, "thing", "a file\n");
    let id = saved(&fixture);
    fs::remove_file(fixture.root.join("thing")).unwrap();
    write(&fixture, "thing/precious.log", "ignored\n");
    let before = picture(&fixture);
    let plan = prepare(&fixture.repo, &request(&id), false).unwrap();
    assert_eq!(plan.ignored_overwritten, ["thing/precious.log"]);
    carry_out(&fixture.repo, plan).unwrap();
    assert_eq!(read(&fixture, "thing"), "a file\n");
    undo(&fixture.repo).unwrap();
    assert_eq!(picture(&fixture), before);
}

#[test]
fn a_repository_of_its_own_in_the_way_refuses_the_load() {
    let fixture = at_work();
    write(&fixture, "thing", "a file\n");
    let id = saved(&fixture);
    fs::remove_file(fixture.root.join("thing")).unwrap();
    write(&fixture, "thing/nested.log/.git/HEAD", "ref: refs/heads/main\n");
    write(&fixture, "tracked", "changed\n");
    let before = picture(&fixture);
    let error = load(&fixture, &request(&id)).unwrap_err();
    assert!(matches!(error, OpError::Worktree(crate::worktree::WorktreeError::Obstructed { .. })), "{error}");
    assert_eq!(picture(&fixture), before);
}

#[test]
fn chosen_paths_alone_are_loaded() {
    let fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let index = picture(&fixture).index;
    let inside = open(&fixture.root.join("new"));
    let mut some = request(&id);
    some.paths = vec!["../tracked".into(), "../link".into()];
    let plan = prepare(&inside, &some, false).unwrap();
    assert_eq!(plan.index, IndexFate::Kept { reason: "only some paths are loaded" });
    carry_out(&inside, plan).unwrap();
    assert_eq!(read(&fixture, "tracked"), "two\n");
    assert!(fixture.root.join("link").is_symlink());
    assert_eq!((read(&fixture, "sub"), read(&fixture, "more/of/it")), ("a file now\n".into(), "x\n".into()));
    assert_eq!(picture(&fixture).index, index);
    undo(&fixture.repo).unwrap();
    assert_eq!(
        (read(&fixture, "tracked"), read(&fixture, "link/inside")),
        ("wrecked\n".into(), "a folder now\n".into())
    );
    some.paths = vec!["absent".into()];
    assert!(matches!(load(&fixture, &some), Err(OpError::PathNotFound { .. })));
    some.paths = vec!["../../x".into()];
    assert!(matches!(prepare(&inside, &some, false), Err(OpError::PathOutside { .. })));
}

#[test]
fn an_undo_of_chosen_paths_removes_what_the_load_made() {
    let fixture = at_work();
    let id = saved(&fixture);
    fs::remove_file(fixture.root.join("tracked")).unwrap();
    write(&fixture, "other", "mine\n");
    load(&fixture, &LoadRequest { paths: vec!["tracked".into()], ..request(&id) }).unwrap();
    write(&fixture, "other", "mine too\n");
    undo(&fixture.repo).unwrap();
    assert!(!fixture.root.join("tracked").exists());
    assert_eq!(read(&fixture, "other"), "mine too\n");
}

#[test]
fn with_head_elsewhere_the_index_stays_and_no_branch_moves() {
    let fixture = at_work();
    let id = saved(&fixture);
    fixture.git(&["commit", "-qam", "third"]);
    let (index, branches) = (picture(&fixture).index, fixture.git(&["for-each-ref", "refs/heads"]));
    let loaded = load(&fixture, &request(&id)).unwrap();
    assert_eq!(loaded.head, HeadFate::Elsewhere { ahead: 1, behind: 0 });
    assert_eq!(loaded.index, IndexFate::Kept { reason: "HEAD is elsewhere" });
    assert_eq!(picture(&fixture).index, index);
    assert_eq!(fixture.git(&["for-each-ref", "refs/heads"]), branches);
    assert_eq!(read(&fixture, "sub/staged"), "three\n");
}

#[test]
fn head_goes_to_its_branch_or_detaches_and_comes_back() {
    let fixture = at_work();
    let (id, good) = (saved(&fixture), picture(&fixture));
    fixture.git(&["switch", "-q", "-c", "side"]);
    fixture.git(&["commit", "-qam", "on the side"]);
    let side = picture(&fixture);
    let with_head = LoadRequest { head: true, ..request(&id) };
    assert_eq!(load(&fixture, &with_head).unwrap().head, HeadFate::Branch("refs/heads/main".into()));
    assert_eq!(picture(&fixture), good);
    undo(&fixture.repo).unwrap();
    assert_eq!(picture(&fixture), side);
    let base: ObjectId = fixture.git(&["rev-parse", "main"]).parse().unwrap();
    fixture.git(&["branch", "-qf", "main", "side"]);
    let branches = fixture.git(&["for-each-ref", "refs/heads"]);
    assert_eq!(load(&fixture, &with_head).unwrap().head, HeadFate::Detached(base));
    assert_eq!(picture(&fixture).head.trim(), base.to_string());
    assert_eq!((picture(&fixture).files, picture(&fixture).index), (good.files, good.index));
    undo(&fixture.repo).unwrap();
    assert_eq!(picture(&fixture), side);
    assert_eq!(fixture.git(&["for-each-ref", "refs/heads"]), branches);
}

/// Leaves a merge in conflict.
fn merge_conflict(fixture: &Fixture) {
    fixture.git(&["stash", "-qu"]);
    fixture.git(&["switch", "-qc", "side"]);
    write(fixture, "tracked", "theirs\n");
    fixture.git(&["commit", "-qam", "theirs"]);
    fixture.git(&["switch", "-q", "main"]);
    write(fixture, "tracked", "ours\n");
    fixture.git(&["commit", "-qam", "ours"]);
    let output = std::process::Command::new("git")
        .current_dir(&fixture.root)
        .args(["-c", "user.name=A", "-c", "user.email=a@b", "merge", "-q", "side"])
        .output()
        .unwrap();
    assert!(!output.status.success());
}

#[test]
fn an_operation_in_progress_is_never_exchanged_without_consent() {
    let fixture = at_work();
    merge_conflict(&fixture);
    let (id, merging) = (saved(&fixture), picture(&fixture));
    write(&fixture, "tracked", "resolved\n");
    fixture.git(&["add", "tracked"]);
    load(&fixture, &request(&id)).unwrap();
    assert_eq!(picture(&fixture), merging, "the same merge stays");
    fixture.git(&["merge", "--abort"]);
    let quiet = picture(&fixture);
    let idle = saved(&fixture);
    load(&fixture, &LoadRequest { operation: true, ..request(&id) }).unwrap();
    assert_eq!(picture(&fixture), merging);
    assert!(fixture.root.join(".git/MERGE_HEAD").exists());
    assert!(matches!(load(&fixture, &request(&idle)), Err(OpError::OperationDiffers { .. })));
    assert_eq!(picture(&fixture), merging);
    undo(&fixture.repo).unwrap();
    assert_eq!(picture(&fixture), quiet);
    assert!(!fixture.root.join(".git/MERGE_HEAD").exists());
}

#[test]
fn what_a_checkpoint_left_out_is_left_alone() {
    let fixture = at_work();
    write(&fixture, "big", &"x".repeat(5000));
    let mut limited = open(&fixture.root);
    limited.limits.max_file_size = 1000;
    let id = save(&limited, &SaveRequest::of_kind(CheckpointKind::Manual)).unwrap().id;
    write(&fixture, "tracked", "changed\n");
    let mut wide = open(&fixture.root);
    wide.limits.max_file_size = 1 << 20;
    let loaded = carry_out(&wide, prepare(&wide, &request(&id), false).unwrap()).unwrap();
    assert_eq!(loaded.protected.iter().map(|omission| omission.path.to_string()).collect::<Vec<_>>(), ["big"]);
    assert_eq!((read(&fixture, "big").len(), read(&fixture, "tracked")), (5000, "two\n".into()));
}

#[test]
fn nested_repositories_keep_what_is_in_them() {
    let fixture = at_work();
    write(&fixture, "nested/work", "one\n");
    let nested = fixture.root.join("nested");
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.current_dir(&nested).args(["-c", "user.name=A", "-c", "user.email=a@b"]).args(arguments);
        assert!(command.output().unwrap().status.success());
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "inside"]);
    let id = saved(&fixture);
    write(&fixture, "nested/work", "dirty\n");
    write(&fixture, "nested/more", "untracked\n");
    git(&["commit", "-qam", "moved on"]);
    write(&fixture, "tracked", "changed\n");
    load(&fixture, &request(&id)).unwrap();
    assert_eq!(
        (read(&fixture, "nested/work"), read(&fixture, "nested/more")),
        ("dirty\n".into(), "untracked\n".into())
    );
    assert_eq!(read(&fixture, "tracked"), "two\n");
}

#[test]
fn line_endings_and_ident_come_back_byte_for_byte() {
    let fixture = at_work();
    write(&fixture, ".gitattributes", "*.dos text eol=crlf\n*.id ident\n*.txt text=auto\n");
    for (path, text) in
        [("a.dos", "a\r\nb\r\n"), ("b.dos", "a\nb\r\n"), ("c.id", "$Id: old $\n"), ("d.txt", "x\r\ny\r\n")]
    {
        write(&fixture, path, text);
    }
    let (id, good) = (saved(&fixture), picture(&fixture));
    for path in ["a.dos", "b.dos", "c.id", "d.txt"] {
        write(&fixture, path, "gone\n");
    }
    load(&fixture, &request(&id)).unwrap();
    assert_eq!(picture(&fixture), good);
    fixture.git(&["config", "core.autocrlf", "true"]);
    write(&fixture, "d.txt", "z\r\n");
    load(&fixture, &request(&id)).unwrap();
    assert_eq!(picture(&fixture).files, good.files);
}

#[test]
fn the_first_commit_is_not_needed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap().join("work");
    fs::create_dir(&root).unwrap();
    let git = |arguments: &[&str]| {
        assert!(
            std::process::Command::new("git").current_dir(&root).args(arguments).output().unwrap().status.success()
        );
    };
    git(&["init", "-q"]);
    fs::write(root.join("a"), "one\n").unwrap();
    let repo = open(&root);
    let id = save(&repo, &SaveRequest::of_kind(CheckpointKind::Manual)).unwrap().id;
    fs::write(root.join("a"), "two\n").unwrap();
    git(&["add", "a"]);
    carry_out(&repo, prepare(&repo, &request(&id), false).unwrap()).unwrap();
    assert_eq!(fs::read_to_string(root.join("a")).unwrap(), "one\n");
    undo(&repo).unwrap();
    assert_eq!(fs::read_to_string(root.join("a")).unwrap(), "two\n");
    let laid_out = load_into(&repo, &request(&id), Path::new("../other")).unwrap();
    assert_eq!(fs::read_to_string(laid_out.directory.join("a")).unwrap(), "one\n");
}

#[test]
fn a_point_is_laid_out_beside_without_touching_what_is_here() {
    let fixture = at_work();
    let (id, good) = (saved(&fixture), picture(&fixture));
    wreck(&fixture);
    let bad = picture(&fixture);
    let beside = tempfile::tempdir().unwrap();
    let directory = beside.path().canonicalize().unwrap().join("laid/out");
    let laid_out = load_into(&fixture.repo, &request(&id), &directory).unwrap();
    assert_eq!((laid_out.target, &laid_out.directory), (id, &directory));
    assert_eq!(picture(&fixture), bad);
    let inside = directory.to_str().unwrap();
    assert_eq!(fixture.git(&["-C", inside, "ls-files", "--stage", "-t"]), good.index);
    let mut expected = good.files;
    expected.remove(Path::new("ignored"));
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(&directory).min_depth(1).into_iter().map(|entry| entry.unwrap()) {
        let path = entry.path().strip_prefix(&directory).unwrap().to_owned();
        if path != Path::new(".git") {
            found.insert(path, entry.metadata().unwrap().permissions().mode());
        }
    }
    assert_eq!(found, expected.into_iter().map(|(path, (mode, _))| (path, mode)).collect());
    assert!(matches!(load_into(&fixture.repo, &request(&id), &directory), Err(OpError::DestinationExists { .. })));
}

#[test]
fn what_the_wreck_had_hidden_is_named_and_survives_load_and_undo() {
    let fixture = at_work();
    let id = saved(&fixture);
    write(&fixture, ".gitignore", "*\n");
    write(&fixture, "hidden/file", "ignored now\n");
    let before = picture(&fixture);
    let loaded = load(&fixture, &request(&id)).unwrap();
    assert_eq!(loaded.revealed, ["hidden/file"]);
    undo(&fixture.repo).unwrap();
    assert_eq!(picture(&fixture), before);
}
