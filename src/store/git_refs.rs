//! Reads and writes refs by way of git, for repositories that do not keep them in files. Called by `ref_store`.
//!
//! One `git for-each-ref` gives all refs; its answer holds for as long as the list of git's tables is the same file. A
//! transaction is one `git update-ref`, which looks at the values once more under its own lock.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bstr::ByteSlice;

use super::git_command::GitCommand;
use super::ref_transaction::Transaction;
use super::refs::{RefEdit, RefValue};
use super::sync::sync_folders;
use super::{Layout, StoreError};
use crate::model::head::Head;
use crate::model::id::ObjectId;

/// How long somebody else's transaction is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Git's own limit on refs that point at refs.
const MAX_DEPTH: u32 = 5;

/// The refs of one work tree.
pub(crate) struct GitRefs {
    git: GitCommand,
    /// Folders with git's tables of refs: the shared one, and the work tree's own. None where refs are files.
    tables: Vec<PathBuf>,
    known: Mutex<Option<Known>>,
}

/// All refs at one moment.
#[derive(Clone)]
struct Known {
    stamp: Vec<Stamp>,
    refs: Arc<BTreeMap<String, RefValue>>,
}

/// What tells that the list of tables is another file than before.
type Stamp = (u64, i64, i64, u64);

impl GitRefs {
    pub(crate) fn new(git: GitCommand, layout: &Layout, has_reftable: bool) -> GitRefs {
        let mut tables = Vec::new();
        if has_reftable {
            tables.push(layout.common_dir.join("reftable"));
            if layout.git_dir != layout.common_dir {
                tables.push(layout.git_dir.join("reftable"));
            }
        }
        GitRefs { git, tables, known: Mutex::default() }
    }

    pub(crate) const fn has_tables(&self) -> bool {
        !self.tables.is_empty()
    }

    pub(crate) fn find(&self, name: &str) -> Result<Option<ObjectId>, StoreError> {
        let is_elsewhere = name.starts_with("worktrees/") || name.starts_with("main-worktree/");
        if name.starts_with("refs/") || self.has_tables() && !is_elsewhere {
            return resolve(&*self.all()?, name);
        }
        // Where refs are files, git lists none that stand beside `refs/`; nor those of other work trees.
        let hex = self.git.run("reading a ref", &["rev-parse", "--verify", "-q", "--end-of-options", name]);
        Ok(hex.ok().and_then(|hex| ObjectId::from_hex(hex.trim())))
    }

    pub(crate) fn list(&self, prefix: &str) -> Result<Vec<(String, ObjectId)>, StoreError> {
        let all = self.all()?;
        let below = all.range(prefix.to_owned()..).map(|(name, _)| name).take_while(|name| name.starts_with(prefix));
        let found = below.map(|name| Ok(resolve(&all, name)?.map(|id| (name.clone(), id))));
        found.filter_map(Result::transpose).collect()
    }

    pub(crate) fn head(&self) -> Result<Head, StoreError> {
        let all = self.all()?;
        let value = match all.get("HEAD") {
            Some(value) => value.clone(),
            // A list of refs has no HEAD that names a branch without a commit.
            None => self.read_head()?,
        };
        match value {
            RefValue::Symbolic(branch) => Ok(Head { commit: resolve(&all, &branch)?, branch: Some(branch) }),
            RefValue::Id(id) => Ok(Head { branch: None, commit: Some(id) }),
        }
    }

    fn read_head(&self) -> Result<RefValue, StoreError> {
        let text = |arguments: &[&str]| -> Result<String, StoreError> {
            Ok(self.git.run("reading HEAD", arguments)?.trim().to_str_lossy().into_owned())
        };
        if let Ok(branch) = text(&["symbolic-ref", "-q", "HEAD"]) {
            return Ok(RefValue::Symbolic(branch));
        }
        let hex = text(&["rev-parse", "--verify", "-q", "HEAD"])?;
        let id = ObjectId::from_hex(hex.as_bytes());
        id.map(RefValue::Id).ok_or_else(|| StoreError::Damaged { what: "HEAD".into(), detail: hex })
    }

    /// Carries out edits in their order, as many at a time as name different refs. A refusal leaves none of its batch.
    pub(crate) fn apply(&self, edits: &[RefEdit], objects: Option<&Path>) -> Result<(), StoreError> {
        let mut objects = objects;
        let mut rest = edits;
        while !rest.is_empty() {
            let is_repeated = |at: &usize| rest[..*at].iter().any(|before| before.name == rest[*at].name);
            let (batch, after) = rest.split_at((1..rest.len()).find(is_repeated).unwrap_or(rest.len()));
            self.apply_batch(batch, objects.take())?;
            rest = after;
        }
        Ok(())
    }

    fn apply_batch(&self, edits: &[RefEdit], objects: Option<&Path>) -> Result<(), StoreError> {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(2);
        loop {
            let mut transaction = Transaction::default();
            let all = self.all()?;
            for edit in edits {
                check_name(&edit.name)?;
                let found = resolve(&all, &edit.name)?;
                if !edit.expected.allows(found) {
                    return Err(StoreError::RefMoved { name: edit.name.clone(), found });
                }
                transaction.add(edit, found);
            }
            match transaction.run(&self.git, objects) {
                Ok(()) => break,
                // Either a value is another by now, which the next look shows, or somebody holds git's lock.
                Err(detail) if Instant::now() >= deadline || !is_passing(&detail) => {
                    return Err(self.refused(&edits[0].name, "writing refs", detail));
                }
                Err(_) => std::thread::sleep(pause),
            }
            pause = (pause * 2).min(Duration::from_millis(100));
            self.forget();
        }
        self.forget();
        sync_folders(self.tables.iter().map(PathBuf::as_path)).map_err(|source| StoreError::Io {
            action: "sync",
            path: self.tables.first().cloned().unwrap_or_default(),
            source,
        })
    }

