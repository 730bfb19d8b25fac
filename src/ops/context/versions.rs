//! The versions of the context: the commits of the session's chain in which it changed.

use jiff::Timestamp;

use crate::model::commit::Commit;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};
use crate::ops::{OpError, Repo, points};
use crate::store::checkpoint;
use crate::store::session::{CONTEXT, Session};

/// How far back a file that nobody knows is looked for.
const LOOKED_AT: usize = 2000;

/// Fewer digits name no version.
const LEAST_DIGITS: usize = 4;

/// A version of the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The commit of the chain.
    pub id: ObjectId,
    pub time: Timestamp,
    /// What happened, such as `decide: use JWT`.
    pub subject: String,
    pub(super) blob: ObjectId,
}

/// Walks the chain from its tip, newest first.
struct Walk<'a> {
    repo: &'a Repo,
    next: Option<ObjectId>,
    /// The tree that was read last, and the context in it: a save mostly leaves the tree as it is.
    known: Option<(ObjectId, Option<ObjectId>)>,
}

impl<'a> Walk<'a> {
    fn from(repo: &'a Repo, session: &Session) -> Walk<'a> {
        Walk { repo, next: Some(session.tip), known: None }
    }

    fn link(&mut self, id: ObjectId) -> Result<Link, ObjectError> {
        let reader = &self.repo.store;
        let commit = crate::ops::show::read_commit(reader, &id)?;
        let blob = match self.known {
            Some((tree, blob)) if tree == commit.tree => blob,
            _ => {
                let entries = reader.read_tree(&commit.tree)?;
                entries.iter().find(|entry| entry.name == CONTEXT && entry.mode != Mode::Tree).map(|entry| entry.id)
            }
        };
        self.known = Some((commit.tree, blob));
        Ok(Link { id, blob, commit })
    }
}

/// A commit of the chain and the context in it.
struct Link {
    id: ObjectId,
    commit: Commit,
    blob: Option<ObjectId>,
}

impl Iterator for Walk<'_> {
    type Item = Result<Link, ObjectError>;

    fn next(&mut self) -> Option<Self::Item> {
        let id = self.next.take()?;
        let link = self.link(id);
        if let Ok(link) = &link {
            self.next = link.commit.parents.first().copied();
        }
        Some(link)
    }
}

/// The versions of a session, newest first, at most `limit`.
pub(super) fn list(repo: &Repo, session: &Session, limit: usize) -> Result<Vec<Version>, OpError> {
    let mut versions = Vec::new();
    let mut walk = Walk::from(repo, session).peekable();
    while versions.len() < limit {
        let link = match walk.next() {
            Some(Ok(link)) => link,
            // What cannot be read ends the list; what came after it stands.
            None | Some(Err(ObjectError::Missing(_) | ObjectError::Damaged { .. })) => break,
            Some(Err(error)) => return Err(error.into()),
        };
        let before = match walk.peek() {
            Some(Ok(before)) => before.blob,
            _ => None,
        };
        if let Some(blob) = link.blob.filter(|blob| Some(*blob) != before) {
            let time = Timestamp::from_second(link.commit.committer.seconds).unwrap_or(Timestamp::UNIX_EPOCH);
            versions.push(Version { id: link.id, time, subject: link.commit.subject().to_string(), blob });
        }
    }
    Ok(versions)
}

/// Whether a text was a version of the session not too long ago.
pub(super) fn has_version(repo: &Repo, session: &Session, blob: &ObjectId) -> Result<bool, OpError> {
    for link in Walk::from(repo, session).take(LOOKED_AT) {
        match link {
            Ok(link) if link.blob == Some(*blob) => return Ok(true),
            Ok(_) => {}
            Err(ObjectError::Missing(_) | ObjectError::Damaged { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

/// The text of a version; `None` when it is gone.
pub(super) fn text_of_blob(repo: &Repo, blob: &ObjectId) -> Result<Option<String>, OpError> {
    match repo.store.read_kind(blob, ObjectKind::Blob) {
        Ok(bytes) => Ok(String::from_utf8(bytes).ok()),
        Err(ObjectError::Missing(_) | ObjectError::Damaged { .. } | ObjectError::WrongKind { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The session's context; `None` where it has none, or where it cannot be read: then the file, or a new one, stands in.
pub(super) fn current(repo: &Repo, session: Option<&Session>) -> Result<Option<String>, OpError> {
    let blob = session.and_then(|session| session.blob(CONTEXT));
    Ok(blob.map(|blob| text_of_blob(repo, &blob)).transpose()?.flatten())
}

/// A version as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedText {
    /// What to call it: digits of an id, or the name that was typed.
    pub name: String,
    pub text: String,
}

/// Finds a version by the digits of its id in `context log`, or by a POINT, whose checkpoint holds one.
pub(super) fn resolve(repo: &Repo, session: Option<&Session>, typed: &str) -> Result<NamedText, OpError> {
    let by_point = points::resolve(repo, typed);
    let by_digits = session.map(|session| by_digits(repo, session, typed)).transpose()?.unwrap_or_default();
    match (by_point, by_digits.as_slice()) {
        (Ok(point), []) => of_point(repo, typed, &point),
        (Ok(_), _) | (_, [_, _, ..]) => Err(OpError::AmbiguousVersion {
            version: typed.to_owned(),
            candidates: by_digits
                .iter()
                .map(|version| format!("{}  {}", version.id.short(), version.subject))
                .collect(),
        }),
        (Err(_), [version]) => {
            let text = text_of_blob(repo, &version.blob)?.ok_or(ObjectError::Missing(version.blob))?;
            Ok(NamedText { name: version.id.short(), text })
        }
        (Err(error), []) => Err(error),
    }
}

fn by_digits(repo: &Repo, session: &Session, typed: &str) -> Result<Vec<Version>, OpError> {
    let is_hex = typed.bytes().all(|byte| byte.is_ascii_hexdigit());
    if typed.len() < LEAST_DIGITS || !is_hex {
        return Ok(Vec::new());
    }
    let wanted = typed.to_ascii_lowercase();
    let mut versions = list(repo, session, usize::MAX)?;
    versions.retain(|version| version.id.to_string().starts_with(&wanted));
    Ok(versions)
}

/// The version that a checkpoint holds.
pub(super) fn of_point(repo: &Repo, typed: &str, point: &ObjectId) -> Result<NamedText, OpError> {
    let checkpoint = checkpoint::read_checkpoint(&repo.store, point)?;
    let text = checkpoint.words.context.ok_or_else(|| OpError::NoContextAt { point: typed.to_owned() })?;
    Ok(NamedText { name: point.short(), text })
}
