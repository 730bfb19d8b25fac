//! Reads git's index file, versions 2 to 4, without git.
//!
//! Pure: bytes in, [`Index`] out. What it does not know for sure (split and sparse indexes, mandatory
//! extensions of a later git) it hands back as [`IndexFileError::Foreign`], and `index_read` asks git instead.

use bstr::{BString, ByteSlice};

use crate::model::hash::Hasher;
use crate::model::id::{HashKind, ObjectId};
use crate::model::index::{CachedTree, Index, IndexEntry};
use crate::model::stat::Stat;

/// Why the bytes were not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexFileError {
    /// Sound perhaps, but only git can say.
    Foreign,
    /// No index, or a spoilt one.
    Damaged(&'static str),
}

use IndexFileError::{Damaged, Foreign};

/// What was read, or why nothing was.
pub type Read<T> = Result<T, IndexFileError>;

const HEADER: usize = 12;
const ASSUME_UNCHANGED: u16 = 0x8000;
const EXTENDED: u16 = 0x4000;
const SKIP_WORKTREE: u16 = 0x4000;
const INTENT_TO_ADD: u16 = 0x2000;

/// From this size on the checksum is computed beside the reading, and the entries are read in two halves.
const WORTH_TWO_THREADS: usize = 1 << 17;

/// Reads a whole file; `written` of the result is left 0.
pub fn parse(file: &[u8], hash: HashKind) -> Read<Index> {
    if file.len() < HEADER + hash.len() {
        return Err(Damaged("it is cut short"));
    }
    let (bytes, trailer) = file.split_at(file.len() - hash.len());
    if bytes[..4] != *b"DIRC" {
        return Err(Damaged("it does not begin with DIRC"));
    }
    let mut input = Input { bytes, at: 4, id_size: hash.len() };
    let version = input.number()?;
    if !(2..=4).contains(&version) {
        return Err(Foreign);
    }
    // `index.skipHash` leaves zeros there.
    let is_sound = || trailer.iter().all(|&byte| byte == 0) || Hasher::digest(hash, bytes).as_bytes() == trailer;
    let (is_sound, index) = match bytes.len() > WORTH_TWO_THREADS {
        true => rayon::join(is_sound, || input.content(version)),
        false => (is_sound(), input.content(version)),
    };
    if is_sound { index } else { Err(Damaged("its checksum is wrong")) }
}

/// The tree of the whole index, if git has it; `trees` are the data of the extension.
pub(crate) fn cached_root(trees: &[u8], hash: HashKind) -> Option<CachedTree> {
    let mut input = Input { bytes: trees, at: 0, id_size: hash.len() };
    input.until(0).and_then(|_| input.cached_facts(&BString::default())).ok()?.0
}

/// All trees that are still valid, from the root down. Damaged data are worth nothing: they are only a cache.
pub(crate) fn cached_trees(trees: &[u8], hash: HashKind) -> Vec<CachedTree> {
    let mut input = Input { bytes: trees, at: 0, id_size: hash.len() };
    let mut found = Vec::new();
    let read = if trees.is_empty() { Ok(()) } else { input.cached_tree(&BString::default(), true, 0, &mut found) };
    if read.is_ok() { found } else { Vec::new() }
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
    id_size: usize,
}

impl<'a> Input<'a> {
    /// All entries and extensions.
    fn content(&mut self, version: u32) -> Read<Index> {
        let count = self.number()? as usize;
        // The paths of version 4 stand on one another.
        let is_split = version < 4 && self.bytes.len() > WORTH_TWO_THREADS;
        let entries = if is_split { self.two_halves(version, count)? } else { self.entries(version, count, count)? };
        // `git fsck` refuses it too; whoever looks for a folder's entries counts on their standing together.
        if !entries.is_sorted_by(|one, next| one.path <= next.path) {
            return Err(Damaged("its entries are not in order"));
        }
        let mut index = Index { entries, ..Index::default() };
        while self.at < self.bytes.len() {
            self.extension(&mut index)?;
        }
        Ok(index)
    }

    /// The next entries, with room for as many as there are in all.
    fn entries(&mut self, version: u32, count: usize, all: usize) -> Read<Vec<IndexEntry>> {
        let mut entries: Vec<IndexEntry> = Vec::with_capacity(all.min(self.bytes.len() / 62));
        for _ in 0..count {
            let previous = entries.last().map_or(&b""[..], |entry| entry.path.as_slice());
            let entry = self.entry(version, previous)?;
            entries.push(entry);
        }
        Ok(entries)
    }

    fn two_halves(&mut self, version: u32, count: usize) -> Read<Vec<IndexEntry>> {
        let mut first = Input { ..*self };
        for _ in 0..count / 2 {
            self.skip_entry()?;
        }
        let (middle, rest) = (self.at, count - count / 2);
        let (left, right) =
            rayon::join(|| first.entries(version, count / 2, count), || self.entries(version, rest, rest));
        let mut entries = left?;
        if first.at != middle {
            return Err(Damaged("a path is not as long as it says"));
        }
        entries.append(&mut right?);
        Ok(entries)
    }

