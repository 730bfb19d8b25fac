//! Folders and files of our own: for the user alone, unless the folder they stand in is shared with a group.
//!
//! A folder is shared when it hands its group on and the group may write (`g+ws`): so git makes the git folder of a
//! repository that is shared, and so ours inside it come to be. Nothing is ever granted that the folder above does not
//! grant, and nothing to strangers. Called by whatever makes such a file.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Hands its group on, and the group may write.
const SHARED: u32 = 0o2020;

/// Makes a folder and those above it. An existing one is left as it is.
pub fn create_dir(path: &Path) -> io::Result<()> {
    match make_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_dir(path.parent().ok_or(error)?)?;
            make_dir(path)
        }
        made => made,
    }
}

fn make_dir(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
        made => made?,
    }
    match granted_in(path)? {
        0 => Ok(()),
        granted => std::fs::set_permissions(path, Permissions::from_mode(0o2700 | granted)),
    }
}

/// Opens a file that `options` may create.
pub fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = options.mode(0o600).open(path)?;
    let granted = granted_in(path)? & 0o060;
    // Only its owner may; another user's was opened, and so grants enough.
    if granted != 0 && file.metadata()?.mode() & granted != granted {
        let _ = file.set_permissions(Permissions::from_mode(0o600 | granted));
    }
    Ok(file)
}

/// What the folder around `path` grants to its group, if it is shared. To others nothing is ever granted.
fn granted_in(path: &Path) -> io::Result<u32> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = std::fs::metadata(folder)?.mode();
    Ok(if mode & SHARED == SHARED { mode & 0o070 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn made_in_a_folder_of(permissions: u32) -> (u32, u32, u32) {
        let root = tempfile::tempdir().unwrap();
        std::fs::set_permissions(root.path(), Permissions::from_mode(permissions)).unwrap();
        let folder = root.path().join("one/two");
        create_dir(&folder).unwrap();
        create_dir(&folder).unwrap();
        open(OpenOptions::new().write(true).create(true), &folder.join("file")).unwrap();
        (mode(&root.path().join("one")), mode(&folder), mode(&folder.join("file")))
    }

    #[test]
    fn what_is_made_is_private_unless_the_folder_is_shared() {
        assert_eq!(made_in_a_folder_of(0o755), (0o700, 0o700, 0o600));
        assert_eq!(made_in_a_folder_of(0o775), (0o700, 0o700, 0o600));
        assert_eq!(made_in_a_folder_of(0o2755).2, 0o600);
        assert_eq!(made_in_a_folder_of(0o2770), (0o2770, 0o2770, 0o660));
        assert_eq!(made_in_a_folder_of(0o2775), (0o2770, 0o2770, 0o660));
    }
}
