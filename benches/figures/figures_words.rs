//! What words cost on a long document: over the start of the program, and over the same words on a short one.

use std::fs;
use std::time::Duration;

use crate::measure::{Contender, Table, interleaved, time};
use crate::place::{Place, trees_folder};

/// One run is too short to time alone.
const RUNS: u32 = 10;

/// `context show` and a word, on a document of 100 KB in the work tree.
pub fn words(table: &mut Table) {
    let (long, short) = (repository("words-long", 100_000), repository("words-short", 0));
    let show = |place: &Place| many(&|| place.ckpt(&["context", "show"]));
    let edit = |place: &Place| many(&|| place.ckpt(&["todo", "add", "one more"]));
    let times = interleaved(&mut [
        Contender::new(|| many(&|| long.ckpt(&["operations"]))),
        Contender::new(|| show(&long)),
        Contender::new(|| edit(&short)),
        Contender::new(|| edit(&long)),
    ]);
    let [start, show, edit_short, edit_long] = [0, 1, 2, 3].map(|which| times[which] / f64::from(RUNS));
    table.time("context show of 100 KB over start-up, of 5 ms", show - start, 0.005, 1.0);
    table.time("an edit of 100 KB over one of a short document, of 5 ms", edit_long - edit_short, 0.005, 1.0);
    for place in [long, short] {
        fs::remove_dir_all(&place.work).unwrap();
    }
}

fn many(command: &dyn Fn() -> std::process::Command) -> Duration {
    (0..RUNS).map(|_| time(&mut command())).sum()
}

/// A repository whose context has so many bytes of text and items.
fn repository(name: &str, bytes: usize) -> Place {
    let place = Place { work: trees_folder().join(name) };
    let _ = fs::remove_dir_all(&place.work);
    fs::create_dir_all(&place.work).unwrap();
    place.run_git(&["init", "-q"]);
    place.run_git(&["commit", "-q", "--allow-empty", "-m", "first"]);
    place.run_ckpt(&["init", "-q"]);
    let path = place.work.join(".ckpt/context.md");
    let mut text = fs::read_to_string(&path).unwrap();
    let item = "- [ ] something that is known, with `code` and *words*\n\nA paragraph about it.\n\n";
    text.push_str(&format!("\n## Long\n\n{}", item.repeat(bytes / item.len())));
    fs::write(&path, text).unwrap();
    place.run_ckpt(&["todo", "add", "the first"]);
    place
}
