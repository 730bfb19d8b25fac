//! The journal of events: a buffer for what happens often, one append each, until a save or a word takes it into the
//! session's chain.
//!
//! An append waits for nobody and pays the same whatever the history is. A fold renames the file first, so that nobody
//! appends to what it reads; it deletes it only after the chain has it, and a fold that died is done again by the next.
//! Appended to by whatever hears of an event (hooks among others), folded by `ops/`. It names no ref and no object.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bstr::{BString, ByteSlice};
use jiff::Timestamp;

use super::{Layout, StoreError};
use crate::model::event::{Event, EventKind};
use crate::model::name::Name;
use crate::sys::{fault, private};

#[cfg(test)]
mod tests;

/// How often an append that found its file being folded opens the next one.
const ATTEMPTS: u32 = 100;

/// How long a fold waits for an append that is under way.
const PATIENCE: Duration = Duration::from_secs(1);

/// So much of a line that cannot be read is kept.
const LONGEST_UNREADABLE: usize = 4096;

/// The kind of a line that was no event.
const UNREADABLE: &str = "unreadable";

/// What a fold has taken out of the journal.
#[derive(Debug, Default)]
#[must_use = "what was taken is folded again until it is removed"]
pub struct Folding {
    /// The lines, as they are to stand in the chain, oldest first.
    pub lines: Vec<BString>,
    /// A fold before this one died: some of the lines may be in the chain already.
    pub is_repeated: bool,
    files: Vec<PathBuf>,
}

fn folder(layout: &Layout) -> PathBuf {
    layout.own_dir.join("journal")
}

fn file_name(session: &Name) -> String {
    format!("{session}.jsonl")
}

/// The tilde is in no name, so one session's file is never taken for another's.
fn folding_prefix(session: &Name) -> String {
    format!("{session}~")
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_path_buf();
    move |source| StoreError::Io { action, path, source }
}

/// Adds an event to the journal of a session: one write, whatever the length of the history.
///
/// Waits for no lock. The event is part of the history from now on, and of the chain after the next fold.
pub fn append(layout: &Layout, session: &Name, event: &Event) -> Result<(), StoreError> {
    let path = folder(layout).join(file_name(session));
    append_line(&path, event.to_line().as_bytes()).map_err(failed("write", &path))
}

fn append_line(path: &Path, line: &[u8]) -> io::Result<()> {
    for _ in 0..ATTEMPTS {
        if append_to(&open_to_append(path)?, path, line)? {
            return Ok(());
        }
    }
    Err(ErrorKind::ResourceBusy.into())
}

/// False where a fold has the file: it has renamed it before, and the path leads to the next one.
fn append_to(mut file: &File, path: &Path, line: &[u8]) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) if is_at(file, path) => {
            let mut bytes = line_end_before(file)?;
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
            fault::reach("journal.before-append");
            file.write_all(&bytes).map(|()| true)
        }
        Ok(()) | Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn open_to_append(path: &Path) -> io::Result<File> {
    let open = || private::open(OpenOptions::new().read(true).append(true).create(true), path);
    match open() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            private::create_dir(path.parent().expect("a journal stands in a folder"))?;
            open()
        }
        opened => opened,
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let Ok((open, there)) = file.metadata().and_then(|open| Ok((open, std::fs::metadata(path)?))) else { return false };
    (open.dev(), open.ino()) == (there.dev(), there.ino())
}

/// A line that a full disk cut short is ended before the next one begins.
fn line_end_before(file: &File) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len();
    let mut last = [b'\n'];
    if size > 0 {
        file.read_exact_at(&mut last, size - 1)?;
    }
    Ok(if last == [b'\n'] { Vec::new() } else { vec![b'\n'] })
}

/// The events that wait in the journal of a session, oldest first; those of an interrupted fold are among them.
pub fn read(layout: &Layout, session: &Name) -> Result<Vec<Event>, StoreError> {
    let found = find_files(layout, session)?;
    let mut lines = Vec::new();
    for path in found.folding.iter().chain(&found.open) {
        match std::fs::read(path) {
            Ok(bytes) => lines.extend(lines_of(&bytes)),
            // Folded meanwhile: it is in the chain.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed("read", path)(error)),
        }
    }
    Ok(lines.iter().filter_map(|line| Event::parse_line(line)).collect())
}

