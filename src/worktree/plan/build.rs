//! The walk over two states that makes the plan. Reads only subtrees that differ.

use std::collections::{BTreeSet, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::children::{Children, Node, children_of, content_of, permissions_of};
use super::{Content, FolderRemoval, Form, PermissionChange, Plan, Protected, Removal, State, Write, is_at_or_below};
use crate::model::change::{Change, Side};
use crate::model::extra::WorktreeExtra;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectReader};
use crate::model::omission::Omission;
use crate::worktree::path_check::push_name;

pub(super) struct Builder<'a> {
    objects: &'a dyn ObjectReader,
    current: State<'a>,
    target: State<'a>,
    paths: &'a [BString],
    /// Paths about which the two extras differ: their folders are entered even when the trees are equal.
    differing: BTreeSet<&'a BStr>,
    /// The usual modes differ: every path may need other bits.
    modes_differ: bool,
    missing: HashSet<ObjectId>,
    plan: Plan,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        objects: &'a dyn ObjectReader,
        current: State<'a>,
        target: State<'a>,
        paths: &'a [BString],
    ) -> Builder<'a> {
        Builder {
            objects,
            current,
            target,
            paths,
            differing: differing_paths(current.extra, target.extra),
            modes_differ: current.extra.usual != target.extra.usual,
            missing: HashSet::new(),
            plan: Plan::default(),
        }
    }

    pub(super) fn run(mut self) -> Result<Plan, ObjectError> {
        let root = |state: &State<'_>| Some(Node::Folder(state.tree));
        self.plan.not_in_target = self.paths_not_in_target()?;
        self.folders(&mut BString::default(), root(&self.current), root(&self.target))?;
        self.plan.missing = self.missing.into_iter().collect();
        self.plan.missing.sort();
        Ok(self.plan)
    }

    fn paths_not_in_target(&self) -> Result<Vec<BString>, ObjectError> {
        let mut absent = Vec::new();
        for path in self.paths.iter().filter(|path| !path.is_empty()) {
            if !self.is_in_target(path.as_bstr())? {
                absent.push(path.clone());
            }
        }
        Ok(absent)
    }

    fn is_in_target(&self, path: &BStr) -> Result<bool, ObjectError> {
        let mut walked = BString::default();
        let mut node = Node::Folder(self.target.tree);
        for name in path.split(|&byte| byte == b'/') {
            let Node::Folder(tree) = node else { return Ok(false) };
            let children = children_of(self.objects, &self.target, walked.as_bstr(), tree)?;
            let Some(&child) = children.get(name.as_bstr()) else { return Ok(false) };
            push_name(&mut walked, name);
            node = child;
        }
        Ok(true)
    }

    /// Two sides of a folder, or of one that is a folder on one side alone.
    fn folders(&mut self, path: &mut BString, old: Option<Node>, new: Option<Node>) -> Result<(), ObjectError> {
        let current = self.children(true, path.as_bstr(), old)?;
        let target = self.children(false, path.as_bstr(), new)?;
        let names: BTreeSet<&BString> = current.keys().chain(target.keys()).collect();
        for name in names {
            let length = push_name(path, name);
            if self.is_wanted(path.as_bstr()) {
                self.path(path, current.get(name).copied(), target.get(name).copied())?;
            }
            path.truncate(length);
        }
        Ok(())
    }

    fn children(&mut self, is_current: bool, path: &BStr, node: Option<Node>) -> Result<Children, ObjectError> {
        let Some(Node::Folder(tree)) = node else { return Ok(Children::new()) };
        let state = if is_current { &self.current } else { &self.target };
        match children_of(self.objects, state, path, tree) {
            Err(ObjectError::Missing(id)) => {
                self.missing.insert(id);
                Ok(Children::new())
            }
            other => other,
        }
    }

    fn path(&mut self, path: &mut BString, old: Option<Node>, new: Option<Node>) -> Result<(), ObjectError> {
        if self.is_same(path.as_bstr(), old, new) || self.is_protected(path.as_bstr(), old, new) {
            return Ok(());
        }
        match (old, new) {
            (Some(Node::Folder(_)), Some(Node::Folder(_))) => {
                self.folders(path, old, new)?;
                self.compare_permissions(path.as_bstr(), old, new);
            }
            (_, Some(folder @ Node::Folder(_))) => {
                self.clear_for_folder(path.as_bstr(), old);
                let permissions = permissions_of(&self.target, path.as_bstr(), folder);
                self.plan.folder_creations.push(PermissionChange { path: path.clone(), permissions });
                self.folders(path, None, new)?;
            }
            (Some(Node::Folder(_)), _) => {
                self.folders(path, old, None)?;
                self.remove_folder(path.as_bstr(), new);
                self.leaf(path.as_bstr(), None, new);
            }
            _ => self.leaf(path.as_bstr(), old, new),
        }
        Ok(())
    }

    /// Makes way for a folder. A nested repository's folder is one already; what was not chosen is not removed.
    fn clear_for_folder(&mut self, path: &BStr, old: Option<Node>) {
        if is_gitlink(old) {
            self.note_change(path, leaf_of(old), None);
        } else if old.is_some() && !self.is_whole(path) {
            self.plan.blocked.push(path.to_owned());
        } else {
            self.leaf(path, old, None);
        }
    }

    /// Whether nothing below can differ.
    fn is_same(&self, path: &BStr, old: Option<Node>, new: Option<Node>) -> bool {
        if old != new {
            return false;
        }
        let mut from_here = self.differing.range(path..);
        !self.modes_differ && !from_here.next().is_some_and(|next| next.starts_with(path))
    }

    /// Whether the path belongs to what one side left out; if so it is noted.
    fn is_protected(&mut self, path: &BStr, old: Option<Node>, new: Option<Node>) -> bool {
        let sides = [(self.current.omissions, true), (self.target.omissions, false)];
        let found = sides.into_iter().find_map(|(omissions, is_current)| {
            omission_over(omissions, path).map(|omission| Protected { omission: omission.clone(), is_current })
        });
        let Some(protected) = found else { return false };
        if old.is_none() && is_gitlink(new) {
            self.plan.gitlinks.push(path.to_owned());
        }
        if !self.plan.protected.contains(&protected) {
            self.plan.protected.push(protected);
        }
        true
    }

    fn compare_permissions(&mut self, path: &BStr, old: Option<Node>, new: Option<Node>) {
        let (Some(old), Some(new)) = (old, new) else { return };
        let permissions = permissions_of(&self.target, path, new);
        if permissions_of(&self.current, path, old) == permissions || !self.is_whole(path) {
            return;
        }
        let change = PermissionChange { path: path.to_owned(), permissions };
        match new {
            Node::Folder(_) | Node::Leaf { mode: Mode::Gitlink, .. } => self.plan.folder_permissions.push(change),
            Node::Leaf { .. } => self.plan.file_permissions.push(change),
        }
    }

    fn remove_folder(&mut self, path: &BStr, new: Option<Node>) {
        let makes_way = new.is_some() && !is_gitlink(new);
        if self.is_whole(path) && !is_gitlink(new) {
            self.plan.folder_removals.push(FolderRemoval { path: path.to_owned(), makes_way });
        }
    }

    /// A path that is a file, a link or a nested repository on the sides where it is anything.
    fn leaf(&mut self, path: &BStr, old: Option<Node>, new: Option<Node>) {
        let old = leaf_of(old);
        let new = leaf_of(new);
        let replaced = old.filter(|&(mode, _)| mode != Mode::Gitlink);
        let replaces = replaced.map(|(mode, id)| content_of(&self.current, path, mode, id));
        if old.is_some_and(|(mode, _)| mode == Mode::Gitlink) {
            self.leave_gitlink(path, new);
        }
        match new {
            Some((Mode::Gitlink, id)) => {
                self.remove(path, replaces);
                self.submodule(path, old, id);
            }
            Some((mode, id)) => self.write(path, replaces, (mode, id), old),
            None => self.remove(path, replaces),
        }
        self.note_change(path, old, new);
    }

    /// The folder of a submodule that nothing is checked out in: what is in one that is not empty is left alone.
    fn submodule(&mut self, path: &BStr, old: Option<(Mode, ObjectId)>, id: ObjectId) {
        let node = Node::Leaf { mode: Mode::Gitlink, id };
        match old {
            Some((Mode::Gitlink, id)) => {
                self.compare_permissions(path, Some(Node::Leaf { mode: Mode::Gitlink, id }), Some(node));
            }
            _ => {
                let permissions = permissions_of(&self.target, path, node);
                self.plan.gitlinks.push(path.to_owned());
                self.plan.folder_permissions.push(PermissionChange { path: path.to_owned(), permissions });
            }
        }
    }

    /// The folder of a nested repository goes only if it is empty.
    fn leave_gitlink(&mut self, path: &BStr, new: Option<(Mode, ObjectId)>) {
        match new {
            Some((Mode::Gitlink, _)) => {}
            _ => self.plan.folder_removals.push(FolderRemoval { path: path.to_owned(), makes_way: new.is_some() }),
        }
    }

    fn remove(&mut self, path: &BStr, was: Option<Content>) {
        if let Some(was) = was {
            self.plan.removals.push(Removal { path: path.to_owned(), was });
        }
    }

    fn write(
        &mut self,
        path: &BStr,
        replaces: Option<Content>,
        (mode, id): (Mode, ObjectId),
        old: Option<(Mode, ObjectId)>,
    ) {
        let content = content_of(&self.target, path, mode, id);
        let node = Node::Leaf { mode, id };
        if replaces == Some(content) {
            if content.form != Form::Link {
                self.compare_permissions(path, old.map(|(mode, id)| Node::Leaf { mode, id }), Some(node));
            }
            return;
        }
        if old == Some((mode, id)) {
            let side = Some(Side { mode, id });
            self.plan.changes.push(Change { path: path.to_owned(), old: side, new: side });
        }
        match self.objects.read_header(&content.id) {
            Ok((_, size)) => self.plan.bytes += size,
            Err(_) => {
                self.missing.insert(content.id);
            }
        }
        let permissions = permissions_of(&self.target, path, node);
        let list = if content.form == Form::Link { &mut self.plan.links } else { &mut self.plan.writes };
        list.push(Write { path: path.to_owned(), content, permissions, replaces });
    }

    fn note_change(&mut self, path: &BStr, old: Option<(Mode, ObjectId)>, new: Option<(Mode, ObjectId)>) {
        let side = |leaf: Option<(Mode, ObjectId)>| leaf.map(|(mode, id)| Side { mode, id });
        let is_gitlink = |leaf: Option<(Mode, ObjectId)>| leaf.is_some_and(|(mode, _)| mode == Mode::Gitlink);
        if old != new && !(is_gitlink(old) && is_gitlink(new)) {
            self.plan.changes.push(Change { path: path.to_owned(), old: side(old), new: side(new) });
        }
    }

    /// Whether the path is of the chosen ones, or leads to one.
    fn is_wanted(&self, path: &BStr) -> bool {
        self.is_whole(path) || self.paths.iter().any(|wanted| is_at_or_below(wanted, path))
    }

    /// Whether the path is chosen with all that is below it.
    fn is_whole(&self, path: &BStr) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|wanted| is_at_or_below(path, wanted))
    }
}

