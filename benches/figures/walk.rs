//! The bare walk: two threads that read every folder and stat every file, and do nothing else.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, statat};

/// Counts what is not a folder below `root`, outside `.git`.
pub fn count(root: &Path) -> usize {
    let queue = Mutex::new(vec![root.to_owned()]);
    let (open, files) = (AtomicUsize::new(1), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while open.load(Ordering::SeqCst) > 0 {
                    let next = queue.lock().unwrap().pop();
                    let Some(folder) = next else {
                        std::thread::yield_now();
                        continue;
                    };
                    let (count, below) = read_folder(&folder);
                    files.fetch_add(count, Ordering::Relaxed);
                    open.fetch_add(below.len(), Ordering::SeqCst);
                    queue.lock().unwrap().extend(below);
                    open.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
    });
    files.into_inner()
}

fn read_folder(path: &Path) -> (usize, Vec<PathBuf>) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let folder: OwnedFd = openat(CWD, path, flags, Mode::empty()).unwrap();
    let mut files = 0;
    let mut below = Vec::new();
    for entry in Dir::read_from(&folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b".." | b".git") {
            continue;
        }
        let data = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW).unwrap();
        if FileType::from_raw_mode(data.st_mode) == FileType::Directory {
            below.push(path.join(std::str::from_utf8(name.to_bytes()).unwrap()));
        } else {
            files += 1;
        }
    }
    (files, below)
}
