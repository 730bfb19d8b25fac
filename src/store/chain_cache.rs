//! A cache of the ids in a session's chain, so that what begins at its beginning need not go back through all of it.
//!
//! A commit never changes what comes before it: whoever goes back from a tip and meets the last id here knows the rest.
//! The file may be deleted, cut short or spoilt at any time; it carries a checksum. Called by `ops/history`.

use std::path::PathBuf;

use super::Layout;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::sys::{atomic, private};

/// First line of the file; another one means that it is passed over.
const HEADER: &[u8] = b"ckpt chain 1\n";

/// It is written anew when so many commits have come: fewer are gone through in no time.
const WORTH_WRITING: usize = 500;

fn path_of(layout: &Layout, session: &Name) -> PathBuf {
    layout.own_dir.join("cache").join(format!("chain-{session}"))
}

/// The ids that are known, oldest first; none where there is no sound file.
pub fn read(layout: &Layout, session: &Name) -> Vec<ObjectId> {
    let bytes = std::fs::read(path_of(layout, session)).unwrap_or_default();
    parse(&bytes).unwrap_or_default()
}

fn parse(bytes: &[u8]) -> Option<Vec<ObjectId>> {
    let (body, checksum) = bytes.split_last_chunk::<4>()?;
    if crc32fast::hash(body).to_le_bytes() != *checksum {
        return None;
    }
    let (&length, ids) = body.strip_prefix(HEADER)?.split_first()?;
    let length = usize::from(length);
    if length == 0 || ids.len() % length != 0 {
        return None;
    }
    ids.chunks_exact(length).map(ObjectId::from_bytes).collect()
}

/// Keeps the ids, oldest first, where it is worth it. Failing is harmless.
pub fn remember(layout: &Layout, session: &Name, ids: impl ExactSizeIterator<Item = ObjectId>, known: usize) {
    if ids.len() < known + WORTH_WRITING {
        return;
    }
    let mut bytes = HEADER.to_vec();
    for (number, id) in ids.enumerate() {
        if number == 0 {
            bytes.extend(u8::try_from(id.as_bytes().len()));
        }
        bytes.extend_from_slice(id.as_bytes());
    }
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    let path = path_of(layout, session);
    let _ = path.parent().map_or(Ok(()), private::create_dir).and_then(|()| atomic::write(&path, &bytes));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::Fixture;

    #[test]
    fn what_is_sound_is_believed_and_nothing_else() {
        let fixture = Fixture::new();
        let store = fixture.store();
        let name: Name = "main".parse().unwrap();
        let ids: Vec<ObjectId> = (0..600_u16)
            .map(|number| ObjectId::from_bytes(&[number.to_le_bytes().as_slice(), &[7; 18]].concat()).unwrap())
            .collect();
        let layout = store.layout();
        remember(layout, &name, ids[..100].iter().copied(), 0);
        assert!(read(layout, &name).is_empty(), "it is not worth it");
        remember(layout, &name, ids.iter().copied(), 0);
        assert_eq!(read(layout, &name), ids);
        let path = path_of(layout, &name);
        let sound = std::fs::read(&path).unwrap();
        for (at, cut) in [(0, 0), (20, 0), (sound.len() - 1, 0), (0, 1), (0, sound.len()), (0, sound.len() - 5)] {
            let mut bytes = sound[..sound.len() - cut].to_vec();
            if cut == 0 {
                bytes[at] ^= 1;
            }
            std::fs::write(&path, bytes).unwrap();
            assert!(read(layout, &name).is_empty(), "{at} {cut}");
        }
    }
}
