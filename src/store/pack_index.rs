//! The index of a pack (`.idx`, version 2), as bytes.
//!
//! Pure. `pack_writer` collects the entries, `writing` puts the file in place.

use crate::model::hash::Hasher;
use crate::model::id::ObjectId;

/// One object of a pack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackEntry {
    pub id: ObjectId,
    /// CRC-32 of the entry's bytes in the pack, header included.
    pub checksum: u32,
    /// Where the entry begins.
    pub offset: u64,
}

/// Offsets from here on stand in a table of their own.
const LARGE: u64 = 0x8000_0000;

/// Renders the index; sorts `entries` by id. `pack_hash` stands at the end of the pack.
pub(crate) fn render(entries: &mut [PackEntry], pack_hash: &ObjectId) -> Vec<u8> {
    entries.sort_unstable_by_key(|entry| entry.id);
    let mut out =
        Vec::with_capacity(8 + 1024 + entries.len() * (pack_hash.kind().len() + 8) + 2 * pack_hash.kind().len());
    out.extend_from_slice(b"\xfftOc\0\0\0\x02");
    add_fanout(&mut out, entries);
    for entry in entries.iter() {
        out.extend_from_slice(entry.id.as_bytes());
    }
    for entry in entries.iter() {
        out.extend_from_slice(&entry.checksum.to_be_bytes());
    }
    add_offsets(&mut out, entries);
    out.extend_from_slice(pack_hash.as_bytes());
    let own_hash = Hasher::digest(pack_hash.kind(), &out);
    out.extend_from_slice(own_hash.as_bytes());
    out
}

/// For each first byte, how many ids begin with it or a smaller one.
fn add_fanout(out: &mut Vec<u8>, entries: &[PackEntry]) {
    let mut counted = 0;
    for first in 0..=255u8 {
        counted += entries[counted..].iter().take_while(|entry| entry.id.as_bytes()[0] <= first).count();
        out.extend_from_slice(&(counted as u32).to_be_bytes());
    }
}

fn add_offsets(out: &mut Vec<u8>, entries: &[PackEntry]) {
    let mut large = Vec::new();
    for entry in entries {
        let word = if entry.offset < LARGE {
            entry.offset as u32
        } else {
            large.extend_from_slice(&entry.offset.to_be_bytes());
            LARGE as u32 | (large.len() / 8 - 1) as u32
        };
        out.extend_from_slice(&word.to_be_bytes());
    }
    out.extend_from_slice(&large);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::HashKind;

    #[test]
    fn offsets_beyond_two_gigabytes_go_to_the_second_table() {
        let id = ObjectId::null(HashKind::Sha1);
        let mut entries = [PackEntry { id, checksum: 7, offset: 12 }, PackEntry { id, checksum: 7, offset: 5 << 32 }];
        let bytes = render(&mut entries, &id);
        let offsets = &bytes[8 + 1024 + 2 * 24..];
        assert_eq!(offsets[..8], [0, 0, 0, 12, 0x80, 0, 0, 0]);
        assert_eq!(offsets[8..16], (5u64 << 32).to_be_bytes());
        assert_eq!(offsets.len(), 16 + 40);
    }
}
