//! Spoils everything that a tool could bring back: the operation, HEAD, the index and every file that is not ignored.

use std::fs;
use std::path::Path;

use bstr::ByteSlice;

use crate::exact::git_dir;
use crate::sandbox::picture::Thing;
use crate::sandbox::{Picture, Sandbox};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wreck {
    Files,
    /// And hides them all behind other rules.
    FilesAndIgnoreRules,
}

impl Wreck {
    /// Rules that can be overwritten.
    pub fn prepare(self, sandbox: &Sandbox) {
        if self == Wreck::FilesAndIgnoreRules && !sandbox.exists(".gitignore") {
            sandbox.write(".gitignore", "*.tmp\n");
        }
    }

    /// What came while it was ignored is in no checkpoint, so a load leaves it where it is.
    pub fn take_away_what_was_hidden(self, sandbox: &Sandbox) {
        if self == Wreck::FilesAndIgnoreRules {
            sandbox.remove("junk");
        }
    }

    pub fn run(self, sandbox: &Sandbox, spared: &[&str]) {
        let ignored = ignored(sandbox);
        end_operation(sandbox);
        sandbox.git(&["symbolic-ref", "HEAD", "refs/heads/wrecked"]);
        let picture = Picture::of(&sandbox.work());
        let is_spared = |path: &[u8]| {
            spared.iter().any(|one| path == one.as_bytes() || path.starts_with(format!("{one}/").as_bytes()))
                || ignored.iter().any(|one| path == one.as_slice() || path.starts_with(one) && one.ends_with(b"/"))
        };
        for (number, (path, thing)) in picture.leaves().filter(|(path, _)| !is_spared(path)).enumerate() {
            spoil(sandbox, path, thing, number);
        }
        for (path, thing) in picture.things.iter().rev().filter(|(path, _)| !is_spared(path)) {
            if matches!(thing, Thing::Folder { .. }) {
                // Those that are empty by now.
                let _ = fs::remove_dir(sandbox.path(path.as_slice()));
            }
        }
        sandbox.write("junk/made by the wreck.txt", "junk\n");
        let _ = fs::remove_file(git_dir(sandbox).join("index"));
        if self == Wreck::FilesAndIgnoreRules {
            let path = sandbox.path(".gitignore");
            if path.is_dir() {
                fs::remove_dir_all(&path).unwrap();
            }
            fs::write(path, "*\n").unwrap();
        } else {
            sandbox.try_git(&["add", "junk"]);
        }
    }
}

/// Removed, overwritten or made something else, in turn.
fn spoil(sandbox: &Sandbox, path: &[u8], thing: &Thing, number: usize) {
    let place = sandbox.path(path);
    if matches!(thing, Thing::Nested) {
        return;
    }
    fs::remove_file(&place).unwrap();
    match number % 3 {
        0 => {}
        1 => fs::write(&place, "wrecked\n").unwrap(),
        _ => {
            fs::create_dir(&place).unwrap();
            fs::write(place.join("inside"), "a folder now\n").unwrap();
        }
    }
}

/// Paths that git ignores; a folder ends in `/`. No checkpoint holds them, so nobody may spoil them.
fn ignored(sandbox: &Sandbox) -> Vec<Vec<u8>> {
    let arguments = ["ls-files", "-z", "-o", "-i", "--exclude-standard", "--directory"];
    let listed = sandbox.try_git(&arguments);
    listed.stdout_bytes().split_str("\0").filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
}

fn end_operation(sandbox: &Sandbox) {
    let git_dir = git_dir(sandbox);
    for name in ["rebase-merge", "rebase-apply", "sequencer", "refs/bisect"] {
        let _ = fs::remove_dir_all(git_dir.join(name));
    }
    for entry in fs::read_dir(&git_dir).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        let name = name.to_str().unwrap();
        if name.starts_with("BISECT_") || name.starts_with("MERGE_") || is_head_of_operation(Path::new(name)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_head_of_operation(name: &Path) -> bool {
    ["CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "SQUASH_MSG", "AUTO_MERGE"]
        .iter()
        .any(|one| Path::new(one) == name)
}
