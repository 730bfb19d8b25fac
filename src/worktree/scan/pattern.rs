//! One pattern of a `.gitignore` or `.gitattributes`, read and matched as git does.
//!
//! Only the matching of wildcards is a library's; what a line means, and what is compared literally, is decided here,
//! because libraries differ from git in details that decide which files are saved.

use bstr::{BStr, BString, ByteSlice};
use gix_glob::wildmatch::Mode;

/// Bytes with which git's wildcards begin.
const WILD: &[u8] = b"*?[\\";

/// A pattern (git's `parse_path_pattern`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    text: BString,
    is_negative: bool,
    must_be_dir: bool,
    /// It holds no slash but a last one, and so is compared with the last part of a path.
    is_name: bool,
    /// A star and then nothing wild.
    is_suffix: bool,
    /// How many bytes at the start are no wildcards.
    literal: usize,
}

impl Pattern {
    /// Reads the pattern of a line from which comments, quotes and spaces at the end are gone already.
    pub(super) fn parse(line: &[u8]) -> Pattern {
        let (is_negative, line) = line.strip_prefix(b"!").map_or((false, line), |rest| (true, rest));
        let (must_be_dir, text) = line.strip_suffix(b"/").map_or((false, line), |rest| (true, rest));
        let is_suffix = text.strip_prefix(b"*").is_some_and(|rest| rest.find_byteset(WILD).is_none());
        Pattern {
            is_negative,
            must_be_dir,
            is_name: !text.contains(&b'/'),
            is_suffix,
            literal: text.find_byteset(WILD).unwrap_or(text.len()),
            text: text.into(),
        }
    }

    /// Whether it begins with an exclamation mark.
    pub(super) const fn is_negative(&self) -> bool {
        self.is_negative
    }

    /// Whether it matches a path, given from the folder that the pattern counts from.
    pub(super) fn matches(&self, path: &BStr, is_dir: bool, ignore_case: bool) -> bool {
        if self.must_be_dir && !is_dir {
            return false;
        }
        match self.is_name {
            true => {
                let start = path.rfind_byte(b'/').map_or(0, |slash| slash + 1);
                self.matches_name(&path[start..], ignore_case)
            }
            false => self.matches_path(path, ignore_case),
        }
    }

    /// Git's `match_basename`.
    fn matches_name(&self, name: &[u8], ignore_case: bool) -> bool {
        if self.literal == self.text.len() {
            return is_equal(&self.text, name, ignore_case);
        }
        if self.is_suffix {
            let suffix = &self.text[1..];
            let start = name.len().checked_sub(suffix.len());
            return start.is_some_and(|start| is_equal(suffix, &name[start..], ignore_case));
        }
        wildmatch(&self.text, name, Mode::empty(), ignore_case)
    }

    /// Git's `match_pathname`: what is literal at the start is taken off before two stars are looked at.
    fn matches_path(&self, path: &[u8], ignore_case: bool) -> bool {
        let skipped = usize::from(self.text.starts_with(b"/"));
        let (text, literal) = (&self.text[skipped..], self.literal - skipped);
        if literal > path.len() || !is_equal(&text[..literal], &path[..literal], ignore_case) {
            return false;
        }
        let (text, path) = (&text[literal..], &path[literal..]);
        (text.is_empty() && path.is_empty()) || wildmatch(text, path, Mode::NO_MATCH_SLASH_LITERAL, ignore_case)
    }
}

fn is_equal(left: &[u8], right: &[u8], ignore_case: bool) -> bool {
    if ignore_case { left.eq_ignore_ascii_case(right) } else { left == right }
}

fn wildmatch(pattern: &[u8], text: &[u8], mut mode: Mode, ignore_case: bool) -> bool {
    mode.set(Mode::IGNORE_CASE, ignore_case);
    gix_glob::wildmatch(pattern.as_bstr(), text.as_bstr(), mode)
}

/// A file of patterns without the byte order mark that git skips; there is only the one of UTF-8.
pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// A line up to the NUL where git's strings end.
pub(super) fn before_nul(line: &[u8]) -> &[u8] {
    &line[..line.find_byte(0).unwrap_or(line.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::parse(pattern.as_bytes()).matches(path.as_bytes().as_bstr(), false, false)
    }

    #[test]
    fn two_stars_after_a_literal_start_reach_over_folders() {
        assert!(matches("foo**/bar", "foox/y/bar"));
        assert!(matches("/foo**/bar", "foox/y/bar"));
        assert!(!matches("f[o]o**/bar", "foox/y/bar"));
        assert!(matches("foo/**/bar", "foo/bar"));
        assert!(!matches("foo*/bar", "foox/y/bar"));
    }

    #[test]
    fn a_slash_binds_a_pattern_to_its_folder() {
        assert!(matches("bar", "foo/bar") && !matches("/bar", "foo/bar"));
        assert!(matches("*r", "foo/bar") && !matches("/*r", "foo/bar"));
        assert!(!matches("bar/", "bar"));
        assert!(!matches("/", "bar") && !matches("//", "bar") && !matches("", "bar"));
    }

    #[test]
    fn case_counts_unless_told_otherwise() {
        let folds = |pattern: &str| Pattern::parse(pattern.as_bytes()).matches(b"Dir/File.TXT".as_bstr(), false, true);
        for pattern in ["*.txt", "dir/file.txt", "/DIR/*.txt", "fi?e.txt"] {
            assert!(folds(pattern), "{pattern}");
            assert!(!matches(pattern, "Dir/File.TXT"), "{pattern}");
        }
    }
}
