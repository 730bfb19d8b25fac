//! The first phase: one pass over the folders with stat calls, in parallel, against the cache.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;

use super::cache::{Cache, EntryRecord, Span};
use super::index_view::IndexView;
use super::nested::Nested;
use super::node::{Entry, Folder, Kind, Node, Seen, Work, flag};
use super::rules::{Rules, Wanted};
use super::{dir, nested};
use crate::model::index::IndexEntry;
use crate::model::mode::Mode;
use crate::model::object::{Cleaner, ObjectReader};
use crate::model::omission::Reason;
use crate::model::settings::ScanSettings;
use crate::model::tree::join;

/// What the walk needs to know; shared by all its threads.
pub(super) struct Walk<'a> {
    pub(super) root: PathBuf,
    pub(super) settings: &'a ScanSettings,
    pub(super) cache: Option<&'a Cache>,
    pub(super) index: &'a IndexView<'a>,
    pub(super) reader: &'a dyn ObjectReader,
    /// Asked where HEAD of a nested repository stands that keeps it in no file.
    pub(super) cleaner: &'a dyn Cleaner,
    pub(super) trust: Trust,
    pub(super) wanted: &'a Wanted,
    /// Path of a git folder that lies inside the work tree under another name than `.git`.
    pub(super) foreign_git_dir: Option<BString>,
    /// Times at or after this prove nothing.
    pub(super) racy_from: i64,
    pub(super) faithful_folders: bool,
    pub(super) max_file_size: u64,
    /// `--full`: hash every file.
    pub(super) full: bool,
    /// An ignore file differs from the cache: the walk is to be done again, deciding anew what is ignored.
    pub(super) ignores_changed: AtomicBool,
    /// The index says something of this tree that the cache cannot keep.
    pub(super) needs_index: AtomicBool,
    /// An attributes file differs from the cache: nothing in the cache can be trusted.
    pub(super) attributes_changed: AtomicBool,
}

/// How much of the cache is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// All of it.
    All,
    /// All of it for folders in which a new index says what the old one said; elsewhere as `Ids`.
    Agreeing,
    /// Ids of files whose stat data are unchanged; not which paths are tracked or ignored.
    Ids,
}

/// Where a folder stands towards the ignore rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    Normal,
    /// Below an ignored folder: only what is tracked, or was asked for, counts.
    Ignored,
}

/// A folder to go into.
pub(super) struct Place<'a> {
    pub(super) path: BString,
    /// What the cache has of it.
    pub(super) span: Option<Span>,
    /// Those of the folders above.
    pub(super) rules: &'a Rules,
    pub(super) inside: Inside,
    /// The entries of the index below it; none where the index is not asked.
    pub(super) tracked: &'a [IndexEntry],
}

/// A folder in a folder whose names are known.
struct Child<'a> {
    /// Its place among them.
    at: usize,
    record: EntryRecord<'a>,
    tracked: &'a [IndexEntry],
}

/// What became of a folder.
pub(super) enum Visited {
    Node(Node),
    Nested(nested::Nested),
    Failed(Reason),
    Gone,
}

