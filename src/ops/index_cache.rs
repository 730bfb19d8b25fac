//! Remembers the tree of the user's index, so that an unchanged index need not be read at every save.

use std::io::Write;
use std::path::Path;

use crate::model::id::ObjectId;
use crate::model::index::{Index, IndexExtra, IndexSource, IndexStamp};
use crate::model::object::ObjectWriter;
use crate::store::index_tree::write_index_tree;
use crate::store::{Store, StoreError};
use crate::sys::atomic;
use crate::sys::clock::{FILE_TIME_TICK, file_time_now};

/// First word of the line that the checksum covers.
const VERSION: &str = "2";

/// The tree of an index that has nothing beside its tree.
#[derive(Debug)]
pub(super) struct IndexCache {
    stamp: IndexStamp,
    tree: ObjectId,
}

impl IndexCache {
    /// The remembered tree of the index with this stamp, if a checkpoint still holds it.
    pub(super) fn find(folder: &Path, stamp: &IndexStamp, is_anchored: &dyn Fn(&ObjectId) -> bool) -> Option<ObjectId> {
        let text = std::fs::read_to_string(folder.join("index")).ok()?;
        let (tree, anchor) = parse(&text, &describe(stamp))?;
        is_anchored(&anchor).then_some(tree)
    }

    /// Writes the trees of the index, which is read unless it was already, and tells what to remember.
    pub(super) fn compute(
        store: &Store,
        index: Option<Index>,
        writer: &dyn ObjectWriter,
        stamp: &IndexStamp,
    ) -> Result<(ObjectId, IndexExtra, Option<IndexCache>), StoreError> {
        let index = index.map_or_else(|| IndexSource::read(store), Ok)?;
        let tree = write_index_tree(&index, writer)?;
        let extra = IndexExtra::of(&index);
        // One changed this recently may change again without its stat data telling.
        let is_settled = stamp.stat.modified.max(stamp.stat.changed) < file_time_now() - FILE_TIME_TICK;
        let cache = (extra.is_empty() && is_settled).then_some(IndexCache { stamp: *stamp, tree });
        Ok((tree, extra, cache))
    }

    /// Writes the cache. It is only speed: a failure does no harm, and a torn one has a wrong checksum.
    pub(super) fn write(self, folder: &Path, anchor: &ObjectId) {
        let text = render(&self.tree, anchor, &describe(&self.stamp));
        let _ = atomic::replace_unsynced(&folder.join("index"), |mut file| file.write_all(text.as_bytes()));
    }
}

/// `<checksum> <version> <tree> <anchor> <stamp>`; the checksum is of all that follows it.
fn render(tree: &ObjectId, anchor: &ObjectId, stamp: &str) -> String {
    let line = format!("{VERSION} {tree} {anchor} {stamp}\n");
    format!("{:08x} {line}", crc32fast::hash(line.as_bytes()))
}

/// Tree and anchor, if every byte is as it was written and the stamp is this one.
fn parse(text: &str, stamp: &str) -> Option<(ObjectId, ObjectId)> {
    let (checksum, line) = text.split_once(' ')?;
    if checksum != format!("{:08x}", crc32fast::hash(line.as_bytes())) {
        return None;
    }
    let mut words = line.strip_suffix('\n')?.splitn(4, ' ');
    if words.next()? != VERSION {
        return None;
    }
    let (tree, anchor) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (words.next()? == stamp).then_some((tree, anchor))
}

fn describe(stamp: &IndexStamp) -> String {
    format!("{:?}", stamp.stat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_bit_a_cut_or_another_stamp_makes_it_worthless() {
        let id = |byte| ObjectId::from_bytes(&[byte; 20]).unwrap();
        let text = render(&id(1), &id(2), "a stamp");
        assert_eq!(parse(&text, "a stamp"), Some((id(1), id(2))));
        assert_eq!(parse(&text, "another"), None);
        for length in 0..text.len() {
            assert_eq!(parse(&text[..length], "a stamp"), None, "cut to {length}");
        }
        for bit in 0..text.len() * 8 {
            let mut bytes = text.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let found = std::str::from_utf8(&bytes).ok().and_then(|text| parse(text, "a stamp"));
            assert_eq!(found, None, "bit {bit}");
        }
    }
}
