//! What each error means: kind, word, message and hints, as one table.

use std::io;
use std::path::PathBuf;

use super::*;
use crate::hooks::Hook;
use crate::model::id::HashKind;
use crate::model::id::ObjectId;
use crate::model::name::NameError;
use crate::ops::checklist::error::CheckError;
use crate::ops::template::error::TemplatesError;
use crate::ops::template::trust::Distrust;
use crate::template::TemplateError;
use crate::template::checklist::ChecklistError;

fn id() -> ObjectId {
    ObjectId::null(HashKind::Sha1)
}

fn path() -> PathBuf {
    "/work/x".into()
}

fn store(error: StoreError) -> OpError {
    OpError::Store(error)
}

fn worktree(error: WorktreeError) -> OpError {
    OpError::Worktree(error)
}

fn broken(kind: io::ErrorKind) -> OpError {
    store(StoreError::Io { action: "write", path: path(), source: kind.into() })
}

#[test]
fn each_error_has_its_kind_and_word() {
    use Kind::{Busy, Damaged, Refused};
    let none = Vec::new;
    let cases = [
        (OpError::NothingSaved, Refused, "nothing-saved"),
        (OpError::UnknownPoint { point: "x".into(), nearest: none() }, Refused, "unknown-point"),
        (OpError::NameTaken { name: "x".into(), id: id() }, Refused, "name-taken"),
        (OpError::BadName(NameError::Empty), Refused, "bad-name"),
        (OpError::UnfitRoot { path: path(), what: "your home" }, Refused, "unfit-root"),
        (OpError::RecoveryPending { target: id() }, Refused, "recovery-pending"),
        (OpError::NotConfirmed, Refused, "not-confirmed"),
        (HooksError::Outside { path: path() }.into(), Refused, "hooks-outside"),
        (HooksError::NoFolder { path: path() }.into(), Refused, "no-hook-folder"),
        (TemplatesError::Unknown { name: "x".into(), nearest: none() }.into(), Refused, "unknown-template"),
        (TemplatesError::TargetExists { path: path() }.into(), Refused, "target-exists"),
        (TemplatesError::BadTrust { path: path(), problem: "x".into() }.into(), Damaged, "damaged-trust"),
        (TemplateError::Cycle { chain: vec!["a".into()] }.into(), Refused, "template-cycle"),
        (
            TemplateError::MissingVariables { template: "t".into(), variables: none() }.into(),
            Refused,
            "missing-variables",
        ),
        (CheckError::NoChecklist.into(), Refused, "no-check-list"),
        (ChecklistError::NotAnItem.into(), Refused, "bad-item"),
        (
            HooksError::Refused { path: path(), hook: Hook::PostMerge, problem: "x".into() }.into(),
            Refused,
            "hook-refused",
        ),
        (OpError::WorktreeBusy, Busy, "worktree-busy"),
        (OpError::SubmoduleAbsent { path: "libs".into() }, Refused, "submodule-absent"),
        (OpError::InSubmodule { path: "libs".into(), source: Box::new(OpError::WorktreeBusy) }, Busy, "worktree-busy"),
        (OpError::IndexLocked { path: path() }, Busy, "index-locked"),
        (OpError::ChangedUnderUs { paths: vec!["a".into()] }, Busy, "changed-under-us"),
        (OpError::NotAsSaved { paths: vec!["a".into()] }, Damaged, "not-as-saved"),
        (OpError::MissingObjects { id: id(), missing: 1, first: vec![id()] }, Damaged, "missing-objects"),
        (store(StoreError::NotARepository { path: path() }), Refused, "not-a-repository"),
        (store(StoreError::Bare { path: path() }), Refused, "bare-repository"),
        (store(StoreError::Newer { what: "checkpoint".into(), version: 9 }), Damaged, "newer"),
        (store(StoreError::RefMoved { name: "x".into(), found: None }), Busy, "ref-moved"),
        (store(StoreError::RefLocked { name: "x".into() }), Busy, "ref-locked"),
        (store(StoreError::Object(ObjectError::Missing(id()))), Damaged, "missing-objects"),
        (broken(io::ErrorKind::StorageFull), Refused, "no-space"),
        (broken(io::ErrorKind::ReadOnlyFilesystem), Refused, "read-only"),
        (worktree(WorktreeError::HostilePath { path: "..".into(), problem: "dots" }), Damaged, "hostile-path"),
        (worktree(WorktreeError::NoSpace { needed: 5, free: 1 }), Refused, "no-space"),
    ];
    for (error, kind, code) in cases.into_iter().chain(of_the_context()) {
        let failure = Failure::from(error);
        assert_eq!((failure.kind, failure.code), (kind, code), "{}", failure.message);
        assert!(!failure.hints.is_empty(), "{code} has no hint");
        assert!(code.chars().all(|character| character.is_ascii_lowercase() || character == '-'));
    }
}

