//! What a template of the repository has changed.

use super::found::{Found, all_of};
use super::{Origin, find};
use crate::model::name::Name;
use crate::ops::template::error::TemplatesError;
use crate::ops::{OpError, Repo};
use crate::store::templates;
use crate::template::LARGEST;

/// Two texts of one template.
#[derive(Clone, Debug)]
pub struct ComparedTemplate {
    pub name: Name,
    pub from: Side,
    pub to: Side,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Side {
    /// What it is: `built-in`, `the file …`, `version 4f2a01b2c3`, `nothing`.
    pub label: String,
    pub text: Vec<u8>,
}

/// The template that a name means and the one that it hides; the last two versions of the repository's where it hides
/// none, or where `versions` asks for them.
pub fn compared(repo: &Repo, name: &str, versions: bool) -> Result<ComparedTemplate, OpError> {
    let (name, _) = find(repo, name)?;
    let mut found = all_of(repo, &name)?.into_iter();
    let first = found.next();
    let (from, to) = match (first, found.next()) {
        (Some(first), Some(second)) if !versions => (side(second), side(first)),
        (Some(Found { origin: Origin::Repository { .. }, .. }), _) => last_versions(repo, &name)?,
        (Some(first), _) if versions => {
            return Err(TemplatesError::Elsewhere { name: name.to_string(), origin: first.origin }.into());
        }
        (first, _) => {
            let only = first.map_or_else(nothing, side);
            (Side { label: only.label.clone(), text: only.text.clone() }, only)
        }
    };
    Ok(ComparedTemplate { name, from, to })
}

fn side(found: Found) -> Side {
    let label = match &found.origin {
        Origin::Repository { .. } => "the repository's".to_owned(),
        Origin::User { path } => path.display().to_string(),
        Origin::BuiltIn => "the built-in one".to_owned(),
    };
    Side { label, text: found.bytes }
}

fn nothing() -> Side {
    Side { label: "nothing".to_owned(), text: Vec::new() }
}

fn last_versions(repo: &Repo, name: &Name) -> Result<(Side, Side), OpError> {
    let Some(tip) = super::change::tip_of(repo, name)? else { return Ok((nothing(), nothing())) };
    let mut sides = Vec::new();
    for version in templates::versions(&repo.store, &tip, 2)? {
        let text = templates::read_text(&repo.store, &version.blob, LARGEST)?;
        sides.push(Side { label: format!("version {}", version.commit.short()), text });
    }
    let mut sides = sides.into_iter();
    let newest = sides.next().unwrap_or_else(nothing);
    Ok((sides.next().unwrap_or_else(nothing), newest))
}
