//! The objects that checkpoints and sessions are made of, each looked at once however many share it.
//!
//! Commits and trees are read, which compares them with their ids; files are only looked for, unless the data is to be
//! read too. What is remembered is some forty bytes an object.

use std::collections::{HashMap, HashSet};
use std::io;

use bstr::{BString, ByteSlice};
use rayon::prelude::*;

use super::Problem;
use crate::model::commit::Commit;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};
use crate::model::progress::{Progress, Step, Watch};
use crate::model::tree::TreeEntry;
use crate::worktree::path_check::{self, MAX_DEPTH};

/// Files are looked at in groups of so many.
const GROUP: usize = 8192;

/// Larger files are read one at a time, so that memory stays bounded.
const LARGE: u64 = 4 << 20;

/// So many bad paths of one checkpoint are told.
const SHOWN: usize = 3;

/// Why an object is bad.
#[derive(Clone, Debug)]
pub(super) struct Bad {
    pub(super) problem: Problem,
    pub(super) detail: String,
}

impl Bad {
    pub(super) fn of(error: &ObjectError) -> Bad {
        let problem = match error {
            ObjectError::Missing(_) => Problem::Missing,
            _ => Problem::Damaged,
        };
        Bad { problem, detail: error.to_string() }
    }
}

/// A bad object and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Culprit {
    pub(super) path: BString,
    pub(super) bad: Bad,
}

pub(super) struct Inventory<'a> {
    reader: &'a dyn ObjectReader,
    /// Trees with their height: how many folders stand in each other below them.
    trees: HashMap<ObjectId, u16>,
    commits: HashSet<ObjectId>,
    blobs: HashSet<ObjectId>,
    bad: HashMap<ObjectId, Bad>,
    culprits: HashMap<ObjectId, Vec<Culprit>>,
}

impl<'a> Inventory<'a> {
    pub(super) fn new(reader: &'a dyn ObjectReader) -> Inventory<'a> {
        Inventory {
            reader,
            trees: HashMap::new(),
            commits: HashSet::new(),
            blobs: HashSet::new(),
            bad: HashMap::new(),
            culprits: HashMap::new(),
        }
    }

    /// How many objects were looked at.
    pub(super) fn count(&self) -> u64 {
        (self.trees.len() + self.commits.len() + self.blobs.len()) as u64
    }

    /// Looks whether a commit is there that others have to check in full.
    pub(super) fn commit_is_there(&mut self, id: &ObjectId) {
        if !self.commits.insert(*id) {
            return;
        }
        let bad = match self.reader.read_header(id) {
            Ok((ObjectKind::Commit, _)) => return,
            Ok((kind, _)) => Bad { problem: Problem::Damaged, detail: format!("{id} is a {}", kind.as_str()) },
            Err(error) => Bad::of(&error),
        };
        self.bad.insert(*id, bad);
    }

    /// Reads a commit and walks its tree.
    pub(super) fn commit(&mut self, id: &ObjectId) -> Option<Commit> {
        let read = self.reader.read_kind(id, ObjectKind::Commit);
        self.commits.insert(*id);
        let parsed = match &read {
            Ok(bytes) => Commit::parse(bytes)
                .map_err(|error| Bad { problem: Problem::Damaged, detail: format!("commit {id}: {error}") }),
            Err(error) => Err(Bad::of(error)),
        };
        match parsed {
            Ok(commit) => {
                self.tree(&commit.tree, 0);
                Some(commit)
            }
            Err(bad) => {
                self.bad.insert(*id, bad);
                None
            }
        }
    }

    /// Walks a tree; its height.
    pub(super) fn tree(&mut self, id: &ObjectId, depth: usize) -> u16 {
        let known = self.trees.get(id).copied();
        if let Some(height) = known.filter(|&height| depth + usize::from(height) <= MAX_DEPTH) {
            return height;
        }
        if depth > MAX_DEPTH || known.is_some() {
            self.put_bad(id, Problem::Hostile, "its folders are nested too deeply".to_owned());
            self.trees.insert(*id, 0);
            return 0;
        }
        // What leads back to itself cannot be: it would have to contain its own hash.
        self.trees.insert(*id, 0);
        let entries = match self.reader.read_tree(id) {
            Ok(entries) => entries,
            Err(error) => {
                self.bad.insert(*id, Bad::of(&error));
                return 0;
            }
        };
        self.names(id, &entries);
        let mut height = 0;
        for entry in &entries {
            match entry.mode {
                Mode::Gitlink => {}
                Mode::Tree => height = height.max(self.tree(&entry.id, depth + 1).saturating_add(1)),
                Mode::File | Mode::Executable | Mode::Symlink => {
                    self.blobs.insert(entry.id);
                }
            }
        }
        self.trees.insert(*id, height);
        height
    }

    fn names(&mut self, id: &ObjectId, entries: &[TreeEntry]) {
        let bad_entry = entries.iter().find_map(|entry| Some((Some(&entry.name), path_check::entry_problem(entry)?)));
        if let Some((name, problem)) = bad_entry.or_else(|| path_check::order_problem(entries)) {
            let name = name.map_or_else(String::new, |name| format!("{}: ", name.to_str_lossy()));
            self.put_bad(id, Problem::Hostile, format!("{name}{problem}"));
        }
    }

    fn put_bad(&mut self, id: &ObjectId, problem: Problem, detail: String) {
        self.bad.entry(*id).or_insert(Bad { problem, detail });
    }

    /// Looks for the files of all trees so far, and reads them where that is asked for; the number of bytes read.
    pub(super) fn check_blobs(&mut self, read_data: bool, progress: &dyn Progress) -> u64 {
        let ids: Vec<ObjectId> = self.blobs.iter().copied().collect();
        let watch = Watch::begin(progress, Step::Checking, ids.len());
        let mut bytes = 0;
        for group in ids.chunks(GROUP) {
            let sizes = self.reader.blob_sizes(group);
            let reader = self.reader;
            let look = |(id, size): (&ObjectId, &Option<u64>)| -> Option<(ObjectId, Bad)> {
                let outcome = match size {
                    None => why_no_size(reader, id),
                    Some(_) if read_data => reader.copy_blob(id, &mut io::sink()).map_err(|error| Bad::of(&error)),
                    Some(_) => Ok(()),
                };
                watch.advance();
                outcome.err().map(|bad| (*id, bad))
            };
            let pairs: Vec<(&ObjectId, &Option<u64>)> = group.iter().zip(&sizes).collect();
            let is_large = |size: &Option<u64>| read_data && size.is_some_and(|size| size > LARGE);
            let (large, small): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(_, size)| is_large(size));
            let found: Vec<_> = small.into_par_iter().filter_map(look).collect();
            self.bad.extend(found);
            self.bad.extend(large.into_iter().filter_map(look));
            bytes += if read_data { sizes.iter().flatten().sum() } else { 0 };
        }
        bytes
    }

