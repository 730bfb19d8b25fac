//! `ckpt init` and `ckpt uninit`: the context as a file of the work tree, and everything back as it was.

use std::path::Path;

use super::Synced;
use super::file::{ContextFile, DEFAULT};
use super::standard_of;
use super::target::Target;
use super::update::{Step, update, version_of};
use crate::context::facts;
use crate::model::event::EventKind;
use crate::ops::{OpError, Repo, chain};
use crate::store::materialised::{self, Materialised};
use crate::store::{exclude, layout::Layout};
use crate::worktree::document::Place;

/// A place where a repository may have a context already; it is kept there.
const CLAUDE: &str = ".claude/context.md";

/// What `init` did, or would do.
#[derive(Clone, Debug)]
pub struct Initialised {
    /// The file, from the root of the work tree.
    pub file: String,
    /// The file was there before, and is kept.
    pub adopted: bool,
    /// Folders that were made, the innermost first.
    pub folders: Vec<String>,
    /// The line that `.git/info/exclude` got.
    pub exclude_line: Option<String>,
    /// It had been done before.
    pub already: bool,
    pub dry_run: bool,
    pub synced: Synced,
}

/// What `uninit` took back.
#[derive(Clone, Debug)]
pub struct Uninitialised {
    /// `None` where there was nothing to take back.
    pub file: Option<String>,
    /// The file was the user's before `init`, or somebody changed it: it stays.
    pub kept: bool,
    pub exclude_line: Option<String>,
    /// Files in other work trees that were edited since, and stay.
    pub left: Vec<String>,
    /// The session's history keeps all versions.
    pub synced: Synced,
}

/// Makes the file, or takes over the one that is there.
pub fn init(repo: &Repo, dry_run: bool) -> Result<Initialised, OpError> {
    if let Some(file) = ContextFile::find(repo)? {
        return again(repo, &file, dry_run);
    }
    let layout = repo.store.layout();
    let mut record = plan(repo)?;
    let line = exclude_line(&record);
    if let Some(line) = &line {
        exclude::add(layout, line, &mut record, true)?;
    }
    let exclude_line = (!record.exclude_added.is_empty()).then(|| record.exclude_line.clone());
    let mut done = Initialised {
        file: record.file.clone(),
        adopted: record.adopted,
        folders: record.folders_made.clone(),
        exclude_line,
        already: false,
        dry_run,
        synced: Synced::default(),
    };
    if dry_run {
        return Ok(done);
    }
    // The record first: whatever a crash leaves, `uninit` knows of it.
    materialised::write(layout, &record)?;
    if let Some(line) = &line {
        exclude::add(layout, line, &mut record, false)?;
    }
    done.synced = begin(repo)?;
    Ok(done)
}

/// There is a record already: what is missing is made, for whoever wrote it may have died next.
fn again(repo: &Repo, file: &ContextFile, dry_run: bool) -> Result<Initialised, OpError> {
    let layout = repo.store.layout();
    let mut record = file.record.clone();
    let is_whole = Place { root: &layout.work_dir, path: file.path() }.read()?.is_some();
    if !is_whole && !record.exclude_line.is_empty() && !dry_run {
        exclude::add(layout, &file.record.exclude_line, &mut record, false)?;
    }
    Ok(Initialised {
        file: file.path().to_owned(),
        adopted: record.adopted,
        folders: Vec::new(),
        exclude_line: None,
        already: is_whole,
        dry_run,
        synced: if dry_run { Synced::default() } else { begin(repo)? },
    })
}

/// The first version, where the session has none, and the file.
fn begin(repo: &Repo) -> Result<Synced, OpError> {
    let standard = standard_of(repo)?;
    let (synced, ()) = update(repo, chain::PATIENCE, &mut |view| {
        if view.text.is_some() {
            return Ok((None, ()));
        }
        let text = Target::Context.text_or_new(view, &standard)?;
        let event = view.event(EventKind::Context, "began").with("action", Some("began"));
        let subject = "context: began".to_owned();
        Ok((Some(Step { subject, events: vec![event], context: Some(text), files: Vec::new() }), ()))
    })?;
    Ok(synced)
}

fn plan(repo: &Repo) -> Result<Materialised, OpError> {
    let layout = repo.store.layout();
    let file = chosen_file(repo)?;
    let adopted = Place { root: &layout.work_dir, path: &file }.read()?.is_some();
    let missing = |folder: &&Path| !folder.as_os_str().is_empty() && !layout.work_dir.join(folder).exists();
    let folders = Path::new(&file).ancestors().skip(1).take_while(missing);
    let folders = folders.map(|folder| folder.to_string_lossy().into_owned()).collect();
    Ok(Materialised::new(file, adopted, folders))
}

