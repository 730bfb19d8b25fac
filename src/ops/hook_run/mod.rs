//! What runs when git calls a hook: notes down what happened, puts a note on the commit, refreshes the facts.
//!
//! It must never fail, hold up or surprise the git that called it: the first look is at the switches, every step is
//! bounded whatever the history is, nothing is printed, and what goes wrong is kept for `ckpt hooks status`. The repository
//! is the one around the working directory, where git runs its hooks; variables of git's are not followed.

mod annotate;
mod events;
mod follow;
mod lines;

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::hooks::switch;
use super::repo::Limits;
use super::{OpError, Repo, context};
use crate::hooks::payload::Payload;
use crate::hooks::{Hook, PROBE};
use crate::store::operation_state::kind_in_progress;
use crate::store::{Store, StoreError, hook_record};
use crate::sys::environment::Environment;

#[cfg(test)]
mod tests;

/// After so long the caller lets go, whatever the hook is still at.
pub const LONGEST: Duration = Duration::from_secs(5);

/// More input than this is not read: it would be that of a rewrite of a hundred thousand commits.
const LONGEST_INPUT: u64 = 16 << 20;

/// How long a hook waits for somebody who holds a lock.
const PATIENCE: Duration = Duration::from_millis(500);

/// What git called, as it stands on the command line after `hook-run`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookCall {
    pub hook: Hook,
    /// The file that called is shared with other repositories or people.
    pub is_shared: bool,
    pub arguments: Vec<String>,
}

impl HookCall {
    /// Reads the command line; `None` for a hook that ckpt does not listen to.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<HookCall> {
        let mut words = words.into_iter().peekable();
        let is_shared = words.next_if_eq(&"--shared").is_some();
        let hook = Hook::of_name(words.next()?)?;
        Some(HookCall { hook, is_shared, arguments: words.map(str::to_owned).collect() })
    }
}

/// Does all that a hook has to do. Whatever happens, the caller is to end with 0.
pub fn run(call: &HookCall, environment: &Environment, input: impl Read) {
    let started = Instant::now();
    if switch::is_off_by_variable(environment) {
        return;
    }
    let Ok(repo) = Repo::open(environment, Limits::default()) else { return };
    if !is_called_for(&repo, environment) {
        return;
    }
    if let Some(token) = environment.var(PROBE) {
        let _ = hook_record::answer_probe(repo.store.layout(), call.hook.name(), token);
        return;
    }
    if switch::find_off(&repo).is_some() || (call.is_shared && !hook_record::is_installed(repo.store.layout())) {
        return;
    }
    let Some(payload) = read_payload(call, input) else { return };
    let failure = do_all(&repo, &payload);
    let spent = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let _ = hook_record::add_run(repo.store.layout(), call.hook.name(), repo.clock.now(), spent, failure);
}

/// Whether the repository that was found is the one whose git called: with `--git-dir` it may be another.
fn is_called_for(repo: &Repo, environment: &Environment) -> bool {
    let Some(named) = environment.path("GIT_DIR") else { return true };
    let named = environment.directory().join(named);
    named.canonicalize().is_ok_and(|named| named == repo.store.layout().git_dir)
}

fn read_payload(call: &HookCall, input: impl Read) -> Option<Payload> {
    let mut bytes = Vec::new();
    if call.hook.reads_input() {
        input.take(LONGEST_INPUT).read_to_end(&mut bytes).ok()?;
    }
    let arguments: Vec<&str> = call.arguments.iter().map(String::as_str).collect();
    Payload::read(call.hook, &arguments, &bytes)
}

/// Every step on its own: one that fails keeps none of the others from being done. Gives the first failure.
fn do_all(repo: &Repo, payload: &Payload) -> Option<String> {
    let mut failures = Vec::new();
    let mut step = |name: &str, work: &dyn Fn() -> Result<(), OpError>| {
        let failure = match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it stopped in the middle".to_owned(),
        };
        failures.push(format!("{name}: {failure}"));
    };
    // A merge is not over for git while it tells of it.
    let is_merge = matches!(payload, Payload::Merge { .. });
    let during = kind_in_progress(&repo.store).filter(|_| !is_merge);
    step("event", &|| events::append(repo, payload, during));
    step("note", &|| annotate::annotate(repo, payload, during));
    step("facts", &|| context::refresh_facts(repo).map(drop));
    failures.into_iter().next()
}

/// HEAD's commit; a hook that runs after a deed finds one.
fn head_commit(store: &Store) -> Result<crate::model::id::ObjectId, OpError> {
    let head = store.head()?;
    let damaged = || StoreError::Damaged { what: "HEAD".into(), detail: "it points at no commit".into() };
    Ok(head.commit.ok_or_else(damaged)?)
}
