//! The paths of a tree that is to be written.
#![no_main]

use ckpt_fuzz::Objects;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let rules = ckpt::worktree::path_check::PathRules { trusted: false, allow_links: false };
    let extra = ckpt::model::extra::WorktreeExtra::default();
    let _ = ckpt::worktree::path_check::check_tree(&Objects::new(bytes), &Objects::tip(), None, &extra, rules);
});
