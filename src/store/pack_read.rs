//! Packs as bytes: where an object stands in one, and how large it says it is.
//!
//! For what libgit2 cannot do: reading large blobs in pieces, asking for many at once, and asking from many threads. Called
//! by `stream_read`, `blob_sizes` and `pack_set`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use rayon::prelude::*;

use crate::model::id::{HashKind, ObjectId};

/// The number of a whole blob among the kinds of a pack's entries.
pub(crate) const BLOB: u8 = 3;

/// The numbers of deltas: against an entry of the same pack so many bytes before, and against an object by its id.
pub(crate) const OFFSET_DELTA: u8 = 6;
pub(crate) const REF_DELTA: u8 = 7;

const IDS: u64 = 8 + 1024;

/// Indexes up to this size are read as a whole at once.
const SMALL: u64 = 64 << 10;

/// Those up to this size once many objects were looked for one by one.
const LARGE: u64 = 128 << 20;

/// So many ids are read at once where one is looked for.
const WINDOW: u64 = 192;

/// The index of one pack, version 2.
pub struct PackIndex {
    /// `None` for a small one, which is in memory.
    file: Option<File>,
    size: u64,
    /// All of the file, once it is worth holding; `None` when it could not be read.
    memory: OnceLock<Option<Vec<u8>>>,
    /// How often one object was looked for.
    finds: AtomicU64,
    /// Bytes of an id.
    id_size: usize,
    /// For each first byte, how many ids begin with it or a smaller one.
    fanout: Vec<u32>,
}

