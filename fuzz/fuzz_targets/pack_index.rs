//! The index of a pack.
#![no_main]

use ckpt::model::id::{HashKind, ObjectId};
use ckpt::store::pack_read::PackIndex;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("ckpt-fuzz-{}.idx", std::process::id()));
    std::fs::write(&path, bytes).expect("the temporary folder can be written");
    let Ok(index) = PackIndex::open(&path, HashKind::Sha1) else { return };
    let ends = [bytes, &[0; 20]].concat();
    let ids: Vec<ObjectId> = ends.chunks_exact(20).take(200).filter_map(ObjectId::from_bytes).collect();
    for id in &ids {
        let _ = index.find(id);
    }
    let wanted: Vec<u32> = (0..ids.len() as u32).collect();
    let _ = index.find_all(&ids, &wanted);
});
