//! Reads objects by way of long-lived `git cat-file --batch-command` processes. Called by `objects` where libgit2 cannot.
//!
//! Git is asked only for objects that we have seen ourselves, loose or in the index of a pack: so a partial clone never
//! fetches, whatever git's version, and to learn that an object is absent costs no process.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, RwLock};
use std::time::{Duration, SystemTime};

use bstr::ByteSlice;

use super::StoreError;
use super::git_command::GitCommand;
use super::pack_read::PackIndex;
use crate::model::id::ObjectId;
use crate::model::object::{Object, ObjectError, ObjectKind};

/// More processes than this do not run at once; further threads wait.
const MOST: usize = 4;

const CHUNK: u64 = 1 << 16;

/// The object folders as git reads them.
pub(crate) struct CatFile {
    git: GitCommand,
    folders: Vec<PathBuf>,
    packs: RwLock<Arc<Packs>>,
    processes: Mutex<Processes>,
    one_is_idle: Condvar,
}

#[derive(Default)]
struct Processes {
    idle: Vec<Process>,
    running: usize,
}

/// The indexes of all packs, as they were at one time.
#[derive(Default)]
struct Packs {
    /// When each folder of packs had last changed; empty before the first look.
    changed: Vec<Option<SystemTime>>,
    looked: Option<SystemTime>,
    indexes: Vec<PackIndex>,
    /// Each of them was read. One of a later format, or one too many to have open, leaves the question to git.
    is_complete: bool,
}

impl Packs {
    /// A folder that changed right before the look may have changed once more within the same tick of its clock.
    fn is_racy(&self) -> bool {
        const TICK: Duration = Duration::from_millis(20);
        let is_recent = |time: &SystemTime| self.looked.is_none_or(|looked| *time + TICK >= looked);
        self.changed.iter().flatten().any(is_recent)
    }
}

impl CatFile {
    /// Starts nothing before the first read.
    pub(crate) fn new(git: GitCommand, folders: &[PathBuf]) -> CatFile {
        CatFile {
            git,
            folders: folders.to_vec(),
            packs: RwLock::default(),
            processes: Mutex::default(),
            one_is_idle: Condvar::new(),
        }
    }

    /// Does not look again for packs that appeared a moment ago.
    pub(crate) fn contains_quick(&self, id: &ObjectId) -> bool {
        self.is_seen(id) || !self.packs(id).is_complete && self.read_header(id).is_ok()
    }

    /// Looks again.
    pub(crate) fn contains(&self, id: &ObjectId) -> bool {
        self.is_seen_again(id) || !self.packs(id).is_complete && self.read_header(id).is_ok()
    }

    /// Whether it is worth asking git.
    fn may_hold(&self, id: &ObjectId) -> bool {
        self.is_seen_again(id) || !self.packs(id).is_complete
    }

    fn is_seen(&self, id: &ObjectId) -> bool {
        self.packs(id).indexes.iter().any(|index| matches!(index.find(id), Ok(Some(_)))) || self.is_loose(id)
    }

    fn is_seen_again(&self, id: &ObjectId) -> bool {
        if self.is_seen(id) {
            return true;
        }
        let packs = self.packs(id);
        if packs.changed == self.changed() && !packs.is_racy() {
            return false;
        }
        self.refresh();
        self.is_seen(id)
    }

    fn packs(&self, id: &ObjectId) -> Arc<Packs> {
        let packs = Arc::clone(&self.packs.read().expect("no thread panics while it holds this lock"));
        if packs.changed.is_empty() { self.look(id) } else { packs }
    }

