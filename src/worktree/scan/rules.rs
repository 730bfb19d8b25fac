//! Ignore rules, folder by folder, as git reads them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::pattern::{Pattern, before_nul, without_mark};

use crate::model::settings::ScanSettings;

/// Texts of the rules that hold everywhere, the weakest first: `core.excludesFile` and `info/exclude`.
pub(in crate::worktree) fn read_global(settings: &ScanSettings, common_dir: &Path) -> [Vec<u8>; 2] {
    let read = |path: Option<PathBuf>| path.and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
    [read(settings.excludes_file.clone()), read(Some(common_dir.join("info/exclude")))]
}

/// Patterns of one source, in the order of its lines.
#[derive(Debug, Default)]
struct Patterns {
    /// Length of the folder's path that they count from, with its slash; 0 at the root.
    base: usize,
    list: Vec<Pattern>,
}

/// The rules that hold in a folder: its own, then those of the folders above, then the user's.
#[derive(Clone, Debug, Default)]
pub(in crate::worktree) struct Rules {
    own: Option<Arc<Node>>,
    ignore_case: bool,
}

#[derive(Debug)]
struct Node {
    patterns: Patterns,
    above: Option<Arc<Node>>,
}

impl Rules {
    /// Rules from the sources that hold everywhere, the weakest first.
    pub(in crate::worktree) fn from_global(sources: &[Vec<u8>], ignore_case: bool) -> Rules {
        let empty = Rules { own: None, ignore_case };
        sources.iter().fold(empty, |rules, source| rules.with(b"".as_bstr(), source))
    }

    /// These rules and those of a `.gitignore` in `folder`.
    pub(in crate::worktree) fn with(&self, folder: &BStr, text: &[u8]) -> Rules {
        let base = if folder.is_empty() { 0 } else { folder.len() + 1 };
        let list = lines(text).map(Pattern::parse).collect();
        let node = Node { patterns: Patterns { base, list }, above: self.own.clone() };
        Rules { own: Some(Arc::new(node)), ignore_case: self.ignore_case }
    }

    /// Whether the path is ignored by a rule that matches it itself; folders above it are the caller's business.
    pub(in crate::worktree) fn is_ignored(&self, path: &BStr, is_dir: bool) -> bool {
        let mut next = self.own.as_deref();
        while let Some(node) = next {
            if let Some(ignored) = node.patterns.decide(path, is_dir, self.ignore_case) {
                return ignored;
            }
            next = node.above.as_deref();
        }
        false
    }
}

impl Patterns {
    fn decide(&self, path: &BStr, is_dir: bool, ignore_case: bool) -> Option<bool> {
        let relative = path[self.base..].as_bstr();
        let found = self.list.iter().rev().find(|pattern| pattern.matches(relative, is_dir, ignore_case));
        found.map(|pattern| !pattern.is_negative())
    }
}

/// The lines of a file of rules that hold a pattern, without comments and line ends. To git every line ends in LF, the
/// last one as well, and a CR before it is part of the end.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = without_mark(text).split(|&byte| byte == b'\n').filter(|line| !line.is_empty() && line[0] != b'#');
    lines.map(|line| without_trailing_spaces(before_nul(line.strip_suffix(b"\r").unwrap_or(line))))
}

/// A space after a backslash is kept, and so is all that stands before a last backslash.
fn without_trailing_spaces(line: &[u8]) -> &[u8] {
    let (mut at, mut end) = (0, 0);
    while let Some(&byte) = line.get(at) {
        at += if byte == b'\\' { 2 } else { 1 };
        if byte != b' ' {
            end = at;
        }
    }
    &line[..end.min(line.len())]
}

/// Ignored files that are to be taken along.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    patterns: Rules,
    has_patterns: bool,
    /// Sorted.
    paths: Vec<BString>,
}

impl Wanted {
    pub(super) fn new(patterns: &[String], paths: &[BString]) -> Wanted {
        let text = patterns.join("\n");
        let mut paths = paths.to_vec();
        paths.sort();
        let rules = Rules::from_global(&[text.into_bytes()], false);
        Wanted { patterns: rules, has_patterns: !patterns.is_empty(), paths }
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.has_patterns && self.paths.is_empty()
    }

    /// Whether this path, or a folder above it, was asked for.
    pub(super) fn holds(&self, path: &BStr, is_dir: bool) -> bool {
        if self.names(path) {
            return true;
        }
        if !self.has_patterns {
            return false;
        }
        let above = path.find_iter("/").any(|slash| self.patterns.is_ignored(path[..slash].as_bstr(), true));
        above || self.patterns.is_ignored(path, is_dir)
    }

    /// Whether exactly this path was asked for by name.
    pub(super) fn names(&self, path: &BStr) -> bool {
        self.paths.binary_search_by(|wanted| wanted.as_bstr().cmp(path)).is_ok()
    }

    /// Whether anything below this folder may have been asked for.
    pub(super) fn may_hold_below(&self, folder: &BStr) -> bool {
        let mut prefix = folder.to_owned();
        prefix.push(b'/');
        let at = self.paths.partition_point(|path| *path < prefix);
        self.has_patterns || self.paths.get(at).is_some_and(|path| path.starts_with(&prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_matching_line_of_the_nearest_file_decides() {
        let global = Rules::from_global(&[b"*.log\n".to_vec()], false);
        let inner = global.with(b"sub".as_bstr(), b"!keep.log\n/only-here\nbuild/\n");
        assert!(global.is_ignored(b"a.log".as_bstr(), false));
        assert!(inner.is_ignored(b"sub/a.log".as_bstr(), false));
        assert!(!inner.is_ignored(b"sub/keep.log".as_bstr(), false));
        assert!(inner.is_ignored(b"sub/only-here".as_bstr(), false));
        assert!(!inner.is_ignored(b"sub/deep/only-here".as_bstr(), false));
        assert!(inner.is_ignored(b"sub/deep/build".as_bstr(), true));
        assert!(!inner.is_ignored(b"sub/deep/build".as_bstr(), false));
    }

    #[test]
    fn lines_end_and_begin_as_in_git() {
        let ignores =
            |text: &[u8], path: &[u8]| Rules::from_global(&[text.to_vec()], false).is_ignored(path.as_bstr(), false);
        assert!(ignores(b"*.o\r", b"a.o") && ignores(b"*.o\r\n", b"a.o") && !ignores(b"*.o\r\r", b"a.o"));
        assert!(ignores(b"\xff\xfe.txt\n", b"\xff\xfe.txt") && !ignores(b"\xff\xfe.txt\n", b".txt"));
        assert!(ignores(b"\xef\xbb\xbfa\n", b"a"));
        assert!(ignores(b"\t\n", b"\t"));
        assert!(ignores(b"a\0b\n", b"a"));
        assert!(ignores(b"x  \n", b"x") && ignores(b"x\\ \n", b"x ") && !ignores(b"x\\ \n", b"x"));
        assert!(!ignores(b"#x\n", b"#x") && ignores(b"\\#x\n", b"#x") && ignores(b" #x\n", b" #x"));
    }

    #[test]
    fn wanted_paths_are_exact_and_patterns_reach_below() {
        let wanted = Wanted::new(&["/out/*.bin".into()], &["secret/key".into()]);
        assert!(wanted.holds(b"out/a.bin".as_bstr(), false));
        assert!(wanted.holds(b"secret/key".as_bstr(), false));
        assert!(!wanted.holds(b"secret/other".as_bstr(), false));
    }
}
