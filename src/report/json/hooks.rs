//! `ckpt.hooks/1`.

use jiff::Timestamp;
use serde::Serialize;

use super::parts::PathText;
use crate::ops::Repo;
use crate::ops::hooks::changes::FileChange;
use crate::ops::hooks::install::HooksChanged;
use crate::ops::hooks::place::Place;
use crate::ops::hooks::probe::{Probed, ProbedHook};
use crate::ops::hooks::status::{HookState, HookStatus, HooksStatus};
use crate::ops::hooks::switch::{Off, find_off};

/// `ckpt.hooks/1`: what was done to the hooks, or how they stand.
#[derive(Debug, Serialize)]
pub struct HooksDocument<'a> {
    /// `ckpt.hooks/1`.
    pub schema: &'static str,
    /// `install`, `remove`, `status`, `test`, `pause` or `resume`.
    pub action: &'static str,
    pub dry_run: bool,
    /// Where hooks go; `null` for `test`, `pause` and `resume`.
    pub place: Option<PlaceRow<'a>>,
    /// What switches the hooks off: `variable`, `paused` or `configuration`; for `status`, `test`, `pause` and `resume`.
    pub off: Option<&'static str>,
    /// Other tools that keep hooks here: `husky`, `lefthook`, `pre-commit`.
    pub neighbours: Vec<&'static str>,
    pub hooks: Vec<HookRow<'a>>,
}

/// Where hooks go.
#[derive(Debug, Serialize)]
pub struct PlaceRow<'a> {
    /// `git-folder`, `hooks-path`, `husky` or `configuration`.
    pub kind: &'static str,
    /// The folder of the hook files, or the configuration file.
    pub path: PathText<'a>,
    /// Other repositories may use it.
    pub outside: bool,
    /// Its files belong to the work tree.
    pub in_work_tree: bool,
}

/// One hook, or one file of one.
#[derive(Debug, Default, Serialize)]
pub struct HookRow<'a> {
    /// Git's name for it.
    pub hook: &'static str,
    pub path: Option<PathText<'a>>,
    /// For `install` and `remove`: `created`, `added`, `replaced`, `unchanged`, `removed` or `deleted`.
    pub change: Option<&'static str>,
    /// For `status`: `installed`, `outdated`, `missing`, `put-aside`, `program-gone`, `not-executable` or `unclear`.
    pub state: Option<&'static str>,
    /// For `test`.
    pub arrived: Option<bool>,
    /// Why it is unclear, or what was said when a probe did not arrive.
    pub detail: Option<&'a str>,
    /// The tool that wrote the rest of the file.
    pub keeper: Option<&'static str>,
    pub runs: Option<u64>,
    pub last: Option<Timestamp>,
    pub duration_ms: Option<f64>,
    pub failures: Option<u64>,
    pub last_failure: Option<FailureRow<'a>>,
}

/// What went wrong in a hook.
#[derive(Debug, Serialize)]
pub struct FailureRow<'a> {
    pub timestamp: Timestamp,
    pub message: &'a str,
}

impl<'a> HooksDocument<'a> {
    fn new(action: &'static str) -> HooksDocument<'a> {
        HooksDocument {
            schema: "ckpt.hooks/1",
            action,
            dry_run: false,
            place: None,
            off: None,
            neighbours: Vec::new(),
            hooks: Vec::new(),
        }
    }

    pub fn of_changed(changed: &'a HooksChanged, action: &'static str) -> HooksDocument<'a> {
        HooksDocument {
            dry_run: changed.dry_run,
            place: Some(PlaceRow::of(&changed.place)),
            neighbours: changed.neighbours.iter().map(|tool| tool.name()).collect(),
            hooks: changed.files.iter().map(HookRow::of_change).collect(),
            ..HooksDocument::new(action)
        }
    }

    pub fn of_status(status: &'a HooksStatus) -> HooksDocument<'a> {
        HooksDocument {
            place: Some(PlaceRow::of(&status.place)),
            off: status.off.map(Off::word),
            neighbours: status.neighbours.iter().map(|tool| tool.name()).collect(),
            hooks: status.hooks.iter().map(HookRow::of_status).collect(),
            ..HooksDocument::new("status")
        }
    }

    pub fn of_probed(probed: &'a Probed) -> HooksDocument<'a> {
        HooksDocument {
            off: probed.off.map(Off::word),
            hooks: probed.hooks.iter().map(HookRow::of_probed).collect(),
            ..HooksDocument::new("test")
        }
    }

    pub fn of_switch(repo: &Repo, action: &'static str) -> HooksDocument<'a> {
        HooksDocument { off: find_off(repo).map(Off::word), ..HooksDocument::new(action) }
    }
}

impl<'a> PlaceRow<'a> {
    fn of(place: &'a Place) -> PlaceRow<'a> {
        PlaceRow {
            kind: place.kind.word(),
            path: PathText::of_path(&place.path),
            outside: place.is_outside,
            in_work_tree: place.is_in_work_tree,
        }
    }
}

impl<'a> HookRow<'a> {
    fn of_change(file: &'a FileChange) -> HookRow<'a> {
        HookRow {
            hook: file.hook.name(),
            path: Some(PathText::of_path(&file.path)),
            change: Some(file.kind.word()),
            keeper: file.keeper.map(|tool| tool.name()),
            ..HookRow::default()
        }
    }

    fn of_status(status: &'a HookStatus) -> HookRow<'a> {
        let runs = status.runs.as_ref();
        let failure = runs.and_then(|runs| runs.last_failure.as_ref());
        HookRow {
            hook: status.hook.name(),
            path: Some(PathText::of_path(&status.path)),
            state: Some(status.state.word()),
            detail: match &status.state {
                HookState::Unclear(problem) => Some(problem),
                _ => None,
            },
            keeper: status.keeper.map(|tool| tool.name()),
            runs: runs.map(|runs| runs.runs),
            last: runs.map(|runs| runs.last),
            duration_ms: runs.map(|runs| runs.duration_micros as f64 / 1000.0),
            failures: runs.map(|runs| runs.failures),
            last_failure: failure.map(|failure| FailureRow { timestamp: failure.time, message: &failure.message }),
            ..HookRow::default()
        }
    }

    fn of_probed(probed: &'a ProbedHook) -> HookRow<'a> {
        let detail = (!probed.said.is_empty()).then_some(probed.said.as_str());
        HookRow { hook: probed.hook.name(), arrived: Some(probed.has_arrived), detail, ..HookRow::default() }
    }
}