    /// Passes over an entry of version 2 or 3, whose path says how long it is.
    fn skip_entry(&mut self) -> Read<()> {
        const STAT: usize = 40;
        const LONG: usize = 0xfff;
        let start = self.at;
        self.take(STAT + self.id_size)?;
        let flags = self.short()?;
        if flags & EXTENDED != 0 {
            self.short()?;
        }
        match usize::from(flags) & LONG {
            LONG => _ = self.until(0)?,
            length => _ = self.take(length + 1)?,
        }
        self.pad(start)
    }

    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let taken = self.bytes.get(self.at..).and_then(|rest| rest.get(..count)).ok_or(Damaged("it is cut short"))?;
        self.at += count;
        Ok(taken)
    }

    fn number(&mut self) -> Read<u32> {
        let raw = self.take(4)?;
        Ok(u32::from_be_bytes(raw.try_into().expect("four bytes were taken")))
    }

    fn short(&mut self) -> Read<u16> {
        let raw = self.take(2)?;
        Ok(u16::from_be_bytes(raw.try_into().expect("two bytes were taken")))
    }

    fn id(&mut self) -> Read<ObjectId> {
        Ok(ObjectId::from_bytes(self.take(self.id_size)?).expect("a hash has as many bytes as an id"))
    }

    /// Up to the next `end`, which is taken as well.
    fn until(&mut self, end: u8) -> Read<&'a [u8]> {
        let length = self.bytes[self.at..].find_byte(end).ok_or(Damaged("it is cut short"))?;
        let taken = self.take(length)?;
        self.at += 1;
        Ok(taken)
    }

    fn entry(&mut self, version: u32, previous: &[u8]) -> Read<IndexEntry> {
        let start = self.at;
        let (stat, mode) = self.stat()?;
        let id = self.id()?;
        let flags = self.short()?;
        let extended = if flags & EXTENDED != 0 { self.short()? } else { 0 };
        let path = if version == 4 { self.compressed_path(previous)? } else { self.padded_path(start)? };
        Ok(IndexEntry {
            path,
            mode,
            id,
            stage: ((flags >> 12) & 3) as u8,
            assume_unchanged: flags & ASSUME_UNCHANGED != 0,
            skip_worktree: extended & SKIP_WORKTREE != 0,
            intent_to_add: extended & INTENT_TO_ADD != 0,
            stat,
        })
    }

    fn stat(&mut self) -> Read<(Stat, u32)> {
        let changed = self.time()?;
        let modified = self.time()?;
        let (device, inode) = (self.number()?, self.number()?);
        let mode = self.number()?;
        let (uid, gid, size) = (self.number()?, self.number()?, self.number()?);
        let stat =
            Stat { size: size.into(), modified, changed, inode: inode.into(), device: device.into(), mode, uid, gid };
        Ok((stat, mode))
    }

    /// Seconds are 32 bits; git means them unsigned.
    fn time(&mut self) -> Read<i64> {
        let seconds = i64::from(self.number()?);
        Ok(seconds * 1_000_000_000 + i64::from(self.number()?))
    }

    /// Versions 2 and 3: the path, then zeros up to a multiple of eight bytes, one at least.
    fn padded_path(&mut self, start: usize) -> Read<BString> {
        let path = BString::from(self.until(0)?);
        self.pad(start)?;
        Ok(path)
    }

    fn pad(&mut self, start: usize) -> Read<()> {
        let rest = (self.at - start) % 8;
        if rest != 0 {
            self.take(8 - rest)?;
        }
        Ok(())
    }

    /// Version 4: how many bytes of the previous path to drop, then what follows.
    fn compressed_path(&mut self, previous: &[u8]) -> Read<BString> {
        let dropped = self.offset()?;
        let kept = previous.len().checked_sub(dropped).ok_or(Damaged("a path is cut by more than it has"))?;
        let suffix = self.until(0)?;
        let mut path = Vec::with_capacity(kept + suffix.len());
        path.extend_from_slice(&previous[..kept]);
        path.extend_from_slice(suffix);
        Ok(path.into())
    }

    /// Git's number of variable length, as in a pack's offsets.
    fn offset(&mut self) -> Read<usize> {
        let mut byte = self.take(1)?[0];
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            let next = value.checked_add(1).and_then(|value| value.checked_mul(128));
            value = next.ok_or(Damaged("a number is too large"))? + usize::from(byte & 0x7f);
        }
        Ok(value)
    }

    fn extension(&mut self, index: &mut Index) -> Read<()> {
        let signature = self.take(4)?;
        let size = self.number()? as usize;
        let data = self.take(size)?;
        match signature {
            b"TREE" => {
                index.trees = data.to_vec();
                Ok(())
            }
            // Git's rule: an extension whose name begins in lower case must be understood.
            _ if !signature[0].is_ascii_uppercase() => Err(Foreign),
            _ => Ok(()),
        }
    }

    fn cached_tree(&mut self, parent: &BString, is_root: bool, depth: u32, trees: &mut Vec<CachedTree>) -> Read<()> {
        const MAX_DEPTH: u32 = 4096;
        if depth > MAX_DEPTH {
            return Err(Damaged("its cached trees nest too deeply"));
        }
        let name = self.until(0)?;
        let mut path = parent.clone();
        if !is_root {
            if !parent.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(name);
        }
        let (tree, subtrees) = self.cached_facts(&path)?;
        trees.extend(tree);
        for _ in 0..subtrees {
            self.cached_tree(&path, false, depth + 1, trees)?;
        }
        Ok(())
    }

    /// The tree, unless it is no longer valid, and how many folders of it follow.
    fn cached_facts(&mut self, path: &BString) -> Read<(Option<CachedTree>, i64)> {
        let entries = decimal(self.until(b' ')?)?;
        let subtrees = decimal(self.until(b'\n')?)?;
        let Ok(entries) = u32::try_from(entries) else { return Ok((None, subtrees)) };
        Ok((Some(CachedTree { path: path.clone(), id: self.id()?, entries }), subtrees))
    }
}

fn decimal(digits: &[u8]) -> Read<i64> {
    let number = digits.to_str().ok().and_then(|text| text.parse().ok());
    number.ok_or(Damaged("a cached tree has no number"))
}
