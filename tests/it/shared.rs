//! Repositories that several users share (`core.sharedRepository`), and one that may only be read.

use std::os::unix::fs::MetadataExt;

use crate::sandbox::user::User;
use crate::sandbox::{Outcome, Sandbox};

const ANN: User = User { id: 12_001, group: 13_000, umask: "077" };
const BEN: User = User { id: 12_002, group: 13_000, umask: "022" };

/// A repository of Ann's that her group shares; `None` where we cannot be her.
fn shared(how: &str) -> Option<Sandbox> {
    let sandbox = Sandbox::empty();
    sandbox.git(&["config", "--global", "--add", "safe.directory", "*"]);
    if !ANN.take(&sandbox) {
        return None;
    }
    let _ = Outcome::of(sandbox.command("chmod").args(["g+ws"]).arg(sandbox.work())).succeeds();
    let _ = ANN.git(&sandbox, &["init", "-q", &format!("--shared={how}")]).succeeds();
    sandbox.write("a.txt", "alpha\n");
    sandbox.chmod("a.txt", 0o664);
    let _ = ANN.git(&sandbox, &["add", "a.txt"]).succeeds();
    let _ = ANN.git(&sandbox, &["commit", "-q", "-m", "first"]).succeeds();
    Some(sandbox)
}

/// All that is below a folder of the git folder, with its permissions.
fn permissions(sandbox: &Sandbox, folder: &str) -> Vec<(String, bool, u32)> {
    let entries = walkdir::WalkDir::new(sandbox.git_dir().join(folder)).into_iter().flatten();
    entries
        .map(|entry| {
            let data = entry.metadata().unwrap();
            (entry.path().display().to_string(), data.is_dir(), data.mode() & 0o7777)
        })
        .collect()
}

#[test]
fn two_users_of_a_group_work_in_turns() {
    let Some(sandbox) = shared("group") else { return };
    let write = |text: &str| {
        sandbox.write("a.txt", text);
        sandbox.chmod("a.txt", 0o664);
    };
    // Enough of them that the small packs are joined.
    for round in 0..12 {
        for (user, name) in [(ANN, "ann"), (BEN, "ben")] {
            write(&format!("{name} {round}\n"));
            let outcome = user.ckpt(&sandbox, &["save", &format!("{name}-{round}")]).succeeds();
            assert_eq!(outcome.stderr(), "", "{}", outcome.describe());
        }
    }
    for (user, point, text) in [(BEN, "ann-3", "ann 3\n"), (ANN, "ben-4", "ben 4\n")] {
        let _ = user.ckpt(&sandbox, &["load", point, "--yes"]).succeeds();
        assert_eq!(String::from_utf8(sandbox.read("a.txt")).unwrap(), text);
        let _ = user.ckpt(&sandbox, &["name", "@", &format!("of-{}", user.id)]).succeeds();
        let _ = user.ckpt(&sandbox, &["status"]).succeeds();
    }
    let _ = BEN.ckpt(&sandbox, &["undo", "--yes"]).succeeds();
    let _ = ANN.ckpt(&sandbox, &["drop", "of-12002"]).succeeds();
    let _ = BEN.git(&sandbox, &["fsck", "--strict"]).succeeds();
    let _ = BEN.git(&sandbox, &["status"]).succeeds();
    for (path, is_folder, mode) in ["objects", "refs", "ckpt"].iter().flat_map(|folder| permissions(&sandbox, folder)) {
        let needed = if is_folder { 0o2070 } else { 0o040 };
        assert_eq!(mode & needed, needed, "{path} has {mode:o}");
        assert!(!path.contains(".git/ckpt") || mode & 0o007 == 0, "{path} has {mode:o}");
    }
    assert_eq!(std::fs::metadata(sandbox.git_dir().join("index")).unwrap().mode() & 0o060, 0o060);
}

#[test]
fn an_interrupted_load_is_finished_by_another_user_of_the_group() {
    let Some(sandbox) = shared("group") else { return };
    let _ = ANN.ckpt(&sandbox, &["save", "point"]).succeeds();
    sandbox.write("a.txt", "wrecked\n");
    sandbox.chmod("a.txt", 0o664);
    let mut command = ANN.command(&sandbox, env!("CARGO_BIN_EXE_ckpt"));
    let died = Outcome::of(command.args(["load", "point", "--yes"]).env("CKPT_FAULT", "journal.written"));
    assert_ne!(died.code(), Some(0), "{}", died.describe());
    let _ = BEN.ckpt(&sandbox, &["status"]).succeeds().mentions("ckpt recover");
    let _ = BEN.ckpt(&sandbox, &["recover", "--yes"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"alpha\n");
}

#[test]
fn everybody_may_read_what_is_shared_with_all_and_nobody_more_than_the_number_says() {
    for (how, file, folder) in [("all", 0o444, 0o2775), ("0640", 0o440, 0o2750)] {
        let Some(sandbox) = shared(how) else { return };
        let _ = ANN.ckpt(&sandbox, &["save", "point"]).succeeds();
        for (path, is_folder, mode) in permissions(&sandbox, "objects/pack") {
            assert_eq!(mode, if is_folder { folder } else { file }, "{how}: {path} has {mode:o}");
        }
        for (path, is_folder, mode) in permissions(&sandbox, "refs/ckpt") {
            let expected = if is_folder { folder } else { if how == "all" { 0o664 } else { 0o640 } };
            assert_eq!(mode, expected, "{how}: {path} has {mode:o}");
        }
    }
}

#[test]
fn a_repository_that_may_only_be_read() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point", "-m", "while it could be written"]);
    sandbox.git(&["config", "--global", "--add", "safe.directory", "*"]);
    if !ANN.take(&sandbox) {
        return;
    }
    let _ = Outcome::of(sandbox.command("chmod").args(["-R", "a-w"]).arg(sandbox.git_dir())).succeeds();
    sandbox.write("a.txt", "wrecked\n");
    let (picture, state) = (sandbox.picture(), sandbox.repository());
    for arguments in [&["list"][..], &["show", "point"], &["status"], &["diff", "point"], &["operations"]] {
        let _ = ANN.ckpt(&sandbox, arguments).succeeds();
    }
    for arguments in [&["save"][..], &["load", "point", "--yes"], &["name", "point", "other"], &["drop", "point"]] {
        let outcome = ANN.ckpt(&sandbox, arguments).ends_with(1).warns(".git");
        assert!(outcome.stderr().contains("ermission denied"), "{}", outcome.describe());
        assert!(outcome.stdout().is_empty(), "{}", outcome.describe());
    }
    picture.must_equal(&sandbox.picture(), "files");
    state.must_equal(&sandbox.repository(), "git folder");
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt/names", "--format=%(refname)"]), "refs/ckpt/names/point");
}
