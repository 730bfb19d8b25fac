//! What git itself would build of a work tree: a copy of the index with its mtime kept, `git add -A`, `git write-tree`.
//!
//! New objects go to a folder of their own, so that nothing is in the repository that ckpt did not put there.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use bstr::{BString, ByteSlice};

use crate::sandbox::repository::parse_index_listing;
use crate::sandbox::{Outcome, Sandbox};

/// The tree that git builds.
pub fn tree(sandbox: &Sandbox, has_flags: bool) -> String {
    tree_reading(sandbox, has_flags, [])
}

/// The tree that git builds if the stat data of these entries (`mode id stage<TAB>path`) are taken from the index, so that
/// it reads their files.
pub fn tree_reading<'e>(sandbox: &Sandbox, has_flags: bool, entries: impl IntoIterator<Item = &'e BString>) -> String {
    copy_index(sandbox);
    let lines: Vec<_> = entries.into_iter().cloned().collect();
    update_index(sandbox, &["-z", "--index-info"], &lines);
    if has_flags {
        clear_flags(sandbox);
    }
    forget_deleted_rules(sandbox);
    forget_below_loops(sandbox);
    // It ends with an error when something cannot be added (a nested repository without a commit) and adds the rest.
    let added = Outcome::of(git(sandbox).args(["add", "-A", "--sparse", "--ignore-errors"]));
    let understood = added.code() == Some(0) || added.stderr().contains("does not have a commit checked out");
    assert!(understood, "git cannot add this tree\n{}", added.describe());
    Outcome::of(git(sandbox).arg("write-tree")).succeeds().stdout().trim().to_owned()
}

/// The files of a tree: `mode blob id<TAB>path`, each ended by NUL.
pub fn list(sandbox: &Sandbox, tree: &str) -> Vec<u8> {
    Outcome::of(git(sandbox).args(["ls-tree", "-r", "-z", tree])).succeeds().stdout_bytes().to_vec()
}

/// The entries of the index as it is, with their stat data.
pub fn list_index(sandbox: &Sandbox) -> Vec<u8> {
    copy_index(sandbox);
    Outcome::of(git(sandbox).args(["ls-files", "-s", "-z", "--debug"])).succeeds().stdout_bytes().to_vec()
}

/// How two trees differ, with the beginnings of the blobs, for a failure's report.
pub fn describe_difference(sandbox: &Sandbox, git_tree: &str, ours: &str) -> String {
    let outcome = Outcome::of(git(sandbox).args(["diff-tree", "-r", git_tree, ours]));
    let mut text = outcome.describe();
    for line in outcome.stdout().lines().take(3) {
        let words: Vec<_> = line.split_whitespace().collect();
        for (side, id) in [("git ", words[2]), ("ours", words[3])] {
            let blob = Outcome::of(git(sandbox).args(["cat-file", "blob", id]));
            let bytes = &blob.stdout_bytes()[..blob.stdout_bytes().len().min(60)];
            text.push_str(&format!("\n{side} {:?}", bytes.as_bstr()));
        }
        text.push_str(&format!("  for {}", words[5..].join(" ")));
    }
    text
}

fn index_copy(sandbox: &Sandbox) -> std::path::PathBuf {
    sandbox.root().join("oracle-index")
}

fn copy_index(sandbox: &Sandbox) {
    let (index, copy) = (sandbox.git_dir().join("index"), index_copy(sandbox));
    let _ = fs::remove_file(&copy);
    if let Ok(data) = fs::metadata(&index) {
        fs::copy(&index, &copy).unwrap();
        File::options().write(true).open(&copy).unwrap().set_modified(data.modified().unwrap()).unwrap();
    }
}

fn git(sandbox: &Sandbox) -> Command {
    let objects = sandbox.root().join("oracle-objects");
    fs::create_dir_all(&objects).unwrap();
    let mut command = sandbox.command("git");
    command.args(["-c", "core.safecrlf=false", "-c", "core.splitIndex=false", "-c", "core.untrackedCache=false"]);
    command.env("GIT_INDEX_FILE", index_copy(sandbox)).env("GIT_OBJECT_DIRECTORY", objects);
    command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", sandbox.git_dir().join("objects"));
    command
}

/// Flags that hide a file's change from git do not hide it from a save. A missing file that is assumed unchanged is
/// gone; a missing one with skip-worktree is not.
fn clear_flags(sandbox: &Sandbox) {
    let listing = Outcome::of(git(sandbox).args(["ls-files", "-s", "-z", "--debug"])).succeeds();
    let entries = parse_index_listing(listing.stdout_bytes());
    let with = |flag: u32| entries.iter().filter(move |(_, flags)| flags & flag != 0).map(|(entry, _)| path_of(entry));
    let assumed: Vec<_> = with(0x8000).collect();
    let skipped: Vec<_> = with(0x4000_0000).filter(|path| sandbox.exists(path)).collect();
    clear_flag(sandbox, "--no-assume-unchanged", &assumed);
    clear_flag(sandbox, "--no-skip-worktree", &skipped);
}

/// Whether git obeys a `.gitattributes` that is deleted and still in the index hangs on the order of the paths, so the
/// deletion is made known first: what is not on disk does not count.
fn forget_deleted_rules(sandbox: &Sandbox) {
    let listing = Outcome::of(git(sandbox).args(["ls-files", "-s", "-z", "--debug"])).succeeds();
    let entries = parse_index_listing(listing.stdout_bytes());
    let paths = entries.iter().filter(|(_, flags)| flags & 0x4000_0000 == 0).map(|(entry, _)| path_of(entry));
    let is_rules = |path: &BString| path == ".gitattributes" || path.ends_with(b"/.gitattributes");
    let deleted: Vec<_> = paths.filter(|path| is_rules(path) && !sandbox.exists(path)).collect();
    clear_flag(sandbox, "--force-remove", &deleted);
}

/// Git cannot look below a link that leads to itself: it says so, and keeps what the index has there. There is nothing.
fn forget_below_loops(sandbox: &Sandbox) {
    const LOOP: Option<i32> = Some(40);
    let listing = Outcome::of(git(sandbox).args(["ls-files", "-s", "-z", "--debug"])).succeeds();
    let entries = parse_index_listing(listing.stdout_bytes());
    let paths = entries.iter().filter(|(_, flags)| flags & 0x4000_0000 == 0).map(|(entry, _)| path_of(entry));
    let is_below =
        |path: &BString| fs::symlink_metadata(sandbox.path(path)).is_err_and(|error| error.raw_os_error() == LOOP);
    clear_flag(sandbox, "--force-remove", &paths.filter(is_below).collect::<Vec<_>>());
}

fn clear_flag(sandbox: &Sandbox, option: &str, paths: &[BString]) {
    update_index(sandbox, &[option, "-z", "--stdin"], paths);
}

fn update_index(sandbox: &Sandbox, options: &[&str], lines: &[BString]) {
    if lines.is_empty() {
        return;
    }
    let list = sandbox.root().join("flagged");
    fs::write(&list, [lines.join(&b"\0"[..]), b"\0".to_vec()].concat()).unwrap();
    let mut command = git(sandbox);
    command.arg("update-index").args(options).stdin(Stdio::from(File::open(&list).unwrap()));
    let _ = Outcome::of(&mut command).succeeds();
}

fn path_of(entry: &BString) -> BString {
    let (_, path) = entry.split_once_str("\t").expect("an entry has a tab before its path");
    path.into()
}
