//! How much room a disk has.

use std::path::Path;

/// Free bytes for a user without privileges, on the file system that holds `path`; `None` when it does not say.
pub fn free_space(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_says_and_what_is_not_there_does_not() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_space(folder.path()).is_some());
        assert_eq!(free_space(&folder.path().join("absent")), None);
    }
}
