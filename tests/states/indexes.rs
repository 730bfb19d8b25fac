//! What an index may say, and how it may be written.

use crate::sandbox::Sandbox;
use crate::{State, state};

pub const STATES: &[State] = &[
    state("intent to add", || {
        with(|one| {
            one.write("soon.txt", "soon\n");
            one.git(&["add", "-N", "soon.txt"]);
        })
    }),
    state("skip-worktree, absent", || {
        with(|one| {
            one.git(&["update-index", "--skip-worktree", "a.txt"]);
            one.remove("a.txt");
        })
    }),
    state("skip-worktree, changed", || {
        with(|one| {
            one.git(&["update-index", "--skip-worktree", "a.txt"]);
            one.write("a.txt", "hidden change\n");
        })
    }),
    state("assume-unchanged, changed", || {
        with(|one| {
            one.git(&["update-index", "--assume-unchanged", "a.txt"]);
            one.write("a.txt", "hidden change\n");
        })
    }),
    state("conflict without a merge", || {
        let sandbox = Sandbox::disagreeing();
        sandbox.try_git(&["merge", "side"]);
        sandbox.git(&["merge", "--quit"]);
        sandbox
    }),
    state("version 4", || with(|one| drop(one.git(&["update-index", "--index-version", "4"])))),
    state("split index", || {
        with(|one| {
            one.git(&["update-index", "--split-index"]);
            one.write("b.txt", "beside\n");
            one.git(&["add", "b.txt"]);
        })
    }),
    state("untracked cache", || {
        with(|one| {
            one.git(&["update-index", "--untracked-cache"]);
            one.write("untracked/file", "x\n");
            one.git(&["status"]);
        })
    }),
    state("no index", || with(|one| std::fs::remove_file(one.git_dir().join("index")).unwrap())),
    state("empty index", || with(|one| drop(one.git(&["read-tree", "--empty"])))),
    state("sparse checkout", || {
        with(|one| {
            one.write("other/file", "other\n");
            one.commit("two folders");
            one.git(&["sparse-checkout", "set", "--cone", "src"]);
            one.write("src/main.rs", "fn main() { changed() }\n");
        })
    }),
    state("sparse checkout by patterns", || {
        with(|one| {
            one.write("other/file", "other\n");
            one.commit("two folders");
            one.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/other/"]);
        })
    }),
    state("sparse index", || {
        with(|one| {
            one.write("other/file", "other\n");
            one.write("other/deep/file", "other\n");
            one.commit("two folders");
            one.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "src"]);
            one.write("src/main.rs", "fn main() { changed() }\n");
        })
    }),
    state("present outside of the sparse cone", || {
        with(|one| {
            one.write("other/file", "other\n");
            one.commit("two folders");
            one.git(&["sparse-checkout", "set", "--cone", "src"]);
            one.write("other/file", "here again\n");
        })
    }),
    state("mode staged alone", || with(|one| drop(one.git(&["update-index", "--chmod=+x", "a.txt"])))),
    state("gitlink staged without a repository", || {
        with(|one| {
            let id = one.git(&["rev-parse", "HEAD"]);
            one.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},module")]);
            one.mkdir("module");
        })
    }),
    state("blob that only the index names", || {
        with(|one| {
            one.write("a.txt", "only staged\n");
            one.git(&["add", "a.txt"]);
            one.remove("a.txt");
        })
    }),
];

fn with(change: impl Fn(&Sandbox)) -> Sandbox {
    let sandbox = Sandbox::new();
    change(&sandbox);
    sandbox
}
