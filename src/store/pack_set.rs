//! The packs and loose objects of a repository, asked directly: whether an object is there, and what stands whole.
//!
//! libgit2 opens every pack anew for each thread and asks one lock at a time; most of what a save asks for is not there at
//! all. Answers only what is certain: what is not known here (older formats, large objects) is libgit2's to say. Called by
//! `library`. SHA-1 alone.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use bstr::ByteSlice;
use flate2::bufread::ZlibDecoder;
use flate2::{Decompress, FlushDecompress, Status};

use super::pack_read::{OFFSET_DELTA, PackIndex, REF_DELTA, varint};
use crate::model::id::{HashKind, ObjectId};
use crate::model::object::{Object, ObjectKind};

/// Larger objects are left to libgit2.
const LARGEST: u64 = 1 << 20;
/// Bytes that are read at once of an object that is longer than what its head was read with.
const CHUNK: usize = 1 << 14;
/// So many deltas in a row are followed; git makes no more than 50 unless it is told to.
const DEEPEST: u32 = 64;

/// Whether an object is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    There,
    Absent,
    /// A pack cannot be read here.
    Unknown,
}

/// The object folders of a repository, as they were when they were last listed.
pub(crate) struct PackSet {
    folders: Vec<PathBuf>,
    state: Mutex<State>,
}

struct State {
    listed: Arc<Listed>,
    is_stale: bool,
}

#[derive(Default)]
struct Listed {
    folders: Vec<Folder>,
}

struct Folder {
    path: PathBuf,
    packs: Vec<Arc<Pack>>,
    /// Which of the 256 folders of loose objects exist.
    loose: Vec<bool>,
}

/// A pack that has an index beside it; opened when first asked.
struct Pack {
    index_path: PathBuf,
    index: OnceLock<Option<PackIndex>>,
    data: OnceLock<Option<File>>,
}

impl PackSet {
    pub(crate) fn new(folders: &[PathBuf]) -> PackSet {
        let state = State { listed: Arc::default(), is_stale: true };
        PackSet { folders: folders.to_vec(), state: Mutex::new(state) }
    }

    /// Lists the folders anew when next asked; packs that are still there stay open.
    pub(crate) fn refresh(&self) {
        self.state().is_stale = true;
    }

    /// Whether an object was there when the folders were listed.
    pub(crate) fn find(&self, id: &ObjectId) -> Presence {
        let listed = self.listed();
        let mut answer = Presence::Absent;
        for pack in listed.folders.iter().flat_map(|folder| &folder.packs) {
            match pack.find(id) {
                Some(Some(_)) => return Presence::There,
                Some(None) => {}
                None => answer = Presence::Unknown,
            }
        }
        if listed.folders.iter().any(|folder| folder.has_loose(id)) { Presence::There } else { answer }
    }

    /// Whether all of these objects, found when the folders were last listed, still are where they were found.
    pub(crate) fn are_still_there(&self, ids: impl IntoIterator<Item = ObjectId>) -> bool {
        let listed = Arc::clone(&self.state().listed);
        let mut standing: HashMap<&Path, bool> = HashMap::new();
        let stands = |pack: &Pack| pack.index_path.exists() && pack.index_path.with_extension("pack").exists();
        ids.into_iter().all(|id| {
            let mut packs = listed.folders.iter().flat_map(|folder| &folder.packs);
            packs.any(|pack| {
                matches!(pack.find(&id), Some(Some(_)))
                    && *standing.entry(&pack.index_path).or_insert_with(|| stands(pack))
            }) || listed.folders.iter().any(|folder| folder.has_loose(&id))
        })
    }

