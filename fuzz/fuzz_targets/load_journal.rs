//! The journal of a load.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = std::env::temp_dir().join(format!("ckpt-fuzz-{}", std::process::id()));
    let _ = std::fs::create_dir(&folder);
    std::fs::write(folder.join("pending.toml"), bytes).expect("the temporary folder can be written");
    let _ = ckpt::worktree::journal::find(&folder);
});
