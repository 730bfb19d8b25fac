//! The first phase: one pass over the folders with stat calls, in parallel, against the cache.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use bstr::{BStr, BString, ByteSlice, ByteVec};
use rayon::prelude::*;

use super::cache::{Cache, EntryRecord, Span};
use super::index_view::{IndexView, Tracked};
use super::node::{Entry, Folder, Kind, Node, Seen, Work, flag};
use super::rules::{Rules, Wanted};
use super::{dir, names, nested};
use crate::model::index::IndexEntry;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::model::omission::Reason;
use crate::model::settings::ScanSettings;

/// What the walk needs to know; shared by all its threads.
pub(super) struct Walk<'a> {
    pub(super) root: PathBuf,
    pub(super) settings: &'a ScanSettings,
    pub(super) cache: Option<&'a Cache>,
    pub(super) index: &'a IndexView<'a>,
    pub(super) reader: &'a dyn ObjectReader,
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
    /// Ids of files whose stat data are unchanged; not which paths are tracked or ignored.
    Ids,
}

/// Where a folder stands towards the ignore rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Normal,
    /// Below an ignored folder: only what is tracked, or was asked for, counts.
    Ignored,
}

/// What became of a folder.
enum Visited {
    Node(Node),
    Nested(nested::Nested),
    Failed(Reason),
    Gone,
}

