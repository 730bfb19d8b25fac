//! Linked work trees: making one, removing one, and which branches they stand on. Called by `ops/load`.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bstr::ByteSlice;

use super::{Store, StoreError};
use crate::model::head::BRANCHES;
use crate::model::id::ObjectId;

/// Makes an empty linked work tree at `directory`, HEAD detached at `base`; on a new branch when there is no commit yet.
pub fn add(store: &Store, directory: &Path, base: Option<&ObjectId>) -> Result<(), StoreError> {
    match base {
        Some(base) => add_detached(store, directory, base),
        None => add_unborn(store, directory),
    }
}

const MAKING: &str = "making a work tree";

fn add_detached(store: &Store, directory: &Path, base: &ObjectId) -> Result<(), StoreError> {
    let mut command = store.git();
    command.args(["worktree", "add", "--quiet", "--detach", "--no-checkout", "--"]);
    command.arg(directory).arg(base.to_string());
    run(MAKING, command)
}

/// A git before 2.42 makes none without a commit: it gets one that no ref names, and HEAD is put on the branch then.
fn add_unborn(store: &Store, directory: &Path) -> Result<(), StoreError> {
    let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let branch = format!("ckpt-{name}");
    let mut command = store.git();
    command.args(["worktree", "add", "--quiet", "--orphan", "-b", &branch, "--"]).arg(directory);
    match run(MAKING, command) {
        Err(StoreError::Git { detail, .. }) if detail.contains("unknown option") => {}
        done => return done,
    }
    let id = |bytes: Vec<u8>| bytes.trim().to_str_lossy().into_owned();
    let tree = id(store.run_git(MAKING, &["hash-object", "-t", "tree", "-w", "/dev/null"])?);
    let identity = ["-c", "user.name=ckpt", "-c", "user.email=ckpt@localhost"];
    let commit = id(store.run_git(MAKING, &[&identity[..], &["commit-tree", "-m", "empty", &tree]].concat())?);
    let commit = commit.parse().map_err(|_| StoreError::Git { action: MAKING.into(), detail: commit })?;
    add_detached(store, directory, &commit)?;
    let mut command = store.git();
    command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").arg("-C").arg(directory);
    command.args(["checkout", "--quiet", "--orphan", &branch]);
    run(MAKING, command)
}

/// Makes a linked work tree at `directory` on `branch`, laid out by git itself. The branch is made at `commit` if it is not
/// there.
pub fn add_on_branch(store: &Store, directory: &Path, branch: &str, commit: &ObjectId) -> Result<(), StoreError> {
    let mut command = store.git();
    command.args(["worktree", "add", "--quiet"]);
    if store.find_ref(&format!("{BRANCHES}{branch}"))?.is_some() {
        command.arg("--").arg(directory).arg(branch);
    } else {
        command.args(["-b", branch, "--"]).arg(directory).arg(commit.to_string());
    }
    run(MAKING, command)
}

/// How far git has come with a linked work tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Making {
    /// There is none at that place.
    Absent,
    /// Git was interrupted while it made it.
    HalfMade,
    Complete,
}

/// Looks at the place of a linked work tree.
pub fn making(store: &Store, directory: &Path) -> Making {
    let Some(folder) = folder_of(store, directory) else { return Making::Absent };
    // Git locks one with this reason until it has laid everything out.
    let is_locked = std::fs::read(folder.join("locked")).is_ok_and(|reason| reason.trim() == b"initializing");
    let is_there = directory.join(".git").exists() && folder.join("HEAD").exists() && folder.join("index").exists();
    if is_locked || !is_there { Making::HalfMade } else { Making::Complete }
}

/// The folder that git has of the linked work tree at `directory`.
fn folder_of(store: &Store, directory: &Path) -> Option<PathBuf> {
    let own = directory.join(".git");
    let folders = std::fs::read_dir(store.layout().common_dir.join("worktrees")).into_iter().flatten().flatten();
    let same = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let is_its = |folder: &PathBuf| {
        let text = std::fs::read(folder.join("gitdir")).unwrap_or_default();
        let named = text.trim_end().to_path().map(|path| folder.join(path));
        named.is_ok_and(|named| named == own || same(&named) == same(&own))
    };
    folders.map(|entry| entry.path()).find(is_its)
}

/// Forgets a linked work tree that has no `.git`: git removes none that it does not find.
pub fn forget(store: &Store, directory: &Path) -> Result<(), StoreError> {
    let Some(folder) = folder_of(store, directory) else { return Ok(()) };
    let failed = |source| StoreError::Io { action: "remove", path: folder.clone(), source };
    std::fs::remove_dir_all(&folder).map_err(failed)
}

impl Store {
    /// The branch that another work tree is on, as people say it.
    pub fn branch_of_worktree(&self, key: &str) -> Option<String> {
        let common_dir = &self.layout().common_dir;
        let folder = if key.is_empty() { common_dir.clone() } else { common_dir.join("worktrees").join(key) };
        let text = std::fs::read_to_string(folder.join("HEAD")).ok()?;
        text.trim_end().strip_prefix("ref: refs/heads/").map(str::to_owned)
    }
}