    fn refused(&self, name: &str, action: &str, detail: String) -> StoreError {
        match detail.contains("lock") {
            // One lock stands before all refs in a table.
            true if self.has_tables() => StoreError::RefLocked { name: "reftable/tables.list".into() },
            true => StoreError::RefLocked { name: name.to_owned() },
            false => self.git.failure(action, detail),
        }
    }

    /// Moves HEAD, which stands where `expected` says, with a line in its log if there is one.
    pub(crate) fn set_head(&self, new: &Head, expected: &Head, message: &str) -> Result<(), StoreError> {
        let found = self.head()?;
        if found != *expected {
            return Err(StoreError::RefMoved { name: "HEAD".into(), found: found.commit });
        }
        new.branch.as_deref().map_or(Ok(()), check_name)?;
        let moved = match (&new.branch, new.commit) {
            (Some(branch), _) => {
                let transaction = Transaction::to_branch(branch, &found, message);
                transaction.run(&self.git, None).or_else(|detail| self.set_branch(branch, message, detail))
            }
            (None, Some(commit)) => Transaction::to_commit(&commit, &found, message).run(&self.git, None),
            (None, None) => Err("there is no commit".into()),
        };
        self.forget();
        moved.map_err(|detail| self.refused("HEAD", "moving HEAD", detail))
    }

    /// A git before 2.46 has no symbolic refs in its transactions.
    fn set_branch(&self, branch: &str, message: &str, detail: String) -> Result<(), String> {
        if !detail.contains("unknown command") {
            return Err(detail);
        }
        let arguments = ["symbolic-ref", "-m", message, "HEAD", branch];
        self.git.run("moving HEAD", &arguments).map(drop).map_err(|error| error.to_string())
    }

    fn forget(&self) {
        *self.known.lock().expect("no thread panics while it holds this lock") = None;
    }

    fn all(&self) -> Result<Arc<BTreeMap<String, RefValue>>, StoreError> {
        let stamp = self.stamp();
        let mut known = self.known.lock().expect("no thread panics while it holds this lock");
        if let (Some(stamp), Some(known)) = (&stamp, &*known)
            && *stamp == known.stamp
        {
            return Ok(Arc::clone(&known.refs));
        }
        let refs = Arc::new(self.ask()?);
        *known = stamp.map(|stamp| Known { stamp, refs: Arc::clone(&refs) });
        Ok(refs)
    }

    /// `None` where there is nothing to tell by.
    fn stamp(&self) -> Option<Vec<Stamp>> {
        let one = |folder: &PathBuf| {
            let data = std::fs::metadata(folder.join("tables.list")).ok()?;
            Some((data.ino(), data.mtime(), data.mtime_nsec(), data.size()))
        };
        let stamps: Option<Vec<Stamp>> = self.tables.iter().map(one).collect();
        stamps.filter(|stamps| !stamps.is_empty())
    }

    fn ask(&self) -> Result<BTreeMap<String, RefValue>, StoreError> {
        const FORMAT: &str = "--format=%(objectname) %(refname) %(symref)";
        let mut arguments = vec!["for-each-ref", FORMAT];
        if self.has_tables() {
            arguments.push("--include-root-refs");
        }
        let listing = self.git.run("listing refs", &arguments)?;
        Ok(listing.lines().filter_map(parse_line).collect())
    }
}

/// Names come from points of others too: one with a line end in it would be a command to git.
pub(super) fn check_name(name: &str) -> Result<(), StoreError> {
    let is_plain = name.bytes().all(|byte| byte > b' ' && byte != 0x7f);
    if is_plain && !name.starts_with(['"', '-']) && !name.is_empty() {
        return Ok(());
    }
    Err(StoreError::Damaged { what: format!("the ref {name:?}"), detail: "no ref can have this name".into() })
}

/// What another try may well find otherwise.
fn is_passing(detail: &str) -> bool {
    ["lock", "outdated", "expected", "already exists", "unable to resolve"].iter().any(|word| detail.contains(word))
}

/// A ref that is no UTF-8 is none of ours.
fn parse_line(line: &[u8]) -> Option<(String, RefValue)> {
    let mut words = line.to_str().ok()?.splitn(3, ' ');
    let (id, name, target) = (words.next()?, words.next()?, words.next()?);
    let value = match target {
        "" => RefValue::Id(ObjectId::from_hex(id.as_bytes())?),
        target => RefValue::Symbolic(target.to_owned()),
    };
    Some((name.to_owned(), value))
}

fn resolve(all: &BTreeMap<String, RefValue>, name: &str) -> Result<Option<ObjectId>, StoreError> {
    let mut name = name;
    for _ in 0..MAX_DEPTH {
        match all.get(name) {
            None => return Ok(None),
            Some(RefValue::Id(id)) => return Ok(Some(*id)),
            Some(RefValue::Symbolic(target)) => name = target,
        }
    }
    Err(StoreError::Damaged { what: format!("the ref {name}"), detail: "it leads in a circle".into() })
}
