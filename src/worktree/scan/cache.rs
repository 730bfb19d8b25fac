//! What the last save saw, in one flat file that is read without being parsed.
//!
//! The file is a header, then the records of all entries, then those of all folders, then the names.
//! Folders stand in preorder, and a record holds the sizes of all that is below its folder instead of positions: an
//! untouched subtree is three runs of bytes that are copied into the next cache as they are. The file may be deleted,
//! cut or damaged at any time: a checksum covers it, and without a cache the scan is slower and nothing else.

use std::io::{self, Seek, SeekFrom, Write};

use crate::model::extra::UsualModes;
use crate::model::id::{HashKind, ObjectId};
use crate::model::mode::Mode;
use crate::model::stat::Stat;

use super::node::{Entry, Folder, Kind, Node, Seen, flag};

pub(super) const HEADER_SIZE: usize = 256;

/// The first bytes of the file: which format it has, and which ids are in it.
const fn magic(hash: HashKind) -> &'static [u8; 8] {
    match hash {
        HashKind::Sha1 => b"ckptscn2",
        HashKind::Sha256 => b"ckptsc2L",
    }
}

/// How long a folder's record is.
const fn folder_size(hash: HashKind) -> usize {
    60 + hash.len()
}

/// How long an entry's record is.
const fn entry_size(hash: HashKind) -> usize {
    44 + hash.len()
}

/// What the whole cache was made under. The cache is of use only when these are as they were.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Header {
    /// The checkpoint that holds every object named here.
    pub(super) anchor: ObjectId,
    /// Stat data of the index file that was used.
    pub(super) index: Stat,
    /// Checksum of the settings and of the attributes that hold for all folders.
    pub(super) settings: [u8; 20],
    /// Checksum of the ignore rules that hold for all folders.
    pub(super) excludes: [u8; 20],
    pub(super) usual: UsualModes,
    /// The index must be read even when it is unchanged: it says something that the cache does not.
    pub(super) needs_index: bool,
    /// The index may have changed without its stat data telling.
    pub(super) index_is_racy: bool,
}

/// A cache in memory.
#[derive(Debug)]
pub(super) struct Cache {
    pub(super) header: Header,
    hash: HashKind,
    bytes: Vec<u8>,
    folders_at: usize,
    names_at: usize,
}

/// Where the records of a folder begin, in each of the three runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    folder: u32,
    entry: u32,
    name: u32,
}

/// A folder's record.
#[derive(Clone, Copy, Debug)]
pub(super) struct FolderRecord {
    pub(super) stat: Seen,
    pub(super) tree: Option<ObjectId>,
    pub(super) relist: bool,
    pub(super) absent: bool,
    /// Nothing below needs a word beside its tree: all modes are the usual ones, nothing was left out.
    pub(super) plain: bool,
    entries: u32,
    names: u32,
    below: Sizes,
}

impl FolderRecord {
    /// Whether there are no folders in it.
    pub(super) const fn is_leaf(&self) -> bool {
        self.below.folders == 1
    }
}

/// How much of each run a subtree takes, itself included.
#[derive(Clone, Copy, Debug, Default)]
struct Sizes {
    folders: u32,
    entries: u32,
    names: u32,
}

/// An entry's record.
#[derive(Clone, Copy, Debug)]
pub(super) struct EntryRecord<'a> {
    pub(super) name: &'a [u8],
    pub(super) kind: Kind,
    pub(super) flags: u8,
    pub(super) mode: Mode,
    pub(super) stat: Seen,
    pub(super) id: Option<ObjectId>,
    pub(super) raw: Option<ObjectId>,
    pub(super) child: Option<Span>,
}

impl EntryRecord<'_> {
    /// The entry as it would be found again.
    pub(super) fn to_entry(self) -> Entry {
        let mut entry = Entry::new(self.name.into(), self.kind, self.stat);
        entry.flags = self.flags;
        entry.mode = self.mode;
        entry.id = self.id;
        entry.raw = self.raw.map(Box::new);
        entry.child = self.child.map(Node::Clean);
        entry
    }

    pub(super) const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

