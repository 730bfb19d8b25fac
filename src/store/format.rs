//! Which kinds of repository there are, by git's `extensions`, and who serves them.

use bstr::ByteSlice;

use super::StoreError;
use super::git_config::GitConfig;
use crate::model::id::HashKind;
use crate::sys::environment::Environment;

/// How a repository is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub hash: HashKind,
    pub has_reftable: bool,
    /// Objects and refs go through git even where we could do without it: `CKPT_STORE=plumbing`.
    pub is_forced: bool,
}

impl Format {
    /// Reads it; refuses repositories that are stored in a way that we do not know, naming the feature.
    pub(crate) fn of(config: &GitConfig, environment: &Environment) -> Result<Format, StoreError> {
        let version = config.value("core.repositoryformatversion").map_or(Ok(0), |text| {
            text.to_str_lossy().parse::<u32>().map_err(|_| unsupported(format!("its format version is `{text}`")))
        })?;
        if version > 1 {
            return Err(unsupported(format!("its format version is {version}")));
        }
        let is_forced = environment.var("CKPT_STORE") == Some("plumbing");
        let mut format = Format { hash: HashKind::Sha1, has_reftable: false, is_forced };
        for (name, value) in config.below("extensions.") {
            let value = value.unwrap_or_default().to_str_lossy().to_ascii_lowercase();
            match (name.to_str_lossy().as_ref(), value.as_str()) {
                (
                    "noop" | "noop-v1" | "worktreeconfig" | "preciousobjects" | "partialclone" | "relativeworktrees",
                    _,
                ) => {}
                ("objectformat", "sha1") | ("refstorage", "files") => {}
                ("objectformat", "sha256") if version > 0 => format.hash = HashKind::Sha256,
                ("refstorage", "reftable") if version > 0 => format.has_reftable = true,
                ("objectformat", kind) => return Err(unsupported(format!("its objects are named by {kind}"))),
                ("refstorage", kind) => return Err(unsupported(format!("its refs are stored as {kind}"))),
                (name, _) if version > 0 => return Err(unsupported(format!("it uses the extension `{name}`"))),
                _ => {}
            }
        }
        Ok(format)
    }

    /// Whether git reads the objects: libgit2 knows no SHA-256.
    pub(crate) fn needs_git_for_objects(self) -> bool {
        self.is_forced || self.hash != HashKind::Sha1
    }

    /// Whether git reads and writes the refs.
    pub(crate) const fn needs_git_for_refs(self) -> bool {
        self.is_forced || self.has_reftable
    }
}

fn unsupported(feature: String) -> StoreError {
    StoreError::Unsupported { feature }
}
