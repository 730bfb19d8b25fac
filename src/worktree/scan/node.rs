//! The work tree as the scan sees it: folders of entries, and folders known to be as the cache has them.

use bstr::BString;

use super::cache::Span;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::omission::Reason;
use crate::model::stat::Stat;

/// A folder.
#[derive(Debug)]
pub(super) enum Node {
    /// Nothing below it differs from the cache.
    Clean(Span),
    Folder(Box<Folder>),
}

/// A folder that was looked into.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) stat: Seen,
    /// The list of names may change without the folder's stat data telling: it is read again next time.
    pub(super) relist: bool,
    /// Not on disk: only index entries with skip-worktree are in it.
    pub(super) absent: bool,
    /// A `.gitattributes` is in it, be it ignored itself.
    pub(super) has_attributes: bool,
    /// Sorted by name bytes.
    pub(super) entries: Vec<Entry>,
    /// Its tree, once built; `None` when it holds nothing that is saved.
    pub(super) tree: Option<ObjectId>,
}

/// The stat data that the cache compares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) size: u64,
    pub(super) modified: i64,
    pub(super) changed: i64,
    pub(super) inode: u64,
    pub(super) mode: u32,
}

impl Seen {
    pub(super) fn of(stat: &Stat) -> Seen {
        let Stat { size, modified, changed, inode, mode, .. } = *stat;
        Seen { size, modified, changed, inode, mode }
    }

    /// The same folder with the same list of names: its size says nothing on some filesystems.
    pub(super) fn is_same_folder(&self, other: &Seen) -> bool {
        Seen { size: 0, ..*self } == Seen { size: 0, ..*other }
    }

    /// Whether the times are so near `racy_from` that another change could leave them the same. A filesystem that keeps
    /// whole seconds only is given two of them.
    pub(super) fn is_racy(&self, racy_from: i64) -> bool {
        const SECOND: i64 = 1_000_000_000;
        let is_coarse = self.modified % SECOND == 0 && self.changed % SECOND == 0;
        self.modified.max(self.changed) >= racy_from - if is_coarse { 2 * SECOND } else { 0 }
    }

    pub(super) const fn kind(&self) -> u32 {
        self.mode & 0o170000
    }

    pub(super) const fn is_dir(&self) -> bool {
        self.kind() == 0o040000
    }

    pub(super) const fn permissions(&self) -> u32 {
        self.mode & 0o777
    }
}

/// What an entry is to the scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    File = 1,
    Symlink = 2,
    Folder = 3,
    /// A repository of its own, with a commit or named by the index.
    Gitlink = 4,
    /// A repository of its own without a commit.
    EmptyRepository = 5,
    Ignored = 6,
    /// A socket, pipe or device.
    Special = 7,
    RefusedName = 8,
    TooLarge = 9,
    /// In the index with skip-worktree, and not on disk.
    Virtual = 10,
    /// Could not be read; looked at again next time.
    Failed = 11,
    /// A submodule of the index that is not checked out: its folder is there, and empty.
    Submodule = 12,
}

impl Kind {
    pub(super) fn from_number(number: u8) -> Option<Kind> {
        const ALL: [Kind; 12] = [
            Kind::File,
            Kind::Symlink,
            Kind::Folder,
            Kind::Gitlink,
            Kind::EmptyRepository,
            Kind::Ignored,
            Kind::Special,
            Kind::RefusedName,
            Kind::TooLarge,
            Kind::Virtual,
            Kind::Failed,
            Kind::Submodule,
        ];
        ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// Whether the tree has a commit there, of a folder that is on disk.
    pub(super) const fn is_submodule(self) -> bool {
        matches!(self, Kind::Gitlink | Kind::Submodule)
    }
}

/// Bits that go with an entry into the cache.
pub(super) mod flag {
    /// In the index, or (for a folder) something below it is.
    pub(crate) const TRACKED: u8 = 1;
    /// Modified so close to the scan that its stat data prove nothing: it is hashed again next time.
    pub(crate) const RACY: u8 = 2;
    /// On disk each LF of the blob is CR LF.
    pub(crate) const CRLF: u8 = 4;
    /// The bytes on disk are in a blob of their own.
    pub(crate) const RAW: u8 = 8;
    /// The external filter failed: the tree holds the raw bytes.
    pub(crate) const FILTER_FAILED: u8 = 16;
    /// Whether line endings were converted hangs on what the index held.
    pub(crate) const INDEX_DECIDED: u8 = 32;
    /// The id is the index's word, perhaps given under other attributes; without that word the file is hashed.
    pub(crate) const FROM_INDEX: u8 = 128;
    /// Ignored, and taken along on request; the cache forgets it.
    pub(crate) const INCLUDED: u8 = 64;
}

/// One name in a folder.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: BString,
    pub(super) kind: Kind,
    pub(super) flags: u8,
    pub(super) mode: Mode,
    pub(super) stat: Seen,
    /// Of the content; `None` until it is hashed, or where there is none.
    pub(super) id: Option<ObjectId>,
    /// Of the bytes on disk, where they need a blob of their own. Rare, and there are many entries: so is the reason below.
    pub(super) raw: Option<Box<ObjectId>>,
    /// The id is the index's word of this moment: no checkpoint proves that its object is there.
    pub(super) unproven: bool,
    /// The blob that the index names has the size of the file.
    pub(super) size_agrees: bool,
    pub(super) work: Work,
    pub(super) child: Option<Node>,
    /// Why it is not in the checkpoint, when the kind alone does not say.
    pub(super) reason: Option<Box<Reason>>,
}

/// What the second phase has to do for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Nothing,
    /// Read and hash it.
    Hash,
    /// The index knows its id; whether its bytes are those of the blob is still open.
    Inspect,
    /// The same, but the index's word is not enough (`--full`, or a change in the same tick of the clock): its id stands
    /// only if the bytes agree with the blob.
    Verify,
}

impl Entry {
    pub(super) fn new(name: BString, kind: Kind, stat: Seen) -> Entry {
        Entry {
            name,
            kind,
            flags: 0,
            mode: Mode::File,
            stat,
            id: None,
            raw: None,
            unproven: false,
            size_agrees: false,
            work: Work::Nothing,
            child: None,
            reason: None,
        }
    }

    pub(super) const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_prove_less_than_fractions() {
        let at = |time| Seen { modified: time, changed: time, ..Seen::default() };
        let racy_from = 100_500_000_000;
        for (time, is_racy) in [(99_000_000_000, true), (98_000_000_000, false), (100_400_000_000, false)] {
            assert_eq!(at(time).is_racy(racy_from), is_racy, "{time}");
        }
        assert!(at(racy_from).is_racy(racy_from));
    }
}
