//! Repositories that libgit2 cannot open, and those that lack objects: everything works in each of them.

use std::path::Path;

use crate::hooks::{kinds, note};
use crate::sandbox::repository::index_entries;
use crate::sandbox::{Kind, Sandbox};

const ALL: [Kind; 4] = [Kind::Sha256, Kind::Reftable, Kind::Both, Kind::Plumbing];

/// A repository of this kind with the usual commit; `None` with a word where this machine's git knows no such thing.
fn of_kind(kind: Kind) -> Option<Sandbox> {
    let sandbox = Sandbox::empty();
    for (name, value) in [("GIT_DEFAULT_HASH", "sha1"), ("GIT_DEFAULT_REF_FORMAT", "files"), ("CKPT_STORE", "")] {
        sandbox.set(name, value);
    }
    kind.variables().iter().for_each(|(name, value)| sandbox.set(name, value));
    sandbox.git(&["init", "-q"]);
    let has_tables = sandbox.git_dir().join("reftable").exists();
    if has_tables == kind.has_ref_files() {
        eprintln!("skipped: this git makes no {kind:?} repository");
        return None;
    }
    sandbox.write("a.txt", "alpha\n");
    sandbox.write("src/main.rs", "fn main() {}\n");
    sandbox.commit("first");
    Some(sandbox)
}

fn each(check: impl Fn(&Sandbox, Kind)) {
    for kind in ALL {
        if let Some(sandbox) = of_kind(kind) {
            check(&sandbox, kind);
        }
    }
}

fn is_sound(sandbox: &Sandbox, kind: Kind) {
    let outcome = sandbox.try_git(&["fsck", "--strict", "--no-dangling"]).succeeds();
    assert!(!outcome.stderr().contains("error"), "{kind:?}\n{}", outcome.describe());
}

#[test]
fn points_go_there_and_back() {
    each(|sandbox, kind| {
        sandbox.write("a.txt", "staged\n");
        sandbox.git(&["add", "a.txt"]);
        sandbox.write("a.txt", "work\n");
        sandbox.write("new/deep.txt", "new\n");
        let (picture, state, index) = (sandbox.picture(), sandbox.repository(), index_entries(sandbox));
        let id = sandbox.save(&["point", "-m", "half way"]);
        assert_eq!(id.len(), kind.digits(), "{kind:?}");
        state.must_equal(&sandbox.repository(), "a save changed the repository");
        assert_eq!(sandbox.git(&["rev-parse", "refs/ckpt/names/point"]), id);
        assert_eq!(sandbox.git(&["show", &format!("{id}^2:a.txt")]), "staged");
        let again = sandbox.ckpt(&["save"]).succeeds();
        assert!(again.stdout().contains("Nothing"), "{kind:?}: {}", again.describe());
        let _ = sandbox.ckpt(&["list"]).succeeds().says("point");
        let _ = sandbox.ckpt(&["show", "point"]).succeeds().says("half way");
        sandbox.write("a.txt", "wrecked\n");
        sandbox.remove("new");
        sandbox.write("other.txt", "other\n");
        sandbox.git(&["add", "-A"]);
        let wrecked = sandbox.picture();
        let _ = sandbox.ckpt(&["diff", "point"]).succeeds().says("a.txt");
        let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
        picture.must_equal(&sandbox.picture(), "after the load");
        assert_eq!(index, index_entries(sandbox), "{kind:?}");
        let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
        wrecked.must_equal(&sandbox.picture(), "after the undo");
        let _ = sandbox.ckpt(&["redo", "--yes"]).succeeds();
        picture.must_equal(&sandbox.picture(), "after the redo");
        let _ = sandbox.ckpt(&["rename", "point", "other"]).succeeds();
        let _ = sandbox.ckpt(&["drop", "other", "--yes"]).succeeds();
        assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt/names"]), "", "{kind:?}");
        is_sound(sandbox, kind);
    });
}

#[test]
fn plain_git_uses_the_points() {
    each(|sandbox, kind| {
        sandbox.write("a.txt", "work\n");
        sandbox.write("new.txt", "new\n");
        let picture = sandbox.picture();
        let id = sandbox.save(&["point"]);
        sandbox.git(&["stash", "-q", "-u"]);
        sandbox.git(&["stash", "apply", "-q", "--index", &id]);
        sandbox.git(&["checkout", "-q", &id, "--", "new.txt"]);
        sandbox.git(&["gc", "-q", "--prune=now"]);
        is_sound(sandbox, kind);
        sandbox.git(&["reset", "-q", "--hard"]);
        let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
        picture.must_equal(&sandbox.picture(), "after gc");
    });
}

