//! Reads large blobs piece by piece, which libgit2 cannot do from packs.
//!
//! Serves blobs that stand whole in a pack or loose; of the others (deltas) it says so, and they are read in memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::bufread::ZlibDecoder;

use super::pack_read::{BLOB, PackIndex, varint};
use crate::model::hash::Hasher;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectError, ObjectKind, header};

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
    let mut hasher = Hasher::new(id.kind());
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
    if hasher.finish() != *id {
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
            && let Some(offset) = PackIndex::open(&path, id.kind()).and_then(|index| index.find(id)).ok().flatten()
            && let Some(source) = open_entry(&path.with_extension("pack"), offset, size)
        {
            return Some(source);
        }
    }
    None
}

/// The entry's compressed content, if it is a whole blob of this size.
fn open_entry(pack: &Path, offset: u64, wanted: u64) -> Option<Source> {
    let mut file = File::open(pack).ok()?;
    file.seek(SeekFrom::Start(offset)).ok()?;
    let mut reader = BufReader::with_capacity(CHUNK, file);
    let head = reader.fill_buf().ok()?;
    let kind = head.first()? >> 4 & 7;
    let mut rest = head;
    let size = varint(&mut rest, 4)?;
    let used = head.len() - rest.len();
    reader.consume(used);
    (kind == BLOB && size == wanted).then(|| ZlibDecoder::new(reader))
}
