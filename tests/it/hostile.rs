//! Checkpoints that ckpt did not make: hostile paths, links that lead out, formats of a newer ckpt.

use crate::forge::{edited_commit, forge, git_with, publish, tree};
use crate::sandbox::Sandbox;

#[test]
fn trees_with_hostile_names_are_refused_whole() {
    let names: [&[u8]; 17] = [
        b".git",
        b".GIT",
        b".Git",
        b"git~1",
        b"GIT~1",
        b".git ",
        b".git.",
        b".git::$INDEX_ALLOCATION",
        b"..",
        b".",
        b"",
        b"/etc",
        b"a/b",
        b"a\\b\\.git\\config",
        ".g\u{200c}it".as_bytes(),
        "\u{feff}.git".as_bytes(),
        b".git\\hooks",
    ];
    for name in names {
        let sandbox = Sandbox::new();
        sandbox.save(&["point"]);
        let blob = sandbox.git(&["rev-parse", "HEAD:a.txt"]);
        let inner = tree(&sandbox, &[("100644", b"config", &blob)]);
        let bad = tree(&sandbox, &[("40000", name, &inner), ("100644", b"zz.txt", &blob)]);
        forge(&sandbox, &bad);
        let (picture, state) = (sandbox.picture(), sandbox.repository());
        let outcome = sandbox.ckpt(&["load", "forged", "--yes"]);
        assert_eq!(outcome.code(), Some(4), "{:?}\n{}", bstr::BStr::new(name), outcome.describe());
        picture.must_equal(&sandbox.picture(), "a refused load");
        state.must_equal(&sandbox.repository(), "a refused load");
        let _ = sandbox.ckpt(&["list"]).succeeds().says("point");
    }
}

#[test]
fn what_a_load_would_refuse_is_never_saved() {
    let sandbox = Sandbox::new();
    // git on this system takes the first three; the last is refused by git as well.
    for name in [".g\u{200c}it/x", "sub/\u{feff}.Git", "back\\slash", "sub/git~1"] {
        sandbox.write(name, "here\n");
    }
    let saved = sandbox.ckpt(&["save", "point"]).succeeds();
    let _ = saved.says(".g\u{200c}it: git refuses this name").says("left out: 3 paths");
    sandbox.write("back\\slash", "changed\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    assert_eq!(sandbox.read("back\\slash"), b"here\n");
    for name in [".g\u{200c}it/x", "sub/\u{feff}.Git", "sub/git~1"] {
        assert!(sandbox.exists(name), "{name:?} is not in the checkpoint, so no load may touch it");
    }
}

#[test]
fn trees_of_a_bad_form_are_refused_whole() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let blob = sandbox.git(&["rev-parse", "HEAD:a.txt"]);
    let folder = tree(&sandbox, &[("100644", b"x", &blob)]);
    let forms: [&[(&str, &[u8], &str)]; 3] = [
        &[("100644", b"twice", &blob), ("100644", b"twice", &blob)],
        &[("100644", b"both", &blob), ("40000", b"both", &folder)],
        &[("104755", b"setuid", &blob)],
    ];
    for entries in forms {
        forge(&sandbox, &tree(&sandbox, entries));
        let before = sandbox.picture();
        let outcome = sandbox.ckpt(&["load", "forged", "--yes"]);
        assert_eq!(outcome.code(), Some(4), "{entries:?}\n{}", outcome.describe());
        before.must_equal(&sandbox.picture(), "a refused load");
    }
}

#[test]
fn a_file_through_a_link_of_the_same_tree_never_lands_outside() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let target = git_with(&sandbox, &["hash-object", "-w", "--stdin"], b"../outside");
    let blob = sandbox.git(&["rev-parse", "HEAD:a.txt"]);
    let folder = tree(&sandbox, &[("100644", b"planted", &blob)]);
    forge(&sandbox, &tree(&sandbox, &[("120000", b"door", &target), ("40000", b"door", &folder)]));
    std::fs::create_dir(sandbox.root().join("outside")).unwrap();
    let _ = sandbox.ckpt(&["load", "forged", "--yes", "--allow-links"]).ends_with(4);
    assert!(!sandbox.root().join("outside/planted").exists());
}

#[test]
fn a_point_made_by_a_newer_ckpt_is_refused_by_that_word() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let meta =
        sandbox.git(&["show", "refs/ckpt/names/point^2^2:meta.toml"]).replacen("version = 1", "version = 2", 1) + "\n";
    let blob = git_with(&sandbox, &["hash-object", "-w", "--stdin"], meta.as_bytes());
    let old_blob = sandbox.git(&["rev-parse", "refs/ckpt/names/point^2^2:meta.toml"]);
    assert_ne!(blob, old_blob, "meta.toml has no `version = 1`");
    let listing = sandbox.git(&["ls-tree", "refs/ckpt/names/point^2^2"]).replace(&old_blob, &blob) + "\n";
    let new_tree = git_with(&sandbox, &["mktree"], listing.as_bytes());
    let parts = ["^2^2", "^2", ""].map(|suffix| sandbox.git(&["rev-parse", &format!("refs/ckpt/names/point{suffix}")]));
    let old_tree = sandbox.git(&["rev-parse", "refs/ckpt/names/point^2^2^{tree}"]);
    let m = edited_commit(&sandbox, &parts[0], |text| text.replace(&old_tree, &new_tree));
    let i = edited_commit(&sandbox, &parts[1], |text| text.replace(&parts[0], &m));
    let w = edited_commit(&sandbox, &parts[2], |text| text.replace(&parts[1], &i));
    publish(&sandbox, &w);
    sandbox.write("a.txt", "here\n");
    let before = sandbox.picture();
    for arguments in [&["load", "forged", "--yes"][..], &["show", "forged"]] {
        let _ = sandbox.ckpt(arguments).ends_with(4).warns("newer");
    }
    before.must_equal(&sandbox.picture(), "a refused load");
    let _ = sandbox.ckpt(&["list"]).ends_orderly().says("point");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
}

#[test]
fn a_ref_that_names_something_else_is_no_checkpoint() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let head = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.git(&["update-ref", &format!("refs/ckpt/checkpoints/{}", "1".repeat(40)), &head]);
    sandbox.git(&["update-ref", &format!("refs/ckpt/checkpoints/{head}"), &head]);
    sandbox.git(&["update-ref", "refs/ckpt/names/fake", &head]);
    let _ = sandbox.ckpt(&["list"]).ends_orderly().says("point");
    sandbox.write("a.txt", "here\n");
    let before = sandbox.picture();
    let outcome = sandbox.ckpt(&["load", "fake", "--yes"]).ends_orderly();
    assert_ne!(outcome.code(), Some(0), "{}", outcome.describe());
    before.must_equal(&sandbox.picture(), "a refused load");
}

#[test]
fn programs_named_by_a_repository_file_do_not_run() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitattributes", "*.txt diff=evil filter=evil\n");
    sandbox.write(".gitconfig", "[filter \"evil\"]\n\tclean = touch ran\n");
    sandbox.write(".ckpt/config.toml", "version = 1\n[filter.evil]\nclean = \"touch ran\"\n");
    sandbox.write(".lfsconfig", "[lfs]\n\turl = ext::touch ran\n");
    sandbox.write("b.txt", "b\n");
    let _ = sandbox.ckpt(&["save", "point"]).ends_orderly();
    let _ = sandbox.ckpt(&["diff", "point"]).ends_orderly();
    assert!(!sandbox.exists("ran"));
}
