//! Loads after HEAD has moved: no branch is ever moved.

use crate::sandbox::Sandbox;

/// A checkpoint on `main`, then one more commit there.
fn one_commit_later() -> (Sandbox, String, String) {
    let sandbox = Sandbox::new();
    let base = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.write("a.txt", "work\n");
    sandbox.git(&["add", "a.txt"]);
    sandbox.save(&["point"]);
    let tip = sandbox.commit("second");
    sandbox.write("a.txt", "later\n");
    (sandbox, base, tip)
}

#[test]
fn a_plain_load_leaves_head_and_says_how_far_it_is() {
    let (sandbox, _, tip) = one_commit_later();
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds().mentions("1 commit");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), tip);
    assert_eq!(sandbox.git(&["symbolic-ref", "HEAD"]), "refs/heads/main");
    assert_eq!(sandbox.read("a.txt"), b"work\n");
}

#[test]
fn with_head_and_a_moved_branch_it_detaches_at_the_base() {
    let (sandbox, base, tip) = one_commit_later();
    let _ = sandbox.ckpt(&["load", "point", "--head", "--yes"]).succeeds();
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), base);
    let _ = sandbox.try_git(&["symbolic-ref", "-q", "HEAD"]).ends_with(1);
    assert_eq!(sandbox.git(&["rev-parse", "main"]), tip, "the branch was moved");
    assert_eq!(sandbox.git(&["show", ":a.txt"]), "work", "the index belongs to HEAD again");
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(sandbox.git(&["symbolic-ref", "HEAD"]), "refs/heads/main");
    assert_eq!(sandbox.git(&["rev-parse", "main"]), tip);
    assert_eq!(sandbox.read("a.txt"), b"later\n");
}

#[test]
fn with_head_and_a_branch_that_stayed_it_goes_back_to_it() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "work\n");
    sandbox.save(&["point"]);
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    let side = sandbox.commit("on the side");
    let _ = sandbox.ckpt(&["load", "point", "--head", "--yes"]).succeeds();
    assert_eq!(sandbox.git(&["symbolic-ref", "HEAD"]), "refs/heads/main");
    assert_eq!(sandbox.git(&["rev-parse", "side"]), side);
    assert_eq!(sandbox.read("a.txt"), b"work\n");
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(sandbox.git(&["symbolic-ref", "HEAD"]), "refs/heads/side");
}

#[test]
fn a_detached_and_an_unborn_head_are_saved_and_loaded() {
    let sandbox = Sandbox::new();
    sandbox.git(&["checkout", "-q", "--detach"]);
    sandbox.write("a.txt", "detached\n");
    sandbox.save(&["detached"]);
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "detached", "--yes"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"detached\n");
    let unborn = Sandbox::unborn();
    unborn.write("a.txt", "first\n");
    unborn.git(&["add", "a.txt"]);
    unborn.save(&["unborn"]);
    unborn.write("a.txt", "wrecked\n");
    unborn.git(&["rm", "-q", "-f", "--cached", "a.txt"]);
    let _ = unborn.ckpt(&["load", "unborn", "--yes"]).succeeds();
    assert_eq!(unborn.read("a.txt"), b"first\n");
    assert_eq!(unborn.git(&["show", ":a.txt"]), "first");
}

#[test]
fn the_reflog_of_the_user_s_branches_stays() {
    let (sandbox, _, _) = one_commit_later();
    let before = sandbox.git(&["reflog", "show", "main"]);
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    assert_eq!(before, sandbox.git(&["reflog", "show", "main"]));
}
