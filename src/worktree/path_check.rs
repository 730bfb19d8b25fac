//! Checks the names of a whole tree before anything of it is written to disk.
//!
//! A tree may come from a fetch, a bundle or a forger: its names are then an attack until proven otherwise. Nothing here
//! touches the disk. Called by `ops/load` before the plan is made; one bad name refuses the whole load.

use std::collections::HashSet;

use bstr::{BStr, BString, ByteSlice, ByteVec};

use super::WorktreeError;
use crate::model::extra::WorktreeExtra;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};
use crate::model::tree::{self, TreeEntry};

pub(super) mod spelling;
#[cfg(test)]
mod tests;

/// Folders inside folders; deeper trees are made to exhaust something.
pub const MAX_DEPTH: usize = 1024;
/// Entries in all; trees that share subtrees can name more paths than there are atoms.
const MAX_ENTRIES: u64 = 20_000_000;
/// Bytes of a symbolic link's target: what the system itself allows.
const MAX_LINK: u64 = 4096;

/// What the origin of a tree allows.
#[derive(Clone, Copy, Debug)]
pub struct PathRules {
    /// The tree was built by a scan of this repository's own: names that this system allows, and git too, are right.
    pub trusted: bool,
    /// Links may lead out of the work tree although the tree is not trusted.
    pub allow_links: bool,
}

/// Checks every name of `tree`, and every path of `extra`.
///
/// Subtrees that equal those of `known` at the same path (a tree scanned from this disk a moment ago) are passed over.
/// Objects that are missing are passed over too: the plan names them.
pub fn check_tree(
    objects: &dyn ObjectReader,
    tree: &ObjectId,
    known: Option<&ObjectId>,
    extra: &WorktreeExtra,
    rules: PathRules,
) -> Result<(), WorktreeError> {
    let mut check = Check { objects, rules, entries: 0 };
    check.folder(&mut BString::default(), 0, tree, known)?;
    let listed = extra.permissions.keys().chain(&extra.empty_folders).chain(&extra.crlf).chain(extra.raw.keys());
    listed.filter(|path| !path.is_empty()).try_for_each(|path| check_path(path.as_bstr(), rules.trusted))
}

/// Checks a path that is to be written, part by part.
pub fn check_path(path: &BStr, trusted: bool) -> Result<(), WorktreeError> {
    for name in path.split(|&byte| byte == b'/') {
        if let Some(problem) = name_problem(name, trusted) {
            return Err(WorktreeError::HostilePath { path: path.to_owned(), problem });
        }
    }
    Ok(())
}

/// Why a name may not be written; `None` when it may.
pub fn name_problem(name: &[u8], trusted: bool) -> Option<&'static str> {
    let rules: [(bool, &'static str); 6] = [
        (name.is_empty(), "a name is empty"),
        (name == b"." || name == b"..", "a name is `.` or `..`"),
        (name.contains(&b'/'), "a name holds a slash"),
        (name.contains(&0), "a name holds a NUL byte"),
        (spelling::is_git_folder(name), "a name is another spelling of `.git`"),
        (!trusted && name.contains(&b'\\'), "a name holds a backslash, which is a separator elsewhere"),
    ];
    rules.into_iter().find_map(|(broken, problem)| broken.then_some(problem))
}

struct Check<'a> {
    objects: &'a dyn ObjectReader,
    rules: PathRules,
    entries: u64,
}

