//! Reads the work tree and builds its git tree, fast: the heart of a save.
//!
//! Three phases: a walk that only asks `stat` and compares with the cache; reading and storing what differs; trees from
//! the bottom up. The user's files, index and refs are never written here.

mod agreement;
mod attributes;
mod build;
mod cache;
mod convert;
mod dir;
pub mod fuzzed;
mod hash;
mod index_view;
mod listing;
mod names;
pub(super) mod nested;
mod node;
pub mod outgoing;
mod pattern;
mod proven;
pub(super) mod rules;
mod sparse;
mod walk;

use std::io::{self, BufWriter};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use bstr::{BStr, BString, ByteSlice};
use sha1::{Digest, Sha1};

use super::WorktreeError;
use crate::model::extra::{UsualModes, WorktreeExtra};
use crate::model::id::ObjectId;
use crate::model::index::{Index, IndexSource, IndexStamp};
use crate::model::object::{Cleaner, ObjectKind, ObjectReader, ObjectWriter};
use crate::model::omission::Omission;
use crate::model::progress::{Progress, Step, Watch};
use crate::model::settings::ScanSettings;
use crate::sys::atomic;
use crate::sys::clock::{FILE_TIME_TICK, file_time_now};
use attributes::AttributeRules;
use build::{Gatherer, Histogram, TreeBuilder};
use cache::{Builder, Cache, Header};
use hash::{Collector, Hasher, Task, compare_sizes};
use index_view::{IndexView, Tracked};
use node::{Node, flag};
use rules::{Rules, Wanted};
use walk::{Trust, Walk};

/// Bytes of the cache that are handed to the system in one call.
const WRITTEN_AT_ONCE: usize = 256 << 10;

/// What [`FILE_TIME_TICK`] is on filesystems that may keep another machine's time.
const FOREIGN_CLOCK: i64 = 3_000_000_000;

/// What to scan, and how.
#[derive(Clone, Copy)]
pub struct ScanRequest<'a> {
    /// Root of the work tree.
    pub root: &'a Path,
    /// Git folder of this work tree and the one that all share: never entered, wherever they are.
    pub git_dir: &'a Path,
    pub common_dir: &'a Path,
    /// Folder for the cache (made when needed); `None` scans without one.
    pub cache_dir: Option<&'a Path>,
    pub settings: &'a ScanSettings,
    pub index: &'a dyn IndexSource,
    pub reader: &'a dyn ObjectReader,
    pub writer: &'a dyn ObjectWriter,
    pub cleaner: &'a dyn Cleaner,
    /// Whether the checkpoint that a cache was made for is still there: its objects are then taken for granted.
    pub is_anchored: &'a (dyn Fn(&ObjectId) -> bool + Sync),
    /// Patterns of ignored files to take along.
    pub include: &'a [String],
    /// Exact paths to take along whatever the ignore rules say.
    pub include_paths: &'a [BString],
    /// Hash every file.
    pub full: bool,
    pub budget: ScanBudget,
    pub progress: &'a dyn Progress,
}

/// Limits of one scan, in bytes and numbers; `u64::MAX` for none.
#[derive(Clone, Copy, Debug)]
pub struct ScanBudget {
    pub max_file_size: u64,
    pub max_untracked_files: u64,
    pub max_untracked_bytes: u64,
}

impl ScanBudget {
    /// No limit but that of a file's size.
    pub const fn unlimited(max_file_size: u64) -> ScanBudget {
        ScanBudget { max_file_size, max_untracked_files: u64::MAX, max_untracked_bytes: u64::MAX }
    }
}

/// A work tree as it was.
#[derive(Debug)]
pub struct Scanned {
    pub tree: ObjectId,
    pub extra: WorktreeExtra,
    /// Sorted by path.
    pub omissions: Vec<Omission>,
    /// Ignored files that were taken along, sorted.
    pub included: Vec<BString>,
    /// The index that the scan was made with.
    pub stamp: IndexStamp,
    /// The index itself, if it had to be read.
    pub index: Option<Index>,
    /// To be kept once the checkpoint that holds all this exists.
    pub cache: CacheUpdate,
}

