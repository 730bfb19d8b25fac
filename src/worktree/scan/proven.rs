//! What a scan has just proved of single paths: their content, and the stat data that go with it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use bstr::{BStr, ByteSlice};

use super::CacheUpdate;
use super::node::{Entry, Kind, Node, Seen, flag};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::stat::Stat;

impl CacheUpdate {
    /// What git would store for the file or link at `path`, with stat data that are still the same. `None` where the scan
    /// did not look, or where the file was changed so near to it that the data prove nothing.
    pub fn proven(&self, root: &Path, path: &BStr) -> Option<(Mode, ObjectId, Stat)> {
        let entry = self.entry(path)?;
        let is_content = matches!(entry.kind, Kind::File | Kind::Symlink);
        if !is_content || entry.has(flag::RACY) || entry.has(flag::FILTER_FAILED) || entry.unproven {
            return None;
        }
        let stat = stat_of(&fs::symlink_metadata(root.join(path.to_path_lossy())).ok()?);
        (Seen::of(&stat) == entry.stat).then_some((entry.mode, entry.id?, stat))
    }

    fn entry(&self, path: &BStr) -> Option<&Entry> {
        let mut node = &self.root;
        let mut parts = path.split_str("/").peekable();
        while let (Node::Folder(folder), Some(name)) = (node, parts.next()) {
            let at = folder.entries.binary_search_by(|entry| entry.name.as_bytes().cmp(name)).ok()?;
            let entry = &folder.entries[at];
            if parts.peek().is_none() {
                return Some(entry);
            }
            node = entry.child.as_ref()?;
        }
        None
    }
}

fn stat_of(data: &fs::Metadata) -> Stat {
    let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    Stat {
        size: data.size(),
        modified: nanoseconds(data.mtime(), data.mtime_nsec()),
        changed: nanoseconds(data.ctime(), data.ctime_nsec()),
        inode: data.ino(),
        device: data.dev(),
        mode: data.mode(),
        uid: data.uid(),
        gid: data.gid(),
    }
}