    /// Does not compare the bytes with the id.
    pub(crate) fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        self.ask(id, |process| {
            let (kind, size) = process.request("contents", id)?;
            let mut bytes = Vec::with_capacity(size as usize);
            process.content(size, &mut |chunk| bytes.extend_from_slice(chunk))?;
            Ok(Object { kind, bytes })
        })
    }

    pub(crate) fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        self.ask(id, |process| process.request("info", id))
    }

    /// Hands over the content of an object piece by piece; `each` is not called again after a failure of its own.
    pub(crate) fn stream(
        &self,
        id: &ObjectId,
        each: &mut dyn FnMut(&[u8]) -> Result<(), ObjectError>,
    ) -> Result<(), ObjectError> {
        let (mut outcome, mut has_begun) = (Ok(()), false);
        self.ask(id, |process| {
            // What was handed over cannot be taken back, so there is no second attempt then.
            if has_begun {
                return Err(Trouble::Died);
            }
            let (_, size) = process.request("contents", id)?;
            process.content(size, &mut |chunk| {
                has_begun = true;
                if outcome.is_ok() {
                    outcome = each(chunk);
                }
            })
        })?;
        outcome
    }

    /// Forgets which packs there are.
    pub(crate) fn refresh(&self) {
        *self.packs.write().expect("no thread panics while it holds this lock") = Arc::default();
    }

    fn look(&self, id: &ObjectId) -> Arc<Packs> {
        let (looked, changed) = (Some(SystemTime::now()), self.changed());
        let paths = self.folders.iter().flat_map(|folder| pack_indexes(folder));
        // An index whose pack is gone tells of nothing that can be read.
        let paths = paths.filter(|path| path.with_extension("pack").exists());
        let opened: Vec<_> = paths.map(|path| PackIndex::open(&path, id.kind())).collect();
        let is_complete = opened.iter().all(Result::is_ok);
        let indexes = opened.into_iter().flatten().collect();
        let packs = Arc::new(Packs { changed, looked, indexes, is_complete });
        *self.packs.write().expect("no thread panics while it holds this lock") = Arc::clone(&packs);
        packs
    }

    fn changed(&self) -> Vec<Option<SystemTime>> {
        let modified = |folder: &PathBuf| std::fs::metadata(folder.join("pack")).and_then(|data| data.modified()).ok();
        self.folders.iter().map(modified).collect()
    }

    fn is_loose(&self, id: &ObjectId) -> bool {
        let hex = id.to_string();
        self.folders.iter().any(|folder| folder.join(&hex[..2]).join(&hex[2..]).is_file())
    }

    /// Works with a process of this thread's own. What fails is tried once more with a new one: packs may have gone, or
    /// an interrupt that was meant for us has ended them all.
    fn ask<T>(
        &self,
        id: &ObjectId,
        mut work: impl FnMut(&mut Process) -> Result<T, Trouble>,
    ) -> Result<T, ObjectError> {
        if !self.may_hold(id) {
            return Err(ObjectError::Missing(*id));
        }
        let done = self.attempt(&mut work).or_else(|_| {
            self.end_idle();
            self.attempt(&mut work)
        });
        done.map_err(|trouble| self.explain(id, &trouble))
    }

    fn attempt<T>(&self, work: &mut dyn FnMut(&mut Process) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let mut process = self.borrow()?;
        let done = work(&mut process);
        match &done {
            Ok(_) => self.give_back(Some(process)),
            Err(_) => {
                process.end();
                self.give_back(None);
            }
        }
        done
    }

    fn explain(&self, id: &ObjectId, trouble: &Trouble) -> ObjectError {
        self.refresh();
        let damaged = || ObjectError::Damaged { id: *id, detail: "git cannot read it".into() };
        let told = |error: StoreError| ObjectError::Library(error.to_string());
        match trouble {
            Trouble::Start(error) => told(self.git.failure("reading objects", error.to_string())),
            _ if !self.may_hold(id) => ObjectError::Missing(*id),
            Trouble::Denied if !self.is_seen(id) => ObjectError::Missing(*id),
            Trouble::Denied => damaged(),
            // Git dies of an object that it cannot read, and of a question that it does not know.
            Trouble::Died => match self.git.failure("reading objects", String::new()) {
                error @ StoreError::GitTooOld { .. } => told(error),
                _ => damaged(),
            },
        }
    }

    fn borrow(&self) -> Result<Process, Trouble> {
        let mut processes = self.processes();
        loop {
            if let Some(process) = processes.idle.pop() {
                return Ok(process);
            }
            if processes.running < MOST {
                processes.running += 1;
                drop(processes);
                return Process::start(&self.git).map_err(|error| {
                    self.give_back(None);
                    Trouble::Start(error)
                });
            }
            processes = self.one_is_idle.wait(processes).expect("no thread panics while it holds this lock");
        }
    }

    fn end_idle(&self) {
        let mut processes = self.processes();
        processes.running -= processes.idle.len();
        processes.idle.clear();
        self.one_is_idle.notify_all();
    }

    fn give_back(&self, process: Option<Process>) {
        let mut processes = self.processes();
        match process {
            Some(process) => processes.idle.push(process),
            None => processes.running -= 1,
        }
        self.one_is_idle.notify_one();
    }

    fn processes(&self) -> MutexGuard<'_, Processes> {
        self.processes.lock().expect("no thread panics while it holds this lock")
    }
}