/// Root of the work tree with this key; `None` when it is gone.
pub fn directory_of(store: &Store, key: &str) -> Option<PathBuf> {
    let common_dir = &store.layout().common_dir;
    if key.is_empty() {
        return common_dir.parent().filter(|_| common_dir.ends_with(".git")).map(Path::to_path_buf);
    }
    let folder = common_dir.join("worktrees").join(key);
    let text = std::fs::read(folder.join("gitdir")).ok()?;
    let git_file = folder.join(text.trim_end().to_path().ok()?);
    git_file.parent()?.canonicalize().ok()
}

/// Removes a linked work tree with everything in it.
pub fn remove(store: &Store, directory: &Path) -> Result<(), StoreError> {
    let mut command = store.git();
    command.args(["worktree", "remove", "--force", "--force", "--"]).arg(directory);
    run("removing a work tree", command)
}

fn run(action: &str, mut command: Command) -> Result<(), StoreError> {
    let failed = |detail: String| StoreError::Git { action: action.to_owned(), detail };
    let output = command.stdin(Stdio::null()).output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(output.stderr.trim().to_str_lossy().into_owned()))
}

/// The keys of all work trees that are still there, the main one's (empty) first.
pub fn keys(store: &Store) -> Vec<String> {
    let folder = store.layout().common_dir.join("worktrees");
    let linked = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let named = linked.filter(|entry| is_there(&entry.path())).filter_map(|entry| entry.file_name().into_string().ok());
    let mut named: Vec<String> = named.collect();
    named.sort();
    named.insert(0, String::new());
    named
}

/// What the git folder of a linked work tree names is there.
fn is_there(folder: &Path) -> bool {
    let Ok(text) = std::fs::read(folder.join("gitdir")) else { return false };
    let Ok(path) = text.trim_end().to_path() else { return false };
    folder.join(path).exists()
}

/// Whether another work tree of the repository stands on `branch`.
pub fn is_branch_elsewhere(store: &Store, branch: &str) -> bool {
    let layout = store.layout();
    if store.refs.has_tables() {
        return is_listed_elsewhere(store, branch);
    }
    let linked = std::fs::read_dir(layout.common_dir.join("worktrees")).into_iter().flatten().flatten();
    let folders = linked.map(|folder| folder.path()).chain([layout.common_dir.clone()]);
    let wanted = format!("ref: {branch}");
    folders
        .filter(|folder| *folder != layout.git_dir)
        .any(|folder| std::fs::read_to_string(folder.join("HEAD")).is_ok_and(|text| text.trim_end() == wanted))
}

/// The same where HEAD is no file. What git cannot list is taken for free.
fn is_listed_elsewhere(store: &Store, branch: &str) -> bool {
    let listing = store.run_git("listing work trees", &["worktree", "list", "--porcelain", "-z"]).unwrap_or_default();
    listing.split_str("\0\0").any(|tree| {
        let field = |name: &str| tree.split_str("\0").find_map(|line| line.strip_prefix(name.as_bytes()));
        let is_other = field("worktree ").is_some_and(|path| path != store.layout().work_dir.as_os_str().as_bytes());
        is_other && field("branch ") == Some(branch.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn one_is_made_and_removed() {
        let fixture = Fixture::with_commit();
        let store = fixture.store();
        let directory = fixture.root.with_file_name("other");
        add(&store, &directory, Some(&fixture.id("HEAD"))).unwrap();
        let inside: Vec<_> = std::fs::read_dir(&directory).unwrap().map(|item| item.unwrap().file_name()).collect();
        assert_eq!(inside, [".git"]);
        assert_eq!(fixture.git_in(&directory, ["rev-parse", "HEAD"]), fixture.id("HEAD").to_string());
        remove(&store, &directory).unwrap();
        assert!(!directory.exists());
        assert_eq!(fixture.git(["worktree", "list"]).lines().count(), 1);
    }

    #[test]
    fn one_that_is_gone_has_no_key() {
        let fixture = Fixture::with_commit();
        let store = fixture.store();
        let directory = fixture.root.with_file_name("other");
        add(&store, &directory, Some(&fixture.id("HEAD"))).unwrap();
        assert_eq!(keys(&store), ["", "other"]);
        std::fs::remove_dir_all(&directory).unwrap();
        assert_eq!(keys(&store), [""]);
    }

    #[test]
    fn one_is_made_before_the_first_commit() {
        let fixture = Fixture::new();
        let directory = fixture.root.with_file_name("other");
        add(&fixture.store(), &directory, None).unwrap();
        assert!(directory.join(".git").exists());
    }

    #[test]
    fn a_branch_is_seen_in_the_other_work_trees_alone() {
        let fixture = Fixture::with_commit();
        let directory = fixture.root.with_file_name("other");
        fixture.git(["worktree", "add", "-q", "-b", "side", directory.to_str().unwrap()]);
        let store = fixture.store();
        assert!(is_branch_elsewhere(&store, "refs/heads/side"));
        assert!(!is_branch_elsewhere(&store, "refs/heads/main"));
        let other = Store::open(&fixture.environment(&directory)).unwrap();
        assert!(is_branch_elsewhere(&other, "refs/heads/main"));
    }
}
