//! Trees, commits, records and refs that an attacker made, of many kinds: every command refuses or neutralises each of them.
//!
//! After each command: it ended by itself, no control byte reached the terminal, nothing outside the work tree changed, no
//! program that the repository names has run.

use crate::forge::{edited_commit, forge, git_with, object, publish, tree};
use crate::sandbox::{Picture, Sandbox};
use crate::terminal::on_terminal;

/// What is run over each of them.
const COMMANDS: [&[&str]; 22] = [
    &["list"],
    &["show", "forged"],
    &["diff", "forged"],
    &["diff", "point", "forged"],
    &["load", "forged", "--dry-run"],
    &["verify", "forged"],
    &["verify", "--all", "--read-data"],
    &["doctor"],
    &["brief"],
    &["status"],
    &["context", "show", "--at", "forged"],
    &["context", "show"],
    &["context", "log"],
    &["load", "forged", "--yes", "--operation", "--head", "--force"],
    &["undo", "--yes"],
    &["load", "forged", "--into", "../into", "--yes"],
    &["operations"],
    &["note", "a word"],
    &["name", "forged", "again"],
    &["save", "after"],
    &["drop", "forged"],
    &["verify", "--all"],
];

/// Programs that would leave a trace if anything ran them.
fn with_canaries() -> Sandbox {
    let sandbox = Sandbox::new();
    let trace = sandbox.root().join("ran");
    let touch = format!("touch {}", trace.display());
    sandbox.write(".gitattributes", "* filter=evil diff=evil merge=evil\n");
    sandbox
        .write(".gitmodules", format!("[submodule \"x\"]\n\tpath = sub\n\turl = ext::{touch}\n\tupdate = !{touch}\n"));
    sandbox.write(
        ".gitconfig",
        format!("[filter \"evil\"]\n\tclean = {touch}\n\tsmudge = {touch}\n[diff \"evil\"]\n\ttextconv = {touch}\n"),
    );
    sandbox.write(".ckpt/config.toml", format!("[summary]\ncommand = \"{touch}\"\n"));
    sandbox.write(".githooks/post-checkout", format!("#!/bin/sh\n{touch}\n"));
    sandbox.chmod(".githooks/post-checkout", 0o755);
    sandbox.save(&["point", "-m", "a sound point"]);
    sandbox
}

/// Everything but the work tree, ckpt's own notes about it, and what was asked for.
fn outside(sandbox: &Sandbox) -> Picture {
    Picture::without(sandbox.root(), &|path| {
        path == b"work" || path == b"into" || path.starts_with(b"home/.local") || path.starts_with(b"home/.cache")
    })
}

fn heads(sandbox: &Sandbox) -> String {
    sandbox.git(&["for-each-ref", "refs/heads"])
}

fn git_side(sandbox: &Sandbox) -> Picture {
    let dir = sandbox.git_dir();
    Picture::without(&dir, &|path| {
        !(path == b"config"
            || path == b"hooks"
            || path.starts_with(b"hooks/")
            || path == b"description"
            || path == b"info"
            || path == b"info/attributes")
    })
}

#[track_caller]
fn must_be_harmless(kind: &str, sandbox: &Sandbox) {
    let (before, git_before) = (outside(sandbox), git_side(sandbox));
    let branches = heads(sandbox);
    must_show_no_control(kind, sandbox);
    for arguments in COMMANDS {
        for json in [false, true] {
            let with_json: Vec<&str> = arguments.iter().copied().chain(json.then_some("--json")).collect();
            let outcome = sandbox.ckpt(&with_json);
            let why = format!("{kind}: ckpt {}", with_json.join(" "));
            assert!(matches!(outcome.code(), Some(0..=4)), "{why}\n{}", outcome.describe());
            // A patch and a document go into a pipe as they are; what a terminal gets of them is looked at below.
            let is_data = !json && matches!(arguments[0], "diff" | "context");
            let texts = [outcome.stdout(), outcome.stderr()];
            for text in texts.iter().skip(usize::from(is_data)) {
                // In JSON the direction marks are data; controls are escaped.
                let bad = text.chars().find(|&one| is_harmful(one) && (!json || one.is_ascii_control()));
                assert_eq!(bad, None, "{why}\n{}", outcome.describe());
            }
            before.must_equal(&outside(sandbox), &why);
            git_before.must_equal(&git_side(sandbox), &why);
            assert_eq!(branches, heads(sandbox), "{why}: a branch moved");
        }
    }
    assert!(!sandbox.root().join("ran").exists(), "{kind}: a program ran");
}

fn is_harmful(character: char) -> bool {
    (character.is_control() && character != '\n') || ('\u{202a}'..='\u{202e}').contains(&character)
}

