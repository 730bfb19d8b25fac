//! A file system that knows of each file and folder what would still be there if the power failed now.
//!
//! It is as forgetful as POSIX allows: the content of a file lasts once the file was synced, and the names in a folder once
//! the folder was.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use super::record::Event;

/// What a power cut leaves of what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Neither contents nor names.
    All,
    /// The names, as file systems that keep a journal of those mostly do; the contents are lost.
    Contents,
}

type Names = BTreeMap<OsString, usize>;

#[derive(Clone)]
enum Node {
    File { now: Vec<u8>, lasting: Vec<u8>, place: usize, appends: bool, mode: u32 },
    Link { target: PathBuf },
    Folder { now: Names, lasting: Names, mode: u32 },
}

/// A folder and all that is below it.
#[derive(Clone)]
pub struct Disk {
    root: PathBuf,
    nodes: Vec<Node>,
}

impl Disk {
    /// What stands there now, all of it lasting.
    pub fn read(root: &Path) -> Disk {
        let mut disk = Disk { root: root.to_owned(), nodes: Vec::new() };
        disk.add(root);
        disk
    }

    fn add(&mut self, path: &Path) -> usize {
        let data = fs::symlink_metadata(path).unwrap();
        let (at, mode) = (self.nodes.len(), data.mode() & 0o7777);
        if data.is_dir() {
            self.nodes.push(folder(mode));
            let entries = fs::read_dir(path).unwrap().map(Result::unwrap);
            let names: Names = entries.map(|entry| (entry.file_name(), self.add(&entry.path()))).collect();
            self.nodes[at] = Node::Folder { now: names.clone(), lasting: names, mode };
        } else if data.is_symlink() {
            self.nodes.push(Node::Link { target: fs::read_link(path).unwrap() });
        } else {
            let bytes = fs::read(path).unwrap();
            self.nodes.push(Node::File { now: bytes.clone(), lasting: bytes, place: 0, appends: false, mode });
        }
        at
    }

    /// Does what was done. What lies outside the folder counts for nothing.
    pub fn play(&mut self, event: &Event) {
        match event {
            Event::Open { path, creates, truncates, appends, mode } => {
                self.open(path, *creates, *truncates, *appends, *mode);
            }
            Event::Write { path, at, bytes } => self.write(path, *at, bytes),
            Event::Seek { path, to } => self.with_file(path, |_, place| *place = *to as usize),
            Event::Truncate { path, length } => self.with_file(path, |now, _| now.resize(*length as usize, 0)),
            Event::Allocate { path, length } => {
                self.with_file(path, |now, _| now.resize(now.len().max(*length as usize), 0));
            }
            Event::Copy { from, to, bytes } => self.copy(from, to, *bytes as usize),
            Event::Rename { from, to, exchanges } => self.rename(from, to, *exchanges),
            Event::Link { from, to } => {
                let found = self.find(from);
                self.put(to, found);
            }
            Event::Symlink { target, path } => {
                let target = PathBuf::from(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(target));
                self.make(path, Node::Link { target });
            }
            Event::MakeFolder { path, mode } => self.make(path, folder(*mode & 0o755)),
            Event::Remove { path } => {
                self.put(path, None);
            }
            Event::Mode { path, mode } => self.set_mode(path, *mode),
            Event::Sync { path } => self.sync(path),
            Event::SyncAll => (0..self.nodes.len()).for_each(|at| self.sync_node(at)),
        }
    }

    fn find(&self, path: &Path) -> Option<usize> {
        let relative = path.strip_prefix(&self.root).ok()?;
        relative.components().try_fold(0, |at, part| match (part, &self.nodes[at]) {
            (Component::CurDir, _) => Some(at),
            (Component::Normal(name), Node::Folder { now, .. }) => now.get(name).copied(),
            _ => None,
        })
    }

    /// Puts something in a place, or takes away what is there; what was there.
    fn put(&mut self, path: &Path, node: Option<usize>) -> Option<usize> {
        let (parent, name) = (self.find(path.parent()?)?, path.file_name()?);
        let Node::Folder { now, .. } = &mut self.nodes[parent] else { return None };
        match node {
            Some(node) => now.insert(name.to_owned(), node),
            None => now.remove(name),
        }
    }

    fn make(&mut self, path: &Path, node: Node) {
        if path.starts_with(&self.root) {
            self.nodes.push(node);
            let made = self.nodes.len() - 1;
            self.put(path, Some(made));
        }
    }

    fn open(&mut self, path: &Path, creates: bool, truncates: bool, appends: bool, mode: u32) {
        if self.find(path).is_none() && creates {
            let (now, lasting) = (Vec::new(), Vec::new());
            self.make(path, Node::File { now, lasting, place: 0, appends, mode: mode & 0o755 });
        }
        if let Some(at) = self.find(path)
            && let Node::File { now, place, appends: is_appending, .. } = &mut self.nodes[at]
        {
            (*place, *is_appending) = (0, appends);
            if truncates {
                now.clear();
            }
        }
    }

    fn with_file(&mut self, path: &Path, change: impl FnOnce(&mut Vec<u8>, &mut usize)) {
        if let Some(at) = self.find(path)
            && let Node::File { now, place, .. } = &mut self.nodes[at]
        {
            change(now, place);
        }
    }

    fn write(&mut self, path: &Path, at: Option<u64>, bytes: &[u8]) {
        let Some(found) = self.find(path) else { return };
        let Node::File { now, place, appends, .. } = &mut self.nodes[found] else { return };
        let start = match at {
            Some(at) => at as usize,
            None if *appends => now.len(),
            None => *place,
        };
        let end = start + bytes.len();
        now.resize(now.len().max(end), 0);
        now[start..end].copy_from_slice(bytes);
        if at.is_none() {
            *place = end;
        }
    }

