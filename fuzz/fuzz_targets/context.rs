//! The context, two versions of it and their merge.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let parts: Vec<&[u8]> = bytes.splitn(3, |byte| *byte == 0xff).collect();
    let texts: Vec<&str> = parts.into_iter().filter_map(|part| std::str::from_utf8(part).ok()).collect();
    for text in &texts {
        let _ = ckpt::context::document::Document::parse(text).sections().len();
        let _ = ckpt::context::partition::Partitions::parse(text);
    }
    if let [base, ours, theirs] = texts[..] {
        let _ = ckpt::context::merge::merge(base, ours, theirs);
    }
});
