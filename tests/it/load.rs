//! `ckpt load`.

use crate::sandbox::repository::index_entries;
use crate::sandbox::{Picture, Sandbox};

fn wrecked() -> (Sandbox, Picture) {
    let sandbox = Sandbox::new();
    sandbox.write("new.txt", "new\n");
    sandbox.save(&["good", "-m", "all is well"]);
    let picture = sandbox.picture();
    sandbox.write("a.txt", "wrecked\n");
    sandbox.remove("src");
    sandbox.write("junk.txt", "junk\n");
    (sandbox, picture)
}

#[test]
fn a_load_brings_everything_back_and_shows_how_to_go_on() {
    let (sandbox, good) = wrecked();
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds().mentions("all is well");
    good.must_equal(&sandbox.picture(), "after the load");
}

#[test]
fn the_latest_point_is_the_default_and_safety_points_do_not_count() {
    let (sandbox, good) = wrecked();
    let _ = sandbox.ckpt(&["load", "--yes"]).succeeds();
    good.must_equal(&sandbox.picture(), "after the first load");
    sandbox.write("a.txt", "wrecked again\n");
    let _ = sandbox.ckpt(&["load", "--yes"]).succeeds();
    good.must_equal(&sandbox.picture(), "after the second load");
}

#[test]
fn without_a_terminal_it_wants_yes() {
    let (sandbox, _) = wrecked();
    let before = sandbox.picture();
    let _ = sandbox.ckpt(&["load", "good"]).ends_with(1).warns("--yes");
    before.must_equal(&sandbox.picture(), "nothing was confirmed");
}

#[test]
fn a_dry_run_plans_and_does_nothing() {
    let (sandbox, _) = wrecked();
    let (before, state, refs) = (sandbox.picture(), sandbox.repository(), sandbox.git(&["for-each-ref"]));
    let _ = sandbox.ckpt(&["load", "good", "--dry-run"]).succeeds().says("junk.txt");
    let document = sandbox.ckpt(&["load", "good", "--dry-run", "--json"]).succeeds().json();
    assert_eq!(document["dry_run"], true);
    assert_eq!(document["changes"]["deleted"], 1);
    before.must_equal(&sandbox.picture(), "files");
    state.must_equal(&sandbox.repository(), "the git folder");
    assert_eq!(refs, sandbox.git(&["for-each-ref"]), "a dry run takes no safety checkpoint");
}

#[test]
fn the_safety_checkpoint_holds_what_was_there() {
    let (sandbox, _) = wrecked();
    let document = sandbox.ckpt(&["load", "good", "--yes", "--json"]).succeeds().json();
    let safety = document["safety"].as_str().unwrap();
    assert_eq!(sandbox.git(&["show", &format!("{safety}:a.txt")]), "wrecked");
    assert_eq!(sandbox.git(&["show", &format!("{safety}:junk.txt")]), "junk");
}

#[test]
fn some_paths_alone() {
    let (sandbox, good) = wrecked();
    let _ = sandbox.ckpt(&["load", "good", "--yes", "--path", "src"]).succeeds();
    assert_eq!(sandbox.picture().get("src/main.rs"), good.get("src/main.rs"));
    assert_eq!(sandbox.read("a.txt"), b"wrecked\n");
    assert!(sandbox.exists("junk.txt"));
    let _ = sandbox.ckpt_in("work/src", &["load", "good", "--yes", "--path", "../a.txt"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"alpha\n");
    let _ = sandbox.ckpt(&["load", "good", "--yes", "--path", "absent"]).ends_with(1).warns("absent");
    let _ = sandbox.ckpt(&["load", "good", "--yes", "--path", "../../outside"]).ends_with(1);
}

#[test]
fn into_a_new_folder_leaves_this_one_alone() {
    let (sandbox, good) = wrecked();
    let before = sandbox.picture();
    let _ = sandbox.ckpt(&["load", "good", "--into", "../elsewhere"]).succeeds();
    good.must_equal(&Picture::of(&sandbox.root().join("elsewhere")), "in the new work tree");
    before.must_equal(&sandbox.picture(), "this work tree");
    assert_eq!(sandbox.git(&["worktree", "list"]).lines().count(), 2);
    let _ = sandbox.ckpt(&["load", "good", "--into", "../elsewhere"]).ends_with(1);
}

#[test]
fn an_ignored_file_that_the_point_knows_is_kept_first_and_named() {
    let sandbox = Sandbox::new();
    sandbox.write("settings.json", "tracked\n");
    sandbox.commit("settings");
    sandbox.save(&["good"]);
    sandbox.git(&["rm", "-q", "--cached", "settings.json"]);
    sandbox.write(".gitignore", "settings.json\n");
    sandbox.write("settings.json", "my own secret\n");
    let wreck = sandbox.picture();
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds().mentions("settings.json");
    assert_eq!(sandbox.read("settings.json"), b"tracked\n");
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    wreck.must_equal(&sandbox.picture(), "after the undo");
}

#[test]
fn ignored_files_stay() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", "build/\n*.log\n");
    sandbox.save(&["good"]);
    sandbox.write("build/out/lib.a", "built\n");
    sandbox.write("src/debug.log", "log\n");
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    assert_eq!(sandbox.read("build/out/lib.a"), b"built\n");
    assert_eq!(sandbox.read("src/debug.log"), b"log\n");
}

#[test]
fn an_overwritten_gitignore_makes_nothing_deletable_that_is_not_safe() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", "data/\n");
    sandbox.write("data/precious.bin", "precious\n");
    sandbox.commit("ignore data");
    sandbox.save(&["good"]);
    sandbox.write(".gitignore", "");
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    let safe = sandbox.exists("data/precious.bin");
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(sandbox.read("data/precious.bin"), b"precious\n", "kept by the load: {safe}");
}

#[test]
fn an_unchanged_tree_loads_without_a_touch() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    let before =
        (sandbox.picture(), crate::sandbox::picture::modification_times(&sandbox.work()), index_entries(&sandbox));
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    before.0.must_equal(&sandbox.picture(), "files");
    assert_eq!(before.1, crate::sandbox::picture::modification_times(&sandbox.work()));
    assert_eq!(before.2, index_entries(&sandbox));
}

#[test]
fn all_is_loaded_from_any_folder() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    let good = sandbox.picture();
    sandbox.write("a.txt", "wrecked\n");
    sandbox.write("src/main.rs", "wrecked\n");
    sandbox.write("deep/er/junk", "junk\n");
    let _ = sandbox.ckpt_in("work/deep/er", &["load", "good", "--yes"]).succeeds();
    good.must_equal(&sandbox.picture(), "after the load");
}

#[test]
fn hard_links_and_links_to_outside_are_never_written_through() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    let outside = sandbox.root().join("outside.txt");
    std::fs::write(&outside, "mine\n").unwrap();
    sandbox.remove("a.txt");
    std::fs::hard_link(&outside, sandbox.path("a.txt")).unwrap();
    let folder = sandbox.root().join("outside");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("main.rs"), "mine too\n").unwrap();
    sandbox.remove("src");
    sandbox.link("src", "../outside");
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    assert_eq!(std::fs::read(&outside).unwrap(), b"mine\n");
    assert_eq!(std::fs::read(folder.join("main.rs")).unwrap(), b"mine too\n");
    assert_eq!(sandbox.read("src/main.rs"), b"fn main() {}\n");
    assert_eq!(sandbox.read("a.txt"), b"alpha\n");
}
