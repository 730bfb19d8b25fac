//! What paths may be called.

use crate::sandbox::Sandbox;
use crate::{State, state};

pub const STATES: &[State] = &[
    state("blanks at both ends", || with(&[b" a b "])),
    state("line feed", || with(&[b"two\nlines"])),
    state("leading dash", || with(&[b"-rf", b"--help"])),
    state("not UTF-8", || with(&[b"caf\xe9", b"\xff\xfe"])),
    state("pathspec magic", || with(&[b":(glob)x", b":!y", b"*", b"[a]?"])),
    state("backslash and quote", || with(&[b"a\\b", b"\"quoted\"", b"tab\there"])),
    state("case twins", || with(&[b"Twin", b"twin", b"TWIN"])),
    state("composed and decomposed", || with(&["é".as_bytes(), "e\u{301}".as_bytes()])),
    state("as long as may be", || with(&[&[b'x'; 255]])),
    state("sixty folders deep", || with(&[&[b"d/".repeat(60), b"file".to_vec()].concat()])),
    state("emoji and right to left", || with(&["🦀/שלום.txt".as_bytes()])),
    state("escape codes", || with(&[b"\x1b[31mred\x1b[0m"])),
    state("like a file of git's", || with(&[b"HEAD", b"index", b"refs/heads/main", b"objects/x"])),
    state("sorts before its folder", || with(&[b"a-b", b"a/b", b"a.b", b"a0"])),
    State {
        name: "what git refuses",
        make: || {
            let sandbox = with(&[b"fine"]);
            sandbox.write(".GIT/x", "refused\n");
            sandbox.write("git~1", "refused\n");
            sandbox
        },
        unkept: &[".GIT", "git~1"],
    },
];

/// Each path twice: tracked and changed, and untracked with an ending of its own.
fn with(paths: &[&[u8]]) -> Sandbox {
    let sandbox = Sandbox::new();
    for path in paths {
        sandbox.write(path, "first\n");
    }
    sandbox.commit("odd names");
    for path in paths {
        sandbox.write(path, "second\n");
        if path.len() < 200 {
            sandbox.write([path, &b".new"[..]].concat(), "untracked\n");
        }
    }
    sandbox
}
