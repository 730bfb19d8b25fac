//! Many files at once: a first save of untracked files, a load that rewrites them all.

use std::fs;

use crate::measure::{Contender, Table, interleaved, time};
use crate::place::{Place, is_small, trees_folder};
use crate::trees::{Size, write_files};

fn many() -> Size {
    Size { files: if is_small() { 1_000 } else { 10_000 }, folders: 500, bytes: 10_000 }
}

/// A folder of untracked files in a repository without a commit, made anew.
fn untracked(name: &str) -> Place {
    let place = Place { work: trees_folder().join(format!("{name}-{}", many().files)) };
    if !place.work.exists() {
        fs::create_dir_all(&place.work).unwrap();
        write_files(&place.work, many(), 17);
    }
    place
}

fn renew(place: &Place) {
    let _ = fs::remove_dir_all(place.work.join(".git"));
    place.run_git(&["init", "-q"]);
    std::thread::sleep(std::time::Duration::from_millis(60));
}

pub fn first_untracked(table: &mut Table) {
    let place = untracked("untracked");
    let times = interleaved(&mut [
        Contender::new(|| {
            renew(&place);
            time(&mut place.ckpt(&["save", "-q"]))
        }),
        Contender::new(|| {
            renew(&place);
            time(&mut place.git(&["add", "-A"]))
        }),
    ]);
    table.time("first save of 10,000 untracked files against git add -A", times[0], times[1], 0.6);
}

/// Two versions of every file, as commits and as points, all in one pack.
pub fn load_many(table: &mut Table) {
    let place = Place { work: trees_folder().join(format!("versions-{}", many().files)) };
    let _ = fs::remove_dir_all(&place.work);
    fs::create_dir_all(&place.work).unwrap();
    place.run_git(&["init", "-q"]);
    for version in ["one", "two"] {
        write_files(&place.work, many(), version.len() * version.as_bytes()[0] as usize);
        place.run_git(&["add", "-A"]);
        let tree = place.run_git(&["write-tree"]);
        place.run_git(&[
            "update-ref",
            &format!("refs/bench/{version}"),
            &place.run_git(&["commit-tree", "-m", version, &tree]),
        ]);
        place.run_ckpt(&["save", "-q", version]);
    }
    place.run_git(&["repack", "-q", "-a", "-d", "--window=0", "--depth=0"]);
    let times = interleaved(&mut [
        Contender::new(|| time(&mut place.ckpt(&["load", "-q", "--yes", "one"]))),
        Contender::new(|| time(&mut place.git(&["read-tree", "-u", "--reset", "refs/bench/two"]))),
    ]);
    table.time("load that rewrites 10,000 files against git read-tree -u", times[0], times[1], 1.3);
}
