//! `.gitignore` and `.gitattributes`, and the paths that are asked for.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (path, rules) = bytes.split_at(bytes.len().min(16));
    ckpt::worktree::scan::fuzzed::try_rules(rules, path.into());
});