#[test]
fn head_moves_only_when_told_and_its_log_says_so() {
    each(|sandbox, kind| {
        sandbox.git(&["checkout", "-q", "-b", "topic"]);
        let first = sandbox.git(&["rev-parse", "HEAD"]);
        let _ = sandbox.save(&["on-topic"]);
        sandbox.git(&["checkout", "-q", "main"]);
        sandbox.write("a.txt", "main\n");
        sandbox.commit("on main");
        let _ = sandbox.ckpt(&["load", "on-topic", "--head", "--yes"]).succeeds();
        assert_eq!(sandbox.git(&["symbolic-ref", "HEAD"]), "refs/heads/topic", "{kind:?}");
        assert!(sandbox.git(&["reflog", "-1", "HEAD"]).contains("moving from main to topic"), "{kind:?}");
        sandbox.git(&["checkout", "-q", "--detach", &first]);
        let _ = sandbox.save(&["detached", "--always"]);
        sandbox.git(&["checkout", "-q", "main"]);
        let _ = sandbox.ckpt(&["load", "detached", "--head", "--yes"]).succeeds();
        assert_eq!(sandbox.try_git(&["symbolic-ref", "-q", "HEAD"]).code(), Some(1), "{kind:?}");
        assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), first);
        let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
        assert_eq!(sandbox.git(&["symbolic-ref", "HEAD"]), "refs/heads/main", "{kind:?}");
    });
}

#[test]
fn operations_in_progress_come_back() {
    each(|sandbox, kind| {
        sandbox.disagree();
        assert_eq!(sandbox.try_git(&["cherry-pick", "side"]).code(), Some(1));
        let _ = sandbox.ckpt(&["status"]).succeeds().says("cherry-pick");
        let (index, picked) = (index_entries(sandbox), sandbox.git(&["rev-parse", "CHERRY_PICK_HEAD"]));
        let picture = sandbox.picture();
        let _ = sandbox.save(&["picking"]);
        sandbox.git(&["cherry-pick", "--abort"]);
        let _ = sandbox.ckpt(&["load", "picking", "--operation", "--yes"]).succeeds();
        picture.must_equal(&sandbox.picture(), "files");
        assert_eq!(sandbox.git(&["rev-parse", "CHERRY_PICK_HEAD"]), picked, "{kind:?}");
        assert_eq!(index, index_entries(sandbox));
        sandbox.write("a.txt", "both\n");
        sandbox.git(&["add", "a.txt"]);
        sandbox.git(&["-c", "core.editor=true", "cherry-pick", "--continue"]);
        assert_eq!(sandbox.git(&["log", "-1", "--format=%s"]), "side");
        let _ = sandbox.save(&["done", "--always"]);
        sandbox.git(&["bisect", "start", "HEAD", "HEAD~2"]);
        let bad = sandbox.git(&["rev-parse", "refs/bisect/bad"]);
        let _ = sandbox.save(&["bisecting", "--always"]);
        sandbox.git(&["bisect", "reset"]);
        let _ = sandbox.ckpt(&["load", "bisecting", "--operation", "--head", "--yes"]).succeeds();
        assert_eq!(sandbox.git(&["rev-parse", "refs/bisect/bad"]), bad, "{kind:?}");
        let _ = sandbox.ckpt(&["load", "done", "--operation", "--head", "--yes"]).succeeds();
        assert_eq!(sandbox.git(&["for-each-ref", "refs/bisect"]), "", "{kind:?}");
        is_sound(sandbox, kind);
    });
}

#[test]
fn words_hooks_and_brief_work() {
    each(|sandbox, kind| {
        let _ = sandbox.ckpt(&["init"]).succeeds();
        let _ = sandbox.ckpt(&["decide", "one hash", "--why", "it is enough"]).succeeds();
        let _ = sandbox.ckpt(&["next", "go on"]).succeeds();
        sandbox.write(".ckpt/context.md", String::from_utf8(sandbox.read(".ckpt/context.md")).unwrap() + "\nby hand\n");
        let _ = sandbox.ckpt(&["note", "a word"]).succeeds();
        assert!(String::from_utf8(sandbox.read(".ckpt/context.md")).unwrap().contains("by hand"), "{kind:?}");
        let _ = sandbox.ckpt(&["hooks", "install"]).succeeds();
        let _ = sandbox.save(&["point"]);
        sandbox.write("a.txt", "hooked\n");
        let commit = sandbox.commit("second");
        assert!(kinds(sandbox).contains(&"commit".to_owned()), "{kind:?}: {:?}", kinds(sandbox));
        assert!(note(sandbox, &commit).contains("session main"), "{kind:?}: {}", note(sandbox, &commit));
        sandbox.git(&["notes", "--ref=ckpt", "add", "-f", "-m", "by git", &commit]);
        sandbox.git(&["commit", "-q", "--amend", "-m", "better"]);
        assert!(note(sandbox, "HEAD").contains("by git"), "{kind:?}: {}", note(sandbox, "HEAD"));
        let _ = sandbox.ckpt(&["brief"]).succeeds().says("one hash").says("go on");
        is_sound(sandbox, kind);
    });
}