fn pack_indexes(objects: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = std::fs::read_dir(objects.join("pack")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "idx"))
}

/// Why git gave no object.
enum Trouble {
    /// It cannot be run.
    Start(io::Error),
    /// It ended in the middle.
    Died,
    /// It says that there is none.
    Denied,
}

impl From<io::Error> for Trouble {
    fn from(_: io::Error) -> Trouble {
        Trouble::Died
    }
}

/// One `git cat-file`, waiting for a question.
struct Process {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Process {
    fn start(git: &GitCommand) -> io::Result<Process> {
        let mut command = git.call();
        command.env("GIT_NO_REPLACE_OBJECTS", "1").args(["cat-file", "--batch-command"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let answers = BufReader::with_capacity(CHUNK as usize, child.stdout.take().expect("stdout was piped"));
        Ok(Process { questions: child.stdin.take(), answers, child })
    }

    /// Asks, and reads the line that comes first: `<id> <kind> <size>`, or that it is missing.
    fn request(&mut self, word: &str, id: &ObjectId) -> Result<(ObjectKind, u64), Trouble> {
        let questions = self.questions.as_mut().ok_or(Trouble::Died)?;
        questions.write_all(format!("{word} {id}\n").as_bytes())?;
        let mut line = Vec::new();
        self.answers.read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Err(Trouble::Died);
        }
        parse_answer(&line, id).ok_or(Trouble::Denied)
    }

    /// Reads the bytes that follow, and the end of line after them.
    fn content(&mut self, size: u64, each: &mut dyn FnMut(&[u8])) -> Result<(), Trouble> {
        let mut left = size;
        while left > 0 {
            let ready = self.answers.fill_buf()?;
            let count = (ready.len() as u64).min(left) as usize;
            if count == 0 {
                return Err(Trouble::Died);
            }
            each(&ready[..count]);
            self.answers.consume(count);
            left -= count as u64;
        }
        Ok(self.answers.read_exact(&mut [0])?)
    }

    fn end(mut self) {
        let _ = self.child.kill();
    }
}

impl Drop for Process {
    /// It ends by itself at the end of its input; waiting leaves no dead process behind.
    fn drop(&mut self) {
        self.questions = None;
        let _ = self.child.wait();
    }
}

fn parse_answer(line: &[u8], id: &ObjectId) -> Option<(ObjectKind, u64)> {
    let mut words = line.trim_end().split_str(" ");
    if ObjectId::from_hex(words.next()?)? != *id {
        return None;
    }
    let kind = match words.next()? {
        b"commit" => ObjectKind::Commit,
        b"tree" => ObjectKind::Tree,
        b"blob" => ObjectKind::Blob,
        b"tag" => ObjectKind::Tag,
        _ => return None,
    };
    Some((kind, words.next()?.to_str().ok()?.parse().ok()?))
}
