//! Reading refs straight from their files.
//!
//! The words of a transaction stand here too; `publish` carries it out.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;
use rayon::prelude::*;

use super::{Layout, StoreError};
use crate::model::id::ObjectId;

/// What a ref must be before it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It must not exist.
    Absent,
    /// It must point here.
    At(ObjectId),
    /// It may be anything, and is to point at the new value afterwards.
    Anything,
}

/// One ref to create, move or (`new` is `None`) delete. Edits are made in the order given.
#[derive(Clone, Debug)]
pub struct RefEdit {
    pub name: String,
    pub expected: Expected,
    pub new: Option<ObjectId>,
}

/// What a ref's own file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RefValue {
    Id(ObjectId),
    Symbolic(String),
}

/// Git's own limit on refs that point at refs.
const MAX_DEPTH: u32 = 5;

/// The git folder that a ref's file is in: some refs belong to one work tree alone.
pub(crate) fn folder_of<'a>(layout: &'a Layout, name: &str) -> &'a Path {
    const OWN: [&str; 3] = ["refs/worktree/", "refs/bisect/", "refs/rewritten/"];
    let is_own = !name.starts_with("refs/") || OWN.iter().any(|prefix| name.starts_with(prefix));
    if is_own { &layout.git_dir } else { &layout.common_dir }
}

/// Where a ref's file stands when the ref is loose.
pub(crate) fn path_of(layout: &Layout, name: &str) -> PathBuf {
    folder_of(layout, name).join(name)
}

/// Where a ref points, symbolic ones followed.
pub(crate) fn find(layout: &Layout, name: &str) -> Result<Option<ObjectId>, StoreError> {
    let mut name = name.to_owned();
    for _ in 0..MAX_DEPTH {
        match read(layout, &name)? {
            None => return Ok(None),
            Some(RefValue::Id(id)) => return Ok(Some(id)),
            Some(RefValue::Symbolic(target)) => name = target,
        }
    }
    Err(StoreError::Damaged { what: format!("the ref {name}"), detail: "it leads in a circle".into() })
}

/// A ref's own value: its file, else the line in `packed-refs`.
pub(crate) fn read(layout: &Layout, name: &str) -> Result<Option<RefValue>, StoreError> {
    if let Some(value) = read_loose(&path_of(layout, name), name)? {
        return Ok(Some(value));
    }
    if folder_of(layout, name) != layout.common_dir {
        return Ok(None);
    }
    let packed = read_packed(layout)?;
    if let Some(id) = find_packed(&packed, name) {
        return Ok(Some(RefValue::Id(id)));
    }
    // `pack-refs` may have moved it into the packed file and back out between our two looks.
    read_loose(&path_of(layout, name), name)
}

fn read_loose(path: &Path, name: &str) -> Result<Option<RefValue>, StoreError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(source) => return Err(StoreError::Io { action: "read", path: path.to_path_buf(), source }),
    };
    match parse_value(&text) {
        Some(value) => Ok(Some(value)),
        None => Err(StoreError::Damaged {
            what: format!("the ref {name}"),
            detail: format!("{} holds no object id", path.display()),
        }),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory)
}

fn parse_value(text: &[u8]) -> Option<RefValue> {
    if let Some(target) = text.strip_prefix(b"ref:") {
        let target = target.trim().to_str().ok()?;
        let stays_inside = !target.starts_with('/') && target.split('/').all(|part| part != "..");
        return stays_inside.then(|| RefValue::Symbolic(target.to_owned()));
    }
    let line = text.trim_end();
    ObjectId::from_hex(line).map(RefValue::Id)
}

/// The bytes of `packed-refs`; none when there is no such file.
pub(crate) fn read_packed(layout: &Layout) -> Result<Vec<u8>, StoreError> {
    let path = layout.common_dir.join("packed-refs");
    match std::fs::read(&path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(StoreError::Io { action: "read", path, source }),
    }
}

/// The id in `packed-refs`; none of git's variants of the file sorts or peels in a way that matters here.
pub(crate) fn find_packed(packed: &[u8], name: &str) -> Option<ObjectId> {
    let wanted = [b" ", name.as_bytes(), b"\n"].concat();
    packed.find_iter(&wanted).find_map(|at| {
        let start = packed[..at].rfind_byte(b'\n').map_or(0, |end| end + 1);
        ObjectId::from_hex(&packed[start..at])
    })
}

