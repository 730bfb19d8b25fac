//! Looks for text in the files of the checkpoints: where it was, and from which checkpoint to which.
//!
//! Each tree is read once and each blob searched once, however many checkpoints have it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use bstr::BString;
use rayon::prelude::*;

use super::blob::{InBlob, find_in_blob};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectReader};
use crate::model::progress::{Step, Watch};
use crate::model::tree::join;
use crate::ops::list::{ListRequest, list};
use crate::ops::points::Listed;
use crate::ops::show::read_commit;
use crate::ops::{OpError, Repo};

/// A deeper tree was made to exhaust whoever reads it.
const MAX_DEPTH: usize = 512;

/// What to look for.
#[derive(Clone, Debug)]
pub struct CodeRequest {
    /// Exactly these bytes.
    pub text: BString,
    pub session: Option<String>,
}

/// Where it was found, by path.
#[derive(Debug, Default)]
pub struct CodeFound {
    pub places: Vec<CodePlace>,
    /// How many checkpoints were looked through.
    pub checkpoints: usize,
    pub skipped: Vec<SkippedBlob>,
    /// Checkpoints that could not be read: ref and what is wrong.
    pub damaged: Vec<(String, String)>,
}

/// A path that had it.
#[derive(Clone, Debug)]
pub struct CodePlace {
    pub path: BString,
    /// In the last checkpoint that had it: number of the first line, from 1, and its beginning.
    pub line: u64,
    pub excerpt: BString,
    pub first: Listed,
    pub last: Listed,
    /// In how many checkpoints it was there.
    pub count: usize,
    /// Whether the latest checkpoint has it.
    pub is_there: bool,
}

/// A file that could not be read: it is damaged, or was never fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedBlob {
    pub path: BString,
    pub problem: String,
}

/// Paths below a tree whose blobs have the text.
type InTree = Rc<Vec<(BString, ObjectId)>>;

/// Looks for text in all checkpoints.
pub fn search_code(repo: &Repo, request: &CodeRequest) -> Result<CodeFound, OpError> {
    let session = request.session.clone();
    let asked = ListRequest { session, all_worktrees: true, safety: true, ..ListRequest::default() };
    let points = list(repo, &asked)?;
    let mut found = CodeFound { damaged: points.damaged, ..CodeFound::default() };
    let mut places: BTreeMap<BString, CodePlace> = BTreeMap::new();
    let mut search = Search::new(repo, &request.text);
    let watch = Watch::begin(&*repo.progress, Step::Searching, points.points.len());
    let newest = points.points.first().map(|listed| listed.summary.id);
    // From the oldest on: the last that has it is the last that is met.
    for listed in points.points.into_iter().rev() {
        watch.advance();
        let hits = read_commit(&repo.store, &listed.summary.id).and_then(|commit| search.tree(&commit.tree));
        match hits {
            Ok(hits) => hits.iter().for_each(|(path, blob)| search.note(&mut places, path, blob, &listed, newest)),
            Err(error) => found.damaged.push((listed.summary.id.to_string(), error.to_string())),
        }
        found.checkpoints += 1;
    }
    found.skipped = search.skipped;
    found.places = places.into_values().collect();
    // What is there, and what was there last, goes first.
    found.places.sort_by(|left, right| {
        let key = |place: &CodePlace| (place.is_there, place.last.summary.created);
        key(right).cmp(&key(left)).then(left.path.cmp(&right.path))
    });
    Ok(found)
}

struct Search<'a> {
    repo: &'a Repo,
    text: &'a BString,
    trees: HashMap<ObjectId, InTree>,
    searched: HashSet<ObjectId>,
    having: HashMap<ObjectId, InBlob>,
    skipped: Vec<SkippedBlob>,
}

impl<'a> Search<'a> {
    fn new(repo: &'a Repo, text: &'a BString) -> Search<'a> {
        let (trees, searched, having) = (HashMap::new(), HashSet::new(), HashMap::new());
        Search { repo, text, trees, searched, having, skipped: Vec::new() }
    }

    fn tree(&mut self, tree: &ObjectId) -> Result<InTree, ObjectError> {
        let mut blobs = Vec::new();
        self.collect(tree, BString::default(), 0, &mut blobs, &mut HashSet::new())?;
        self.search(blobs);
        self.hits(tree, 0)
    }

    /// The blobs that were not searched yet, below trees that were not met yet.
    fn collect(
        &self,
        tree: &ObjectId,
        path: BString,
        depth: usize,
        blobs: &mut Vec<(BString, ObjectId)>,
        met: &mut HashSet<ObjectId>,
    ) -> Result<(), ObjectError> {
        if depth > MAX_DEPTH {
            return Err(ObjectError::Damaged { id: *tree, detail: format!("more than {MAX_DEPTH} folders deep") });
        }
        if self.trees.contains_key(tree) || !met.insert(*tree) {
            return Ok(());
        }
        for entry in self.repo.store.read_tree(tree)? {
            let inner = join(&path, &entry.name);
            match entry.mode {
                Mode::Tree => self.collect(&entry.id, inner, depth + 1, blobs, met)?,
                Mode::Gitlink => {}
                _ if self.searched.contains(&entry.id) => {}
                _ => blobs.push((inner, entry.id)),
            }
        }
        Ok(())
    }

    fn search(&mut self, blobs: Vec<(BString, ObjectId)>) {
        let mut unique = HashSet::new();
        let blobs: Vec<_> = blobs.into_iter().filter(|(_, id)| unique.insert(*id)).collect();
        let finder = bstr::Finder::new(self.text.as_slice());
        let reader = &self.repo.store;
        let found: Vec<_> = blobs.par_iter().map(|(_, id)| find_in_blob(reader, id, &finder)).collect();
        for ((path, id), found) in blobs.into_iter().zip(found) {
            self.searched.insert(id);
            match found {
                Ok(Some(place)) => drop(self.having.insert(id, place)),
                Ok(None) => {}
                Err(error) => self.skipped.push(SkippedBlob { path, problem: error.to_string() }),
            }
        }
    }

    /// What of a tree has the text; every blob of it was searched.
    fn hits(&mut self, tree: &ObjectId, depth: usize) -> Result<InTree, ObjectError> {
        if let Some(known) = self.trees.get(tree) {
            return Ok(Rc::clone(known));
        }
        let mut hits = Vec::new();
        for entry in self.repo.store.read_tree(tree)? {
            if entry.mode == Mode::Tree && depth < MAX_DEPTH {
                let inner = self.hits(&entry.id, depth + 1)?;
                hits.extend(inner.iter().map(|(path, id)| (join(&entry.name, path), *id)));
            } else if self.having.contains_key(&entry.id) {
                hits.push((entry.name.clone(), entry.id));
            }
        }
        let hits = Rc::new(hits);
        self.trees.insert(*tree, Rc::clone(&hits));
        Ok(hits)
    }

    fn note(
        &self,
        places: &mut BTreeMap<BString, CodePlace>,
        path: &BString,
        blob: &ObjectId,
        listed: &Listed,
        newest: Option<ObjectId>,
    ) {
        let Some(InBlob { line, excerpt }) = self.having.get(blob).cloned() else { return };
        let is_there = newest == Some(listed.summary.id);
        match places.get_mut(path) {
            Some(place) => {
                (place.line, place.excerpt, place.is_there) = (line, excerpt, is_there);
                place.last = listed.clone();
                place.count += 1;
            }
            None => {
                let (first, last) = (listed.clone(), listed.clone());
                let place = CodePlace { path: path.clone(), line, excerpt, first, last, count: 1, is_there };
                places.insert(path.clone(), place);
            }
        }
    }
}
