//! Everything that was said, text by text, and the best of it.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use jiff::Timestamp;
use serde_json::Value;

use super::blocks::blocks;
use super::rank::{Corpus, Query, Tally, better_first};
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::ops::history::{Entry, HistoryRequest, PastPoint, What, session_names, timeline};
use crate::ops::show::read_commit;
use crate::ops::{OpError, Repo};
use crate::store::path_tree::read_paths;
use crate::store::session;
use crate::store::session_history::{Link, read_link, read_record};

/// Longer texts are looked through so far.
const LONGEST: usize = 64 << 10;

/// So much of a text is kept around its first hit.
const EXCERPT: usize = 400;

/// Larger documents are not looked through.
const LARGEST_DOCUMENT: u64 = 8 << 20;

/// So many hits are kept, or twice as many as are asked for: of more, the worst are let go while others are still found.
const KEPT: usize = 2000;

/// So many commits of a chain are looked at for older versions of its documents, and no more of those than so many bytes.
const LOOKED_AT: usize = 2000;
const LOOKED_THROUGH: usize = 32 << 20;

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Within {
    /// Notes, of checkpoints too.
    Notes,
    /// Titles and tasks of sessions, their documents, and older versions of those.
    Context,
    /// Everything else that happened.
    Events,
}

/// What to look for.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    pub query: Query,
    /// Empty for everywhere.
    pub within: Vec<Within>,
    pub session: Option<String>,
    pub limit: usize,
}

/// What was found, the best first.
#[derive(Debug, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// With those beyond the limit.
    pub total: usize,
    /// Sessions that could not be read to their end, and why.
    pub problems: Vec<(String, OpError)>,
}

/// A text that fits.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Kind of an event, `save` and the like, `session`, or `context`, `checklist` …
    pub source: String,
    /// The heading that it stands under, in a document.
    pub place: Option<String>,
    pub session: Rc<str>,
    /// Of the event, of the checkpoint, or of the commit of the chain that had the document so.
    pub id: Option<String>,
    pub time: Option<Timestamp>,
    /// It is in no document any more.
    pub is_old: bool,
    /// The part around the first hit; the flags say whether something is missing before and after it.
    pub excerpt: String,
    pub is_cut: (bool, bool),
    /// How many words of the query it has.
    pub matched: usize,
    score: f64,
    words: u64,
    tally: Tally,
}

/// A text that may fit.
struct Candidate<'a> {
    source: &'a str,
    place: Option<&'a str>,
    session: &'a Rc<str>,
    id: Option<String>,
    time: Option<Timestamp>,
    is_old: bool,
    text: &'a str,
}

/// Looks for words.
pub fn search(repo: &Repo, request: &SearchRequest) -> Result<Found, OpError> {
    let mut gathering = Gathering {
        repo,
        query: &request.query,
        corpus: Corpus::new(&request.query),
        hits: Vec::new(),
        let_go: 0,
        now: repo.clock.now(),
        kept: KEPT.max(request.limit.saturating_mul(2)),
        said: HashSet::new(),
    };
    let is_within = |within| request.within.is_empty() || request.within.contains(&within);
    let mut problems = Vec::new();
    if is_within(Within::Notes) || is_within(Within::Events) {
        let asked = HistoryRequest { session: request.session.clone(), ..HistoryRequest::default() };
        let mut timeline = timeline(repo, &asked)?;
        for entry in timeline.by_ref() {
            let within = if is_note(&entry) { Within::Notes } else { Within::Events };
            if is_within(within) {
                gathering.entry(&entry)?;
            }
        }
        problems = timeline.problems();
    }
    if is_within(Within::Context) {
        for name in session_names(repo, request.session.as_deref())? {
            if let Some(tip) = repo.store.find_ref(&format!("{}{name}", session::REFS))? {
                gathering.session(name.as_str(), &tip)?;
            }
        }
    }
    gathering.rank();
    let total = gathering.hits.len() + gathering.let_go;
    gathering.hits.truncate(request.limit);
    Ok(Found { hits: gathering.hits, total, problems })
}

fn is_note(entry: &Entry) -> bool {
    match &entry.what {
        What::Event(event) => event.kind == EventKind::Note,
        What::Point(point) => point.summary.as_ref().is_some_and(|summary| summary.has_note),
    }
}

