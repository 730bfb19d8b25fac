//! Syncing several files at once: the disk then does the work of one.

use std::fs::File;
use std::io;
use std::path::Path;

/// Syncs the content of all these files, and returns when the last is on disk.
pub(crate) fn sync_files(files: &[&File]) -> io::Result<()> {
    let Some((first, others)) = files.split_first() else { return Ok(()) };
    std::thread::scope(|scope| {
        let started: Vec<_> = others.iter().map(|file| scope.spawn(|| file.sync_data())).collect();
        let mut result = first.sync_data();
        for thread in started {
            result = result.and(thread.join().expect("syncing does not panic"));
        }
        result
    })
}

/// Starts writing these files to disk and waits for none of them: git's own `core.fsyncMethod=writeout-only`.
///
/// For what only helps, and is written where nobody may be held up. A file system that keeps its order has the files before
/// the renames that follow.
pub(crate) fn start_writing_out(files: &[&File]) {
    for file in files {
        let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    }
}

/// Syncs folders, each once.
pub(crate) fn sync_folders<'a>(paths: impl IntoIterator<Item = &'a Path>) -> io::Result<()> {
    let mut paths: Vec<_> = paths.into_iter().collect();
    paths.sort_unstable();
    paths.dedup();
    let opened: Vec<File> = paths.into_iter().map(File::open).collect::<io::Result<_>>()?;
    sync_files(&opened.iter().collect::<Vec<_>>())
}
