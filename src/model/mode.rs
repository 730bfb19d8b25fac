//! The kind of a tree or index entry.

/// What a tree entry is. Git knows these five and no others; the numbers are git's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    Tree,
    File,
    Executable,
    Symlink,
    Gitlink,
}

impl Mode {
    /// Reads git's number. `100664`, which very old trees hold, is a plain file to git and to us; others are `None`.
    pub fn from_number(number: u32) -> Option<Mode> {
        match number {
            0o040000 => Some(Mode::Tree),
            0o100644 | 0o100664 => Some(Mode::File),
            0o100755 => Some(Mode::Executable),
            0o120000 => Some(Mode::Symlink),
            0o160000 => Some(Mode::Gitlink),
            _ => None,
        }
    }

    /// Git's number for this mode.
    pub const fn number(self) -> u32 {
        match self {
            Mode::Tree => 0o040000,
            Mode::File => 0o100644,
            Mode::Executable => 0o100755,
            Mode::Symlink => 0o120000,
            Mode::Gitlink => 0o160000,
        }
    }

    /// The digits as they stand in a tree object: no leading zero.
    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Tree => "40000",
            Mode::File => "100644",
            Mode::Executable => "100755",
            Mode::Symlink => "120000",
            Mode::Gitlink => "160000",
        }
    }

    /// Whether the entry's content is a blob that is written as a regular file.
    pub const fn is_file(self) -> bool {
        matches!(self, Mode::File | Mode::Executable)
    }
}
