//! Hooks where they are not usually: other folders, other work trees, git's configuration, somebody else's repository.

use std::fs;

use crate::hooks::{events, kinds, note, write_hook};
use crate::sandbox::{Outcome, Picture, Sandbox};

/// A sandbox in which `ckpt` is found by its name.
fn with_ckpt_on_path() -> Sandbox {
    let sandbox = Sandbox::new();
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_ckpt")).parent().unwrap();
    sandbox.set("PATH", &format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
    sandbox
}

#[test]
fn linked_work_trees_share_one_installation() {
    let sandbox = Sandbox::new();
    sandbox.git(&["worktree", "add", "-q", "../linked"]);
    let _ = sandbox.ckpt_in("linked", &["hooks", "install"]).succeeds();
    assert!(sandbox.git_dir().join("hooks/post-commit").exists());
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds().says("already");
    let _ = sandbox.ckpt_in("linked", &["hooks", "test"]).succeeds();
    fs::write(sandbox.root().join("linked/a.txt"), "linked\n").unwrap();
    sandbox.git(&["-C", "../linked", "commit", "-q", "-a", "-m", "in the linked one"]);
    sandbox.git(&["commit", "-q", "--allow-empty", "-m", "in the main one"]);
    let texts: Vec<_> = events(&sandbox).iter().map(|event| event["text"].clone()).collect();
    assert_eq!(texts, ["in the linked one", "in the main one"]);
    assert_eq!(events(&sandbox)[0]["branch"], "linked");
    assert_ne!(note(&sandbox, "linked"), "");
    sandbox.git(&["worktree", "add", "-q", "../third"]);
    assert_eq!(events(&sandbox)[2]["kind"], "checkout", "a new work tree is a checkout");
    let _ = sandbox.ckpt_in("linked", &["hooks", "remove"]).succeeds();
    assert!(!sandbox.git_dir().join("hooks/post-commit").exists());
}

#[test]
fn a_folder_of_the_work_tree_is_used_and_calls_by_name() {
    let sandbox = with_ckpt_on_path();
    write_hook(&sandbox.path(".githooks/post-commit"), "#!/bin/sh\ntouch ran\n", 0o755);
    sandbox.git(&["config", "core.hooksPath", ".githooks"]);
    let before = sandbox.picture();
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds().says(".githooks").warns("belongs to the work tree");
    let text = String::from_utf8(sandbox.read(".githooks/post-commit")).unwrap();
    assert!(text.contains("&& ckpt hook-run --shared post-commit"), "{text}");
    let _ = sandbox.ckpt(&["hooks", "test"]).succeeds();
    sandbox.commit("second");
    assert_eq!(kinds(&sandbox), ["commit"]);
    sandbox.remove("ran");
    let _ = sandbox.ckpt(&["hooks", "remove"]).succeeds();
    before.must_equal(&sandbox.picture(), "in the end");
    assert!(!sandbox.git_dir().join("hooks/post-commit").exists());
}

#[test]
fn who_clones_a_shared_hook_is_not_recorded_unasked() {
    let sandbox = with_ckpt_on_path();
    sandbox.git(&["config", "core.hooksPath", ".githooks"]);
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    sandbox.commit("with hooks");
    let clone = sandbox.root().join("clone");
    sandbox.git(&["clone", "-q", ".", clone.to_str().unwrap()]);
    let in_clone = |arguments: &[&str]| {
        let mut command = sandbox.command("git");
        let _ = Outcome::of(command.args(arguments).current_dir(&clone)).succeeds().prints_nothing();
    };
    in_clone(&["config", "core.hooksPath", ".githooks"]);
    in_clone(&["commit", "-q", "--allow-empty", "-m", "in the clone"]);
    assert!(!clone.join(".git/ckpt").exists());
    let _ = sandbox.ckpt_in("clone", &["hooks", "install"]).succeeds();
    in_clone(&["commit", "-q", "--allow-empty", "-m", "asked for"]);
    assert!(clone.join(".git/ckpt/journal/main.jsonl").exists());
}

#[test]
fn a_folder_outside_is_used_only_when_allowed() {
    let sandbox = Sandbox::new();
    let outside = sandbox.root().join("home/hooks");
    write_hook(&outside.join("post-commit"), "#!/bin/sh\ntrue\n", 0o755);
    sandbox.git(&["config", "--global", "core.hooksPath", "~/hooks"]);
    let before = Picture::without(&outside, &|_| false);
    let refused = sandbox.ckpt(&["hooks", "install"]).ends_with(1).warns("outside").warns("--yes");
    assert_eq!(refused.stdout(), "");
    before.must_equal(&Picture::without(&outside, &|_| false), "after the refusal");
    let _ = sandbox.ckpt(&["hooks", "install", "--yes"]).succeeds();
    let _ = sandbox.ckpt(&["hooks", "test"]).succeeds();
    sandbox.commit("second");
    assert_eq!(kinds(&sandbox), ["commit"]);
    // Another repository has the same hooks, and did not ask for ckpt.
    let other = sandbox.root().join("other");
    sandbox.git(&["init", "-q", other.to_str().unwrap()]);
    sandbox.git(&["-C", "../other", "commit", "-q", "--allow-empty", "-m", "theirs"]);
    assert!(!other.join(".git/ckpt").exists());
    let _ = sandbox.ckpt(&["hooks", "remove"]).succeeds();
    before.must_equal(&Picture::without(&outside, &|_| false), "in the end");
}

#[test]
fn blocks_are_found_where_git_no_longer_looks() {
    let sandbox = Sandbox::new();
    let before = Picture::without(&sandbox.git_dir().join("hooks"), &|_| false);
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    sandbox.git(&["config", "core.hooksPath", ".git/other-hooks"]);
    let _ = sandbox.ckpt(&["hooks", "status"]).succeeds().says("No hooks are installed");
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds().says("the file goes");
    sandbox.commit("second");
    assert_eq!(kinds(&sandbox), ["commit"], "once, not twice");
    sandbox.git(&["config", "--unset", "core.hooksPath"]);
    let _ = sandbox.ckpt(&["hooks", "remove"]).succeeds();
    assert!(!sandbox.git_dir().join("other-hooks").exists());
    before.must_equal(&Picture::without(&sandbox.git_dir().join("hooks"), &|_| false), "in the end");
}

#[test]
fn hooks_that_are_switched_off_by_their_path_are_not_switched_on() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.hooksPath", "/dev/null"]);
    let _ = sandbox.ckpt(&["hooks", "install"]).ends_with(1).warns("/dev/null");
    let _ = sandbox.ckpt(&["hooks", "remove"]).succeeds();
}

