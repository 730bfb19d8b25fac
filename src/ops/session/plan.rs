//! What a template has to say about a new session.

use std::collections::BTreeMap;

use super::naming::{check_title, name_of_title};
use super::start::Planned;
use crate::ops::template::{Resolved, built_in_values};
use crate::ops::{OpError, Repo};
use crate::store::session::REFS;

/// Whether a session of this title is there already.
pub fn exists(repo: &Repo, title: &str) -> Result<bool, OpError> {
    let Some(name) = name_of_title(check_title(title)?) else { return Ok(false) };
    Ok(repo.store.find_ref(&format!("{REFS}{name}"))?.is_some())
}

/// Fills a template in.
pub fn plan(
    repo: &Repo,
    resolved: &Resolved,
    title: &str,
    task: Option<&str>,
    variables: &BTreeMap<String, String>,
) -> Result<Planned, OpError> {
    let plan = resolved.template.plan(variables, &built_in_values(repo, title, task))?;
    let own = Some(plan.title).filter(|own| !own.trim().is_empty());
    Ok(Planned {
        template: Some(resolved.template_use()),
        title: own,
        branch: plan.branch,
        from: plan.from,
        sections: plan.context,
        checklist: plan.checklist,
        hints: plan.hints,
        variables: plan.variables,
    })
}
