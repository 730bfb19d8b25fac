use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::fixture::Fixture;
use super::*;
use crate::model::settings::AutoCrlf;

fn open(fixture: &Fixture, folder: &Path) -> Result<Store, StoreError> {
    Store::open(&fixture.environment(folder))
}

/// Git's own answers, to compare the layout with.
fn assert_layout_is_gits(fixture: &Fixture, folder: &Path) -> Layout {
    let layout = open(fixture, folder).unwrap().layout().clone();
    let ask = |question: &str| {
        let answer = fixture.git_in(folder, ["rev-parse", "--path-format=absolute", question]);
        Path::new(&answer).canonicalize().unwrap()
    };
    assert_eq!(layout.work_dir, ask("--show-toplevel"));
    assert_eq!(layout.git_dir, ask("--git-dir"));
    assert_eq!(layout.common_dir, ask("--git-common-dir"));
    let prefix = fixture.git_in(folder, ["rev-parse", "--show-prefix"]);
    assert_eq!(layout.prefix, prefix.trim_end_matches('/'));
    layout
}

#[test]
fn every_layout_is_found_as_git_finds_it() {
    let fixture = Fixture::with_commit();
    let beside = |name: &str| fixture.root.with_file_name(name);
    assert_layout_is_gits(&fixture, &fixture.root);
    let layout = assert_layout_is_gits(&fixture, &fixture.root.join("sub"));
    assert_eq!((layout.prefix.to_string().as_str(), layout.worktree_key.as_str()), ("sub", ""));
    assert!(!layout.own_dir.exists(), "opening writes nothing");

    fixture.git(["worktree", "add", "-q", "../linked"]);
    let layout = assert_layout_is_gits(&fixture, &beside("linked").join("sub"));
    assert_eq!(layout.worktree_key, "linked");
    assert!(layout.own_worktree_dir.ends_with(".git/ckpt/worktrees/linked"));

    fixture.git(["init", "-q", "--separate-git-dir=../elsewhere.git", "../separate"]);
    assert_layout_is_gits(&fixture, &beside("separate"));

    std::fs::create_dir(beside("by-link")).unwrap();
    std::os::unix::fs::symlink(beside("elsewhere.git"), beside("by-link").join(".git")).unwrap();
    assert_layout_is_gits(&fixture, &beside("by-link"));

    std::fs::create_dir(beside("other-tree")).unwrap();
    fixture.git(["config", "core.worktree", "../../other-tree"]);
    assert_eq!(open(&fixture, &fixture.root).unwrap().layout().work_dir, beside("other-tree"));
    assert_layout_is_gits(&fixture, &beside("linked"));
}

#[test]
fn a_path_that_is_no_unicode_works() {
    let fixture = Fixture::new();
    let root = fixture.root.with_file_name(OsStr::from_bytes(b"odd-\xff"));
    std::fs::rename(&fixture.root, &root).unwrap();
    std::fs::write(root.join("file"), "x\n").unwrap();
    fixture.git_in(&root, ["add", "file"]);
    let id = fixture.git_in(&root, ["rev-parse", ":file"]).parse().unwrap();
    assert_eq!(open(&fixture, &root).unwrap().read(&id).unwrap().bytes, b"x\n");
}

#[test]
fn what_is_no_work_tree_is_refused() {
    let fixture = Fixture::with_commit();
    let outside = fixture.root.parent().unwrap();
    assert!(matches!(open(&fixture, outside), Err(StoreError::NotARepository { .. })));
    for inside in [".git", ".git/refs/heads"] {
        let error = open(&fixture, &fixture.root.join(inside)).err();
        assert!(matches!(error, Some(StoreError::NotARepository { .. })), "{inside}");
    }
    fixture.git(["init", "-q", "--bare", "../bare"]);
    let bare = outside.join("bare");
    assert!(matches!(open(&fixture, &bare), Err(StoreError::Bare { .. })));
    assert!(matches!(open(&fixture, &bare.join("objects")), Err(StoreError::Bare { .. })));
    fixture.git(["config", "core.bare", "true"]);
    assert!(matches!(open(&fixture, &fixture.root), Err(StoreError::Bare { .. })));
}

#[test]
fn a_dead_linked_work_tree_does_not_answer_for_the_outer_repository() {
    let fixture = Fixture::with_commit();
    fixture.git(["worktree", "add", "-q", "inner"]);
    std::fs::remove_dir_all(fixture.root.join(".git/worktrees/inner")).unwrap();
    let error = open(&fixture, &fixture.root.join("inner/sub")).err();
    assert!(matches!(error, Some(StoreError::DeadWorktree { .. })), "{error:?}");
}

