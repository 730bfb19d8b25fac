//! `ckpt hooks`: in and out without a trace, and a git that does not notice them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::sandbox::kind::passes_by;
use crate::sandbox::{Kind, Outcome, Picture, Sandbox};

/// Folders with a git each, of different versions where this machine has them, that can open the repositories of this run.
fn gits() -> Vec<PathBuf> {
    if !Kind::of_run().has_ref_files() {
        return Vec::new();
    }
    let folders = ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from);
    let mut versions = Vec::new();
    let mut found = Vec::new();
    for folder in folders.into_iter().filter(|folder| folder.join("git").exists()) {
        let version = Outcome::of(std::process::Command::new(folder.join("git")).arg("--version")).stdout();
        if !versions.contains(&version) {
            versions.push(version);
            found.push(folder);
        }
    }
    found
}

/// Runs a check once with each git of this machine in front.
fn with_each_git(check: impl Fn(&Sandbox)) {
    let all = gits();
    for folder in if all.is_empty() { vec![PathBuf::from("/nonexistent")] } else { all } {
        let sandbox = Sandbox::new();
        sandbox.set("PATH", &format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
        check(&sandbox);
    }
}

/// The events that wait in the journal.
pub fn events(sandbox: &Sandbox) -> Vec<Value> {
    let text = fs::read_to_string(sandbox.git_dir().join("ckpt/journal/main.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub fn kinds(sandbox: &Sandbox) -> Vec<String> {
    events(sandbox).iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

pub fn note(sandbox: &Sandbox, commit: &str) -> String {
    let outcome = sandbox.try_git(&["notes", "--ref=ckpt", "show", commit]);
    outcome.stdout().trim_end().to_owned()
}

fn hook_path(sandbox: &Sandbox, hook: &str) -> PathBuf {
    sandbox.git_dir().join("hooks").join(hook)
}

pub fn write_hook(path: &Path, text: &str, mode: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Everything in git's folder but ckpt's own and what any command of git leaves.
fn git_folder(sandbox: &Sandbox) -> Picture {
    Picture::without(&sandbox.git_dir(), &|path| path.starts_with(b"ckpt"))
}

#[test]
fn in_and_out_leaves_every_file_as_it_was() {
    with_each_git(|sandbox| {
        write_hook(&hook_path(sandbox, "post-commit"), "#!/bin/sh\necho mine >>ran\nexit 3", 0o700);
        write_hook(&hook_path(sandbox, "post-merge"), "", 0o755);
        write_hook(&hook_path(sandbox, "post-rewrite"), "echo no first line\r\n", 0o751);
        write_hook(&hook_path(sandbox, "pre-commit"), "#!/usr/bin/python3\n", 0o755);
        let before = git_folder(sandbox);
        let _ = sandbox.ckpt(&["hooks", "install", "--dry-run"]).succeeds().says("Would put");
        before.must_equal(&git_folder(sandbox), "after a dry run");
        let _ = sandbox.ckpt(&["hooks", "install"]).succeeds().says(".git/hooks").says("a block above your own lines");
        let with = git_folder(sandbox);
        assert_ne!(before, with);
        let _ = sandbox.ckpt(&["hooks", "install"]).succeeds().says("already");
        with.must_equal(&git_folder(sandbox), "after a second time");
        let _ = sandbox.ckpt(&["hooks", "remove", "--dry-run"]).succeeds();
        with.must_equal(&git_folder(sandbox), "after a dry run");
        let _ = sandbox.ckpt(&["hooks", "remove"]).succeeds();
        before.must_equal(&git_folder(sandbox), "in the end");
        let _ = sandbox.ckpt(&["hooks", "remove"]).succeeds().says("no hooks");
        assert!(!sandbox.git_dir().join("ckpt/hooks").exists());
    });
}

#[test]
fn a_hook_folder_that_was_not_there_goes_again() {
    let sandbox = Sandbox::new();
    fs::remove_dir_all(sandbox.git_dir().join("hooks")).unwrap();
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    let _ = sandbox.ckpt(&["hooks", "test"]).succeeds();
    let _ = sandbox.ckpt(&["hooks", "remove"]).succeeds();
    assert!(!sandbox.git_dir().join("hooks").exists());
}

#[test]
fn what_happens_is_told_to_the_session() {
    with_each_git(|sandbox| {
        sandbox.save(&["good", "-m", "login works"]);
        let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
        sandbox.write("a.txt", "one\ntwo\n");
        sandbox.write("new.txt", "new\n");
        let commit = sandbox.commit("a subject\n\nand a body");
        sandbox.git(&["checkout", "-q", "-b", "side"]);
        sandbox.git(&["checkout", "-q", "HEAD", "--", "a.txt"]);
        sandbox.write("side.txt", "side\n");
        sandbox.commit("on the side");
        sandbox.git(&["checkout", "-q", "main"]);
        sandbox.git(&["merge", "-q", "--no-ff", "-m", "joined", "side"]);
        sandbox.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "joined again"]);
        let expected = ["commit", "checkout", "commit", "checkout", "merge", "commit", "rewrite"];
        assert_eq!(kinds(sandbox), expected);
        let all = events(sandbox);
        assert_eq!(all[0]["text"], "a subject");
        assert_eq!(all[0]["commit"], commit);
        assert_eq!(all[0]["branch"], "main");
        assert_eq!([&all[0]["files"], &all[0]["lines_added"], &all[0]["lines_removed"]], [2, 3, 1]);
        assert_eq!(all[1]["branch"], "side");
        assert_eq!(all[1]["from"], commit);
        assert_eq!(all[4]["text"], "joined");
        assert_eq!(all[6]["by"], "amend");
        assert_eq!(all[6]["pairs"][0][1], sandbox.git(&["rev-parse", "HEAD"]));
        let _ = sandbox.ckpt(&["hooks", "status"]).succeeds().says("3 runs").does_not_say("failure");
        assert_eq!(sandbox.git(&["fsck", "--strict", "--no-dangling"]), "");
    });
}

#[test]
fn a_probe_arrives_through_git_and_runs_nothing_else() {
    with_each_git(|sandbox| {
        let _ = sandbox.ckpt(&["hooks", "test"]).ends_with(1).says("did not arrive").warns("ckpt hooks install");
        write_hook(&hook_path(sandbox, "post-commit"), "#!/bin/sh\ntouch ran\n", 0o755);
        let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
        let _ = sandbox.ckpt(&["hooks", "test"]).succeeds().says("arrived").does_not_say("did not");
        assert!(!sandbox.exists("ran") && events(sandbox).is_empty());
        fs::remove_file(hook_path(sandbox, "post-merge")).unwrap();
        let document = sandbox.ckpt(&["hooks", "test", "--json"]).ends_with(1).json();
        assert_eq!(document["schema"], "ckpt.hooks/1");
        let arrived: Vec<_> =
            document["hooks"].as_array().unwrap().iter().map(|hook| hook["arrived"].clone()).collect();
        assert_eq!(arrived, [true, true, false, true]);
        sandbox.write("a.txt", "changed\n");
        sandbox.commit("second");
        assert!(sandbox.exists("ran"), "the user's own hook runs as before");
    });
}

#[test]
fn a_git_that_cannot_run_hooks_by_name_is_probed_all_the_same() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    let path = std::env::var_os("PATH").unwrap();
    let real = std::env::split_paths(&path).map(|folder| folder.join("git")).find(|path| path.exists()).unwrap();
    let script = format!(
        "#!/bin/sh\nfor word do [ \"$word\" != hook ] || {{ echo \"git: 'hook' is not a git command.\" >&2; exit 1; }}; \
         done\nexec '{}' \"$@\"\n",
        real.display()
    );
    write_hook(&sandbox.root().join("old/git"), &script, 0o755);
    sandbox.set("PATH", &format!("{}:{}", sandbox.root().join("old").display(), std::env::var("PATH").unwrap()));
    let _ = sandbox.ckpt(&["hooks", "test"]).succeeds().does_not_say("did not");
    fs::remove_file(hook_path(&sandbox, "post-merge")).unwrap();
    let _ = sandbox.ckpt(&["hooks", "test"]).ends_with(1);
}

#[test]
fn each_switch_turns_them_off() {
    with_each_git(|sandbox| {
        let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
        let silent = |what: &str| {
            sandbox.commit(what);
            assert_eq!(kinds(sandbox), Vec::<String>::new(), "{what}");
            assert_eq!(note(sandbox, "HEAD"), "", "{what}");
        };
        let _ = sandbox.ckpt(&["hooks", "pause"]).succeeds().says("paused");
        silent("paused");
        let _ = sandbox.ckpt(&["hooks", "status"]).succeeds().says("paused").warns("ckpt hooks resume");
        let _ = sandbox.ckpt(&["hooks", "test"]).succeeds().says("they do nothing else");
        let _ = sandbox.ckpt(&["hooks", "resume"]).succeeds();
        sandbox.git(&["config", "ckpt.hooks", "off"]);
        silent("configured");
        assert_eq!(sandbox.ckpt(&["hooks", "status", "--json"]).succeeds().json()["off"], "configuration");
        sandbox.git(&["config", "--unset", "ckpt.hooks"]);
        let mut command = sandbox.command("git");
        command.args(["commit", "-q", "--allow-empty", "-m", "by variable"]).env("CKPT_HOOKS", "off");
        let _ = Outcome::of(&mut command).succeeds();
        assert_eq!(kinds(sandbox), Vec::<String>::new());
        sandbox.commit("on again");
        assert_eq!(kinds(sandbox), ["commit"]);
    });
}

#[test]
fn what_cannot_be_understood_is_refused_and_left_alone() {
    type Obstacle = (&'static str, fn(&Path));
    let obstacles: [Obstacle; 6] = [
        ("python3", |path| write_hook(path, "#!/usr/bin/env python3\nprint()\n", 0o755)),
        ("no text", |path| write_hook(path, "\u{7f}ELF\0\0", 0o755)),
        ("counterpart", |path| write_hook(path, "#!/bin/sh\n# >>> ckpt 00000000 in >>>\necho mine\n", 0o755)),
        ("not executable", |path| write_hook(path, "#!/bin/sh\necho dormant\n", 0o644)),
        ("link", |path| symlink("../../a.txt", path).unwrap()),
        ("no file", |path| fs::create_dir(path).unwrap()),
    ];
    for (said, make) in obstacles {
        let sandbox = Sandbox::new();
        make(&hook_path(&sandbox, "post-merge"));
        let before = git_folder(&sandbox);
        let _ = sandbox.ckpt(&["hooks", "install"]).ends_with(1).warns(said).warns("ckpt hook-run post-merge");
        before.must_equal(&git_folder(&sandbox), said);
        let _ = sandbox.ckpt(&["hooks", "status"]).succeeds();
        let failure = sandbox.ckpt(&["hooks", "install", "--json"]).ends_with(1).json();
        assert_eq!(failure["code"], "hook-refused");
    }
}

#[test]
fn a_block_with_foreign_lines_in_it_is_not_removed() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    let path = hook_path(&sandbox, "post-commit");
    let text = fs::read_to_string(&path).unwrap().replace("# <<<", "echo mine\n# <<<");
    fs::write(&path, &text).unwrap();
    let _ = sandbox.ckpt(&["hooks", "remove"]).ends_with(1).warns("changed by hand");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert!(hook_path(&sandbox, "post-merge").exists(), "all of them or none");
}

/// Commits in a sandbox whose hooks meet trouble; git may not notice.
fn commits_unharmed(sandbox: &Sandbox, trouble: &str) {
    sandbox.write("a.txt", trouble);
    sandbox.git(&["add", "-A"]);
    let outcome = sandbox.try_git(&["commit", "-q", "-m", trouble]);
    assert!(outcome.stdout().is_empty() && outcome.stderr().is_empty(), "{trouble}: {}", outcome.describe());
    let _ = outcome.succeeds();
    let _ = sandbox.try_git(&["checkout", "-q", "-B", "other"]).succeeds().prints_nothing();
    let _ = sandbox.try_git(&["commit", "-q", "--amend", "--allow-empty", "-m", "amended"]).succeeds().prints_nothing();
    let _ = sandbox.try_git(&["checkout", "-q", "main"]).succeeds().prints_nothing();
    let _ = sandbox.try_git(&["merge", "-q", "--no-ff", "-m", "merge", "-X", "ours", "other"]).succeeds();
}

#[test]
fn git_never_notices_that_something_is_wrong() {
    type Trouble = (&'static str, fn(&Sandbox));
    let troubles: [Trouble; 7] = [
        ("ckpt's folder is a file", |sandbox| {
            fs::remove_dir_all(sandbox.git_dir().join("ckpt")).unwrap();
            fs::write(sandbox.git_dir().join("ckpt"), "").unwrap();
        }),
        ("the session is gone", |sandbox| {
            let path = sandbox.git_dir().join("refs/ckpt/sessions/main");
            fs::write(path, format!("{}\n", "1".repeat(40))).unwrap();
        }),
        ("the notes are gone", |sandbox| {
            fs::create_dir_all(sandbox.git_dir().join("refs/notes")).unwrap();
            fs::write(sandbox.git_dir().join("refs/notes/ckpt"), format!("{}\n", "1".repeat(40))).unwrap();
        }),
        ("the notes are locked", |sandbox| {
            fs::create_dir_all(sandbox.git_dir().join("refs/notes")).unwrap();
            fs::write(sandbox.git_dir().join("refs/notes/ckpt.lock"), "").unwrap();
        }),
        ("the journal is a folder", |sandbox| {
            fs::create_dir_all(sandbox.git_dir().join("ckpt/journal/main.jsonl")).unwrap();
        }),
        ("the clock stands before the beginning", |sandbox| sandbox.at("1850-01-01T00:00:00Z")),
        ("the record is rubbish", |sandbox| {
            fs::write(sandbox.git_dir().join("ckpt/hooks/runs.json"), "\0rubbish").unwrap();
            fs::write(sandbox.git_dir().join("ckpt/hooks/installed.toml"), "rubbish").unwrap();
        }),
    ];
    for (what, make) in troubles {
        if ["the session is gone", "the notes are gone", "the notes are locked"].contains(&what)
            && passes_by(&[Kind::Reftable, Kind::Both], "no ref is a file there")
        {
            continue;
        }
        let sandbox = Sandbox::new();
        sandbox.save(&["good"]);
        let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
        make(&sandbox);
        commits_unharmed(&sandbox, what);
    }
}

#[test]
fn what_went_wrong_is_told_by_the_status() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
    fs::create_dir_all(sandbox.git_dir().join("ckpt/journal/main.jsonl")).unwrap();
    sandbox.commit("second");
    let _ = sandbox.ckpt(&["hooks", "status"]).succeeds().says("1 failure").says("Last failure of post-commit");
    assert_ne!(note(&sandbox, "HEAD"), "", "one step that fails keeps none of the others from being done");
}

#[test]
fn a_program_that_is_gone_is_told_and_harms_nothing() {
    let sandbox = Sandbox::new();
    let copy = sandbox.root().join("it's here/ckpt");
    fs::create_dir(copy.parent().unwrap()).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_ckpt"), &copy).unwrap();
    let _ = Outcome::of(sandbox.command(&copy).args(["hooks", "install"])).succeeds();
    sandbox.commit("second");
    assert_eq!(kinds(&sandbox), ["commit"]);
    let _ = sandbox.ckpt(&["hooks", "status"]).succeeds().says("outdated");
    fs::remove_file(&copy).unwrap();
    commits_unharmed(&sandbox, "gone");
    let _ = sandbox.ckpt(&["hooks", "status"]).succeeds().says("its ckpt is gone").warns("ckpt hooks install");
    let _ = sandbox.ckpt(&["hooks", "install"]).succeeds().says("brought up to date");
    sandbox.commit("third");
    assert_eq!(kinds(&sandbox), ["commit", "commit"]);
}

#[test]
fn the_entry_never_fails_whatever_it_is_told() {
    let sandbox = Sandbox::new();
    for arguments in
        [&["hook-run"][..], &["hook-run", "pre-push", "x"], &["hook-run", "post-checkout"], &["hook-run", "--help"]]
    {
        let _ = sandbox.ckpt(arguments).succeeds().prints_nothing();
    }
    let empty = Sandbox::empty();
    let _ = empty.ckpt(&["hook-run", "post-commit"]).succeeds().prints_nothing();
    let unborn = Sandbox::unborn();
    let _ = unborn.ckpt(&["hook-run", "post-commit"]).succeeds().prints_nothing();
    assert!(events(&sandbox).is_empty());
}

#[test]
fn each_action_answers_with_one_document_and_has_help() {
    let sandbox = Sandbox::new();
    for action in ["install", "status", "test", "pause", "resume", "remove"] {
        let document = sandbox.ckpt(&["hooks", action, "--json"]).succeeds().json();
        assert_eq!((&document["schema"], &document["action"]), (&"ckpt.hooks/1".into(), &action.into()));
        let _ = sandbox.ckpt(&["hooks", action, "--help"]).succeeds();
    }
    let help = sandbox.ckpt(&["hooks", "--help"]).succeeds().says("Example:").stdout();
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    let _ = sandbox.ckpt(&["--help"]).succeeds().says("hooks").does_not_say("hook-run");
    let _ = sandbox.ckpt(&["hooks", "instal"]).ends_with(2).warns("install");
}

#[test]
fn input_that_never_ends_does_not_hold_up_git() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.ckpt_command(&["hook-run", "post-rewrite", "amend"]);
    let started = std::time::Instant::now();
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let held = child.stdin.take();
    assert!(child.wait().unwrap().success());
    drop(held);
    assert!(started.elapsed().as_secs() < 20);
}
