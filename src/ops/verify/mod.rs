//! Looks whether what was saved is whole: objects, records, refs, the chains of the sessions, and whether anybody but ckpt
//! has had a hand in it.
//!
//! Reads alone. What is shared between checkpoints is looked at once; what is damaged is named with what it belongs to, and
//! the rest goes on to be looked at. The user's own history is git's to check: of it only the commits that checkpoints
//! were made on are asked for.

mod anchored;
mod chain;
mod inside;
mod objects;
mod points;
mod records;
mod signed;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::BString;
use jiff::Timestamp;

use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::store::signed_anchors::{self, Signed};
use crate::store::signing::Signature;
use crate::store::{anchors, checkpoint, operation_log, session, stack};

use super::points::{Listed, listed, resolve};
use super::{OpError, Repo};
use objects::Inventory;

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The current session: its checkpoints, its chain, the work tree's operation log and stack.
    Session,
    /// One checkpoint.
    Point(String),
    /// Every session, checkpoint and work tree.
    All,
}

/// What to look at, and how closely.
#[derive(Clone, Debug)]
pub struct VerifyRequest {
    pub scope: Scope,
    /// Read every file too, and compare it with its id.
    pub read_data: bool,
    /// Take what is there now for right, whatever this user's anchors say.
    pub accept: bool,
    /// Sign where everything is now, unless it is damaged.
    pub sign: bool,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Checkpoint {
        id: ObjectId,
        names: Vec<String>,
    },
    /// Of a repository inside, tied to one of this repository.
    Inside {
        path: BString,
        id: ObjectId,
        /// What those around it are called, which it was saved with.
        outer: Vec<String>,
    },
    Session(String),
    /// Of a work tree, by its key.
    Operations(String),
    Stack(String),
    /// A ref that ckpt would not make.
    Ref(String),
    /// What the user's state folder says of the repository.
    Anchors,
}

/// What is wrong, as a word for data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// An object is not there.
    Missing,
    /// Bytes are not what their id says, or make no sense.
    Damaged,
    /// A path that must not be written.
    Hostile,
    /// Made by a newer ckpt.
    Newer,
    /// It does not stand in a history as ckpt writes one.
    BrokenHistory,
    /// It was there when this user's ckpt last wrote, and is not any more.
    Gone,
    /// An older state was put in its place.
    RolledBack,
    /// Something else was put in its place.
    Rewritten,
    /// It was not made by this user's ckpt.
    Unknown,
    /// A ref whose name is not what it points at.
    Misnamed,
    /// A signature that is not the user's, or cannot be looked at.
    BadSignature,
}

impl Problem {
    pub const fn word(self) -> &'static str {
        match self {
            Problem::Missing => "missing",
            Problem::Damaged => "damaged",
            Problem::Hostile => "hostile",
            Problem::Newer => "newer",
            Problem::BrokenHistory => "broken-history",
            Problem::Gone => "gone",
            Problem::RolledBack => "rolled-back",
            Problem::Rewritten => "rewritten",
            Problem::Unknown => "unknown",
            Problem::Misnamed => "misnamed",
            Problem::BadSignature => "bad-signature",
        }
    }
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub subject: Subject,
    pub problem: Problem,
    /// A sentence; may hold text of others.
    pub detail: String,
    /// It may have an innocent reason that cannot be told from here.
    pub is_doubt: bool,
}

impl Finding {
    fn new(subject: Subject, problem: Problem, detail: impl Into<String>) -> Finding {
        Finding { subject, problem, detail: detail.into(), is_doubt: false }
    }

