//! Whether a folder of the cache still says what the index says, so that a new index costs only where it says something
//! else. Git writes a new one for each `git add`, and often for a `git status`.

use bstr::{BStr, ByteSlice};

use super::cache::{Cache, EntryRecord, Span};
use super::index_view::{IndexView, Proof, Tracked};
use super::node::{Kind, flag};
use super::walk::{Place, Walk};
use crate::model::index::IndexEntry;

impl Walk<'_> {
    /// Whether the slow way, asking this index, would find what the cache has for the names in a folder whose stat data are
    /// unchanged. What lies in the folders below is asked about there.
    pub(super) fn agrees(&self, cache: &Cache, span: Span, place: &Place<'_>) -> bool {
        let tracked = place.tracked;
        let mut accounted = 0;
        for record in cache.entries(span) {
            match self.accounted(&record, tracked, place.path.as_bstr(), accounted) {
                Some(entries) => accounted += entries,
                None => return false,
            }
        }
        // What is left over is in the index and not in the cache.
        accounted == tracked.len()
    }

    /// How many entries of the index a record answers for; `None` where the two say different things. Those of the records
    /// before it are `before`, so that it mostly stands behind them.
    fn accounted(&self, record: &EntryRecord<'_>, tracked: &[IndexEntry], path: &BStr, before: usize) -> Option<usize> {
        let name = record.name.as_bstr();
        let is_tracked = record.has(flag::TRACKED);
        if record.kind == Kind::Folder {
            let below = IndexView::below_from(tracked, path, name, before);
            if !below.is_empty() {
                return is_tracked.then_some(below.len());
            }
        }
        let found = IndexView::find_in(tracked, path, name, before);
        match (record.kind, found) {
            (Kind::Gitlink | Kind::Submodule | Kind::EmptyRepository | Kind::Virtual | Kind::Failed, _) => None,
            (_, Tracked::No) => (!is_tracked).then_some(0),
            (Kind::File | Kind::Symlink, Tracked::Entry(entry)) => {
                (is_tracked && self.has_same_word(record, entry)).then_some(1)
            }
            _ => None,
        }
    }

    fn has_same_word(&self, record: &EntryRecord<'_>, entry: &IndexEntry) -> bool {
        let has_its_mode = entry.mode == record.mode.number();
        let proof = if has_its_mode { self.index.proof(entry, &record.stat) } else { Proof::None };
        match proof {
            Proof::None => {
                let hangs_on_index = record.has(flag::INDEX_DECIDED | flag::FROM_INDEX);
                entry.stage == 0 && record.id.is_some() && !hangs_on_index
            }
            Proof::Likely | Proof::Certain => record.id == Some(entry.id),
        }
    }
}
