//! The third phase: trees from the bottom up, and what stands beside them.

use bstr::BString;
use rayon::prelude::*;

use super::cache::{Cache, EntryRecord, Span};
use super::hash::Hasher;
use super::node::{Entry, Folder, Kind, Node, Seen, flag};
use crate::model::extra::{UsualModes, WorktreeExtra};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectWriter};
use crate::model::omission::{Omission, Reason};
use crate::model::tree::{encode_parts, join};

/// Builds the trees of all folders that were looked into.
pub(super) struct TreeBuilder<'a> {
    pub(super) writer: &'a dyn ObjectWriter,
    pub(super) hasher: &'a Hasher<'a>,
    pub(super) cache: Option<&'a Cache>,
}

impl TreeBuilder<'_> {
    /// The tree of a folder; `None` when it holds nothing that is saved.
    pub(super) fn build(&self, node: &mut Node, path: &BString) -> Result<Option<ObjectId>, ObjectError> {
        let folder = match node {
            Node::Clean(span) => return Ok(self.cache.expect("clean nodes come from the cache").folder(*span).tree),
            Node::Folder(folder) => folder,
        };
        let trees = self.build_children(folder, path)?;
        let tree = entries_of(folder, &trees);
        if tree.is_empty() {
            return Ok(None);
        }
        let bytes = encode_parts(tree);
        let id = crate::model::object::hash_object(self.writer.hash_kind(), ObjectKind::Tree, &bytes);
        if !self.writer.contains(&id) {
            // The tree is new, so what the index says of its files is checked before anything relies on it.
            if self.restore_missing(folder, path)? {
                return self.build(node, path);
            }
            self.writer.write_new(&id, ObjectKind::Tree, &bytes)?;
        }
        folder.tree = Some(id);
        Ok(Some(id))
    }

    /// The trees of the folders in a folder, in their order.
    fn build_children(&self, folder: &mut Folder, path: &BString) -> Result<Vec<Option<ObjectId>>, ObjectError> {
        let children = folder.entries.iter_mut().filter_map(|entry| Some((entry.child.as_mut()?, &entry.name)));
        let mut children: Vec<_> = children.collect();
        let build = |(child, name): &mut (&mut Node, &BString)| self.build(child, &join(path, name));
        match children.len() {
            0 | 1 => children.iter_mut().map(build).collect(),
            _ => children.par_iter_mut().with_max_len(1).map(build).collect(),
        }
    }

    /// Reads files again whose blob the repository lacks; whether there were any.
    fn restore_missing(&self, folder: &mut Folder, path: &BString) -> Result<bool, ObjectError> {
        let mut any = false;
        for entry in &mut folder.entries {
            let is_open = entry.unproven && matches!(entry.kind, Kind::File | Kind::Symlink);
            let Some(id) = entry.id.filter(|_| is_open) else { continue };
            if !self.writer.contains(&id) {
                self.hasher.rehash(join(path, &entry.name), entry)?;
                any = true;
            }
        }
        Ok(any)
    }
}

/// What the tree of a folder holds; `trees` are those of its child folders.
fn entries_of<'f>(folder: &'f Folder, trees: &[Option<ObjectId>]) -> Vec<(Mode, &'f [u8], ObjectId)> {
    let mut trees = trees.iter();
    let mut tree = Vec::with_capacity(folder.entries.len());
    for entry in &folder.entries {
        let id = match entry.child {
            Some(_) => *trees.next().expect("one for each child"),
            None => entry.id,
        };
        let mode = match entry.kind {
            Kind::Folder => Mode::Tree,
            Kind::File | Kind::Symlink | Kind::Gitlink | Kind::Submodule | Kind::Virtual => entry.mode,
            _ => continue,
        };
        tree.extend(id.map(|id| (mode, entry.name.as_slice(), id)));
    }
    tree
}

/// Counts of permission bits, to find the usual ones.
pub(super) struct Histogram {
    counts: [[u32; 512]; 3],
}

impl Histogram {
    pub(super) fn new() -> Box<Histogram> {
        Box::new(Histogram { counts: [[0; 512]; 3] })
    }

    /// Counts everything below a folder that was looked into.
    pub(super) fn add(&mut self, node: &Node) {
        let Node::Folder(folder) = node else { return };
        for entry in &folder.entries {
            let class = match entry.kind {
                Kind::File => usize::from(entry.mode == Mode::Executable),
                Kind::Folder => 2,
                _ => continue,
            };
            self.counts[class][entry.stat.permissions() as usize] += 1;
            if let Some(child) = &entry.child {
                self.add(child);
            }
        }
    }

    /// The most frequent bits of each class; git's own where there is nothing to count.
    pub(super) fn usual(&self) -> UsualModes {
        let most = |class: usize, default: u32| {
            let best =
                self.counts[class].iter().enumerate().max_by_key(|&(mode, &count)| (count, mode as u32 == default));
            best.filter(|&(_, &count)| count > 0).map_or(default, |(mode, _)| mode as u32)
        };
        let UsualModes { file, executable, folder } = UsualModes::default();
        UsualModes { file: most(0, file), executable: most(1, executable), folder: most(2, folder) }
    }
}

/// Gathers what stands beside the tree.
pub(super) struct Gatherer<'a> {
    pub(super) cache: Option<&'a Cache>,
    pub(super) max_file_size: u64,
    pub(super) extra: WorktreeExtra,
    pub(super) omissions: Vec<Omission>,
    pub(super) included: Vec<BString>,
    /// Something ignored is in the trees, so that they are not what the next scan is to find.
    pub(super) has_included: bool,
}

