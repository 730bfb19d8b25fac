//! Anchors: what this user's ckpt last made of the refs of a repository, noted outside of it.
//!
//! Whoever edits a session or a checkpoint behind ckpt's back cannot edit this too without coming to the user's state
//! folder: `$XDG_STATE_HOME/ckpt/anchors/<identity>-<place>.log`, one for each repository at each place, only added to.
//! A publish adds a line before its refs move and one after, unsynced; nothing that goes wrong here fails it. Written by
//! `Store::publish_all` alone, read by `ops/verify`.

use std::collections::{BTreeMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bstr::ByteSlice;
use sha1::{Digest, Sha1};

use super::{Layout, RefEdit, Sharing};
use crate::model::id::ObjectId;
use crate::sys::environment::{Environment, host_name};
use crate::sys::{atomic, clock, private};

#[cfg(test)]
mod tests;

/// First line of the file.
const HEADER: &str = "ckpt-anchors 1";

/// Marks of the lines.
const INTENDED: u8 = b'?';
const PUBLISHED: u8 = b'=';
const REMOVED: u8 = b'-';
const ACCEPTED: u8 = b'!';

/// Mark of a line that says that the machine was started again, and when the file was written last before that.
const RESTARTED: &[u8] = b"~ ";

/// What was written so many seconds before the last known write may have been lost with what came after it.
const LEEWAY: i64 = 60;

/// Stands for a user who has no state folder, among those who write to a repository.
const NOWHERE: &str = "nowhere";

/// What is anchored; for the rest a view or a label is at stake.
const ANCHORED: [&str; 3] = ["refs/ckpt/sessions/", "refs/ckpt/checkpoints/", "refs/worktree/ckpt/"];

/// The lines of one publish.
pub(super) struct Anchoring {
    file: File,
    published: Vec<u8>,
}

impl Anchoring {
    /// Notes what is about to be published; `None` where nothing of it is anchored, or nowhere to anchor it.
    pub(super) fn begin(environment: &Environment, layout: &Layout, edits: &[RefEdit]) -> Option<Anchoring> {
        let (mut intended, mut published) = (vec![b'\n'], Vec::new());
        for edit in edits.iter().filter(|edit| ANCHORED.iter().any(|prefix| edit.name.starts_with(prefix))) {
            let name = full_name(layout, &edit.name);
            if edit.new.is_some() {
                push_line(&mut intended, INTENDED, &name, edit.new.as_ref());
            }
            push_line(&mut published, if edit.new.is_some() { PUBLISHED } else { REMOVED }, &name, edit.new.as_ref());
        }
        if published.is_empty() {
            return None;
        }
        let mut file = open(environment, layout)?;
        if file.write_all(&intended).is_err() {
            // What is not anchored must not be taken for somebody else's work later.
            let _ = add_writer(layout, NOWHERE);
            return None;
        }
        Some(Anchoring { file, published })
    }

    /// Notes that it is published.
    pub(super) fn publish(mut self) {
        let _ = self.file.write_all(&self.published);
    }
}

fn push_line(out: &mut Vec<u8>, mark: u8, name: &str, id: Option<&ObjectId>) {
    out.push(mark);
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    if let Some(id) = id {
        out.extend_from_slice(format!(" {id}").as_bytes());
    }
    out.push(b'\n');
}

/// The name of a ref among those of all work trees.
pub fn full_name(layout: &Layout, name: &str) -> String {
    match (layout.worktree_key.as_str(), name.strip_prefix("refs/worktree/")) {
        (_, None) | ("", _) => name.to_owned(),
        (key, Some(rest)) => format!("worktrees/{key}/refs/worktree/{rest}"),
    }
}

/// Where the files of anchors are; `None` where the user has no place for them outside this work tree: what stands inside
/// would be saved and loaded with the work, and move under the feet of a load.
pub fn find_folder(environment: &Environment, layout: &Layout) -> Option<PathBuf> {
    let folder = environment.state_home()?.join("ckpt/anchors");
    let there = folder.ancestors().find_map(|path| path.canonicalize().ok())?;
    (!there.starts_with(&layout.work_dir)).then_some(folder)
}

fn identity_path(layout: &Layout) -> PathBuf {
    layout.own_dir.join("identity")
}

fn writers_path(layout: &Layout) -> PathBuf {
    layout.own_dir.join("writers")
}

/// The identity of the repository at this place; it goes along when the folder is moved.
pub(super) fn find_identity(own_dir: &Path) -> Option<String> {
    let text = std::fs::read_to_string(own_dir.join("identity")).ok()?;
    let word = text.trim_end();
    (word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| word.to_owned())
}

fn file_name(identity: &str, common_dir: &Path) -> String {
    format!("{identity}-{}.log", &digest(&[common_dir.as_os_str().as_bytes()])[..8])
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha1::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Opens the file of this repository to add to it; makes it at the first time, and says in the repository that there is one
/// more who writes.
fn open(environment: &Environment, layout: &Layout) -> Option<File> {
    let folder = find_folder(environment, layout);
    if let (Some(folder), Some(identity)) = (&folder, find_identity(&layout.own_dir))
        && let Ok(mut file) =
            OpenOptions::new().append(true).open(folder.join(file_name(&identity, &layout.common_dir)))
    {
        note_restart(&mut file);
        return Some(file);
    }
    let made = folder.as_ref().and_then(|folder| make(folder, layout).ok());
    let writer = made.as_ref().and(folder.as_ref()).map_or_else(|| NOWHERE.to_owned(), |folder| writer_of(folder));
    let _ = add_writer(layout, &writer);
    made
}

/// Once the file is written to, its time does not tell any more.
fn note_restart(file: &mut File) {
    if let Some((from, to)) = file.metadata().ok().and_then(|data| restart_since(&data)) {
        let _ = file.write_all(format!("\n~ {from} {to}\n").as_bytes());
    }
}

/// From when to when lines may be missing: nothing here is synced, so those of the last seconds before a power cut are lost.
fn restart_since(data: &std::fs::Metadata) -> Option<(i64, i64)> {
    let (last, booted) = (data.modified().ok()?, clock::booted()?);
    let seconds = |time: SystemTime| {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    };
    (last < booted).then(|| (seconds(last).saturating_sub(LEEWAY), seconds(booted)))
}

fn make(folder: &Path, layout: &Layout) -> io::Result<File> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|path| !path.exists()).collect();
    private::create_dir(folder)?;
    let identity = find_identity(&layout.own_dir).map_or_else(|| make_identity(layout), Ok)?;
    let path = folder.join(file_name(&identity, &layout.common_dir));
    if let Some(moved) = find_moved(folder, &identity) {
        std::fs::rename(moved, &path)?;
    }
    let mut file = private::open(OpenOptions::new().append(true).create(true), &path)?;
    note_restart(&mut file);
    let mut header = format!("\n{HEADER}\n@ ").into_bytes();
    crate::model::extra::escape_into(&mut header, layout.common_dir.as_os_str().as_bytes());
    header.push(b'\n');
    file.write_all(&header)?;
    // Its beginning lasts, once and for all: what a power cut takes of the rest can be told by the file that is left.
    file.sync_all()?;
    missing.into_iter().chain([path.as_path()]).try_for_each(atomic::sync_parent)?;
    Ok(file)
}

