//! Damaged caches are worth nothing and cost nothing; damaged objects are named, and all else still works.

use std::fs;
use std::path::PathBuf;

use crate::sandbox::Sandbox;
use crate::sandbox::random::Random;
use crate::scene::Scene;

/// Every file below a folder called `cache` of our own.
fn cache_files(sandbox: &Sandbox) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(sandbox.git_dir().join("ckpt")).into_iter().map(|entry| entry.unwrap());
    let files = walk.filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path());
    files.filter(|path| path.components().any(|part| part.as_os_str() == "cache")).collect()
}

/// The tree that a save gives now.
fn saved_tree(sandbox: &Sandbox) -> String {
    let id = sandbox.save(&["--always"]);
    sandbox.git(&["rev-parse", &format!("{id}^{{tree}}")])
}

fn check_with(sandbox: &Sandbox, cache: &PathBuf, bytes: &[u8], tree: &str, why: &str) {
    fs::write(cache, bytes).unwrap();
    sandbox.ckpt(&["status"]).succeeds();
    fs::write(cache, bytes).unwrap();
    assert_eq!(saved_tree(sandbox), tree, "{why}");
}

#[test]
fn a_cache_may_be_cut_anywhere_or_hold_anything() {
    let sandbox = Sandbox::new();
    for number in 0..12 {
        sandbox.write(format!("folder{}/file{number}.txt", number % 3), number.to_string());
    }
    sandbox.save(&["good"]);
    let tree = saved_tree(&sandbox);
    let files = cache_files(&sandbox);
    assert!(!files.is_empty(), "there is no cache to damage");
    let mut random = Random::new(3);
    for cache in files {
        let whole = fs::read(&cache).unwrap();
        for length in (0..whole.len()).step_by((whole.len() / 40).max(1)) {
            check_with(&sandbox, &cache, &whole[..length], &tree, &format!("{cache:?} cut to {length} bytes"));
        }
        for round in 0..30 {
            let mut bytes = fs::read(&cache).unwrap();
            let place = random.below(bytes.len());
            bytes[place] ^= 1 << random.below(8);
            check_with(
                &sandbox,
                &cache,
                &bytes,
                &tree,
                &format!("{cache:?}, round {round}: a bit of byte {place} turned"),
            );
        }
        let noise = random.bytes(whole.len());
        check_with(&sandbox, &cache, &noise, &tree, &format!("{cache:?} full of noise"));
    }
    fs::remove_dir_all(sandbox.git_dir().join("ckpt")).unwrap();
    assert_eq!(saved_tree(&sandbox), tree, "without any cache");
    sandbox.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn a_cache_of_other_work_is_not_believed() {
    let (one, other) = (Sandbox::new(), Sandbox::new());
    other.write("a.txt", "something else\n");
    other.save(&[]);
    let tree = saved_tree(&one);
    for (cache, foreign) in cache_files(&one).iter().zip(cache_files(&other)) {
        fs::copy(foreign, cache).unwrap();
    }
    assert_eq!(saved_tree(&one), tree);
}

/// The files of `objects/` that came with the second of two saves.
fn second_save_objects(scene: &Scene) -> Vec<PathBuf> {
    let list = || -> Vec<PathBuf> {
        let walk =
            walkdir::WalkDir::new(scene.sandbox.git_dir().join("objects")).into_iter().map(|entry| entry.unwrap());
        walk.filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path()).collect()
    };
    let before = list();
    scene.sandbox.save(&["second"]);
    let after = list();
    after.into_iter().filter(|path| !before.contains(path)).collect()
}

#[test]
fn a_checkpoint_without_its_objects_is_named_and_the_others_are_listed() {
    let scene = Scene::new();
    for file in second_save_objects(&scene) {
        fs::remove_file(file).unwrap();
    }
    check_others_work(&scene);
}

#[test]
fn a_checkpoint_with_damaged_objects_is_named_and_the_others_are_listed() {
    let scene = Scene::new();
    for file in second_save_objects(&scene) {
        let mut permissions = fs::metadata(&file).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
        fs::set_permissions(&file, permissions).unwrap();
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    }
    check_others_work(&scene);
}

fn check_others_work(scene: &Scene) {
    scene.sandbox.ckpt(&["list"]).ends_orderly().says("good").warns("cannot be read");
    scene.sandbox.ckpt(&["show", "second"]).ends_with(4);
    scene.sandbox.ckpt(&["load", "second", "--yes"]).ends_with(4);
    scene.must_be_wreck("a refused load changes nothing");
    scene.sandbox.ckpt(&["load", "good", "--yes"]).ends_orderly();
    scene.must_be_good("the other checkpoint");
}

#[test]
fn a_checkpoint_that_lacks_one_file_is_refused_before_anything_moves() {
    let sandbox = Sandbox::new();
    sandbox.write("lost.txt", "a blob of its own\n");
    sandbox.save(&["point"]);
    sandbox.write("keep.txt", "later\n");
    sandbox.remove("lost.txt");
    let blob = sandbox.git(&["rev-parse", "refs/ckpt/names/point:lost.txt"]);
    lose_object(&sandbox, &blob);
    sandbox.write("lost.txt", "something else\n");
    let before = sandbox.picture();
    sandbox.ckpt(&["load", "point", "--yes"]).ends_with(4).mentions(&blob[..10]);
    before.must_equal(&sandbox.picture(), "a refused load changes nothing");
    assert!(!crate::scene::is_pending(&sandbox));
}

/// Takes one object away, whatever pack it is in.
fn lose_object(sandbox: &Sandbox, id: &str) {
    let packs = sandbox.root().join("packs");
    fs::create_dir(&packs).unwrap();
    let folder = sandbox.git_dir().join("objects/pack");
    let moved: Vec<_> = fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().file_name()).collect();
    for name in &moved {
        fs::rename(folder.join(name), packs.join(name)).unwrap();
    }
    for name in moved.iter().filter(|name| name.to_string_lossy().ends_with(".pack")) {
        let mut command = sandbox.command("git");
        command.args(["unpack-objects", "-q"]).stdin(fs::File::open(packs.join(name)).unwrap());
        assert!(command.status().unwrap().success());
    }
    fs::remove_file(sandbox.git_dir().join(format!("objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    assert!(sandbox.try_git(&["cat-file", "-e", id]).code() != Some(0), "the object is still there");
}
