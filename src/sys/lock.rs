//! Locks that die with the process that holds them.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::private;

/// An advisory lock on a file of our own; released when dropped, or by the system when the process ends.
#[derive(Debug)]
#[must_use = "the lock is released when this is dropped"]
pub struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock, waiting at most `patience`. `Ok(None)` means that another process holds it.
    pub fn acquire(path: &Path, patience: Duration) -> io::Result<Option<FileLock>> {
        let file = private::open(OpenOptions::new().read(true).write(true).create(true).truncate(false), path)?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(FileLock { _file: file })),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return Ok(None),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}