/// What a terminal gets to see.
fn must_show_no_control(kind: &str, sandbox: &Sandbox) {
    let lines =
        ["diff point forged", "context show --at forged", "context show", "show forged", "list", "verify --all"];
    for line in lines.map(|line| format!("{line} --no-pager --color never")) {
        let Some((code, screen)) = on_terminal(sandbox, &line, "") else { return };
        assert!((0..=4).contains(&code), "{kind}: {line}: {code}\n{screen}");
        let screen = screen.replace("\r\n", "\n");
        let bad = screen.chars().find(|&one| is_harmful(one));
        assert_eq!(bad, None, "{kind}: {line}\n{screen:?}");
    }
}

pub fn check(kind: &str, build: impl Fn(&Sandbox)) {
    let sandbox = with_canaries();
    build(&sandbox);
    must_be_harmless(kind, &sandbox);
}

pub fn blob(sandbox: &Sandbox, bytes: &[u8]) -> String {
    object(sandbox, "blob", bytes)
}

/// A tree with one entry, forged into a point.
fn check_entry(kind: &str, mode: &str, name: &[u8], inside: bool) {
    check(kind, |sandbox| {
        let file = blob(sandbox, b"#!/bin/sh\ntouch ran\n");
        let inner = tree(sandbox, &[("100755", b"post-checkout", &file), ("100644", b"config", &file)]);
        let id = if inside { inner } else { file };
        forge(sandbox, &tree(sandbox, &[(mode, name, &id)]));
    });
}

#[test]
fn names_that_lead_elsewhere() {
    check_entry("..", "40000", b"..", true);
    check_entry("../x", "100644", b"../x", false);
    check_entry("absolute", "100644", b"/tmp/ckpt-hostile", false);
    check_entry(".git", "40000", b".git", true);
    check_entry(".GIT", "40000", b".GIT", true);
    check_entry("git~1", "40000", b"git~1", true);
}

#[test]
fn names_that_hide() {
    check_entry("invisible", "40000", ".g\u{200c}it".as_bytes(), true);
    check_entry("stream", "40000", b".git::$INDEX_ALLOCATION", true);
    check_entry("escape", "100644", b"\x1b[2J\x1b]0;title\x07", false);
    check_entry("bytes", "100644", b"\xff\xfe\x80\x9b31m", false);
    check_entry("direction", "100644", "evil\u{202e}txt.exe".as_bytes(), false);
    check_entry("line feeds", "100644", b"a\nCkpt-Kind: safety\n\r", false);
    check_entry("dashes", "100644", b"--upload-pack=touch ran", false);
}

#[test]
fn trees_of_bad_forms() {
    check("twice", |sandbox| {
        let file = blob(sandbox, b"x");
        forge(sandbox, &tree(sandbox, &[("100644", b"a", &file), ("100644", b"a", &file)]));
    });
    check("file and folder", |sandbox| {
        let file = blob(sandbox, b"x");
        let inner = tree(sandbox, &[("100644", b"x", &file)]);
        forge(sandbox, &tree(sandbox, &[("100644", b"a", &file), ("40000", b"a", &inner)]));
    });
    check("mode 0", |sandbox| {
        let file = blob(sandbox, b"x");
        forge(sandbox, &tree(sandbox, &[("0", b"a", &file)]));
    });
    check("mode that is no number", |sandbox| {
        let file = blob(sandbox, b"x");
        forge(sandbox, &tree(sandbox, &[("99999999999999999999", b"a", &file)]));
    });
    check("a tree where a file should be", |sandbox| {
        let inner = tree(sandbox, &[]);
        forge(sandbox, &tree(sandbox, &[("100644", b"a", &inner)]));
    });
    check("a file where a tree should be", |sandbox| {
        let file = blob(sandbox, b"x");
        forge(sandbox, &tree(sandbox, &[("40000", b"a", &file)]));
    });
    check("cut short", |sandbox| {
        let bytes = object(sandbox, "tree", b"100644 a\0abc");
        forge(sandbox, &bytes);
    });
}

#[test]
fn links_and_modules() {
    check("a file below a link", |sandbox| {
        let target = blob(sandbox, b"../home");
        let file = blob(sandbox, b"planted");
        let inner = tree(sandbox, &[("100644", b"planted", &file)]);
        forge(sandbox, &tree(sandbox, &[("120000", b"door", &target), ("40000", b"door", &inner)]));
    });
    check("a link that is .gitmodules", |sandbox| {
        let target = blob(sandbox, b"../home/gitconfig");
        forge(sandbox, &tree(sandbox, &[("120000", b".gitmodules", &target)]));
    });
    check("a link with a long target", |sandbox| {
        let target = blob(sandbox, &[b'a'; 70_000]);
        forge(sandbox, &tree(sandbox, &[("120000", b"link", &target)]));
    });
    check("a link with a NUL in its target", |sandbox| {
        let target = blob(sandbox, b"a\0b");
        forge(sandbox, &tree(sandbox, &[("120000", b"link", &target)]));
    });
    check("a module with files", |sandbox| {
        let modules =
            blob(sandbox, b"[submodule \"-u./evil\"]\n\tpath = sub\n\turl = -u./evil\n\tupdate = !touch ran\n");
        let nowhere = "7".repeat(40);
        forge(sandbox, &tree(sandbox, &[("100644", b".gitmodules", &modules), ("160000", b"sub", &nowhere)]));
    });
}