impl PackIndex {
    /// Reads its head and checks that its tables fit.
    pub fn open(path: &Path, hash: HashKind) -> io::Result<PackIndex> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut head = vec![0; if size <= SMALL { size } else { IDS } as usize];
        file.read_exact_at(&mut head, 0)?;
        if head.len() < IDS as usize || head[..8] != *b"\xfftOc\0\0\0\x02" {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let fanout: Vec<u32> = head[8..IDS as usize].chunks_exact(4).map(number).collect();
        let is_sound = fanout.is_sorted() && IDS + u64::from(fanout[255]) * (hash.len() as u64 + 8) < size;
        if !is_sound {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let (file, memory) = match size <= SMALL {
            true => (None, OnceLock::from(Some(head))),
            false => (Some(file), OnceLock::new()),
        };
        Ok(PackIndex { file, size, memory, finds: AtomicU64::new(0), id_size: hash.len(), fanout })
    }

    /// Offset of one object in the pack. Ids are spread evenly: where one should be is guessed, and a few are read there.
    pub fn find(&self, id: &ObjectId) -> io::Result<Option<u64>> {
        let bytes = id.as_bytes();
        let first = usize::from(bytes[0]);
        let mut low = if first == 0 { 0 } else { u64::from(self.fanout[first - 1]) };
        let mut high = u64::from(self.fanout[first]);
        self.hold_if_worth_it();
        let share = u64::from(u32::from_be_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]));
        let mut guess = low + (((high - low) * share) >> 32);
        while low < high {
            let start = guess.saturating_sub(WINDOW / 2).max(low);
            let end = (start + WINDOW).min(high);
            let names = self.read(IDS + start * self.id_size as u64, (end - start) as usize * self.id_size)?;
            match self.search(&names, bytes) {
                Ok(at) => return self.offset_of(start + at as u64).map(Some),
                Err(0) => high = start,
                Err(at) if at == (end - start) as usize => low = end,
                Err(_) => return Ok(None),
            }
            guess = low + (high - low) / 2;
        }
        Ok(None)
    }

    /// Where an id is in a table of ids, or where it would be.
    fn search(&self, ids: &[u8], wanted: &[u8]) -> Result<usize, usize> {
        let (mut low, mut high) = (0, ids.len() / self.id_size);
        while low < high {
            let middle = (low + high) / 2;
            match ids[middle * self.id_size..(middle + 1) * self.id_size].cmp(wanted) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(middle),
            }
        }
        Err(low)
    }

    /// Takes the file into memory when as many of its ids were read piece by piece as there are.
    fn hold_if_worth_it(&self) {
        let Some(file) = self.file.as_ref().filter(|_| self.memory.get().is_none() && self.size <= LARGE) else {
            return;
        };
        if self.finds.fetch_add(1, Relaxed) * WINDOW >= u64::from(self.fanout[255]) {
            self.memory.get_or_init(|| read_from(file, 0, self.size as usize).ok());
        }
    }

    fn offset_of(&self, at: u64) -> io::Result<u64> {
        let total = u64::from(self.fanout[255]);
        let word = number(&self.read(self.words_at(total) + at * 4, 4)?);
        self.offset(word, total)
    }

    /// Offset in the pack, and place in `ids`, of those among `wanted` (sorted by id) that are in the pack.
    pub fn find_all(&self, ids: &[ObjectId], wanted: &[u32]) -> io::Result<Vec<(u64, u32)>> {
        let first = |at: &u32| ids[*at as usize].as_bytes()[0];
        let runs: Vec<&[u32]> = wanted.chunk_by(|left, right| first(left) == first(right)).collect();
        let found = runs.par_iter().map(|run| self.find_run(first(&run[0]), ids, run));
        Ok(found.collect::<io::Result<Vec<_>>>()?.concat())
    }

    /// The same for ids that begin with one byte.
    fn find_run(&self, first: u8, ids: &[ObjectId], run: &[u32]) -> io::Result<Vec<(u64, u32)>> {
        let first = usize::from(first);
        let start = if first == 0 { 0 } else { self.fanout[first - 1] };
        let count = self.fanout[first] - start;
        let names = self.read(IDS + u64::from(start) * self.id_size as u64, count as usize * self.id_size)?;
        let total = u64::from(self.fanout[255]);
        let words = self.read(self.words_at(total) + u64::from(start) * 4, count as usize * 4)?;
        let mut names = names.chunks_exact(self.id_size).zip(words.chunks_exact(4)).peekable();
        let mut found = Vec::with_capacity(run.len());
        for &at in run {
            let id = ids[at as usize].as_bytes();
            while names.next_if(|(name, _)| *name < id).is_some() {}
            if let Some((_, word)) = names.peek().filter(|(name, _)| *name == id) {
                found.push((self.offset(number(word), total)?, at));
            }
        }
        Ok(found)
    }

    /// Where the table of offsets begins: behind the ids and the checksums.
    fn words_at(&self, total: u64) -> u64 {
        IDS + total * (self.id_size as u64 + 4)
    }

    fn offset(&self, word: u32, total: u64) -> io::Result<u64> {
        const LARGE: u32 = 0x8000_0000;
        if word & LARGE == 0 {
            return Ok(word.into());
        }
        let raw = self.read(self.words_at(total) + total * 4 + u64::from(word & !LARGE) * 8, 8)?;
        Ok(u64::from(number(&raw[..4])) << 32 | u64::from(number(&raw[4..])))
    }

    fn read(&self, at: u64, size: usize) -> io::Result<Cow<'_, [u8]>> {
        let range = at as usize..at as usize + size;
        match (self.memory.get(), &self.file) {
            (Some(Some(bytes)), _) => Ok(bytes.get(range).ok_or(io::ErrorKind::UnexpectedEof)?.into()),
            (_, Some(file)) => Ok(read_from(file, at, size)?.into()),
            (_, None) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

fn read_from(file: &File, at: u64, size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; size];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}

fn number(raw: &[u8]) -> u32 {
    u32::from_be_bytes([raw[0], raw[1], raw[2], raw[3]])
}

/// A number in groups of seven bits, the lowest first, of which the first byte holds `bits`.
pub(crate) fn varint(input: &mut &[u8], bits: u32) -> Option<u64> {
    let (mut value, mut shift) = (0u64, 0);
    let mut mask = (1u8 << bits) - 1;
    loop {
        let (&byte, rest) = input.split_first()?;
        *input = rest;
        value |= u64::from(byte & mask).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        shift += if mask == 0x7f { 7 } else { bits };
        mask = 0x7f;
    }
}