impl Walk<'_> {
    /// What the folder is that has a `.git` in it. A commit of another hash function cannot stand in our trees.
    pub(super) fn probe(&self, path: &BStr) -> Nested {
        let folder = self.root.join(path.to_path_lossy());
        let found = match nested::probe(&folder) {
            Nested::InTables => self.cleaner.nested_head(&folder).map_or(Nested::WithoutCommit, Nested::At),
            found => found,
        };
        match found {
            Nested::At(id) if id.kind() != self.reader.hash_kind() => Nested::WithoutCommit,
            found => found,
        }
    }

    /// Walks the whole tree. An error means that the root itself cannot be read.
    pub(super) fn run(&self, root: OwnedFd, rules: &Rules) -> io::Result<Node> {
        let root_place = Place {
            path: BString::default(),
            span: self.cache.map(Cache::root),
            rules,
            inside: Inside::Normal,
            // Where the cache is believed the index need not be read.
            tracked: if self.trust == Trust::All { &[] } else { self.index.all() },
        };
        match self.visit(root, &root_place) {
            Visited::Node(node) => Ok(node),
            Visited::Failed(Reason::Unreadable { detail }) => Err(io::Error::other(detail)),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn visit(&self, folder: OwnedFd, place: &Place<'_>) -> Visited {
        let stat = match dir::stat(folder.as_fd()) {
            Ok(stat) => Seen::of(&stat),
            Err(error) => return unreadable(&error),
        };
        if let Some((cache, span)) = self.known_names(&stat, place)
            && let Some(node) = self.visit_known(&folder, stat, cache, span, place)
        {
            return Visited::Node(node);
        }
        self.visit_listed(&folder, stat, place)
    }

    /// What the cache has of a folder, if it has the names that are in it and says of them what the index says.
    fn known_names(&self, stat: &Seen, place: &Place<'_>) -> Option<(&Cache, Span)> {
        let (cache, span) = (self.cache?, place.span?);
        let record = cache.folder(span);
        let is_known = place.inside == Inside::Normal
            && self.trust != Trust::Ids
            && self.faithful_folders
            && !record.relist
            && !record.absent
            && record.stat.is_same_folder(stat)
            && (self.trust == Trust::All || self.agrees(cache, span, place));
        is_known.then_some((cache, span))
    }

    /// What the cache has of a folder without folders in it, if all is as the cache has it; found out without opening it,
    /// which would take half as long as the rest. A link that somebody puts in its place meanwhile shows in the files'
    /// stat data.
    fn known_leaf(&self, parent: BorrowedFd<'_>, name: &[u8], place: &Place<'_>) -> Option<Span> {
        if !self.cache?.folder(place.span?).is_leaf() {
            return None;
        }
        let stat = Seen::of(&dir::stat_child(parent, name).ok()??);
        let (cache, span) = self.known_names(&stat, place)?;
        let mut path = [name, b"/"].concat();
        let start = path.len();
        let is_same = |record: EntryRecord<'_>| match record.kind {
            Kind::File | Kind::Symlink | Kind::TooLarge if !record.has(flag::RACY) => {
                path.truncate(start);
                path.extend_from_slice(record.name);
                matches!(dir::stat_child(parent, &path), Ok(Some(stat)) if Seen::of(&stat) == record.stat)
            }
            Kind::Ignored if !is_rules(record.name) => true,
            Kind::Special | Kind::RefusedName => true,
            _ => false,
        };
        cache.entries(span).all(is_same).then_some(span)
    }

    /// The fast way: the list of names is the cache's. `None` when something is not as the cache has it that only the
    /// slow way understands.
    fn visit_known(&self, folder: &OwnedFd, stat: Seen, cache: &Cache, span: Span, place: &Place<'_>) -> Option<Node> {
        let mut dirty: Vec<(usize, Seen)> = Vec::new();
        let mut children: Vec<Child<'_>> = Vec::new();
        let mut has_rules = false;
        // How many of the index's entries the records before stand for.
        let mut before = 0;
        for (at, record) in cache.entries(span).enumerate() {
            match record.kind {
                Kind::File | Kind::Symlink | Kind::TooLarge => {
                    let seen = Seen::of(&dir::stat_child(folder.as_fd(), record.name).ok()??);
                    if seen != record.stat || record.has(flag::RACY) || self.full {
                        dirty.push((at, seen));
                    }
                    has_rules |= record.name == b".gitignore";
                    before += usize::from(record.has(flag::TRACKED));
                }
                Kind::Folder => {
                    let tracked =
                        IndexView::below_from(place.tracked, place.path.as_bstr(), record.name.as_bstr(), before);
                    before += tracked.len();
                    children.push(Child { at, record, tracked });
                }
                // A file of rules counts for git even where the rules ignore the file itself.
                Kind::Ignored if is_rules(record.name) => {
                    let seen = Seen::of(&dir::stat_child(folder.as_fd(), record.name).ok()??);
                    if seen != record.stat || record.has(flag::RACY) {
                        self.note_rules(record.name);
                        return None;
                    }
                    has_rules |= record.name == b".gitignore";
                }
                Kind::Ignored | Kind::Special | Kind::RefusedName => {}
                Kind::Gitlink | Kind::Submodule | Kind::EmptyRepository | Kind::Virtual | Kind::Failed => return None,
            }
        }
        if self.trust == Trust::Agreeing && !dirty.is_empty() {
            // The new index may vouch for them.
            return None;
        }
        let own_rules = if has_rules { self.rules_in(folder, place.path.as_bstr(), place.rules) } else { None };
        let rules = own_rules.as_ref().unwrap_or(place.rules);
        let visited = self.visit_children(folder, &children, rules, place)?;
        let is_clean = |node: &Node| matches!(node, Node::Clean(_));
        if dirty.is_empty() && visited.iter().all(is_clean) {
            return Some(Node::Clean(span));
        }
        let mut entries: Vec<Entry> = cache.entries(span).map(EntryRecord::to_entry).collect();
        for (child, node) in children.iter().zip(visited) {
            entries[child.at].child = Some(node);
        }
        for (at, seen) in dirty {
            let old = std::mem::replace(&mut entries[at], Entry::new(BString::default(), Kind::Failed, seen));
            entries[at] = self.changed_file(old, seen)?;
        }
        let relist = self.is_racy(&stat);
        let has_attributes = entries.iter().any(|entry| entry.name == ".gitattributes");
        Some(Node::Folder(Box::new(Folder { stat, relist, has_attributes, entries, ..Folder::default() })))
    }

    fn visit_children(
        &self,
        folder: &OwnedFd,
        children: &[Child<'_>],
        rules: &Rules,
        parent: &Place<'_>,
    ) -> Option<Vec<Node>> {
        let visit = |&Child { ref record, tracked, .. }: &Child<'_>| {
            let place = Place {
                path: join(&parent.path, record.name),
                span: record.child,
                rules,
                inside: Inside::Normal,
                tracked,
            };
            if let Some(span) = self.known_leaf(folder.as_fd(), record.name, &place) {
                return Some(Node::Clean(span));
            }
            let child = dir::open_child(folder.as_fd(), record.name).ok()?;
            match self.visit(child, &place) {
                Visited::Node(node) => Some(node),
                _ => None,
            }
        };
        match children {
            [] => Some(Vec::new()),
            [only] => Some(vec![visit(only)?]),
            many => many.par_iter().map(visit).collect(),
        }
    }

    /// A file that the cache knows, and whose stat data changed.
    fn changed_file(&self, old: Entry, seen: Seen) -> Option<Entry> {
        if old.stat.kind() != seen.kind() {
            return None;
        }
        self.note_rules(&old.name);
        let tracked = old.flags & flag::TRACKED;
        let mut entry = self.file_entry(old.name, seen, Some(old.mode));
        entry.flags |= tracked;
        Some(entry)
    }

    /// Remembers that a file of rules differs from the cache.
    pub(super) fn note_rules(&self, name: &[u8]) {
        match name {
            b".gitignore" => self.ignores_changed.store(true, Ordering::Relaxed),
            b".gitattributes" => self.attributes_changed.store(true, Ordering::Relaxed),
            _ => {}
        }
    }

    /// A regular file or link that has to be hashed, unless it is too large.
    pub(super) fn file_entry(&self, name: BString, seen: Seen, index_mode: Option<Mode>) -> Entry {
        let is_symlink = seen.kind() == 0o120000;
        let kind = match is_symlink {
            true => Kind::Symlink,
            false if seen.size > self.max_file_size => Kind::TooLarge,
            false => Kind::File,
        };
        let mut entry = Entry::new(name, kind, seen);
        entry.mode = match (is_symlink, index_mode) {
            (true, _) => Mode::Symlink,
            (false, Some(Mode::Symlink)) if !self.settings.symlinks => Mode::Symlink,
            (false, Some(Mode::Executable)) if !self.settings.trust_file_mode => Mode::Executable,
            (false, _) if self.settings.trust_file_mode && seen.mode & 0o100 != 0 => Mode::Executable,
            (false, _) => Mode::File,
        };
        if self.is_racy(&seen) {
            entry.flags |= flag::RACY;
        }
        if kind != Kind::TooLarge {
            entry.work = Work::Hash;
        }
        entry
    }

    /// Whether the times are so near the scan that another change could leave them the same.
    pub(super) fn is_racy(&self, seen: &Seen) -> bool {
        seen.is_racy(self.racy_from)
    }

    pub(super) fn rules_in(&self, folder: &OwnedFd, path: &BStr, rules: &Rules) -> Option<Rules> {
        let file = dir::open_file(folder.as_fd(), b".gitignore".as_bstr()).ok()?;
        let mut text = Vec::new();
        io::Read::read_to_end(&mut std::fs::File::from(file), &mut text).ok()?;
        Some(rules.with(path, &text))
    }
}

/// Whether a file of this name says which others are ignored, or what becomes of their bytes.
pub(super) fn is_rules(name: &[u8]) -> bool {
    matches!(name, b".gitignore" | b".gitattributes")
}

pub(super) fn unreadable(error: &io::Error) -> Visited {
    match error.kind() {
        io::ErrorKind::NotFound => Visited::Gone,
        _ => Visited::Failed(detail(error)),
    }
}

pub(super) fn detail(error: &io::Error) -> Reason {
    Reason::Unreadable { detail: error.kind().to_string() }
}

pub(super) fn failed(name: BString, stat: Seen, reason: Reason) -> Entry {
    let mut entry = Entry::new(name, Kind::Failed, stat);
    entry.reason = Some(Box::new(reason));
    entry
}