fn make_identity(layout: &Layout) -> io::Result<String> {
    private::create_dir(&layout.own_dir)?;
    let parts = [host_name().into_bytes(), clock::salt().to_le_bytes().to_vec()];
    let identity = digest(&[&parts[0], &parts[1], layout.common_dir.as_os_str().as_bytes()]);
    let mut options = OpenOptions::new();
    match private::open(options.write(true).create_new(true), &identity_path(layout)) {
        Ok(mut file) => {
            file.write_all(format!("{identity}\n").as_bytes())?;
            file.sync_all()?;
            [identity_path(layout), layout.own_dir.clone()].iter().try_for_each(|path| atomic::sync_parent(path))?;
            Ok(identity)
        }
        // Somebody was quicker, or what stands there is none.
        Err(_) => find_identity(&layout.own_dir).ok_or_else(|| io::ErrorKind::InvalidData.into()),
    }
}

/// The file of the same repository at a place where it is not any more: its folder was moved.
fn find_moved(folder: &Path, identity: &str) -> Option<PathBuf> {
    files_in(folder).into_iter().find_map(|(path, place)| {
        let is_same = path.file_name()?.to_str()?.starts_with(identity);
        let is_there = find_identity(&place.join("ckpt")).is_some_and(|found| found == identity);
        (is_same && !is_there).then_some(path)
    })
}

/// The files of anchors with the place that each was last written for.
fn files_in(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let logs = entries.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
    logs.filter_map(|path| Some((place_of(&std::fs::read(&path).ok()?)?, path)))
        .map(|(place, path)| (path, place))
        .collect()
}

fn place_of(bytes: &[u8]) -> Option<PathBuf> {
    let line = bytes.lines().filter_map(|line| line.strip_prefix(b"@ ")).next_back()?;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(&crate::model::extra::unescape(line))))
}

/// Who writes to state folders on this machine under this name; no more than a mark to tell two of them apart.
fn writer_of(folder: &Path) -> String {
    digest(&[host_name().as_bytes(), b"\0", folder.as_os_str().as_bytes()])
}

fn add_writer(layout: &Layout, writer: &str) -> io::Result<()> {
    if writers(layout).contains(writer) {
        return Ok(());
    }
    private::create_dir(&layout.own_dir)?;
    let mut file = private::open(OpenOptions::new().append(true).create(true), &writers_path(layout))?;
    file.write_all(format!("{writer}\n").as_bytes())
}

