//! Which files git would not write as their blobs are, when it lays a tree out: line endings, `ident`, encodings, filters.
//!
//! The rules are those of the tree's own `.gitattributes`, as git's are in a checkout. What the bytes would be is asked of
//! git. Called by `ops/stack`, which lays trees out that no scan has seen.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice};

use super::attributes::AttributeRules;
use super::convert::{Attributes, Conversion, Text, Value, is_crlf_form};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};
use crate::model::settings::{AutoCrlf, LineEndings, ScanSettings};

/// The rules of one tree. Reads a folder when first asked about a path in it.
pub struct Outgoing<'a> {
    objects: &'a dyn ObjectReader,
    endings: LineEndings,
    global: AttributeRules,
    tree: ObjectId,
    folders: HashMap<BString, Level>,
}

#[derive(Clone)]
struct Level {
    rules: AttributeRules,
    /// `None` where the tree has no such folder.
    tree: Option<ObjectId>,
}

impl<'a> Outgoing<'a> {
    /// The rules of `tree`; `info/attributes` and the user's own file as they are now.
    pub fn of(
        objects: &'a dyn ObjectReader,
        tree: ObjectId,
        settings: &ScanSettings,
        common_dir: &Path,
    ) -> Outgoing<'a> {
        let read = |path: Option<PathBuf>| path.and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        let sources = [read(Some("/etc/gitattributes".into())), read(settings.attributes_file.clone())];
        let info = read(Some(common_dir.join("info/attributes")));
        let global = AttributeRules::new(&sources, &info, settings.ignore_case);
        Outgoing { objects, endings: settings.line_endings, global, tree, folders: HashMap::new() }
    }

    /// Whether git may write something else than the blob to this path.
    pub fn converts(&mut self, path: &BStr) -> Result<bool, ObjectError> {
        let folder = path.rfind_byte(b'/').map_or(BStr::new(""), |slash| path[..slash].as_bstr());
        let rules = self.level(folder)?.rules;
        let attributes = if rules.is_empty() { Attributes::default() } else { rules.of(path) };
        // A driver that has no command for this way is for git to pass over.
        let has_filter = matches!(attributes.filter, Value::Text(_));
        let conversion = Conversion::decide(&attributes, self.endings, |_| has_filter);
        Ok(conversion.ident || conversion.needs_git() || self.writes_crlf(&attributes, &conversion))
    }

    fn writes_crlf(&self, attributes: &Attributes, conversion: &Conversion) -> bool {
        if conversion.text == Text::Never {
            return false;
        }
        match &attributes.eol {
            Value::Text(eol) if eol == "crlf" => true,
            Value::Text(eol) if eol == "lf" => false,
            _ => match self.endings.autocrlf {
                AutoCrlf::True => true,
                AutoCrlf::Input => false,
                AutoCrlf::False => self.endings.eol_crlf,
            },
        }
    }

    fn level(&mut self, folder: &BStr) -> Result<Level, ObjectError> {
        if let Some(known) = self.folders.get(folder) {
            return Ok(known.clone());
        }
        let level = if folder.is_empty() {
            self.opened(folder, &self.global, Some(self.tree))?
        } else {
            let split = folder.rfind_byte(b'/').map_or(0, |slash| slash + 1);
            let above = self.level(folder[..split.saturating_sub(1)].as_bstr())?;
            let entries = above.tree.map_or(Ok(Vec::new()), |tree| self.objects.read_tree(&tree))?;
            let inner = entries.iter().find(|entry| entry.mode == Mode::Tree && entry.name == folder[split..]);
            self.opened(folder, &above.rules, inner.map(|entry| entry.id))?
        };
        self.folders.insert(folder.to_owned(), level.clone());
        Ok(level)
    }

    fn opened(&self, folder: &BStr, rules: &AttributeRules, tree: Option<ObjectId>) -> Result<Level, ObjectError> {
        let entries = tree.map_or(Ok(Vec::new()), |tree| self.objects.read_tree(&tree))?;
        let is_file = |mode| matches!(mode, Mode::File | Mode::Executable);
        let own = entries.iter().find(|entry| entry.name == ".gitattributes" && is_file(entry.mode));
        let Some(own) = own else { return Ok(Level { rules: rules.clone(), tree }) };
        let text = self.objects.read_kind(&own.id, ObjectKind::Blob)?;
        Ok(Level { rules: rules.with(folder, &text), tree })
    }
}

/// How the bytes of a file stand to its blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Same,
    /// Each LF of the blob is CR LF in the file.
    CrLf,
    Other,
}

/// Compares the bytes that git would write with the blob.
pub fn form_of(blob: &[u8], bytes: &[u8]) -> Form {
    if blob == bytes {
        Form::Same
    } else if is_crlf_form(blob, bytes) {
        Form::CrLf
    } else {
        Form::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worktree::memory::Memory;

    fn converted(files: &[(&str, &str)], endings: LineEndings, path: &str) -> bool {
        let memory = Memory::default();
        let folder = tempfile::tempdir().unwrap();
        let settings = ScanSettings {
            trust_file_mode: true,
            symlinks: true,
            ignore_case: false,
            line_endings: endings,
            excludes_file: None,
            attributes_file: None,
            filters: Default::default(),
        };
        let mut outgoing = Outgoing::of(&memory, memory.tree_of(files), &settings, folder.path());
        outgoing.converts(path.into()).unwrap()
    }

    #[test]
    fn only_what_git_would_change_on_its_way_out_is_asked_of_git() {
        let plain = LineEndings::default();
        // The empty lines keep `*` from meaning that the file is a program.
        let files = [
            (".gitattributes", "\n* text=auto\n*.bat eol=crlf\n*.c ident\n*.bin filter=lfs -text\n"),
            ("sub/.gitattributes", "\n*.bat eol=lf\n*.u16 working-tree-encoding=UTF-16\n"),
        ];
        let cases = [
            ("a.txt", false),
            ("a.bat", true),
            ("a.c", true),
            ("a.bin", true),
            ("sub/a.bat", false),
            ("sub/x.u16", true),
        ];
        for (path, expected) in cases {
            assert_eq!(converted(&files, plain, path), expected, "{path}");
        }
        let windows = LineEndings { autocrlf: AutoCrlf::True, eol_crlf: false };
        assert!(converted(&[], windows, "a.txt"));
        assert!(converted(&files, LineEndings { eol_crlf: true, ..plain }, "a.txt"));
        assert!(!converted(&[], LineEndings { eol_crlf: true, ..plain }, "a.txt"));
    }

    #[test]
    fn forms_are_told_apart() {
        assert_eq!(form_of(b"a\n", b"a\n"), Form::Same);
        assert_eq!(form_of(b"a\n", b"a\r\n"), Form::CrLf);
        assert_eq!(form_of(b"$Id$\n", b"$Id: 1 $\n"), Form::Other);
    }
}