struct Gathering<'a> {
    repo: &'a Repo,
    query: &'a Query,
    corpus: Corpus,
    hits: Vec<Hit>,
    let_go: usize,
    now: Timestamp,
    kept: usize,
    /// Texts of words that fit, by session: the document has them too, and once is enough.
    said: HashSet<u64>,
}

impl Gathering<'_> {
    fn consider(&mut self, candidate: &Candidate<'_>) -> bool {
        let text = beginning(candidate.text, LONGEST);
        let words = text.split_whitespace().count() as u64;
        let tally = self.query.tally(text);
        self.corpus.add(words, tally.as_ref());
        let Some(tally) = tally else { return false };
        let (excerpt, is_cut) = excerpt(text, self.query);
        self.hits.push(Hit {
            source: candidate.source.to_owned(),
            place: candidate.place.map(str::to_owned),
            session: Rc::clone(candidate.session),
            id: candidate.id.clone(),
            time: candidate.time,
            is_old: candidate.is_old,
            excerpt,
            is_cut,
            matched: tally.matched(),
            score: 0.0,
            words,
            tally,
        });
        self.let_go_of_the_worst();
        true
    }

    fn entry(&mut self, entry: &Entry) -> Result<(), OpError> {
        let text = match &entry.what {
            What::Event(event) => text_of(event),
            What::Point(point) => self.text_of_point(point),
        };
        let fits = self.consider(&Candidate {
            source: entry.kind(),
            place: None,
            session: &entry.session,
            id: Some(entry.id()),
            time: Some(entry.time()),
            is_old: false,
            text: &text,
        });
        if let (true, What::Event(event)) = (fits, &entry.what) {
            self.said.extend(event.text.lines().map(|line| hash(&entry.session, line.trim())));
        }
        Ok(())
    }

    /// The note, or the line that stands for it, and the names.
    fn text_of_point(&self, point: &PastPoint) -> String {
        let id = point.summary.as_ref().filter(|summary| summary.has_note).map(|summary| summary.id);
        let message =
            id.and_then(|id| read_commit(&self.repo.store, &id).ok()).map(|commit| commit.message.to_string());
        // The last paragraph of the message is for programs.
        let note = message.as_deref().and_then(|message| message.trim_end().rsplit_once("\n\n"));
        let note = note.map_or(point.subject.as_str(), |(note, _)| note);
        if point.names.is_empty() { note.to_owned() } else { format!("{}: {note}", point.names.join(", ")) }
    }

    /// Title and task of a session, its documents, and what older versions of them said.
    fn session(&mut self, name: &str, tip: &ObjectId) -> Result<(), OpError> {
        let session: Rc<str> = name.into();
        let Ok(link) = read_link(&self.repo.store, tip) else { return Ok(()) };
        if let Ok(record) = read_record(&self.repo.store, &link.tree) {
            let task = record.details.task.unwrap_or_default();
            let title = if record.title == name { String::new() } else { record.title };
            let text = format!("{title}\n{task}");
            if !text.trim().is_empty() {
                self.consider(&Candidate {
                    source: "session",
                    place: None,
                    session: &session,
                    id: None,
                    time: Some(record.created),
                    is_old: false,
                    text: text.trim(),
                });
            }
        }
        let mut seen = Seen::default();
        let mut next = Some(link);
        for _ in 0..LOOKED_AT {
            let Some(link) = next.filter(|_| seen.bytes < LOOKED_THROUGH) else { break };
            self.documents(&session, &link, &mut seen)?;
            next = link.parents.first().and_then(|parent| read_link(&self.repo.store, parent).ok());
        }
        Ok(())
    }

    fn documents(&mut self, session: &Rc<str>, link: &Link, seen: &mut Seen) -> Result<(), OpError> {
        if !seen.trees.insert(link.tree) {
            return Ok(());
        }
        let is_old = seen.trees.len() > 1;
        let entries = read_paths_of_documents(self.repo, &link.tree);
        for (path, blob) in entries {
            if !seen.blobs.insert(blob)
                || self.repo.store.read_header(&blob).is_ok_and(|(_, size)| size > LARGEST_DOCUMENT)
            {
                continue;
            }
            let Ok(bytes) = self.repo.store.read_kind(&blob, ObjectKind::Blob) else { continue };
            seen.bytes += bytes.len();
            let source = path.trim_end_matches(".md");
            for block in blocks(&String::from_utf8_lossy(&bytes)) {
                let is_known = !seen.texts.insert(hash(&path, &block.text));
                if is_known || block.text.lines().all(|line| self.was_said(session, line)) {
                    continue;
                }
                self.consider(&Candidate {
                    source,
                    place: Some(&block.heading).filter(|heading| !heading.is_empty()).map(String::as_str),
                    session,
                    id: Some(link.id.to_string()),
                    time: Some(link.time),
                    is_old,
                    text: &block.text,
                });
            }
        }
        Ok(())
    }

    /// Whether a line is what a word that fits has said, with a date before it and a reason after it or without.
    fn was_said(&self, session: &str, line: &str) -> bool {
        let line = line.trim();
        let after_date = line.split_once(": ").map_or(line, |(_, rest)| rest);
        let without_reason = after_date.split_once(" — ").map_or(after_date, |(text, _)| text);
        [line, after_date, without_reason].iter().any(|part| self.said.contains(&hash(session, part)))
    }

    /// Puts the hits in order, by what is known of all texts so far.
    fn rank(&mut self) {
        const DAY: f64 = 86_400.0;
        for hit in &mut self.hits {
            let days = hit.time.map_or(f64::MAX, |time| self.now.duration_since(time).as_secs_f64() / DAY);
            hit.score = self.corpus.score(&hit.tally, hit.words, days);
        }
        let key = |hit: &Hit| (hit.matched, hit.score);
        self.hits.sort_by(|left, right| better_first(key(left), key(right)).then(right.time.cmp(&left.time)));
    }

    fn let_go_of_the_worst(&mut self) {
        if self.hits.len() >= self.kept.saturating_mul(2) {
            self.rank();
            self.let_go += self.hits.len() - self.kept;
            self.hits.truncate(self.kept);
        }
    }
}

