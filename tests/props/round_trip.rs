//! Save, wreck, load: everything is back. Undo: the wreck is back.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};
use ckpt::model::checkpoint::CheckpointKind;
use ckpt::model::id::ObjectId;
use ckpt::model::omission::{Omission, Reason};
use ckpt::ops::load::{LoadRequest, carry_out, prepare};
use ckpt::ops::save::{SaveRequest, save};
use ckpt::ops::undo::undo;

use crate::generator::{Allowed, Generator};
use crate::sandbox::picture::Thing;
use crate::sandbox::repository::index_entries;
use crate::sandbox::{Outcome, Picture, Sandbox};
use crate::workers;

/// Round trips of one repository.
const TRIPS: u64 = 10;

/// Repositories of the usual run: 40 × 10 = 400 round trips.
const REPOSITORIES: u64 = 40;

const FILES_AND_INDEX: Allowed = Allowed { head: false, nested: false, settings: false, odd: false };

#[test]
fn a_load_brings_everything_back_and_an_undo_the_wreck() {
    let repositories = REPOSITORIES * workers::sweep_factor();
    workers::run("round_trip::load_worker", 5001..5001 + repositories);
    workers::record("Round trips (saved, wrecked, loaded, undone) that came back to the byte", repositories * TRIPS);
}

#[test]
#[ignore = "started by the test above, in a process of its own"]
fn load_worker() {
    workers::each_seed(check_repository);
}

fn check_repository(seed: u64) {
    let sandbox = Sandbox::unborn();
    sandbox.with_real_clock();
    let mut generator = Generator::new(&sandbox, seed);
    generator.begin();
    for trip in 0..TRIPS {
        generator.step(Allowed { head: true, nested: true, settings: true, odd: false });
        check_trip(&mut generator, &format!("seed {seed}, trip {trip}"));
    }
}

/// A state: files, index, and the paths that a checkpoint of it holds.
struct State {
    picture: Picture,
    index: Vec<(BString, u32)>,
    held: BTreeSet<BString>,
    /// Paths that the rules of then ignore, tracked or not.
    ignored: BTreeSet<BString>,
}

impl State {
    fn of(sandbox: &Sandbox, checkpoint: &ObjectId) -> State {
        let listing = sandbox.try_git(&["ls-tree", "-r", "-z", "--name-only", &checkpoint.to_string()]).succeeds();
        let held = listing.stdout_bytes().split_str("\0").filter(|path| !path.is_empty()).map(BString::from).collect();
        let picture = sandbox.picture();
        let ignored = ignored_paths(sandbox, &picture);
        State { picture, index: index_entries(sandbox), held, ignored }
    }

    fn tracks(&self, path: &BString) -> bool {
        self.index.iter().any(|(line, _)| line.split_once_str("\t").is_some_and(|(_, tracked)| tracked == &path[..]))
    }

    /// A folder without anything in it.
    fn has_empty_folder(&self, path: &BString) -> bool {
        let inside = [path.as_slice(), b"/"].concat();
        let is_empty = !self.picture.things.keys().any(|other| other.starts_with(&inside));
        is_empty && matches!(self.picture.get(path), Some(Thing::Folder { .. }))
    }
}

fn check_trip(generator: &mut Generator<'_>, place: &str) {
    let sandbox = generator.sandbox;
    let saved = save(&workers::open(sandbox), &SaveRequest::of_kind(CheckpointKind::Manual));
    let saved = saved.unwrap_or_else(|error| panic!("{place}: save: {error:?}\n{}", generator.done.join("\n")));
    let target = saved.id;
    let before = State::of(sandbox, &target);
    generator.note(format!("-- saved {target}"));
    for _ in 0..1 + generator.random.below(4) {
        generator.step(FILES_AND_INDEX);
    }
    let history = |generator: &Generator<'_>| generator.done.join("\n");
    let request = LoadRequest { point: Some(target.to_string()), ..LoadRequest::default() };
    let (wreck_picture, wreck_index) = (sandbox.picture(), index_entries(sandbox));
    let repo = workers::open(sandbox);
    let prepared = prepare(&repo, &request, false);
    let prepared = prepared.unwrap_or_else(|error| panic!("{place}: prepare: {error:?}\n{}", history(generator)));
    let safety = prepared.safety.expect("a load takes a safety checkpoint");
    let named = saved.omissions.iter().chain(&prepared.protected);
    let left_alone = submodules_left_alone(named, [&before.picture, &wreck_picture]);
    let mut wreck = State::of(sandbox, &safety);
    wreck.picture.must_equal(&wreck_picture, &format!("{place}: preparing a load changed files"));
    wreck.index = wreck_index;
    let loaded = carry_out(&repo, prepared);
    let _ = loaded.unwrap_or_else(|error| panic!("{place}: load: {error:?}\n{}", history(generator)));
    let problems = problems_after_load(&before, &wreck, &State::of(sandbox, &target), &left_alone);
    assert!(problems.is_empty(), "{place}: after the load\n{}\n{}", problems.join("\n"), history(generator));
    let undone = undo(&workers::open(sandbox));
    let _ = undone.unwrap_or_else(|error| panic!("{place}: undo: {error:?}\n{}", history(generator)));
    wreck.picture.must_equal(&sandbox.picture(), &format!("{place}: after the undo\n{}", history(generator)));
    assert_eq!(wreck.index, index_entries(sandbox), "{place}: the index after the undo\n{}", history(generator));
    generator.note("-- loaded and undone".into());
}

