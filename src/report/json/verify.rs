//! The document of `verify`.

use jiff::Timestamp;
use serde::Serialize;

use super::parts::{PathText, PointRow};
use crate::model::id::ObjectId;
use crate::ops::verify::{Finding, Scope, Subject, Verified, VerifyRequest};

/// `ckpt.verify/1`: whether what was saved is whole.
#[derive(Debug, Serialize)]
pub struct VerifyDocument<'a> {
    /// `ckpt.verify/1`.
    pub schema: &'static str,
    /// Nothing is damaged; there may be doubts.
    pub whole: bool,
    /// `session`, `point` or `all`.
    pub scope: &'static str,
    pub read_data: bool,
    /// Checkpoints looked at.
    pub checkpoints: u64,
    /// Those of them that nothing is wrong with.
    pub whole_checkpoints: u64,
    /// Checkpoints of repositories inside that belong to them, and those that nothing is wrong with.
    pub inside: u64,
    pub whole_inside: u64,
    /// Sessions looked at.
    pub sessions: &'a [String],
    /// Those of them that nothing is wrong with.
    pub whole_sessions: &'a [String],
    /// Objects looked at, each once.
    pub objects: u64,
    /// Bytes of files that were read; 0 without `--read-data`.
    pub bytes_read: u64,
    /// The user's state folder knows what ckpt published here.
    pub anchored: bool,
    /// What is there was taken for right (`--accept`).
    pub accepted: bool,
    /// The last signed statement that is good: `time`, `key`.
    pub signed: Option<SignedRow<'a>>,
    /// The newest checkpoint that is whole, where some are not.
    pub newest_whole: Option<PointRow<'a>>,
    pub findings: Vec<FindingRow<'a>>,
}

/// A good signature.
#[derive(Debug, Serialize)]
pub struct SignedRow<'a> {
    pub time: Option<Timestamp>,
    /// The key, as the program that looked at it says.
    pub key: &'a str,
}

/// Something that is not as it should be.
#[derive(Debug, Serialize)]
pub struct FindingRow<'a> {
    /// `checkpoint`, `inside`, `session`, `operations`, `stack`, `ref` or `anchors`.
    pub subject: &'static str,
    /// Of a checkpoint.
    pub id: Option<ObjectId>,
    /// Of a checkpoint; of one inside, the names of those around it.
    pub names: &'a [String],
    /// The repository inside.
    pub path: Option<PathText<'a>>,
    /// The session, the work tree's key or the full name of the ref.
    pub name: Option<&'a str>,
    /// `missing`, `damaged`, `hostile`, `newer`, `broken-history`, `gone`, `rolled-back`, `rewritten`, `unknown`,
    /// `misnamed` or `bad-signature`.
    pub problem: &'static str,
    /// A sentence.
    pub detail: &'a str,
    /// There may be an innocent reason: it does not count as damage.
    pub doubt: bool,
}

impl<'a> VerifyDocument<'a> {
    pub fn of(verified: &'a Verified, request: &VerifyRequest) -> VerifyDocument<'a> {
        VerifyDocument {
            schema: "ckpt.verify/1",
            whole: !verified.is_damaged(),
            scope: match request.scope {
                Scope::Session => "session",
                Scope::Point(_) => "point",
                Scope::All => "all",
            },
            read_data: request.read_data,
            checkpoints: verified.checkpoints,
            whole_checkpoints: verified.whole_checkpoints,
            inside: verified.inside,
            whole_inside: verified.whole_inside,
            sessions: &verified.sessions,
            whole_sessions: &verified.whole_sessions,
            objects: verified.objects,
            bytes_read: verified.bytes_read,
            anchored: verified.is_anchored,
            accepted: verified.is_accepted,
            signed: verified.signed.as_ref().map(|signed| SignedRow { time: signed.time, key: &signed.key }),
            newest_whole: verified.newest_whole.as_ref().map(PointRow::of),
            findings: verified.findings.iter().map(FindingRow::of).collect(),
        }
    }
}

impl<'a> FindingRow<'a> {
    fn of(finding: &'a Finding) -> FindingRow<'a> {
        let (subject, id, names, name): (_, _, &'a [String], _) = match &finding.subject {
            Subject::Checkpoint { id, names } => ("checkpoint", Some(*id), names, None),
            Subject::Inside { id, outer, .. } => ("inside", Some(*id), outer, None),
            Subject::Session(name) => ("session", None, &[], Some(name.as_str())),
            Subject::Operations(key) => ("operations", None, &[], Some(key.as_str())),
            Subject::Stack(key) => ("stack", None, &[], Some(key.as_str())),
            Subject::Ref(name) => ("ref", None, &[], Some(name.as_str())),
            Subject::Anchors => ("anchors", None, &[], None),
        };
        let path = match &finding.subject {
            Subject::Inside { path, .. } => Some(PathText::of(path)),
            _ => None,
        };
        let (problem, doubt) = (finding.problem.word(), finding.is_doubt);
        FindingRow { subject, id, names, path, name, problem, detail: &finding.detail, doubt }
    }
}
