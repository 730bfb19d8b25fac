//! Captures the state of the work tree: what a save stores, and what a comparison looks at.

use std::cell::OnceCell;
use std::path::Path;
use std::sync::{Mutex, mpsc};

use bstr::{BString, ByteSlice};

use super::index_cache::IndexCache;
use super::{OpError, Repo};
use crate::model::checkpoint::Snapshot;
use crate::model::id::ObjectId;
use crate::model::index::IndexSource;
use crate::model::object::{ObjectReader, ObjectWriter};
use crate::model::omission::{Omission, Reason};
use crate::store::nested_changes::nested_changes;
use crate::store::{checkpoint, operation_log, operation_state};
use crate::sys::atomic;
use crate::sys::free_space::free_space;
use crate::worktree::scan::{CacheUpdate, ScanBudget, ScanRequest, Scanned, scan};

/// With less free space than this nothing is written that a save can do without, until the save is done.
const ROOM: u64 = 256 << 20;

/// How to capture.
#[derive(Clone, Copy, Debug)]
pub struct CaptureRequest<'a> {
    /// Patterns of ignored files to take along.
    pub include: &'a [String],
    /// Exact paths to take along whatever the ignore rules say.
    pub include_paths: &'a [BString],
    /// Distrust every cache.
    pub full: bool,
    /// No budget for untracked files.
    pub unlimited: bool,
}

impl CaptureRequest<'_> {
    /// As a plain save would, but without a budget: for comparing and verifying.
    pub const fn plain() -> CaptureRequest<'static> {
        CaptureRequest { include: &[], include_paths: &[], full: false, unlimited: true }
    }
}

/// A captured state, and the caches to write once a checkpoint holds it.
#[derive(Debug)]
pub struct Captured {
    pub snapshot: Snapshot,
    pub caches: Caches,
}

/// Caches to write for the next capture.
#[derive(Debug)]
pub struct Caches {
    scan: CacheUpdate,
    index: Option<IndexCache>,
}

impl Caches {
    /// Does `work`, which gives a checkpoint that holds everything captured, and writes the caches for it meanwhile. Where
    /// the disk is nearly full they wait until the work is done: it needs the room more.
    pub fn write_during<T, E>(
        self,
        repo: &Repo,
        work: impl FnOnce() -> Result<(ObjectId, T), E>,
    ) -> Result<(ObjectId, T), E> {
        let folder = repo.cache_dir();
        let has_room = free_space(&repo.store.layout().common_dir).is_some_and(|free| free > ROOM);
        let waiting = Mutex::new(Some(self));
        let take = || waiting.lock().expect("no thread panics while it holds this lock").take();
        std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            let (folder, take) = (&folder, &take);
            let write = move || {
                if let Some(caches) = take() {
                    caches.write(folder, || receiver.recv().ok());
                }
            };
            // Where no thread can be had, the caches are written below.
            let thread = if has_room { std::thread::Builder::new().spawn_scoped(scope, write).ok() } else { None };
            let done = work()?;
            let _ = sender.send(done.0);
            if thread.is_none()
                && let Some(caches) = take()
            {
                caches.write(folder, || Some(done.0));
            }
            Ok(done)
        })
    }

    fn write(self, folder: &Path, anchor: impl Fn() -> Option<ObjectId>) {
        let once = OnceCell::new();
        let anchor = || *once.get_or_init(&anchor);
        atomic::remove_all_leftovers(folder);
        self.scan.write(anchor);
        if let Some(index) = self.index
            && let Some(anchor) = anchor()
        {
            index.write(folder, &anchor);
        }
    }
}

/// Captures everything, new objects going to `writer`. HEAD and the index are read again at the end: had a commit or a
/// checkout come in between, the three would not belong together.
pub fn capture(repo: &Repo, writer: &dyn ObjectWriter, request: &CaptureRequest<'_>) -> Result<Captured, OpError> {
    const ATTEMPTS: usize = 5;
    let mut captured = capture_once(repo, writer, request)?;
    for _ in 1..ATTEMPTS {
        let (before, stamp) = (&captured.0.snapshot.head, captured.1);
        if repo.store.head()? == *before && repo.store.stamp()? == stamp {
            break;
        }
        captured = capture_once(repo, writer, request)?;
    }
    Ok(captured.0)
}

