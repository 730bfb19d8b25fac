//! Paths as typed, as seen from the root of the work tree, and as text in records.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bstr::{BString, ByteSlice};

use crate::ops::{OpError, Repo};

/// What stands before a path that is not UTF-8, or that begins like this itself.
const ENCODED: &str = "base64:";

/// Paths as typed (from the working directory, or absolute) as paths from the root, sorted, without repetition.
///
/// The root itself stands for everything, which is an empty list.
pub(crate) fn from_root(repo: &Repo, typed: &[BString]) -> Result<Vec<BString>, OpError> {
    let layout = repo.store.layout();
    let read = |path: &BString| crate::ops::paths::from_root(layout, path.as_bstr());
    let mut paths = typed.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    paths.dedup();
    if paths.iter().any(|path| path.is_empty()) {
        paths.clear();
    }
    Ok(paths)
}

/// Paths as text for a record.
pub(crate) fn encode(paths: &[BString]) -> Vec<String> {
    let one = |path: &BString| match path.to_str() {
        Ok(text) if !text.starts_with(ENCODED) => text.to_owned(),
        _ => format!("{ENCODED}{}", STANDARD.encode(path)),
    };
    paths.iter().map(one).collect()
}

/// Undoes [`encode`]. Text that is not right stands for itself.
pub(crate) fn decode(texts: &[String]) -> Vec<BString> {
    let one = |text: &String| {
        let bytes = text.strip_prefix(ENCODED).and_then(|code| STANDARD.decode(code).ok());
        bytes.map_or_else(|| text.as_str().into(), BString::from)
    };
    texts.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_into_a_record_and_come_out() {
        let paths: Vec<BString> = vec!["plain \u{e9}".into(), b"\xff".into(), "base64:".into(), "a\nb".into()];
        assert_eq!(decode(&encode(&paths)), paths);
        assert_eq!(encode(&paths)[0], "plain \u{e9}");
    }
}
