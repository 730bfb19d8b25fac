//! Where a repository may keep its parts, and what may stand in its work tree.

use std::fs;

use crate::sandbox::Sandbox;
use crate::{State, state};

pub const STATES: &[State] = &[
    state("separate git folder", || {
        with(|one| {
            one.git(&["init", "-q", "--separate-git-dir", "../elsewhere.git"]);
            one.write("a.txt", "changed\n");
        })
    }),
    state("git folder behind a link", || {
        with(|one| {
            fs::rename(one.git_dir(), one.root().join("real.git")).unwrap();
            one.link(".git", "../real.git");
            one.write("a.txt", "changed\n");
        })
    }),
    state("shallow clone", || {
        let sandbox = Sandbox::new();
        sandbox.write("a.txt", "second\n");
        sandbox.commit("second");
        cloned(&sandbox, &["--depth", "1"])
    }),
    state("alternates", || cloned(&Sandbox::new(), &["--shared"])),
    state("nested repository, its content its own", || {
        with(|one| {
            one.mkdir("nested");
            one.git(&["init", "-q", "nested"]);
            one.git(&["-C", "nested", "commit", "-q", "--allow-empty", "-m", "inside"]);
            one.write("a.txt", "changed\n");
        })
    }),
    state("submodule", || with(add_submodule)),
    state("submodule at another commit", || {
        with(|one| {
            add_submodule(one);
            one.commit("with a module");
            one.git(&["-C", "module", "commit", "-q", "--allow-empty", "-m", "ahead"]);
        })
    }),
    state("submodule with changes", || {
        with(|one| {
            add_submodule(one);
            one.commit("with a module");
            one.write("module/a.txt", "changed inside\n");
            one.write("a.txt", "changed outside\n");
        })
    }),
    state("everything packed", || {
        with(|one| {
            one.git(&["gc", "-q", "--prune=now"]);
            one.write("a.txt", "changed\n");
        })
    }),
    state("per-worktree configuration", || {
        with(|one| {
            one.git(&["config", "extensions.worktreeConfig", "true"]);
            one.git(&["config", "--worktree", "core.autocrlf", "input"]);
            one.write("dos.txt", "one\r\ntwo\r\n");
        })
    }),
    state("submodule not checked out", || {
        with(|one| {
            add_submodule(one);
            one.commit("with a module");
            one.git(&["submodule", "deinit", "-q", "-f", "module"]);
            one.write("a.txt", "changed\n");
        })
    }),
];

fn with(change: impl Fn(&Sandbox)) -> Sandbox {
    let sandbox = Sandbox::new();
    change(&sandbox);
    sandbox
}

fn add_submodule(sandbox: &Sandbox) {
    let source = sandbox.root().join("module-source");
    sandbox.git(&["clone", "-q", ".", source.to_str().unwrap()]);
    sandbox.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", source.to_str().unwrap(), "module"]);
}

/// The work tree of a clone of this one, in its place.
fn cloned(source: &Sandbox, options: &[&str]) -> Sandbox {
    let sandbox = Sandbox::empty();
    let kept = sandbox.root().join("source");
    let moved = std::process::Command::new("cp").arg("-a").arg(source.work()).arg(&kept).status().unwrap();
    assert!(moved.success());
    let address = format!("file://{}", kept.display());
    let address = if options.contains(&"--shared") { kept.to_str().unwrap() } else { &address };
    let mut arguments = vec!["clone", "-q"];
    arguments.extend(options);
    arguments.extend([address, "."]);
    sandbox.git(&arguments);
    sandbox.write("a.txt", "changed\n");
    sandbox
}