#[test]
fn linked_work_trees_have_points_and_operations_of_their_own() {
    each(|sandbox, kind| {
        sandbox.write("a.txt", "work\n");
        let _ = sandbox.save(&["point"]);
        let _ = sandbox.ckpt(&["load", "point", "--into", "../other"]).succeeds();
        assert_eq!(std::fs::read(sandbox.root().join("other/a.txt")).unwrap(), b"work\n", "{kind:?}");
        std::fs::write(sandbox.root().join("other/a.txt"), "elsewhere\n").unwrap();
        let _ = sandbox.ckpt_in("other", &["save", "there"]).succeeds();
        let _ = sandbox.ckpt_in("other", &["load", "point", "--yes"]).succeeds();
        let _ = sandbox.ckpt_in("other", &["undo", "--yes"]).succeeds();
        assert_eq!(std::fs::read(sandbox.root().join("other/a.txt")).unwrap(), b"elsewhere\n");
        assert_eq!(sandbox.read("a.txt"), b"work\n");
        let _ = sandbox.ckpt(&["undo", "--yes"]).ends_orderly();
        assert_eq!(sandbox.git(&["for-each-ref", "refs/worktree"]), "", "{kind:?}: the other's log is not ours");
        sandbox.git(&["-C", "../other", "checkout", "-q", "-b", "side"]);
        sandbox.git(&["checkout", "-q", "--detach"]);
        let _ = sandbox.ckpt_in("other", &["save", "on-side", "--always"]).succeeds();
        let _ = sandbox.ckpt(&["load", "on-side", "--head", "--yes"]).ends_orderly();
        assert_eq!(sandbox.try_git(&["symbolic-ref", "-q", "HEAD"]).code(), Some(1), "{kind:?}: two on one branch");
    });
}

#[test]
fn before_the_first_commit() {
    for kind in ALL {
        let Some(sandbox) = of_kind(kind) else { continue };
        sandbox.git(&["checkout", "-q", "--orphan", "fresh"]);
        let _ = sandbox.save(&["point"]);
        sandbox.write("a.txt", "wrecked\n");
        let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
        assert_eq!(sandbox.read("a.txt"), b"alpha\n");
        assert_eq!(sandbox.git(&["symbolic-ref", "HEAD"]), "refs/heads/fresh", "{kind:?}");
    }
}