/// The files of the journal of a session, oldest first, opened: a fold that comes meanwhile takes nothing from the reader.
pub(super) fn open_files(layout: &Layout, session: &Name) -> Result<Vec<File>, StoreError> {
    let found = find_files(layout, session)?;
    let mut files = Vec::new();
    for path in found.folding.iter().chain(&found.open) {
        match File::open(path) {
            Ok(file) => files.push(file),
            // Folded meanwhile: it is in the chain.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed("read", path)(error)),
        }
    }
    Ok(files)
}

/// Takes what is in the journal of a session; `None` where there is nothing. For the holder of the savers' lock alone.
///
/// Nothing is lost when the process dies: until [`Folding::remove`], the next call gives the same lines again.
pub fn take(layout: &Layout, session: &Name) -> Result<Option<Folding>, StoreError> {
    let found = find_files(layout, session)?;
    let mut folding = Folding { is_repeated: !found.folding.is_empty(), files: found.folding, ..Folding::default() };
    if let Some(open) = found.open {
        let free = |number: &u64| !folding.files.contains(&folding_path(layout, session, *number));
        let number = (1..).find(free).expect("there are more numbers than files");
        let renamed = folding_path(layout, session, number);
        match std::fs::rename(&open, &renamed) {
            Ok(()) => folding.files.push(renamed),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed("rename", &open)(error)),
        }
        fault::reach("journal.renamed");
    }
    for path in std::mem::take(&mut folding.files) {
        if let Some(bytes) = read_undisturbed(&path).map_err(failed("read", &path))? {
            folding.lines.extend(lines_of(&bytes));
            folding.files.push(path);
        }
    }
    fault::reach("journal.read");
    Ok((!folding.files.is_empty()).then_some(folding))
}

impl Folding {
    /// Deletes the files: the chain has what was in them.
    pub fn remove(self) {
        for path in self.files {
            fault::reach("journal.before-remove");
            // What stays is folded once more, and known by its ids.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[derive(Default)]
struct Found {
    open: Option<PathBuf>,
    /// Left by folds that died, oldest first.
    folding: Vec<PathBuf>,
}

fn folding_path(layout: &Layout, session: &Name, number: u64) -> PathBuf {
    folder(layout).join(format!("{}{number}.folding", folding_prefix(session)))
}

fn find_files(layout: &Layout, session: &Name) -> Result<Found, StoreError> {
    let folder = folder(layout);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::default()),
        Err(error) => return Err(failed("read", &folder)(error)),
    };
    let (open_name, prefix) = (file_name(session), folding_prefix(session));
    let mut found = Found::default();
    let mut numbers: Vec<u64> = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if name == open_name {
            found.open = Some(entry.path());
        }
        let rest = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(".folding"));
        numbers.extend(rest.and_then(|digits| digits.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    found.folding = numbers.into_iter().map(|number| folding_path(layout, session, number)).collect();
    Ok(found)
}

/// Reads a file once no append is under way; `None` where one does not end: the file is left for the next fold.
fn read_undisturbed(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let deadline = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return Ok(None),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn lines_of(bytes: &[u8]) -> Vec<BString> {
    bytes.lines().filter(|line| !line.trim().is_empty()).map(readable).collect()
}

/// The event of a line; one that is none is in an event that holds it. `None` for an empty line.
pub(super) fn event_of_line(line: &[u8]) -> Option<Event> {
    if line.trim().is_empty() {
        return None;
    }
    Event::parse_line(line).or_else(|| Event::parse_line(&readable(line)))
}

/// The line itself where it is an event; else an event that holds it, the same each time.
fn readable(line: &[u8]) -> BString {
    if Event::parse_line(line).is_some() {
        return line.into();
    }
    let text = line[..line.len().min(LONGEST_UNREADABLE)].to_str_lossy();
    Event::new(Timestamp::UNIX_EPOCH, EventKind::Other(UNREADABLE.to_owned()), text, 0).to_line().into()
}