impl Check<'_> {
    fn folder(
        &mut self,
        path: &mut BString,
        depth: usize,
        id: &ObjectId,
        known: Option<&ObjectId>,
    ) -> Result<(), WorktreeError> {
        if known == Some(id) {
            return Ok(());
        }
        if depth > MAX_DEPTH {
            return Err(hostile(path, "its folders are nested too deeply"));
        }
        let Some(entries) = self.read(path, id)? else { return Ok(()) };
        self.entries += entries.len() as u64;
        if self.entries > MAX_ENTRIES {
            return Err(hostile(path, "the tree holds too many entries"));
        }
        check_order(path, &entries)?;
        let known_entries = known.and_then(|id| self.objects.read_tree(id).ok()).unwrap_or_default();
        for entry in &entries {
            let length = push_name(path, &entry.name);
            self.entry(path, depth, entry, subtree_of(&known_entries, &entry.name))?;
            path.truncate(length);
        }
        Ok(())
    }

    fn read(&self, path: &BString, id: &ObjectId) -> Result<Option<Vec<TreeEntry>>, WorktreeError> {
        match self.objects.read_kind(id, ObjectKind::Tree) {
            Ok(bytes) => match tree::parse(&bytes, self.objects.hash_kind()) {
                Ok(entries) => Ok(Some(entries)),
                Err(_) => Err(hostile(path, "the folder's tree object is malformed or holds a mode that git has not")),
            },
            Err(ObjectError::Missing(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn entry(
        &mut self,
        path: &mut BString,
        depth: usize,
        entry: &TreeEntry,
        known: Option<ObjectId>,
    ) -> Result<(), WorktreeError> {
        if let Some(problem) = name_problem(&entry.name, self.rules.trusted) {
            return Err(hostile(path, problem));
        }
        match entry.mode {
            Mode::Tree => self.folder(path, depth + 1, &entry.id, known.as_ref()),
            Mode::Symlink => self.link(path, depth, entry),
            Mode::File | Mode::Executable | Mode::Gitlink => Ok(()),
        }
    }

    fn link(&self, path: &BString, depth: usize, entry: &TreeEntry) -> Result<(), WorktreeError> {
        if spelling::is_gitmodules(&entry.name) {
            return Err(hostile(path, "`.gitmodules` is a symbolic link"));
        }
        if self.rules.trusted {
            return Ok(());
        }
        let size = match self.objects.read_header(&entry.id) {
            Ok((_, size)) => size,
            Err(ObjectError::Missing(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if size == 0 || size > MAX_LINK {
            return Err(hostile(path, "a symbolic link's target is empty or too long"));
        }
        let target = self.objects.read_kind(&entry.id, ObjectKind::Blob)?;
        if target.contains(&0) {
            return Err(hostile(path, "a symbolic link's target holds a NUL byte"));
        }
        if !self.rules.allow_links && leaves_root(&target, depth) {
            return Err(hostile(path, "a symbolic link leads out of the work tree"));
        }
        Ok(())
    }
}

/// Whether a link's target may leave the root, seen from a folder that is `depth` below it.
///
/// `..` after a name is refused as well: the name may itself be a link, and then `..` counts from elsewhere.
fn leaves_root(target: &[u8], depth: usize) -> bool {
    if target.starts_with(b"/") {
        return true;
    }
    let mut ups = 0;
    let mut named = false;
    for part in target.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if named => return true,
            b".." => ups += 1,
            _ => named = true,
        }
    }
    ups > depth
}

fn check_order(path: &BString, entries: &[TreeEntry]) -> Result<(), WorktreeError> {
    match order_problem(entries) {
        None => Ok(()),
        Some((None, problem)) => Err(hostile(path, problem)),
        Some((Some(name), problem)) => Err(hostile(&tree::join(path, name), problem)),
    }
}

/// What is wrong with the entries of one folder as a whole, and the name that it is about.
pub fn order_problem(entries: &[TreeEntry]) -> Option<(Option<&BString>, &'static str)> {
    let is_tree = |entry: &TreeEntry| entry.mode == Mode::Tree;
    let mut names = HashSet::with_capacity(entries.len());
    if let Some(twice) = entries.iter().find(|entry| !names.insert(&entry.name)) {
        return Some((Some(&twice.name), "a name stands in its folder twice"));
    }
    let is_sorted = entries
        .windows(2)
        .all(|pair| tree::compare_names(&pair[0].name, is_tree(&pair[0]), &pair[1].name, is_tree(&pair[1])).is_lt());
    if is_sorted { None } else { Some((None, "the entries of the folder are not in git's order")) }
}

/// Why an entry may not be in any tree of ours; `None` when it may.
pub fn entry_problem(entry: &TreeEntry) -> Option<&'static str> {
    let is_linked_gitmodules = entry.mode == Mode::Symlink && spelling::is_gitmodules(&entry.name);
    name_problem(&entry.name, true).or_else(|| is_linked_gitmodules.then_some("`.gitmodules` is a symbolic link"))
}

fn subtree_of(entries: &[TreeEntry], name: &BString) -> Option<ObjectId> {
    let at = entries
        .binary_search_by(|entry| tree::compare_names(&entry.name, entry.mode == Mode::Tree, name, true))
        .ok()?;
    (entries[at].mode == Mode::Tree).then_some(entries[at].id)
}

fn hostile(path: &BString, problem: &'static str) -> WorktreeError {
    WorktreeError::HostilePath { path: path.clone(), problem }
}

/// Appends a name to a path and returns the length that the path had before.
pub(super) fn push_name(path: &mut BString, name: &[u8]) -> usize {
    let length = path.len();
    if length > 0 {
        path.push_byte(b'/');
    }
    path.push_str(name);
    length
}
