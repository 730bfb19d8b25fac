//! Looks for words in what was said and done, and for text in what was saved.
//!
//! Reads alone, in bounded memory: of what fits no more is kept than an excerpt.

mod blob;
mod blocks;
mod code;
mod gather;
mod rank;

pub use code::{CodeFound, CodePlace, CodeRequest, SkippedBlob, search_code};
pub use gather::{Found, Hit, SearchRequest, Within, search};
pub use rank::Query;
