//! Generated trees: the same bytes on every machine.

use std::fs;
use std::path::Path;

use crate::place::{Place, is_small, trees_folder};

/// How large a tree is.
#[derive(Clone, Copy)]
pub struct Size {
    pub files: usize,
    pub folders: usize,
    /// Bytes of each file on average.
    pub bytes: usize,
}

/// The tree of the figures: 100,000 files in 8,000 folders, 1 GB.
pub fn large_size() -> Size {
    if is_small() {
        Size { files: 5_000, folders: 400, bytes: 2_000 }
    } else {
        Size { files: 100_000, folders: 8_000, bytes: 10_000 }
    }
}

/// A repository of 5,000 files.
pub const SMALL: Size = Size { files: 5_000, folders: 400, bytes: 4_000 };

/// Where file `number` is.
pub fn path_of(size: Size, number: usize) -> String {
    let folder = number % size.folders;
    format!("d{}/e{}/f{folder}/file{number}.txt", folder % 20, folder % 200)
}

/// Bytes for a file; half of them compress.
pub fn bytes_of(seed: usize, length: usize) -> Vec<u8> {
    let mut state = (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut bytes = Vec::with_capacity(length + 24);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(format!("{state:016x} line\n").bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Writes the files of a tree.
pub fn write_files(work: &Path, size: Size, seed: usize) {
    for number in 0..size.files {
        let path = work.join(path_of(size, number));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let length = size.bytes / 2 + (number * 7919) % size.bytes;
        fs::write(path, bytes_of(number + seed, length)).unwrap();
    }
}

/// A committed repository, made on first use and kept; what earlier runs changed is put back.
pub fn repository(name: &str, size: Size) -> Place {
    repository_of(name, size, &[])
}

/// The same, made with these options of `git init`.
pub fn repository_of(name: &str, size: Size, options: &[&str]) -> Place {
    let place = Place { work: trees_folder().join(format!("{name}-{}", size.files)) };
    if place.work.join(".git/made").exists() {
        place.run_git(&["reset", "-q", "--hard"]);
        place.run_git(&["clean", "-q", "-fd"]);
        place.forget_saves();
        return place;
    }
    eprintln!("  making a tree of {} files, once …", size.files);
    let _ = fs::remove_dir_all(&place.work);
    fs::create_dir_all(&place.work).unwrap();
    write_files(&place.work, size, 0);
    fs::write(place.work.join(".gitignore"), "/ignored/\n").unwrap();
    place.run_git(&[&["init", "-q"], options].concat());
    place.run_git(&["add", "-A"]);
    place.run_git(&["commit", "-q", "-m", "tree"]);
    place.run_git(&["repack", "-q", "-a", "-d", "--depth=0", "--window=0"]);
    fs::write(place.work.join(".git/made"), "").unwrap();
    place
}

/// Counts the edits of one run, so that each differs from all before.
pub struct Edits {
    size: Size,
    count: usize,
}

impl Edits {
    pub fn new(size: Size) -> Edits {
        Edits { size, count: 0 }
    }

    /// Modifies 10 files and adds 5, then waits until the clock has left that moment behind. The 5 of the time before go:
    /// changes must not pile up against the index, or git would have more to hash from round to round.
    pub fn make(&mut self, place: &Place) {
        self.count += 1;
        for edit in 0..10 {
            self.modify(place, edit * 997);
        }
        for new in 0..5 {
            let path = |count: usize| place.work.join(format!("d{new}/new-{count}-{new}.txt"));
            let _ = fs::remove_file(path(self.count - 1));
            fs::write(path(self.count), bytes_of(self.count * 5 + new, self.size.bytes)).unwrap();
        }
        settle();
    }

    /// Modifies files alone.
    pub fn modify_only(&mut self, place: &Place, files: usize) {
        self.count += 1;
        for edit in 0..files {
            self.modify(place, edit * 997);
        }
        settle();
    }

    fn modify(&self, place: &Place, number: usize) {
        let path = place.work.join(path_of(self.size, number % self.size.files));
        fs::write(path, bytes_of(number + self.count * 1_000_003, self.size.bytes)).unwrap();
    }
}

fn settle() {
    std::thread::sleep(std::time::Duration::from_millis(60));
}