#[test]
fn many_writers_lose_nothing() {
    each(|sandbox, kind| {
        let outcomes: Vec<i32> = std::thread::scope(|scope| {
            let run = |number: usize| {
                let mut commands: Vec<_> =
                    (0..5).map(|turn| sandbox.ckpt_command(&["note", &format!("word {number}.{turn}")])).collect();
                scope.spawn(move || {
                    let codes = commands.iter_mut().map(|command| command.output().unwrap().status.code().unwrap());
                    codes.collect::<Vec<_>>()
                })
            };
            let running: Vec<_> = (0..4).map(run).collect();
            running.into_iter().flat_map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(outcomes, [0; 20], "{kind:?}");
        let story = sandbox.git(&["log", "--format=%s", "refs/ckpt/sessions/main"]);
        assert_eq!(story.lines().filter(|line| line.contains("word ")).count(), 20, "{kind:?}: {story}");
    });
}

#[test]
fn a_point_that_is_damaged_is_named() {
    each(|sandbox, kind| {
        sandbox.write("a.txt", "precious\n");
        let id = sandbox.save(&["point"]);
        sandbox.write("a.txt", "later\n");
        let packs = sandbox.git_dir().join("objects/pack");
        for entry in std::fs::read_dir(packs).unwrap().flatten() {
            std::fs::remove_file(entry.path()).unwrap();
        }
        let _ = sandbox.ckpt(&["load", "point", "--yes"]).ends_with(4).warns(&id[..10]);
        assert_eq!(sandbox.read("a.txt"), b"later\n", "{kind:?}");
    });
}

#[test]
fn both_ways_write_the_same_objects() {
    let trees = |kind: Kind| {
        let sandbox = of_kind(kind).unwrap();
        sandbox.write("a.txt", "staged\n");
        sandbox.git(&["add", "a.txt"]);
        sandbox.write("a.txt", "work\r\n");
        sandbox.write("deep/er/file", "deep\n");
        sandbox.write("empty", "");
        sandbox.link("link", "a.txt");
        sandbox.chmod("src/main.rs", 0o755);
        sandbox.write("secret", "secret\n");
        sandbox.chmod("secret", 0o600);
        let _ = sandbox.save(&["point"]);
        let id = |what: &str| sandbox.git(&["rev-parse", &format!("refs/ckpt/names/point{what}")]);
        let entries = sandbox.git(&["ls-tree", "-r", "refs/ckpt/names/point^2^2"]);
        let entries: Vec<String> =
            entries.lines().filter(|line| !line.contains("meta.toml")).map(str::to_owned).collect();
        (id("^{tree}"), id("^2^{tree}"), entries)
    };
    assert_eq!(trees(Kind::Usual), trees(Kind::Plumbing));
}

#[test]
fn files_of_every_size_come_back() {
    each(|sandbox, kind| {
        let large: Vec<u8> = (0..6_000_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        sandbox.write("large", &large);
        sandbox.write("empty", "");
        let _ = sandbox.save(&["one"]);
        let mut longer = large.clone();
        longer.extend_from_slice(b"more\n");
        sandbox.write("large", &longer);
        let _ = sandbox.save(&["two"]);
        // Now one is a delta of the other, which no reader but git's own can stream.
        sandbox.git(&["repack", "-adfq"]);
        sandbox.remove("large");
        for (name, bytes) in [("one", &large), ("two", &longer)] {
            let _ = sandbox.ckpt(&["load", name, "--yes"]).succeeds();
            assert!(sandbox.read("large") == *bytes, "{kind:?} {name}");
        }
    });
}

/// A clone without the blobs of anything but what is checked out.
fn partial_clone(kind: Kind) -> Option<Sandbox> {
    let origin = of_kind(kind)?;
    origin.write("old.txt", "only in history\n");
    origin.commit("old");
    origin.remove("old.txt");
    origin.commit("gone");
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    origin.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", origin.work().display());
    let folder = origin.root().join("clone");
    origin.git(&["clone", "-q", "--filter=blob:none", &url, folder.to_str().unwrap()]);
    Some(origin)
}

fn is_absent(sandbox: &Sandbox, object: &str) -> bool {
    let mut command = sandbox.command("git");
    command.args(["-C", "../clone", "rev-list", "--objects", "--all", "--missing=print"]);
    String::from_utf8(command.output().unwrap().stdout).unwrap().contains(&format!("?{object}"))
}

#[test]
fn a_partial_clone_is_never_completed() {
    for kind in [Kind::Usual, Kind::Sha256, Kind::Reftable, Kind::Both, Kind::Plumbing] {
        let Some(sandbox) = partial_clone(kind) else { continue };
        let old = sandbox.git(&["rev-parse", "HEAD~1:old.txt"]);
        assert!(is_absent(&sandbox, &old), "the test needs a blob that is absent");
        let clone = |path: &str| sandbox.root().join("clone").join(path);
        std::fs::write(clone("a.txt"), "work\n").unwrap();
        let _ = sandbox.ckpt_in("clone", &["save", "point"]).succeeds();
        std::fs::write(clone("a.txt"), "wrecked\n").unwrap();
        let _ = sandbox.ckpt_in("clone", &["load", "point", "--yes"]).succeeds();
        assert_eq!(std::fs::read(clone("a.txt")).unwrap(), b"work\n", "{kind:?}");
        // The index vouches for a blob that nobody has here.
        let entry = format!("100644,{old},old.txt");
        sandbox.git(&["-C", "../clone", "update-index", "--add", "--cacheinfo", &entry]);
        sandbox.git(&["-C", "../clone", "update-index", "--skip-worktree", "old.txt"]);
        let _ = sandbox.ckpt_in("clone", &["save", "absent"]).succeeds();
        sandbox.git(&["-C", "../clone", "rm", "-q", "--cached", "--sparse", "old.txt"]);
        std::fs::write(clone("a.txt"), "later\n").unwrap();
        let outcome = sandbox.ckpt_in("clone", &["load", "absent", "--yes"]).ends_with(4);
        assert!(outcome.stderr().contains(&old[..10]), "{kind:?}\n{}", outcome.describe());
        assert_eq!(
            std::fs::read(clone("a.txt")).unwrap(),
            b"later\n",
            "{kind:?}: a load that is refused changes nothing"
        );
        assert!(is_absent(&sandbox, &old), "{kind:?}: something was fetched");
    }
}

#[test]
fn harmless_extensions_open_and_others_are_named() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.repositoryFormatVersion", "1"]);
    for name in ["worktreeConfig", "noop", "preciousObjects"] {
        sandbox.git(&["config", &format!("extensions.{name}"), "true"]);
    }
    sandbox.write("a.txt", "work\n");
    let _ = sandbox.save(&["point"]);
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    assert_eq!(sandbox.read("a.txt"), b"work\n");
    sandbox.git(&["config", "extensions.futureThing", "true"]);
    let _ = sandbox.ckpt(&["save"]).ends_with(1).warns("futurething");
}

#[test]
fn a_sparse_or_split_index_works_from_end_to_end() {
    let all = [Kind::Usual, Kind::Sha256, Kind::Reftable, Kind::Both, Kind::Plumbing];
    for kind in all {
        for form in ["sparse", "split"] {
            let Some(sandbox) = of_kind(kind) else { continue };
            sandbox.write("docs/guide.md", "guide\n");
            sandbox.commit("docs");
            match form {
                "sparse" => _ = sandbox.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "src"]),
                _ => _ = sandbox.git(&["update-index", "--split-index"]),
            }
            sandbox.write("src/main.rs", "work\n");
            sandbox.git(&["add", "src/main.rs"]);
            sandbox.write("src/new.rs", "new\n");
            let (picture, state, index) = (sandbox.picture(), sandbox.repository(), index_entries(&sandbox));
            let id = sandbox.save(&["point"]);
            state.must_equal(&sandbox.repository(), form);
            assert_eq!(sandbox.git(&["show", &format!("{id}:docs/guide.md")]), "guide", "{kind:?} {form}");
            sandbox.write("src/main.rs", "wrecked\n");
            sandbox.remove("src/new.rs");
            sandbox.git(&["add", "-A"]);
            let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
            picture.must_equal(&sandbox.picture(), form);
            assert_eq!(index, index_entries(&sandbox), "{kind:?} {form}");
        }
    }
}

