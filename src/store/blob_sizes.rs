//! The sizes of many blobs at once, read from the packs directly.
//!
//! libgit2 takes one lock for each object and its threads wait for each other. Here the indexes of the packs are read
//! range by range and the entries in the order in which they stand in the pack. What is not found this way (loose
//! objects, formats that are not known here) has no answer, and the caller asks for it one by one.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use flate2::{Decompress, FlushDecompress};
use rayon::prelude::*;

use crate::model::id::ObjectId;

const FANOUT: u64 = 8;
const IDS: u64 = FANOUT + 1024;
const ID: usize = 20;

/// Enough of an entry for its header: ten bytes of size and twenty of a base.
const HEAD: usize = 32;

/// Enough of an entry for the beginning of its data as well, tables of the compression included.
const START: usize = 512;

/// Sizes in the order of `ids`; `None` for what is not a blob of a pack in one of the object folders.
pub(crate) fn blob_sizes(folders: &[PathBuf], ids: &[ObjectId]) -> Vec<Option<u64>> {
    let mut sizes = vec![None; ids.len()];
    let mut open = sorted(ids);
    for path in folders.iter().flat_map(|folder| pack_indexes(&folder.join("pack"))) {
        if open.is_empty() {
            break;
        }
        // A pack that cannot be read is no reason to stop: libgit2 may know better.
        for (at, size) in sizes_in(&path, ids, &open).unwrap_or_default() {
            sizes[at as usize] = Some(size);
        }
        open.retain(|&at| sizes[at as usize].is_none());
    }
    sizes
}

/// The places in `ids`, in the order of the ids.
fn sorted(ids: &[ObjectId]) -> Vec<u32> {
    let prefix = |id: &ObjectId| u64::from_be_bytes(id.as_bytes()[..8].try_into().expect("an id is longer"));
    let mut places: Vec<(u64, u32)> = (0..).zip(ids).map(|(at, id)| (prefix(id), at)).collect();
    let id = |at: u32| &ids[at as usize];
    places.par_sort_unstable_by(|left, right| left.0.cmp(&right.0).then_with(|| id(left.1).cmp(id(right.1))));
    places.into_iter().map(|(_, at)| at).collect()
}

/// The largest first, where most will be found.
fn pack_indexes(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let indexes = entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "idx"));
    let mut indexes: Vec<_> =
        indexes.map(|entry| (entry.metadata().map_or(0, |data| data.len()), entry.path())).collect();
    indexes.sort_unstable_by(|left, right| right.cmp(left));
    indexes.into_iter().map(|(_, path)| path).collect()
}

fn sizes_in(index: &Path, ids: &[ObjectId], wanted: &[u32]) -> io::Result<Vec<(u32, u64)>> {
    let pack = File::open(index.with_extension("pack"))?;
    let mut places = PackIndex::open(index)?.find_all(ids, wanted)?;
    places.par_sort_unstable();
    let size = |heads: &mut Heads, (offset, at): (u64, u32)| Some((at, heads.blob_size(&pack, offset)?));
    let sizes = places.par_iter().map_init(Heads::new, |heads, &place| size(heads, place));
    Ok(sizes.flatten().collect())
}

/// The index of one pack, version 2.
struct PackIndex {
    file: File,
    /// For each first byte, how many ids begin with it or a smaller one.
    fanout: Vec<u32>,
}

