//! Objects as no program would make them: trees of any entries, commits of any text.

use std::io::Write;
use std::process::Stdio;

use crate::sandbox::Sandbox;

/// Runs git with bytes on its stdin; its stdout without the last newline.
pub fn git_with(sandbox: &Sandbox, arguments: &[&str], input: &[u8]) -> String {
    let mut command = sandbox.command("git");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// An object of any kind and any bytes.
pub fn object(sandbox: &Sandbox, kind: &str, bytes: &[u8]) -> String {
    git_with(sandbox, &["hash-object", "-w", "--literally", "-t", kind, "--stdin"], bytes)
}

/// A tree object of any entries, however bad.
pub fn tree(sandbox: &Sandbox, entries: &[(&str, &[u8], &str)]) -> String {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend(mode.bytes().chain([b' ']).chain(name.iter().copied()).chain([0]));
        bytes.extend((0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()));
    }
    object(sandbox, "tree", &bytes)
}

/// The commit of a point with its text changed.
pub fn edited_commit(sandbox: &Sandbox, id: &str, edit: impl Fn(&str) -> String) -> String {
    let text = sandbox.git(&["cat-file", "commit", id]) + "\n";
    object(sandbox, "commit", edit(&text).as_bytes())
}

/// Publishes a forged checkpoint under the name `forged`.
pub fn publish(sandbox: &Sandbox, id: &str) {
    sandbox.git(&["update-ref", &format!("refs/ckpt/checkpoints/{id}"), id]);
    sandbox.git(&["update-ref", "refs/ckpt/names/forged", id]);
}

/// A point like `point`, with another tree, under the name `forged`.
pub fn forge(sandbox: &Sandbox, tree: &str) -> String {
    let old = sandbox.git(&["rev-parse", "refs/ckpt/names/point^{tree}"]);
    let id = edited_commit(sandbox, "refs/ckpt/names/point", |text| text.replace(&old, tree));
    publish(sandbox, &id);
    id
}

/// A point like `point`, with other files in M, under the name `forged`: `None` takes one away.
pub fn forge_facts(sandbox: &Sandbox, files: &[(&str, Option<&[u8]>)]) -> String {
    let listing = sandbox.git(&["ls-tree", "refs/ckpt/names/point^2^2"]);
    let name_of = |line: &str| line.split_once('\t').map(|(_, name)| name.to_owned());
    let mut lines: Vec<String> = listing.lines().map(str::to_owned).collect();
    for (name, bytes) in files {
        lines.retain(|line| name_of(line).as_deref() != Some(name));
        lines.extend(bytes.map(|bytes| format!("100644 blob {}\t{name}", object(sandbox, "blob", bytes))));
    }
    forge_facts_tree(sandbox, &git_with(sandbox, &["mktree"], (lines.join("\n") + "\n").as_bytes()))
}

/// A point like `point` with another tree of M, under the name `forged`.
pub fn forge_facts_tree(sandbox: &Sandbox, tree: &str) -> String {
    let part = |suffix: &str| sandbox.git(&["rev-parse", &format!("refs/ckpt/names/point{suffix}")]);
    let (m, i, w, old) = (part("^2^2"), part("^2"), part(""), part("^2^2^{tree}"));
    let new_m = edited_commit(sandbox, &m, |text| text.replace(&old, tree));
    let new_i = edited_commit(sandbox, &i, |text| text.replace(&m, &new_m));
    let new_w = edited_commit(sandbox, &w, |text| text.replace(&i, &new_i));
    publish(sandbox, &new_w);
    new_w
}
