//! The plan that a session begins with: a template's, filled in with what the command line and the user say.
//!
//! Called by `session start` and `branch`.

use std::collections::BTreeMap;

use super::failure::Stop;
use super::invocation::Invocation;
use crate::ops::session::plan::plan;
use crate::ops::session::start::Planned;
use crate::ops::template::{Resolved, resolve};
use crate::ops::{OpError, Repo};

/// Reads `KEY=VALUE`.
pub(super) fn read_variable(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("it is not KEY=VALUE")?;
    let key = key.trim();
    if key.is_empty() { Err("it is not KEY=VALUE") } else { Ok((key.to_owned(), value.to_owned())) }
}

/// What the session `about` (its title and task) is to begin with.
pub(super) fn plan_for(
    repo: &Repo,
    template: Option<&str>,
    variables: Vec<(String, String)>,
    about: (&str, Option<&str>),
    invocation: &mut Invocation,
) -> Result<Planned, Stop> {
    let mut variables: BTreeMap<String, String> = variables.into_iter().collect();
    let Some(template) = template else { return Ok(Planned { variables, ..Planned::default() }) };
    let resolved = resolve(repo, template)?;
    ask_for_missing(&resolved, &mut variables, invocation);
    Ok(plan(repo, &resolved, about.0, about.1, &variables)?)
}

/// Asks for what the template needs and nobody said, as often as an answer does not fit. Without a terminal the template
/// refuses, and names them.
fn ask_for_missing(resolved: &Resolved, variables: &mut BTreeMap<String, String>, invocation: &mut Invocation) {
    if !invocation.output.can_ask() {
        return;
    }
    for variable in resolved.template.missing(&variables.clone()) {
        while let Some(answer) = invocation.output.ask_text(variable.question()) {
            match variable.check(&answer) {
                Ok(()) => {
                    variables.insert(variable.name.clone(), answer);
                    break;
                }
                Err(error) => invocation.output.warning(&OpError::from(error).to_string()),
            }
        }
    }
}