/// What of the chain's documents was looked through.
#[derive(Default)]
struct Seen {
    trees: HashSet<ObjectId>,
    blobs: HashSet<ObjectId>,
    texts: HashSet<u64>,
    bytes: usize,
}

/// The markdown documents of a session's tree; none where it cannot be read.
fn read_paths_of_documents(repo: &Repo, tree: &ObjectId) -> Vec<(String, ObjectId)> {
    let Ok(entries) = repo.store.read_tree(tree) else { return Vec::new() };
    let mut documents = Vec::new();
    for entry in entries {
        let name = entry.name.to_string();
        if name.ends_with(".md") {
            documents.push((name, entry.id));
        } else if name == session::PARTITION_FOLDER.trim_end_matches('/') {
            let inner = read_paths(&repo.store, &entry.id).unwrap_or_default();
            documents.extend(inner.into_iter().map(|(path, (_, id))| (path.to_string(), id)));
        }
    }
    documents
}

/// What an event says, with the texts of its fields.
fn text_of(event: &Event) -> String {
    let field = |name: &str| event.fields.get(name).and_then(Value::as_str);
    let mut text = event.text.clone();
    if event.kind == EventKind::Decision {
        text.extend(field("why").map(|why| format!(", because {why}")));
        text.extend(field("instead_of").map(|other| format!(", instead of {other}")));
    }
    for (name, value) in &event.fields {
        if name != "section" && name != "partition" {
            push_texts(&mut text, value);
        }
    }
    text
}

fn push_texts(text: &mut String, value: &Value) {
    match value {
        Value::String(said) if !text.contains(said.as_str()) => {
            text.push('\n');
            text.push_str(said);
        }
        Value::Array(values) => values.iter().for_each(|value| push_texts(text, value)),
        Value::Object(fields) => fields.values().for_each(|value| push_texts(text, value)),
        _ => {}
    }
}

fn hash(session: &str, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (session, text).hash(&mut hasher);
    hasher.finish()
}

fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    &text[..end]
}

/// The part of a text around its first hit, and whether something is missing before and after.
fn excerpt(text: &str, query: &Query) -> (String, (bool, bool)) {
    if text.len() <= EXCERPT {
        return (text.to_owned(), (false, false));
    }
    let first = query.hits(text).first().map_or(0, |hit| hit.0);
    let from = first.saturating_sub(EXCERPT / 4);
    let from = (from..=first).find(|&at| text.is_char_boundary(at)).unwrap_or(first);
    let part = beginning(&text[from..], EXCERPT);
    (part.to_owned(), (from > 0, from + part.len() < text.len()))
}
