//! `core.sharedRepository`: what other users may do with the files that are made among git's own.
//!
//! Packs, refs and the folders around them get the permissions that git would give them, whatever the umask. Called by
//! whatever makes such a file; files of our own are `sys::private`'s business.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use bstr::ByteSlice;

use super::git_config::{GitConfig, as_boolean};

/// How a repository is shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// By the umask alone.
    #[default]
    Umask,
    /// These permissions are added to those that the umask leaves.
    AtLeast(u32),
    /// These, whatever the umask says.
    Exactly(u32),
}

const GROUP: Sharing = Sharing::AtLeast(0o660);
const EVERYBODY: Sharing = Sharing::AtLeast(0o664);
const ANY_WRITE: u32 = 0o222;
const ANY_READ: u32 = 0o444;
const GROUP_ACCESS: u32 = 0o060;
const SET_GROUP: u32 = 0o2000;

impl Sharing {
    /// Reads the setting; what git would die of counts as unset.
    pub(crate) fn of(config: &GitConfig) -> Sharing {
        const KEY: &str = "core.sharedrepository";
        let Some(value) = config.all(KEY).last() else { return Sharing::Umask };
        let Some(value) = value else { return GROUP };
        match value.as_bytes() {
            b"umask" => return Sharing::Umask,
            b"group" => return GROUP,
            b"all" | b"world" | b"everybody" => return EVERYBODY,
            _ => {}
        }
        match value.to_str().ok().and_then(|text| u32::from_str_radix(text, 8).ok()) {
            Some(0) => Sharing::Umask,
            Some(1) => GROUP,
            Some(2) => EVERYBODY,
            Some(mode) if mode & 0o600 == 0o600 => Sharing::Exactly(mode & 0o666),
            Some(_) => Sharing::Umask,
            None if as_boolean(Some(value)) == Some(true) => GROUP,
            None => Sharing::Umask,
        }
    }

    /// Gives a file that was just made the permissions it is to have.
    pub(crate) fn apply(self, file: &File) -> io::Result<()> {
        match self.change(&file.metadata()?) {
            Some(mode) => file.set_permissions(Permissions::from_mode(mode)),
            None => Ok(()),
        }
    }

    /// Makes a folder and those above it.
    pub(crate) fn create_dir_all(self, folder: &Path) -> io::Result<()> {
        match self.create_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.create_dir_all(folder.parent().ok_or(error)?)?;
                self.create_dir(folder)
            }
            made => made,
        }
    }

    fn create_dir(self, folder: &Path) -> io::Result<()> {
        match std::fs::create_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => return Ok(()),
            made => made?,
        }
        match self.change(&std::fs::metadata(folder)?) {
            Some(mode) => std::fs::set_permissions(folder, Permissions::from_mode(mode)),
            None => Ok(()),
        }
    }

    /// The mode to change to, if there is something to change.
    fn change(self, data: &Metadata) -> Option<u32> {
        let before = data.mode() & 0o7777;
        let wanted = self.mode(before, data.is_dir());
        (wanted != before).then_some(wanted)
    }

    /// What git makes of a mode: whoever may read what can be run may run it, and a folder hands its group on.
    fn mode(self, before: u32, is_folder: bool) -> u32 {
        let (Sharing::AtLeast(granted) | Sharing::Exactly(granted)) = self else { return before };
        let granted = if before & 0o200 == 0 { granted & !ANY_WRITE } else { granted };
        let granted = if before & 0o100 == 0 { granted } else { granted | run_bits(granted) };
        let mode = match self {
            Sharing::Exactly(_) => before & !0o777 | granted,
            _ => before | granted,
        };
        match is_folder {
            true if mode & GROUP_ACCESS != 0 => mode | run_bits(mode) | SET_GROUP,
            true => mode | run_bits(mode),
            false => mode,
        }
    }
}

fn run_bits(mode: u32) -> u32 {
    (mode & ANY_READ) >> 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Sharing {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        std::fs::write(&path, text).unwrap();
        let mut config = GitConfig::default();
        config.read_plain(&path).unwrap();
        Sharing::of(&config)
    }

    #[test]
    fn each_spelling_that_git_knows_is_read() {
        assert_eq!(parsed(""), Sharing::Umask);
        assert_eq!(parsed("[core]\nsharedRepository"), GROUP);
        for (value, expected) in [
            ("umask", Sharing::Umask),
            ("false", Sharing::Umask),
            ("0", Sharing::Umask),
            ("group", GROUP),
            ("true", GROUP),
            ("1", GROUP),
            ("all", EVERYBODY),
            ("world", EVERYBODY),
            ("everybody", EVERYBODY),
            ("2", EVERYBODY),
            ("0640", Sharing::Exactly(0o640)),
            ("0777", Sharing::Exactly(0o666)),
            ("0060", Sharing::Umask),
        ] {
            assert_eq!(parsed(&format!("[core]\nsharedRepository = {value}\n")), expected, "{value}");
        }
    }

    #[test]
    fn modes_are_those_that_git_gives() {
        assert_eq!(GROUP.mode(0o444, false), 0o444, "a pack stays unwritable");
        assert_eq!(GROUP.mode(0o400, false), 0o440);
        assert_eq!(GROUP.mode(0o600, false), 0o660);
        assert_eq!(GROUP.mode(0o755, true), 0o2775);
        assert_eq!(EVERYBODY.mode(0o600, false), 0o664);
        assert_eq!(Sharing::Exactly(0o640).mode(0o644, false), 0o640);
        assert_eq!(Sharing::Exactly(0o640).mode(0o444, false), 0o440);
        assert_eq!(Sharing::Exactly(0o660).mode(0o755, true), 0o2770);
        assert_eq!(Sharing::Umask.mode(0o600, false), 0o600);
    }
}
