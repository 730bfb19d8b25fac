//! The second phase: reads the files that the walk could not tell, and stores their contents.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;

use super::attributes::AttributeRules;
use super::convert::{self, Conversion};
use super::dir;
use super::index_view::{IndexView, Tracked};
use super::node::{Entry, Kind, Node, Seen, Work, flag};
use crate::model::mode::Mode;
use crate::model::object::{Cleaner, ObjectError, ObjectKind, ObjectReader, ObjectWriter, StreamError, hash_object};
use crate::model::omission::Reason;
use crate::model::progress::Watch;
use crate::model::settings::ScanSettings;

/// Files up to this size are read whole; larger ones stream, unless something has to be converted.
const WHOLE: u64 = 16 << 20;

/// What opening a symbolic link without following it ends with.
const LOOP: i32 = rustix::io::Errno::LOOP.raw_os_error();

/// How often a file that changes while it is read is read again.
const ATTEMPTS: usize = 3;

/// What hashing needs; shared by all threads.
pub(super) struct Hasher<'a> {
    pub(super) root: BorrowedFd<'a>,
    pub(super) settings: &'a ScanSettings,
    pub(super) index: &'a IndexView<'a>,
    pub(super) reader: &'a dyn ObjectReader,
    pub(super) writer: &'a dyn ObjectWriter,
    pub(super) cleaner: &'a dyn Cleaner,
    pub(super) racy_from: i64,
    /// The index's ids may have been given under other rules: the bytes are looked at.
    pub(super) forms_unproven: bool,
}

/// One file to read.
pub(super) struct Task<'t> {
    pub(super) path: BString,
    pub(super) entry: &'t mut Entry,
    conversion: Conversion,
}

/// Collects the files that have to be read, and what has to be done to their bytes.
pub(super) struct Collector<'a> {
    pub(super) settings: &'a ScanSettings,
    /// Reads a folder's `.gitattributes`, told whether the disk has one.
    pub(super) read_rules: &'a dyn Fn(&BStr, bool) -> Option<Vec<u8>>,
    /// That nothing converts a file now does not prove that its bytes are those of the index's blob.
    pub(super) forms_unproven: bool,
}

impl Collector<'_> {
    /// Goes through the folders that were looked into; `rules` are those of the folders above.
    pub(super) fn collect<'t>(
        &self,
        node: &'t mut Node,
        path: &mut BString,
        rules: &Rc<AttributeRules>,
        tasks: &mut Vec<Task<'t>>,
    ) {
        let Node::Folder(folder) = node else { return };
        let own = (self.read_rules)(path.as_bstr(), folder.has_attributes);
        let rules = own.map_or_else(|| Rc::clone(rules), |text| Rc::new(rules.with(path.as_bstr(), &text)));
        let length = path.len();
        for entry in &mut folder.entries {
            if entry.work == Work::Nothing && entry.child.is_none() {
                continue;
            }
            if length > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(&entry.name);
            if entry.work != Work::Nothing {
                tasks.extend(self.task(path, entry, &rules));
            } else if let Some(child) = &mut entry.child {
                self.collect(child, path, &rules, tasks);
            }
            path.truncate(length);
        }
    }

    /// What is to be done for a file, if anything is.
    fn task<'t>(&self, path: &BString, entry: &'t mut Entry, rules: &AttributeRules) -> Option<Task<'t>> {
        let conversion = self.conversion(path, entry, rules);
        let is_proven = entry.size_agrees && !self.forms_unproven;
        if entry.work == Work::Inspect && conversion.is_identity() && is_proven {
            entry.work = Work::Nothing;
            return None;
        }
        Some(Task { path: path.clone(), entry, conversion })
    }

    fn conversion(&self, path: &BString, entry: &Entry, rules: &AttributeRules) -> Conversion {
        // A link's target is never converted. A plain file that stands for a link (`core.symlinks=false`) is one to git.
        if entry.kind == Kind::Symlink {
            return Conversion::default();
        }
        let has_filter = |name: &str| self.settings.filters.contains_key(name);
        let attributes = if rules.is_empty() { Default::default() } else { rules.of(path.as_bstr()) };
        Conversion::decide(&attributes, self.settings.line_endings, has_filter)
    }
}

/// Compares the sizes of the files that the index vouches for with those of its blobs. Nobody knows under which rules an
/// entry was written (`git -c core.autocrlf=input add`): a size shows line endings that were converted, at least.
pub(super) fn compare_sizes(root: &mut Node, reader: &dyn ObjectReader) {
    let mut entries = Vec::new();
    find_vouched(root, &mut entries);
    let ids: Vec<_> = entries.iter().map(|entry| entry.id.expect("the index gave the id")).collect();
    for (entry, size) in entries.into_iter().zip(reader.blob_sizes(&ids)) {
        entry.size_agrees = size == Some(entry.stat.size);
    }
}

fn find_vouched<'n>(node: &'n mut Node, found: &mut Vec<&'n mut Entry>) {
    let Node::Folder(folder) = node else { return };
    for entry in &mut folder.entries {
        if entry.work == Work::Inspect {
            found.push(entry);
        } else if let Some(child) = &mut entry.child {
            find_vouched(child, found);
        }
    }
}