/// The cache for the next scan.
#[derive(Debug)]
pub struct CacheUpdate {
    path: Option<PathBuf>,
    root: Node,
    old: Option<Cache>,
    header: Header,
}

impl CacheUpdate {
    /// Writes the cache, unless nothing changed. `anchor` waits for the checkpoint that holds every object in it; without
    /// one nothing is kept.
    ///
    /// It is only speed: a failure is not reported, and a torn file is recognised by its checksum.
    pub fn write(mut self, anchor: impl FnOnce() -> Option<ObjectId>) {
        let Some(path) = self.path else { return };
        let is_same = |old: &Cache| Header { anchor: old.header.anchor, ..self.header.clone() } == old.header;
        if matches!(self.root, Node::Clean(_)) && self.old.as_ref().is_some_and(is_same) {
            return;
        }
        let _ = atomic::replace_unsynced(&path, |file| {
            let out = BufWriter::with_capacity(WRITTEN_AT_ONCE, file);
            let hash = self.header.anchor.kind();
            let mut builder = Builder::new(self.old.as_ref(), hash, self.header.usual, out);
            builder.add_root(&self.root);
            // Giving back many small pieces takes a while: not when somebody waits for it.
            drop(self.root);
            builder.finish(|| {
                self.header.anchor = anchor().ok_or(io::ErrorKind::Interrupted)?;
                Ok(&self.header)
            })
        });
    }
}

/// Scans.
pub fn scan(request: &ScanRequest<'_>) -> Result<Scanned, WorktreeError> {
    let root = dir::open_root(request.root).map_err(|source| root_error(request, source))?;
    let globals = Globals::read(request);
    let stamp = request.index.stamp()?;
    let stored = if request.full { None } else { stored_cache(request) };
    let has_other_settings = stored.as_ref().is_some_and(|cache| cache.header.settings != globals.settings_sum);
    // Its objects must still be there for certain.
    let cache = stored.filter(|cache| !has_other_settings && (request.is_anchored)(&cache.header.anchor));
    let trust = cache.as_ref().map_or(Trust::Ids, |cache| trust_in(&cache.header, request, &globals, &stamp));
    let now = file_time_now();
    let faithful = dir::has_faithful_folders(root.as_fd());
    let racy_from = now - if faithful { FILE_TIME_TICK } else { FOREIGN_CLOCK };
    // Under which attributes the index was written nobody knows, and a filter may keep the size of what it makes.
    let may_be_filtered = cache.is_none() && !request.settings.filters.is_empty();
    let forms_unproven = AtomicBool::new(has_other_settings || may_be_filtered);
    let run = Run { request, root, globals, stamp, racy_from, faithful, wanted: wanted(request), forms_unproven };
    run.with_pool(|| run.scan(cache, trust))
}

/// How far a cache with this header is to be believed.
fn trust_in(header: &Header, request: &ScanRequest<'_>, globals: &Globals, stamp: &IndexStamp) -> Trust {
    let asks_for_ignored = !request.include.is_empty() || !request.include_paths.is_empty();
    // Where the index tells a file's mode, a new one may tell another.
    let is_all_on_disk = request.settings.trust_file_mode && request.settings.symlinks;
    if header.needs_index || header.excludes != globals.excludes_sum || asks_for_ignored {
        Trust::Ids
    } else if header.index == Header::index_stamp(&stamp.stat) && !header.index_is_racy {
        Trust::All
    } else if is_all_on_disk {
        Trust::Agreeing
    } else {
        Trust::Ids
    }
}

fn wanted(request: &ScanRequest<'_>) -> Wanted {
    Wanted::new(request.include, request.include_paths)
}