    /// Reads an object. Its bytes may be damaged: the caller compares them with the id.
    pub(crate) fn read(&self, id: &ObjectId) -> Option<Object> {
        let listed = self.listed();
        let found = |pack: &Arc<Pack>| Some((Arc::clone(pack), pack.find(id)??));
        match listed.folders.iter().flat_map(|folder| &folder.packs).find_map(found) {
            Some((pack, offset)) => pack.read(offset, 0),
            None => listed.folders.iter().find_map(|folder| read_loose(&folder.loose_path(id)?)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds this lock")
    }

    fn listed(&self) -> Arc<Listed> {
        let mut state = self.state();
        if std::mem::take(&mut state.is_stale) {
            state.listed = Arc::new(self.list(&state.listed));
        }
        Arc::clone(&state.listed)
    }

    fn list(&self, old: &Listed) -> Listed {
        let packs = old.folders.iter().flat_map(|folder| &folder.packs);
        let known: HashMap<&OsStr, &Arc<Pack>> = packs.map(|pack| (pack.index_path.as_os_str(), pack)).collect();
        Listed { folders: self.folders.iter().map(|path| Folder::list(path, &known)).collect() }
    }
}

impl Folder {
    fn list(path: &Path, known: &HashMap<&OsStr, &Arc<Pack>>) -> Folder {
        let folder = path.join("pack");
        // Names, not paths: to compare paths takes them apart each time.
        let mut names = list_names(&folder);
        names.sort_unstable();
        // Without its data a pack holds nothing.
        let is_whole = |stem: &[u8]| {
            let data = [stem, b".pack"].concat();
            names.binary_search_by(|name| name.as_bytes().cmp(&data)).is_ok()
        };
        let indexes = names.iter().filter(|name| name.as_bytes().strip_suffix(b".idx").is_some_and(is_whole));
        let packs = indexes.map(|name| {
            let index_path = folder.join(name);
            let old = known.get(index_path.as_os_str()).map(|pack| Arc::clone(pack));
            old.unwrap_or_else(|| Arc::new(Pack { index_path, index: OnceLock::new(), data: OnceLock::new() }))
        });
        Folder { path: path.to_path_buf(), packs: packs.collect(), loose: loose_folders(path) }
    }

    fn has_loose(&self, id: &ObjectId) -> bool {
        self.loose_path(id).is_some_and(|path| path.exists())
    }

    /// Where a loose object would be, if its folder is there.
    fn loose_path(&self, id: &ObjectId) -> Option<PathBuf> {
        if !self.loose[usize::from(id.as_bytes()[0])] {
            return None;
        }
        let hex = id.to_string();
        Some(self.path.join(&hex[..2]).join(&hex[2..]))
    }
}

fn list_names(folder: &Path) -> Vec<OsString> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
}

fn loose_folders(folder: &Path) -> Vec<bool> {
    let mut loose = vec![false; 256];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let number = |name: &[u8]| u8::from_str_radix(name.to_str().ok().filter(|name| name.len() == 2)?, 16).ok();
        if let Some(number) = number(entry.file_name().as_bytes()) {
            loose[usize::from(number)] = true;
        }
    }
    loose
}

impl Pack {
    /// Where an object is in the pack; the outer `None` when the index cannot be read.
    fn find(&self, id: &ObjectId) -> Option<Option<u64>> {
        self.index.get_or_init(|| PackIndex::open(&self.index_path, HashKind::Sha1).ok()).as_ref()?.find(id).ok()
    }

    fn read(&self, offset: u64, depth: u32) -> Option<Object> {
        let open = || File::open(self.index_path.with_extension("pack")).ok();
        let data = self.data.get_or_init(open).as_ref()?;
        let mut start = [0; 4096];
        let count = data.read_at(&mut start, offset).ok()?;
        let mut head = &start[..count];
        let kind = head.first()? >> 4 & 7;
        let size = varint(&mut head, 4).filter(|size| *size <= LARGEST)?;
        let base = match kind {
            OFFSET_DELTA => Some(offset.checked_sub(back_distance(&mut head)?)?),
            REF_DELTA => {
                let (id, rest) = head.split_at_checked(HashKind::Sha1.len())?;
                head = rest;
                Some(self.find(&ObjectId::from_bytes(id)?)??)
            }
            _ => None,
        };
        let bytes = inflate(head, data, offset + count as u64, size)?;
        let Some(base) = base else { return Some(Object { kind: whole_kind(kind)?, bytes }) };
        let base = if depth < DEEPEST { self.read(base, depth + 1)? } else { return None };
        Some(Object { kind: base.kind, bytes: apply_delta(&base.bytes, &bytes)? })
    }
}

