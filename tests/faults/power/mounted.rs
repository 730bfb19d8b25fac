//! The same on real file systems: an image is mounted, written to, and copied while nothing of it was synced by anybody but
//! ckpt. What the copy holds is what a power cut would have left.
//!
//! Needs the right to mount; where it is not given, or a tool is missing, the test says so and passes. ext4 is tried by
//! default, xfs and btrfs with `CKPT_SWEEP=1`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::every_call::verbs::{self, Verb};
use crate::sandbox::Outcome;
use crate::sandbox::reliability::{self, Row};

/// A kind of file system: what makes one, and what finds fault with one.
struct Kind {
    name: &'static str,
    make: &'static [&'static str],
    check: &'static [&'static str],
}

const KINDS: [Kind; 3] = [
    Kind { name: "ext4", make: &["mkfs.ext4", "-q", "-F"], check: &["e2fsck", "-f", "-n"] },
    Kind { name: "xfs", make: &["mkfs.xfs", "-q", "-f"], check: &["xfs_repair", "-n"] },
    Kind { name: "btrfs", make: &["mkfs.btrfs", "-q", "-f"], check: &["btrfs", "check", "--readonly"] },
];

/// The smallest that all of them can be made in; it takes no more room than what is written into it.
const SIZE: u64 = 400 << 20;

const ROUNDS: u32 = 2;
const ROUNDS_OF_A_SWEEP: u32 = 20;

/// A mounted image; unmounted when dropped.
struct Mounted {
    place: PathBuf,
}

impl Mounted {
    /// `None` where it may not be mounted.
    fn new(image: &Path, place: PathBuf) -> Option<Mounted> {
        std::fs::create_dir(&place).unwrap();
        let mounted = run(&["mount", "-o", "loop"], &[image, &place]);
        mounted.is_some_and(|outcome| outcome.code() == Some(0)).then_some(Mounted { place })
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = run(&["umount"], &[&self.place]);
    }
}

/// `None` where there is no such program.
fn run(words: &[&str], paths: &[&Path]) -> Option<Outcome> {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(paths);
    is_here(words[0]).then(|| Outcome::of(&mut command))
}

fn is_here(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The image as it is on the disk at one moment: two copies that are the same were made while nothing was written.
fn cut(image: &Path, copy: &Path) {
    let again = copy.with_extension("again");
    for _ in 0..50 {
        for place in [copy, &again] {
            let copied = Command::new("cp").arg("--sparse=always").arg(image).arg(place).status().unwrap();
            assert!(copied.success());
        }
        if Command::new("cmp").arg("-s").arg(copy).arg(&again).status().unwrap().success() {
            std::fs::remove_file(&again).unwrap();
            return;
        }
    }
    panic!("the image never stood still");
}

/// Whether this could be tried at all.
fn check_round(kind: &Kind, verb: &Verb) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let (image, copy) = (folder.path().join("image"), folder.path().join("copy"));
    std::fs::File::create(&image).unwrap().set_len(SIZE).unwrap();
    if run(kind.make, &[&image]).is_none_or(|made| made.code() != Some(0)) {
        eprintln!("skipped: {} cannot be made here", kind.name);
        return false;
    }
    let Some(mounted) = Mounted::new(&image, folder.path().join("mounted")) else {
        eprintln!("skipped: images may not be mounted here");
        return false;
    };
    let template = (verb.scene)();
    let work = template.copy_to(&mounted.place.join("box"));
    let synced = run(&["sync", "-f"], &[&mounted.place]);
    assert!(synced.is_some_and(|synced| synced.code() == Some(0)));
    Outcome::of(&mut work.command(verb)).succeeds();
    cut(&image, &copy);
    // Some kinds refuse a second file system of the same name while the first is mounted.
    drop(mounted);
    let why = format!("`{}` on {}, the power cut when it was done", verb.name, kind.name);
    let left = Mounted::new(&copy, folder.path().join("left")).expect("what was mounted once is mounted again");
    let found = template.at(&left.place.join("box"));
    found.must_hold_all_work(&why);
    found.must_be_sound(&why);
    (verb.settled)(&found, true, &why);
    drop(left);
    let checked = run(kind.check, &[&copy]).expect("the tool that checks comes with the one that makes");
    assert_eq!(checked.code(), Some(0), "{why}\n{}", checked.describe());
    true
}

fn check(kind: &Kind, verb: &Verb) {
    let rounds = if reliability::is_sweep() { ROUNDS_OF_A_SWEEP } else { ROUNDS };
    for _ in 0..rounds {
        if !check_round(kind, verb) {
            return;
        }
    }
    reliability::record(&Row {
        what: &format!("`ckpt {}` on a mounted {}, cut off when it had reported", verb.name, kind.name),
        figure: &format!("{rounds} cuts, 0 lost, 0 corrupt"),
        command: "CKPT_SWEEP=1 cargo test --test faults mounted",
    });
}

#[test]
fn what_was_reported_is_on_the_disk() {
    let kinds = if reliability::is_sweep() { &KINDS[..] } else { &KINDS[..1] };
    for kind in kinds {
        for verb in [verbs::SAVE, verbs::LOAD, verbs::NOTE] {
            check(kind, &verb);
        }
    }
}
