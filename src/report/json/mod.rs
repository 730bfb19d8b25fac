//! One JSON document per run with `--json`, on stdout, for success and failure alike.
//!
//! # The documents
//!
//! Each begins with `schema`, such as `ckpt.save/1`. The number goes up only when a reader of the old document would go
//! wrong; new fields may come at any time. What is always so:
//!
//! - ids are full (40 or 64 hexadecimal digits), times are RFC 3339 in UTC, sizes are bytes, spans are milliseconds;
//! - a path is a string where it is UTF-8, else `{"base64": "…"}`;
//! - a field that has no value is `null`, a list that has none is empty: no field is ever missing;
//! - `status` of a path is `new`, `modified`, `deleted`, `type-changed` or `unchanged`;
//! - `changes` counts paths: `{"new": 1, "modified": 2, "deleted": 0}`.
//!
//! | command | schema | struct that documents it |
//! |---|---|---|
//! | `save` | `ckpt.save/1` | [`save::SaveDocument`] |
//! | `list` | `ckpt.list/1` | [`list::ListDocument`] |
//! | `show` | `ckpt.show/1` | [`show::ShowDocument`] |
//! | `load` | `ckpt.load/1` | [`load::LoadDocument`], [`load::PlanDocument`], [`load::IntoDocument`] |
//! | `recover` | `ckpt.recover/1` | [`load::LoadDocument`] |
//! | `diff` | `ckpt.diff/1` | [`diff::DiffDocument`] |
//! | `name`, `rename` | `ckpt.name/1` | [`label::NameDocument`] |
//! | `drop` | `ckpt.drop/1` | [`label::DropDocument`] |
//! | `undo`, `redo` | `ckpt.undo/1` | [`undo::UndoDocument`] |
//! | `operations` | `ckpt.operations/1` | [`undo::OperationsDocument`] |
//! | `status`, `ckpt` alone | `ckpt.status/1` | [`status::StatusDocument`] |
//! | `note`, `decide`, `issue`, `todo`, `next`, `context set` | `ckpt.word/1` | [`words::WordDocument`] |
//! | `issue list`, `todo list` | `ckpt.items/1` | [`words::ItemsDocument`] |
//! | `brief` | `ckpt.brief/1` | [`brief::BriefDocument`] |
//! | `summary`, `summarize` | `ckpt.summary/1` | [`summary::SummaryDocument`] |
//! | `expand` | `ckpt.expand/1` | [`summary::ExpandDocument`] |
//! | `pin`, `unpin` | `ckpt.pin/1` | [`summary::PinDocument`] |
//! | `context show` | `ckpt.context/1` | [`context::ContextDocument`] |
//! | `context log` | `ckpt.context-log/1` | [`context::LogDocument`] |
//! | `context diff` | `ckpt.context-diff/1` | [`context::ContextDiffDocument`] |
//! | `context restore` | `ckpt.context-restore/1` | [`context::RestoreDocument`] |
//! | `context edit` | `ckpt.context-edit/1` | [`context::EditDocument`] |
//! | `context prune` | `ckpt.prune/1` | [`words::PruneDocument`] |
//! | `context partition list` | `ckpt.partitions/1` | [`context::PartitionsDocument`] |
//! | `context partition add`, `show`, `remove` | `ckpt.partition/1` | [`context::PartitionDocument`] |
//! | `session list`, `session` alone | `ckpt.sessions/1` | [`session::SessionsDocument`] |
//! | `session show` | `ckpt.session/1` | [`session::SessionDocument`] |
//! | `session start` | `ckpt.session-start/1` | [`session::StartDocument`] |
//! | `session pause`, `resume`, `cancel`, `archive` | `ckpt.session-move/1` | [`session::MoveDocument`] |
//! | `session close` | `ckpt.session-close/1` | [`session_end::CloseDocument`] |
//! | `session rename`, `set` | `ckpt.session-rename/1`, `ckpt.session-set/1` | [`session::RenameDocument`], [`session::VariableDocument`] |
//! | `session delete` | `ckpt.session-delete/1` | [`session_end::DeleteDocument`] |
//! | `session cleanup` | `ckpt.session-cleanup/1` | [`session_end::CleanupDocument`] |
//! | `session export` | `ckpt.session-export/1` | [`session_end::ExportDocument`] |
//! | `template list` | `ckpt.templates/1` | [`templates::TemplatesDocument`] |
//! | `template show` | `ckpt.template/1` | [`templates::TemplateDocument`] |
//! | `template new`, `edit`, `add` | `ckpt.template-stored/1` | [`templates::StoredDocument`] |
//! | `template remove` | `ckpt.template-removed/1` | [`templates::RemovedDocument`] |
//! | `template export` | `ckpt.template-exported/1` | [`templates::ExportedDocument`] |
//! | `template diff` | `ckpt.template-diff/1` | [`templates::DiffDocument`] |
//! | `template trust`, `untrust` | `ckpt.template-trust/1` | [`templates::TrustDocument`] |
//! | `check`, `progress` | `ckpt.checklist/1` | [`checklist::ChecklistDocument`] |
//! | `check ITEM`, `--undo`, `--add`, `--remove` | `ckpt.check/1` | [`checklist::CheckDocument`] |
//! | `check --run` | `ckpt.check-run/1` | [`checklist::CheckRunDocument`] |
//! | `log` | `ckpt.log/1` | [`history::EntryRow`], [`history::LogEnd`] |
//! | `replay` | `ckpt.replay/1` | [`history::ReplayRow`], [`history::ReplayEnd`] |
//! | `search` | `ckpt.search/1` | [`search::SearchDocument`] |
//! | `search --code` | `ckpt.search-code/1` | [`search::CodeDocument`] |
//! | `init` | `ckpt.init/1` | [`init::InitDocument`] |
//! | `uninit` | `ckpt.uninit/1` | [`init::UninitDocument`] |
//! | `hooks …` | `ckpt.hooks/1` | [`hooks::HooksDocument`] |
//! | `verify` | `ckpt.verify/1` | [`verify::VerifyDocument`] |
//! | `doctor` | `ckpt.doctor/1` | [`doctor::DoctorDocument`] |
//! | `completions`, `man`, `--help`, `--version` | `ckpt.text/1` | [`TextDocument`] |
//! | any that fails | `ckpt.error/1` | [`ErrorDocument`] |

