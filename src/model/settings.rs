//! Settings of the repository that decide what a file's bytes mean to git. Read by `store/`, obeyed by `worktree/`.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What the scan has to know of git's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScanSettings {
    /// `core.fileMode`: whether the executable bit on disk counts.
    pub trust_file_mode: bool,
    /// `core.symlinks`: whether links on disk count as links.
    pub symlinks: bool,
    /// `core.ignoreCase`.
    pub ignore_case: bool,
    pub line_endings: LineEndings,
    /// `core.excludesFile`, resolved; the default one when unset.
    pub excludes_file: Option<PathBuf>,
    /// `core.attributesFile`, resolved; the default one when unset.
    pub attributes_file: Option<PathBuf>,
    /// Drivers under `filter.<name>` that have a `clean` or `process` command.
    pub filters: BTreeMap<String, Filter>,
}

/// `core.autocrlf` and `core.eol`, for files whose attributes leave it open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LineEndings {
    pub autocrlf: AutoCrlf,
    /// `core.eol` is `crlf`.
    pub eol_crlf: bool,
}

/// `core.autocrlf`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AutoCrlf {
    #[default]
    False,
    True,
    Input,
}

/// An external filter driver.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// `filter.<name>.required`.
    pub required: bool,
}
