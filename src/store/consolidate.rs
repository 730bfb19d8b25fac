//! Joins the small packs of many saves, before git's own limit of fifty would make the user's next command slow.
//!
//! Git does the packing, so that the versions of a file become deltas of each other: git's later `gc` would never try
//! that for objects which stand whole in one pack. Failing is harmless: the small packs stay. Called after publishing.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use bstr::ByteSlice;

use super::{Store, StoreError, git_lock, keep, temporary};
use crate::model::id::ObjectId;
use crate::sys::lock::FileLock;
use crate::sys::{atomic, fault, private};

/// So many packs of one tier become one of the next.
const GROUP: usize = 16;
/// Packs up to this size take up those of the tier below, again and again.
const GROWING: u64 = 4 << 20;
/// Larger packs are left alone.
const LARGEST: u64 = 32 << 20;

/// One of our packs, as the list has it: `<tier> <hash>`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    tier: u32,
    hash: String,
}

impl Store {
    /// Adds a pack to the list of our own, and joins packs when there are enough of them.
    pub(super) fn note_pack(&self, hash: &str) -> Result<(), StoreError> {
        let list = self.layout.own_dir.join("packs");
        let failed = |source| StoreError::Io { action: "write", path: list.clone(), source };
        private::create_dir(&self.layout.own_dir).map_err(failed)?;
        append(&list, &format!("0 {hash}\n")).map_err(failed)?;
        let listed = read_list(&list);
        let Some(tier) = full_tier(&listed) else { return Ok(()) };
        let lock = FileLock::acquire(&self.layout.own_dir.join("packs.lock"), Duration::ZERO).map_err(failed)?;
        match lock {
            Some(_lock) => self.join_tier(&list, tier),
            None => Ok(()),
        }
    }

    fn join_tier(&self, list: &Path, tier: u32) -> Result<(), StoreError> {
        let folder = self.pack_dir();
        keep::remove_stale(&folder);
        temporary::remove_stale(&folder);
        git_lock::sweep(&self.layout);
        let listed = read_list(list);
        let usable = |one: &&Listed| one.tier == tier && is_usable(&folder, &one.hash);
        let mut old: Vec<_> = listed.iter().filter(usable).map(|one| one.hash.clone()).collect();
        let mut new = Vec::new();
        // Another process may have been here between the count and the lock.
        if old.len() >= GROUP && !self.is_hands_off(&folder) {
            old.extend(still_growing(&listed, tier + 1, &folder));
            new = self.join(&folder, &old)?;
            fault::reach("packs.joined");
            remove_packs(&folder, &old, &new);
            self.objects.refresh();
        } else if old.len() >= GROUP {
            return Ok(());
        }
        let is_kept = |one: &Listed| if old.contains(&one.hash) { new.is_empty() } else { one.tier != tier };
        let kept = listed.into_iter().filter(is_kept);
        let mut lines: String = kept.map(|one| format!("{} {}\n", one.tier, one.hash)).collect();
        lines.extend(new.iter().map(|hash| format!("{} {hash}\n", tier + 1)));
        let failed = |source| StoreError::Io { action: "write", path: list.to_path_buf(), source };
        atomic::write(list, lines.as_bytes()).map_err(failed)
    }

    /// Whether packs may not be removed here.
    fn is_hands_off(&self, folder: &Path) -> bool {
        // An index over many packs names them; git would miss the ones that go.
        folder.join("multi-pack-index").exists()
            || self.repository_config.boolean("extensions.preciousobjects") == Some(true)
    }

    /// Makes packs of all that is in the old ones, syncs them, and makes sure that nothing is missing.
    fn join(&self, folder: &Path, old: &[String]) -> Result<Vec<String>, StoreError> {
        let failed = |source| StoreError::Io { action: "join packs in", path: folder.to_path_buf(), source };
        let ids = ids_of(folder, old).map_err(failed)?;
        let new = self.pack_objects(folder, old, &ids).map_err(failed)?;
        for hash in &new {
            for extension in ["pack", "idx"] {
                File::open(pack_path(folder, hash, extension)).and_then(|file| file.sync_all()).map_err(failed)?;
            }
        }
        atomic::sync_dir(folder).map_err(failed)?;
        if !ids_of(folder, &new).map_err(failed)?.is_superset(&ids) {
            return Err(failed(io::Error::other("git left objects out")));
        }
        Ok(new)
    }