/// The bytes of a file, and the stat data that go with them.
struct Content {
    bytes: Vec<u8>,
    seen: Seen,
}

/// Why a file has no id.
enum Failure {
    Left(Reason),
    Store(ObjectError),
}

impl From<ObjectError> for Failure {
    fn from(error: ObjectError) -> Self {
        Failure::Store(error)
    }
}

impl Hasher<'_> {
    /// Does all tasks. Only an error of the object store ends it; files that cannot be read are marked.
    pub(super) fn run(&self, tasks: &mut [Task<'_>], watch: &Watch<'_>) -> Result<(), ObjectError> {
        tasks.par_iter_mut().with_max_len(1).try_for_each(|task| {
            self.finish(task)?;
            watch.advance();
            Ok(())
        })
    }

    fn finish(&self, task: &mut Task<'_>) -> Result<(), ObjectError> {
        let outcome = match (task.entry.kind, task.entry.work) {
            (Kind::Symlink, _) => self.hash_link(task),
            (_, Work::Inspect) => self.inspect(task),
            (_, Work::Verify) => self.verify(task),
            _ => self.hash_file(task),
        };
        task.entry.work = Work::Nothing;
        match outcome {
            Ok(()) => Ok(()),
            Err(Failure::Store(error)) => Err(error),
            Err(Failure::Left(reason)) => {
                task.entry.kind = Kind::Failed;
                task.entry.id = None;
                task.entry.reason = Some(Box::new(reason));
                Ok(())
            }
        }
    }

    fn hash_link(&self, task: &mut Task<'_>) -> Result<(), Failure> {
        let (folder, name) = dir::open_parent(self.root, task.path.as_bstr()).map_err(|error| left(&error))?;
        let target = dir::read_link(folder.as_fd(), name).map_err(|error| left(&error))?;
        task.entry.id = Some(self.writer.write(ObjectKind::Blob, &target)?);
        Ok(())
    }

    fn hash_file(&self, task: &mut Task<'_>) -> Result<(), Failure> {
        if task.entry.stat.size > WHOLE && task.conversion.is_identity() && task.entry.mode != Mode::Symlink {
            return self.stream(task);
        }
        let content = self.read(task)?;
        self.note_seen(task.entry, content.seen);
        self.store(task, &content.bytes)
    }

    /// Stores the bytes in git's form, and as they are where that form would not give them back.
    fn store(&self, task: &mut Task<'_>, bytes: &[u8]) -> Result<(), Failure> {
        task.entry.flags &= !(flag::CRLF | flag::RAW | flag::FILTER_FAILED | flag::INDEX_DECIDED | flag::FROM_INDEX);
        task.entry.raw = None;
        if task.conversion.is_identity() {
            task.entry.id = Some(self.writer.write(ObjectKind::Blob, bytes)?);
            return self.keep_form(task.entry, bytes, bytes);
        }
        let cleaned = self.clean(task, bytes);
        let form = cleaned.as_deref().unwrap_or(bytes);
        task.entry.id = Some(self.writer.write(ObjectKind::Blob, form)?);
        self.keep_form(task.entry, form, bytes)
    }

    fn keep_form(&self, entry: &mut Entry, form: &[u8], bytes: &[u8]) -> Result<(), Failure> {
        // A plain file that stands for a link must not come back as a link: its bytes say that it is none.
        let is_stand_in = entry.mode == Mode::Symlink;
        if form == bytes && !is_stand_in {
            return Ok(());
        }
        if !is_stand_in && convert::is_crlf_form(form, bytes) {
            entry.flags |= flag::CRLF;
        } else {
            entry.raw = Some(Box::new(self.writer.write(ObjectKind::Blob, bytes)?));
            entry.flags |= flag::RAW;
        }
        Ok(())
    }

    fn clean(&self, task: &mut Task<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
        let conversion = task.conversion.clone();
        if conversion.needs_git() {
            return match self.cleaner.clean(&task.path, bytes) {
                Ok(cleaned) => Some(cleaned),
                Err(detail) => {
                    let filter = conversion.filter.unwrap_or(detail);
                    task.entry.reason = Some(Box::new(Reason::FilterFailed { filter }));
                    // Racy, so that the next save tries again.
                    task.entry.flags |= flag::FILTER_FAILED | flag::RACY;
                    None
                }
            };
        }
        let mut asked = false;
        let index_has_crlf = || {
            asked = true;
            self.index_has_crlf(task.path.as_bstr())
        };
        let ended = convert::clean_line_endings(bytes, conversion.text, index_has_crlf);
        if asked {
            task.entry.flags |= flag::INDEX_DECIDED;
        }
        let current = ended.as_deref().unwrap_or(bytes);
        let closed = if conversion.ident { convert::clean_ident(current) } else { None };
        closed.or(ended)
    }

    /// Git's `has_crlf_in_index`: of a conflict, our side counts.
    fn index_has_crlf(&self, path: &BStr) -> bool {
        let Tracked::Entry(first) = self.index.lookup(path) else { return false };
        let entry = match first.stage {
            0 => Some(first),
            _ => self.index.stage(path, 2),
        };
        let blob = entry.and_then(|entry| self.reader.read_kind(&entry.id, ObjectKind::Blob).ok());
        blob.is_some_and(|blob| convert::is_crlf_text(&blob))
    }

    /// The index proves the id; what is open is whether the bytes on disk are those of the blob.
    fn inspect(&self, task: &mut Task<'_>) -> Result<(), Failure> {
        let conversion = &task.conversion;
        let id = task.entry.id.expect("the index gave the id");
        let is_simple = !conversion.ident && !conversion.needs_git();
        if is_simple && !self.forms_unproven && task.entry.size_agrees {
            return Ok(());
        }
        let content = self.read(task)?;
        if task.entry.mode != Mode::Symlink && hash_object(id.kind(), ObjectKind::Blob, &content.bytes) == id {
            return Ok(());
        }
        let Ok(blob) = self.reader.read_kind(&id, ObjectKind::Blob) else {
            return self.store(task, &content.bytes);
        };
        self.keep_form(task.entry, &blob, &content.bytes)
    }

    /// Keeps the index's id if the bytes are the blob's in any form in which git may have written or read them.
    fn verify(&self, task: &mut Task<'_>) -> Result<(), Failure> {
        let content = self.read(task)?;
        self.note_seen(task.entry, content.seen);
        let id = task.entry.id.expect("the index gave the id");
        let bytes = &content.bytes;
        let is_same = hash_object(id.kind(), ObjectKind::Blob, bytes) == id;
        let blob = self.reader.read_kind(&id, ObjectKind::Blob).ok();
        match blob.filter(|blob| is_same || convert::may_be_form(blob, bytes)) {
            Some(blob) => self.keep_form(task.entry, &blob, bytes),
            None => self.store(task, bytes),
        }
    }

    fn read(&self, task: &Task<'_>) -> Result<Content, Failure> {
        for _ in 0..ATTEMPTS {
            if let Some(content) = self.read_once(task.path.as_bstr())? {
                return Ok(content);
            }
        }
        Err(Failure::Left(Reason::ChangedWhileSaving))
    }

    /// Reads a file whole; `None` when it changed meanwhile.
    fn read_once(&self, path: &BStr) -> Result<Option<Content>, Failure> {
        let file = dir::open_file(self.root, path).map_err(|error| left(&error))?;
        let before = self.stat(file.as_fd())?;
        let mut bytes = Vec::with_capacity(before.size as usize + 1);
        let mut file = File::from(file);
        file.read_to_end(&mut bytes).map_err(|error| left(&error))?;
        let after = self.stat(file.as_fd())?;
        let is_whole = before == after && bytes.len() as u64 == after.size;
        Ok(is_whole.then_some(Content { bytes, seen: after }))
    }

    fn stat(&self, file: BorrowedFd<'_>) -> Result<Seen, Failure> {
        let stat = dir::stat(file).map_err(|error| left(&error))?;
        match stat.is_file() {
            true => Ok(Seen::of(&stat)),
            // Something else stands where the file was a moment ago.
            false => Err(Failure::Left(Reason::ChangedWhileSaving)),
        }
    }

    fn stream(&self, task: &mut Task<'_>) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            let file = dir::open_file(self.root, task.path.as_bstr()).map_err(|error| left(&error))?;
            let before = self.stat(file.as_fd())?;
            let mut file = File::from(file);
            match self.writer.write_stream(before.size, &mut file) {
                Ok(id) if self.stat(file.as_fd())? == before => {
                    self.note_seen(task.entry, before);
                    task.entry.id = Some(id);
                    return Ok(());
                }
                Ok(_) | Err(StreamError::SizeChanged) => {}
                Err(StreamError::Read(error)) => return Err(left(&error)),
                Err(StreamError::Object(error)) => return Err(error.into()),
            }
        }
        Err(Failure::Left(Reason::ChangedWhileSaving))
    }

    fn note_seen(&self, entry: &mut Entry, seen: Seen) {
        entry.stat = seen;
        entry.flags &= !flag::RACY;
        if seen.is_racy(self.racy_from) {
            entry.flags |= flag::RACY;
        }
        if self.settings.trust_file_mode && entry.mode != Mode::Symlink {
            entry.mode = if seen.mode & 0o100 != 0 { Mode::Executable } else { Mode::File };
        }
    }

    /// Hashes one file again whose object turned out to be missing.
    pub(super) fn rehash(&self, path: BString, entry: &mut Entry) -> Result<(), ObjectError> {
        entry.work = Work::Hash;
        self.finish(&mut Task { path, entry, conversion: Conversion::default() })
    }
}

fn left(error: &std::io::Error) -> Failure {
    Failure::Left(match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Reason::Vanished,
        // A link.
        _ if error.raw_os_error() == Some(LOOP) => Reason::ChangedWhileSaving,
        kind => Reason::Unreadable { detail: kind.to_string() },
    })
}