impl Cache {
    /// Takes the bytes of a cache file; `None` when they are not a whole one of this format and this kind of ids.
    pub(super) fn parse(bytes: Vec<u8>, hash: HashKind) -> Option<Cache> {
        let mut reader = Reader { bytes: bytes.get(..HEADER_SIZE)?, at: 0, id_size: hash.len() };
        if reader.take(8) != magic(hash) {
            return None;
        }
        let checksum = reader.u32();
        let [folders, entries, names] = [reader.u32(), reader.u32(), reader.u32()];
        let header = Header::parse(&mut reader)?;
        let folders_at = HEADER_SIZE + entries as usize * entry_size(hash);
        let names_at = folders_at + folders as usize * folder_size(hash);
        if bytes.len() != names_at + names as usize {
            return None;
        }
        let mut sum = crc32fast::Hasher::new();
        sum.update(&bytes[HEADER_SIZE..]);
        sum.update(&bytes[12..HEADER_SIZE]);
        (sum.finalize() == checksum).then_some(Cache { header, hash, bytes, folders_at, names_at })
    }

    /// The root folder.
    pub(super) const fn root(&self) -> Span {
        Span { folder: 0, entry: 0, name: 0 }
    }

    pub(super) fn folder(&self, span: Span) -> FolderRecord {
        let size = folder_size(self.hash);
        let at = self.folders_at + span.folder as usize * size;
        let mut reader = self.reader(&self.bytes[at..at + size]);
        let stat = reader.seen();
        let bits = reader.u32();
        let [entries, names] = [reader.u32(), reader.u32()];
        let below = Sizes { folders: reader.u32(), entries: reader.u32(), names: reader.u32() };
        let tree = reader.id();
        FolderRecord {
            stat,
            tree,
            relist: bits & 1 != 0,
            absent: bits & 2 != 0,
            plain: bits & 4 != 0,
            entries,
            names,
            below,
        }
    }

    fn reader<'b>(&self, bytes: &'b [u8]) -> Reader<'b> {
        Reader { bytes, at: 0, id_size: self.hash.len() }
    }

    /// The entries of a folder, sorted by name.
    pub(super) fn entries(&self, span: Span) -> Entries<'_> {
        let record = self.folder(span);
        let child =
            Span { folder: span.folder + 1, entry: span.entry + record.entries, name: span.name + record.names };
        Entries { cache: self, entry: span.entry, left: record.entries, name: span.name, child }
    }

    fn run(&self, span: Span, sizes: Sizes) -> [&[u8]; 3] {
        let cut = |base: usize, size: usize, start: u32, count: u32| {
            let from = base + start as usize * size;
            &self.bytes[from..from + count as usize * size]
        };
        [
            cut(self.folders_at, folder_size(self.hash), span.folder, sizes.folders),
            cut(HEADER_SIZE, entry_size(self.hash), span.entry, sizes.entries),
            cut(self.names_at, 1, span.name, sizes.names),
        ]
    }
}

/// Iterates over the entries of a folder.
pub(super) struct Entries<'a> {
    cache: &'a Cache,
    entry: u32,
    left: u32,
    name: u32,
    child: Span,
}

impl<'a> Iterator for Entries<'a> {
    type Item = EntryRecord<'a>;

    fn next(&mut self) -> Option<EntryRecord<'a>> {
        self.left = self.left.checked_sub(1)?;
        let cache = self.cache;
        let size = entry_size(cache.hash);
        let at = HEADER_SIZE + self.entry as usize * size;
        let mut reader = cache.reader(&cache.bytes[at..at + size]);
        let stat = reader.seen();
        let name_size = u32::from(reader.u16());
        let [kind, flags] = [reader.u8(), reader.u8()];
        let mode = [Mode::File, Mode::Executable, Mode::Symlink, Mode::Gitlink][usize::from(reader.u8() & 3)];
        reader.at += 3;
        let id = reader.id();
        let mut names = cache.reader(&cache.bytes[cache.names_at + self.name as usize..]);
        let name = names.take(name_size as usize);
        let raw = (flags & flag::RAW != 0).then(|| names.id()).flatten();
        self.entry += 1;
        self.name += names.at as u32;
        let kind = Kind::from_number(kind).unwrap_or(Kind::Failed);
        let child = (kind == Kind::Folder).then_some(self.child);
        if kind == Kind::Folder {
            let below = cache.folder(self.child).below;
            self.child.folder += below.folders;
            self.child.entry += below.entries;
            self.child.name += below.names;
        }
        Some(EntryRecord { name, kind, flags, mode, stat, id, raw, child })
    }
}

/// Writes a cache. The records of entries, by far the most of it, go to `out` as they come; the rest is small.
pub(super) struct Builder<'a, W> {
    old: Option<&'a Cache>,
    hash: HashKind,
    usual: UsualModes,
    out: W,
    /// The first failure; nothing is written after it.
    outcome: io::Result<()>,
    checksum: crc32fast::Hasher,
    entry_bytes: usize,
    /// Those of the folder at hand.
    records: Vec<u8>,
    folders: Vec<u8>,
    names: Vec<u8>,
}