    fn doubtful(self, is_doubt: bool) -> Finding {
        Finding { is_doubt, ..self }
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    pub findings: Vec<Finding>,
    /// Checkpoints looked at, and those of them that nothing is wrong with.
    pub checkpoints: u64,
    pub whole_checkpoints: u64,
    /// The same of those in repositories inside that belong to them.
    pub inside: u64,
    pub whole_inside: u64,
    /// The newest of those that are whole, where some are not.
    pub newest_whole: Option<Listed>,
    /// Sessions looked at, and those that nothing is wrong with.
    pub sessions: Vec<String>,
    pub whole_sessions: Vec<String>,
    /// Objects that were found, each counted once.
    pub objects: u64,
    /// Bytes of files that were read; 0 unless that was asked for.
    pub bytes_read: u64,
    /// This user's state folder knows what was published here.
    pub is_anchored: bool,
    /// What is there was taken for right.
    pub is_accepted: bool,
    /// The last signed statement, where there is one that is good.
    pub signed: Option<SignedBy>,
    /// There is none, though the user's git signs all commits.
    pub lacks_signature: bool,
}

/// A good signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBy {
    pub time: Option<Timestamp>,
    /// The key, as the program that looked at it says.
    pub key: String,
}

impl Verified {
    /// Whether something is damaged, and not only doubtful.
    pub fn is_damaged(&self) -> bool {
        self.findings.iter().any(|finding| !finding.is_doubt)
    }
}

/// What all parts of one run share.
struct Run<'a> {
    repo: &'a Repo,
    inventory: Inventory<'a>,
    anchors: anchors::Anchors,
    names: HashMap<ObjectId, Vec<String>>,
    findings: Vec<Finding>,
    /// Checkpoints inside that were met.
    tied: inside::Tied,
    /// For a repository inside: the outermost checkpoints that each of its own belongs to.
    outer: BTreeMap<ObjectId, BTreeSet<String>>,
}

