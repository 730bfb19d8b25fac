//! Makes the fixtures of a stored format, once, with the ckpt that writes it:
//!
//! ```sh
//! CKPT_FIXTURES=tests/fixtures/format-2 cargo test --test it formats::make -- --ignored
//! ```
//!
//! and `formats.rs` reads them for ever. Nothing is written over: what was released stays as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::state::describe;
use crate::sandbox::{Outcome, Sandbox};

/// A point in the making.
struct Maker {
    sandbox: Sandbox,
    folder: PathBuf,
}

impl Maker {
    fn keep(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.folder.join(name), bytes).unwrap();
    }

    /// Saves, and keeps the state as it is and what `ckpt show` tells of it.
    fn point(&self, name: &str, arguments: &[&str], left_out: &[&str]) -> String {
        let id = self.sandbox.save(arguments);
        self.keep(&format!("{name}.state"), describe(&self.sandbox, left_out));
        self.keep(&format!("{name}.id"), format!("{id}\n"));
        self.keep(&format!("{name}.show.json"), self.sandbox.ckpt(&["show", &id, "--json"]).succeeds().stdout());
        id
    }

    fn reset(&self) {
        self.sandbox.git(&["reset", "-q", "--hard"]);
        self.sandbox.git(&["clean", "-q", "-fdx"]);
    }

    fn bundle(&self, name: &str) {
        let path = self.folder.join(format!("{name}.bundle"));
        let refs = self.sandbox.git(&["for-each-ref", "--format=%(refname)", "refs/ckpt", "refs/worktree"]);
        let mut arguments = vec!["bundle", "create", "-q", path.to_str().unwrap(), "refs/heads/main"];
        arguments.extend(refs.lines());
        self.sandbox.git(&arguments);
    }
}

