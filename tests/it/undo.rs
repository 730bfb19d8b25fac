//! `ckpt undo`, `ckpt redo`, `ckpt operations`, `ckpt recover`.

use crate::sandbox::Sandbox;
use crate::sandbox::repository::index_entries;
use crate::sandbox::user::User;

#[test]
fn undo_and_redo_at_any_depth() {
    let sandbox = Sandbox::new();
    let mut states = Vec::new();
    for number in 0..4 {
        sandbox.write("a.txt", format!("state {number}\n"));
        sandbox.write(format!("file{number}.txt"), "x");
        sandbox.save(&[&format!("point{number}")]);
        states.push(sandbox.picture());
    }
    let order = [3, 0, 2, 1];
    for point in &order[1..] {
        let _ = sandbox.ckpt(&["load", &format!("point{point}"), "--yes"]).succeeds();
        states[*point].must_equal(&sandbox.picture(), "load");
    }
    for point in [2, 0, 3] {
        let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
        states[point].must_equal(&sandbox.picture(), "undo");
    }
    let _ = sandbox.ckpt(&["undo", "--yes"]).ends_with(1).warns("nothing to undo");
    for point in [0, 2, 1] {
        let _ = sandbox.ckpt(&["redo", "--yes"]).succeeds();
        states[point].must_equal(&sandbox.picture(), "redo");
    }
    let _ = sandbox.ckpt(&["redo", "--yes"]).ends_with(1).warns("nothing to redo");
}

#[test]
fn work_done_after_a_load_is_not_lost_by_undo_and_redo() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    sandbox.write("a.txt", "valuable edit after the load\n");
    sandbox.write("valuable.txt", "more\n");
    let edited = sandbox.picture();
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"wrecked\n");
    let saved = sandbox.ckpt(&["list", "--safety", "--json"]).succeeds().json();
    let ids: Vec<_> = saved["points"].as_array().unwrap().iter().map(|point| point["id"].as_str().unwrap()).collect();
    let holder =
        ids.iter().find(|id| sandbox.try_git(&["cat-file", "-e", &format!("{id}:valuable.txt")]).code() == Some(0));
    let holder = holder.expect("no checkpoint holds the edit");
    let _ = sandbox.ckpt(&["load", holder, "--yes"]).succeeds();
    edited.must_equal(&sandbox.picture(), "the edit");
}

#[test]
fn a_drop_is_undone() {
    let sandbox = Sandbox::new();
    let id = sandbox.save(&["point"]);
    let _ = sandbox.ckpt(&["drop", "point", "--yes"]).succeeds();
    let _ = sandbox.ckpt(&["show", "point"]).ends_with(1);
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt/checkpoints", "refs/ckpt/names"]), "");
    sandbox.git(&["gc", "-q", "--prune=now"]);
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(sandbox.git(&["rev-parse", "refs/ckpt/names/point"]), id);
    let _ = sandbox.ckpt(&["show", "point"]).succeeds();
}

#[test]
fn the_index_is_undone_too() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    sandbox.write("a.txt", "staged wreck\n");
    sandbox.git(&["add", "a.txt"]);
    let index = index_entries(&sandbox);
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    assert_ne!(index, index_entries(&sandbox));
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(index, index_entries(&sandbox));
}

#[test]
fn the_log_tells_what_was_done() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["operations"]).succeeds();
    sandbox.save(&["good"]);
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    let text = sandbox.ckpt(&["operations"]).succeeds().stdout();
    assert!(text.contains("load good") && text.contains("undo"), "{text}");
    let document = sandbox.ckpt(&["operations", "--json"]).succeeds().json();
    assert_eq!(document["schema"], "ckpt.operations/1");
}

#[test]
fn nothing_to_recover_is_said() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["recover", "--yes"]).ends_with(1).warns("nothing to recover");
    let _ = sandbox.ckpt(&["undo", "--yes"]).ends_with(1).warns("nothing to undo");
}

#[test]
fn what_cannot_be_read_is_named_by_whatever_leaves_it_alone() {
    let user = User { id: 65534, group: 65534, umask: "022" };
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    sandbox.write("a.txt", "other\n");
    sandbox.write("closed/file", "whose?\n");
    if !user.take(&sandbox) {
        return;
    }
    sandbox.chmod("closed", 0);
    let _ =
        user.ckpt(&sandbox, &["load", "good", "--yes"]).succeeds().says("left alone:").says("closed: cannot be read");
    let _ = user.ckpt(&sandbox, &["undo", "--yes"]).succeeds().says("left alone:").says("closed: cannot be read");
    assert_eq!(sandbox.read("a.txt"), b"other\n");
}