impl<'a, W: Write + Seek> Builder<'a, W> {
    /// A builder that copies untouched subtrees from `old`; `out` stands at the beginning of an empty file.
    pub(super) fn new(old: Option<&'a Cache>, hash: HashKind, usual: UsualModes, mut out: W) -> Builder<'a, W> {
        let outcome = out.write_all(&[0; HEADER_SIZE]);
        let checksum = crc32fast::Hasher::new();
        let [records, folders, names] = [const { Vec::new() }; 3];
        Builder { old, hash, usual, out, outcome, checksum, entry_bytes: 0, records, folders, names }
    }

    /// Adds the root.
    pub(super) fn add_root(&mut self, root: &Node) {
        self.add(root);
    }

    /// Writes what is left, the header last; it is asked for when all else is written.
    pub(super) fn finish<'h>(mut self, header: impl FnOnce() -> io::Result<&'h Header>) -> io::Result<()> {
        self.outcome?;
        for run in [&self.folders, &self.names] {
            self.out.write_all(run)?;
            self.checksum.update(run);
        }
        self.out.flush()?;
        let header = header()?;
        let mut head = Vec::with_capacity(HEADER_SIZE);
        head.extend_from_slice(magic(self.hash));
        head.extend_from_slice(&[0; 4]);
        for count in
            [self.folders.len() / folder_size(self.hash), self.entry_bytes / entry_size(self.hash), self.names.len()]
        {
            head.extend_from_slice(&(count as u32).to_le_bytes());
        }
        header.encode(self.hash, &mut head);
        head.resize(HEADER_SIZE, 0);
        self.checksum.update(&head[12..]);
        head[8..12].copy_from_slice(&self.checksum.finalize().to_le_bytes());
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&head)?;
        self.out.flush()
    }

    /// Writes the records of one folder's entries.
    fn flush_records(&mut self) {
        let mut records = std::mem::take(&mut self.records);
        self.push_entries(&records);
        records.clear();
        self.records = records;
    }

    fn push_entries(&mut self, bytes: &[u8]) {
        if self.outcome.is_ok() {
            self.outcome = self.out.write_all(bytes);
            self.checksum.update(bytes);
            self.entry_bytes += bytes.len();
        }
    }

    /// Adds a folder and all below it; whether it is plain.
    fn add(&mut self, node: &Node) -> (Sizes, bool) {
        match node {
            Node::Clean(span) => self.copy(*span),
            Node::Folder(folder) => self.add_folder(folder),
        }
    }

    fn copy(&mut self, span: Span) -> (Sizes, bool) {
        let old = self.old.expect("a clean node comes from the old cache");
        let record = old.folder(span);
        let [folders, entries, names] = old.run(span, record.below);
        self.folders.extend_from_slice(folders);
        self.push_entries(entries);
        self.names.extend_from_slice(names);
        (record.below, record.plain)
    }

    fn add_folder(&mut self, folder: &Folder) -> (Sizes, bool) {
        let own = self.folders.len();
        self.folders.resize(own + folder_size(self.hash), 0);
        let names_before = self.names.len();
        let mut plain = folder.tree.is_some() && folder.stat.permissions() == self.usual.folder && !folder.absent;
        for entry in &folder.entries {
            self.add_entry(entry);
            plain &= self.is_plain(entry);
        }
        self.flush_records();
        let names = (self.names.len() - names_before) as u32;
        let entries = folder.entries.len() as u32;
        let mut below = Sizes { folders: 1, entries, names };
        for child in folder.entries.iter().filter_map(|entry| entry.child.as_ref()) {
            let (sizes, is_plain) = self.add(child);
            below.folders += sizes.folders;
            below.entries += sizes.entries;
            below.names += sizes.names;
            plain &= is_plain;
        }
        let bits = u32::from(folder.relist) | u32::from(folder.absent) << 1 | u32::from(plain) << 2;
        let mut out = Vec::with_capacity(folder_size(self.hash));
        push_seen(&mut out, &folder.stat);
        for number in [bits, entries, names, below.folders, below.entries, below.names] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        push_id(&mut out, self.hash, folder.tree);
        self.folders[own..own + out.len()].copy_from_slice(&out);
        (below, plain)
    }

    fn add_entry(&mut self, entry: &Entry) {
        let forgotten = entry.has(flag::INCLUDED);
        let kind = if forgotten { Kind::Ignored } else { entry.kind };
        let raw = entry.raw.as_deref().copied().filter(|_| !forgotten);
        let flags = (entry.flags & !(flag::INCLUDED | flag::RAW)) | if raw.is_some() { flag::RAW } else { 0 };
        let mode = match entry.mode {
            Mode::Executable => 1,
            Mode::Symlink => 2,
            Mode::Gitlink => 3,
            Mode::File | Mode::Tree => 0,
        };
        let end = self.records.len() + entry_size(self.hash);
        push_seen(&mut self.records, &entry.stat);
        self.records.extend_from_slice(&(entry.name.len() as u16).to_le_bytes());
        self.records.extend_from_slice(&[kind as u8, flags, mode, 0, 0, 0]);
        push_id(&mut self.records, self.hash, entry.id);
        self.records.resize(end, 0);
        self.names.extend_from_slice(&entry.name);
        if raw.is_some() {
            push_id(&mut self.names, self.hash, raw);
        }
    }

    fn is_plain(&self, entry: &Entry) -> bool {
        const SPECIAL: u8 = flag::CRLF | flag::RAW | flag::FILTER_FAILED | flag::INCLUDED;
        let usual = match (entry.kind, entry.mode) {
            (Kind::File, Mode::Executable) => self.usual.executable,
            (Kind::File, _) => self.usual.file,
            (Kind::Symlink | Kind::Ignored | Kind::Folder, _) => entry.stat.permissions(),
            _ => return false,
        };
        entry.stat.permissions() == usual && entry.flags & SPECIAL == 0 && entry.reason.is_none()
    }
}

