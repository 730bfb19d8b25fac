//! The work that a verb is given: a sandbox, and the two states that it may be in afterwards.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use bstr::ByteSlice;

use super::verbs::Verb;
use crate::sandbox::inside::{PLACES, States, git_in};
use crate::sandbox::{Outcome, Picture, Sandbox};
use crate::scene::is_pending_in;

/// Where there are no repositories inside.
const OUTERMOST: &[&str] = &[""];

/// A sandbox, and the two states that it may be in.
pub struct Work {
    pub sandbox: Sandbox,
    /// The repositories that the verb goes into.
    places: &'static [&'static str],
    pub before: States,
    pub after: States,
    /// Ids of the contents that are the user's.
    contents: BTreeSet<String>,
}

impl Work {
    /// Work that its verb leaves as it is.
    pub fn still(sandbox: Sandbox) -> Work {
        let state = States::of_places(&sandbox, OUTERMOST);
        Work::new(sandbox, state.clone(), state)
    }

    /// Work in one repository.
    pub fn new(sandbox: Sandbox, before: States, after: States) -> Work {
        Work::within(sandbox, OUTERMOST, before, after)
    }

    /// Work in a repository and those inside it.
    pub fn inside(sandbox: Sandbox, before: States, after: States) -> Work {
        Work::within(sandbox, &PLACES, before, after)
    }

    fn within(sandbox: Sandbox, places: &'static [&'static str], before: States, after: States) -> Work {
        let contents = contents(&sandbox, places);
        Work { sandbox, places, before, after, contents }
    }

    pub fn copy(&self) -> Work {
        self.with(self.sandbox.copy())
    }

    /// The same once more, in a folder that is not there yet.
    pub fn copy_to(&self, place: &Path) -> Work {
        self.with(self.sandbox.copy_to(place))
    }

    /// The same work, where a sandbox stands already.
    pub fn at(&self, place: &Path) -> Work {
        self.with(self.sandbox.at_place(place))
    }

    fn with(&self, sandbox: Sandbox) -> Work {
        let (before, after, contents) = (self.before.clone(), self.after.clone(), self.contents.clone());
        Work { sandbox, places: self.places, before, after, contents }
    }

    pub fn command(&self, verb: &Verb) -> Command {
        self.sandbox.ckpt_command(verb.arguments)
    }

    /// Every content that was in a work tree is still there, or in the index, or reachable from a ref.
    pub fn must_hold_all_work(&self, why: &str) {
        let held = ["rev-list", "--objects", "--no-object-names", "--all", "--indexed-objects"];
        let held: BTreeSet<String> =
            self.places.iter().flat_map(|place| lines(&git_in(&self.sandbox, place, &held))).collect();
        let present = contents(&self.sandbox, self.places);
        let lost: Vec<_> = self.contents.iter().filter(|id| !held.contains(*id) && !present.contains(*id)).collect();
        assert!(lost.is_empty(), "{why}: lost {lost:?}");
    }

    /// Git has no complaint.
    pub fn must_be_sound(&self, why: &str) {
        for place in self.places {
            for arguments in [&["status", "--porcelain"][..], &["fsck", "--full", "--strict", "--no-dangling"]] {
                let mut git = self.sandbox.command("git");
                let checked = Outcome::of(git.args(arguments).current_dir(self.sandbox.work().join(place)));
                assert_eq!(checked.code(), Some(0), "{why}, in `{place}`\n{}", checked.describe());
            }
        }
    }

    /// After one more save nothing is left of what was only on its way, and git's own locks are free.
    pub fn must_be_tidy(&self, why: &str) {
        self.save_afterwards();
        let all = walkdir::WalkDir::new(self.sandbox.work()).into_iter().map(Result::unwrap);
        let names = all.map(|entry| entry.path().to_string_lossy().into_owned());
        let left: Vec<_> = names.filter(|name| is_on_its_way(name)).collect();
        assert!(left.is_empty(), "{why}: left behind: {left:?}");
    }

    /// One more save, of all repositories.
    pub fn save_afterwards(&self) {
        let recurses: &[&str] = if self.places.len() > 1 { &["--recurse-submodules"] } else { &[] };
        self.sandbox.ckpt(&[&["save", "--always", "-m", "afterwards"], recurses].concat()).succeeds();
    }

    pub fn must_be_before(&self, why: &str) {
        self.before.must_equal(&self.now(), why);
    }

    pub fn is_before(&self) -> bool {
        self.now() == self.before
    }

    pub fn is_after(&self) -> bool {
        self.now() == self.after
    }

    /// No repository waits for `recover`, but for the outermost: there it is for the verb to say.
    pub fn must_not_be_pending_inside(&self, why: &str) {
        for place in &self.places[1..] {
            assert!(!is_pending_in(&self.sandbox, place), "{why}: something is pending in `{place}`");
        }
    }

    fn now(&self) -> States {
        States::of_places(&self.sandbox, self.places)
    }
}

/// Lock files that git or ckpt make and remove, and files under another name until they are whole. The flocks of ckpt
/// stay where they are for ever; a lock beside a checkpoint's own ref is in nobody's way: no other will have that id.
/// Unfinished packs are swept when they are old; caches that were never finished by whoever writes the next.
fn is_on_its_way(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    let is_in_own_folder = name.contains("/.git/") && name.contains("/ckpt/") && !name.contains("/refs/");
    let is_scan = name.contains("/cache/scan.") || name.contains("/cache/index.");
    let is_atomic = file.ends_with(".tmp") && (!is_in_own_folder || is_scan);
    let is_lock = file.ends_with(".lock") && !is_in_own_folder && !name.contains("/refs/ckpt/checkpoints/");
    is_lock || is_atomic || file.starts_with(".ckpt-") && !name.contains("/objects/pack/")
}

/// Ids of all files of the work trees.
fn contents(sandbox: &Sandbox, places: &[&str]) -> BTreeSet<String> {
    places.iter().flat_map(|place| contents_of(sandbox, place)).collect()
}

fn contents_of(sandbox: &Sandbox, place: &str) -> Vec<String> {
    let root = sandbox.work().join(place);
    let picture = Picture::of(&root);
    let files = picture.leaves().filter(|(path, _)| root.join(path.to_path_lossy()).is_file());
    let paths: Vec<String> = files.map(|(path, _)| path.to_str().unwrap().to_owned()).collect();
    let mut arguments = vec!["hash-object", "--no-filters", "--"];
    arguments.extend(paths.iter().map(String::as_str));
    lines(&git_in(sandbox, place, &arguments))
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}
