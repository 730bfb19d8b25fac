//! A work tree with a submodule in it and a nested repository in that: `libs/one` and `libs/one/deep`.

use bstr::BString;

use super::repository::index_entries_in;
use super::{Picture, Sandbox};

/// What makes a verb go into them.
pub const RECURSE: &str = "--recurse-submodules";

/// Where the repositories are, the outermost first.
pub const PLACES: [&str; 3] = ["", "libs/one", "libs/one/deep"];

/// The usual sandbox, with a submodule that has its git folder in that of the outer repository.
pub fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let source = sandbox.root().join("source");
    let source = source.to_str().unwrap();
    sandbox.git(&["init", "-q", source]);
    std::fs::write(sandbox.root().join("source/lib.txt"), "library\n").unwrap();
    git_in(&sandbox, "../source", &["add", "-A"]);
    git_in(&sandbox, "../source", &["commit", "-q", "-m", "library"]);
    sandbox.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", source, "libs/one"]);
    sandbox.git(&["init", "-q", "libs/one/deep"]);
    sandbox.write("libs/one/deep/deep.txt", "deep\n");
    for place in ["libs/one/deep", "libs/one"] {
        git_in(&sandbox, place, &["add", "-A"]);
        git_in(&sandbox, place, &["commit", "-q", "-m", "inside"]);
    }
    sandbox.commit("with a submodule");
    sandbox
}

/// Changes files everywhere, staged and not.
pub fn make_dirty(sandbox: &Sandbox, word: &str) {
    for (place, file) in [("", "a.txt"), ("libs/one/", "lib.txt"), ("libs/one/deep/", "deep.txt")] {
        sandbox.write(format!("{place}staged-{word}.txt"), word);
        git_in(sandbox, place, &["add", "-A", ":!libs", ":!deep"]);
        sandbox.write(format!("{place}{file}"), format!("{word}\n"));
        sandbox.write(format!("{place}new-{word}/file.txt"), word);
    }
}

/// Runs git in a folder of the work tree; it must succeed.
pub fn git_in(sandbox: &Sandbox, place: &str, arguments: &[&str]) -> String {
    let mut command = sandbox.command("git");
    let outcome = super::Outcome::of(command.args(arguments).current_dir(sandbox.work().join(place))).succeeds();
    outcome.stdout().trim_end_matches('\n').to_owned()
}

/// Files, index and HEAD of each repository.
#[derive(Clone, PartialEq)]
pub struct States(Vec<State>);

#[derive(Clone, PartialEq)]
struct State {
    files: Picture,
    index: Vec<(BString, u32)>,
    head: String,
}

impl States {
    /// Of all of them.
    pub fn of(sandbox: &Sandbox) -> States {
        States::of_places(sandbox, &PLACES)
    }

    /// Of the first of [`PLACES`].
    pub fn of_places(sandbox: &Sandbox, places: &[&str]) -> States {
        let state = |place: &str| {
            let picture = Picture::of(&sandbox.work().join(place));
            let head = git_in(sandbox, place, &["rev-parse", "HEAD"]);
            State { files: picture, index: index_entries_in(sandbox, place), head }
        };
        States(places.iter().copied().map(state).collect())
    }

    /// The same, but for the files and the index of the outermost.
    pub fn with_outermost(&self, files: Picture, index: Vec<(BString, u32)>) -> States {
        let mut states = self.clone();
        states.0[0].files = files;
        states.0[0].index = index;
        states
    }

    /// Fails with the differences.
    #[track_caller]
    pub fn must_equal(&self, found: &States, why: &str) {
        for ((wanted, found), place) in self.0.iter().zip(&found.0).zip(PLACES) {
            wanted.files.must_equal(&found.files, &format!("{why}: the files of `{place}`"));
            assert_eq!(wanted.index, found.index, "{why}: the index of `{place}`");
            assert_eq!(wanted.head, found.head, "{why}: HEAD of `{place}`");
        }
    }
}