fn root_error(request: &ScanRequest<'_>, source: io::Error) -> WorktreeError {
    WorktreeError::Io { action: "read", path: request.root.to_owned(), source }
}

fn cache_path(request: &ScanRequest<'_>) -> Option<PathBuf> {
    Some(request.cache_dir?.join("scan"))
}

/// The cache of the last scan, if it is whole.
fn stored_cache(request: &ScanRequest<'_>) -> Option<Cache> {
    Cache::parse(std::fs::read(cache_path(request)?).ok()?, request.writer.hash_kind())
}

/// Rules that hold in all folders.
struct Globals {
    rules: Rules,
    /// Attribute files, the weakest first.
    attributes: [Vec<u8>; 2],
    /// `info/attributes`, which is stronger than any file in the work tree.
    info_attributes: Vec<u8>,
    settings_sum: [u8; 20],
    excludes_sum: [u8; 20],
}

impl Globals {
    fn read(request: &ScanRequest<'_>) -> Globals {
        let settings = request.settings;
        let read = |path: Option<PathBuf>| path.and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        let info = request.common_dir.join("info");
        let excludes = rules::read_global(settings, request.common_dir);
        let system = read(Some(PathBuf::from("/etc/gitattributes")));
        let attributes = [system, read(settings.attributes_file.clone())];
        let info_attributes = read(Some(info.join("attributes")));
        let limit = request.budget.max_file_size.to_string().into_bytes();
        let settings_text = format!("{settings:?}").into_bytes();
        let parts = attributes.iter().chain([&info_attributes, &limit, &settings_text]);
        Globals {
            rules: Rules::from_global(&excludes, settings.ignore_case),
            settings_sum: sum(parts),
            excludes_sum: sum(&excludes),
            attributes,
            info_attributes,
        }
    }
}

fn sum<'p>(parts: impl IntoIterator<Item = &'p Vec<u8>>) -> [u8; 20] {
    let mut hasher = Sha1::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// One scan.
struct Run<'a> {
    request: &'a ScanRequest<'a>,
    root: OwnedFd,
    globals: Globals,
    stamp: IndexStamp,
    racy_from: i64,
    faithful: bool,
    wanted: Wanted,
    /// Attributes or settings are others than at the last scan, or there was none: what the index says of a file that no
    /// rule converts now may have been said under rules that did.
    forms_unproven: AtomicBool,
}

