//! Getting work out of a checkpoint with git alone.

use std::fs;

use crate::sandbox::{Picture, Sandbox};

/// A work tree with something staged, something not, something new and something deleted; and its checkpoint.
fn busy() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "staged\n");
    sandbox.git(&["add", "a.txt"]);
    sandbox.write("a.txt", "staged\nand more\n");
    sandbox.write("new/file.txt", "new\n");
    sandbox.remove("src");
    let id = sandbox.save(&["busy", "-m", "half way"]);
    (sandbox, id)
}

/// Throws the unfinished work away.
fn reset(sandbox: &Sandbox) {
    sandbox.git(&["reset", "-q", "--hard"]);
    sandbox.git(&["clean", "-q", "-fd"]);
}

#[test]
fn stash_apply_with_the_index_brings_both_trees_back() {
    let (sandbox, id) = busy();
    let (picture, status) = (sandbox.picture(), sandbox.git(&["status", "--porcelain"]));
    reset(&sandbox);
    sandbox.git(&["stash", "apply", "-q", "--index", &id]);
    picture.must_equal(&sandbox.picture(), "after `git stash apply --index`");
    let staged = sandbox.git(&["show", ":a.txt"]);
    assert_eq!(staged, "staged");
    // A stash holds untracked files in a third parent; ours are in W itself, so git brings them back as added.
    let comparable = |text: &str| text.replace("??", "A ").replace("new/file.txt", "new/");
    let now = sandbox.git(&["status", "--porcelain"]);
    let mut lines: [Vec<_>; 2] = [&status, &now].map(|text| comparable(text).lines().map(str::to_owned).collect());
    lines.iter_mut().for_each(|lines| lines.sort());
    assert_eq!(lines[0], lines[1], "before:\n{status}\nafter:\n{now}");
}

#[test]
fn stash_apply_without_the_index_brings_the_files_back() {
    let (sandbox, id) = busy();
    let picture = sandbox.picture();
    reset(&sandbox);
    sandbox.git(&["stash", "apply", "-q", &id]);
    picture.must_equal(&sandbox.picture(), "after `git stash apply`");
}

#[test]
fn the_commits_have_the_shape_of_a_stash_entry() {
    let (sandbox, id) = busy();
    let head = sandbox.git(&["rev-parse", "HEAD"]);
    assert_eq!(sandbox.git(&["rev-parse", &format!("{id}^1")]), head);
    assert_eq!(sandbox.git(&["rev-parse", &format!("{id}^2^1")]), head);
    assert_eq!(sandbox.git(&["show", &format!("{id}^2:a.txt")]), "staged");
    let meta = sandbox.git(&["show", &format!("{id}^2^2:meta.toml")]);
    assert!(meta.lines().next().unwrap().starts_with("version"), "{meta}");
    assert!(meta.lines().nth(1).unwrap().starts_with("revision"), "{meta}");
    assert_eq!(sandbox.git(&["rev-list", "--count", "--first-parent", &format!("{id}^2^2")]), "1");
}

#[test]
fn diff_and_show_tell_what_changed() {
    let (sandbox, id) = busy();
    let names = sandbox.git(&["diff", "--name-status", "HEAD", &id]);
    assert_eq!(names, "M\ta.txt\nA\tnew/file.txt\nD\tsrc/main.rs");
    let subject = sandbox.git(&["show", "-s", "--format=%s", &id]);
    assert_eq!(subject, "half way");
    sandbox.write("a.txt", "later\n");
    let second = sandbox.save(&[]);
    assert_eq!(sandbox.git(&["diff", "--name-only", &id, &second]), "a.txt");
}

#[test]
fn checkout_takes_single_paths() {
    let (sandbox, id) = busy();
    reset(&sandbox);
    sandbox.git(&["checkout", &id, "--", "new/file.txt", "a.txt"]);
    assert_eq!(sandbox.read("new/file.txt"), b"new\n");
    assert_eq!(sandbox.read("a.txt"), b"staged\nand more\n");
    assert!(sandbox.exists("src/main.rs"));
}

#[test]
fn a_worktree_can_stand_on_a_checkpoint() {
    let (sandbox, id) = busy();
    let picture = sandbox.picture();
    sandbox.git(&["worktree", "add", "-q", "--detach", "../elsewhere", &id]);
    picture.must_equal(&Picture::of(&sandbox.root().join("elsewhere")), "in the new work tree");
}

#[test]
fn a_point_before_the_first_commit_works_too() {
    let sandbox = Sandbox::unborn();
    sandbox.write("a.txt", "alpha\n");
    sandbox.git(&["add", "a.txt"]);
    sandbox.write("b.txt", "beta\n");
    let id = sandbox.save(&[]);
    assert_eq!(sandbox.git(&["ls-tree", "-r", "--name-only", &id]), "a.txt\nb.txt");
    assert_eq!(sandbox.git(&["ls-tree", "-r", "--name-only", &format!("{id}^1")]), "a.txt");
    sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn every_ref_is_a_commit_and_a_checkpoint_is_called_by_its_hash() {
    let (sandbox, id) = busy();
    sandbox.write("a.txt", "again\n");
    sandbox.save(&["second"]);
    sandbox.ckpt(&["load", "busy", "--yes"]).succeeds();
    let listing =
        sandbox.git(&["for-each-ref", "--format=%(objecttype) %(refname) %(objectname)", "refs/ckpt", "refs/worktree"]);
    assert!(listing.contains(&format!("commit refs/ckpt/checkpoints/{id} {id}")), "{listing}");
    assert!(listing.contains(&format!("commit refs/ckpt/names/busy {id}")), "{listing}");
    for line in listing.lines() {
        let mut words = line.split(' ');
        let (kind, name, target) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        assert_eq!(kind, "commit", "{line}");
        if let Some(hash) = name.strip_prefix("refs/ckpt/checkpoints/") {
            assert_eq!(hash, target);
        }
        let parts = name.strip_prefix("refs/ckpt/").map(|rest| rest.split('/').count());
        assert!(parts.is_none_or(|count| count == 2), "`{name}` should have two levels");
    }
}

#[test]
fn the_user_s_log_and_status_show_nothing_of_it() {
    let (sandbox, _) = busy();
    assert_eq!(sandbox.git(&["log", "--oneline", "--branches", "--tags"]).lines().count(), 1);
    assert!(!sandbox.git(&["status", "--porcelain", "--ignored"]).contains("ckpt"));
    assert_eq!(sandbox.git(&["stash", "list"]), "");
}

#[test]
fn a_clone_that_asks_for_the_refs_has_the_work() {
    let (sandbox, id) = busy();
    let work = sandbox.work();
    let copy = sandbox.root().join("copy");
    sandbox.git(&["clone", "-q", "--no-local", work.to_str().unwrap(), copy.to_str().unwrap()]);
    let copy_text = copy.to_str().unwrap();
    sandbox.git(&["-C", copy_text, "fetch", "-q", "origin", "refs/ckpt/*:refs/ckpt/*"]);
    sandbox.git(&["-C", copy_text, "fsck", "--strict", "--no-dangling"]);
    sandbox.git(&["-C", copy_text, "stash", "apply", "-q", "--index", &id]);
    assert_eq!(fs::read(copy.join("new/file.txt")).unwrap(), b"new\n");
    sandbox.ckpt_in("copy", &["show", "busy"]).succeeds().says("half way");
}