    fn copy(&mut self, from: &Path, to: &Path, bytes: usize) {
        let Some(Node::File { now, place, .. }) = self.find(from).map(|at| self.nodes[at].clone()) else { return };
        let copied = now[place.min(now.len())..(place + bytes).min(now.len())].to_vec();
        self.with_file(from, |_, place| *place += bytes);
        self.write(to, None, &copied);
    }

    fn rename(&mut self, from: &Path, to: &Path, exchanges: bool) {
        let Some(moved) = self.put(from, None) else { return };
        let replaced = self.put(to, Some(moved));
        if exchanges {
            self.put(from, replaced);
        }
    }

    fn set_mode(&mut self, path: &Path, wanted: u32) {
        let Some(at) = self.find(path) else { return };
        match &mut self.nodes[at] {
            Node::File { mode, .. } | Node::Folder { mode, .. } => *mode = wanted,
            Node::Link { .. } => {}
        }
    }

    fn sync(&mut self, path: &Path) {
        if let Some(at) = self.find(path) {
            self.sync_node(at);
        }
    }

    fn sync_node(&mut self, at: usize) {
        match &mut self.nodes[at] {
            Node::File { now, lasting, .. } => lasting.clone_from(now),
            Node::Folder { now, lasting, .. } => lasting.clone_from(now),
            Node::Link { .. } => {}
        }
    }

    /// Makes a folder of what a power cut leaves.
    pub fn write_lasting(&self, place: &Path, loss: Loss) {
        self.lay_out(
            0,
            place,
            &|node| match node {
                Node::File { lasting, .. } => (lasting, &NO_NAMES),
                Node::Folder { lasting, .. } if loss == Loss::All => (&NO_BYTES, lasting),
                Node::Folder { now, .. } => (&NO_BYTES, now),
                Node::Link { .. } => (&NO_BYTES, &NO_NAMES),
            },
            &mut BTreeMap::new(),
        );
    }

    /// Every path with what is there while the power is on; a folder has no bytes.
    pub fn present(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        self.collect(0, Path::new(""), &mut found);
        found
    }

    fn collect(&self, at: usize, path: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        let bytes = match &self.nodes[at] {
            Node::File { now, .. } => now.clone(),
            Node::Link { target } => target.as_os_str().as_encoded_bytes().to_vec(),
            Node::Folder { now, .. } => {
                now.iter().for_each(|(name, &below)| self.collect(below, &path.join(name), found));
                Vec::new()
            }
        };
        found.insert(path.to_owned(), bytes);
    }

    /// A file with two names stays one file.
    fn lay_out<'a>(
        &'a self,
        at: usize,
        place: &Path,
        choose: &dyn Fn(&'a Node) -> (&'a Vec<u8>, &'a Names),
        made: &mut BTreeMap<usize, PathBuf>,
    ) {
        let node = &self.nodes[at];
        let (bytes, names) = choose(node);
        match (node, made.get(&at)) {
            (Node::File { .. }, Some(first)) => return fs::hard_link(first, place).unwrap(),
            _ => drop(made.insert(at, place.to_owned())),
        }
        match node {
            Node::Folder { mode, .. } => {
                if !place.exists() {
                    fs::create_dir(place).unwrap();
                }
                for (name, &below) in names {
                    self.lay_out(below, &place.join(name), choose, made);
                }
                fs::set_permissions(place, fs::Permissions::from_mode(*mode)).unwrap();
            }
            Node::Link { target } => symlink(target, place).unwrap(),
            Node::File { mode, .. } => {
                fs::write(place, bytes).unwrap();
                fs::set_permissions(place, fs::Permissions::from_mode(*mode)).unwrap();
                // The machine is started again after the cut.
                if place.extension().is_some_and(|end| end == "lock" || end == "log") {
                    let file = fs::File::options().write(true).open(place).unwrap();
                    file.set_modified(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1)).unwrap();
                }
            }
        }
    }
}

static NO_BYTES: Vec<u8> = Vec::new();
static NO_NAMES: Names = Names::new();

fn folder(mode: u32) -> Node {
    Node::Folder { now: Names::new(), lasting: Names::new(), mode }
}

#[test]
fn what_was_not_synced_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("before");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("old"), "old").unwrap();
    let mut disk = Disk::read(&root);
    let (old, new, renamed) = (root.join("old"), root.join("new"), root.join("renamed"));
    let open = |path: &Path| Event::Open {
        path: path.to_owned(),
        creates: true,
        truncates: true,
        appends: false,
        mode: 0o600,
    };
    let write =
        |path: &Path, bytes: &str| Event::Write { path: path.to_owned(), at: None, bytes: bytes.as_bytes().to_vec() };
    let events = [open(&new), write(&new, "new"), Event::Rename { from: new, to: renamed.clone(), exchanges: false }];
    events.iter().for_each(|event| disk.play(event));
    let left = |disk: &Disk, loss: Loss| {
        let place = tempfile::tempdir().unwrap();
        disk.write_lasting(place.path(), loss);
        let read = |name: &str| fs::read_to_string(place.path().join(name)).ok();
        (read("old"), read("new"), read("renamed"))
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(left(&disk, Loss::All), (text("old"), None, None));
    assert_eq!(left(&disk, Loss::Contents), (text("old"), None, text("")));
    disk.play(&Event::Sync { path: renamed });
    assert_eq!(left(&disk, Loss::All), (text("old"), None, None));
    assert_eq!(left(&disk, Loss::Contents), (text("old"), None, text("new")));
    disk.play(&Event::Remove { path: old });
    disk.play(&Event::Sync { path: root.clone() });
    assert_eq!(left(&disk, Loss::All), (None, None, text("new")));
}
