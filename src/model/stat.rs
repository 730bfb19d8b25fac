//! What `lstat` tells about a path, as far as anything here asks.

/// Times are nanoseconds since 1970, possibly negative; `mode` is the full `st_mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    pub size: u64,
    pub modified: i64,
    pub changed: i64,
    pub inode: u64,
    pub device: u64,
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
}

impl Stat {
    /// The file type bits of `mode`.
    pub const fn kind(&self) -> u32 {
        self.mode & 0o170000
    }

    pub const fn is_file(&self) -> bool {
        self.kind() == 0o100000
    }

    pub const fn is_dir(&self) -> bool {
        self.kind() == 0o040000
    }

    pub const fn is_symlink(&self) -> bool {
        self.kind() == 0o120000
    }

    /// Whether the owner may execute it, which is all that git asks for.
    pub const fn is_executable(&self) -> bool {
        self.mode & 0o100 != 0
    }

    /// The nine permission bits, without setuid, setgid and sticky.
    pub const fn permissions(&self) -> u32 {
        self.mode & 0o777
    }
}