/// An entry of either source.
struct Fact<'f> {
    name: &'f [u8],
    kind: Kind,
    mode: Mode,
    flags: u8,
    stat: Seen,
    id: Option<ObjectId>,
    raw: Option<ObjectId>,
    reason: Option<&'f Reason>,
}

impl Gatherer<'_> {
    /// Gathers from a folder and all below it.
    pub(super) fn gather(&mut self, node: &Node, path: &BString) {
        match node {
            Node::Clean(span) => self.gather_clean(*span, path),
            Node::Folder(folder) => self.gather_folder(folder, path),
        }
    }

    fn gather_clean(&mut self, span: Span, path: &BString) {
        let cache = self.cache.expect("clean nodes come from the cache");
        let record = cache.folder(span);
        if record.plain {
            return;
        }
        self.add_folder(path, &record.stat, record.tree, record.absent);
        for entry in cache.entries(span) {
            let EntryRecord { name, kind, mode, flags, stat, id, raw, child } = entry;
            let inner = self.add_entry(path, &Fact { name, kind, mode, flags, stat, id, raw, reason: None });
            if let Some(child) = child {
                self.gather_clean(child, &inner.unwrap_or_else(|| join(path, name)));
            }
        }
        let is_absent = |entry: EntryRecord<'_>| match entry.child {
            Some(child) => cache.folder(child).absent,
            None => entry.kind == Kind::Virtual,
        };
        if !record.absent && record.tree.is_some() && cache.entries(span).all(is_absent) {
            self.add_empty(path);
        }
    }

    fn gather_folder(&mut self, folder: &Folder, path: &BString) {
        self.add_folder(path, &folder.stat, folder.tree, folder.absent);
        for entry in &folder.entries {
            let Entry { name, kind, mode, flags, stat, id, raw, reason, .. } = entry;
            let fact = Fact {
                name,
                kind: *kind,
                mode: *mode,
                flags: *flags,
                stat: *stat,
                id: *id,
                raw: raw.as_deref().copied(),
                reason: reason.as_deref(),
            };
            let inner = self.add_entry(path, &fact);
            if let Some(child) = &entry.child {
                self.gather(child, &inner.unwrap_or_else(|| join(path, name)));
            }
        }
        let is_absent = |entry: &Entry| match &entry.child {
            Some(Node::Folder(child)) => child.absent,
            Some(Node::Clean(span)) => self.cache.is_some_and(|cache| cache.folder(*span).absent),
            None => entry.kind == Kind::Virtual,
        };
        if !folder.absent && folder.tree.is_some() && folder.entries.iter().all(is_absent) {
            self.add_empty(path);
        }
    }

    /// A folder that is on disk while all that its tree holds is not.
    fn add_empty(&mut self, path: &BString) {
        if !path.is_empty() {
            self.extra.empty_folders.push(path.clone());
        }
    }

    fn add_folder(&mut self, path: &BString, stat: &Seen, tree: Option<ObjectId>, absent: bool) {
        if path.is_empty() || absent {
            return;
        }
        if tree.is_none() {
            self.extra.empty_folders.push(path.clone());
        }
        if stat.permissions() != self.extra.usual.folder {
            self.extra.permissions.insert(path.clone(), stat.permissions());
        }
    }

    /// Adds what is special about an entry; its path, if it had to be made.
    fn add_entry(&mut self, folder: &BString, fact: &Fact<'_>) -> Option<BString> {
        let usual = match fact.kind {
            Kind::File if fact.mode == Mode::Executable => self.extra.usual.executable,
            Kind::File => self.extra.usual.file,
            Kind::Submodule => self.extra.usual.folder,
            _ => fact.stat.permissions(),
        };
        let is_odd = fact.stat.permissions() != usual;
        self.has_included |= fact.flags & flag::INCLUDED != 0;
        let reason = fact.reason.cloned().or_else(|| self.reason_of(fact));
        const NOTED: u8 = flag::CRLF | flag::RAW | flag::INCLUDED;
        if !is_odd && reason.is_none() && fact.flags & NOTED == 0 && fact.kind != Kind::Virtual {
            return None;
        }
        let path = join(folder, fact.name);
        if is_odd {
            self.extra.permissions.insert(path.clone(), fact.stat.permissions());
        }
        if fact.flags & flag::CRLF != 0 {
            self.extra.crlf.push(path.clone());
        }
        if let Some(raw) = fact.raw {
            self.extra.raw.insert(path.clone(), raw);
        }
        if fact.kind == Kind::Virtual {
            self.extra.absent.push(path.clone());
        }
        if fact.flags & flag::INCLUDED != 0 && fact.kind != Kind::Folder {
            self.included.push(path.clone());
        }
        if let Some(reason) = reason {
            self.omissions.push(Omission { path: path.clone(), reason });
        }
        Some(path)
    }

    fn reason_of(&self, fact: &Fact<'_>) -> Option<Reason> {
        Some(match fact.kind {
            Kind::TooLarge => Reason::TooLarge { size: fact.stat.size, limit: self.max_file_size },
            Kind::EmptyRepository => Reason::NestedWithoutCommit,
            Kind::RefusedName => Reason::RefusedName,
            Kind::Special => Reason::Special { kind: special_kind(fact.stat.kind()) },
            Kind::Gitlink if fact.stat.mode != 0 => {
                Reason::NestedRepository { commit: fact.id?.to_string(), changes: None }
            }
            Kind::File if fact.flags & flag::FILTER_FAILED != 0 => Reason::FilterFailed { filter: String::new() },
            _ => return None,
        })
    }
}

fn special_kind(kind: u32) -> &'static str {
    match kind {
        0o140000 => "socket",
        0o010000 => "pipe",
        0o060000 => "block device",
        0o020000 => "character device",
        _ => "special file",
    }
}