impl PackIndex {
    fn open(path: &Path) -> io::Result<PackIndex> {
        let file = File::open(path)?;
        let mut head = vec![0; IDS as usize];
        file.read_exact_at(&mut head, 0)?;
        if head[..8] != *b"\xfftOc\0\0\0\x02" {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let fanout: Vec<u32> = head[8..].chunks_exact(4).map(number).collect();
        let is_sound = fanout.is_sorted() && IDS + u64::from(fanout[255]) * 28 < file.metadata()?.len();
        if is_sound { Ok(PackIndex { file, fanout }) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    /// Offset in the pack, and place in `ids`, of those among `wanted` (sorted by id) that are in the pack.
    fn find_all(&self, ids: &[ObjectId], wanted: &[u32]) -> io::Result<Vec<(u64, u32)>> {
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
        let names = self.read(IDS + u64::from(start) * ID as u64, count as usize * ID)?;
        let total = u64::from(self.fanout[255]);
        let words = self.read(IDS + total * 24 + u64::from(start) * 4, count as usize * 4)?;
        let mut names = names.chunks_exact(ID).zip(words.chunks_exact(4)).peekable();
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

    fn offset(&self, word: u32, total: u64) -> io::Result<u64> {
        const LARGE: u32 = 0x8000_0000;
        if word & LARGE == 0 {
            return Ok(word.into());
        }
        let raw = self.read(IDS + total * 28 + u64::from(word & !LARGE) * 8, 8)?;
        Ok(u64::from(number(&raw[..4])) << 32 | u64::from(number(&raw[4..])))
    }

    fn read(&self, at: u64, size: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; size];
        self.file.read_exact_at(&mut bytes, at)?;
        Ok(bytes)
    }
}

fn number(raw: &[u8]) -> u32 {
    u32::from_be_bytes([raw[0], raw[1], raw[2], raw[3]])
}

/// Reads the beginnings of a pack's entries.
struct Heads {
    bytes: Vec<u8>,
    zlib: Decompress,
}

impl Heads {
    fn new() -> Heads {
        Heads { bytes: vec![0; START], zlib: Decompress::new(true) }
    }

    /// Of a delta the size is that of the result, which its data begin with; that a delta among blobs makes a blob needs
    /// no look at its base, for the caller has the id from an entry of the index.
    fn blob_size(&mut self, pack: &File, offset: u64) -> Option<u64> {
        const BLOB: u8 = 3;
        const OFFSET_DELTA: u8 = 6;
        const REF_DELTA: u8 = 7;
        let count = pack.read_at(&mut self.bytes[..HEAD], offset).ok()?;
        let mut head = &self.bytes[..count];
        let kind = head.first()? >> 4 & 7;
        let size = varint(&mut head, 4)?;
        match kind {
            BLOB => return Some(size),
            OFFSET_DELTA => _ = varint(&mut head, 7)?,
            REF_DELTA => head = head.get(ID..)?,
            _ => return None,
        }
        let data = offset + (count - head.len()) as u64;
        let count = pack.read_at(&mut self.bytes, data).ok()?;
        let mut delta = [0; 32];
        self.zlib.reset(true);
        // It ends for want of room or of input, which is no matter as long as both numbers are there.
        let _ = self.zlib.decompress(&self.bytes[..count], &mut delta, FlushDecompress::None);
        let mut delta = &delta[..self.zlib.total_out() as usize];
        varint(&mut delta, 7)?;
        varint(&mut delta, 7)
    }
}

/// A number in groups of seven bits, the lowest first, of which the first byte holds `bits`.
fn varint(input: &mut &[u8], bits: u32) -> Option<u64> {
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

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(folder: &Path, arguments: &[&str]) -> String {
        let output = Command::new("git").current_dir(folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn whole_blobs_and_deltas_have_the_sizes_that_git_says() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q"]);
        let mut text = (0..4000).map(|line| format!("line {line}\n")).collect::<String>();
        for version in 0..20 {
            text.push_str(&format!("version {version} {}\n", "x".repeat(version * 7)));
            std::fs::write(folder.path().join(format!("file{version}")), &text).unwrap();
        }
        std::fs::write(folder.path().join("empty"), "").unwrap();
        git(folder.path(), &["add", "."]);
        git(folder.path(), &["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "all"]);
        std::fs::write(folder.path().join("loose"), "not packed").unwrap();
        git(folder.path(), &["repack", "-adq", "--depth=10"]);
        let loose = git(folder.path(), &["hash-object", "-w", "loose"]);
        let listing = git(folder.path(), &["ls-tree", "-l", "HEAD"]);
        let mut expected: Vec<(ObjectId, Option<u64>)> = listing
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .map(|words| (ObjectId::from_hex(words[2].as_bytes()).unwrap(), words[3].parse().ok()))
            .collect();
        let deltas = git(folder.path(), &["cat-file", "--batch-all-objects", "--batch-check=%(deltabase)"]);
        assert!(deltas.lines().filter(|base| !base.starts_with("0000")).count() > 10, "the test needs deltas");
        expected.push((ObjectId::from_hex(loose.trim().as_bytes()).unwrap(), None));
        expected.push((expected[3].0, expected[3].1));
        let ids: Vec<ObjectId> = expected.iter().map(|(id, _)| *id).collect();
        let sizes = blob_sizes(&[folder.path().join(".git/objects")], &ids);
        assert_eq!(ids.into_iter().zip(sizes).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn damaged_packs_give_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        let packs = folder.path().join("pack");
        std::fs::create_dir(&packs).unwrap();
        let mut index = b"\xfftOc\0\0\0\x02".to_vec();
        index.extend([0xff; 1024]);
        std::fs::write(packs.join("pack-a.idx"), &index).unwrap();
        std::fs::write(packs.join("pack-a.pack"), "").unwrap();
        std::fs::write(packs.join("pack-b.idx"), "short").unwrap();
        let id = ObjectId::from_bytes(&[7; 20]).unwrap();
        assert_eq!(blob_sizes(&[folder.path().into()], &[id]), [None]);
    }
}
