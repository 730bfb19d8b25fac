//! Places where nothing can be saved, and how that is said.

use std::fs;

use crate::sandbox::kind::passes_by;
use crate::sandbox::{Kind, Outcome, Sandbox};

const COMMANDS: [&[&str]; 6] = [&["save"], &["list"], &["show"], &["load", "--yes"], &["status"], &["diff"]];

/// Every command is refused with exit code 1, a message with `text`, and nothing is written.
#[track_caller]
fn is_refused(sandbox: &Sandbox, folder: &str, text: &str) {
    for arguments in COMMANDS {
        let outcome = sandbox.ckpt_in(folder, arguments);
        assert_eq!(outcome.code(), Some(1), "{}", outcome.describe());
        assert!(outcome.stderr().contains(text), "{text:?} is missing\n{}", outcome.describe());
        assert!(outcome.stdout().is_empty(), "{}", outcome.describe());
    }
    let failure = sandbox.ckpt_in(folder, &["save", "--json"]).ends_with(1).json();
    assert_eq!(failure["schema"], "ckpt.error/1");
}

#[test]
fn no_repository() {
    is_refused(&Sandbox::empty(), "work", "git init");
}

#[test]
fn a_bare_repository() {
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q", "--bare"]);
    is_refused(&sandbox, "work", "bare");
    assert!(!sandbox.work().join("ckpt").exists());
}

#[test]
fn inside_the_git_folder() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.ckpt_in("work/.git", &["save"]).ends_orderly();
    assert_ne!(outcome.code(), Some(4), "{}", outcome.describe());
}

#[test]
fn another_user_s_repository() {
    let sandbox = Sandbox::new();
    let chown = Outcome::of(sandbox.command("chown").args(["-R", "12345"]).arg(sandbox.work()));
    if chown.code() != Some(0) {
        eprintln!("skipped: only the superuser can give files away");
        return;
    }
    is_refused(&sandbox, "work", "safe.directory");
    sandbox.git(&["config", "--global", "--add", "safe.directory", sandbox.work().to_str().unwrap()]);
    let _ = sandbox.ckpt(&["save"]).succeeds();
}

#[test]
fn a_dead_linked_work_tree() {
    let sandbox = Sandbox::new();
    sandbox.git(&["worktree", "add", "-q", "../linked"]);
    fs::remove_dir_all(sandbox.git_dir().join("worktrees")).unwrap();
    is_refused(&sandbox, "linked", "work");
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt"]), "", "it answered for the main work tree");
}

#[test]
fn the_home_folder_as_root() {
    let sandbox = Sandbox::empty();
    sandbox.git(&["-C", sandbox.home().to_str().unwrap(), "init", "-q"]);
    let _ = sandbox.ckpt_in("home", &["save"]).ends_with(1).warns("--force");
    assert!(!sandbox.home().join(".git/refs/ckpt").exists());
    let _ = sandbox.ckpt_in("home", &["save", "--force"]).succeeds();
}

#[test]
fn nothing_below_the_home_folder_is_loaded_either() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    sandbox.write("a.txt", "wrecked\n");
    sandbox.set("HOME", sandbox.work().to_str().unwrap());
    let refs = sandbox.git(&["for-each-ref", "refs/ckpt"]);
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).ends_with(1).warns("home folder").warns("--force");
    assert_eq!(sandbox.read("a.txt"), b"wrecked\n");
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt"]), refs);
    let _ = sandbox.ckpt(&["load", "point", "--yes", "--force"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"alpha\n");
}

#[test]
fn the_whole_file_system_as_work_tree() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let before = (sandbox.repository(), sandbox.git(&["for-each-ref", "refs/ckpt"]));
    sandbox.git(&["config", "core.worktree", "/"]);
    let config = sandbox.read(".git/config");
    let _ = sandbox.ckpt(&["save"]).ends_with(1).warns("the root of the filesystem").warns("--force");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).ends_with(1).warns("the root of the filesystem");
    let failure = sandbox.ckpt(&["save", "--json"]).ends_with(1).json();
    assert_eq!(failure["code"], "unfit-root");
    assert_eq!(sandbox.read(".git/config"), config);
    sandbox.git(&["config", "--unset", "core.worktree"]);
    before.0.must_equal(&sandbox.repository(), "a refused save wrote something");
    assert_eq!(before.1, sandbox.git(&["for-each-ref", "refs/ckpt"]));
}

#[test]
fn the_folder_for_temporary_files_as_root() {
    let sandbox = Sandbox::new();
    sandbox.set("TMPDIR", sandbox.work().to_str().unwrap());
    let _ = sandbox.ckpt(&["save"]).ends_with(1).warns("temporary").warns("--force");
    let _ = sandbox.ckpt(&["save", "--force"]).succeeds();
}

#[test]
fn a_missing_folder_and_a_missing_git() {
    if passes_by(&[Kind::Sha256, Kind::Reftable, Kind::Both, Kind::Plumbing], "without git nothing can be read") {
        return;
    }
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["-C", "absent", "save"]).ends_orderly().warns("absent");
    sandbox.set("PATH", "/nonexistent");
    let _ = sandbox.ckpt(&["save", "point"]).succeeds();
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"alpha\n");
}

#[test]
fn no_identity_no_signing_no_pager() {
    let sandbox = Sandbox::new();
    fs::write(
        sandbox.home().join("gitconfig"),
        "[user]\n\tuseConfigOnly = true\n[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = false\n",
    )
    .unwrap();
    sandbox.set("PAGER", "false");
    let id = sandbox.save(&["point"]);
    assert_eq!(sandbox.git(&["show", "-s", "--format=%an <%ae>%G?", &id]), "ckpt <ckpt@localhost>N");
    let _ = sandbox.ckpt(&["list"]).succeeds().says("point");
}

#[test]
fn variables_of_a_hook_lead_nowhere() {
    let sandbox = Sandbox::new();
    let other = Sandbox::new();
    sandbox.set("GIT_INDEX_FILE", "/nonexistent/index");
    sandbox.set("GIT_OBJECT_DIRECTORY", other.git_dir().join("objects").to_str().unwrap());
    let id = sandbox.save(&["point"]);
    let plain = Outcome::of(
        sandbox
            .command("git")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_OBJECT_DIRECTORY")
            .args(["cat-file", "-t", &id]),
    );
    let _ = plain.succeeds().says("commit");
    let _ = other.try_git(&["cat-file", "-e", &id]).ends_with(1);
}
