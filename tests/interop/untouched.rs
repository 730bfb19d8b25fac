//! A save changes nothing that is the user's: index, HEAD, refs, hooks, configuration, files, times.

use crate::sandbox::picture::modification_times;
use crate::sandbox::repository::index_entries;
use crate::sandbox::{RepositoryState, Sandbox};

/// Saves, and compares everything before and after.
#[track_caller]
fn save_and_compare(sandbox: &Sandbox, arguments: &[&str]) {
    let before = (sandbox.picture(), sandbox.repository(), modification_times(&sandbox.work()));
    sandbox.save(arguments);
    before.0.must_equal(&sandbox.picture(), "files");
    before.1.must_equal(&RepositoryState::of(sandbox), "the git folder");
    assert_eq!(before.2, modification_times(&sandbox.work()), "times");
}

fn with_hooks_and_config() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".git/hooks/post-commit", "#!/bin/sh\ntouch \"$GIT_DIR/ran\"\n");
    sandbox.write(".git/hooks/reference-transaction", "#!/bin/sh\ntouch .git/ran\n");
    sandbox.chmod(".git/hooks/post-commit", 0o755);
    sandbox.chmod(".git/hooks/reference-transaction", 0o755);
    sandbox.git(&["config", "core.fsmonitor", "touch .git/ran; false"]);
    sandbox
}

#[test]
fn a_save_writes_only_objects_refs_and_its_own_folder_and_runs_nothing() {
    let sandbox = with_hooks_and_config();
    sandbox.write("a.txt", "changed\n");
    sandbox.write("new.txt", "new\n");
    save_and_compare(&sandbox, &["-m", "first"]);
    sandbox.write("a.txt", "changed again\n");
    save_and_compare(&sandbox, &["named", "--full"]);
    assert!(!sandbox.git_dir().join("ran").exists(), "a program named by the repository was run");
}

#[test]
fn a_stale_index_stays_as_it_is() {
    let sandbox = Sandbox::new();
    // Same bytes, another time: git would refresh its index here.
    sandbox.write("a.txt", "alpha\n");
    save_and_compare(&sandbox, &[]);
}

#[test]
fn flags_and_stages_of_the_index_stay() {
    let sandbox = Sandbox::new();
    sandbox.write("intended.txt", "later\n");
    sandbox.git(&["add", "-N", "intended.txt"]);
    sandbox.git(&["update-index", "--assume-unchanged", "a.txt"]);
    sandbox.git(&["update-index", "--skip-worktree", "run.sh"]);
    let entries = index_entries(&sandbox);
    save_and_compare(&sandbox, &[]);
    assert_eq!(entries, index_entries(&sandbox));
    assert!(entries.iter().any(|(_, flags)| flags & 0x2000_0000 != 0), "the test itself set nothing: {entries:?}");
}

#[test]
fn looking_changes_nothing_either() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "changed\n");
    sandbox.save(&["point"]);
    sandbox.write("a.txt", "changed again\n");
    let before = (sandbox.picture(), sandbox.repository());
    let refs = sandbox.git(&["for-each-ref"]);
    let looks: [&[&str]; 8] = [
        &["list"],
        &["show"],
        &["status"],
        &["diff"],
        &["operations"],
        &[],
        &["load", "point", "--dry-run"],
        &["show", "point", "--json"],
    ];
    for arguments in looks {
        sandbox.ckpt(arguments).succeeds();
        before.0.must_equal(&sandbox.picture(), &format!("files after {arguments:?}"));
        before.1.must_equal(&RepositoryState::of(&sandbox), &format!("the git folder after {arguments:?}"));
        assert_eq!(refs, sandbox.git(&["for-each-ref"]), "refs after {arguments:?}");
    }
}

#[test]
fn a_load_bumps_no_time_of_what_it_does_not_change() {
    let sandbox = Sandbox::new();
    for number in 0..20 {
        sandbox.write(format!("many/{number}.txt"), number.to_string());
    }
    sandbox.save(&["point"]);
    sandbox.write("a.txt", "wrecked\n");
    let mut before = modification_times(&sandbox.work());
    sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    let mut after = modification_times(&sandbox.work());
    let changed = [sandbox.path("a.txt"), sandbox.work()];
    for path in changed {
        let key = bstr::BString::from(path.to_str().unwrap());
        before.remove(&key);
        after.remove(&key);
    }
    assert_eq!(before, after);
}

#[test]
fn the_own_folder_is_private() {
    use std::os::unix::fs::MetadataExt;
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    sandbox.write("a.txt", "wrecked\n");
    sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    let own = sandbox.git_dir().join("ckpt");
    for entry in walkdir::WalkDir::new(own) {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().mode() & 0o777;
        let wanted = if entry.file_type().is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{:?} has mode {mode:o}", entry.path());
    }
}