/// Submodules that are not checked out, and have something in their folders all the same: git never looks at it, so no
/// checkpoint holds it, and save or load names them.
fn submodules_left_alone<'o>(named: impl Iterator<Item = &'o Omission>, pictures: [&Picture; 2]) -> BTreeSet<BString> {
    let is_checked_out = |path: &BString| pictures.iter().any(|one| one.get(path) == Some(&Thing::Nested));
    let named = named.filter(|omission| matches!(omission.reason, Reason::NestedRepository { .. }));
    named.map(|omission| omission.path.clone()).filter(|path| !is_checked_out(path)).collect()
}

/// What is not as it should be: what the checkpoint holds is back, what no checkpoint holds is untouched, the rest is gone.
fn problems_after_load(before: &State, wreck: &State, after: &State, left_alone: &BTreeSet<BString>) -> Vec<String> {
    let mut problems = Vec::new();
    let is_left = |path: &BString| left_alone.contains(path) || is_inside_one(path, left_alone);
    for (path, thing) in wreck.picture.things.iter().filter(|(path, _)| is_left(path)) {
        if after.picture.get(path) != Some(thing) {
            problems.push(format!("  {path:?}: {thing:?} was to be left alone, and is {:?}", after.picture.get(path)));
        }
    }
    let folders = before.picture.things.keys().filter(|path| before.has_empty_folder(path));
    let back = before.held.iter().chain(folders.filter(|path| !before.ignored.contains(*path)));
    for path in back.filter(|path| !is_left(path)) {
        let (wanted, found) = (before.picture.get(path), after.picture.get(path));
        if wanted != found && !(wanted.is_none() && is_folder_of_ignored(path, wreck, after)) {
            problems.push(format!("  {path:?}: saved {wanted:?}, loaded {found:?}"));
        }
    }
    for (path, thing) in wreck.picture.leaves() {
        let is_kept = !wreck.held.contains(path) && !before.held.contains(path) && !collides(path, &before.held);
        if is_kept && after.picture.get(path) != Some(thing) {
            problems.push(format!("  {path:?}: was {thing:?}, in no checkpoint, now {:?}", after.picture.get(path)));
        }
    }
    for (path, thing) in after.picture.leaves() {
        let was_saved = wreck.held.contains(path) && before.picture.get(path).is_none();
        // The rules are back by now, and what they hide the checkpoint could not know of.
        let is_tracked = wreck.tracks(path) || before.tracks(path) || before.held.contains(path);
        let is_hidden = after.ignored.contains(path) && !is_tracked;
        if is_hidden && wreck.picture.get(path) != Some(thing) {
            problems.push(format!("  {path:?}: {thing:?} was ignored by the rules of the checkpoint, and changed"));
        }
        if was_saved && !before.held.contains(path) && !is_hidden && !is_left(path) {
            problems.push(format!("  {path:?}: {thing:?} should have been removed"));
        }
    }
    if before.index != after.index {
        problems.push(format!("  the index was {:?}, is {:?}", before.index, after.index));
    }
    problems
}

/// Whether a folder has stayed because of what is in it, which is ignored. It may stand where a sparse checkout has no file.
fn is_folder_of_ignored(path: &BString, wreck: &State, after: &State) -> bool {
    let inside = [path.as_slice(), b"/"].concat();
    let mut leaves = after.picture.leaves().filter(|(leaf, _)| leaf.starts_with(&inside)).peekable();
    let is_ignored =
        |(leaf, thing): (&BString, _)| !wreck.held.contains(leaf) && wreck.picture.get(leaf) == Some(thing);
    leaves.peek().is_some() && leaves.all(is_ignored)
}

/// Whether a path that the checkpoint holds needs this place for itself.
fn collides(path: &BString, held: &BTreeSet<BString>) -> bool {
    let inside = [path.as_slice(), b"/"].concat();
    is_inside_one(path, held) || held.iter().any(|other| other.starts_with(&inside))
}

/// The paths that the rules of now ignore, as git says.
fn ignored_paths(sandbox: &Sandbox, picture: &Picture) -> BTreeSet<BString> {
    let staged = sandbox.try_git(&["ls-files", "-s", "-z"]).succeeds();
    let submodules: BTreeSet<BString> = staged.stdout_bytes().split_str("\0").filter_map(submodule_path).collect();
    // Git refuses the whole list for one path inside a submodule.
    let outside = picture.things.keys().filter(|path| !is_inside_one(path, &submodules));
    // Git takes a colon at the start for pathspec magic, and cannot be told here to take paths literally.
    let list: Vec<u8> = outside.flat_map(|path| [b"./", path.as_slice(), b"\0"].concat()).collect();
    let file = sandbox.root().join("paths");
    std::fs::write(&file, list).unwrap();
    let mut command = sandbox.command("git");
    command.args(["check-ignore", "--no-index", "-z", "--stdin"]).stdin(std::fs::File::open(file).unwrap());
    let outcome = Outcome::of(&mut command);
    assert!(matches!(outcome.code(), Some(0 | 1)), "git must answer for every path\n{}", outcome.describe());
    let answers = outcome.stdout_bytes().split_str("\0");
    answers.filter_map(|path| path.strip_prefix(b"./")).map(BString::from).collect()
}

/// The path of a line of `git ls-files -s`, if it is a submodule's.
fn submodule_path(line: &[u8]) -> Option<BString> {
    let (facts, path) = line.split_once_str("\t")?;
    facts.starts_with(b"160000").then(|| path.into())
}

/// Whether one of the paths lies above.
fn is_inside_one(path: &BString, above: &BTreeSet<BString>) -> bool {
    path.find_iter("/").any(|at| above.contains(path[..at].as_bstr()))
}