/// What is configured, else the one that is there, else our own.
fn chosen_file(repo: &Repo) -> Result<String, OpError> {
    let own = repo.store.git_settings("ckpt.contextfile")?.pop();
    if let Some(file) = own.or_else(|| repo.context.file.clone()) {
        return checked(&file);
    }
    let layout = repo.store.layout();
    let is_there = layout.work_dir.join(CLAUDE).symlink_metadata().is_ok_and(|data| !data.is_dir());
    Ok(if is_there { CLAUDE } else { DEFAULT }.to_owned())
}

/// A path that stays in the work tree and out of git's folder.
fn checked(file: &str) -> Result<String, OpError> {
    let bad = |problem| OpError::BadContextFile { file: file.to_owned(), problem };
    let parts: Vec<&str> = file.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if file.starts_with('/') {
        return Err(bad("it must be given from the root of the work tree"));
    }
    if parts.is_empty() || file.ends_with('/') || file.contains(['\0', '\n']) {
        return Err(bad("it names no file"));
    }
    if parts.contains(&"..") {
        return Err(bad("it leaves the work tree"));
    }
    if parts.iter().any(|part| part.eq_ignore_ascii_case(".git")) {
        return Err(bad("it is in the git folder"));
    }
    Ok(parts.join("/"))
}

/// Our own folder as a whole; of another place the file that was made. A file of the user's is left to the user.
fn exclude_line(record: &Materialised) -> Option<String> {
    match (record.file.as_str(), record.adopted) {
        (DEFAULT, _) => Some("/.ckpt/".to_owned()),
        (_, true) => None,
        (file, false) => Some(format!("/{}", escaped(file))),
    }
}

/// As a pattern that means this path alone.
fn escaped(path: &str) -> String {
    let special = |one: char| matches!(one, '\\' | '*' | '?' | '[' | ' ');
    path.chars().flat_map(|one| special(one).then_some('\\').into_iter().chain([one])).collect()
}

/// Takes everything back: the file, the folder, the line in `info/exclude`. The history stays.
pub fn uninit(repo: &Repo) -> Result<Uninitialised, OpError> {
    let nothing =
        || Uninitialised { file: None, kept: false, exclude_line: None, left: Vec::new(), synced: Synced::default() };
    let Some(file) = ContextFile::find(repo)? else { return Ok(nothing()) };
    // What was edited is a version before the file goes. A file that cannot be read is nobody's to remove.
    let synced = super::sync_for_save(repo);
    let _queue = chain::queue(repo, chain::PATIENCE)?;
    let layout = repo.store.layout();
    let record = &file.record;
    let is_gone = !record.adopted && remove_here(layout, record, &synced)?;
    let left = remove_elsewhere(layout, record);
    exclude::take_back(layout, record)?;
    materialised::remove(layout)?;
    let exclude_line = (!record.exclude_added.is_empty()).then(|| record.exclude_line.clone());
    Ok(Uninitialised { file: Some(record.file.clone()), kept: !is_gone, exclude_line, left, synced })
}

fn remove_here(layout: &Layout, record: &Materialised, synced: &Synced) -> Result<bool, OpError> {
    let place = Place { root: &layout.work_dir, path: &record.file };
    let Some(raw) = place.read()? else {
        remove_folders(&layout.work_dir, record);
        return Ok(true);
    };
    if synced.text.is_none() {
        return Ok(false);
    }
    let is_known = synced.version.is_some_and(|known| version_of(known.kind(), &facts::strip(&raw)) == known);
    if !is_known || !place.remove(&raw)? {
        return Ok(false);
    }
    remove_folders(&layout.work_dir, record);
    Ok(true)
}

/// Folders that somebody has put something else into stay.
fn remove_folders(root: &Path, record: &Materialised) {
    Place { root, path: &record.file }.sweep();
    for folder in &record.folders_made {
        let _ = std::fs::remove_dir(root.join(folder));
    }
}

/// The files of the other work trees, as far as they are known versions.
fn remove_elsewhere(layout: &Layout, record: &Materialised) -> Vec<String> {
    let mut left = Vec::new();
    if record.adopted {
        return left;
    }
    for (root, base) in materialised::other_worktrees(layout) {
        let place = Place { root: &root, path: &record.file };
        let Ok(Some(raw)) = place.read() else { continue };
        let is_known = base.is_some_and(|known| version_of(known.kind(), &facts::strip(&raw)) == known);
        if is_known && place.remove(&raw).unwrap_or(false) {
            remove_folders(&root, record);
        } else {
            left.push(root.join(&record.file).to_string_lossy().into_owned());
        }
    }
    left
}
