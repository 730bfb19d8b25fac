//! Notes on the user's commits, under `refs/notes/ckpt`: which session and checkpoint a commit belongs to.
//!
//! A view: deleting it loses nothing that was saved. The tree is git's own form, in folders by the first two digits of the
//! commit, so that a note costs the same whatever their number; notes that git arranged in another way are found and kept.
//! A note is a set of lines, each complete in itself, so that two notes on one commit are joined as a union.
//! Written under git's lock on the ref. Called by `ops/hook_run`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bstr::{BString, ByteSlice};

use super::git_lock::GitLock;
use super::loose::LooseObjects;
use super::path_tree::read_paths;
use super::ref_store::RefStore;
use super::sync::start_writing_out;
use super::{Expected, Layout, RefEdit, Store, StoreError, refs};
use crate::model::commit::{Commit, Signature};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::model::tree::{TreeEntry, encode};
use crate::sys::{atomic, fault};

#[cfg(test)]
mod tests;

/// The ref; `git log --notes=ckpt` shows what it holds.
pub const REF: &str = "refs/notes/ckpt";

/// Where notes of others land when they are fetched: `refs/notes/remotes/<remote>/ckpt`.
pub const REMOTES: &str = "refs/notes/remotes/";

/// A leaf with more notes than this puts new ones into folders.
const LARGEST_LEAF: usize = 256;

/// One line of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteLine {
    pub session: String,
    /// The session's last checkpoint at that time.
    pub checkpoint: Option<ObjectId>,
    /// What the checkpoint says of itself, on one line.
    pub summary: String,
}

impl NoteLine {
    /// `session main, checkpoint 43b2…: login works`.
    pub fn render(&self) -> String {
        let NoteLine { session, checkpoint, summary } = self;
        let summary = summary.split_whitespace().collect::<Vec<_>>().join(" ");
        match (checkpoint, summary.as_str()) {
            (None, _) => format!("session {session}, no checkpoint yet"),
            (Some(id), "") => format!("session {session}, checkpoint {id}"),
            (Some(id), summary) => format!("session {session}, checkpoint {id}: {summary}"),
        }
    }

    /// Reads a line; `None` for one that somebody else wrote.
    pub fn parse(line: &str) -> Option<NoteLine> {
        let (session, rest) = line.strip_prefix("session ")?.split_once(", ")?;
        let session = session.to_owned();
        if rest == "no checkpoint yet" {
            return Some(NoteLine { session, checkpoint: None, summary: String::new() });
        }
        let (id, summary) = rest.strip_prefix("checkpoint ")?.split_once(": ").unwrap_or((&rest[11..], ""));
        Some(NoteLine { session, checkpoint: Some(id.parse().ok()?), summary: summary.to_owned() })
    }
}

/// The lines of both notes, each once, in the order in which they come.
pub fn union(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = Vec::new();
    for line in one.lines().chain(other.lines()).filter(|line| !line.trim().is_empty()) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.into_iter().flat_map(|line| [line, b"\n"].concat()).collect()
}

/// The notes as they are at one moment.
pub struct Notes<'a> {
    store: &'a Store,
    tip: Option<ObjectId>,
    tree: Option<ObjectId>,
}

/// The text that a commit's note is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteEdit {
    pub commit: ObjectId,
    pub text: Vec<u8>,
}

impl<'a> Notes<'a> {
    /// Looks where the notes stand.
    pub fn open(store: &'a Store) -> Result<Notes<'a>, StoreError> {
        let tip = store.find_ref(REF)?;
        let tree = tip.map(|tip| store.tree_of(&tip)).transpose()?;
        Ok(Notes { store, tip, tree })
    }

    /// The text of a commit's note.
    pub fn find(&self, commit: &ObjectId) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(tree) = self.tree else { return Ok(None) };
        let blob = find_blob(self.store, &tree, commit.to_string().as_bytes())?;
        Ok(blob.map(|id| self.store.read_kind(&id, ObjectKind::Blob)).transpose()?)
    }
}

fn find_blob(reader: &dyn ObjectReader, tree: &ObjectId, rest: &[u8]) -> Result<Option<ObjectId>, StoreError> {
    let mut folder = None;
    for entry in reader.read_tree(tree)? {
        match entry.mode {
            Mode::Tree if rest.len() > 2 && entry.name == rest[..2] => folder = Some(entry.id),
            Mode::Tree => {}
            _ if entry.name == rest => return Ok(Some(entry.id)),
            _ => {}
        }
    }
    folder.map_or(Ok(None), |folder| find_blob(reader, &folder, &rest[2..]))
}