fn of_the_context() -> Vec<(OpError, Kind, &'static str)> {
    use Kind::{Busy, Damaged, Refused};
    let text = || "x".to_owned();
    let unfit = |problem| worktree(WorktreeError::UnfitDocument { path: ".ckpt/context.md".into(), problem });
    let unknown = ContextError::UnknownSection { name: text(), nearest: vec!["y".into()] };
    let ambiguous = OpError::AmbiguousItem { section: text(), typed: text(), candidates: vec![text()] };
    vec![
        (OpError::NoContext, Refused, "no-context"),
        (OpError::NoContextAt { point: text() }, Refused, "no-context"),
        (OpError::AmbiguousVersion { version: text(), candidates: vec![text()] }, Refused, "ambiguous-version"),
        (OpError::UnknownItem { section: text(), typed: text() }, Refused, "unknown-item"),
        (ambiguous, Refused, "ambiguous-item"),
        (OpError::BadContextFile { file: text(), problem: "p" }, Refused, "bad-context-file"),
        (unknown.into(), Refused, "unknown-section"),
        (ContextError::EmptyText.into(), Refused, "empty-text"),
        (ContextError::NotASectionName(text()).into(), Refused, "bad-section"),
        (ContextError::Partitions(text()).into(), Damaged, "damaged-partitions"),
        (ContextError::NewerPartitions(9).into(), Damaged, "newer"),
        (unfit(Unfit::Folder), Refused, "unfit-context"),
        (unfit(Unfit::BeingWritten), Busy, "context-busy"),
    ]
}

#[test]
fn hints_say_what_to_type() {
    let owner = Failure::from(store(StoreError::ForeignOwner { path: path() }));
    assert!(owner.hints[0].contains("git config --global --add safe.directory /work/x"));
    let taken = Failure::from(OpError::NameTaken { name: "x".into(), id: id() });
    assert!(taken.hints[0].contains("--move"));
    let nearest = vec!["before".to_owned(), "after".to_owned()];
    let unknown = Failure::from(OpError::UnknownPoint { point: "befor".into(), nearest });
    assert_eq!(unknown.hints, ["did you mean `ckpt show before` or `ckpt show after`?"]);
}

#[test]
fn what_is_too_much_is_named_with_sizes() {
    let largest = vec![("data/big.bin".into(), 3_000_000_000), ("x\x1b".into(), 5)];
    let failure = Failure::from(worktree(WorktreeError::OverBudget { files: 60_000, bytes: 4_000_000_000, largest }));
    assert_eq!(failure.message, "too much is untracked to save it unasked: 60,000 files, 4.0 GB");
    assert_eq!(failure.details[0], "data/big.bin  3.0 GB");
    assert!(failure.hints.iter().any(|hint| hint.contains("ckpt save --force")));
}

#[test]
fn long_lists_of_paths_are_cut() {
    let paths = (0..12).map(|number| format!("file{number}").into()).collect();
    let failure = Failure::from(OpError::ChangedUnderUs { paths });
    assert_eq!(failure.details.len(), 11);
    assert_eq!(failure.details[10], "and 2 more");
}

#[test]
fn a_closed_pipe_is_no_failure() {
    assert!(matches!(Stop::from(OutputError::Closed), Stop::Closed));
    assert!(matches!(Stop::from(OpError::NotConfirmed), Stop::Failed(_)));
}

#[test]
fn what_was_written_is_named_with_the_way_to_take_it_again() {
    let error = TemplateError::Cycle { chain: vec!["a".into(), "a".into()] };
    let kept = TemplatesError::TextKept { name: "a".into(), path: "/x/a b.md".into(), error: Box::new(error.into()) };
    let failure = Failure::from(OpError::from(kept));
    assert_eq!((failure.kind, failure.code), (Kind::Refused, "template-cycle"));
    assert_eq!(failure.details, ["what you wrote is kept in '/x/a b.md'"]);
    assert!(failure.hints.last().unwrap().ends_with("`ckpt template add '/x/a b.md' --name a`"), "{:?}", failure.hints);
}

#[test]
fn a_command_that_is_not_trusted_is_shown_with_what_to_type() {
    for (reason, template, hint) in [
        (Distrust::NoTemplate, None, "the session was made from no template that could be trusted"),
        (Distrust::Template, Some("t"), "`ckpt template show t`"),
        (Distrust::Command, Some("t"), "its words are not those of the trusted `t`"),
    ] {
        let template = template.map(str::to_owned);
        let failure =
            Failure::from(OpError::from(CheckError::Untrusted { number: 3, command: "rm".into(), template, reason }));
        assert_eq!((failure.code, failure.details.as_slice()), ("untrusted", &["rm".to_owned()][..]));
        assert!(failure.hints[0].contains(hint), "{:?}", failure.hints);
        assert!(failure.hints.last().unwrap().contains("`ckpt check 3`"));
    }
}
