//! Attributes of paths, as `.gitattributes` files give them.

use std::path::Path;

use bstr::BStr;
use gix_attributes::search::{MetadataCollection, Outcome};
use gix_attributes::{Search, StateRef};
use gix_glob::pattern::Case;

use super::convert::{Attributes, Value};

/// The attributes that decide how bytes are converted.
const SELECTED: [&str; 6] = ["text", "crlf", "eol", "ident", "filter", "working-tree-encoding"];

/// A made-up root: the library wants sources to be paths below one.
const ROOT: &str = "/";

/// The rules that hold in a folder: its own `.gitattributes` and those above.
#[derive(Clone, Debug)]
pub(super) struct AttributeRules {
    search: Search,
    names: MetadataCollection,
    case: Case,
    /// Text of `info/attributes`, whose rules are always the last in `search`.
    info: Vec<u8>,
    /// There is no rule at all but the built-in macro.
    is_empty: bool,
}

impl AttributeRules {
    /// The rules that hold everywhere: `sources` with the weakest first, and `info/attributes`, which beats every file in
    /// the work tree.
    pub(super) fn new(sources: &[Vec<u8>], info: &[u8], ignore_case: bool) -> AttributeRules {
        let case = if ignore_case { Case::Fold } else { Case::Sensitive };
        let mut names = MetadataCollection::default();
        let search = Search::new_globals(std::iter::empty::<&Path>(), &mut Vec::new(), &mut names).unwrap_or_default();
        let mut rules = AttributeRules { search, names, case, info: info.to_vec(), is_empty: true };
        for source in sources {
            rules.add(source, None, true);
        }
        rules.add(info, None, true);
        rules
    }

    /// These rules and those of the `.gitattributes` in `folder`.
    pub(super) fn with(&self, folder: &BStr, text: &[u8]) -> AttributeRules {
        let mut rules = self.clone();
        rules.search.pop_pattern_list();
        rules.add(text, Some(folder), folder.is_empty());
        let info = std::mem::take(&mut rules.info);
        rules.add(&info, None, true);
        rules.info = info;
        rules
    }

    fn add(&mut self, text: &[u8], folder: Option<&BStr>, allow_macros: bool) {
        use bstr::ByteSlice;
        let root = Path::new(ROOT);
        let source =
            folder.map_or_else(|| root.to_owned(), |folder| root.join(folder.to_path_lossy())).join("attributes");
        let added = self.search.add_patterns_buffer(text, source, folder.map(|_| root), &mut self.names, allow_macros);
        self.is_empty &= added.is_err() || text.is_empty();
    }

    /// Whether no path has any attribute.
    pub(super) const fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// The attributes of a file.
    pub(super) fn of(&self, path: &BStr) -> Attributes {
        let mut outcome = Outcome::default();
        outcome.initialize_with_selection(&self.names, SELECTED);
        self.search.pattern_matching_relative_path(path, self.case, Some(false), &mut outcome);
        let mut found = Attributes::default();
        let slots = [
            &mut found.text,
            &mut found.crlf,
            &mut found.eol,
            &mut found.ident,
            &mut found.filter,
            &mut found.encoding,
        ];
        for (slot, matched) in slots.into_iter().zip(outcome.iter_selected()) {
            *slot = match matched.assignment.state {
                StateRef::Set => Value::Set,
                StateRef::Unset => Value::Unset,
                StateRef::Unspecified => Value::Unspecified,
                StateRef::Value(text) => Value::Text(text.as_bstr().to_string()),
            };
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bstr::ByteSlice;

    #[test]
    fn nearer_files_and_later_lines_win_and_macros_expand() {
        let root = AttributeRules::new(&[b"*.txt text eol=crlf\n".to_vec()], b"*.info ident\n", false);
        assert!(!root.is_empty());
        let rules = root.with(b"sub".as_bstr(), b"*.txt -text\nraw.txt binary\n*.c ident filter=lfs\n");
        let of = |path: &str| rules.of(path.as_bytes().as_bstr());
        assert_eq!(of("a.txt").eol, Value::Text("crlf".into()));
        assert_eq!(of("a.txt").text, Value::Set);
        assert_eq!(of("sub/a.txt").text, Value::Unset);
        assert_eq!(of("sub/x/a.c").filter, Value::Text("lfs".into()));
        assert_eq!(of("a.c"), Attributes::default());
        assert_eq!(of("sub/x.info").ident, Value::Set);
        assert!(AttributeRules::new(&[], b"", false).is_empty());
    }

    #[test]
    fn the_binary_macro_unsets_text() {
        let rules = AttributeRules::new(&[], b"", false).with(b"".as_bstr(), b"*.bin binary\n");
        assert_eq!(rules.of(b"x/a.bin".as_bstr()).text, Value::Unset);
    }
}