/// Changes notes under the lock of their ref: `change` sees them as they are and says which are to be written. Gives their
/// number. Waits at most `patience` for somebody else's change, then fails with [`StoreError::RefLocked`].
pub fn edit(
    store: &Store,
    signature: &Signature,
    patience: Duration,
    mut change: impl FnMut(&Notes<'_>) -> Result<Vec<NoteEdit>, StoreError>,
) -> Result<usize, StoreError> {
    write(store, signature, patience, |notes| Ok((change(notes)?, None)))
}

/// Joins the notes of another ref to ours, line by line. Gives the number of notes that changed; 0 when it has nothing new.
pub fn merge(store: &Store, signature: &Signature, patience: Duration, other: &ObjectId) -> Result<usize, StoreError> {
    let theirs = read_all(store, &store.tree_of(other)?)?;
    write(store, signature, patience, |notes| {
        let ours = notes.tree.map(|tree| read_all(store, &tree)).transpose()?.unwrap_or_default();
        let mut edits = Vec::new();
        for (commit, blob) in &theirs {
            let own = ours.get(commit);
            if own == Some(blob) {
                continue;
            }
            let own = own.map(|id| store.read_kind(id, ObjectKind::Blob)).transpose()?.unwrap_or_default();
            let text = union(&own, &store.read_kind(blob, ObjectKind::Blob)?);
            if text != own {
                edits.push(NoteEdit { commit: *commit, text });
            }
        }
        Ok((edits, Some(*other)))
    })
}

/// Whether [`remember_joined`] was told of this value of the ref. Forgetting is harmless: joining once more adds nothing.
pub fn is_joined(layout: &Layout, name: &str, tip: &ObjectId) -> bool {
    let known = std::fs::read_to_string(joined_path(layout)).unwrap_or_default();
    known.lines().any(|line| line == format!("{tip} {name}"))
}

/// Remembers that the notes of a ref are among ours.
pub fn remember_joined(layout: &Layout, name: &str, tip: &ObjectId) -> Result<(), StoreError> {
    let path = joined_path(layout);
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let others = known.lines().filter(|line| line.split_once(' ').is_some_and(|(_, other)| other != name));
    let text: String = others.map(|line| format!("{line}\n")).collect::<String>() + &format!("{tip} {name}\n");
    atomic::replace_unsynced(&path, |mut file| file.write_all(text.as_bytes())).map_err(|source| StoreError::Io {
        action: "write",
        path,
        source,
    })
}

fn joined_path(layout: &Layout) -> PathBuf {
    layout.own_dir.join("notes-joined")
}

/// Every note by its commit. What has no commit's name is passed over.
fn read_all(store: &Store, tree: &ObjectId) -> Result<BTreeMap<ObjectId, ObjectId>, StoreError> {
    let paths = read_paths(store, tree)?;
    Ok(paths.iter().filter_map(|(path, (_, id))| Some((ObjectId::from_hex(&path.replace("/", ""))?, *id))).collect())
}

fn write(
    store: &Store,
    signature: &Signature,
    patience: Duration,
    mut change: impl FnMut(&Notes<'_>) -> Result<(Vec<NoteEdit>, Option<ObjectId>), StoreError>,
) -> Result<usize, StoreError> {
    match &store.refs {
        RefStore::Files => write_to_file(store, signature, patience, &mut change),
        RefStore::Git(_) => write_through_git(store, signature, patience, &mut change),
    }
}

type Changing<'a> = &'a mut dyn FnMut(&Notes<'_>) -> Result<(Vec<NoteEdit>, Option<ObjectId>), StoreError>;

fn write_to_file(
    store: &Store,
    signature: &Signature,
    patience: Duration,
    change: Changing<'_>,
) -> Result<usize, StoreError> {
    let path = refs::path_of(store.layout(), REF);
    let failed = |source| StoreError::Io { action: "write", path: path.clone(), source };
    let lock = GitLock::wait(store.layout(), &path, patience).map_err(failed)?;
    let lock = lock.ok_or_else(|| StoreError::RefLocked { name: REF.into() })?;
    let notes = Notes::open(store)?;
    let Some((objects, tip, count)) = compose(store, signature, &notes, change)? else { return Ok(0) };
    lock.file().write_all(format!("{tip}\n").as_bytes()).map_err(failed)?;
    // A sync would hold up the user's commit for as long as others keep the disk busy, and this is only a view.
    start_writing_out(&objects.files().chain([lock.file()]).collect::<Vec<_>>());
    fault::reach("notes.written");
    objects.install().map_err(failed)?;
    fault::reach("notes.objects-installed");
    lock.rename().map_err(failed)?;
    fault::reach("notes.published");
    Ok(count)
}

/// Where the ref is no file, its lock is a file of our own, and git compares once more: when its own notes came between,
/// everything is done again.
fn write_through_git(
    store: &Store,
    signature: &Signature,
    patience: Duration,
    change: Changing<'_>,
) -> Result<usize, StoreError> {
    let deadline = Instant::now() + patience;
    let path = store.layout().own_dir.join("notes");
    let failed = |source| StoreError::Io { action: "write", path: path.clone(), source };
    let lock = GitLock::wait(store.layout(), &path, patience).map_err(failed)?;
    let _lock = lock.ok_or_else(|| StoreError::RefLocked { name: REF.into() })?;
    loop {
        let notes = Notes::open(store)?;
        let Some((objects, tip, count)) = compose(store, signature, &notes, change)? else { return Ok(0) };
        start_writing_out(&objects.files().collect::<Vec<_>>());
        fault::reach("notes.written");
        objects.install().map_err(failed)?;
        fault::reach("notes.objects-installed");
        let expected = notes.tip.map_or(Expected::Absent, Expected::At);
        match store.publish(None, &[RefEdit { name: REF.into(), expected, new: Some(tip) }]) {
            Err(StoreError::RefMoved { .. }) if Instant::now() < deadline => {}
            done => return done.map(|()| count),
        }
    }
}

/// The objects of the change and the commit on top of them; `None` when there is nothing to change.
fn compose(
    store: &Store,
    signature: &Signature,
    notes: &Notes<'_>,
    change: Changing<'_>,
) -> Result<Option<(LooseObjects, ObjectId, usize)>, StoreError> {
    let (mut edits, other) = change(notes)?;
    if edits.is_empty() {
        return Ok(None);
    }
    edits.sort_by_key(|edit| edit.commit);
    edits.dedup_by_key(|edit| edit.commit);
    let layout = store.layout();
    let mut objects = LooseObjects::new(&layout.common_dir.join("objects"), layout.sharing, store.hash_kind());
    let mut writing = TreeWriting { reader: store, objects: &mut objects };
    let changes: Vec<Change> = edits.iter().map(|edit| writing.blob(edit)).collect::<Result<_, _>>()?;
    let tree = writing.folder(notes.tree.as_ref(), &changes, 0)?;
    let commit = Commit {
        tree,
        parents: notes.tip.into_iter().chain(other).collect(),
        author: signature.clone(),
        committer: signature.clone(),
        message: message(&edits, other.is_some()),
    };
    let tip = writing.add(ObjectKind::Commit, &commit.encode())?;
    Ok(Some((objects, tip, edits.len())))
}

fn message(edits: &[NoteEdit], is_merge: bool) -> BString {
    let what = match edits {
        [edit] => edit.commit.short(),
        _ => format!("{} commits", edits.len()),
    };
    format!("{} on {what}\n", if is_merge { "join notes" } else { "note" }).into()
}

/// A note's blob under the digits of its commit that are left below a folder.
struct Change {
    digits: Vec<u8>,
    blob: ObjectId,
}

struct TreeWriting<'a> {
    reader: &'a dyn ObjectReader,
    objects: &'a mut LooseObjects,
}

impl TreeWriting<'_> {
    fn add(&mut self, kind: ObjectKind, bytes: &[u8]) -> Result<ObjectId, StoreError> {
        let failed = |source| StoreError::Io { action: "write", path: "objects".into(), source };
        self.objects.add(kind, bytes).map_err(failed)
    }

    fn blob(&mut self, edit: &NoteEdit) -> Result<Change, StoreError> {
        let blob = self.add(ObjectKind::Blob, &edit.text)?;
        Ok(Change { digits: edit.commit.to_string().into_bytes(), blob })
    }

    /// Writes a folder with the changes made; they are sorted, and `depth` folders above.
    fn folder(&mut self, tree: Option<&ObjectId>, changes: &[Change], depth: usize) -> Result<ObjectId, StoreError> {
        let mut entries = tree.map(|tree| self.reader.read_tree(tree)).transpose()?.unwrap_or_default();
        let goes_deeper = depth == 0 || entries.len() > LARGEST_LEAF;
        let digits = |change: &Change| change.digits[depth * 2..].to_vec();
        for group in changes.chunk_by(|one, other| digits(one)[..2] == digits(other)[..2]) {
            let prefix = digits(&group[0])[..2].to_vec();
            // The same note may stand here under its whole name: git arranged it so.
            entries
                .retain(|entry| entry.mode == Mode::Tree || !group.iter().any(|change| entry.name == digits(change)));
            let position = entries.iter().position(|entry| entry.mode == Mode::Tree && entry.name == prefix);
            if position.is_none() && !goes_deeper {
                let leaf =
                    |change: &Change| TreeEntry { mode: Mode::File, name: digits(change).into(), id: change.blob };
                entries.extend(group.iter().map(leaf));
                continue;
            }
            let old = position.map(|position| entries.remove(position).id);
            let id = self.folder(old.as_ref(), group, depth + 1)?;
            entries.push(TreeEntry { mode: Mode::Tree, name: prefix.into(), id });
        }
        self.add(ObjectKind::Tree, &encode(&entries))
    }
}
