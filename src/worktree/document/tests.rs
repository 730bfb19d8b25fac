use std::os::unix::fs::symlink;

use super::*;

struct Scene {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl Scene {
    fn new() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("work");
        std::fs::create_dir_all(root.join(".git")).unwrap();
        Scene { folder, root }
    }

    fn place(&self) -> Place<'_> {
        Place { root: &self.root, path: ".ckpt/context.md" }
    }

    fn file(&self) -> PathBuf {
        self.root.join(".ckpt/context.md")
    }

    fn problem(&self) -> Unfit {
        match self.place().read() {
            Err(WorktreeError::UnfitDocument { problem, .. }) => problem,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn it_is_made_read_replaced_and_removed() {
    let scene = Scene::new();
    assert_eq!(scene.place().read().unwrap(), None);
    assert!(scene.place().replace(None, "one\n").unwrap());
    assert_eq!(scene.place().read().unwrap().as_deref(), Some("one\n"));
    std::fs::set_permissions(scene.file(), Permissions::from_mode(0o604)).unwrap();
    assert!(scene.place().replace(Some("one\n"), "two\n").unwrap());
    assert_eq!(scene.file().metadata().unwrap().mode() & 0o777, 0o604);
    assert!(!scene.place().remove("one\n").unwrap());
    assert!(scene.place().remove("two\n").unwrap());
    std::fs::write(scene.root.join(".ckpt/.ckpt-context-dead"), "half").unwrap();
    scene.place().sweep();
    assert_eq!(std::fs::read_dir(scene.root.join(".ckpt")).unwrap().count(), 0);
}

#[test]
fn what_was_not_read_is_not_overwritten() {
    let scene = Scene::new();
    assert!(scene.place().replace(None, "mine\n").unwrap());
    assert!(!scene.place().replace(None, "other\n").unwrap());
    assert!(!scene.place().replace(Some("older\n"), "other\n").unwrap());
    std::fs::remove_file(scene.file()).unwrap();
    assert!(!scene.place().replace(Some("mine\n"), "other\n").unwrap());
    assert_eq!(std::fs::read_dir(scene.root.join(".ckpt")).unwrap().count(), 0);
}

#[test]
fn what_is_no_document_is_named() {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.file()).unwrap();
    assert_eq!(scene.problem(), Unfit::Folder);
    std::fs::remove_dir(scene.file()).unwrap();
    std::fs::write(scene.file(), b"ab\xff").unwrap();
    assert_eq!(scene.problem(), Unfit::NotText(2));
    File::create(scene.file()).unwrap().set_len(50_000_000).unwrap();
    assert_eq!(scene.problem(), Unfit::TooLarge(50_000_000));
    std::fs::remove_file(scene.file()).unwrap();
    rustix::fs::mknodat(CWD, scene.file(), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    assert_eq!(scene.problem(), Unfit::Special);
}

#[test]
fn links_are_followed_within_the_work_tree_alone() {
    let scene = Scene::new();
    std::fs::create_dir(scene.root.join(".ckpt")).unwrap();
    std::fs::write(scene.root.join("notes.md"), "inside\n").unwrap();
    symlink("../notes.md", scene.file()).unwrap();
    assert!(scene.place().replace(Some("inside\n"), "still inside\n").unwrap());
    assert!(scene.file().is_symlink());
    assert_eq!(std::fs::read_to_string(scene.root.join("notes.md")).unwrap(), "still inside\n");
    let outside = scene.folder.path().join("outside.md");
    std::fs::write(&outside, "outside\n").unwrap();
    std::fs::write(scene.root.join(".git/config"), "[core]\n").unwrap();
    for (target, problem) in [
        (outside.to_str().unwrap(), Unfit::LeavesWorkTree),
        ("../.git/config", Unfit::LeavesWorkTree),
        ("../nowhere", Unfit::DeadLink),
        ("context.md", Unfit::DeadLink),
    ] {
        std::fs::remove_file(scene.file()).unwrap();
        symlink(target, scene.file()).unwrap();
        assert_eq!(scene.problem(), problem, "{target}");
        assert!(scene.place().replace(None, "x").is_err(), "{target}");
    }
    std::fs::remove_dir_all(scene.root.join(".ckpt")).unwrap();
    symlink(scene.folder.path(), scene.root.join(".ckpt")).unwrap();
    assert!(scene.place().replace(None, "x").is_err());
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "outside\n");
}

#[test]
fn a_file_that_is_written_all_the_time_is_left_alone() {
    let scene = Scene::new();
    assert!(scene.place().replace(None, "0\n").unwrap());
    let (path, done) = (scene.file(), std::sync::atomic::AtomicBool::new(false));
    let problem = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::SeqCst) {
                OpenOptions::new().append(true).open(&path).unwrap().write_all(b"more\n").unwrap();
            }
        });
        // On a busy machine the writer may begin late.
        while std::fs::metadata(&path).unwrap().len() <= 2 {
            std::thread::sleep(PAUSE);
        }
        let read = scene.place().read_at_rest();
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        read
    });
    // A machine that is busy enough lets the writer rest.
    match problem {
        Err(WorktreeError::UnfitDocument { problem: Unfit::BeingWritten, .. }) => {}
        Ok(Some(text)) => assert!(text.ends_with('\n')),
        other => panic!("{other:?}"),
    }
    assert!(scene.place().read_at_rest().unwrap().unwrap().ends_with("more\n"));
}