#[test]
fn formats_that_are_not_known_are_named() {
    let fixture = Fixture::new();
    for (key, value) in [("objectFormat", "sha512"), ("refStorage", "cards")] {
        let root = fixture.root.with_file_name(key);
        fixture.git(["init", "-q", root.to_str().unwrap()]);
        let config = root.join(".git/config");
        let text = format!("[core]\nrepositoryFormatVersion = 1\n[extensions]\n{key} = {value}\n");
        std::fs::write(config, text).unwrap();
        let error = open(&fixture, &root).err().unwrap();
        assert!(matches!(&error, StoreError::Unsupported { feature: named } if named.contains(value)), "{error}");
    }
    fixture.git(["config", "extensions.futureThing", "x"]);
    open(&fixture, &fixture.root).unwrap();
    fixture.git(["config", "core.repositoryFormatVersion", "1"]);
    let error = open(&fixture, &fixture.root).err().unwrap();
    assert!(error.to_string().contains("futurething"), "{error}");
}

#[test]
fn a_repository_of_another_user_is_refused() {
    let fixture = Fixture::with_commit();
    // Only root can make one; elsewhere there is nothing to test.
    if std::os::unix::fs::chown(&fixture.root, Some(4242), None).is_ok() {
        assert!(matches!(open(&fixture, &fixture.root), Err(StoreError::ForeignOwner { .. })));
    }
}

#[test]
fn settings_come_from_every_file_of_the_repository() {
    let fixture = Fixture::with_commit();
    for (key, value) in [
        ("core.fileMode", "false"),
        ("core.autocrlf", "input"),
        ("core.excludesFile", "~/ignored"),
        ("filter.lfs.clean", "git-lfs clean -- %f"),
        ("filter.lfs.required", "true"),
        ("filter.only.smudge", "cat"),
        ("user.name", "Ada <L>"),
        ("extensions.worktreeConfig", "true"),
        ("includeIf.onbranch:ma*.path", "more"),
        ("includeIf.gitdir:**/work/.path", "by-folder"),
        ("includeIf.gitdir:/nowhere/.path", "never"),
    ] {
        fixture.git(["config", key, value]);
    }
    fixture.git(["config", "--worktree", "core.eol", "crlf"]);
    std::fs::write(fixture.root.join(".git/more"), "[user]\n email = ada@example.org\n").unwrap();
    std::fs::write(fixture.root.join(".git/by-folder"), "[core]\n ignoreCase\n").unwrap();
    std::fs::write(fixture.root.join(".git/never"), "[core]\n symlinks = no\n").unwrap();
    let store = fixture.store();
    let settings = store.scan_settings().unwrap();
    assert!(!settings.trust_file_mode && settings.symlinks && settings.ignore_case);
    assert_eq!(settings.line_endings.autocrlf, AutoCrlf::Input);
    assert!(settings.line_endings.eol_crlf);
    let home = fixture.environment(&fixture.root).home();
    assert_eq!(settings.excludes_file, home.map(|home| home.join("ignored")));
    assert!(settings.attributes_file.unwrap().ends_with("git/attributes"));
    let filters: Vec<_> = settings.filters.iter().map(|(name, filter)| (name.as_str(), filter.required)).collect();
    assert_eq!(filters, [("lfs", true)]);
    assert_eq!(store.identity().unwrap(), ("Ada L".into(), "ada@example.org".into()));
}

#[test]
fn configuration_is_read_as_git_reads_it() {
    let fixture = Fixture::new();
    let text = "\u{feff}[a]\n x = 1 # no\n  y=\"q # ; q\" tail  ; no\n z\n[a \"Sub\\\\ \\\"S\"] V = a\\\\b\\t\\\"c\n\
                [Old.Sub] k = one\\\n   two\n w =   \n v = \"  keep \"  x  y \r\n[b]long-Name1 = \"\"\n; end";
    let path = fixture.root.join("odd.config");
    std::fs::write(&path, text).unwrap();
    let gits = fixture.git(["config", "--list", "-z", "-f", "odd.config"]);
    let ours = config_file::parse(text.as_bytes()).unwrap();
    let ours: String = ours
        .into_iter()
        .map(|one| match one.value {
            Some(value) => format!("{}\n{value}\0", one.key),
            None => format!("{}\0", one.key),
        })
        .collect();
    assert_eq!(ours, gits);
}