impl Run<'_> {
    /// Runs `work` on threads whose stacks bear the deepest path there can be.
    fn with_pool<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match rayon::ThreadPoolBuilder::new().stack_size(32 << 20).build() {
            Ok(pool) => pool.install(work),
            Err(_) => work(),
        }
    }

    fn scan(&self, mut cache: Option<Cache>, mut trust: Trust) -> Result<Scanned, WorktreeError> {
        loop {
            let index = IndexView::new(self.request.index);
            if trust != Trust::All && !index.load() {
                return Err(index.into_index().expect_err("loading failed").into());
            }
            if trust == Trust::Agreeing && index.is_sparse() {
                trust = Trust::Ids;
            }
            let (node, again) = self.walk(cache.as_ref(), &index, trust)?;
            match again {
                Again::No(needs_index) => return self.finish(node, cache, index, needs_index),
                Again::WithoutCache => {
                    cache = None;
                    self.forms_unproven.store(true, Ordering::Relaxed);
                }
                Again::AskingTheIndex => {}
            }
            trust = Trust::Ids;
        }
    }

    fn walk(&self, cache: Option<&Cache>, index: &IndexView<'_>, trust: Trust) -> Result<(Node, Again), WorktreeError> {
        let walk = Walk {
            root: self.request.root.to_owned(),
            settings: self.request.settings,
            cache,
            index,
            reader: self.request.reader,
            cleaner: self.request.cleaner,
            trust,
            wanted: &self.wanted,
            foreign_git_dir: self.foreign_git_dir(),
            racy_from: self.racy_from,
            faithful_folders: self.faithful,
            max_file_size: self.request.budget.max_file_size,
            full: self.request.full,
            ignores_changed: AtomicBool::new(false),
            needs_index: AtomicBool::new(false),
            attributes_changed: AtomicBool::new(false),
        };
        // Opened anew: a duplicate would share its place in the list of names with the last walk's.
        let root = dir::open_child(self.root.as_fd(), b".").map_err(|source| root_error(self.request, source))?;
        let node = walk.run(root, &self.globals.rules).map_err(|source| root_error(self.request, source))?;
        let is_set = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        let again = if cache.is_some() && is_set(&walk.attributes_changed) {
            Again::WithoutCache
        } else if trust != Trust::Ids && is_set(&walk.ignores_changed) {
            Again::AskingTheIndex
        } else {
            Again::No(is_set(&walk.needs_index))
        };
        Ok((node, again))
    }

    /// A git folder inside the work tree that is not called `.git`, relative to the root.
    fn foreign_git_dir(&self) -> Option<BString> {
        let inside = |path: &Path| {
            let relative = path.strip_prefix(self.request.root).ok()?;
            Some(BString::from(relative.as_os_str().as_bytes()))
        };
        inside(self.request.common_dir).filter(|path| !path.is_empty())
    }

    fn finish(
        &self,
        mut root: Node,
        cache: Option<Cache>,
        index: IndexView<'_>,
        needs_index: bool,
    ) -> Result<Scanned, WorktreeError> {
        let hasher = Hasher {
            root: self.root.as_fd(),
            settings: self.request.settings,
            index: &index,
            reader: self.request.reader,
            writer: self.request.writer,
            cleaner: self.request.cleaner,
            racy_from: self.racy_from,
            forms_unproven: self.forms_unproven.load(Ordering::Relaxed),
        };
        if !hasher.forms_unproven {
            compare_sizes(&mut root, self.request.reader);
        }
        self.hash(&hasher, &mut root)?;
        let builder = TreeBuilder { writer: self.request.writer, hasher: &hasher, cache: cache.as_ref() };
        let tree = match builder.build(&mut root, &BString::default())? {
            Some(tree) => tree,
            None => self.request.writer.write(ObjectKind::Tree, b"")?,
        };
        let usual = cache.as_ref().map_or_else(|| usual_modes(&root), |cache| cache.header.usual);
        let mut gatherer = Gatherer {
            cache: cache.as_ref(),
            max_file_size: self.request.budget.max_file_size,
            extra: WorktreeExtra { usual, ..WorktreeExtra::default() },
            omissions: Vec::new(),
            included: Vec::new(),
            has_included: false,
        };
        gatherer.gather(&root, &BString::default());
        let Gatherer { mut extra, mut omissions, mut included, has_included, .. } = gatherer;
        extra.empty_folders.sort();
        extra.crlf.sort();
        extra.absent.sort();
        omissions.sort_by(|left, right| left.path.cmp(&right.path));
        included.sort();
        let index = index.into_index()?;
        let header = Header {
            anchor: ObjectId::null(self.request.writer.hash_kind()),
            index: Header::index_stamp(&self.stamp.stat),
            settings: self.globals.settings_sum,
            excludes: self.globals.excludes_sum,
            usual,
            needs_index,
            // One that was written just now may be written again without its stat data telling.
            index_is_racy: self.stamp.stat.modified.max(self.stamp.stat.changed) >= self.racy_from,
        };
        let path = cache_path(self.request).filter(|_| !has_included);
        let cache = CacheUpdate { path, root, old: cache, header };
        Ok(Scanned { tree, extra, omissions, included, stamp: self.stamp, index, cache })
    }

    fn hash(&self, hasher: &Hasher<'_>, root: &mut Node) -> Result<(), WorktreeError> {
        let read_rules = |folder: &BStr, on_disk: bool| match on_disk {
            true => self.read_attributes(folder),
            false => self.read_index_attributes(hasher.index, folder),
        };
        let mut tasks = Vec::new();
        let Globals { attributes, info_attributes, .. } = &self.globals;
        let rules = AttributeRules::new(attributes, info_attributes, self.request.settings.ignore_case);
        let collector = Collector {
            settings: self.request.settings,
            read_rules: &read_rules,
            forms_unproven: hasher.forms_unproven,
        };
        collector.collect(root, &mut BString::default(), &Rc::new(rules), &mut tasks);
        self.check_budget(hasher.index, &tasks)?;
        let watch = Watch::begin(self.request.progress, Step::Reading, tasks.len());
        Ok(hasher.run(&mut tasks, &watch)?)
    }

    /// A `.gitattributes` that is in the index with skip-worktree and not on disk counts as if it were there. One that was
    /// deleted does not: git may still obey it, or not, depending on the order in which it comes upon the paths.
    /// With such an entry the index is read at every scan.
    fn read_index_attributes(&self, index: &IndexView<'_>, folder: &BStr) -> Option<Vec<u8>> {
        if !index.is_sparse() {
            return None;
        }
        match index.lookup(attributes_path(folder).as_bstr()) {
            Tracked::Entry(entry) if entry.skip_worktree => {
                self.request.reader.read_kind(&entry.id, ObjectKind::Blob).ok()
            }
            _ => None,
        }
    }

    fn read_attributes(&self, folder: &BStr) -> Option<Vec<u8>> {
        let path = attributes_path(folder);
        let file = dir::open_file(self.root.as_fd(), path.as_bstr()).ok()?;
        let mut text = Vec::new();
        io::Read::read_to_end(&mut std::fs::File::from(file), &mut text).ok()?;
        Some(text)
    }

    /// Stops before anything is read when too much is new and untracked.
    fn check_budget(&self, index: &IndexView<'_>, tasks: &[Task<'_>]) -> Result<(), WorktreeError> {
        let budget = self.request.budget;
        let is_new = |task: &&Task<'_>| !task.entry.has(flag::TRACKED);
        let measure = |new: &mut dyn Iterator<Item = &Task<'_>>| {
            new.fold((0, 0), |(files, bytes), task| (files + 1, bytes + task.entry.stat.size))
        };
        let is_over =
            |(files, bytes): (u64, u64)| files > budget.max_untracked_files || bytes > budget.max_untracked_bytes;
        if !is_over(measure(&mut tasks.iter().filter(is_new))) || !index.load() {
            return Ok(());
        }
        let is_untracked =
            |task: &&Task<'_>| is_new(task) && !matches!(index.lookup(task.path.as_bstr()), Tracked::Entry(_));
        let (files, bytes) = measure(&mut tasks.iter().filter(is_untracked));
        if !is_over((files, bytes)) {
            return Ok(());
        }
        Err(WorktreeError::OverBudget { files, bytes, largest: largest(tasks.iter().filter(is_untracked)) })
    }
}

fn attributes_path(folder: &BStr) -> BString {
    let mut path = folder.to_owned();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(b".gitattributes");
    path
}

/// Whether the walk has to be done again.
enum Again {
    /// No; and whether the next scan must ask the index even if it is unchanged.
    No(bool),
    AskingTheIndex,
    WithoutCache,
}

fn usual_modes(root: &Node) -> UsualModes {
    let mut histogram = Histogram::new();
    histogram.add(root);
    histogram.usual()
}

/// The ten places, by first folder, that hold the most bytes.
fn largest<'t>(tasks: impl Iterator<Item = &'t Task<'t>>) -> Vec<(BString, u64)> {
    let mut sizes = std::collections::BTreeMap::<BString, u64>::new();
    for task in tasks {
        let end = task.path.find_byte(b'/').map_or(task.path.len(), |slash| slash + 1);
        *sizes.entry(task.path[..end].into()).or_default() += task.entry.stat.size;
    }
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    sizes.truncate(10);
    sizes
}
