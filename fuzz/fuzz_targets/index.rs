//! Git's index file and the tree of what was read.
#![no_main]

use ckpt::model::id::HashKind;
use ckpt::store::{index_file, index_tree};
use ckpt_fuzz::Nowhere;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for hash in [HashKind::Sha1, HashKind::Sha256] {
        // Zeros in the place of the checksum count for a sound one.
        let file = [bytes, &vec![0; hash.len()]].concat();
        if let Ok(index) = index_file::parse(&file, hash) {
            let _ = index_tree::write_index_tree(&index, &Nowhere(hash));
        }
    }
});
