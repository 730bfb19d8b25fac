//! Long operations: applying mail, bisecting, an interactive rebase. Each is saved, given up, brought back, and goes on.

use crate::sandbox::repository::index_entries;
use crate::sandbox::{Outcome, Picture, Sandbox};

/// What must be the same again after a load.
struct Before {
    picture: Picture,
    index: Vec<(bstr::BString, u32)>,
    status: String,
    head: String,
}

impl Before {
    fn of(sandbox: &Sandbox) -> Before {
        let head = sandbox.git(&["log", "-1", "--format=%H %D", "HEAD"]);
        let status = sandbox.git(&["status"]);
        Before { picture: sandbox.picture(), index: index_entries(sandbox), status, head }
    }

    #[track_caller]
    fn is_back(&self, sandbox: &Sandbox) {
        self.picture.must_equal(&sandbox.picture(), "files");
        assert_eq!(self.index, index_entries(sandbox), "index");
        assert_eq!(self.status, sandbox.git(&["status"]), "status");
        assert_eq!(self.head, sandbox.git(&["log", "-1", "--format=%H %D", "HEAD"]), "HEAD");
    }
}

/// Saves, gives the operation up with `abort`, has git prune all that nothing names, and loads.
#[track_caller]
fn comes_back(sandbox: &Sandbox, kind: &str, abort: &[&str]) {
    let before = Before::of(sandbox);
    let state = sandbox.repository();
    sandbox.save(&["during"]);
    state.must_equal(&sandbox.repository(), "the save itself changed it");
    let _ = sandbox.ckpt(&["show", "during"]).succeeds().says(kind);
    sandbox.git(abort);
    sandbox.git(&["reflog", "expire", "--expire=now", "--all"]);
    sandbox.git(&["gc", "-q", "--prune=now"]);
    let _ = sandbox.ckpt(&["load", "during", "--operation", "--head", "--yes"]).succeeds();
    before.is_back(sandbox);
    sandbox.git(&["fsck", "--strict", "--no-dangling"]);
}

/// Runs git with an editor that changes nothing, and one for lists of steps that runs `steps`.
fn git_with_editors(sandbox: &Sandbox, steps: &str, arguments: &[&str]) -> Outcome {
    let mut command = sandbox.command("git");
    command.args(arguments).env("GIT_EDITOR", "true").env("GIT_SEQUENCE_EDITOR", steps);
    Outcome::of(&mut command)
}

/// `side` has two commits; the first of them disagrees with `main` about `a.txt`.
fn with_patches() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.write("a.txt", "side\n");
    sandbox.commit("side one");
    sandbox.write("b.txt", "second\n");
    sandbox.commit("side two");
    sandbox.git(&["format-patch", "-q", "-2", "-o", "../patches"]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("a.txt", "main\n");
    sandbox.commit("main");
    sandbox
}

#[test]
fn mail_that_is_being_applied() {
    for way in [&["am"][..], &["am", "--3way"]] {
        let sandbox = with_patches();
        let patches = ["0001-side-one.patch", "0002-side-two.patch"].map(|name| format!("../patches/{name}"));
        let mut arguments = way.to_vec();
        arguments.extend(patches.iter().map(String::as_str));
        let _ = sandbox.try_git(&arguments).ends_with(128);
        comes_back(&sandbox, "am", &["am", "--abort"]);
        sandbox.write("a.txt", "both\n");
        sandbox.git(&["add", "a.txt"]);
        let _ = git_with_editors(&sandbox, "true", &["am", "--continue"]).succeeds();
        assert_eq!(sandbox.git(&["log", "--format=%s", "-3"]), "side two\nside one\nmain");
        assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
        assert_eq!((sandbox.read("a.txt"), sandbox.read("b.txt")), (b"both\n".to_vec(), b"second\n".to_vec()));
    }
}

#[test]
fn a_search_for_the_first_bad_commit() {
    let sandbox = Sandbox::new();
    let commits: Vec<String> = (1..=9)
        .map(|number| {
            sandbox.write("a.txt", format!("{number}\n"));
            sandbox.commit(&format!("number {number}"))
        })
        .collect();
    sandbox.git(&["bisect", "start", "--term-old", "fast", "--term-new", "slow"]);
    sandbox.git(&["bisect", "slow", "main"]);
    sandbox.git(&["bisect", "fast", &commits[0]]);
    sandbox.write("probe.txt", "by hand\n");
    let log = sandbox.git(&["bisect", "log"]);
    let refs = sandbox.git(&["for-each-ref", "refs/bisect"]);
    assert_eq!(refs.lines().count(), 2, "{refs}");
    comes_back(&sandbox, "bisect", &["bisect", "reset"]);
    assert_eq!(sandbox.git(&["bisect", "log"]), log);
    assert_eq!(sandbox.git(&["for-each-ref", "refs/bisect"]), refs);
    let bad = 6;
    for _ in 0..4 {
        let here: usize = String::from_utf8(sandbox.read("a.txt")).unwrap().trim().parse().unwrap();
        let answer = if here >= bad { "slow" } else { "fast" };
        let said = sandbox.git(&["bisect", answer]);
        if said.contains("is the first slow commit") {
            assert!(said.contains(&commits[bad - 1]), "{said}");
            sandbox.git(&["bisect", "reset"]);
            assert_eq!(sandbox.git(&["symbolic-ref", "HEAD"]), "refs/heads/main");
            return;
        }
    }
    panic!("the search came to no end");
}

#[test]
fn an_interactive_rebase_that_stopped_for_an_edit_with_work_put_aside() {
    let sandbox = Sandbox::new();
    for name in ["one", "two", "three"] {
        sandbox.write(format!("{name}.txt"), name);
        sandbox.commit(name);
    }
    sandbox.write("run.sh", "#!/bin/sh\necho put aside\n");
    let arguments = ["rebase", "-q", "-i", "--autostash", "HEAD~3"];
    let _ = git_with_editors(&sandbox, "sed -i -e 2s/pick/edit/", &arguments).succeeds();
    assert_eq!(sandbox.read("run.sh"), b"#!/bin/sh\n", "the autostash has it");
    sandbox.write("two.txt", "edited");
    sandbox.git(&["add", "two.txt"]);
    comes_back(&sandbox, "rebase", &["rebase", "--abort"]);
    let _ = git_with_editors(&sandbox, "true", &["rebase", "--continue"]).succeeds();
    assert_eq!(sandbox.git(&["log", "--format=%s", "-3"]), "three\ntwo\none");
    assert_eq!(sandbox.git(&["show", "HEAD~1:two.txt"]), "edited");
    assert_eq!(sandbox.read("run.sh"), b"#!/bin/sh\necho put aside\n");
    assert_eq!(sandbox.git(&["symbolic-ref", "HEAD"]), "refs/heads/main");
}
