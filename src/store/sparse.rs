//! Sparse checkouts: which paths are inside. Called by `ops/stack`.

use std::io::Write;
use std::process::Stdio;

use bstr::{BString, ByteSlice};

use super::{Store, StoreError};

const ACTION: &str = "asking for the rules of the sparse checkout";

/// Whether this work tree is one.
pub fn is_on(store: &Store) -> Result<bool, StoreError> {
    Ok(store.config()?.boolean("core.sparsecheckout").unwrap_or(false))
}

/// Of these paths, those that the rules check out. An older git cannot tell: all of them then.
pub fn inside(store: &Store, paths: &[BString]) -> Result<Vec<BString>, StoreError> {
    let failed = |error: std::io::Error| StoreError::Git { action: ACTION.to_owned(), detail: error.to_string() };
    let mut command = store.git();
    command.args(["sparse-checkout", "check-rules", "-z"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(failed)?;
    let mut stdin = child.stdin.take().expect("stdin was piped");
    let text: Vec<u8> = paths.iter().flat_map(|path| [path.as_slice(), b"\0"].concat()).collect();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(&text).is_ok());
        child.wait_with_output()
    });
    let output = output.map_err(failed)?;
    if !output.status.success() {
        return Ok(paths.to_vec());
    }
    Ok(output.stdout.split_str("\0").filter(|path| !path.is_empty()).map(BString::from).collect())
}