impl<'a> Run<'a> {
    /// Nothing is looked at yet.
    fn new(repo: &'a Repo) -> Result<Run<'a>, OpError> {
        Ok(Run {
            repo,
            inventory: Inventory::new(&repo.store),
            anchors: anchors::read(&repo.environment, repo.store.layout()),
            names: super::points::names_by_id(repo)?,
            findings: Vec::new(),
            tied: inside::Tied::default(),
            outer: BTreeMap::new(),
        })
    }

    fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn checkpoint(&self, id: &ObjectId) -> Subject {
        Subject::Checkpoint { id: *id, names: self.names.get(id).cloned().unwrap_or_default() }
    }
}

/// How often everything is looked at again where a ckpt that published meanwhile may be all that is wrong.
const ATTEMPTS: usize = 3;

/// Looks at what `request` names.
pub fn verify(repo: &Repo, request: &VerifyRequest) -> Result<Verified, OpError> {
    if request.accept {
        anchored::accept(repo)?;
    }
    let mut before = refs(repo);
    let mut verified = look(repo, request)?;
    for _ in 1..ATTEMPTS {
        let after = refs(repo);
        if verified.findings.is_empty() || before == after {
            break;
        }
        before = after;
        verified = look(repo, request)?;
    }
    if request.sign && !verified.is_damaged() {
        signed::sign(repo)?;
        let signed = signed_anchors::read(&repo.environment, repo.store.layout());
        verified.signed = signed.as_ref().and_then(good_signature);
    }
    verified.lacks_signature = verified.signed.is_none() && signed_anchors::is_wanted(&repo.environment);
    Ok(verified)
}

fn good_signature(signed: &Signed) -> Option<SignedBy> {
    match &signed.signature {
        Signature::Good(key) => Some(SignedBy { time: signed.time, key: key.clone() }),
        Signature::Bad(_) | Signature::Unknown(_) => None,
    }
}

/// Where everything stands that a publish moves.
fn refs(repo: &Repo) -> Vec<(String, ObjectId)> {
    let listed = [session::REFS, checkpoint::REFS].map(|prefix| repo.store.list_refs(prefix).unwrap_or_default());
    let own = [operation_log::REF, stack::REF].map(|name| (name.to_owned(), repo.store.find_ref(name).ok().flatten()));
    listed.into_iter().flatten().chain(own.into_iter().filter_map(|(name, id)| Some((name, id?)))).collect()
}

fn look(repo: &Repo, request: &VerifyRequest) -> Result<Verified, OpError> {
    let mut run = Run::new(repo)?;
    let (ids, sessions) = match &request.scope {
        Scope::Point(point) => (vec![resolve(repo, point)?], Vec::new()),
        Scope::Session => points::of_session(&mut run, &repo.session())?,
        Scope::All => points::of_all(&mut run)?,
    };
    let summaries = points::check(&mut run, &ids);
    points::check_names(&mut run, &ids, request.scope == Scope::All);
    for session in &sessions {
        chain::check(&mut run, session, &summaries)?;
    }
    if !matches!(request.scope, Scope::Point(_)) {
        records::check(&mut run, request.scope == Scope::All)?;
        anchored::check_vanished(&mut run, request.scope == Scope::All)?;
    }
    // Who signs anew what was changed on purpose has nothing to compare with.
    let is_replaced = request.accept && request.sign;
    let signed = signed_anchors::read(&repo.environment, repo.store.layout()).filter(|_| !is_replaced);
    if let Some(signed) = signed.as_ref().filter(|_| !matches!(request.scope, Scope::Point(_))) {
        signed::check(&mut run, signed, &request.scope);
    }
    let bytes_read = run.inventory.check_blobs(request.read_data, repo.progress.as_ref());
    points::attribute(&mut run, &ids);
    let mut counts = inside::check(&mut run, request.read_data)?;
    counts.bytes_read += bytes_read;
    let signed = signed.as_ref().and_then(good_signature);
    Ok(Verified { signed, is_accepted: request.accept, ..finish(run, &ids, &sessions, &counts)? })
}

fn finish(run: Run<'_>, ids: &[ObjectId], sessions: &[Name], inside: &inside::Counts) -> Result<Verified, OpError> {
    let mut findings = run.findings;
    findings.sort_by(|one, other| {
        (one.is_doubt, &one.subject, one.problem).cmp(&(other.is_doubt, &other.subject, other.problem))
    });
    findings.dedup();
    let mut bad_ids: BTreeSet<&ObjectId> = BTreeSet::new();
    let mut bad_sessions: BTreeSet<&str> = BTreeSet::new();
    let mut bad_inside: BTreeSet<(&BString, &ObjectId)> = BTreeSet::new();
    for finding in findings.iter().filter(|finding| !finding.is_doubt) {
        match &finding.subject {
            Subject::Checkpoint { id, .. } => drop(bad_ids.insert(id)),
            Subject::Session(name) => drop(bad_sessions.insert(name)),
            Subject::Inside { path, id, .. } => drop(bad_inside.insert((path, id))),
            _ => {}
        }
    }
    let whole: Vec<&ObjectId> = ids.iter().filter(|id| !bad_ids.contains(id)).collect();
    let newest_whole = match bad_ids.is_empty() {
        true => None,
        false => points::newest(run.repo, &whole).and_then(|id| listed(run.repo, &id).ok()),
    };
    let names: Vec<String> = sessions.iter().map(Name::to_string).collect();
    Ok(Verified {
        checkpoints: ids.len() as u64,
        whole_checkpoints: whole.len() as u64,
        inside: inside.checkpoints,
        whole_inside: inside.checkpoints - bad_inside.len() as u64,
        newest_whole,
        whole_sessions: names.iter().filter(|name| !bad_sessions.contains(name.as_str())).cloned().collect(),
        sessions: names,
        objects: run.inventory.count() + inside.objects,
        bytes_read: inside.bytes_read,
        is_anchored: run.anchors.files.iter().any(|file| file.is_own),
        is_accepted: false,
        signed: None,
        lacks_signature: false,
        findings,
    })
}

/// The full name of a session's ref.
fn session_ref(name: &str) -> String {
    format!("{}{name}", session::REFS)
}

/// The id in the name of a checkpoint's ref.
fn checkpoint_of_ref(name: &str) -> Option<ObjectId> {
    ObjectId::from_hex(name.strip_prefix(checkpoint::REFS)?.as_bytes())
}