impl Walk<'_> {
    /// Walks the whole tree. An error means that the root itself cannot be read.
    pub(super) fn run(&self, root: OwnedFd, rules: &Rules) -> io::Result<Node> {
        let span = self.cache.map(Cache::root);
        match self.visit(root, BString::default(), span, rules, Inside::Normal) {
            Visited::Node(node) => Ok(node),
            Visited::Failed(Reason::Unreadable { detail }) => Err(io::Error::other(detail)),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn visit(&self, folder: OwnedFd, path: BString, span: Option<Span>, rules: &Rules, inside: Inside) -> Visited {
        let stat = match dir::stat(folder.as_fd()) {
            Ok(stat) => Seen::of(&stat),
            Err(error) => return unreadable(&error),
        };
        if let (Some(cache), Some(span), Inside::Normal, Trust::All) = (self.cache, span, inside, self.trust) {
            let record = cache.folder(span);
            if self.faithful_folders && !record.relist && !record.absent && record.stat.is_same_folder(&stat) {
                if let Some(node) = self.visit_known(&folder, &path, stat, cache, span, rules) {
                    return Visited::Node(node);
                }
            }
        }
        self.visit_listed(&folder, &path, stat, span, rules, inside)
    }

    /// The fast way: the list of names is the cache's. `None` when something is not as the cache has it that only the
    /// slow way understands.
    fn visit_known(
        &self,
        folder: &OwnedFd,
        path: &BString,
        stat: Seen,
        cache: &Cache,
        span: Span,
        rules: &Rules,
    ) -> Option<Node> {
        let mut dirty: Vec<(usize, Seen)> = Vec::new();
        let mut children: Vec<(usize, EntryRecord<'_>)> = Vec::new();
        let mut has_rules = false;
        for (at, record) in cache.entries(span).enumerate() {
            match record.kind {
                Kind::File | Kind::Symlink | Kind::TooLarge => {
                    let seen = Seen::of(&dir::stat_child(folder.as_fd(), record.name).ok()??);
                    if seen != record.stat || record.has(flag::RACY) || self.full {
                        dirty.push((at, seen));
                    }
                    has_rules |= record.name == b".gitignore";
                }
                Kind::Folder => children.push((at, record)),
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
                Kind::Gitlink | Kind::EmptyRepository | Kind::Virtual | Kind::Failed => return None,
            }
        }
        let own_rules = if has_rules { self.rules_in(folder, path.as_bstr(), rules) } else { None };
        let rules = own_rules.as_ref().unwrap_or(rules);
        let visited = self.visit_children(folder, path, &children, rules)?;
        let is_clean = |node: &Node| matches!(node, Node::Clean(_));
        if dirty.is_empty() && visited.iter().all(is_clean) {
            return Some(Node::Clean(span));
        }
        let mut entries: Vec<Entry> = cache.entries(span).map(EntryRecord::to_entry).collect();
        for ((at, _), node) in children.iter().zip(visited) {
            entries[*at].child = Some(node);
        }
        for (at, seen) in dirty {
            let old = std::mem::replace(&mut entries[at], Entry::new(BString::default(), Kind::Failed, seen));
            entries[at] = self.changed_file(old, seen)?;
        }
        let relist = self.is_racy(&stat);
        Some(Node::Folder(Box::new(Folder { stat, relist, absent: false, entries, tree: None })))
    }

    fn visit_children(
        &self,
        folder: &OwnedFd,
        path: &BString,
        children: &[(usize, EntryRecord<'_>)],
        rules: &Rules,
    ) -> Option<Vec<Node>> {
        let visit = |(_, record): &(usize, EntryRecord<'_>)| {
            let child = dir::open_child(folder.as_fd(), record.name).ok()?;
            match self.visit(child, join(path, record.name), record.child, rules, Inside::Normal) {
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
        let index_mode = if self.settings.trust_file_mode { None } else { Some(old.mode) };
        let mut entry = self.file_entry(old.name, seen, index_mode);
        entry.flags |= tracked;
        Some(entry)
    }

    /// Remembers that a file of rules differs from the cache.
    fn note_rules(&self, name: &[u8]) {
        match name {
            b".gitignore" => self.ignores_changed.store(true, Ordering::Relaxed),
            b".gitattributes" => self.attributes_changed.store(true, Ordering::Relaxed),
            _ => {}
        }
    }

    /// A regular file or link that has to be hashed, unless it is too large.
    fn file_entry(&self, name: BString, seen: Seen, index_mode: Option<Mode>) -> Entry {
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

    /// Whether the times are so near the scan that another change could leave them the same. A filesystem that keeps
    /// whole seconds only is given two of them.
    fn is_racy(&self, seen: &Seen) -> bool {
        let latest = seen.modified.max(seen.changed);
        let slack =
            if seen.modified % 1_000_000_000 == 0 && seen.changed % 1_000_000_000 == 0 { 2_000_000_000 } else { 0 };
        latest >= self.racy_from - slack
    }

    /// The slow way: read the names, and decide about each.
    fn visit_listed(
        &self,
        folder: &OwnedFd,
        path: &BString,
        stat: Seen,
        span: Option<Span>,
        rules: &Rules,
        inside: Inside,
    ) -> Visited {
        let names = match dir::read_names(folder.as_fd()) {
            Ok(names) => names,
            Err(error) => return unreadable(&error),
        };
        let has_git = names.binary_search(&".git".into()).is_ok();
        if has_git && !path.is_empty() && matches!(self.index.lookup(path.as_bstr()), Tracked::No | Tracked::Entry(_)) {
            let found = nested::probe(&self.root.join(path.to_path_lossy()));
            if found != nested::Nested::No {
                return Visited::Nested(found);
            }
        }
        let own_rules = match names.binary_search(&".gitignore".into()) {
            Ok(_) => self.rules_in(folder, path.as_bstr(), rules),
            Err(_) => self.virtual_rules(path, rules),
        };
        let rules = own_rules.as_ref().unwrap_or(rules);
        let known: Vec<EntryRecord<'_>> = match (self.cache, span) {
            (Some(cache), Some(span)) => cache.entries(span).collect(),
            _ => Vec::new(),
        };
        self.note_vanished_rules(&known, &names);
        let listing = Listing { walk: self, folder, path, known: &known, rules, inside, has_cache: span.is_some() };
        let decided: Vec<Option<Entry>> = if names.len() < 64 && known.len() < 64 {
            names.iter().map(|name| listing.decide_if_relevant(name)).collect()
        } else {
            names.par_iter().with_min_len(16).map(|name| listing.decide_if_relevant(name)).collect()
        };
        let entries: Vec<Entry> = decided.into_iter().flatten().collect();
        let entries = listing.visit_folders(entries);
        let entries = self.add_virtual(path, entries, &names);
        let relist = self.is_racy(&stat) || has_git && !path.is_empty() || !self.faithful_folders;
        if let (Some(cache), Some(span)) = (self.cache, span) {
            let record = cache.folder(span);
            let same = record.relist == relist && record.stat.is_same_folder(&stat);
            if same && is_as_cached(&entries, &known) {
                return Visited::Node(Node::Clean(span));
            }
        }
        Visited::Node(Node::Folder(Box::new(Folder { stat, relist, absent: false, entries, tree: None })))
    }

    fn note_vanished_rules(&self, known: &[EntryRecord<'_>], names: &[BString]) {
        for record in known {
            if record.name.starts_with(b".git")
                && names.binary_search_by(|name| name.as_bytes().cmp(record.name)).is_err()
            {
                self.note_rules(record.name);
            }
        }
    }

    /// A `.gitignore` that is in the index with skip-worktree and not on disk: git reads it from there, and so must we.
    fn virtual_rules(&self, path: &BString, rules: &Rules) -> Option<Rules> {
        if self.trust == Trust::All {
            return None;
        }
        let Tracked::Entry(entry) = self.index.lookup(join(path, b".gitignore").as_bstr()) else { return None };
        let text = entry.skip_worktree.then(|| self.reader.read_kind(&entry.id, ObjectKind::Blob).ok()).flatten()?;
        Some(rules.with(path.as_bstr(), &text))
    }

    fn rules_in(&self, folder: &OwnedFd, path: &BStr, rules: &Rules) -> Option<Rules> {
        let file = dir::open_file(folder.as_fd(), b".gitignore".as_bstr()).ok()?;
        let mut text = Vec::new();
        io::Read::read_to_end(&mut std::fs::File::from(file), &mut text).ok()?;
        Some(rules.with(path, &text))
    }

    /// Adds what the index holds with skip-worktree and the disk does not.
    fn add_virtual(&self, path: &BString, mut entries: Vec<Entry>, names: &[BString]) -> Vec<Entry> {
        if self.trust == Trust::All {
            return entries;
        }
        let below = self.index.below(path.as_bstr());
        if !below.iter().any(|entry| entry.skip_worktree) {
            return entries;
        }
        self.needs_index.store(true, Ordering::Relaxed);
        let base = if path.is_empty() { 0 } else { path.len() + 1 };
        let is_missing = |name: &[u8]| names.binary_search_by(|known| known.as_bytes().cmp(name)).is_err();
        entries.extend(virtual_entries(below, base).into_iter().filter(|entry| is_missing(&entry.name)));
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
        let first = chunk.iter().find(|entry| entry.skip_worktree && entry.stage == 0);
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

fn first_part(path: &BStr, base: usize) -> (&[u8], bool) {
    let rest = &path[base..];
    match rest.find_byte(b'/') {
        Some(slash) => (&rest[..slash], true),
        None => (rest, false),
    }
}

/// One folder whose names were read.
struct Listing<'a> {
    walk: &'a Walk<'a>,
    folder: &'a OwnedFd,
    path: &'a BString,
    known: &'a [EntryRecord<'a>],
    rules: &'a Rules,
    inside: Inside,
    has_cache: bool,
}

impl Listing<'_> {
    fn known(&self, name: &[u8]) -> Option<&EntryRecord<'_>> {
        let at = self.known.binary_search_by(|record| record.name.cmp(name)).ok()?;
        Some(&self.known[at])
    }

    fn decide_if_relevant(&self, name: &BString) -> Option<Entry> {
        let is_git = name == ".git" || (self.walk.settings.ignore_case && name.eq_ignore_ascii_case(b".git"));
        if is_git {
            return None;
        }
        let path = join(self.path, name);
        if self.walk.foreign_git_dir.as_ref() == Some(&path) {
            return None;
        }
        match dir::stat_child(self.folder.as_fd(), name) {
            Ok(Some(stat)) => self.decide(name, &path, Seen::of(&stat)),
            // Gone since the names were read: as if it had been removed a moment earlier.
            Ok(None) => None,
            Err(error) => Some(failed(name.clone(), Seen::default(), detail(&error))),
        }
    }

    fn decide(&self, name: &BString, path: &BString, seen: Seen) -> Option<Entry> {
        let walk = self.walk;
        let known = self.known(name);
        if self.has_cache && known.is_none() {
            walk.note_rules(name);
        }
        let tracked = self.standing(path, known, &seen);
        let mut included = false;
        if !tracked.is_tracked {
            let reuse = known.filter(|record| walk.trust == Trust::All && record.stat.is_dir() == seen.is_dir());
            let ignored = self.inside == Inside::Ignored
                || match reuse {
                    Some(record) => record.kind == Kind::Ignored,
                    None => self.rules.is_ignored(path.as_bstr(), seen.is_dir()),
                };
            // A name new to the cache may still be known to the index, which is asked only now.
            if ignored && !self.is_wanted(path, &seen) {
                return self.ignored_entry(name, path, seen);
            }
            included = ignored;
        }
        let mut entry = self.kept_entry(name, path, seen, known, &tracked)?;
        entry.flags |= if included { flag::INCLUDED } else { 0 };
        Some(entry)
    }

    fn is_wanted(&self, path: &BString, seen: &Seen) -> bool {
        let wanted = self.walk.wanted;
        !wanted.is_empty()
            && (wanted.holds(path.as_bstr(), seen.is_dir()) || (seen.is_dir() && wanted.may_hold_below(path.as_bstr())))
    }

    fn ignored_entry(&self, name: &BString, path: &BString, seen: Seen) -> Option<Entry> {
        if self.walk.trust == Trust::All && self.known(name).is_none() {
            match self.walk.index.lookup(path.as_bstr()) {
                Tracked::No => {}
                found => return self.kept_entry(name, path, seen, None, &Standing::of(found, &seen)),
            }
        }
        if self.inside != Inside::Normal {
            return None;
        }
        let mut entry = Entry::new(name.clone(), Kind::Ignored, seen);
        if is_rules(name) {
            entry.flags |= if self.walk.is_racy(&seen) { flag::RACY } else { 0 };
            if self.known(name).is_some_and(|record| record.stat != seen) {
                self.walk.note_rules(name);
            }
        }
        Some(entry)
    }

    fn standing(&self, path: &BString, known: Option<&EntryRecord<'_>>, seen: &Seen) -> Standing<'_> {
        if self.walk.trust == Trust::All {
            match known {
                Some(record) if record.stat.is_dir() == seen.is_dir() => {
                    return Standing { is_tracked: record.has(flag::TRACKED), entry: None };
                }
                None => return Standing { is_tracked: false, entry: None },
                Some(_) => {}
            }
        }
        Standing::of(self.walk.index.lookup(path.as_bstr()), seen)
    }

    fn kept_entry(
        &self,
        name: &BString,
        path: &BString,
        seen: Seen,
        known: Option<&EntryRecord<'_>>,
        standing: &Standing<'_>,
    ) -> Option<Entry> {
        let tracked = if standing.is_tracked { flag::TRACKED } else { 0 };
        let mut entry = match seen.kind() {
            0o100000 | 0o120000 => {
                if names::is_refused(name, seen.kind() == 0o120000) {
                    Entry::new(name.clone(), Kind::RefusedName, seen)
                } else {
                    self.file_or_link(name, path, seen, known, standing)
                }
            }
            0o040000 if names::is_refused(name, false) => Entry::new(name.clone(), Kind::RefusedName, seen),
            0o040000 => self.folder_entry(name, seen, known, standing),
            _ => Entry::new(name.clone(), Kind::Special, seen),
        };
        entry.flags |= tracked;
        Some(entry)
    }

    fn folder_entry(
        &self,
        name: &BString,
        seen: Seen,
        known: Option<&EntryRecord<'_>>,
        standing: &Standing<'_>,
    ) -> Entry {
        let mut entry = Entry::new(name.clone(), Kind::Folder, seen);
        // What the index says of a submodule stands when nothing is checked out in it.
        if let Some(index) = standing.entry.filter(|index| index.mode == Mode::Gitlink.number()) {
            entry.id = Some(index.id);
            entry.mode = Mode::Gitlink;
        } else if let Some(record) = known.filter(|record| record.kind == Kind::Gitlink && record.has(flag::TRACKED)) {
            entry.id = record.id;
            entry.mode = Mode::Gitlink;
        }
        entry
    }

    fn file_or_link(
        &self,
        name: &BString,
        path: &BString,
        seen: Seen,
        known: Option<&EntryRecord<'_>>,
        standing: &Standing<'_>,
    ) -> Entry {
        let walk = self.walk;
        let mut standing_entry = standing.entry;
        if standing_entry.is_none() && walk.trust == Trust::All && known.is_none() && !walk.settings.trust_file_mode {
            standing_entry = Standing::of(walk.index.lookup(path.as_bstr()), &seen).entry;
        }
        let index_mode = standing_entry
            .and_then(|entry| Mode::from_number(entry.mode))
            .or_else(|| known.filter(|record| record.has(flag::TRACKED)).map(|record| record.mode));
        let mut entry = walk.file_entry(name.clone(), seen, index_mode);
        if entry.kind == Kind::TooLarge {
            return entry;
        }
        let known = known.filter(|record| {
            matches!(record.kind, Kind::File | Kind::Symlink) && record.stat == seen && !record.has(flag::RACY)
        });
        if let Some(index) = standing_entry.filter(|index| walk.index.is_clean(index, &seen)) {
            let same = known.filter(|record| record.id == Some(index.id));
            entry.id = Some(index.id);
            entry.work = match same {
                _ if walk.full && entry.kind == Kind::File => Work::Verify,
                _ if walk.full => Work::Hash,
                Some(_) => Work::Nothing,
                None => Work::Inspect,
            };
            self.take_form(&mut entry, same);
        } else if let Some(record) =
            known.filter(|record| record.id.is_some() && !(walk.trust == Trust::Ids && record.has(flag::INDEX_DECIDED)))
        {
            entry.id = record.id;
            entry.work = Work::Nothing;
            self.take_form(&mut entry, Some(record));
        } else if known.is_none() {
            walk.note_changed_rules(self.has_cache, self.known(name), name);
        }
        entry
    }

    fn take_form(&self, entry: &mut Entry, known: Option<&EntryRecord<'_>>) {
        const FORM: u8 = flag::CRLF | flag::RAW | flag::FILTER_FAILED | flag::INDEX_DECIDED | flag::FROM_INDEX;
        if let Some(record) = known {
            entry.flags |= record.flags & FORM;
            entry.raw = record.raw;
        }
    }

    /// Goes into the folders among the entries.
    fn visit_folders(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let folders = entries.iter().filter(|entry| entry.kind == Kind::Folder).count();
        if folders < 2 {
            return entries.into_iter().filter_map(|entry| self.visit_folder(entry)).collect();
        }
        entries.into_par_iter().filter_map(|entry| self.visit_folder(entry)).collect()
    }

    fn visit_folder(&self, mut entry: Entry) -> Option<Entry> {
        if entry.kind != Kind::Folder {
            return Some(entry);
        }
        let path = join(self.path, &entry.name);
        if entry.mode == Mode::Gitlink {
            return Some(self.submodule(entry, path.as_bstr()));
        }
        let child = match dir::open_child(self.folder.as_fd(), &entry.name) {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => return Some(failed(entry.name, entry.stat, detail(&error))),
        };
        let span = self.known(&entry.name).and_then(|record| record.child);
        let is_tracked = entry.has(flag::TRACKED);
        let inside = match self.inside == Inside::Ignored || entry.has(flag::INCLUDED) {
            true => Inside::Ignored,
            false if is_tracked && self.rules.is_ignored(path.as_bstr(), true) => Inside::Ignored,
            false => Inside::Normal,
        };
        if inside == Inside::Ignored {
            self.walk.needs_index.store(true, Ordering::Relaxed);
            // Which of its files are tracked, only the index can tell: the walk has to start again with it.
            self.walk.ignores_changed.fetch_or(self.walk.trust == Trust::All, Ordering::Relaxed);
        }
        match self.walk.visit(child, path, span, self.rules, inside) {
            Visited::Node(node) => self.with_child(entry, node, inside),
            Visited::Nested(found) => Some(nested_entry(entry, found)),
            Visited::Failed(reason) => {
                entry.kind = Kind::Failed;
                entry.reason = Some(reason);
                Some(entry)
            }
            Visited::Gone => None,
        }
    }

    fn with_child(&self, mut entry: Entry, node: Node, inside: Inside) -> Option<Entry> {
        // A folder that was entered only to look for ignored files that were asked for, in vain.
        let is_bare = matches!(&node, Node::Folder(folder) if folder.entries.is_empty());
        if inside == Inside::Ignored && !entry.has(flag::TRACKED) && is_bare {
            return (self.inside == Inside::Normal).then(|| Entry::new(entry.name, Kind::Ignored, entry.stat));
        }
        entry.child = Some(node);
        Some(entry)
    }

    fn submodule(&self, mut entry: Entry, path: &BStr) -> Entry {
        entry.kind = Kind::Gitlink;
        if let nested::Nested::At(id) = nested::probe(&self.walk.root.join(path.to_path_lossy())) {
            entry.id = Some(id);
            entry.reason = Some(Reason::NestedRepository { commit: id.to_string(), changes: None });
        }
        entry
    }
}

impl Walk<'_> {
    /// A file that is known to the cache with other stat data.
    fn note_changed_rules(&self, has_cache: bool, known: Option<&EntryRecord<'_>>, name: &[u8]) {
        if has_cache && known.is_some() {
            self.note_rules(name);
        }
    }
}

/// Where a path stands towards the index.
struct Standing<'a> {
    is_tracked: bool,
    entry: Option<&'a IndexEntry>,
}

impl<'a> Standing<'a> {
    /// An entry counts only for what it can name: a file for a file, a submodule or a folder's contents for a folder.
    fn of(tracked: Tracked<'a>, seen: &Seen) -> Standing<'a> {
        match tracked {
            Tracked::Entry(entry) if !seen.is_dir() || entry.mode == Mode::Gitlink.number() => {
                Standing { is_tracked: true, entry: Some(entry) }
            }
            Tracked::Below if seen.is_dir() => Standing { is_tracked: true, entry: None },
            _ => Standing { is_tracked: false, entry: None },
        }
    }
}

fn nested_entry(mut entry: Entry, found: nested::Nested) -> Entry {
    match found {
        nested::Nested::At(id) => {
            entry.kind = Kind::Gitlink;
            entry.mode = Mode::Gitlink;
            entry.id = Some(id);
            entry.reason = Some(Reason::NestedRepository { commit: id.to_string(), changes: None });
        }
        _ => entry.kind = Kind::EmptyRepository,
    }
    entry
}

/// Whether a file of this name says which others are ignored, or what becomes of their bytes.
fn is_rules(name: &[u8]) -> bool {
    matches!(name, b".gitignore" | b".gitattributes")
}

fn is_as_cached(entries: &[Entry], known: &[EntryRecord<'_>]) -> bool {
    let same = |entry: &Entry, record: &EntryRecord<'_>| {
        let is_stat_free = matches!(entry.kind, Kind::Ignored | Kind::Special | Kind::RefusedName | Kind::Folder);
        entry.name == record.name
            && entry.kind == record.kind
            && entry.kind != Kind::Failed
            && entry.flags == record.flags
            && entry.mode == record.mode
            && entry.id == record.id
            && entry.raw == record.raw
            && entry.work == Work::Nothing
            && ((is_stat_free && !is_rules(&entry.name)) || entry.stat == record.stat)
            && !matches!(entry.child, Some(Node::Folder(_)))
    };
    entries.len() == known.len() && entries.iter().zip(known).all(|(entry, record)| same(entry, record))
}

fn join(folder: &BString, name: &[u8]) -> BString {
    let mut path = BString::new(Vec::with_capacity(folder.len() + name.len() + 1));
    if !folder.is_empty() {
        path.push_str(folder);
        path.push(b'/');
    }
    path.push_str(name);
    path
}

fn unreadable(error: &io::Error) -> Visited {
    match error.kind() {
        io::ErrorKind::NotFound => Visited::Gone,
        _ => Visited::Failed(detail(error)),
    }
}

fn detail(error: &io::Error) -> Reason {
    Reason::Unreadable { detail: error.kind().to_string() }
}

fn failed(name: BString, stat: Seen, reason: Reason) -> Entry {
    let mut entry = Entry::new(name, Kind::Failed, stat);
    entry.reason = Some(reason);
    entry
}
