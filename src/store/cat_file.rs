//! Reads objects by way of long-lived `git cat-file --batch-command` processes. Called by `objects` where libgit2 cannot.
//!
//! Git is asked only for objects that we have seen ourselves, loose or in the index of a pack: so a partial clone never
//! fetches, whatever git's version, and to learn that an object is absent costs no process.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, RwLock};
use std::time::SystemTime;

use bstr::ByteSlice;

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
    indexes: Vec<PackIndex>,
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
        let packs = Arc::clone(&self.packs.read().expect("no thread panics while it holds this lock"));
        let packs = if packs.changed.is_empty() { self.look(id) } else { packs };
        packs.indexes.iter().any(|index| matches!(index.find(id), Ok(Some(_)))) || self.is_loose(id)
    }

    /// Looks again.
    pub(crate) fn contains(&self, id: &ObjectId) -> bool {
        if self.contains_quick(id) {
            return true;
        }
        let known = self.packs.read().expect("no thread panics while it holds this lock").changed.clone();
        if known == self.changed() {
            return false;
        }
        self.refresh();
        self.contains_quick(id)
    }

    /// Does not compare the bytes with the id.
    pub(crate) fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        self.ask(id, |process| {
            let (kind, size) = process.request("contents", id)?;
            let mut bytes = Vec::with_capacity(size as usize);
            process.content(size, &mut |chunk| {
                bytes.extend_from_slice(chunk);
                Ok(())
            })?;
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
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let (_, size) = process.request("contents", id)?;
            process.content(size, &mut |chunk| {
                has_begun = true;
                if outcome.is_ok() {
                    outcome = each(chunk);
                }
                Ok(())
            })
        })?;
        outcome
    }

    /// Forgets which packs there are.
    pub(crate) fn refresh(&self) {
        *self.packs.write().expect("no thread panics while it holds this lock") = Arc::default();
    }

    fn look(&self, id: &ObjectId) -> Arc<Packs> {
        let changed = self.changed();
        let paths = self.folders.iter().flat_map(|folder| pack_indexes(folder));
        // An index whose pack is gone tells of nothing that can be read.
        let paths = paths.filter(|path| path.with_extension("pack").exists());
        let indexes = paths.filter_map(|path| PackIndex::open(&path, id.kind()).ok()).collect();
        let packs = Arc::new(Packs { changed, indexes });
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

    /// Works with a process of this thread's own. What fails is tried once more with a new one: packs may have gone.
    fn ask<T>(&self, id: &ObjectId, mut work: impl FnMut(&mut Process) -> io::Result<T>) -> Result<T, ObjectError> {
        if !self.contains(id) {
            return Err(ObjectError::Missing(*id));
        }
        let mut process = self.borrow(id)?;
        let result = match work(&mut process) {
            Err(_) => {
                process.end();
                process = match Process::start(&self.git) {
                    Ok(process) => process,
                    Err(error) => {
                        self.give_back(None);
                        return Err(self.failure(&error));
                    }
                };
                work(&mut process)
            }
            done => done,
        };
        match result {
            Ok(value) => {
                self.give_back(Some(process));
                Ok(value)
            }
            Err(error) => {
                let has_died = process.has_died();
                process.end();
                self.give_back(None);
                self.refresh();
                Err(match self.contains(id) {
                    true if has_died && error.kind() == io::ErrorKind::BrokenPipe => self.failure(&error),
                    true => ObjectError::Damaged { id: *id, detail: "git cannot read it".into() },
                    false => ObjectError::Missing(*id),
                })
            }
        }
    }

    fn failure(&self, error: &io::Error) -> ObjectError {
        ObjectError::Library(self.git.failure("reading objects", error.to_string()).to_string())
    }

    fn borrow(&self, _id: &ObjectId) -> Result<Process, ObjectError> {
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
                    self.failure(&error)
                });
            }
            processes = self.one_is_idle.wait(processes).expect("no thread panics while it holds this lock");
        }
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

    /// Asks, and reads the line that comes first: `<id> <kind> <size>`.
    fn request(&mut self, word: &str, id: &ObjectId) -> io::Result<(ObjectKind, u64)> {
        let questions = self.questions.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        questions.write_all(format!("{word} {id}\n").as_bytes())?;
        let mut line = Vec::new();
        self.answers.read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        parse_answer(&line, id).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Reads the bytes that follow, and the end of line after them.
    fn content(&mut self, size: u64, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut left = size;
        while left > 0 {
            let ready = self.answers.fill_buf()?;
            let count = (ready.len() as u64).min(left) as usize;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            each(&ready[..count])?;
            self.answers.consume(count);
            left -= count as u64;
        }
        let mut end = [0];
        self.answers.read_exact(&mut end)
    }

    fn has_died(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
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