pub mod branch;
pub mod brief;
pub mod checklist;
pub mod context;
pub mod diff;
pub mod doctor;
pub mod history;
pub mod hooks;
pub mod init;
pub mod label;
pub mod list;
pub mod load;
pub mod parts;
pub mod return_;
pub mod save;
pub mod search;
pub mod session;
pub mod session_end;
pub mod show;
pub mod stack;
pub mod status;
pub mod submodules;
pub mod summary;
pub mod templates;
pub mod undo;
pub mod verify;
pub mod words;

use serde::Serialize;

/// `ckpt.error/1`: why a command failed.
#[derive(Debug, Serialize)]
pub struct ErrorDocument<'a> {
    /// `ckpt.error/1`.
    pub schema: &'static str,
    /// Which failure it is: a word in kebab case that stays the same, such as `unknown-point`.
    pub code: &'a str,
    /// `refused`, `usage`, `busy` (the same command may work in a moment) or `damaged`.
    pub kind: &'a str,
    /// The exit code: 1 refused, 2 usage, 3 busy, 4 damaged.
    pub exit_code: u8,
    /// One sentence for people.
    pub message: &'a str,
    /// What the message is about, such as the candidates of an ambiguous point.
    pub details: &'a [String],
    /// What to type next, as sentences.
    pub hints: &'a [String],
}

/// `ckpt.text/1`: text that is the answer itself, such as a completion script.
#[derive(Debug, Serialize)]
pub struct TextDocument<'a> {
    /// `ckpt.text/1`.
    pub schema: &'static str,
    /// `completions`, `man`, `help` or `version`.
    pub of: &'a str,
    pub text: &'a str,
}

impl<'a> TextDocument<'a> {
    pub fn new(of: &'a str, text: &'a str) -> TextDocument<'a> {
        TextDocument { schema: "ckpt.text/1", of, text }
    }
}
