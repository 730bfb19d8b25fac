//! What the context says in a few words, for whoever tells where the work stands. Changes nothing.

use super::file::ContextFile;
use super::standard_of;
use crate::context::edit::items;
use crate::context::standard::{KNOWN_ISSUES, NEXT_SESSION, TODO};
use crate::ops::{OpError, Repo, chain};
use crate::store::session::CONTEXT;

/// The context in a few words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// The file in the work tree, from its root; `None` without `ckpt init`.
    pub file: Option<String>,
    /// The file says something else than the last version: the next command takes it.
    pub file_differs: bool,
    pub open_issues: usize,
    pub open_todos: usize,
    /// The steps of the next session.
    pub next: Vec<String>,
}

/// Reads it; `None` where there is no context.
pub fn digest(repo: &Repo) -> Result<Option<Digest>, OpError> {
    let Some(session) = chain::read_tip(repo)?.session else { return Ok(None) };
    let Some(version) = session.blob(CONTEXT) else { return Ok(None) };
    let Some(text) = super::versions::current(repo, Some(&session))? else { return Ok(None) };
    let standard = standard_of(repo)?;
    let open = |section: &str| {
        let items = items(&text, section, &standard).unwrap_or_default();
        items.into_iter().filter(|item| item.checked != Some(true)).collect::<Vec<_>>()
    };
    let mut digest = Digest {
        open_issues: open(KNOWN_ISSUES).len(),
        open_todos: open(TODO).len(),
        next: open(NEXT_SESSION).into_iter().map(|item| item.text).collect(),
        ..Digest::default()
    };
    if let Some(file) = ContextFile::find(repo)? {
        digest.file_differs = !file.holds(repo, &version);
        digest.file = Some(file.path().to_owned());
    }
    Ok(Some(digest))
}

/// Whether the session's context is another than this text, such as that of a checkpoint.
pub fn is_newer_than(repo: &Repo, text: Option<&str>) -> bool {
    let current = chain::read_tip(repo).ok().and_then(|tip| tip.session?.blob(CONTEXT));
    current.is_some_and(|current| text.is_some_and(|text| super::update::version_of(current.kind(), text) != current))
}
