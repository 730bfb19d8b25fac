//! `ckpt name`, `ckpt rename`, `ckpt drop`.

use crate::sandbox::Sandbox;

fn target(sandbox: &Sandbox, name: &str) -> String {
    sandbox.git(&["rev-parse", "--verify", &format!("refs/ckpt/names/{name}")])
}

#[test]
fn naming_moving_and_renaming() {
    let sandbox = Sandbox::new();
    let first = sandbox.save(&[]);
    sandbox.write("a.txt", "second\n");
    let second = sandbox.save(&[]);
    let _ = sandbox.ckpt(&["name", &first[..8], "good"]).succeeds().mentions("good");
    assert_eq!(target(&sandbox, "good"), first);
    let _ = sandbox.ckpt(&["name", "@", "good"]).ends_with(1).warns("--move");
    assert_eq!(target(&sandbox, "good"), first);
    let _ = sandbox.ckpt(&["name", "@", "good", "--move"]).succeeds();
    assert_eq!(target(&sandbox, "good"), second);
    let _ = sandbox.ckpt(&["rename", "good", "better"]).succeeds();
    assert_eq!(target(&sandbox, "better"), second);
    let _ = sandbox.try_git(&["rev-parse", "--verify", "-q", "refs/ckpt/names/good"]).ends_with(1);
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(target(&sandbox, "good"), second);
}

#[test]
fn refusals() {
    let sandbox = Sandbox::new();
    let id = sandbox.save(&["one"]);
    let _ = sandbox.ckpt(&["rename", "absent", "x"]).ends_with(1).warns("absent");
    let _ = sandbox.ckpt(&["name", "absent", "x"]).ends_with(1).warns("absent");
    let _ = sandbox.ckpt(&["name", "one", "bad/name"]).ends_with(1).warns("bad/name");
    let _ = sandbox.ckpt(&["drop", "absent", "--yes"]).ends_with(1).warns("absent");
    let _ = sandbox.ckpt(&["drop", "--yes"]).ends_with(2);
    assert_eq!(target(&sandbox, "one"), id);
}

#[test]
fn dropping_several_leaves_the_others() {
    let sandbox = Sandbox::new();
    let ids: Vec<_> = ["one", "two", "three"]
        .iter()
        .map(|name| {
            sandbox.write("a.txt", name);
            sandbox.save(&[name])
        })
        .collect();
    let _ = sandbox.ckpt(&["drop", "one", "three", "--yes"]).succeeds();
    assert_eq!(sandbox.git(&["for-each-ref", "--format=%(objectname)", "refs/ckpt/checkpoints"]), ids[1]);
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "--yes"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"two");
    let _ = sandbox.ckpt(&["drop", "two", "absent", "--yes"]).ends_with(1);
    let _ = sandbox.ckpt(&["show", "two"]).succeeds();
}
