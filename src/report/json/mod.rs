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
//! | `init` | `ckpt.init/1` | [`init::InitDocument`] |
//! | `uninit` | `ckpt.uninit/1` | [`init::UninitDocument`] |
//! | `hooks …` | `ckpt.hooks/1` | [`hooks::HooksDocument`] |
//! | `completions`, `man`, `--help`, `--version` | `ckpt.text/1` | [`TextDocument`] |
//! | any that fails | `ckpt.error/1` | [`ErrorDocument`] |

pub mod brief;
pub mod context;
pub mod diff;
pub mod hooks;
pub mod init;
pub mod label;
pub mod list;
pub mod load;
pub mod parts;
pub mod save;
pub mod show;
pub mod status;
pub mod summary;
pub mod undo;
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
