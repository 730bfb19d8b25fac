//! Where git takes the index's word about a file, and a save looks at its bytes.
//!
//! Git believes the index where the seconds of a file's times agree. A save reads the file where the fractions do not, where
//! the index is not clearly younger, and all files with `--full`. The two find the same, but where the attributes by which
//! the index's blob was made (an encoding, a filter, `ident`) are gone meanwhile: then the save has the bytes that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;

use bstr::{BString, ByteSlice};

use crate::oracle;
use crate::sandbox::Sandbox;

/// Whether all that differs between the two trees are files whose index entry git believes, and ours has what git would make
/// of their bytes. A path that git's tree has several times (2.47 writes such a sparse index now and then) counts once.
pub fn explains(sandbox: &Sandbox, has_flags: bool, git_tree: &str, ours: &str) -> bool {
    let believed = believed_entries(sandbox);
    let read = oracle::tree_reading(sandbox, has_flags, believed.values());
    let [git, ours, read] = [git_tree, ours, &read].map(|tree| files(sandbox, tree));
    let paths: BTreeSet<&BString> = git.keys().chain(ours.keys()).collect();
    let is_right = |path: &BString| {
        let (git, ours, read) = (git.get(path), ours.get(path), read.get(path));
        ours == git || (believed.contains_key(path) && ours == read)
    };
    paths.into_iter().all(is_right)
}

fn files(sandbox: &Sandbox, tree: &str) -> BTreeMap<BString, BString> {
    let listing = oracle::list(sandbox, tree);
    let lines = listing.split_str("\0").filter(|line| !line.is_empty());
    let entry = |line: &[u8]| {
        let (what, path) = line.split_once_str("\t").unwrap();
        (path.into(), what.into())
    };
    lines.map(entry).collect()
}

/// Entries of the index whose files have the times of the entry, to the second: path, and `mode id stage<TAB>path`.
fn believed_entries(sandbox: &Sandbox) -> BTreeMap<BString, BString> {
    let listing = oracle::list_index(sandbox);
    let mut rest = listing.as_slice();
    let mut found = BTreeMap::new();
    while let Some((entry, after)) = rest.split_once_str("\0") {
        let lines: Vec<&[u8]> = after.splitn_str(6, "\n").collect();
        rest = lines.get(5).copied().unwrap_or_default();
        let (what, path) = entry.split_once_str("\t").unwrap();
        let Ok(data) = fs::symlink_metadata(sandbox.path(path)) else { continue };
        let is_file = what.ends_with(b" 0") && !what.starts_with(b"16");
        if is_file && data.ctime() == seconds_of(lines[0]) && data.mtime() == seconds_of(lines[1]) {
            found.insert(path.into(), entry.into());
        }
    }
    found
}

/// The first number of `  mtime: 1700000000:123`.
fn seconds_of(line: &[u8]) -> i64 {
    let (_, times) = line.to_str().unwrap().split_once(": ").unwrap();
    times.split_once(':').unwrap().0.parse().unwrap()
}