    /// Whether any object is bad at all.
    pub(super) fn has_bad(&self) -> bool {
        !self.bad.is_empty()
    }

    /// Why an object itself is bad.
    pub(super) fn find_bad(&self, id: &ObjectId) -> Option<&Bad> {
        self.bad.get(id)
    }

    /// The first bad objects in a tree and below it. After [`Inventory::check_blobs`].
    pub(super) fn culprits(&mut self, tree: &ObjectId) -> Vec<Culprit> {
        self.culprits_below(tree, 0)
    }

    fn culprits_below(&mut self, tree: &ObjectId, depth: usize) -> Vec<Culprit> {
        if let Some(known) = self.culprits.get(tree) {
            return known.clone();
        }
        let mut found = self.culprit_at(tree).into_iter().collect::<Vec<_>>();
        let entries = if depth > MAX_DEPTH { Vec::new() } else { self.reader.read_tree(tree).unwrap_or_default() };
        for entry in entries.iter().filter(|entry| entry.mode != Mode::Gitlink) {
            if found.len() >= SHOWN {
                break;
            }
            let below = match entry.mode {
                Mode::Tree => self.culprits_below(&entry.id, depth + 1),
                _ => self.culprit_at(&entry.id).into_iter().collect(),
            };
            found.extend(below.into_iter().map(|culprit| below_name(&entry.name, culprit)));
        }
        found.truncate(SHOWN);
        self.culprits.insert(*tree, found.clone());
        found
    }

    fn culprit_at(&self, id: &ObjectId) -> Option<Culprit> {
        Some(Culprit { path: BString::default(), bad: self.bad.get(id)?.clone() })
    }
}

fn below_name(name: &BString, culprit: Culprit) -> Culprit {
    let mut path = name.clone();
    if !culprit.path.is_empty() {
        path.push(b'/');
        path.extend_from_slice(&culprit.path);
    }
    Culprit { path, ..culprit }
}

fn why_no_size(reader: &dyn ObjectReader, id: &ObjectId) -> Result<(), Bad> {
    match reader.read_header(id) {
        Ok((ObjectKind::Blob, _)) => Ok(()),
        Ok((kind, _)) => {
            Err(Bad { problem: Problem::Damaged, detail: format!("{id} is a {}, no file", kind.as_str()) })
        }
        Err(error) => Err(Bad::of(&error)),
    }
}
