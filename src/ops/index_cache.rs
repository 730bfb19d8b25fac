//! Remembers the tree of the user's index, so that an unchanged index need not be read at every save.

use std::path::Path;

use crate::model::id::ObjectId;
use crate::model::index::{IndexExtra, IndexSource, IndexStamp};
use crate::model::object::ObjectWriter;
use crate::store::index_tree::write_index_tree;
use crate::store::{Store, StoreError};
use crate::sys::atomic;
use crate::sys::clock::file_time_now;

/// An index changed this recently may change again without its stat data telling, in nanoseconds.
const RACY: i64 = 20_000_000;

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
        let mut words = text.trim_end().splitn(3, ' ');
        let tree = words.next()?.parse().ok()?;
        let anchor = words.next()?.parse().ok()?;
        (words.next()? == describe(stamp) && is_anchored(&anchor)).then_some(tree)
    }

    /// Reads the index, writes its trees, and tells what to remember.
    pub(super) fn compute(
        store: &Store,
        writer: &dyn ObjectWriter,
        stamp: &IndexStamp,
    ) -> Result<(ObjectId, IndexExtra, Option<IndexCache>), StoreError> {
        let index = IndexSource::read(store)?;
        let tree = write_index_tree(&index, writer)?;
        let extra = IndexExtra::of(&index);
        let is_settled = stamp.stat.modified.max(stamp.stat.changed) < file_time_now() - RACY;
        let cache = (extra.is_empty() && is_settled).then_some(IndexCache { stamp: *stamp, tree });
        Ok((tree, extra, cache))
    }

    /// Writes the cache. It is only speed: a failure does no harm.
    pub(super) fn write(self, folder: &Path, anchor: &ObjectId) {
        let text = format!("{} {anchor} {}\n", self.tree, describe(&self.stamp));
        let temporary = folder.join(format!("index.{}.tmp", std::process::id()));
        let _ = atomic::create_private_dir(folder)
            .and_then(|()| std::fs::write(&temporary, text))
            .and_then(|()| std::fs::rename(&temporary, folder.join("index")));
    }
}

fn describe(stamp: &IndexStamp) -> String {
    format!("{:?}", stamp.stat)
}
