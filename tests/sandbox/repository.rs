//! The part of a repository that is the user's own: what a save must leave exactly as it was.

use std::fs;
use std::os::unix::fs::MetadataExt;

use bstr::{BString, ByteSlice};

use super::{Outcome, Picture, Sandbox};

/// Every file of the git folder outside `objects/`, `ckpt/`, ckpt's own refs and git's tables of refs, and the index's times.
#[derive(Clone, PartialEq, Debug)]
pub struct RepositoryState {
    files: Picture,
    refs: String,
    index_time: Option<(i64, i64, u64)>,
}

impl RepositoryState {
    pub fn of(sandbox: &Sandbox) -> RepositoryState {
        let git_dir = sandbox.git_dir();
        let index = fs::metadata(git_dir.join("index")).ok();
        RepositoryState {
            files: Picture::without(&git_dir, &is_ours),
            refs: users_refs(sandbox),
            index_time: index.map(|data| (data.mtime(), data.mtime_nsec(), data.ino())),
        }
    }

    /// Fails with the list of differences unless `found` is the same as `self`.
    #[track_caller]
    pub fn must_equal(&self, found: &RepositoryState, why: &str) {
        self.files.must_equal(&found.files, why);
        assert_eq!(self.refs, found.refs, "{why}: refs");
        assert_eq!(self.index_time, found.index_time, "{why}: the index file was written");
    }
}

fn is_ours(path: &[u8]) -> bool {
    matches!(path, b"objects" | b"ckpt" | b"refs/ckpt" | b"refs/worktree" | b"reftable")
}

/// All refs but those of ckpt, with HEAD.
fn users_refs(sandbox: &Sandbox) -> String {
    let all = sandbox.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
    let kept = all.lines().filter(|line| !line.starts_with("refs/ckpt/") && !line.starts_with("refs/worktree/ckpt/"));
    kept.collect::<Vec<_>>().join("\n")
}

/// What the index says: mode, id, stage and path of each entry with the flags that users set
/// (assume-unchanged 0x8000, intent-to-add 0x20000000, skip-worktree 0x40000000), but no stat data.
pub fn index_entries(sandbox: &Sandbox) -> Vec<(BString, u32)> {
    index_entries_in(sandbox, "")
}

/// [`index_entries`] of the repository that stands at a place of the work tree.
pub fn index_entries_in(sandbox: &Sandbox, place: &str) -> Vec<(BString, u32)> {
    let mut command = sandbox.command("git");
    command.args(["ls-files", "-s", "-z", "--debug"]).current_dir(sandbox.work().join(place));
    let outcome = Outcome::of(&mut command).succeeds();
    parse_index_listing(outcome.stdout_bytes())
}

/// Reads `git ls-files -s -z --debug`: an entry ends with NUL, then five lines of stat data follow.
pub fn parse_index_listing(mut text: &[u8]) -> Vec<(BString, u32)> {
    let mut entries = Vec::new();
    while let Some((entry, rest)) = text.split_once_str("\0") {
        let mut lines = rest.splitn_str(6, "\n");
        let flags = lines.by_ref().take(5).last().and_then(|line| line.rsplit_once_str("flags: "));
        let flags = flags.map(|(_, hex)| u32::from_str_radix(hex.to_str().unwrap(), 16).unwrap());
        entries.push((entry.into(), flags.expect("the fifth line has the flags") & 0x6000_8000));
        text = lines.next().unwrap_or_default();
    }
    entries
}
