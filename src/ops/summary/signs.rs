//! What the changed lines of a commit show, read in bounded time: of a few files of source, none of them large.
//!
//! Lines are compared as a set, which is enough to count what came and went and costs one pass over both sides.

use std::collections::HashMap;

use bstr::ByteSlice;

use crate::model::change::{Change, Side};
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::summary::item::{Extent, Signs};
use crate::summary::touched::{Focus, Ground, Nearness, ground_of};

/// So many files are read.
const MOST_FILES: usize = 8;
/// Larger ones are not, in bytes.
const LARGEST: u64 = 200 << 10;
/// Of a change of so many files nothing is read: it is large whatever stands in it.
const MOST_CHANGES: usize = 120;

/// Reads changes: how much came and went, and what it is. What was not read counts for some lines a file.
pub(super) fn read(reader: &dyn ObjectReader, changes: &[Change], focus: &Focus) -> (Signs, Extent) {
    let mut reading = Reading::default();
    let mut unread = 0;
    for change in changes {
        let path = change.path.to_str_lossy();
        let is_worth = ground_of(&path) == Ground::Source && focus.nearness(&path) == Nearness::Own;
        let is_read = is_worth
            && changes.len() <= MOST_CHANGES
            && reading.files < MOST_FILES
            && reading.read(reader, change).is_some();
        unread += u32::from(!is_read);
    }
    let Reading { mut signs, mut added, removed, .. } = reading;
    signs.is_read = reading.files > 0;
    const LINES_A_FILE: u32 = 8;
    added += unread * LINES_A_FILE;
    (signs, Extent { files: changes.len() as u32, added, removed })
}

#[derive(Default)]
struct Reading {
    signs: Signs,
    files: usize,
    added: u32,
    removed: u32,
    layout: u32,
}

impl Reading {
    fn read(&mut self, reader: &dyn ObjectReader, change: &Change) -> Option<()> {
        let (old, new) = (bytes_of(reader, change.old)?, bytes_of(reader, change.new)?);
        self.files += 1;
        let mut counts: HashMap<&[u8], i32> = HashMap::with_capacity(256);
        for line in old.lines() {
            *counts.entry(line.trim()).or_default() -= 1;
        }
        for line in new.lines() {
            *counts.entry(line.trim()).or_default() += 1;
        }
        let is_new_file = change.old.is_none();
        let mut is_any = false;
        // The order of a map is not the same each time; sums are.
        for (line, count) in counts.into_iter().filter(|(line, count)| *count != 0 && !line.is_empty()) {
            is_any = true;
            self.line(line, count, is_new_file);
        }
        self.layout += u32::from(!is_any);
        self.signs.is_layout = self.layout as usize == self.files && self.files > 0;
        Some(())
    }

    fn line(&mut self, line: &[u8], count: i32, is_new_file: bool) {
        let times = count.unsigned_abs();
        if count > 0 {
            self.added += times;
        } else {
            self.removed += times;
        }
        match sort_of(line) {
            LineSort::Documentation => self.signs.documentation += times,
            LineSort::Comment => self.signs.comments += times,
            LineSort::Import => {
                self.signs.imports += times;
                self.signs.code += times;
            }
            LineSort::Bracket => {}
            LineSort::Public if count > 0 => {
                self.signs.code += times;
                // A file that is new may be one that was moved.
                self.signs.new_public += if is_new_file { 0 } else { times };
            }
            LineSort::Public => {
                self.signs.code += times;
                self.signs.gone_public += times;
            }
            LineSort::Code => self.signs.code += times,
        }
    }
}

enum LineSort {
    Documentation,
    Comment,
    Import,
    /// Nothing but punctuation.
    Bracket,
    Public,
    Code,
}

/// Judged by how lines begin in many languages.
fn sort_of(line: &[u8]) -> LineSort {
    const DOCUMENTATION: [&[u8]; 6] = [b"///", b"//!", b"/**", b"\"\"\"", b"#[doc", b"* @"];
    const COMMENTS: [&[u8]; 6] = [b"//", b"/*", b"*/", b"* ", b"# ", b"-- "];
    const IMPORTS: [&[u8]; 7] =
        [b"use ", b"import ", b"from ", b"#include", b"require(", b"extern crate", b"pub(crate) use "];
    const PUBLIC: [&[u8]; 9] = [
        b"pub fn ",
        b"pub async fn ",
        b"pub const fn ",
        b"pub struct ",
        b"pub enum ",
        b"pub trait ",
        b"export ",
        b"pub unsafe fn ",
        b"public ",
    ];
    let begins = |list: &[&[u8]]| list.iter().any(|start| line.starts_with(start));
    if begins(&DOCUMENTATION) {
        LineSort::Documentation
    } else if begins(&COMMENTS) || line == b"*" || line == b"#" {
        LineSort::Comment
    } else if begins(&PUBLIC) || line.starts_with(b"pub type ") || is_exported(line) {
        LineSort::Public
    } else if begins(&IMPORTS) {
        LineSort::Import
    } else if line.iter().all(|byte| !byte.is_ascii_alphanumeric()) {
        LineSort::Bracket
    } else {
        LineSort::Code
    }
}

/// `func Name(` of Go, `def name(` of Python that no underscore hides.
fn is_exported(line: &[u8]) -> bool {
    let go = line.strip_prefix(b"func ").and_then(|rest| rest.first()).is_some_and(u8::is_ascii_uppercase);
    let python = line.strip_prefix(b"def ").and_then(|rest| rest.first()).is_some_and(|first| *first != b'_');
    go || python
}

fn bytes_of(reader: &dyn ObjectReader, side: Option<Side>) -> Option<Vec<u8>> {
    let Some(side) = side else { return Some(Vec::new()) };
    if !matches!(side.mode, Mode::File | Mode::Executable) {
        return None;
    }
    let (kind, size) = reader.read_header(&side.id).ok()?;
    if kind != ObjectKind::Blob || size > LARGEST {
        return None;
    }
    let bytes = reader.read_kind(&side.id, ObjectKind::Blob).ok()?;
    (!bytes[..bytes.len().min(8000)].contains(&0)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::no_objects::NoObjects;
    use crate::model::object::ObjectWriter;
    use crate::model::scratch::Scratch;

    fn signs(old: &str, new: &str) -> (Signs, Extent) {
        let store = Scratch::new(&NoObjects);
        let side =
            |text: &str| Some(Side { mode: Mode::File, id: store.write(ObjectKind::Blob, text.as_bytes()).unwrap() });
        let change = Change { path: "src/a.rs".into(), old: side(old), new: side(new) };
        read(&store, &[change], &Focus::default())
    }

    #[test]
    fn lines_are_known_by_how_they_begin() {
        let (found, extent) = signs("fn a() {}\n", "/// What it is.\npub fn b() {}\n// why\nuse x;\nfn a() {}\n");
        assert_eq!((found.documentation, found.comments, found.imports, found.new_public), (1, 1, 1, 1));
        assert_eq!((extent.added, extent.removed, extent.files), (4, 0, 1));
        let (layout, _) = signs("fn a() {\n1\n}\n", "fn a() {\n    1\n}\n");
        assert!(layout.is_layout && layout.is_read);
        let (changed, _) = signs("pub fn a(x: u8) {}\n", "pub fn a(x: u16) {}\n");
        assert_eq!((changed.new_public, changed.gone_public), (1, 1));
    }
}
