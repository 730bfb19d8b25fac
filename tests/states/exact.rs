//! All that a state consists of, for the comparison.

use std::fs;

use bstr::{BString, ByteSlice};

use crate::sandbox::repository::index_entries;
use crate::sandbox::{Picture, Sandbox};

/// Files and folders of the git folder that make up an operation in progress.
const OPERATION: [&str; 14] = [
    "MERGE_HEAD",
    "MERGE_MSG",
    "MERGE_MODE",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "REBASE_HEAD",
    "BISECT_LOG",
    "BISECT_START",
    "BISECT_NAMES",
    "BISECT_TERMS",
    "rebase-merge",
    "rebase-apply",
    "sequencer",
    "refs/bisect",
];

#[derive(Debug)]
pub struct Exact {
    files: Picture,
    index: Vec<(BString, u32)>,
    head: String,
    operation: Picture,
}

impl Exact {
    /// Everything but these paths and what is below them.
    pub fn of(sandbox: &Sandbox, except: &[&str]) -> Exact {
        let is_out = |path: &[u8]| path == b".git" || except.iter().any(|out| path == out.as_bytes());
        let git_dir = git_dir(sandbox);
        let is_operation = |path: &[u8]| {
            OPERATION.iter().any(|one| {
                path == one.as_bytes()
                    || path.starts_with(format!("{one}/").as_bytes())
                    || one.as_bytes().starts_with(&[path, b"/"].concat())
            })
        };
        // An operation without a message or list of its own leaves empty files behind; they say nothing.
        let mut operation = Picture::without(&git_dir, &|path| !is_operation(path));
        operation.things.retain(|path, _| OPERATION.iter().any(|one| path.starts_with(one.as_bytes())));
        let symbolic = sandbox.try_git(&["symbolic-ref", "-q", "HEAD"]).stdout();
        let commit = sandbox.try_git(&["rev-parse", "-q", "--verify", "HEAD"]).stdout();
        Exact {
            files: Picture::without(&sandbox.work(), &is_out),
            index: index_entries(sandbox),
            head: format!("{symbolic}{commit}"),
            operation,
        }
    }

    pub fn equals(&self, found: &Exact) -> bool {
        self.differences(found).is_empty()
    }

    #[track_caller]
    pub fn must_equal(&self, found: &Exact, why: &str) {
        let differences = self.differences(found);
        assert!(differences.is_empty(), "{why}:\n{differences}");
    }

    fn differences(&self, found: &Exact) -> String {
        let mut text = self.files.differences(&found.files);
        if self.index != found.index {
            text += &format!("  the index: expected {:#?}, found {:#?}\n", self.index, found.index);
        }
        if self.head != found.head {
            text += &format!("  HEAD: expected {:?}, found {:?}\n", self.head, found.head);
        }
        text + &self.operation.differences(&found.operation)
    }
}

/// The git folder, wherever the layout has it.
pub fn git_dir(sandbox: &Sandbox) -> std::path::PathBuf {
    let path = sandbox.work().join(".git");
    if path.is_dir() {
        return path;
    }
    let text = fs::read(&path).unwrap();
    let target = text.strip_prefix(b"gitdir: ").unwrap().trim_ascii_end();
    sandbox.work().join(target.to_path().unwrap())
}
