//! The slow way through a folder: its names are read, and each is decided about.
//!
//! Taken for folders that are new or changed, and for all of them when the index or a file of rules has changed.

use std::cell::OnceCell;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::Ordering;

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;

use super::cache::EntryRecord;
use super::index_view::{IndexView, Proof, Tracked};
use super::node::{Entry, Folder, Kind, Node, Seen, Work, flag};
use super::rules::Rules;
use super::walk::{Inside, Place, Trust, Visited, Walk, detail, failed, is_rules, unreadable};
use super::{dir, names, nested};
use crate::model::index::IndexEntry;
use crate::model::mode::Mode;
use crate::model::omission::Reason;
use crate::model::tree::join;

impl Walk<'_> {
    /// The slow way: read the names, and decide about each.
    pub(super) fn visit_listed(&self, folder: &OwnedFd, stat: Seen, place: &Place<'_>) -> Visited {
        let &Place { ref path, span, rules, inside, tracked } = place;
        let names = match dir::Names::read(folder.as_fd()) {
            Ok(names) => names,
            Err(error) => return unreadable(&error),
        };
        let has_git = names.contains(b".git");
        let has_attributes = names.contains(b".gitattributes");
        if has_git && !path.is_empty() && matches!(self.index.lookup(path.as_bstr()), Tracked::No | Tracked::Entry(_)) {
            let found = self.probe(path.as_bstr());
            if found != nested::Nested::No {
                return Visited::Nested(found);
            }
        }
        let own_rules = match names.contains(b".gitignore") {
            true => self.rules_in(folder, path.as_bstr(), rules),
            false => self.virtual_rules(path, rules),
        };
        let rules = own_rules.as_ref().unwrap_or(rules);
        let known: Vec<EntryRecord<'_>> = match (self.cache, span) {
            (Some(cache), Some(span)) => cache.entries(span).collect(),
            _ => Vec::new(),
        };
        self.note_vanished_rules(&known, &names);
        let has_cache = span.is_some();
        let listing = Listing { walk: self, folder, path, known: &known, tracked, rules, inside, has_cache };
        let decide = |at| listing.decide_if_relevant(names.get(at), at);
        let mut entries = Vec::with_capacity(names.len());
        if names.len() < 64 && known.len() < 64 {
            entries.extend((0..names.len()).filter_map(decide));
        } else {
            entries.par_extend((0..names.len()).into_par_iter().with_min_len(16).filter_map(decide));
        }
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
        Visited::Node(Node::Folder(Box::new(Folder { stat, relist, has_attributes, entries, ..Folder::default() })))
    }

    fn note_vanished_rules(&self, known: &[EntryRecord<'_>], names: &dir::Names) {
        for record in known {
            if record.name.starts_with(b".git") && !names.contains(record.name) {
                self.note_rules(record.name);
            }
        }
    }
}

/// One folder whose names were read.
struct Listing<'a> {
    walk: &'a Walk<'a>,
    folder: &'a OwnedFd,
    path: &'a BString,
    known: &'a [EntryRecord<'a>],
    /// The index's entries below this folder, when the index is asked about all paths.
    tracked: &'a [IndexEntry],
    rules: &'a Rules,
    inside: Inside,
    has_cache: bool,
}