/// Puts a git in front that says it is a newer one.
fn pretend_git(sandbox: &Sandbox, version: &str) {
    let path = std::env::var_os("PATH").unwrap();
    let real = std::env::split_paths(&path).map(|folder| folder.join("git")).find(|path| path.exists()).unwrap();
    let script = format!(
        "#!/bin/sh\nfor last do :; done\n[ \"$last\" != --version ] || {{ echo 'git version {version}'; exit; }}\n\
         exec '{}' \"$@\"\n",
        real.display()
    );
    write_hook(&sandbox.root().join("new/git"), &script, 0o755);
    sandbox.set("PATH", &format!("{}:{}", sandbox.root().join("new").display(), std::env::var("PATH").unwrap()));
}

#[test]
fn a_newer_git_gets_configuration_and_no_files() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    let with_files = Picture::without(&sandbox.git_dir().join("hooks"), &|_| false);
    pretend_git(&sandbox, "2.55.0");
    let config = fs::read(sandbox.git_dir().join("config")).unwrap();
    let _ = sandbox.ckpt(&["hooks", "status"]).succeeds().says(".git/hooks");
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds().says("git's configuration").says("a new section");
    assert!(!sandbox.git_dir().join("hooks/post-commit").exists(), "not both, or all would be told twice");
    assert_eq!(sandbox.git(&["config", "hook.ckpt-post-commit.event"]), "post-commit");
    // What git does with it, arguments last.
    let command = sandbox.git(&["config", "hook.ckpt-post-rewrite.command"]);
    let head = sandbox.git(&["rev-parse", "HEAD"]);
    let mut shell = sandbox.command("sh");
    let script = format!("echo {} {head} | {{ {command} \"$@\"; }}", "1".repeat(40));
    let _ = Outcome::of(shell.args(["-c", &script, "hook", "amend"])).succeeds().prints_nothing();
    assert_eq!(kinds(&sandbox), ["rewrite"]);
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds().says("already");
    let _ = sandbox.ckpt(&["hooks", "status"]).succeeds().says("installed");
    let _ = sandbox.ckpt(&["hooks", "install", "--in-files"]).succeeds();
    assert_eq!(fs::read(sandbox.git_dir().join("config")).unwrap(), config);
    with_files.must_equal(&Picture::without(&sandbox.git_dir().join("hooks"), &|_| false), "in files again");
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    let _ = sandbox.ckpt(&["hooks", "remove"]).succeeds();
    assert_eq!(fs::read(sandbox.git_dir().join("config")).unwrap(), config);
}

#[test]
fn variables_of_a_git_that_calls_lead_nowhere_else() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "../other"]);
    let other = sandbox.root().join("other");
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    // A git for another repository, standing in this one.
    let mut command = sandbox.ckpt_command(&["hook-run", "post-commit"]);
    command.env("GIT_DIR", other.join(".git")).env("GIT_WORK_TREE", &other);
    let _ = Outcome::of(&mut command).succeeds().prints_nothing();
    assert!(events(&sandbox).is_empty() && !other.join(".git/ckpt").exists());
    // Variables that a hook has are no reason to look elsewhere.
    let mut command = sandbox.ckpt_command(&["hook-run", "post-commit"]);
    command.env("GIT_INDEX_FILE", other.join("index")).env("GIT_OBJECT_DIRECTORY", other.join("objects"));
    command.env("GIT_DIR", ".git").env("GIT_CONFIG_PARAMETERS", "'ckpt.hooks=off'");
    let _ = Outcome::of(&mut command).succeeds().prints_nothing();
    assert_eq!(kinds(&sandbox), ["commit"]);
    assert!(!other.join("index").exists() && !other.join("objects").exists());
}

#[test]
fn what_ckpt_itself_does_with_git_calls_no_hook() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    pretend_git(&sandbox, "2.55.0");
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    let _ = sandbox.ckpt(&["hooks", "install", "--in-files"]).succeeds();
    let _ = sandbox.ckpt(&["load", "point", "--into", "../laid-out"]).succeeds();
    assert!(events(&sandbox).is_empty());
    // A hook of the user's own that calls ckpt does not come back to itself.
    let script = format!("#!/bin/sh\nexec '{}' save -q --always\n", env!("CARGO_BIN_EXE_ckpt"));
    fs::remove_file(sandbox.git_dir().join("hooks/post-commit")).unwrap();
    write_hook(&sandbox.git_dir().join("hooks/post-commit"), &script, 0o755);
    let _ = sandbox.ckpt(&["hooks", "install", "--in-files"]).succeeds();
    sandbox.commit("second");
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt/checkpoints"]).lines().count(), 2);
}
