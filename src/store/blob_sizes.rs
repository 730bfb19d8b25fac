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

use super::pack_read::{BLOB, OFFSET_DELTA, PackIndex, REF_DELTA, varint};
use crate::model::id::ObjectId;

/// Enough of an entry for its header: ten bytes of size and up to 32 of a base.
const HEAD: usize = 48;

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
    let Some(hash) = ids.first().map(ObjectId::kind) else { return Ok(Vec::new()) };
    let mut places = PackIndex::open(index, hash)?.find_all(ids, wanted)?;
    places.par_sort_unstable();
    let size = |heads: &mut Heads, (offset, at): (u64, u32)| Some((at, heads.blob_size(&pack, offset, hash.len())?));
    let sizes = places.par_iter().map_init(Heads::new, |heads, &place| size(heads, place));
    Ok(sizes.flatten().collect())
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
    fn blob_size(&mut self, pack: &File, offset: u64, id_size: usize) -> Option<u64> {
        let count = pack.read_at(&mut self.bytes[..HEAD], offset).ok()?;
        let mut head = &self.bytes[..count];
        let kind = head.first()? >> 4 & 7;
        let size = varint(&mut head, 4)?;
        match kind {
            BLOB => return Some(size),
            OFFSET_DELTA => _ = varint(&mut head, 7)?,
            REF_DELTA => head = head.get(id_size..)?,
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