/// All refs below `prefix`, sorted by name; symbolic ones resolved, broken ones passed over as git does.
pub(crate) fn list(layout: &Layout, prefix: &str) -> Result<Vec<(String, ObjectId)>, StoreError> {
    let folder = folder_of(layout, prefix);
    // Loose first: a ref that `pack-refs` moves meanwhile is then in the packed file that is read afterwards.
    let mut names = Vec::new();
    walk(&folder.join(prefix), prefix.trim_end_matches('/'), &mut names)?;
    let read = |name: String| match read_loose(&folder.join(&name), &name) {
        Ok(Some(value)) => Some((name, value)),
        _ => None,
    };
    // Opening files is all the cost; threads are worth their start only for many.
    let loose: Vec<_> = match names.len() {
        0..=256 => names.into_iter().filter_map(read).collect(),
        _ => names.into_par_iter().filter_map(read).collect(),
    };
    let mut all = BTreeMap::new();
    if folder == layout.common_dir {
        let packed = read_packed(layout)?;
        all.extend(packed_below(&packed, prefix));
    }
    for (name, value) in loose {
        let id = match value {
            RefValue::Id(id) => Some(id),
            // One that leads nowhere, or in a circle, is broken like one that says nothing.
            RefValue::Symbolic(target) => find(layout, &target).ok().flatten(),
        };
        if let Some(id) = id {
            all.insert(name, id);
        }
    }
    Ok(all.into_iter().collect())
}

/// The names of refs below `prefix` whose files cannot be understood: no listing has them.
pub(crate) fn list_broken(layout: &Layout, prefix: &str) -> Result<Vec<String>, StoreError> {
    let folder = folder_of(layout, prefix);
    let mut names = Vec::new();
    walk(&folder.join(prefix), prefix.trim_end_matches('/'), &mut names)?;
    let is_broken = |name: &String| match read_loose(&folder.join(name), name) {
        Ok(Some(RefValue::Symbolic(target))) => !matches!(find(layout, &target), Ok(Some(_))),
        Ok(_) => false,
        Err(_) => true,
    };
    names.retain(is_broken);
    Ok(names)
}

/// Where a ref of each work tree points: the main one's key is empty.
pub(crate) fn find_in_worktrees(layout: &Layout, name: &str) -> Vec<(String, Result<Option<ObjectId>, StoreError>)> {
    let linked = std::fs::read_dir(layout.common_dir.join("worktrees")).into_iter().flatten().flatten();
    let mut keys: Vec<String> = linked.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    keys.sort();
    keys.insert(0, String::new());
    let found = keys.into_iter().map(|key| {
        let git_dir = match key.as_str() {
            "" => layout.common_dir.clone(),
            key => layout.common_dir.join("worktrees").join(key),
        };
        let id = find(&Layout { git_dir, worktree_key: key.clone(), ..layout.clone() }, name);
        (key, id)
    });
    found.collect()
}

fn packed_below<'a>(packed: &'a [u8], prefix: &'a str) -> impl Iterator<Item = (String, ObjectId)> + 'a {
    packed.lines().filter_map(move |line| {
        let (hex, name) = line.split_once_str(" ")?;
        if !name.starts_with(prefix.as_bytes()) {
            return None;
        }
        Some((name.to_str().ok()?.to_owned(), ObjectId::from_hex(hex)?))
    })
}

/// The names of all loose refs below a folder.
fn walk(folder: &Path, name: &str, found: &mut Vec<String>) -> Result<(), StoreError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(()),
        Err(source) => return Err(StoreError::Io { action: "read", path: folder.to_path_buf(), source }),
    };
    for entry in entries.flatten() {
        let file_name = entry.file_name();
        let Ok(part) = file_name.as_bytes().to_str() else { continue };
        if part.ends_with(".lock") || part.starts_with('.') {
            continue;
        }
        let full = format!("{name}/{part}");
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&entry.path(), &full, found)?;
        } else {
            found.push(full);
        }
    }
    Ok(())
}
