//! `left-out.jsonl` in M: every path that a save left out, one JSON document a line.

use bstr::ByteSlice;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::path_text::PathText;
use crate::model::omission::{Omission, Reason};

/// The special files that a scan tells apart; the fallback stands for a kind of a later version.
const SPECIAL_KINDS: [&str; 8] =
    ["socket", "pipe", "fifo", "named pipe", "device", "block device", "character device", "special file"];

#[derive(Default, Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    path: PathText,
    reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// The bytes of the file.
pub fn encode(omissions: &[Omission]) -> Vec<u8> {
    let mut out = Vec::new();
    for omission in omissions {
        serde_json::to_writer(&mut out, &line_of(omission)).expect("strings and numbers are always JSON");
        out.push(b'\n');
    }
    out
}

/// Reads the file. A reason of a later version counts as unreadable, so that a load leaves the path alone.
pub fn parse(bytes: &[u8]) -> Result<Vec<Omission>, StoreError> {
    bytes.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(|(at, line)| parse_line(at + 1, line)).collect()
}

fn parse_line(number: usize, line: &[u8]) -> Result<Omission, StoreError> {
    let damaged = |detail: String| StoreError::Damaged { what: format!("left-out.jsonl, line {number}"), detail };
    let line: Line = serde_json::from_slice(line).map_err(|error| damaged(error.to_string()))?;
    let path = line.path.to_path().ok_or_else(|| damaged("it names no path".to_owned()))?;
    Ok(Omission { path, reason: reason_of(line) })
}

fn line_of(omission: &Omission) -> Line {
    let reason = omission.reason.code().to_owned();
    let line = Line { path: PathText::of(&omission.path), reason, ..Line::default() };
    match &omission.reason {
        Reason::TooLarge { size, limit } => Line { size: Some(*size), limit: Some(*limit), ..line },
        Reason::NestedRepository { commit, changes } => {
            Line { commit: Some(commit.clone()), changes: *changes, ..line }
        }
        Reason::Special { kind } => Line { kind: Some((*kind).to_owned()), ..line },
        Reason::FilterFailed { filter } => Line { filter: Some(filter.clone()), ..line },
        Reason::Unreadable { detail } => Line { detail: Some(detail.clone()), ..line },
        Reason::NestedWithoutCommit
        | Reason::RepositoryBoundary
        | Reason::RefusedName
        | Reason::Vanished
        | Reason::ChangedWhileSaving => line,
    }
}

fn reason_of(line: Line) -> Reason {
    match line.reason.as_str() {
        "too-large" => Reason::TooLarge { size: line.size.unwrap_or(0), limit: line.limit.unwrap_or(0) },
        "nested-repository" => {
            Reason::NestedRepository { commit: line.commit.unwrap_or_default(), changes: line.changes }
        }
        "nested-without-commit" => Reason::NestedWithoutCommit,
        "repository-boundary" => Reason::RepositoryBoundary,
        "refused-name" => Reason::RefusedName,
        "special" => Reason::Special { kind: special_kind(line.kind.as_deref()) },
        "filter-failed" => Reason::FilterFailed { filter: line.filter.unwrap_or_default() },
        "unreadable" => Reason::Unreadable { detail: line.detail.unwrap_or_default() },
        "vanished" => Reason::Vanished,
        "changed-while-saving" => Reason::ChangedWhileSaving,
        other => Reason::Unreadable { detail: format!("left out for a reason of a newer ckpt: {other}") },
    }
}

fn special_kind(text: Option<&str>) -> &'static str {
    SPECIAL_KINDS.into_iter().find(|&kind| Some(kind) == text).unwrap_or("special file")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use bstr::BString;
    use proptest::prelude::*;

    pub(in crate::store) fn any_omission() -> impl Strategy<Value = Omission> {
        let reason = prop_oneof![
            (any::<u64>(), any::<u64>()).prop_map(|(size, limit)| Reason::TooLarge { size, limit }),
            (".*", any::<Option<u64>>()).prop_map(|(commit, changes)| Reason::NestedRepository { commit, changes }),
            Just(Reason::NestedWithoutCommit),
            Just(Reason::RepositoryBoundary),
            Just(Reason::RefusedName),
            proptest::sample::select(&SPECIAL_KINDS[..]).prop_map(|kind| Reason::Special { kind }),
            ".*".prop_map(|filter| Reason::FilterFailed { filter }),
            ".*".prop_map(|detail| Reason::Unreadable { detail }),
            Just(Reason::Vanished),
            Just(Reason::ChangedWhileSaving),
        ];
        let path = proptest::collection::vec(any::<u8>(), 1..20).prop_map(BString::from);
        (path, reason).prop_map(|(path, reason)| Omission { path, reason })
    }

    #[test]
    fn a_reason_of_a_later_version_still_protects_the_path() {
        let found = parse(b"{\"path\":\"x\",\"reason\":\"quantum\",\"more\":1}\n").unwrap();
        assert!(found[0].reason.is_protected());
        let error = parse(b"{\"path\":\"x\",\"reason\":\"vanished\"}\n{}\n").unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    proptest! {
        #[test]
        fn every_reason_and_path_comes_back(omissions in proptest::collection::vec(any_omission(), 0..5)) {
            prop_assert_eq!(parse(&encode(&omissions)).unwrap(), omissions);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
