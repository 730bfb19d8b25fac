//! Sends a probe through git to each hook and looks whether it arrived.

use super::place::PlaceKind;
use super::status::find_installed_place;
use super::switch::{Off, find_off};
use crate::hooks::{Hook, PROBE};
use crate::ops::{OpError, Repo};
use crate::store::hook_record;
use crate::sys::clock::salt;

/// What became of the probes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    pub hooks: Vec<ProbedHook>,
    /// The hooks are switched off: a probe arrives, but nothing else is done.
    pub off: Option<Off>,
}

/// One hook's probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbedHook {
    pub hook: Hook,
    pub has_arrived: bool,
    /// What was said on the way, when it has not.
    pub said: String,
}

impl Probed {
    pub fn has_arrived(&self) -> bool {
        self.hooks.iter().all(|hook| hook.has_arrived)
    }
}

/// Runs each hook as git does, with a mark that makes ckpt answer. With ckpt's block first in the file, nothing of the
/// user's own hook runs.
pub fn probe(repo: &Repo) -> Result<Probed, OpError> {
    let off = find_off(repo);
    let place = find_installed_place(repo)?;
    let mut hooks = Vec::new();
    for hook in Hook::ALL {
        let token = format!("{:016x}", salt());
        let variable = (PROBE, token.as_str());
        // Configured hooks come before those of the folder, which this keeps out of it.
        let nowhere = std::path::Path::new("/dev/null");
        let folder = (place.kind == PlaceKind::Configuration).then_some(nowhere);
        let mut run = repo.store.run_hook(hook.name(), arguments(hook), variable, folder)?;
        if run.is_unknown {
            run = repo.store.run_hook_file(&file_run_by_git(repo, hook)?, arguments(hook), variable)?;
        }
        let has_arrived = hook_record::take_probe(repo.store.layout(), hook.name(), &token)?;
        let said = if has_arrived { String::new() } else { run.said };
        hooks.push(ProbedHook { hook, has_arrived, said });
    }
    Ok(Probed { hooks, off })
}

/// The file that git itself would run.
fn file_run_by_git(repo: &Repo, hook: Hook) -> Result<std::path::PathBuf, OpError> {
    let configured = repo.store.hooks_path()?.map(|path| path.folder);
    Ok(configured.unwrap_or_else(|| repo.store.layout().common_dir.join("hooks")).join(hook.name()))
}

/// Arguments as git gives them.
const fn arguments(hook: Hook) -> &'static [&'static str] {
    const NOTHING: &str = "0000000000000000000000000000000000000000";
    match hook {
        Hook::PostCommit => &[],
        Hook::PostCheckout => &[NOTHING, NOTHING, "1"],
        Hook::PostMerge => &["0"],
        Hook::PostRewrite => &["amend"],
    }
}