fn writers(layout: &Layout) -> HashSet<String> {
    let text = std::fs::read_to_string(writers_path(layout)).unwrap_or_default();
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// What is known of the refs of a repository.
#[derive(Debug, Default)]
pub struct Anchors {
    pub files: Vec<AnchorFile>,
    /// Nobody else writes to this repository, as far as it tells: what is not known here was not made by ckpt.
    pub is_alone: bool,
}

/// One file of anchors.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AnchorFile {
    /// It is of this very repository. Another was written for the same place, by one whose identity is gone or other.
    pub is_own: bool,
    pub refs: BTreeMap<String, AnchoredRef>,
    /// From when to when, in seconds since 1970, lines may be missing.
    pub gaps: Vec<(i64, i64)>,
}

impl AnchorFile {
    fn read(path: &Path, is_own: bool) -> Option<AnchorFile> {
        let bytes = std::fs::read(path).ok()?;
        let restart = std::fs::metadata(path).ok().and_then(|data| restart_since(&data));
        Some(AnchorFile { is_own, refs: parse(&bytes), gaps: gaps(&bytes).chain(restart).collect() })
    }
}

/// What is known of one ref.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnchoredRef {
    /// Where it was last put; `None` where it was removed, or never got so far.
    pub last: Option<ObjectId>,
    /// It was removed, and that was the last of it.
    pub is_removed: bool,
    /// Every value that it was, or was about to be, put at.
    pub known: HashSet<ObjectId>,
    /// The user said that this value is right, whatever came before.
    pub accepted: Option<ObjectId>,
}

/// Reads all that is known of this repository. What cannot be read is not known.
pub fn read(environment: &Environment, layout: &Layout) -> Anchors {
    let Some(folder) = find_folder(environment, layout) else { return Anchors::default() };
    let identity = find_identity(&layout.own_dir);
    let own = identity.as_ref().map(|identity| folder.join(file_name(identity, &layout.common_dir)));
    let own = own.filter(|path| path.exists()).or_else(|| find_moved(&folder, identity.as_ref()?));
    let here = files_in(&folder).into_iter().filter(|(_, place)| *place == layout.common_dir).map(|(path, _)| path);
    let others: Vec<PathBuf> = here.filter(|path| Some(path) != own.as_ref()).collect();
    let mine = own.iter().filter_map(|path| AnchorFile::read(path, true));
    let files = mine.chain(others.iter().filter_map(|path| AnchorFile::read(path, false)));
    let writer = writer_of(&folder);
    let is_alone =
        own.is_some() && writers(layout).iter().all(|known| *known == writer) && layout.sharing == Sharing::Umask;
    Anchors { files: files.collect(), is_alone }
}

/// Says that these values are right. The error is that of the state folder.
pub fn accept(environment: &Environment, layout: &Layout, refs: &[(String, Option<ObjectId>)]) -> io::Result<()> {
    let mut lines = vec![b'\n'];
    for (name, id) in refs {
        match id {
            Some(id) => push_line(&mut lines, ACCEPTED, name, Some(id)),
            None => push_line(&mut lines, REMOVED, name, None),
        }
    }
    let mut file = open(environment, layout).ok_or(io::ErrorKind::PermissionDenied)?;
    file.write_all(&lines)
}

/// Reads the lines; one that makes no sense was torn by a crash and is passed over.
pub fn parse(bytes: &[u8]) -> BTreeMap<String, AnchoredRef> {
    let mut refs: BTreeMap<String, AnchoredRef> = BTreeMap::new();
    for line in bytes.lines() {
        let Some((mark, name, id)) = parse_line(line) else { continue };
        let anchored = refs.entry(name).or_default();
        anchored.known.extend(id);
        match mark {
            INTENDED => {}
            ACCEPTED => *anchored = AnchoredRef { last: id, accepted: id, ..std::mem::take(anchored) },
            _ => anchored.last = id,
        }
        if mark != INTENDED {
            anchored.is_removed = mark == REMOVED;
        }
    }
    refs
}

fn gaps(bytes: &[u8]) -> impl Iterator<Item = (i64, i64)> {
    let noted = bytes.lines().filter_map(|line| line.strip_prefix(RESTARTED)?.to_str().ok()?.split_once(' '));
    noted.filter_map(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)))
}

fn parse_line(line: &[u8]) -> Option<(u8, String, Option<ObjectId>)> {
    let (&mark, rest) = line.split_first()?;
    let text = rest.strip_prefix(b" ")?.to_str().ok()?;
    let (name, id) = match text.split_once(' ') {
        Some((name, id)) => (name, Some(id.parse().ok()?)),
        None => (text, None),
    };
    let is_sound = match mark {
        INTENDED | PUBLISHED | ACCEPTED => id.is_some(),
        REMOVED => id.is_none(),
        _ => false,
    };
    (is_sound && name.contains("refs/")).then(|| (mark, name.to_owned(), id))
}
