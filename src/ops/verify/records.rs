//! The operation logs and the stacks of the work trees.

use super::points::of_error;
use super::{Finding, Problem, Run, Subject};
use crate::ops::OpError;
use crate::store::{operation_log, stack};

/// Looks at those of this work tree, or of all.
pub(super) fn check(run: &mut Run<'_>, is_all: bool) -> Result<(), OpError> {
    let here = run.repo.store.layout().worktree_key.clone();
    let is_wanted = |key: &String| is_all || *key == here;
    for (key, tip) in run.repo.store.find_in_worktrees(operation_log::REF) {
        if !is_wanted(&key) {
            continue;
        }
        let subject = Subject::Operations(key);
        match tip {
            Ok(Some(tip)) => {
                let (_, error) = operation_log::read_readable(&run.repo.store, Some(&tip));
                if let Some(error) = error {
                    run.find(Finding { problem: Problem::BrokenHistory, ..of_error(subject, &error) });
                }
                run.inventory.commit(&tip);
            }
            Ok(None) => {}
            Err(error) => run.find(of_error(subject, &error)),
        }
    }
    for (key, tip) in run.repo.store.find_in_worktrees(stack::REF) {
        if !is_wanted(&key) {
            continue;
        }
        let read = tip.and_then(|tip| tip.map_or(Ok(()), |tip| stack::read(&run.repo.store, &tip).map(drop)));
        if let Err(error) = read {
            run.find(of_error(Subject::Stack(key), &error));
        }
    }
    Ok(())
}
