//! What the index holds with skip-worktree and the disk does not: a sparse checkout is no deletion.

use std::sync::atomic::Ordering;

use bstr::{BStr, BString, ByteSlice};

use super::dir::Names;
use super::index_view::Tracked;
use super::node::{Entry, Folder, Kind, Node, Seen, flag};
use super::rules::Rules;
use super::walk::{Trust, Walk};
use crate::model::index::IndexEntry;
use crate::model::mode::Mode;
use crate::model::object::ObjectKind;
use crate::model::tree::join;

impl Walk<'_> {
    /// A `.gitignore` that is in the index with skip-worktree and not on disk: git reads it from there, and so must we.
    pub(super) fn virtual_rules(&self, path: &BString, rules: &Rules) -> Option<Rules> {
        if self.trust == Trust::All || !self.index.is_sparse() {
            return None;
        }
        let Tracked::Entry(entry) = self.index.lookup(join(path, b".gitignore").as_bstr()) else { return None };
        let text = entry.skip_worktree.then(|| self.reader.read_kind(&entry.id, ObjectKind::Blob).ok()).flatten()?;
        Some(rules.with(path.as_bstr(), &text))
    }

    /// Adds what the index holds with skip-worktree and the disk does not.
    pub(super) fn add_virtual(&self, path: &BString, mut entries: Vec<Entry>, names: &Names) -> Vec<Entry> {
        if self.trust == Trust::All || !self.index.is_sparse() {
            return entries;
        }
        let below = self.index.below(path.as_bstr());
        if !below.iter().any(|entry| entry.skip_worktree) {
            return entries;
        }
        self.needs_index.store(true, Ordering::Relaxed);
        let base = if path.is_empty() { 0 } else { path.len() + 1 };
        // Entries below a path where an ignored file stands now are still in the index, and git keeps them.
        let is_in_tree = |found: &Entry| found.kind != Kind::Ignored;
        let is_missing = |entry: &Entry| match entry.kind {
            Kind::Folder => !entries.iter().any(|found| found.name == entry.name && is_in_tree(found)),
            _ => !names.contains(&entry.name),
        };
        let found: Vec<_> = virtual_entries(below, base).into_iter().filter(is_missing).collect();
        entries.retain(|entry| is_in_tree(entry) || found.iter().all(|other| other.name != entry.name));
        entries.extend(found);
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        entries
    }
}

/// Entries for what is in the index with skip-worktree, below a path prefix of `base` bytes.
fn virtual_entries(below: &[IndexEntry], base: usize) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for chunk in
        below.chunk_by(|left, right| first_part(left.path.as_bstr(), base) == first_part(right.path.as_bstr(), base))
    {
        let (name, is_folder) = first_part(chunk[0].path.as_bstr(), base);
        let first = chunk.iter().find(|entry| is_kept(entry));
        let Some(first) = first else { continue };
        let mut entry = Entry::new(name.into(), Kind::Virtual, Seen::default());
        entry.flags = flag::TRACKED;
        if is_folder {
            let inner = virtual_entries(chunk, base + name.len() + 1);
            let folder = Folder { absent: true, relist: true, entries: inner, ..Folder::default() };
            entry.kind = Kind::Folder;
            entry.child = Some(Node::Folder(Box::new(folder)));
        } else {
            entry.mode = Mode::from_number(first.mode).unwrap_or(Mode::File);
            entry.id = Some(first.id);
        }
        entries.push(entry);
    }
    entries
}

/// Git writes no intent-to-add into a tree, on disk or not.
const fn is_kept(entry: &IndexEntry) -> bool {
    entry.skip_worktree && entry.stage == 0 && !entry.intent_to_add
}

fn first_part(path: &BStr, base: usize) -> (&[u8], bool) {
    let rest = &path[base..];
    match rest.find_byte(b'/') {
        Some(slash) => (&rest[..slash], true),
        None => (rest, false),
    }
}
