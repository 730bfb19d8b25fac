//! One state of a work tree as nodes: its tree, with the empty folders that a tree cannot say put in.

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice};

use super::{Content, Form, State};
use crate::model::extra::PermissionKind;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectReader};
use crate::worktree::path_check::push_name;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// `None` when it holds nothing but empty folders.
    Folder(Option<ObjectId>),
    Leaf {
        mode: Mode,
        id: ObjectId,
    },
}

/// Nodes of one folder by name.
pub(super) type Children = BTreeMap<BString, Node>;

/// The nodes directly in the folder `path`.
pub(super) fn children_of(
    objects: &dyn ObjectReader,
    state: &State<'_>,
    path: &BStr,
    tree: Option<ObjectId>,
) -> Result<Children, ObjectError> {
    let mut children = Children::new();
    if let Some(id) = tree {
        for entry in objects.read_tree(&id)? {
            let node = match entry.mode {
                Mode::Tree => Node::Folder(Some(entry.id)),
                mode => Node::Leaf { mode, id: entry.id },
            };
            if state.extra.absent.is_empty() || is_on_disk(objects, state, &mut below_path(path, &entry.name), node)? {
                children.insert(entry.name, node);
            }
        }
    }
    for folder in below(&state.extra.empty_folders, path) {
        let rest = if path.is_empty() { &folder[..] } else { &folder[path.len() + 1..] };
        let name = rest.split(|&byte| byte == b'/').next().unwrap_or(rest);
        if !name.is_empty() {
            children.entry(name.into()).or_insert(Node::Folder(None));
        }
    }
    Ok(children)
}

/// Whether a node of the tree was on disk at all: a skipped path of the index may be in the tree alone.
fn is_on_disk(
    objects: &dyn ObjectReader,
    state: &State<'_>,
    path: &mut BString,
    node: Node,
) -> Result<bool, ObjectError> {
    let absent = &state.extra.absent;
    let Node::Folder(Some(tree)) = node else { return Ok(absent.binary_search(path).is_err()) };
    if below(absent, path.as_bstr()).next().is_none() {
        return Ok(true);
    }
    for entry in objects.read_tree(&tree)? {
        let node = match entry.mode {
            Mode::Tree => Node::Folder(Some(entry.id)),
            mode => Node::Leaf { mode, id: entry.id },
        };
        let length = push_name(path, &entry.name);
        let found = is_on_disk(objects, state, path, node);
        path.truncate(length);
        if found? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn below_path(folder: &BStr, name: &[u8]) -> BString {
    let mut path = folder.to_owned();
    push_name(&mut path, name);
    path
}

/// Those of some sorted paths that lie below the folder `path`.
fn below<'a>(sorted: &'a [BString], path: &BStr) -> impl Iterator<Item = &'a BString> {
    let mut prefix = path.to_owned();
    if !prefix.is_empty() {
        prefix.push(b'/');
    }
    let start = sorted.partition_point(|folder| *folder < prefix);
    sorted[start..].iter().take_while(move |folder| folder.starts_with(&prefix))
}

/// What the bytes on disk of a file or link are.
pub(super) fn content_of(state: &State<'_>, path: &BStr, mode: Mode, id: ObjectId) -> Content {
    // A link with bytes of its own is a plain file that stands for one (`core.symlinks=false`).
    if let Some(&raw) = state.extra.raw.get(path) {
        return Content { id: raw, form: Form::Verbatim };
    }
    if mode == Mode::Symlink {
        return Content { id, form: Form::Link };
    }
    let is_crlf = state.extra.crlf.binary_search_by(|listed| listed.as_bstr().cmp(path)).is_ok();
    Content { id, form: if is_crlf { Form::Crlf } else { Form::Verbatim } }
}

/// The permission bits of a node.
pub(super) fn permissions_of(state: &State<'_>, path: &BStr, node: Node) -> u32 {
    let kind = match node {
        Node::Folder(_) | Node::Leaf { mode: Mode::Gitlink, .. } => PermissionKind::Folder,
        Node::Leaf { mode: Mode::Executable, .. } => PermissionKind::Executable,
        Node::Leaf { .. } => PermissionKind::File,
    };
    state.extra.permissions_of(path, kind)
}