/// Reads a file that holds one object: kind, size, a zero byte, and the object's own.
fn read_loose(path: &Path) -> Option<Object> {
    let file = File::open(path).ok()?;
    let mut bytes = Vec::new();
    ZlibDecoder::new(std::io::BufReader::new(file)).take(LARGEST + 1).read_to_end(&mut bytes).ok()?;
    let end = bytes.find_byte(0)?;
    let (kind, size) = bytes[..end].to_str().ok()?.split_once(' ')?;
    let kind = [ObjectKind::Commit, ObjectKind::Tree, ObjectKind::Blob, ObjectKind::Tag]
        .into_iter()
        .find(|known| known.as_str() == kind)?;
    let size: usize = size.parse().ok()?;
    bytes.drain(..=end);
    (bytes.len() == size).then_some(Object { kind, bytes })
}

fn whole_kind(number: u8) -> Option<ObjectKind> {
    Some(match number {
        1 => ObjectKind::Commit,
        2 => ObjectKind::Tree,
        3 => ObjectKind::Blob,
        4 => ObjectKind::Tag,
        _ => return None,
    })
}

thread_local! {
    /// Making one costs more than inflating a small object.
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(true));
}

/// Inflates what is to come to `size` bytes, begins with `head` and goes on at `offset`.
fn inflate(head: &[u8], data: &File, mut offset: u64, size: u64) -> Option<Vec<u8>> {
    // One more than is to come: what is too long is noticed.
    let mut bytes = Vec::with_capacity(size as usize + 1);
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(true);
        let mut chunk = Vec::new();
        let mut input = head;
        loop {
            let consumed = inflater.total_in();
            let status = inflater.decompress_vec(input, &mut bytes, FlushDecompress::None).ok()?;
            input = &input[(inflater.total_in() - consumed) as usize..];
            if status == Status::StreamEnd {
                return (bytes.len() as u64 == size).then_some(());
            }
            if !input.is_empty() || bytes.len() as u64 > size {
                return None;
            }
            chunk.resize(CHUNK, 0);
            let count = data.read_at(&mut chunk, offset).ok().filter(|count| *count > 0)?;
            offset += count as u64;
            input = &chunk[..count];
        }
    })?;
    Some(bytes)
}

/// How far before a delta its base begins: groups of seven bits, the highest first, each but the last one too small.
fn back_distance(input: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    loop {
        let (&byte, rest) = input.split_first()?;
        *input = rest;
        value = value.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        value += 1;
    }
}

/// Makes the object that a delta describes; `None` where it does not fit its base.
fn apply_delta(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let mut delta = delta;
    let base_size = varint(&mut delta, 7)?;
    let size = varint(&mut delta, 7).filter(|size| *size <= LARGEST)?;
    let mut out = Vec::with_capacity(size as usize);
    while let Some((&command, rest)) = delta.split_first() {
        delta = rest;
        if command & 0x80 == 0 {
            let (new, rest) = delta.split_at_checked(usize::from(command))?;
            out.extend_from_slice(new);
            delta = rest;
        } else {
            let mut part = |bits: std::ops::Range<u32>| {
                let mut value = 0usize;
                for (place, bit) in bits.enumerate() {
                    if command >> bit & 1 != 0 {
                        let (&byte, rest) = delta.split_first()?;
                        delta = rest;
                        value |= usize::from(byte) << (8 * place);
                    }
                }
                Some(value)
            };
            let (from, count) = (part(0..4)?, part(4..7)?);
            let count = if count == 0 { 0x10000 } else { count };
            out.extend_from_slice(base.get(from..)?.get(..count)?);
        }
        if out.len() as u64 > size {
            return None;
        }
    }
    (base_size == base.len() as u64 && out.len() as u64 == size).then_some(out)
}

#[cfg(test)]
mod tests;
