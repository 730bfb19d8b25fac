//! Repositories whose folders are not in the usual places.

use crate::sandbox::{Picture, Sandbox};

#[test]
fn linked_work_trees_have_points_of_their_own() {
    let sandbox = Sandbox::new();
    sandbox.git(&["worktree", "add", "-q", "../linked"]);
    sandbox.save(&["in-main"]);
    std::fs::write(sandbox.root().join("linked/a.txt"), "linked\n").unwrap();
    let _ = sandbox.ckpt_in("linked", &["save", "in-linked"]).succeeds();
    assert_eq!(sandbox.git(&["show", "refs/ckpt/names/in-linked:a.txt"]), "linked");
    let _ = sandbox.ckpt_in("linked", &["list"]).succeeds().says("in-linked").does_not_say("in-main");
    let _ = sandbox.ckpt(&["list"]).succeeds().says("in-main").does_not_say("in-linked");
    let _ = sandbox.ckpt(&["list", "--all-worktrees"]).succeeds().says("in-main").says("in-linked");
    let main = sandbox.picture();
    let linked = Picture::of(&sandbox.root().join("linked"));
    std::fs::write(sandbox.root().join("linked/a.txt"), "wrecked\n").unwrap();
    let _ = sandbox.ckpt_in("linked", &["load", "--yes"]).succeeds();
    linked.must_equal(&Picture::of(&sandbox.root().join("linked")), "the linked work tree");
    main.must_equal(&sandbox.picture(), "the main work tree");
    let _ = sandbox.ckpt(&["undo", "--yes"]).ends_with(1).warns("nothing to undo");
    let _ = sandbox.ckpt_in("linked", &["undo", "--yes"]).succeeds();
}

#[test]
fn a_git_folder_elsewhere() {
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q", "--separate-git-dir", "../elsewhere.git"]);
    sandbox.write("a.txt", "alpha\n");
    let before = sandbox.picture();
    let _ = sandbox.ckpt(&["save", "point"]).succeeds();
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    before.must_equal(&sandbox.picture(), "after the load");
    sandbox.git(&["--git-dir", "../elsewhere.git", "rev-parse", "--verify", "refs/ckpt/names/point"]);
}

#[test]
fn a_git_folder_inside_the_work_tree_is_never_saved_nor_loaded() {
    for folder in [".gitdata", "sub.git"] {
        let sandbox = Sandbox::empty();
        sandbox.git(&["init", "-q", "--separate-git-dir", folder]);
        sandbox.write("a.txt", "alpha\n");
        let _ = sandbox.ckpt(&["save", "point"]).succeeds();
        assert_eq!(sandbox.git(&["ls-tree", "--name-only", "refs/ckpt/names/point"]), "a.txt");
        sandbox.write("a.txt", "wrecked\n");
        sandbox.git(&["add", "a.txt"]);
        sandbox.git(&["commit", "-qm", "later"]);
        let later = sandbox.git(&["rev-parse", "HEAD"]);
        let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
        assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), later, "{folder}");
        assert_eq!(sandbox.git(&["fsck", "--no-dangling"]), "", "{folder}");
    }
}

#[test]
fn a_git_folder_behind_a_link_and_a_configured_work_tree() {
    let sandbox = Sandbox::new();
    std::fs::rename(sandbox.git_dir(), sandbox.root().join("real.git")).unwrap();
    sandbox.link(".git", "../real.git");
    let id = sandbox.save(&["point"]);
    assert_eq!(sandbox.git(&["ls-tree", "--name-only", &id]), "a.txt\nrun.sh\nsrc");
    let other = Sandbox::new();
    std::fs::create_dir(other.root().join("tree")).unwrap();
    std::fs::write(other.root().join("tree/there.txt"), "there\n").unwrap();
    other.git(&["config", "core.worktree", other.root().join("tree").to_str().unwrap()]);
    let id = other.ckpt_in("work/.git", &["save", "--json"]);
    if id.code() == Some(0) {
        let listing =
            other.git(&["--git-dir", other.git_dir().to_str().unwrap(), "ls-tree", "--name-only", &id.json_text("id")]);
        assert_eq!(listing, "there.txt");
    } else {
        let _ = id.ends_with(1);
    }
}

#[test]
fn a_shallow_clone_and_borrowed_objects() {
    let sandbox = Sandbox::new();
    sandbox.commit("second");
    let url = format!("file://{}", sandbox.work().display());
    sandbox.git(&["clone", "-q", "--depth", "1", &url, "../shallow"]);
    sandbox.git(&["clone", "-q", "--shared", sandbox.work().to_str().unwrap(), "../borrowed"]);
    for folder in ["shallow", "borrowed"] {
        std::fs::write(sandbox.root().join(folder).join("a.txt"), "work\n").unwrap();
        let _ = sandbox.ckpt_in(folder, &["save", "point"]).succeeds();
        std::fs::write(sandbox.root().join(folder).join("a.txt"), "wrecked\n").unwrap();
        let _ = sandbox.ckpt_in(folder, &["load", "point", "--yes"]).succeeds();
        assert_eq!(std::fs::read(sandbox.root().join(folder).join("a.txt")).unwrap(), b"work\n");
        sandbox.git(&["-C", sandbox.root().join(folder).to_str().unwrap(), "fsck", "--strict", "--no-dangling"]);
    }
}
