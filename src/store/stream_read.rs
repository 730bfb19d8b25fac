//! Reads large blobs piece by piece, which libgit2 cannot do from packs.
//!
//! Serves blobs that stand whole in a pack or loose; of the others (deltas) it says so, and they are read in memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use flate2::bufread::ZlibDecoder;
use sha1::{Digest, Sha1};

use crate::model::id::ObjectId;
use crate::model::object::{ObjectError, ObjectKind, header};

const FANOUT: u64 = 8;
const IDS: u64 = FANOUT + 1024;
const BLOB: u8 = 3;
const CHUNK: usize = 1 << 16;

/// Copies a blob of `size` bytes to `out`; `Ok(false)`, with nothing copied, when it cannot be read in this way.
pub(crate) fn copy(
    folders: &[PathBuf],
    id: &ObjectId,
    size: u64,
    out: &mut dyn io::Write,
) -> Result<bool, ObjectError> {
    for folder in folders {
        // A file that cannot be read is no reason to stop: libgit2 may know better.
        let source = open_loose(folder, id).or_else(|| open_packed(&folder.join("pack"), id, size));
        if let Some(mut source) = source {
            copy_checked(&mut source, id, size, out)?;
            return Ok(true);
        }
    }
    Ok(false)
}

type Source = ZlibDecoder<BufReader<File>>;

fn copy_checked(source: &mut Source, id: &ObjectId, size: u64, out: &mut dyn io::Write) -> Result<(), ObjectError> {
    let damaged = |detail: String| ObjectError::Damaged { id: *id, detail };
    let mut hasher = Sha1::new();
    hasher.update(header(ObjectKind::Blob, size));
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = match source.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(damaged(error.to_string())),
        };
        hasher.update(&chunk[..count]);
        out.write_all(&chunk[..count]).map_err(|source| ObjectError::Write { path: PathBuf::new(), source })?;
    }
    if hasher.finalize()[..] != *id.as_bytes() {
        return Err(damaged("its bytes do not have this id".into()));
    }
    Ok(())
}

fn open_loose(folder: &Path, id: &ObjectId) -> Option<Source> {
    let hex = id.to_string();
    let file = File::open(folder.join(&hex[..2]).join(&hex[2..])).ok()?;
    let mut source = ZlibDecoder::new(BufReader::with_capacity(CHUNK, file));
    let mut byte = [0];
    // The header, `blob <size>\0`, was read by libgit2 before; here it is only passed over.
    for _ in 0..32 {
        source.read_exact(&mut byte).ok()?;
        if byte[0] == 0 {
            return Some(source);
        }
    }
    None
}

fn open_packed(folder: &Path, id: &ObjectId, size: u64) -> Option<Source> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "idx")
            && let Some(offset) = find_offset(&path, id).ok().flatten()
            && let Some(source) = open_entry(&path.with_extension("pack"), offset, size)
        {
            return Some(source);
        }
    }
    None
}

/// Looks an id up in the index of a pack, reading only what the search touches.
fn find_offset(path: &Path, id: &ObjectId) -> io::Result<Option<u64>> {
    let file = File::open(path)?;
    let number = |at: u64| -> io::Result<u32> {
        let mut raw = [0; 4];
        file.read_exact_at(&mut raw, at)?;
        Ok(u32::from_be_bytes(raw))
    };
    if (number(0)?, number(4)?) != (0xff74_4f63, 2) {
        return Ok(None);
    }
    let first = u64::from(id.as_bytes()[0]);
    let total = u64::from(number(IDS - 4)?);
    let mut low = if first == 0 { 0 } else { u64::from(number(FANOUT + (first - 1) * 4)?) };
    let mut high = u64::from(number(FANOUT + first * 4)?).min(total);
    while low < high {
        let middle = (low + high) / 2;
        let mut found = [0; 20];
        file.read_exact_at(&mut found, IDS + middle * 20)?;
        match found.as_slice().cmp(id.as_bytes()) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => {
                let offset = number(IDS + total * 24 + middle * 4)?;
                if offset & 0x8000_0000 == 0 {
                    return Ok(Some(offset.into()));
                }
                let at = IDS + total * 28 + u64::from(offset & 0x7fff_ffff) * 8;
                return Ok(Some(u64::from(number(at)?) << 32 | u64::from(number(at + 4)?)));
            }
        }
    }
    Ok(None)
}

/// The entry's compressed content, if it is a whole blob of this size.
fn open_entry(pack: &Path, offset: u64, wanted: u64) -> Option<Source> {
    let mut file = File::open(pack).ok()?;
    file.seek(SeekFrom::Start(offset)).ok()?;
    let mut reader = BufReader::with_capacity(CHUNK, file);
    let mut next = || {
        let byte = *reader.fill_buf().ok()?.first()?;
        reader.consume(1);
        Some(byte)
    };
    let first = next()?;
    let (mut byte, mut size, mut shift) = (first, u64::from(first & 15), 4);
    while byte & 0x80 != 0 {
        byte = next()?;
        size |= u64::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
    }
    let is_wanted = (first >> 4) & 7 == BLOB && size == wanted;
    is_wanted.then(|| ZlibDecoder::new(reader))
}
