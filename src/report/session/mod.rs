//! The answers of `ckpt session`.

pub mod cleaned;
pub mod closed;
pub mod exported;
pub mod listed;
mod parts;
pub mod shown;
pub mod told;
