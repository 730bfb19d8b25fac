//! The bytes of an index file, version 2 or 3: entries, cached trees, checksum.
//!
//! Pure. Plain on purpose: no split, sparse or untracked part, which every git reads.

use crate::model::hash::Hasher;
use crate::model::id::HashKind;
use crate::model::index::{CachedTree, IndexEntry};
use crate::model::stat::Stat;

const ASSUME_UNCHANGED: u16 = 0x8000;
const EXTENDED: u16 = 0x4000;
const SKIP_WORKTREE: u16 = 0x4000;
const INTENT_TO_ADD: u16 = 0x2000;
const LONGEST: usize = 0xfff;

/// A folder of the cached trees with the number of its own subfolders, in git's order: a folder before its contents.
pub(crate) struct TreeNode {
    pub tree: CachedTree,
    pub subtrees: u32,
}

/// Renders entries that are in git's order. `trees` is empty, or complete from the root down.
pub(crate) fn render(hash: HashKind, entries: &[IndexEntry], trees: &[TreeNode]) -> Vec<u8> {
    let is_extended = |entry: &IndexEntry| entry.skip_worktree || entry.intent_to_add;
    let version: u32 = if entries.iter().any(is_extended) { 3 } else { 2 };
    let mut out = Vec::with_capacity(entries.len() * 104 + 64);
    out.extend_from_slice(b"DIRC");
    out.extend_from_slice(&version.to_be_bytes());
    out.extend_from_slice(&(entries.len() as u32).to_be_bytes());
    for entry in entries {
        add_entry(&mut out, entry);
    }
    if !trees.is_empty() {
        add_trees(&mut out, trees);
    }
    let sum = Hasher::digest(hash, &out);
    out.extend_from_slice(sum.as_bytes());
    out
}

fn add_entry(out: &mut Vec<u8>, entry: &IndexEntry) {
    let start = out.len();
    add_stat(out, &entry.stat, entry.mode);
    out.extend_from_slice(entry.id.as_bytes());
    let extended =
        if entry.skip_worktree { SKIP_WORKTREE } else { 0 } | if entry.intent_to_add { INTENT_TO_ADD } else { 0 };
    let mut flags = u16::from(entry.stage) << 12 | entry.path.len().min(LONGEST) as u16;
    if entry.assume_unchanged {
        flags |= ASSUME_UNCHANGED;
    }
    if extended != 0 {
        flags |= EXTENDED;
    }
    out.extend_from_slice(&flags.to_be_bytes());
    if extended != 0 {
        out.extend_from_slice(&extended.to_be_bytes());
    }
    out.extend_from_slice(&entry.path);
    // One zero at least, up to a multiple of eight bytes.
    let length = out.len() - start;
    out.resize(start + (length / 8 + 1) * 8, 0);
}

/// The file's format has 32 bits for each number; git compares them cut in the same way.
fn add_stat(out: &mut Vec<u8>, stat: &Stat, mode: u32) {
    let mut add = |value: u64| out.extend_from_slice(&(value as u32).to_be_bytes());
    for time in [stat.changed, stat.modified] {
        add(time.div_euclid(1_000_000_000) as u64);
        add(time.rem_euclid(1_000_000_000) as u64);
    }
    add(stat.device);
    add(stat.inode);
    add(mode.into());
    add(stat.uid.into());
    add(stat.gid.into());
    // A size that is cut to zero would read as "unknown"; git has this one number in its place.
    let is_cut_to_zero = stat.size != 0 && stat.size as u32 == 0;
    add(if is_cut_to_zero { 0x8000_0000 } else { stat.size });
}

fn add_trees(out: &mut Vec<u8>, trees: &[TreeNode]) {
    let mut data = Vec::with_capacity(trees.len() * 40);
    for TreeNode { tree, subtrees } in trees {
        let name = tree.path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        data.extend_from_slice(name);
        data.extend_from_slice(format!("\0{} {subtrees}\n", tree.entries).as_bytes());
        data.extend_from_slice(tree.id.as_bytes());
    }
    out.extend_from_slice(b"TREE");
    out.extend_from_slice(&(data.len() as u32).to_be_bytes());
    out.extend_from_slice(&data);
}
