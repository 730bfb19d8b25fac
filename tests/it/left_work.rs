//! Work that is left for something else, and what of it has to come back.

use crate::sandbox::repository::index_entries;
use crate::sandbox::{Picture, Sandbox};

/// Everything that has to come back.
pub struct State {
    picture: Picture,
    index: Vec<(bstr::BString, u32)>,
    head: String,
    commit: String,
    status: String,
}

impl State {
    pub fn of(sandbox: &Sandbox) -> State {
        State {
            picture: sandbox.picture(),
            index: index_entries(sandbox),
            head: std::fs::read_to_string(sandbox.git_dir().join("HEAD")).unwrap(),
            commit: sandbox.try_git(&["rev-parse", "--verify", "-q", "HEAD"]).stdout(),
            status: sandbox.git(&["status"]),
        }
    }

    #[track_caller]
    pub fn is_back(&self, sandbox: &Sandbox, why: &str) {
        self.is_back_but_for_head(sandbox, why);
        assert_eq!(self.head, std::fs::read_to_string(sandbox.git_dir().join("HEAD")).unwrap(), "{why}: HEAD");
        assert_eq!(self.status, sandbox.git(&["status"]), "{why}: status");
    }

    #[track_caller]
    pub fn is_back_but_for_head(&self, sandbox: &Sandbox, why: &str) {
        self.picture.must_equal(&sandbox.picture(), why);
        assert_eq!(self.index, index_entries(sandbox), "{why}: the index");
        assert_eq!(self.commit, sandbox.try_git(&["rev-parse", "--verify", "-q", "HEAD"]).stdout(), "{why}: commit");
    }
}

/// A branch `feature` with a commit that `main` lacks, one file changed and one staged.
pub fn on_feature() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", "*.o\n");
    sandbox.commit("rules");
    sandbox.git(&["switch", "-q", "-c", "feature"]);
    sandbox.write("feature.txt", "committed\n");
    sandbox.commit("feature");
    sandbox.write("a.txt", "changed\n");
    sandbox.write("staged.txt", "staged\n");
    sandbox.git(&["add", "staged.txt"]);
    sandbox
}