impl Listing<'_> {
    fn known(&self, name: &[u8]) -> Option<&EntryRecord<'_>> {
        let at = self.known.binary_search_by(|record| record.name.cmp(name)).ok()?;
        Some(&self.known[at])
    }

    /// `at` is the place of the name among all.
    fn decide_if_relevant(&self, name: &BStr, at: usize) -> Option<Entry> {
        let is_git = name == ".git" || (self.walk.settings.ignore_case && name.eq_ignore_ascii_case(b".git"));
        if is_git {
            return self.git_entry(name);
        }
        let path = &LatePath { folder: self.path, name, at, path: OnceCell::new() };
        if self.walk.foreign_git_dir.as_ref().is_some_and(|foreign| *foreign == path.get()) {
            return None;
        }
        match dir::stat_child(self.folder.as_fd(), name) {
            Ok(Some(stat)) => self.decide(path, Seen::of(&stat)),
            // Gone since the names were read: as if it had been removed a moment earlier.
            Ok(None) => None,
            Err(error) => Some(failed(name.to_owned(), Seen::default(), detail(&error))),
        }
    }

    /// Git never adds a `.git`, be it a repository or not: below the root that is told.
    fn git_entry(&self, name: &BStr) -> Option<Entry> {
        if self.path.is_empty() || self.inside == Inside::Ignored {
            return None;
        }
        let stat = dir::stat_child(self.folder.as_fd(), name).ok()??;
        Some(Entry::new(name.to_owned(), Kind::RefusedName, Seen::of(&stat)))
    }

    fn decide(&self, path: &LatePath<'_>, seen: Seen) -> Option<Entry> {
        let walk = self.walk;
        let known = self.known(path.name);
        // Whatever else is known of a file of rules: if it is not as the cache has it, the cache was made by other rules.
        let is_same = |record: &EntryRecord<'_>| record.stat == seen && !record.has(flag::RACY);
        if self.has_cache && !known.is_some_and(is_same) {
            walk.note_rules(path.name);
        }
        let tracked = self.standing(path, known, &seen);
        let mut included = false;
        if !tracked.is_tracked {
            let reuse = known.filter(|record| walk.trust == Trust::All && record.stat.is_dir() == seen.is_dir());
            let ignored = self.inside == Inside::Ignored
                || match reuse {
                    Some(record) => record.kind == Kind::Ignored,
                    None => self.rules.is_ignored(path.get(), seen.is_dir()),
                };
            // A name new to the cache may still be known to the index, which is asked only now.
            if ignored && !self.is_wanted(path, &seen) {
                return self.ignored_entry(path, seen);
            }
            included = ignored;
        }
        let mut entry = self.kept_entry(path, seen, known, &tracked)?;
        entry.flags |= if included { flag::INCLUDED } else { 0 };
        Some(entry)
    }

    fn is_wanted(&self, path: &LatePath<'_>, seen: &Seen) -> bool {
        let wanted = self.walk.wanted;
        !wanted.is_empty()
            && (wanted.holds(path.get(), seen.is_dir()) || (seen.is_dir() && wanted.may_hold_below(path.get())))
    }

    fn ignored_entry(&self, path: &LatePath<'_>, seen: Seen) -> Option<Entry> {
        if self.walk.trust == Trust::All && self.known(path.name).is_none() {
            match self.walk.index.lookup(path.get()) {
                Tracked::No => {}
                found => return self.kept_entry(path, seen, None, &Standing::of(found, &seen)),
            }
        }
        if self.inside != Inside::Normal {
            return None;
        }
        let mut entry = Entry::new(path.name.to_owned(), Kind::Ignored, seen);
        if is_rules(path.name) {
            entry.flags |= if self.walk.is_racy(&seen) { flag::RACY } else { 0 };
        }
        Some(entry)
    }

    fn standing(&self, path: &LatePath<'_>, known: Option<&EntryRecord<'_>>, seen: &Seen) -> Standing<'_> {
        if self.walk.trust == Trust::All {
            match known {
                Some(record) if record.stat.is_dir() == seen.is_dir() => {
                    return Standing { is_tracked: record.has(flag::TRACKED), entry: None };
                }
                None => return Standing { is_tracked: false, entry: None },
                Some(_) => {}
            }
        }
        let folder = self.path.as_bstr();
        let found = match self.walk.trust {
            Trust::All => self.walk.index.lookup(path.get()),
            _ if seen.is_dir() => IndexView::find_folder_in(self.tracked, folder, path.name),
            _ => IndexView::find_in(self.tracked, folder, path.name, path.at),
        };
        match found {
            Tracked::Entry(entry) if seen.is_dir() && self.has_become_repository(entry, path) => {
                Standing { is_tracked: true, entry: None }
            }
            _ => Standing::of(found, seen),
        }
    }

    /// Git has a repository that stands where a tracked file was take the file's place, be it ignored or not.
    fn has_become_repository(&self, entry: &IndexEntry, path: &LatePath<'_>) -> bool {
        entry.mode != Mode::Gitlink.number()
            && entry.stage == 0
            && !entry.skip_worktree
            && matches!(nested::probe(&self.walk.root.join(path.get().to_path_lossy())), nested::Nested::At(_))
    }

    fn kept_entry(
        &self,
        path: &LatePath<'_>,
        seen: Seen,
        known: Option<&EntryRecord<'_>>,
        standing: &Standing<'_>,
    ) -> Option<Entry> {
        let tracked = if standing.is_tracked { flag::TRACKED } else { 0 };
        let mut entry = match seen.kind() {
            0o100000 | 0o120000 => {
                if names::is_refused(path.name, seen.kind() == 0o120000) {
                    Entry::new(path.name.to_owned(), Kind::RefusedName, seen)
                } else {
                    self.file_or_link(path, seen, known, standing)
                }
            }
            0o040000 if names::is_refused(path.name, false) => {
                Entry::new(path.name.to_owned(), Kind::RefusedName, seen)
            }
            0o040000 => self.folder_entry(path, seen, known, standing),
            _ => Entry::new(path.name.to_owned(), Kind::Special, seen),
        };
        entry.flags |= tracked;
        Some(entry)
    }

    /// A record that says what the index says; once the index has changed, none does.
    fn vouched<'r>(&self, known: Option<&'r EntryRecord<'r>>) -> Option<&'r EntryRecord<'r>> {
        known.filter(|record| self.walk.trust == Trust::All && record.has(flag::TRACKED))
    }

    fn folder_entry(
        &self,
        path: &LatePath<'_>,
        seen: Seen,
        known: Option<&EntryRecord<'_>>,
        standing: &Standing<'_>,
    ) -> Entry {
        let mut entry = Entry::new(path.name.to_owned(), Kind::Folder, seen);
        let mut standing_entry = standing.entry;
        if standing_entry.is_none() && self.walk.trust == Trust::All && known.is_none() {
            // Whether a new folder is that of a submodule, only the index can tell.
            standing_entry = Standing::of(self.walk.index.lookup(path.get()), &seen).entry;
            entry.flags |= if standing_entry.is_some() { flag::TRACKED } else { 0 };
        }
        // What the index says of a submodule stands when nothing is checked out in it.
        if let Some(index) = standing_entry.filter(|index| index.mode == Mode::Gitlink.number()) {
            entry.id = Some(index.id);
            entry.mode = Mode::Gitlink;
        } else if let Some(record) = self.vouched(known).filter(|record| record.kind.is_submodule()) {
            entry.id = record.id;
            entry.mode = Mode::Gitlink;
        }
        entry
    }

    fn file_or_link(
        &self,
        path: &LatePath<'_>,
        seen: Seen,
        known: Option<&EntryRecord<'_>>,
        standing: &Standing<'_>,
    ) -> Entry {
        let walk = self.walk;
        let mut standing_entry = standing.entry;
        // What the cache has of another kind of file does not tell the mode that the index has.
        let is_other = known.is_none_or(|record| record.stat.kind() != seen.kind());
        let is_all_on_disk = walk.settings.trust_file_mode && walk.settings.symlinks;
        if standing_entry.is_none() && walk.trust == Trust::All && is_other && !is_all_on_disk {
            standing_entry = Standing::of(walk.index.lookup(path.get()), &seen).entry;
        }
        let index_mode = standing_entry
            .and_then(|entry| Mode::from_number(entry.mode))
            .or_else(|| self.vouched(known).map(|record| record.mode));
        let mut entry = walk.file_entry(path.name.to_owned(), seen, index_mode);
        entry.flags |= if standing_entry.is_some() { flag::TRACKED } else { 0 };
        if entry.kind == Kind::TooLarge {
            return entry;
        }
        let known = known.filter(|record| {
            // With `core.symlinks=false` the index alone tells whether a file stands for a link, whose form is another.
            let is_as_link = (record.mode == Mode::Symlink) == (entry.mode == Mode::Symlink);
            let is_kept = matches!(record.kind, Kind::File | Kind::Symlink) && is_as_link;
            is_kept && record.stat == seen && !record.has(flag::RACY)
        });
        // A file whose mode changed git adds anew, under the rules of now.
        let has_its_mode = |index: &&IndexEntry| index.mode == entry.mode.number();
        let vouched = standing_entry.filter(has_its_mode).map(|index| (index, walk.index.proof(index, &seen)));
        if let Some((index, proof)) = vouched.filter(|(_, proof)| *proof != Proof::None) {
            let same = known.filter(|record| record.id == Some(index.id));
            entry.id = Some(index.id);
            entry.work = match same {
                None if proof == Proof::Likely && entry.kind == Kind::File => Work::Verify,
                _ if walk.full && entry.kind == Kind::File => Work::Verify,
                _ if walk.full => Work::Hash,
                Some(_) => Work::Nothing,
                None => Work::Inspect,
            };
            if same.is_none() {
                entry.flags |= flag::FROM_INDEX;
                entry.unproven = true;
            }
            self.take_form(&mut entry, same);
        } else if let Some(record) = known.filter(|record| {
            let hangs_on_index = record.has(flag::INDEX_DECIDED | flag::FROM_INDEX);
            record.id.is_some() && (walk.trust == Trust::All || !hangs_on_index)
        }) {
            entry.id = record.id;
            entry.work = Work::Nothing;
            self.take_form(&mut entry, Some(record));
        }
        entry
    }

    fn take_form(&self, entry: &mut Entry, known: Option<&EntryRecord<'_>>) {
        const FORM: u8 = flag::CRLF | flag::RAW | flag::FILTER_FAILED | flag::INDEX_DECIDED | flag::FROM_INDEX;
        if let Some(record) = known {
            entry.flags |= record.flags & FORM;
            entry.raw = record.raw.map(Box::new);
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
        let tracked = IndexView::below_in(self.tracked, self.path.as_bstr(), entry.name.as_bstr());
        match self.walk.visit(child, &Place { path, span, rules: self.rules, inside, tracked }) {
            Visited::Node(node) => self.with_child(entry, node, inside),
            Visited::Nested(found) => Some(nested_entry(entry, found)),
            Visited::Failed(reason) => {
                entry.kind = Kind::Failed;
                entry.reason = Some(Box::new(reason));
                Some(entry)
            }
            Visited::Gone => None,
        }
    }

    fn with_child(&self, mut entry: Entry, node: Node, inside: Inside) -> Option<Entry> {
        // A folder that was entered only to look for ignored files that were asked for, in vain.
        let is_bare = matches!(&node, Node::Folder(folder) if folder.entries.is_empty());
        let is_asked_for = self.walk.wanted.names(join(self.path, &entry.name).as_bstr());
        if inside == Inside::Ignored && !entry.has(flag::TRACKED) && is_bare && !is_asked_for {
            return (self.inside == Inside::Normal).then(|| Entry::new(entry.name, Kind::Ignored, entry.stat));
        }
        entry.child = Some(node);
        Some(entry)
    }

    fn submodule(&self, mut entry: Entry, path: &BStr) -> Entry {
        entry.kind = Kind::Gitlink;
        match self.walk.probe(path) {
            nested::Nested::At(id) => {
                entry.id = Some(id);
                entry.reason = Some(Box::new(Reason::NestedRepository { commit: id.to_string(), changes: None }));
            }
            // Nothing in it is left out, so a load may take it away and make it anew.
            nested::Nested::No if self.is_empty_folder(&entry.name) => entry.kind = Kind::Submodule,
            _ => {}
        }
        entry
    }

    fn is_empty_folder(&self, name: &[u8]) -> bool {
        let names = dir::open_child(self.folder.as_fd(), name).and_then(|folder| dir::Names::read(folder.as_fd()));
        names.is_ok_and(|names| names.len() == 0)
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
            entry.reason = Some(Box::new(Reason::NestedRepository { commit: id.to_string(), changes: None }));
        }
        _ => entry.kind = Kind::EmptyRepository,
    }
    entry
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
            && entry.raw.as_deref() == record.raw.as_ref()
            && entry.work == Work::Nothing
            && ((is_stat_free && !is_rules(&entry.name)) || entry.stat == record.stat)
            && !matches!(entry.child, Some(Node::Folder(_)))
    };
    entries.len() == known.len() && entries.iter().zip(known).all(|(entry, record)| same(entry, record))
}

/// The path of a name in a folder, put together only where somebody asks.
struct LatePath<'a> {
    folder: &'a BString,
    name: &'a BStr,
    /// Among the names of the folder.
    at: usize,
    path: OnceCell<BString>,
}

impl LatePath<'_> {
    fn get(&self) -> &BStr {
        self.path.get_or_init(|| join(self.folder, self.name)).as_bstr()
    }
}
