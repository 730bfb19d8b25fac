//! The user's index: read by ourselves, or through git where its file holds more than we know.
//!
//! Never writes it and never takes its lock.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice};

use super::index_file::{self, IndexFileError};
use super::{Store, StoreError};
use crate::model::id::ObjectId;
use crate::model::index::{Index, IndexEntry, IndexError, IndexSource, IndexStamp};
use crate::model::object::ObjectReader;
use crate::model::stat::Stat;

impl IndexSource for Store {
    fn stamp(&self) -> Result<IndexStamp, IndexError> {
        let path = index_path(self);
        match std::fs::metadata(&path) {
            Ok(data) => Ok(IndexStamp { stat: stat_of(&data) }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(IndexStamp::default()),
            Err(source) => Err(IndexError::Io { path, source }),
        }
    }

    fn read(&self) -> Result<Index, IndexError> {
        let path = index_path(self);
        let (bytes, written) = match read_file(&path) {
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Index::default()),
            Err(source) => return Err(IndexError::Io { path, source }),
        };
        let mut index = match index_file::parse(&bytes, self.hash_kind()) {
            Ok(index) => index,
            Err(IndexFileError::Foreign) => read_through_git(self, path)?,
            Err(IndexFileError::Damaged(detail)) => return Err(IndexError::Damaged { path, detail: detail.into() }),
        };
        index.written = written;
        // Git 2.47 now and then writes a sparse index that has an entry several times, and no tree may.
        index.entries.dedup_by(|next, entry| next.path == entry.path && next.stage == entry.stage);
        Ok(index)
    }
}

impl Store {
    /// How many entries the index says it has, from its first bytes alone; `None` without one.
    pub fn index_entry_count(&self) -> Option<u64> {
        use std::io::Read;
        let mut head = [0; 12];
        std::fs::File::open(index_path(self)).and_then(|mut file| file.read_exact(&mut head)).ok()?;
        let count = head.strip_prefix(b"DIRC")?.last_chunk::<4>()?;
        Some(u32::from_be_bytes(*count).into())
    }
}

pub(super) fn index_path(store: &Store) -> PathBuf {
    store.layout.git_dir.join("index")
}

/// The bytes, and the time of writing of exactly these bytes: git replaces the file, so the handle tells.
fn read_file(path: &Path) -> std::io::Result<(Vec<u8>, i64)> {
    use std::io::Read;
    let mut file = std::fs::File::open(path)?;
    let data = file.metadata()?;
    let mut bytes = Vec::with_capacity(data.len() as usize + 1);
    file.read_to_end(&mut bytes)?;
    Ok((bytes, stat_of(&data).modified))
}

fn stat_of(data: &std::fs::Metadata) -> Stat {
    Stat {
        size: data.size(),
        modified: data.mtime() * 1_000_000_000 + data.mtime_nsec(),
        changed: data.ctime() * 1_000_000_000 + data.ctime_nsec(),
        inode: data.ino(),
        device: data.dev(),
        mode: data.mode(),
        uid: data.uid(),
        gid: data.gid(),
    }
}

pub(super) fn read_through_git(store: &Store, path: PathBuf) -> Result<Index, IndexError> {
    let listing = store.run_git("reading the index", &["ls-files", "--stage", "-v", "-z", "--debug"]);
    let listing = match listing {
        Ok(listing) => listing,
        Err(StoreError::Git { detail, .. }) => return Err(IndexError::Damaged { path, detail }),
        Err(error) => return Err(IndexError::Damaged { path, detail: error.to_string() }),
    };
    match parse_listing(&listing) {
        Some(entries) => Ok(Index { entries, ..Index::default() }),
        None => Err(IndexError::Damaged { path, detail: "git lists it in a way that is not understood".into() }),
    }
}

/// `<tag> <mode> <id> <stage>\t<path>\0`, then five lines of stat data.
fn parse_listing(listing: &[u8]) -> Option<Vec<IndexEntry>> {
    const DEBUG_LINES: usize = 5;
    let mut entries = Vec::new();
    let mut rest = listing;
    while !rest.is_empty() {
        let (record, after) = rest.split_once_str("\0")?;
        let mut entry = parse_record(record)?;
        let mut lines = after.lines_with_terminator();
        let mut used = 0;
        for line in lines.by_ref().take(DEBUG_LINES) {
            used += line.len();
            parse_debug_line(line, &mut entry)?;
        }
        rest = &after[used..];
        entries.push(entry);
    }
    Some(entries)
}

fn parse_record(record: &[u8]) -> Option<IndexEntry> {
    let (facts, path) = record.split_once_str("\t")?;
    let mut facts = facts.splitn_str(4, " ");
    let tag = *facts.next()?.first()?;
    let mode = u32::from_str_radix(facts.next()?.to_str().ok()?, 8).ok()?;
    let id = ObjectId::from_hex(facts.next()?)?;
    let stage = facts.next()?.to_str().ok()?.parse().ok()?;
    Some(IndexEntry {
        path: BString::from(path),
        mode,
        id,
        stage,
        assume_unchanged: tag.is_ascii_lowercase(),
        skip_worktree: tag.eq_ignore_ascii_case(&b'S'),
        intent_to_add: false,
        stat: Stat { mode, ..Stat::default() },
    })
}

/// `  mtime: 1700000000:5`, `  dev: 1\tino: 2`, `  uid: 0\tgid: 0`, `  size: 6\tflags: 20000000`.
fn parse_debug_line(line: &[u8], entry: &mut IndexEntry) -> Option<()> {
    const INTENT_TO_ADD: u64 = 1 << 29;
    for field in line.trim().to_str().ok()?.split('\t') {
        let (word, value) = field.split_once(": ")?;
        let number = || value.parse::<u64>().ok();
        match word.trim() {
            "ctime" => entry.stat.changed = parse_time(value)?,
            "mtime" => entry.stat.modified = parse_time(value)?,
            "dev" => entry.stat.device = number()?,
            "ino" => entry.stat.inode = number()?,
            "uid" => entry.stat.uid = number()?.try_into().ok()?,
            "gid" => entry.stat.gid = number()?.try_into().ok()?,
            "size" => entry.stat.size = number()?,
            "flags" => entry.intent_to_add = u64::from_str_radix(value, 16).ok()? & INTENT_TO_ADD != 0,
            _ => {}
        }
    }
    Some(())
}

fn parse_time(text: &str) -> Option<i64> {
    let (seconds, nanoseconds) = text.split_once(':')?;
    Some(seconds.parse::<i64>().ok()? * 1_000_000_000 + nanoseconds.parse::<i64>().ok()?)
}