#[test]
#[ignore = "makes the fixtures of a new format; see the top of this file"]
fn make() {
    let folder = PathBuf::from(std::env::var_os("CKPT_FIXTURES").expect("CKPT_FIXTURES names the folder to make"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    fs::create_dir(&folder).expect("the folder of a new format is not there yet");
    let maker = Maker { sandbox: base(), folder };
    plain(&maker);
    named(&maker);
    endings(&maker);
    left_out(&maker);
    operations(&maker);
    merging(&maker);
    interrupted(&maker);
    maker.keep("list.json", maker.sandbox.ckpt(&["list", "--safety", "--json"]).succeeds().stdout());
    maker.keep("operations.json", maker.sandbox.ckpt(&["operations", "--json"]).succeeds().stdout());
    maker.bundle("points");
    later(&maker);
}

fn base() -> Sandbox {
    let sandbox = Sandbox::unborn();
    for variable in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
        sandbox.set(variable, "2026-11-20T12:00:00Z");
    }
    sandbox.write("a.txt", "alpha\n");
    sandbox.write("src/main.rs", "fn main() {}\n");
    sandbox.write("run.sh", "#!/bin/sh\n");
    sandbox.chmod("run.sh", 0o755);
    sandbox.write(".gitignore", "*.env\n");
    sandbox.write(".gitattributes", "*.dos text eol=crlf\n*.mixed text\n*.c ident\n");
    sandbox.write("table.dos", "one\r\ntwo\r\n");
    sandbox.commit("first");
    sandbox
}

fn plain(maker: &Maker) {
    maker.sandbox.write("a.txt", "changed\n");
    maker.sandbox.write("new/deep/file.txt", "new\n");
    maker.point("plain", &[], &[]);
}

fn named(maker: &Maker) {
    let sandbox = &maker.sandbox;
    sandbox.at("2026-11-21T09:10:00Z");
    sandbox.write("a.txt", "staged\n");
    sandbox.write("staged-and-gone.txt", "only in the index\n");
    sandbox.git(&["add", "a.txt", "staged-and-gone.txt"]);
    sandbox.write("a.txt", "staged\nand more\n");
    sandbox.remove("staged-and-gone.txt");
    sandbox.remove("table.dos");
    sandbox.link("to-a", "a.txt");
    sandbox.write(b"odd \xff\n\"name\\.txt", "odd\n");
    sandbox.write("intended.txt", "intended\n");
    sandbox.git(&["add", "-N", "intended.txt"]);
    sandbox.git(&["update-index", "--assume-unchanged", "run.sh"]);
    sandbox.git(&["update-index", "--skip-worktree", "src/main.rs"]);
    sandbox.write("secret.txt", "for me alone\n");
    sandbox.chmod("secret.txt", 0o600);
    sandbox.mkdir("empty/inside");
    sandbox.mkdir("closed");
    sandbox.chmod("closed", 0o700);
    let words = ["-m", "all that an index can say\n\nand more lines", "--next", "split main.rs", "--next", "test it"];
    maker.point("named", &[&["named"][..], &words].concat(), &[]);
    maker.reset();
}

fn endings(maker: &Maker) {
    let sandbox = &maker.sandbox;
    sandbox.at("2026-11-21T09:20:00Z");
    sandbox.write("table.dos", "one\r\ntwo\r\nthree\r\n");
    sandbox.write("text.mixed", "unix\nand dos\r\n");
    sandbox.write("source.c", "/* $Id: 0123456789012345678901234567890123456789 $ */\n");
    maker.point("endings", &["endings"], &[]);
    maker.reset();
}

fn left_out(maker: &Maker) {
    let sandbox = &maker.sandbox;
    sandbox.at("2026-11-21T09:30:00Z");
    sandbox.write("large.bin", "x".repeat(2000));
    sandbox.write("local.env", "KEY=value\n");
    let _ = Outcome::of(sandbox.command("mkfifo").arg("pipe")).succeeds();
    sandbox.write("kept.txt", "kept\n");
    let arguments = ["left-out", "--max-file-size", "1000", "--include", "*.env"];
    maker.point("left-out", &arguments, &["large.bin", "pipe"]);
    // Git leaves a pipe where it is.
    sandbox.remove("pipe");
    maker.reset();
}

/// A load that can be undone, an undo, and a redo; then names and a drop.
fn operations(maker: &Maker) {
    let sandbox = &maker.sandbox;
    sandbox.at("2026-11-21T09:40:00Z");
    sandbox.write("a.txt", "wrecked before the load\n");
    maker.keep("undone.state", describe(sandbox, &[]));
    let _ = sandbox.ckpt(&["load", "endings", "--yes"]).succeeds();
    for verb in ["undo", "redo"] {
        let _ = sandbox.ckpt(&[verb, "--yes"]).succeeds();
    }
    maker.keep("redone.state", describe(sandbox, &[]));
    maker.reset();
}

fn merging(maker: &Maker) {
    let sandbox = &maker.sandbox;
    sandbox.at("2026-11-21T09:50:00Z");
    // The points of before belong to another commit now, as those of any repository do after a while.
    sandbox.disagree();
    let _ = sandbox.try_git(&["merge", "-q", "side"]).ends_with(1);
    sandbox.write("src/main.rs", "fn main() { /* while merging */ }\n");
    maker.point("merging", &["merging", "-m", "half way through a merge"], &[]);
    sandbox.git(&["merge", "--abort"]);
    sandbox.git(&["branch", "-q", "-D", "side"]);
    maker.reset();
}

/// A load that died when its journal was written: the journal is kept, and what was there before.
fn interrupted(maker: &Maker) {
    let sandbox = &maker.sandbox;
    sandbox.at("2026-11-21T10:00:00Z");
    sandbox.write("a.txt", "before the load that died\n");
    sandbox.write("extra.txt", "extra\n");
    maker.keep("interrupted.state", describe(sandbox, &[]));
    let mut load = sandbox.ckpt_command(&["load", "endings", "--yes"]);
    assert_eq!(Outcome::of(load.env("CKPT_FAULT", "journal.written")).code(), None);
    let journal = sandbox.git_dir().join("ckpt/worktree/pending.toml");
    maker.keep("pending.toml", fs::read(&journal).unwrap());
    fs::remove_file(journal).unwrap();
    maker.reset();
}

/// What a ckpt of a later time might write: first a higher revision with more in it, then a higher version.
fn later(maker: &Maker) {
    let sandbox = &maker.sandbox;
    let (id, session) = ("refs/ckpt/names/endings", "refs/ckpt/sessions/main");
    let revised = [("revision = 0", "revision = 9\nadded-later = \"text\"\nlist-added-later = [1, 2]")];
    let newer = [("version = 1", "version = 2")];
    let point = checkpoint_with(sandbox, id, &revised, ("Ckpt-Version: 1\n", "Ckpt-Version: 1\nCkpt-Later: yes\n"));
    publish(sandbox, &point, "later-revision");
    chain_with(sandbox, session, "session.toml", &revised);
    chain_with(sandbox, "refs/worktree/ckpt/operations", "operation.toml", &revised);
    maker.bundle("later-revision");
    let point = checkpoint_with(sandbox, id, &newer, ("Ckpt-Version: 1\n", "Ckpt-Version: 2\n"));
    publish(sandbox, &point, "later-version");
    maker.bundle("later-version");
    chain_with(sandbox, session, "session.toml", &newer);
    chain_with(sandbox, "refs/worktree/ckpt/operations", "operation.toml", &newer);
    maker.bundle("later-records");
}

/// A checkpoint like `old`, but for `meta.toml` and the message.
fn checkpoint_with(sandbox: &Sandbox, old: &str, edits: &[(&str, &str)], message: (&str, &str)) -> String {
    let parent = |commit: &str, number: u32| sandbox.git(&["rev-parse", &format!("{commit}^{number}")]);
    let (index, base) = (parent(old, 2), parent(old, 1));
    let meta = parent(&index, 2);
    let tree = tree_with(sandbox, &meta, "meta.toml", edits, true);
    let meta = commit_like(sandbox, &meta, &tree, &[], ("", ""));
    let index_tree = sandbox.git(&["rev-parse", &format!("{index}^{{tree}}")]);
    let index = commit_like(sandbox, &index, &index_tree, &[&base, &meta], ("", ""));
    let tree = sandbox.git(&["rev-parse", &format!("{old}^{{tree}}")]);
    commit_like(sandbox, old, &tree, &[&base, &index], message)
}

fn publish(sandbox: &Sandbox, id: &str, name: &str) {
    sandbox.git(&["update-ref", &format!("refs/ckpt/checkpoints/{id}"), id]);
    sandbox.git(&["update-ref", &format!("refs/ckpt/names/{name}"), id]);
}

/// Puts a record like the last one, but edited, at the end of a chain.
fn chain_with(sandbox: &Sandbox, reference: &str, file: &str, edits: &[(&str, &str)]) {
    let tree = tree_with(sandbox, reference, file, edits, false);
    let parents = sandbox.git(&["log", "-1", "--format=%P", reference]);
    let parents: Vec<&str> = parents.split_whitespace().collect();
    let id = commit_like(sandbox, reference, &tree, &parents, ("", ""));
    sandbox.git(&["update-ref", reference, &id]);
}

/// The tree of a commit with one file edited, and another that nobody knows yet.
fn tree_with(sandbox: &Sandbox, commit: &str, file: &str, edits: &[(&str, &str)], is_extended: bool) -> String {
    let mut text = sandbox.git(&["show", &format!("{commit}:{file}")]) + "\n";
    for (old, new) in edits {
        assert!(text.contains(old), "{file} has no {old:?}:\n{text}");
        text = text.replacen(old, new, 1);
    }
    let blob = fed(sandbox, &["hash-object", "-w", "--stdin"], &text);
    let tree = sandbox.git(&["ls-tree", commit]);
    let kept = tree.lines().filter(|line| !line.ends_with(&format!("\t{file}")));
    let mut lines: String = kept.map(|line| format!("{line}\n")).collect();
    lines += &format!("100644 blob {blob}\t{file}\n");
    if is_extended {
        lines += &format!("100644 blob {blob}\tadded-later.toml\n");
    }
    fed(sandbox, &["mktree"], &lines)
}

/// A commit with the times, people and message of another.
fn commit_like(sandbox: &Sandbox, old: &str, tree: &str, parents: &[&str], message: (&str, &str)) -> String {
    let text = sandbox.git(&["cat-file", "commit", old]) + "\n";
    let (head, body) = text.split_once("\n\n").unwrap();
    let people = head.lines().filter(|line| !line.starts_with("tree ") && !line.starts_with("parent "));
    let mut new = format!("tree {tree}\n");
    parents.iter().for_each(|parent| new += &format!("parent {parent}\n"));
    people.for_each(|line| new += &format!("{line}\n"));
    assert!(body.contains(message.0), "{body}");
    new += &format!("\n{}", body.replacen(message.0, message.1, 1));
    fed(sandbox, &["hash-object", "-t", "commit", "-w", "--stdin"], &new)
}

/// Runs git with this on stdin.
fn fed(sandbox: &Sandbox, arguments: &[&str], input: &str) -> String {
    let mut command = sandbox.command("git");
    let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
