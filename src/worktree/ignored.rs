//! What a saved state's own ignore rules say of a path: the `.gitignore` files of its tree, then the user's own.
//!
//! A point knows nothing of a path that was hidden from it. Reads objects, and the two files of rules that are no part of
//! any tree. Called by `ops/load`, which leaves such paths alone.

use std::collections::HashMap;
use std::path::Path;

use bstr::{BStr, BString, ByteSlice};

use super::plan::State;
use super::scan::rules::{Rules, read_global};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};
use crate::model::settings::ScanSettings;

/// The ignore rules of one state. Reads a folder's tree when first asked about a path in it.
pub struct IgnoreRules<'a> {
    objects: &'a dyn ObjectReader,
    state: State<'a>,
    global: Rules,
    folders: HashMap<BString, Level>,
}

/// What holds for the paths directly in a folder.
#[derive(Clone)]
enum Level {
    /// This folder above them, or their own, is ignored with all that is in it.
    Ignored(BString),
    Open {
        rules: Rules,
        /// `None` where the state has no such folder.
        tree: Option<ObjectId>,
    },
}

impl<'a> IgnoreRules<'a> {
    /// The rules of `state`; `info/exclude` and `core.excludesFile` as they are now.
    pub fn of(
        objects: &'a dyn ObjectReader,
        state: State<'a>,
        settings: &ScanSettings,
        common_dir: &Path,
    ) -> IgnoreRules<'a> {
        let global = Rules::from_global(&read_global(settings, common_dir), settings.ignore_case);
        IgnoreRules { objects, state, global, folders: HashMap::new() }
    }

    /// The path that the rules ignore, when they ignore this one: itself, or the topmost ignored folder above it.
    pub fn find(&mut self, path: &BStr, is_folder: bool) -> Result<Option<BString>, ObjectError> {
        let parent = path.rfind_byte(b'/').map_or(BStr::new(""), |slash| path[..slash].as_bstr());
        Ok(match self.level(parent)? {
            Level::Ignored(topmost) => Some(topmost),
            Level::Open { rules, .. } => rules.is_ignored(path, is_folder).then(|| path.to_owned()),
        })
    }

    fn level(&mut self, folder: &BStr) -> Result<Level, ObjectError> {
        if let Some(known) = self.folders.get(folder) {
            return Ok(known.clone());
        }
        let level = match folder.rfind_byte(b'/') {
            _ if folder.is_empty() => self.opened(folder, &self.global, self.state.tree)?,
            slash => {
                let split = slash.map_or(0, |slash| slash + 1);
                let above = self.level(folder[..split.saturating_sub(1)].as_bstr())?;
                self.inner(above, folder, &folder[split..])?
            }
        };
        self.folders.insert(folder.to_owned(), level.clone());
        Ok(level)
    }

    fn inner(&self, above: Level, folder: &BStr, name: &[u8]) -> Result<Level, ObjectError> {
        let Level::Open { rules, tree } = above else { return Ok(above) };
        if rules.is_ignored(folder, true) {
            return Ok(Level::Ignored(folder.to_owned()));
        }
        let inside = match tree {
            Some(tree) => self.objects.read_tree(&tree)?.into_iter().find(|entry| entry.name == name),
            None => None,
        };
        let tree = inside.filter(|entry| entry.mode == Mode::Tree).map(|entry| entry.id);
        self.opened(folder, &rules, tree)
    }

    /// A link of the name `.gitignore` says nothing: git does not follow it.
    fn opened(&self, folder: &BStr, rules: &Rules, tree: Option<ObjectId>) -> Result<Level, ObjectError> {
        let entries = tree.map_or(Ok(Vec::new()), |tree| self.objects.read_tree(&tree))?;
        let own = entries.iter().find(|entry| entry.name == ".gitignore" && is_file(entry.mode));
        let Some(own) = own else { return Ok(Level::Open { rules: rules.clone(), tree }) };
        let mut path = folder.to_owned();
        super::path_check::push_name(&mut path, b".gitignore");
        let id = self.state.extra.raw.get(&path).copied().unwrap_or(own.id);
        let text = self.objects.read_kind(&id, ObjectKind::Blob)?;
        Ok(Level::Open { rules: rules.with(folder, &text), tree })
    }
}

const fn is_file(mode: Mode) -> bool {
    matches!(mode, Mode::File | Mode::Executable)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::settings::LineEndings;
    use crate::worktree::memory::{Captured, Memory};

    fn found(files: &[(&str, &str)], path: &str, is_folder: bool) -> Option<String> {
        let memory = Memory::default();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("info")).unwrap();
        std::fs::write(folder.path().join("info/exclude"), "mine\n").unwrap();
        let captured = Captured { tree: Some(memory.tree_of(files)), ..Captured::default() };
        let settings = ScanSettings {
            trust_file_mode: true,
            symlinks: true,
            ignore_case: false,
            line_endings: LineEndings::default(),
            excludes_file: None,
            attributes_file: None,
            filters: BTreeMap::new(),
        };
        let mut rules = IgnoreRules::of(&memory, captured.state(), &settings, folder.path());
        rules.find(path.into(), is_folder).unwrap().map(|path| path.to_string())
    }

    #[test]
    fn the_nearest_file_of_the_tree_decides_and_an_ignored_folder_ends_the_search() {
        let files = [
            (".gitignore", ".env\n*.log\n/out/\n"),
            ("sub/.gitignore", "!keep.log\n"),
            ("out/.gitignore", "!*\n"),
            ("link/.gitignore", "@../.gitignore"),
        ];
        let cases: [(&str, bool, Option<&str>); 10] = [
            (".env", false, Some(".env")),
            ("deep/er/.env", false, Some("deep/er/.env")),
            ("sub/a.log", false, Some("sub/a.log")),
            ("sub/keep.log", false, None),
            ("sub/in/keep.log", false, None),
            ("out/a/b", false, Some("out")),
            ("out", true, Some("out")),
            ("out", false, None),
            ("mine", false, Some("mine")),
            ("plain", false, None),
        ];
        for (path, is_folder, expected) in cases {
            assert_eq!(found(&files, path, is_folder).as_deref(), expected, "{path}");
        }
        assert_eq!(found(&[("sub/.gitignore", "@x"), ("x", "f\n")], "sub/f", false), None);
    }
}
