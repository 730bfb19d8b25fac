//! Templates: where they are found, how they are changed, and which the user trusts.
//!
//! A name means the repository's template before the user's own before the built-in one. What a text means is
//! `crate::template`'s to say.

pub mod change;
pub mod compare;
pub mod edit;
pub mod error;
mod found;
mod parts;
pub mod trust;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{OpError, Repo};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::session::TemplateUse;
use crate::template::Template;

use error::TemplatesError;
use found::Found;

/// How like a typed name another must be to be proposed, from 0 to 1.
const LIKENESS: f64 = 0.7;

/// Where a template comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `refs/ckpt/templates/`; the commit of its version.
    Repository {
        commit: ObjectId,
    },
    /// The folder beside the user's configuration.
    User {
        path: PathBuf,
    },
    BuiltIn,
}

impl Origin {
    /// Place in the order in which a name is looked for.
    fn rank(&self) -> u8 {
        match self {
            Origin::Repository { .. } => 0,
            Origin::User { .. } => 1,
            Origin::BuiltIn => 2,
        }
    }

    /// The word for data.
    pub fn word(&self) -> &'static str {
        match self {
            Origin::Repository { .. } => "repository",
            Origin::User { .. } => "user",
            Origin::BuiltIn => "built-in",
        }
    }
}

/// A template that a name means, with all that it refers to.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub name: Name,
    pub template: Template,
    pub origin: Origin,
    /// The blob of its text; where it refers to others, an id that changes with theirs too.
    pub version: ObjectId,
    /// The templates of the same name that it hides, the next one first.
    pub shadows: Vec<Origin>,
}

impl Resolved {
    /// What a session that is made from it records.
    pub fn template_use(&self) -> TemplateUse {
        TemplateUse { name: self.name.to_string(), version: self.version }
    }
}

/// The template that a name means.
pub fn resolve(repo: &Repo, name: &str) -> Result<Resolved, OpError> {
    let (name, found) = find(repo, name)?;
    let mut found = found.into_iter();
    let first = found.next().expect("a template that was found is there");
    let shadows = found.map(|found| found.origin).collect();
    let (template, version) = parts::complete(repo, name.as_str(), &first)?;
    Ok(Resolved { name, template, origin: first.origin, version, shadows })
}

/// All templates of a name, the one that it means first; never none.
fn find(repo: &Repo, typed: &str) -> Result<(Name, Vec<Found>), OpError> {
    let name: Name = typed.parse()?;
    let found = found::all_of(repo, &name)?;
    if found.is_empty() {
        return Err(TemplatesError::Unknown { name: typed.to_owned(), nearest: nearest(repo, typed)? }.into());
    }
    Ok((name, found))
}

/// Names of templates like what was typed, the best first.
fn nearest(repo: &Repo, typed: &str) -> Result<Vec<String>, OpError> {
    let typed = typed.to_lowercase();
    let names: BTreeSet<Name> = found::names(repo)?.into_iter().map(|(name, _)| name).collect();
    let scored = names.into_iter().map(|name| (strsim::jaro_winkler(&name.as_str().to_lowercase(), &typed), name));
    let mut scored: Vec<_> = scored.filter(|(likeness, _)| *likeness >= LIKENESS).collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
    Ok(scored.into_iter().take(3).map(|(_, name)| name.to_string()).collect())
}

/// One line of the list.
#[derive(Clone, Debug)]
pub struct ListedTemplate {
    pub name: Name,
    pub origin: Origin,
    pub shadows: Vec<Origin>,
    /// What it is for, or what is wrong with it.
    pub description: Result<String, String>,
}

/// All templates by name.
pub fn list(repo: &Repo) -> Result<Vec<ListedTemplate>, OpError> {
    let mut names: Vec<Name> = found::names(repo)?.into_iter().map(|(name, _)| name).collect();
    names.dedup();
    let mut listed = Vec::new();
    for name in names {
        let all = match found::all_of(repo, &name) {
            Ok(all) => all,
            // One that is damaged does not hide the others.
            Err(error) => {
                let (origin, description) = (found::broken_origin(repo, &name)?, Err(error.to_string()));
                listed.push(ListedTemplate { name, origin, shadows: Vec::new(), description });
                continue;
            }
        };
        let mut found = all.into_iter();
        // Somebody may have removed it meanwhile.
        let Some(first) = found.next() else { continue };
        let description = first.parse(name.as_str()).map(|template| template.description().to_owned());
        let description = description.map_err(|error| error.to_string());
        let shadows = found.map(|found| found.origin).collect();
        listed.push(ListedTemplate { name, origin: first.origin, shadows, description });
    }
    Ok(listed)
}

/// The text of a template as it is written, whether or not it makes sense.
pub fn source(repo: &Repo, name: &str) -> Result<Vec<u8>, OpError> {
    let (_, found) = find(repo, name)?;
    Ok(found.into_iter().next().map(|found| found.bytes).unwrap_or_default())
}

/// The values that every template may use.
pub fn built_in_values(repo: &Repo, title: &str, task: Option<&str>) -> BTreeMap<String, String> {
    let today = repo.clock.now().to_zoned(repo.clock.zone().clone()).date();
    let user = repo.store.identity().map(|(name, _)| String::from_utf8_lossy(&name).into_owned());
    let branch = repo.store.head().ok().and_then(|head| head.branch_name().map(str::to_owned));
    let folder = repo.store.layout().work_dir.file_name().map(|name| name.to_string_lossy().into_owned());
    let values = [
        ("title", Some(title.to_owned())),
        ("task", task.map(str::to_owned)),
        ("date", Some(today.to_string())),
        ("user", user),
        ("branch", branch),
        ("repository", folder),
    ];
    values.into_iter().map(|(name, value)| (name.to_owned(), value.unwrap_or_default())).collect()
}