fn capture_once(
    repo: &Repo,
    writer: &dyn ObjectWriter,
    request: &CaptureRequest<'_>,
) -> Result<(Captured, crate::model::index::IndexStamp), OpError> {
    let head = repo.store.head()?;
    let scanned = scan_with(repo, writer, request)?;
    let Scanned { tree, extra, mut omissions, included, stamp, index, cache } = scanned;
    look_into_nested(&repo.store.layout().work_dir, &mut omissions);
    let anchored = |id: &ObjectId| is_anchored(repo, id);
    let found = if request.full { None } else { IndexCache::find(&repo.cache_dir(), &stamp, &anchored) };
    let (index_tree, index_extra, index_cache) = match found {
        Some(tree) => (tree, Default::default(), None),
        None => IndexCache::compute(&repo.store, index, writer, &stamp)?,
    };
    let operation = operation_state::capture(&repo.store, writer)?;
    let submodules = Vec::new();
    let snapshot = Snapshot { tree, extra, omissions, included, index_tree, index_extra, head, operation, submodules };
    Ok((Captured { snapshot, caches: Caches { scan: cache, index: index_cache } }, stamp))
}

/// Says of each nested repository how much inside it is not saved.
fn look_into_nested(root: &Path, omissions: &mut [Omission]) {
    for omission in omissions {
        if let Reason::NestedRepository { changes, .. } = &mut omission.reason {
            *changes = nested_changes(&root.join(omission.path.to_path_lossy()));
        }
    }
}

/// Scans the work tree as it is now, new objects going to `writer`; no cache is written.
pub fn scan_now(repo: &Repo, writer: &dyn ObjectWriter) -> Result<Scanned, OpError> {
    scan_with(repo, writer, &CaptureRequest::plain())
}

/// The same for looking only: more that is new and untracked than a save would take unasked is refused unread.
pub fn scan_within_limits(repo: &Repo, writer: &dyn ObjectWriter) -> Result<Scanned, OpError> {
    scan_with(repo, writer, &CaptureRequest { unlimited: false, ..CaptureRequest::plain() })
}

/// [`scan_now`], taking along the ignored files of these paths.
pub fn scan_including(repo: &Repo, writer: &dyn ObjectWriter, paths: &[BString]) -> Result<Scanned, OpError> {
    scan_with(repo, writer, &CaptureRequest { include_paths: paths, ..CaptureRequest::plain() })
}

fn scan_with(repo: &Repo, writer: &dyn ObjectWriter, request: &CaptureRequest<'_>) -> Result<Scanned, OpError> {
    let layout = repo.store.layout();
    let limits = repo.limits;
    let budget = ScanBudget {
        max_file_size: limits.max_file_size,
        max_untracked_files: if request.unlimited { u64::MAX } else { limits.max_untracked_files },
        max_untracked_bytes: if request.unlimited { u64::MAX } else { limits.max_untracked_bytes },
    };
    let cache_dir = repo.cache_dir();
    let settings = repo.store.scan_settings()?;
    Ok(scan(&ScanRequest {
        root: &layout.work_dir,
        git_dir: &layout.git_dir,
        common_dir: &layout.common_dir,
        cache_dir: Some(&cache_dir),
        settings: &settings,
        index: &repo.store,
        reader: &repo.store,
        writer,
        cleaner: &repo.store,
        is_anchored: &|id| is_anchored(repo, id),
        include: request.include,
        include_paths: request.include_paths,
        full: request.full,
        budget,
        progress: &*repo.progress,
    })?)
}

/// Whether a checkpoint still has its ref and its commit, so that whatever it holds is there. A state that was put
/// together for a branch has no ref: the operation log holds it.
fn is_anchored(repo: &Repo, id: &ObjectId) -> bool {
    let found = repo.store.find_ref(&checkpoint::ref_name(id));
    let is_held = || {
        let tip = repo.store.find_ref(operation_log::REF).ok().flatten();
        tip.is_some_and(|tip| operation_log::holds_lately(&repo.store, &tip, id))
    };
    (found.is_ok_and(|found| found == Some(*id)) || is_held()) && ObjectReader::contains(&repo.store, id)
}
