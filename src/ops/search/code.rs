//! Looks for text in the files of the checkpoints: where it was, and from which checkpoint to which.
//!
//! Each tree is read once and each blob searched once, however many checkpoints have it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use bstr::{BString, ByteSlice};
use rayon::prelude::*;

use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};
use crate::model::progress::{Step, Watch};
use crate::ops::list::{ListRequest, list};
use crate::ops::points::Listed;
use crate::ops::show::read_commit;
use crate::ops::{OpError, Repo};

/// Larger files are not searched, and named.
const LARGEST: u64 = 16 << 20;

/// A NUL byte this near the start makes content binary, as it does for git.
const BINARY_PROBE: usize = 8000;

/// A deeper tree was made to exhaust whoever reads it.
const MAX_DEPTH: usize = 512;

/// So much of a line is kept.
const LONGEST_LINE: usize = 300;

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

/// A file that was too large to be searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedBlob {
    pub path: BString,
    pub size: u64,
}

/// Where a blob has the text first.
#[derive(Clone, Debug)]
struct InBlob {
    line: u64,
    excerpt: BString,
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
            let inner = joined(&path, &entry.name);
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
                InContent::Has(place) => drop(self.having.insert(id, place)),
                InContent::TooLarge(size) => self.skipped.push(SkippedBlob { path, size }),
                InContent::Nothing => {}
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
                hits.extend(inner.iter().map(|(path, id)| (joined(&entry.name, path), *id)));
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

fn joined(folder: &BString, name: &BString) -> BString {
    if folder.is_empty() { name.clone() } else { bstr::join("/", [folder, name]).into() }
}

enum InContent {
    Nothing,
    Has(InBlob),
    TooLarge(u64),
}

/// A blob that cannot be read has nothing.
fn find_in_blob(reader: &dyn ObjectReader, id: &ObjectId, finder: &bstr::Finder<'_>) -> InContent {
    match reader.read_header(id) {
        Ok((_, size)) if size > LARGEST => return InContent::TooLarge(size),
        Ok((ObjectKind::Blob, _)) => {}
        _ => return InContent::Nothing,
    }
    let Ok(bytes) = reader.read_kind(id, ObjectKind::Blob) else { return InContent::Nothing };
    let is_binary = bytes[..bytes.len().min(BINARY_PROBE)].contains(&0);
    match finder.find(&bytes).filter(|_| !is_binary) {
        Some(at) => InContent::Has(place_of(&bytes, at)),
        None => InContent::Nothing,
    }
}

fn place_of(bytes: &[u8], at: usize) -> InBlob {
    let start = bytes[..at].rfind_byte(b'\n').map_or(0, |before| before + 1);
    let line = bytes[..start].iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
    // A line of a generated file may be as long as the file.
    let start = start.max(at.saturating_sub(LONGEST_LINE / 2));
    let rest = &bytes[start..];
    let end = rest.find_byte(b'\n').unwrap_or(rest.len()).min(LONGEST_LINE);
    InBlob { line, excerpt: rest[..end].trim().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_and_its_beginning() {
        let place = place_of(b"one\n  two three\r\nfour", 8);
        assert_eq!((place.line, place.excerpt), (2, "two three".into()));
        let long = "x".repeat(1000) + "needle" + &"y".repeat(1000);
        let place = place_of(long.as_bytes(), 1000);
        assert!(place.line == 1 && place.excerpt.len() == LONGEST_LINE && place.excerpt.contains_str("needle"));
    }
}