#[test]
fn nested_repositories_of_other_kinds_are_walls() {
    let Some(sandbox) = of_kind(Kind::Usual) else { return };
    for (folder, option) in [("tables", "--ref-format=reftable"), ("long-ids", "--object-format=sha256")] {
        if sandbox.try_git(&["init", "-q", option, folder]).code() != Some(0) {
            eprintln!("skipped: this git does not know {option}");
            return;
        }
        sandbox.write(format!("{folder}/inner.txt"), "inner\n");
        sandbox.git(&["-C", folder, "add", "-A"]);
        sandbox.git(&["-C", folder, "commit", "-q", "-m", "inner"]);
    }
    let commit = sandbox.git(&["-C", "tables", "rev-parse", "HEAD"]);
    let id = sandbox.save(&["point"]);
    assert_eq!(sandbox.git(&["ls-tree", &id, "tables"]), format!("160000 commit {commit}\ttables"));
    assert_eq!(sandbox.git(&["ls-tree", &id, "long-ids"]), "", "its ids do not fit in our trees");
    let _ = sandbox.ckpt(&["show", "point"]).succeeds().says("tables").says("long-ids");
    for folder in ["tables", "long-ids"] {
        sandbox.write(format!("{folder}/inner.txt"), "dirty\n");
    }
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    for folder in ["tables", "long-ids"] {
        assert_eq!(sandbox.read(format!("{folder}/inner.txt")), b"dirty\n");
    }
}

/// Puts a git in front of all others that says it is of this version and fails at everything else.
fn with_git_of(sandbox: &Sandbox, version: &str) {
    let folder = sandbox.root().join("old");
    std::fs::create_dir_all(&folder).unwrap();
    let script = format!(
        "#!/bin/sh\nfor word; do case $word in version) echo git version {version}; exit 0;; esac; done\n\
         echo 'fatal: what is that' >&2\nexit 129\n"
    );
    crate::hooks::write_hook(&folder.join("git"), &script, 0o755);
    let path = std::env::var("PATH").unwrap();
    sandbox.set("PATH", &format!("{}:{path}", Path::new(&folder).display()));
}

#[test]
fn a_git_that_is_too_old_is_named_with_what_is_needed() {
    for (kind, version, needed) in [(Kind::Sha256, "2.30.2", "2.39"), (Kind::Both, "2.43.0", "2.45")] {
        let Some(sandbox) = of_kind(kind) else { continue };
        with_git_of(&sandbox, version);
        sandbox.write("a.txt", "work\n");
        let _ = sandbox.ckpt(&["save"]).ends_with(1).warns(needed).warns(version);
    }
}
