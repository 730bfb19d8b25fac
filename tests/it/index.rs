//! The staging area: stages, flags, and the odd forms of the index file.

use crate::sandbox::Sandbox;
use crate::sandbox::repository::index_entries;

/// Saves, ruins the index, loads, and wants it back.
#[track_caller]
fn comes_back(sandbox: &Sandbox) {
    let (picture, index) = (sandbox.picture(), index_entries(sandbox));
    sandbox.save(&["point"]);
    sandbox.git(&["read-tree", "--empty"]);
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    picture.must_equal(&sandbox.picture(), "files");
    assert_eq!(index, index_entries(sandbox));
    sandbox.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn staged_and_unstaged_changes_of_one_file() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "staged\n");
    sandbox.git(&["add", "a.txt"]);
    sandbox.write("a.txt", "not staged\n");
    sandbox.write("new.txt", "staged and gone\n");
    sandbox.git(&["add", "new.txt"]);
    sandbox.remove("new.txt");
    comes_back(&sandbox);
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "MM a.txt\nAD new.txt");
}

#[test]
fn untracked_files_do_not_come_back_staged() {
    let sandbox = Sandbox::new();
    sandbox.write("new.txt", "untracked\n");
    comes_back(&sandbox);
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "?? new.txt");
}

#[test]
fn flags() {
    let sandbox = Sandbox::new();
    sandbox.write("later.txt", "intended\n");
    sandbox.git(&["add", "-N", "later.txt"]);
    sandbox.git(&["update-index", "--assume-unchanged", "run.sh"]);
    sandbox.git(&["update-index", "--skip-worktree", "src/main.rs"]);
    comes_back(&sandbox);
    let flags = index_entries(&sandbox).iter().fold(0, |all, (_, flags)| all | flags);
    assert_eq!(flags, 0x6000_8000, "all three flags");
}

#[test]
fn what_is_intended_to_be_added_is_a_program_or_a_link_again() {
    let sandbox = Sandbox::new();
    sandbox.write("tool", "#!/bin/sh\n");
    sandbox.chmod("tool", 0o755);
    sandbox.link("link", "tool");
    sandbox.git(&["add", "-N", "tool", "link"]);
    comes_back(&sandbox);
    let modes = index_entries(&sandbox).into_iter().filter(|(_, flags)| *flags != 0);
    let modes: Vec<_> = modes.map(|(line, _)| line[..6].to_vec()).collect();
    assert_eq!(modes, [b"120000", b"100755"]);
}

#[test]
fn a_real_merge_conflict() {
    let sandbox = Sandbox::disagreeing();
    let _ = sandbox.try_git(&["merge", "-q", "side"]).ends_with(1);
    let (picture, index) = (sandbox.picture(), index_entries(&sandbox));
    let merge_head = sandbox.read(".git/MERGE_HEAD");
    let _ = sandbox.ckpt(&["save", "conflict"]).succeeds();
    sandbox.git(&["merge", "--abort"]);
    let _ = sandbox.ckpt(&["load", "conflict", "--operation", "--yes"]).succeeds();
    picture.must_equal(&sandbox.picture(), "files");
    assert_eq!(index, index_entries(&sandbox));
    assert_eq!(sandbox.read(".git/MERGE_HEAD"), merge_head);
    sandbox.write("a.txt", "both\n");
    sandbox.git(&["add", "a.txt"]);
    sandbox.git(&["commit", "-q", "-m", "merged"]);
    assert_eq!(sandbox.git(&["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 3);
}

#[test]
fn a_sparse_checkout_is_no_mass_deletion() {
    let sandbox = Sandbox::new();
    sandbox.write("docs/guide.md", "guide\n");
    sandbox.commit("docs");
    sandbox.git(&["sparse-checkout", "set", "--cone", "--no-sparse-index", "src"]);
    assert!(!sandbox.exists("docs/guide.md"));
    let id = sandbox.save(&["sparse"]);
    assert_eq!(sandbox.git(&["show", &format!("{id}:docs/guide.md")]), "guide");
    assert_eq!(sandbox.git(&["diff", "--name-status", "HEAD", &id]), "");
    sandbox.write("src/main.rs", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "sparse", "--yes"]).succeeds();
    assert!(!sandbox.exists("docs/guide.md"), "a load must not fill a sparse checkout");
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
}

#[test]
fn odd_forms_of_the_index_file() {
    let forms: [(&str, &[&[&str]]); 4] = [
        ("version 4", &[&["update-index", "--index-version", "4"]]),
        ("split", &[&["update-index", "--split-index"]]),
        ("untracked cache", &[&["update-index", "--force-untracked-cache"], &["status"]]),
        ("many threads", &[&["config", "index.threads", "2"], &["update-index", "--refresh"]]),
    ];
    for (form, commands) in forms {
        let sandbox = Sandbox::new();
        for command in commands {
            sandbox.git(command);
        }
        sandbox.write("a.txt", "staged\n");
        sandbox.git(&["add", "a.txt"]);
        sandbox.write("new.txt", "new\n");
        let (picture, state, index) = (sandbox.picture(), sandbox.repository(), index_entries(&sandbox));
        sandbox.save(&["point"]);
        state.must_equal(&sandbox.repository(), form);
        assert_eq!(sandbox.git(&["show", "refs/ckpt/names/point^2:a.txt"]), "staged", "{form}");
        sandbox.write("a.txt", "wrecked\n");
        sandbox.git(&["add", "-A"]);
        let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
        picture.must_equal(&sandbox.picture(), form);
        assert_eq!(index, index_entries(&sandbox), "{form}");
    }
}

#[test]
fn no_index_file_at_all() {
    let sandbox = Sandbox::unborn();
    sandbox.write("a.txt", "alpha\n");
    let id = sandbox.save(&["point"]);
    assert!(!sandbox.git_dir().join("index").exists());
    assert_eq!(sandbox.git(&["ls-tree", "-r", "--name-only", &id]), "a.txt");
}
