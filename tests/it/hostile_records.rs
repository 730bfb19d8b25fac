//! Hostile records, sessions, notes and names: the same as in `hostile_refs`, for what is not a tree of files.

use std::fs;

use crate::forge::{edited_commit, forge_facts, forge_facts_tree, git_with, object, tree};
use crate::hostile_refs::{blob, check};
use crate::sandbox::Sandbox;

fn put(sandbox: &Sandbox, name: &str, text: &str) {
    let path = sandbox.git_dir().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn meta(sandbox: &Sandbox) -> String {
    sandbox.git(&["show", "refs/ckpt/names/point^2^2:meta.toml"]) + "\n"
}

#[test]
fn records_of_bad_forms() {
    check("a newer meta", |sandbox| {
        let text = meta(sandbox).replace("version = 1", "version = 99");
        forge_facts(sandbox, &[("meta.toml", Some(text.as_bytes()))]);
    });
    check("a huge meta", |sandbox| {
        let text = meta(sandbox) + &format!("junk = \"{}\"\n", "x".repeat(8 << 20));
        forge_facts(sandbox, &[("meta.toml", Some(text.as_bytes()))]);
    });
    check("a meta with escapes", |sandbox| {
        let text = meta(sandbox).replace("a sound point", "\\u001b]0;x\\u0007\\u001b[2J\\u202e\\u0000 point")
            + "operation = \"\\u001b[31mmerge\"\n";
        let text = text.replace("[environment]", "next = [\"\\u001b[2J\"]\n[environment]");
        forge_facts(sandbox, &[("meta.toml", Some(text.as_bytes()))]);
    });
    check("a meta of nested tables", |sandbox| {
        let text = meta(sandbox) + &format!("x = {}{}\n", "[".repeat(5000), "]".repeat(5000));
        forge_facts(sandbox, &[("meta.toml", Some(text.as_bytes()))]);
    });
    check("no meta", |sandbox| {
        forge_facts(sandbox, &[("meta.toml", None)]);
    });
    check("a meta that is no text", |sandbox| {
        forge_facts(sandbox, &[("meta.toml", Some(b"\xff\xfe\0"))]);
    });
    check("extras that lead outside", |sandbox| {
        let extra = sandbox.git(&["show", "refs/ckpt/names/point^2^2:worktree-extra"]);
        let more = format!("{extra}\nmode 4777 ../../home/gitconfig\nempty ../outside\ncrlf /etc/passwd\n");
        forge_facts(
            sandbox,
            &[
                ("worktree-extra", Some(more.as_bytes())),
                ("index-extra.toml", Some(b"version = 1\n[[conflicts]]\npath = \"../x\"\n")),
            ],
        );
    });
    check("left-out and included that lie", |sandbox| {
        forge_facts(
            sandbox,
            &[
                ("left-out.jsonl", Some(b"{\"path\":\"\\u001b[2J../x\",\"reason\":\"too-large\"}\n")),
                ("included", Some(b"../../home/gitconfig\n/etc/passwd\n\x1b[2J\n")),
                ("context.md", Some("# \u{1b}[2J\u{202e} context\n\n## Todo\n- [ ] \u{7}x\n".as_bytes())),
                ("checklist.md", Some(b"\xff\xfe")),
            ],
        );
    });
}

#[test]
fn folders_of_facts_that_lead_outside() {
    check("an operation of hooks", |sandbox| {
        let file = blob(sandbox, b"#!/bin/sh\ntouch ran\n");
        let hooks = tree(sandbox, &[("100755", b"post-checkout", &file)]);
        let operation = tree(sandbox, &[("100644", b"config", &file), ("40000", b"hooks", &hooks)]);
        with_folder(sandbox, "operation", &operation);
    });
    check("an operation that climbs", |sandbox| {
        let file = blob(sandbox, b"x");
        let up = tree(sandbox, &[("100644", b"../../config", &file)]);
        let operation = tree(sandbox, &[("100644", b"MERGE_HEAD", &file), ("40000", b"rebase-merge", &up)]);
        with_folder(sandbox, "operation", &operation);
    });
    check("raw bytes of a path outside", |sandbox| {
        let file = blob(sandbox, b"x");
        let up = tree(sandbox, &[("100644", b"gitconfig", &file)]);
        let raw = tree(sandbox, &[("40000", b"..", &up), ("100644", b".git", &file)]);
        with_folder(sandbox, "raw", &raw);
    });
    check("partitions with names that climb", |sandbox| {
        let file = blob(sandbox, b"# x\n");
        let partitions = tree(sandbox, &[("100644", b"../../x.md", &file), ("100644", b"\x1b[2J.md", &file)]);
        with_folder(sandbox, "partitions", &partitions);
    });
}

fn with_folder(sandbox: &Sandbox, name: &str, id: &str) {
    let listing = sandbox.git(&["ls-tree", "refs/ckpt/names/point^2^2"]) + &format!("\n040000 tree {id}\t{name}\n");
    let facts = git_with(sandbox, &["mktree"], listing.as_bytes());
    forge_facts_tree(sandbox, &facts);
}

/// The tree of the session with one file exchanged, published as its new tip.
fn forge_session(sandbox: &Sandbox, name: &str, bytes: &[u8]) {
    let reference = "refs/ckpt/sessions/main";
    let listing = sandbox.git(&["ls-tree", reference]);
    let mut lines: Vec<&str> = listing.lines().filter(|line| !line.ends_with(&format!("\t{name}"))).collect();
    let line = format!("100644 blob {}\t{name}", object(sandbox, "blob", bytes));
    lines.push(&line);
    let new = git_with(sandbox, &["mktree"], (lines.join("\n") + "\n").as_bytes());
    let old = sandbox.git(&["rev-parse", &format!("{reference}^{{tree}}")]);
    let tip = edited_commit(sandbox, reference, |text| text.replace(&old, &new).replace("save ", "save \u{1b}[2J"));
    sandbox.git(&["update-ref", reference, &tip]);
}

#[test]
fn sessions_that_were_forged() {
    check("a session with escapes", |sandbox| {
        let text =
            "version = 1\ntitle = \"\\u001b[2J\\u202e\"\ncreated = \"2026-11-21T09:00:00Z\"\nstate = \"\\u0007\"\n";
        forge_session(sandbox, "session.toml", text.as_bytes());
    });
    check("a newer session", |sandbox| forge_session(sandbox, "session.toml", b"version = 7\n"));
    check("a context of escapes", |sandbox| {
        forge_session(sandbox, "context.md", "# x\n\n## Next Session\n- \u{1b}[2Jtouch ran\u{202e}\n".as_bytes());
    });
    check("a context that is no text", |sandbox| forge_session(sandbox, "context.md", b"\xff\x00\x1b[2J"));
    check("partitions that lead outside", |sandbox| {
        let text = "version = 1\n[partitions.\"../../x\"]\npaths = [\"../..\", \"/\"]\n";
        forge_session(sandbox, "partitions.toml", text.as_bytes());
    });
    check("a session that is another's commit", |sandbox| {
        let head = sandbox.git(&["rev-parse", "HEAD"]);
        sandbox.git(&["update-ref", "refs/ckpt/sessions/main", &head]);
    });
}

#[test]
fn names_notes_and_refs_that_were_forged() {
    check("a name with escapes", |sandbox| {
        let id = sandbox.git(&["rev-parse", "refs/ckpt/names/point"]);
        put(sandbox, "refs/ckpt/names/\u{1b}[2Jx\u{202e}", &format!("{id}\n"));
        put(sandbox, "refs/ckpt/names/forged", &format!("{id}\n"));
        put(sandbox, "refs/ckpt/names/--exec", &format!("{id}\n"));
        put(sandbox, "refs/ckpt/sessions/\u{1b}]0;x\u{7}", &format!("{id}\n"));
    });
    check("refs that lead outside and in circles", |sandbox| {
        put(sandbox, "refs/ckpt/names/forged", "ref: ../../../../../../../../etc/passwd\n");
        put(sandbox, "refs/ckpt/names/circle", "ref: refs/ckpt/names/circle\n");
        put(sandbox, "refs/ckpt/names/root", "ref: /etc/passwd\n");
        put(sandbox, "refs/ckpt/sessions/side", "ref: refs/ckpt/sessions/side\n");
        put(sandbox, &format!("refs/ckpt/checkpoints/{}", "5".repeat(40)), "ref: HEAD\n");
    });
    check("a ref of binary bytes", |sandbox| {
        put(sandbox, "refs/ckpt/names/forged", "\u{0}\u{1b}[2J");
        put(sandbox, "refs/ckpt/names/deep/er/name", &("7".repeat(40) + "\n"));
    });
    check("notes with escapes", |sandbox| {
        let file =
            blob(sandbox, "session \u{1b}[2J, checkpoint 7777777777777777777777777777777777777777: \u{7}\n".as_bytes());
        let head = sandbox.git(&["rev-parse", "HEAD"]);
        let notes = tree(sandbox, &[("100644", head.as_bytes(), &file), ("100644", b"../x", &file)]);
        let commit = sandbox.git(&["commit-tree", "-m", "notes", &notes]);
        sandbox.git(&["update-ref", "refs/notes/ckpt", &commit]);
        sandbox.git(&["update-ref", "refs/notes/remotes/evil/ckpt", &commit]);
    });
    check("an operation log that was forged", |sandbox| {
        let file = blob(sandbox, "version = 1\nposition = 1\nverb = \"load\"\ncreated = \"2026-11-21T09:00:00Z\"\ndescription = \"\\u001b[2J\"\nbefore = \"7777777777777777777777777777777777777777\"\npaths = [\"../../home\"]\n[[refs]]\nname = \"refs/heads/main\"\nold = \"7777777777777777777777777777777777777777\"\n".as_bytes());
        let log = tree(sandbox, &[("100644", b"operation.toml", &file)]);
        let commit = sandbox.git(&["commit-tree", "-m", "log", &log]);
        sandbox.git(&["update-ref", "refs/worktree/ckpt/operations", &commit]);
        put(sandbox, "refs/ckpt/names/forged", &sandbox.git(&["rev-parse", "refs/ckpt/names/point"]));
    });
    check("an operation log that would move a branch", |sandbox| {
        let head = sandbox.git(&["rev-parse", "HEAD"]);
        let other = sandbox.git(&["commit-tree", "-m", "other", "HEAD^{tree}"]);
        let text = format!(
            "version = 1\nposition = 1\nverb = \"name\"\ncreated = \"2026-11-21T09:00:00Z\"\ndescription = \"name x\"\n\
             [[refs]]\nname = \"refs/heads/main\"\nold = \"{other}\"\nnew = \"{head}\"\n"
        );
        let log = tree(sandbox, &[("100644", b"operation.toml", &blob(sandbox, text.as_bytes()))]);
        let commit = sandbox.git(&["commit-tree", "-m", "log", &log]);
        sandbox.git(&["update-ref", "refs/worktree/ckpt/operations", &commit]);
        put(sandbox, "refs/ckpt/names/forged", &sandbox.git(&["rev-parse", "refs/ckpt/names/point"]));
        let _ = sandbox.ckpt(&["undo", "--yes"]).ends_with(4).warns("it moves refs/heads/main");
    });
    check("files of ckpt's own folder that were forged", |sandbox| {
        put(
            sandbox,
            "ckpt/journal/main.jsonl",
            "{\"id\":\"0\",\"time\":\"2026-11-21T09:00:00Z\",\"kind\":\"\\u001b[2J\",\"text\":\"\\u0007\\u202e\"}\n\u{1b}[2J\nrubbish",
        );
        put(sandbox, "ckpt/identity", "../../../../x\n");
        put(sandbox, "ckpt/init.toml", "version = 1\npath = \"../../home/gitconfig\"\n");
        put(sandbox, "ckpt/hooks/installed.toml", "version = 1\nfiles = [\"../../home/gitconfig\"]\n");
        put(
            sandbox,
            "ckpt/hooks/runs.json",
            "{\"version\":1,\"hooks\":{\"post-commit\":{\"runs\":1,\"last\":\"2026-11-21T09:00:00Z\",\"duration_micros\":1,\"failures\":1,\"last_failure\":{\"time\":\"2026-11-21T09:00:00Z\",\"message\":\"\\u001b[2J\"}}}}",
        );
        put(sandbox, "refs/ckpt/names/forged", &sandbox.git(&["rev-parse", "refs/ckpt/names/point"]));
    });
}