fn is_gitlink(node: Option<Node>) -> bool {
    matches!(node, Some(Node::Leaf { mode: Mode::Gitlink, .. }))
}

fn leaf_of(node: Option<Node>) -> Option<(Mode, ObjectId)> {
    match node {
        Some(Node::Leaf { mode, id }) => Some((mode, id)),
        _ => None,
    }
}

/// The omission that `path` is at or below, among sorted ones.
fn omission_over<'o>(omissions: &'o [Omission], path: &BStr) -> Option<&'o Omission> {
    let ends = path.find_iter("/").chain([path.len()]);
    ends.into_iter().find_map(|end| {
        let at = omissions.binary_search_by(|omission| omission.path.as_bstr().cmp(path[..end].as_bstr())).ok()?;
        omissions[at].reason.is_protected().then_some(&omissions[at])
    })
}

fn differing_paths<'a>(left: &'a WorktreeExtra, right: &'a WorktreeExtra) -> BTreeSet<&'a BStr> {
    let mut paths = BTreeSet::new();
    for (one, other) in [(left, right), (right, left)] {
        let modes = one.permissions.iter().filter(|(path, mode)| other.permissions.get(*path) != Some(mode));
        let raw = one.raw.iter().filter(|(path, id)| other.raw.get(*path) != Some(id));
        paths.extend(modes.map(|(path, _)| path.as_bstr()).chain(raw.map(|(path, _)| path.as_bstr())));
        let lists = [(&one.crlf, &other.crlf), (&one.absent, &other.absent)];
        paths.extend(lists.into_iter().flat_map(|(one, other)| only_in(one, other)));
        paths.extend(only_in(&one.empty_folders, &other.empty_folders));
    }
    paths
}

fn only_in<'a>(one: &'a [BString], other: &'a [BString]) -> impl Iterator<Item = &'a BStr> {
    one.iter().filter(|path| other.binary_search(path).is_err()).map(|path| path.as_bstr())
}
