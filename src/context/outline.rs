//! A document within bounds, for a brief.
//!
//! Called by `ops/`; what a token is, only the caller knows: bounds here are bytes.

use std::ops::Range;

use super::document::{BlockKind, Document};

/// What a range of the document says: without HTML comments, the facts block and white space around it.
pub(super) fn without_comments(document: &Document<'_>, range: &Range<usize>) -> String {
    let mut said = String::new();
    let mut at = range.start;
    for block in document.blocks_in(range).iter().filter(|block| block.kind == BlockKind::Html) {
        let is_comment = {
            let html = document.text()[block.range.clone()].trim();
            html.starts_with("<!--") && html.ends_with("-->")
        };
        if is_comment && block.range.start >= at {
            said.push_str(&document.text()[at..block.range.start]);
            at = block.range.end.min(range.end);
        }
    }
    said.push_str(&document.text()[at..range.end]);
    said.trim().to_owned()
}
