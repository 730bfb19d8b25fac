//! HEAD, and what commits say of themselves.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use bstr::{BString, ByteSlice};

use super::git_lock::GitLock;
use super::git_refs::check_name;
use super::ref_store::RefStore;
use super::refs::{self, RefValue};
use super::{Layout, Store, StoreError};
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};
use crate::sys::fault;

const PATIENCE: Duration = Duration::from_secs(2);

/// Reads HEAD.
pub(crate) fn read(layout: &Layout) -> Result<Head, StoreError> {
    // In the oldest repositories HEAD is a symbolic link.
    if let Ok(target) = std::fs::read_link(layout.git_dir.join("HEAD"))
        && let Ok(branch) = target.as_os_str().as_bytes().to_str()
    {
        return on_branch(layout, branch.to_owned());
    }
    match refs::read(layout, "HEAD")? {
        Some(RefValue::Symbolic(branch)) => on_branch(layout, branch),
        Some(RefValue::Id(id)) => Ok(Head { branch: None, commit: Some(id) }),
        None => Err(StoreError::Damaged { what: "HEAD".into(), detail: "it is gone".into() }),
    }
}

fn on_branch(layout: &Layout, branch: String) -> Result<Head, StoreError> {
    let commit = refs::find(layout, &branch)?;
    Ok(Head { branch: Some(branch), commit })
}

/// What git says in HEAD's log.
fn moving(old: &Head, new: &Head) -> String {
    let name = |head: &Head| match (head.branch_name(), head.commit) {
        (Some(branch), _) => branch.to_owned(),
        (None, Some(commit)) => commit.to_string(),
        (None, None) => "nothing".to_owned(),
    };
    format!("checkout: moving from {} to {}", name(old), name(new))
}

impl Store {
    /// Puts HEAD on another branch or commit if it stands where `expected` says; no branch is moved.
    ///
    /// `new.branch` must exist at `new.commit` (or not exist when that is `None`): the caller has looked.
    pub fn set_head(&self, new: &Head, expected: &Head) -> Result<(), StoreError> {
        new.branch.as_deref().map_or(Ok(()), check_name)?;
        if let RefStore::Git(git) = &self.refs {
            return git.set_head(new, expected, &moving(expected, new));
        }
        let path = self.layout.git_dir.join("HEAD");
        let failed = |source: io::Error| StoreError::Io { action: "write", path: path.clone(), source };
        let lock = GitLock::wait(&self.layout, &path, PATIENCE).map_err(failed)?;
        let mut lock = lock.ok_or_else(|| StoreError::RefLocked { name: "HEAD".into() })?;
        let found = self.head()?;
        if found != *expected {
            return Err(StoreError::RefMoved { name: "HEAD".into(), found: found.commit });
        }
        let text = match (&new.branch, new.commit) {
            (Some(branch), _) => format!("ref: {branch}\n"),
            (None, Some(commit)) => format!("{commit}\n"),
            (None, None) => {
                return Err(StoreError::Git { action: "moving HEAD".into(), detail: "there is no commit".into() });
            }
        };
        lock.fill(text.as_bytes()).map_err(failed)?;
        fault::reach("head.written");
        lock.commit().map_err(failed)?;
        fault::reach("head.renamed");
        self.log_head(&found, new);
        Ok(())
    }

    /// One line in HEAD's log, if there is a log. Failing is harmless: the log only helps people.
    fn log_head(&self, old: &Head, new: &Head) {
        use std::io::Write;
        let path = self.layout.git_dir.join("logs/HEAD");
        let Ok(mut file) = std::fs::OpenOptions::new().append(true).open(path) else { return };
        let id = |head: &Head| head.commit.unwrap_or(ObjectId::null(self.hash_kind()));
        let (person, email) = self.identity().unwrap_or_else(|| ("ckpt".into(), "ckpt@localhost".into()));
        let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |age| age.as_secs());
        let mut line = BString::from(format!("{} {} ", id(old), id(new)));
        line.extend_from_slice(&[person.as_slice(), b" <", &email, b"> "].concat());
        line.extend_from_slice(format!("{seconds} +0000\t{}\n", moving(old, new)).as_bytes());
        let _ = file.write_all(&line);
    }

    /// The tree of a commit.
    pub fn tree_of(&self, commit: &ObjectId) -> Result<ObjectId, StoreError> {
        let bytes = self.read_kind(commit, ObjectKind::Commit)?;
        let hex = bytes.strip_prefix(b"tree ").and_then(|rest| rest.lines().next());
        hex.and_then(ObjectId::from_hex)
            .ok_or_else(|| ObjectError::Damaged { id: *commit, detail: "the commit names no tree".into() }.into())
    }

    /// The first line of a commit's message.
    pub fn commit_subject(&self, commit: &ObjectId) -> Result<BString, StoreError> {
        let bytes = self.read_kind(commit, ObjectKind::Commit)?;
        let message = bytes.find(b"\n\n").map_or(&b""[..], |end| &bytes[end + 2..]);
        Ok(message.lines().map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or_default().into())
    }

    /// How much these take in the repository, compressed, that nothing else of the user's needs: no branch, tag, remote or
    /// name of a checkpoint.
    pub fn size_of_alone(&self, ids: &[ObjectId]) -> Result<u64, StoreError> {
        const OTHERS: [&str; 5] = ["--not", "--branches", "--tags", "--remotes", "--glob=refs/ckpt/names/*"];
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut arguments = vec!["rev-list", "--objects", "--disk-usage", "--ignore-missing"];
        arguments.extend(ids.iter().map(String::as_str));
        arguments.extend(OTHERS);
        let text = self.run_git("measuring", &arguments)?;
        let size = text.trim().to_str().ok().and_then(|text| text.parse().ok());
        size.ok_or_else(|| StoreError::Git { action: "measuring".into(), detail: text.to_str_lossy().into_owned() })
    }

    /// How many commits `left` has that `right` has not, and the other way round.
    pub fn ahead_behind(&self, left: &ObjectId, right: &ObjectId) -> Result<(usize, usize), StoreError> {
        if left == right {
            return Ok((0, 0));
        }
        let range = format!("{left}...{right}");
        let text = self.run_git("counting commits", &["rev-list", "--left-right", "--count", &range, "--"])?;
        let mut counts = text.fields().filter_map(|field| field.to_str().ok()?.parse().ok());
        match (counts.next(), counts.next()) {
            (Some(ahead), Some(behind)) => Ok((ahead, behind)),
            _ => Err(StoreError::Git { action: "counting commits".into(), detail: text.to_str_lossy().into_owned() }),
        }
    }
}
