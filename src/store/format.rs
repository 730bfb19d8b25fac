//! Which kinds of repository ckpt can serve: git's `extensions`.

use bstr::ByteSlice;

use super::StoreError;
use super::git_config::GitConfig;

/// Refuses repositories that are stored in a way that we do not know, naming the feature.
pub(crate) fn check(config: &GitConfig) -> Result<(), StoreError> {
    let version = config.value("core.repositoryformatversion").map_or(Ok(0), |text| {
        text.to_str_lossy().parse::<u32>().map_err(|_| unsupported(format!("its format version is `{text}`")))
    })?;
    if version > 1 {
        return Err(unsupported(format!("its format version is {version}")));
    }
    for (name, value) in config.below("extensions.") {
        let value = value.unwrap_or_default().to_str_lossy().to_ascii_lowercase();
        match (name.to_str_lossy().as_ref(), value.as_str()) {
            ("noop" | "noop-v1" | "worktreeconfig" | "preciousobjects" | "partialclone" | "relativeworktrees", _) => {}
            ("objectformat", "sha1") | ("refstorage", "files") => {}
            ("objectformat", kind) => return Err(unsupported(format!("its objects are named by {kind}"))),
            ("refstorage", kind) => return Err(unsupported(format!("its refs are stored as {kind}"))),
            (name, _) if version > 0 => return Err(unsupported(format!("it uses the extension `{name}`"))),
            _ => {}
        }
    }
    Ok(())
}

fn unsupported(feature: String) -> StoreError {
    StoreError::Unsupported { feature }
}