#[test]
fn trees_that_exhaust() {
    check("deep", |sandbox| {
        let file = blob(sandbox, b"x");
        let mut id = tree(sandbox, &[("100644", b"x", &file)]);
        // One process for all of them.
        let mut bytes = Vec::new();
        for number in 0..1500 {
            let raw: Vec<u8> = (0..40).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()).collect();
            let content = [b"40000 d\0".as_slice(), &raw].concat();
            let path = sandbox.root().join("home/.cache-tree");
            std::fs::write(&path, &content).unwrap();
            bytes.push(number);
            id = git_with(sandbox, &["hash-object", "-w", "-t", "tree", "--literally", path.to_str().unwrap()], b"");
        }
        std::fs::remove_file(sandbox.root().join("home/.cache-tree")).unwrap();
        forge(sandbox, &id);
    });
    check("many of one", |sandbox| {
        let file = blob(sandbox, b"x");
        let mut id = tree(sandbox, &[("100644", b"x", &file)]);
        for _ in 0..12 {
            let names: Vec<String> = (0..16).map(|number| format!("d{number:02}")).collect();
            let entries: Vec<(&str, &[u8], &str)> =
                names.iter().map(|name| ("40000", name.as_bytes(), id.as_str())).collect();
            id = tree(sandbox, &entries);
        }
        // A whole load of it would be 16 to the 12th files: only what looks must come to an end.
        forge(sandbox, &id);
        for arguments in [&["verify", "forged"][..], &["verify", "--all"], &["list"], &["doctor"]] {
            let _ = sandbox.ckpt(arguments).ends_orderly();
        }
        sandbox.git(&["update-ref", "-d", "refs/ckpt/names/forged"]);
        let refs = sandbox.git(&["for-each-ref", "--format=%(refname)", "refs/ckpt/checkpoints"]);
        let point = sandbox.git(&["rev-parse", "refs/ckpt/names/point"]);
        for name in refs.lines().filter(|name| !name.ends_with(&point)) {
            sandbox.git(&["update-ref", "-d", name]);
        }
    });
}

#[test]
fn commits_that_lie() {
    check("no parents", |sandbox| {
        let id = edited_commit(sandbox, "refs/ckpt/names/point", |text| {
            text.lines().filter(|line| !line.starts_with("parent ")).map(|line| format!("{line}\n")).collect()
        });
        publish(sandbox, &id);
    });
    check("HEAD as every parent", |sandbox| {
        let head = sandbox.git(&["rev-parse", "HEAD"]);
        let id = edited_commit(sandbox, "refs/ckpt/names/point", |text| {
            let line =
                |line: &str| if line.starts_with("parent ") { format!("parent {head}\n") } else { format!("{line}\n") };
            text.lines().map(line).collect()
        });
        publish(sandbox, &id);
    });
    check("trailers with escapes", |sandbox| {
        let id = edited_commit(sandbox, "refs/ckpt/names/point", |text| {
            text.replace("Ckpt-Session: main", "Ckpt-Session: \u{1b}[31mmain\u{202e}")
                .replace("a sound point", "a \u{1b}[2J point\u{7}")
        });
        publish(sandbox, &id);
    });
    check("numbers beyond all bounds", |sandbox| {
        let id = edited_commit(sandbox, "refs/ckpt/names/point", |text| {
            text.replace("Ckpt-Sequence: 1", "Ckpt-Sequence: 18446744073709551615")
                .replace(" 1795", " 9223372036854775807")
        });
        publish(sandbox, &id);
    });
    check("a session that is a path", |sandbox| {
        let id = edited_commit(sandbox, "refs/ckpt/names/point", |text| {
            text.replace("Ckpt-Session: main", "Ckpt-Session: ../../heads/main")
                .replace("Ckpt-Kind: manual", "Ckpt-Worktree: ../..\nCkpt-Kind: manual")
        });
        publish(sandbox, &id);
    });
    check("no commit at all", |sandbox| {
        let file = blob(sandbox, b"x");
        let path = sandbox.git_dir().join(format!("refs/ckpt/checkpoints/{file}"));
        std::fs::write(path, format!("{file}\n")).unwrap();
        std::fs::write(sandbox.git_dir().join("refs/ckpt/names/forged"), format!("{file}\n")).unwrap();
    });
}
