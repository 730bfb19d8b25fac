//! Where templates are: in the repository, in the user's folder, in the program.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::PathBuf;

use super::Origin;
use crate::config::file::find_folder;
use crate::model::name::Name;
use crate::ops::{OpError, Repo};
use crate::store::{StoreError, templates};
use crate::template::{LARGEST, Template, TemplateError, built_in};

/// The end of a template's file name.
const ENDING: &str = ".md";

/// The bytes of a template, and where they come from.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) origin: Origin,
    pub(super) bytes: Vec<u8>,
    /// The file that it is taken from, for one that is not stored yet.
    pub(super) file: Option<String>,
}

impl Found {
    pub(super) fn parse(&self, name: &str) -> Result<Template, TemplateError> {
        Template::parse_file(name, &self.label(name), &self.bytes)
    }

    /// What messages call it.
    pub(super) fn label(&self, name: &str) -> String {
        match &self.origin {
            _ if self.file.is_some() => self.file.clone().unwrap_or_default(),
            Origin::Repository { .. } => name.to_owned(),
            Origin::User { path } => path.display().to_string(),
            Origin::BuiltIn => format!("{name} (built in)"),
        }
    }
}

/// The templates of a name, the one that it means first.
pub(super) fn all_of(repo: &Repo, name: &Name) -> Result<Vec<Found>, OpError> {
    let mut found = Vec::new();
    if let Some(commit) = repo.store.find_ref(&format!("{}{name}", templates::REFS))? {
        let version = templates::read_version(&repo.store, &commit)?;
        let bytes = templates::read_text(&repo.store, &version.blob, LARGEST)?;
        found.push(Found { origin: Origin::Repository { commit }, bytes, file: None });
    }
    if let Some(path) = user_path(repo, name)
        && let Some(bytes) = read_file(&path)?
    {
        found.push(Found { origin: Origin::User { path }, bytes, file: None });
    }
    found.extend(built_in::find(name.as_str()).map(|text| Found {
        origin: Origin::BuiltIn,
        bytes: text.into(),
        file: None,
    }));
    Ok(found)
}

/// Where a template is that cannot be read.
pub(super) fn broken_origin(repo: &Repo, name: &Name) -> Result<Origin, OpError> {
    let commit = repo.store.find_ref(&format!("{}{name}", templates::REFS))?;
    let user = || user_path(repo, name).map_or(Origin::BuiltIn, |path| Origin::User { path });
    Ok(commit.map_or_else(user, |commit| Origin::Repository { commit }))
}

fn user_folder(repo: &Repo) -> Option<PathBuf> {
    Some(find_folder(&repo.environment)?.join("templates"))
}

fn user_path(repo: &Repo, name: &Name) -> Option<PathBuf> {
    Some(user_folder(repo)?.join(format!("{name}{ENDING}")))
}

/// The bytes of a file, at most one more than a template may have; `None` where there is no file.
pub(super) fn read_file(path: &std::path::Path) -> Result<Option<Vec<u8>>, OpError> {
    let failed = |source| StoreError::Io { action: "read", path: path.to_owned(), source };
    match std::fs::metadata(path) {
        // What is no file may keep its reader waiting for ever.
        Ok(data) if !data.is_file() => return Err(failed(ErrorKind::InvalidInput.into()).into()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        _ => {}
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST as u64 + 1).read_to_end(&mut bytes));
    read.map_err(failed)?;
    Ok(Some(bytes))
}

/// All names, sorted, with where each is from; a name may be there several times.
pub(super) fn names(repo: &Repo) -> Result<Vec<(Name, &'static str)>, OpError> {
    let mut names = Vec::new();
    for (full, _) in repo.store.list_refs(templates::REFS)? {
        names.extend(full[templates::REFS.len()..].parse().ok().map(|name| (name, "repository")));
    }
    names.extend(user_names(repo).into_iter().map(|name| (name, "user")));
    let built_in = built_in::ALL.iter().map(|(name, _)| name.parse().expect("built-in names are names"));
    names.extend(built_in.map(|name| (name, "built-in")));
    names.sort();
    Ok(names)
}

/// A folder that cannot be read has none.
fn user_names(repo: &Repo) -> Vec<Name> {
    let entries = user_folder(repo).and_then(|folder| std::fs::read_dir(folder).ok());
    let names = entries.into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(ENDING)?.parse().ok()).collect()
}