impl Header {
    fn parse(reader: &mut Reader<'_>) -> Option<Header> {
        let anchor = reader.id()?;
        let settings = reader.take(20).try_into().ok()?;
        let excludes = reader.take(20).try_into().ok()?;
        let [file, executable, folder] = [reader.u32(), reader.u32(), reader.u32()];
        let bits = reader.u32();
        let (needs_index, index_is_racy) = (bits & 1 != 0, bits & 2 != 0);
        let [size, inode, device] = [reader.u64(), reader.u64(), reader.u64()];
        let [modified, changed] = [reader.u64() as i64, reader.u64() as i64];
        let index = Stat { size, inode, device, modified, changed, ..Stat::default() };
        let usual = UsualModes { file, executable, folder };
        Some(Header { anchor, index, settings, excludes, usual, needs_index, index_is_racy })
    }

    fn encode(&self, hash: HashKind, out: &mut Vec<u8>) {
        push_id(out, hash, Some(self.anchor));
        out.extend_from_slice(&self.settings);
        out.extend_from_slice(&self.excludes);
        let UsualModes { file, executable, folder } = self.usual;
        let bits = u32::from(self.needs_index) | u32::from(self.index_is_racy) << 1;
        for number in [file, executable, folder, bits] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        let Stat { size, inode, device, modified, changed, .. } = self.index;
        for number in [size, inode, device, modified as u64, changed as u64] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// The stat data of an index file, as far as the header keeps them.
    pub(super) fn index_stamp(stat: &Stat) -> Stat {
        let Stat { size, inode, device, modified, changed, .. } = *stat;
        Stat { size, inode, device, modified, changed, ..Stat::default() }
    }
}

fn push_seen(out: &mut Vec<u8>, seen: &Seen) {
    for number in [seen.size, seen.modified as u64, seen.changed as u64, seen.inode] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&seen.mode.to_le_bytes());
}

/// As many bytes as the kind has; zeros for none.
fn push_id(out: &mut Vec<u8>, hash: HashKind, id: Option<ObjectId>) {
    out.extend_from_slice(id.unwrap_or(ObjectId::null(hash)).as_bytes());
}

/// Reads numbers from bytes that are long enough.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    id_size: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let taken = &self.bytes[self.at..self.at + count];
        self.at += count;
        taken
    }

    fn u8(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take(2).try_into().expect("two bytes were taken"))
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take(4).try_into().expect("four bytes were taken"))
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take(8).try_into().expect("eight bytes were taken"))
    }

    fn id(&mut self) -> Option<ObjectId> {
        ObjectId::from_bytes(self.take(self.id_size)).filter(|id| !id.is_null())
    }

    fn seen(&mut self) -> Seen {
        Seen {
            size: self.u64(),
            modified: self.u64() as i64,
            changed: self.u64() as i64,
            inode: self.u64(),
            mode: self.u32(),
        }
    }
}