    /// Has git pack the objects of these packs. It knows the path of each by a walk from their commits, and so finds the
    /// versions of a file that are worth a delta; a git before 2.32 cannot, and is given the ids alone.
    fn pack_objects(&self, folder: &Path, old: &[String], ids: &BTreeSet<ObjectId>) -> io::Result<Vec<String>> {
        let packs: String = old.iter().map(|hash| format!("pack-{hash}.pack\n")).collect();
        self.run_pack_objects(folder, &["--stdin-packs"], &packs).or_else(|_| {
            let lines: String = ids.iter().map(|id| format!("{id}\n")).collect();
            self.run_pack_objects(folder, &[], &lines)
        })
    }

    fn run_pack_objects(&self, folder: &Path, how: &[&str], input: &str) -> io::Result<Vec<String>> {
        let mut command = self.git();
        command.args(["-c", "pack.packSizeLimit=0", "-c", "pack.threads=1"]);
        command.args(["pack-objects", "-q", "--delta-base-offset"]).args(how).arg(folder.join("pack"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        // Git reads all of its input before it prints anything.
        let fed = child.stdin.take().expect("stdin was piped").write_all(input.as_bytes());
        let output = child.wait_with_output()?;
        fed?;
        if !output.status.success() {
            return Err(io::Error::other("git pack-objects failed"));
        }
        Ok(output.stdout.lines().filter_map(|line| Some(line.to_str().ok()?.to_owned())).collect())
    }
}

fn append(list: &Path, line: &str) -> io::Result<()> {
    private::open(OpenOptions::new().append(true).create(true), list)?.write_all(line.as_bytes())
}

/// Lines that are no entries are passed over: the list is only a help.
fn read_list(list: &Path) -> Vec<Listed> {
    let text = std::fs::read(list).unwrap_or_default();
    let entry = |line: &[u8]| {
        let (tier, hash) = line.to_str().ok()?.split_once(' ')?;
        let hash = ObjectId::from_hex(hash.as_bytes())?.to_string();
        Some(Listed { tier: tier.parse().ok()?, hash })
    };
    text.lines().filter_map(entry).collect()
}

fn full_tier(listed: &[Listed]) -> Option<u32> {
    let count = |tier| listed.iter().filter(|one| one.tier == tier).count();
    listed.iter().map(|one| one.tier).find(|&tier| count(tier) >= GROUP)
}

/// Small packs of the next tier, to be joined with those of this one: git looks for no delta between two objects that
/// stand whole in one pack, so each pack more would cost one whole version more of each file in it.
fn still_growing(listed: &[Listed], tier: u32, folder: &Path) -> Vec<String> {
    let size = |hash: &str| std::fs::metadata(pack_path(folder, hash, "pack")).map_or(u64::MAX, |data| data.len());
    let packs = listed.iter().filter(|one| one.tier == tier && is_usable(folder, &one.hash));
    packs.map(|one| one.hash.clone()).filter(|hash| size(hash) <= GROWING).collect()
}

fn pack_path(folder: &Path, hash: &str, extension: &str) -> PathBuf {
    folder.join(format!("pack-{hash}.{extension}"))
}

fn is_usable(folder: &Path, hash: &str) -> bool {
    let size = std::fs::metadata(pack_path(folder, hash, "pack")).map_or(u64::MAX, |data| data.len());
    size <= LARGEST && pack_path(folder, hash, "idx").exists() && !pack_path(folder, hash, "keep").exists()
}

/// The index goes first: without it git does not see the pack.
fn remove_packs(folder: &Path, old: &[String], new: &[String]) {
    for hash in old.iter().filter(|hash| !new.contains(hash)) {
        if pack_path(folder, hash, "keep").exists() {
            continue;
        }
        for extension in ["idx", "rev", "pack"] {
            let _ = std::fs::remove_file(pack_path(folder, hash, extension));
        }
        fault::reach("packs.one-removed");
    }
}

/// All ids that the indexes of these packs name.
fn ids_of(folder: &Path, hashes: &[String]) -> io::Result<BTreeSet<ObjectId>> {
    let mut ids = BTreeSet::new();
    for hash in hashes {
        let bytes = std::fs::read(pack_path(folder, hash, "idx"))?;
        let found = ids_in(&bytes, hash.len() / 2).ok_or_else(|| io::Error::other("a pack's index is damaged"))?;
        ids.extend(found);
    }
    Ok(ids)
}

fn ids_in(index: &[u8], id_size: usize) -> Option<Vec<ObjectId>> {
    const FANOUT_END: usize = 8 + 1024;
    let table = index.strip_prefix(b"\xfftOc\0\0\0\x02").and(index.get(..FANOUT_END))?;
    let count = u32::from_be_bytes(table[FANOUT_END - 4..].try_into().ok()?) as usize;
    let raw = index.get(FANOUT_END..FANOUT_END + count * id_size)?;
    raw.chunks_exact(id_size).map(ObjectId::from_bytes).collect()
}
