//! What a diff looks like, and that git takes it.

use bstr::ByteSlice;
use jiff::Timestamp;

use super::*;
use crate::model::change::Side;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, hash_object};
use crate::ops::diff::Diffed;
use crate::report::look::Look;
use crate::report::style::Palette;

fn side(mode: Mode, content: &[u8]) -> Option<Side> {
    Some(Side { mode, id: hash_object(crate::model::id::HashKind::Sha1, ObjectKind::Blob, content) })
}

fn text_file(path: &[u8], old: &[u8], new: &[u8]) -> FileDiff {
    let change = Change { path: path.into(), old: side(Mode::File, old), new: side(Mode::File, new) };
    FileDiff { change, content: FileContent::Text { old: old.to_vec(), new: new.to_vec() } }
}

fn diffed(files: Vec<FileDiff>) -> Diffed {
    Diffed { from: "a".into(), to: "b".into(), files }
}

fn plain() -> Look {
    Look::plain(Timestamp::UNIX_EPOCH)
}

#[test]
fn the_patch_is_exact_for_programs() {
    let file = text_file(b"x.txt", b"one\r\ntwo\nthree", b"one\r\nTWO\nthree\xff");
    let patch = patch::render(&diffed(vec![file]), &plain());
    assert!(patch.starts_with(b"diff --git a/x.txt b/x.txt\nindex "), "{}", String::from_utf8_lossy(&patch));
    let look = Look { palette: Palette { colored: true }, is_terminal: true, ..plain() };
    let file = text_file(b"x.txt", b"two\nthree\xff", b"TWO\nthree\xfe");
    assert!(patch::render(&diffed(vec![file]), &look).is_utf8());
    let hunk = b"@@ -1,3 +1,3 @@\n one\r\n-two\n-three\n\\ No newline at end of file\n+TWO\n+three\xff\n\\ No newline at end of file\n";
    assert!(patch.ends_with(hunk), "{}", String::from_utf8_lossy(&patch));
}

#[test]
fn a_terminal_gets_no_byte_that_it_would_obey() {
    let file = text_file(b"x\x1b[2J", b"a\x1b]0;t\x07\n", b"b\x1b[31m\rq\n");
    let look = Look { is_terminal: true, ..plain() };
    let patch = patch::render(&diffed(vec![file]), &look);
    assert!(patch.iter().all(|&byte| byte == b'\n' || byte >= 0x20), "{}", String::from_utf8_lossy(&patch));
}

#[test]
fn differing_words_are_marked_in_color() {
    let file = text_file(b"x", b"let total = 1;\n", b"let total = 2;\n");
    let look = Look { palette: Palette { colored: true }, ..plain() };
    let patch = String::from_utf8(patch::render(&diffed(vec![file]), &look)).unwrap();
    let marked: String = look.paint(crate::report::style::Role::AddedWord, "2");
    assert!(patch.contains(marked.trim_end_matches("\u{1b}[0m")), "{patch:?}");
}

#[test]
fn modes_kinds_and_binaries_are_named() {
    let mut moded = text_file(b"run.sh", b"x", b"x");
    moded.change.new = side(Mode::Executable, b"x");
    moded.content = FileContent::ModeOnly;
    let mut binary = text_file(b"logo.png", b"1", b"2");
    binary.content = FileContent::Binary { old: 1200, new: 3400 };
    let mut linked = text_file(b"link", b"x\n", b"y");
    linked.change.new = side(Mode::Symlink, b"y");
    let files = vec![moded, binary, linked, text_file(b"src/a.rs", b"1\n2\n3\n", b"1\n2\n4\n5\n")];
    let stat = stat::render(&diffed(files), &plain());
    insta::assert_snapshot!(stat, @r"
    M run.sh   | mode 100644 -> 100755
    M logo.png | binary, 1.2 kB -> 3.4 kB
    T link     | 2 +- file -> link
    M src/a.rs | 3 ++-
    4 files changed, 3 lines added, 2 removed
    ");
}

#[test]
fn git_applies_the_patch() {
    let folder = tempfile::tempdir().unwrap();
    let old: Vec<u8> = (0..40).flat_map(|number| format!("line {number}\r\n").into_bytes()).collect();
    let new =
        String::from_utf8(old.clone()).unwrap().replace("line 7\r", "line seven").replace("line 30", "\x1b\rline 30");
    let name = "odd \"näme\".txt";
    std::fs::write(folder.path().join(name), &old).unwrap();
    let patch = patch::render(&diffed(vec![text_file(name.as_bytes(), &old, new.as_bytes())]), &plain());
    std::fs::write(folder.path().join("p"), patch).unwrap();
    let environment = crate::sys::environment::Environment::of_process().unwrap();
    let mut git = crate::sys::process::git(&environment, folder.path());
    git.env("GIT_CEILING_DIRECTORIES", folder.path());
    let output = git.args(["apply", "-p1", "p"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read(folder.path().join(name)).unwrap(), new.as_bytes());
}
