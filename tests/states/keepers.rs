//! Ways to keep a state: ckpt's, and the two that people use with git alone.

use crate::sandbox::{Outcome, Sandbox};

#[derive(Clone, Copy)]
pub enum Keeper {
    Ckpt,
    Stash,
    /// `git add -A` in a copy of the index, `git write-tree`, and the tree of the index itself.
    Plumbing,
}

/// What a way remembers: HEAD, and two ids where it has any.
pub struct Kept {
    head: String,
    work: String,
    index: String,
}

impl Keeper {
    /// `None` where it refuses.
    pub fn save(self, sandbox: &Sandbox) -> Option<Kept> {
        let head = symbolic_or_id(sandbox);
        match self {
            Keeper::Ckpt => {
                sandbox.ckpt(&["save", "kept"]).succeeds();
                Some(Kept { head, work: String::new(), index: String::new() })
            }
            Keeper::Stash => {
                let saved = sandbox.try_git(&["stash", "push", "-u", "-q"]);
                (saved.code() == Some(0)).then(|| Kept { head, work: String::new(), index: String::new() })
            }
            Keeper::Plumbing => {
                let copy = sandbox.root().join("index-copy");
                let present = crate::exact::git_dir(sandbox).join("index");
                if present.exists() {
                    std::fs::copy(present, &copy).unwrap();
                }
                let run = |arguments: &[&str]| {
                    let outcome = Outcome::of(sandbox.command("git").args(arguments).env("GIT_INDEX_FILE", &copy));
                    (outcome.code() == Some(0)).then(|| outcome.stdout().trim().to_owned())
                };
                run(&["add", "-A"])?;
                let work = run(&["write-tree"])?;
                let index = sandbox.try_git(&["write-tree"]);
                (index.code() == Some(0)).then(|| Kept { head, work, index: index.stdout().trim().to_owned() })
            }
        }
    }

    pub fn restore(self, sandbox: &Sandbox, kept: &Kept) {
        match self {
            Keeper::Ckpt => {
                sandbox.ckpt(&["load", "kept", "--head", "--operation", "--yes"]).succeeds();
            }
            Keeper::Stash => {
                put_head(sandbox, &kept.head);
                sandbox.try_git(&["reset", "-q", "--hard"]);
                sandbox.try_git(&["clean", "-fdq"]);
                sandbox.git(&["stash", "apply", "-q", "--index"]);
            }
            Keeper::Plumbing => {
                put_head(sandbox, &kept.head);
                sandbox.git(&["read-tree", "--reset", "-u", &kept.work]);
                sandbox.git(&["clean", "-fdq"]);
                sandbox.git(&["checkout-index", "-a", "-f", "-q"]);
                sandbox.git(&["read-tree", &kept.index]);
            }
        }
    }
}

fn symbolic_or_id(sandbox: &Sandbox) -> String {
    let symbolic = sandbox.try_git(&["symbolic-ref", "-q", "HEAD"]).stdout();
    if symbolic.is_empty() { sandbox.try_git(&["rev-parse", "HEAD"]).stdout() } else { symbolic }.trim().to_owned()
}

fn put_head(sandbox: &Sandbox, head: &str) {
    if head.starts_with("refs/") {
        sandbox.git(&["symbolic-ref", "HEAD", head]);
    } else {
        sandbox.git(&["update-ref", "--no-deref", "HEAD", head]);
    }
}
