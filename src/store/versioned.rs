//! Reading numbered TOML records: the version is looked at before anything else.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// The version that this program writes, of every record. A higher one is refused.
pub const VERSION: u64 = 1;

#[derive(Deserialize)]
struct VersionOnly {
    version: u64,
}

/// Reads a record. `what` names it in errors. Unknown fields are passed over.
///
/// A newer version is told as such even where its other fields are not what this program expects.
pub fn parse<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, StoreError> {
    let text = std::str::from_utf8(bytes).map_err(|error| damaged(what, error))?;
    let found: VersionOnly = toml::from_str(text).map_err(|error| damaged(what, error.message()))?;
    check(found.version, what)?;
    toml::from_str(text).map_err(|error| damaged(what, error.message()))
}

/// Refuses a version that this program does not know.
pub fn check(version: u64, what: &str) -> Result<(), StoreError> {
    if version == VERSION {
        return Ok(());
    }
    Err(StoreError::Newer { what: what.to_owned(), version })
}

/// The error for a record that is not what it should be.
pub fn damaged(what: &str, detail: impl ToString) -> StoreError {
    StoreError::Damaged { what: what.to_owned(), detail: detail.to_string() }
}
