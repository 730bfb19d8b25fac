//! Looks for text in one blob: a large one as it comes, piece by piece, so that no file is too large to be searched.
//!
//! Called by `code`.

use std::io::{self, Write};

use bstr::{BString, ByteSlice, Finder};

use crate::model::id::ObjectId;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};

/// Larger blobs are not read whole.
const LARGEST_WHOLE: u64 = 4 << 20;

/// A NUL byte this near the start makes content binary, as it does for git.
const BINARY_PROBE: usize = 8000;

/// So much of a line is kept.
const LONGEST_LINE: usize = 300;

/// Where a blob has the text first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InBlob {
    /// From 1.
    pub(super) line: u64,
    pub(super) excerpt: BString,
}

/// Looks for text; what is binary has none, nor has what is no blob.
pub(super) fn find_in_blob(
    reader: &dyn ObjectReader,
    id: &ObjectId,
    finder: &Finder<'_>,
) -> Result<Option<InBlob>, ObjectError> {
    let (kind, size) = reader.read_header(id)?;
    if kind != ObjectKind::Blob {
        return Ok(None);
    }
    if size > LARGEST_WHOLE {
        return find_in_pieces(reader, id, finder);
    }
    let bytes = reader.read_kind(id, ObjectKind::Blob)?;
    let is_binary = bytes[..bytes.len().min(BINARY_PROBE)].contains(&0);
    Ok(finder.find(&bytes).filter(|_| !is_binary).map(|at| place_of(&bytes, at)))
}

fn find_in_pieces(
    reader: &dyn ObjectReader,
    id: &ObjectId,
    finder: &Finder<'_>,
) -> Result<Option<InBlob>, ObjectError> {
    let mut pieces = Pieces { finder, kept: Vec::new(), lines: 0, seen: 0, found: None, is_over: false };
    match reader.copy_blob(id, &mut pieces) {
        // It is refused what comes once everything is known.
        Err(error) if !pieces.is_over => Err(error),
        _ => Ok(pieces.finish()),
    }
}

/// Takes a blob in pieces.
struct Pieces<'f> {
    finder: &'f Finder<'f>,
    /// The end of what has come: as much as a hit, and the line around it, may need of it.
    kept: Vec<u8>,
    /// Line ends before that.
    lines: u64,
    seen: usize,
    found: Option<InBlob>,
    is_over: bool,
}

impl Write for Pieces<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let probed = &piece[..piece.len().min(BINARY_PROBE.saturating_sub(self.seen))];
        self.is_over |= probed.contains(&0);
        if self.is_over {
            return Err(io::Error::other("enough was read"));
        }
        self.seen += piece.len();
        self.kept.extend_from_slice(piece);
        match self.finder.find(&self.kept) {
            // The rest of its line has not come yet.
            Some(at) if self.kept.len() < at + LONGEST_LINE => self.forget(at),
            Some(at) => {
                self.found = Some(self.place(at));
                self.is_over = true;
            }
            None => self.forget((self.kept.len() + 1).saturating_sub(self.finder.needle().len())),
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pieces<'_> {
    /// Nothing before `needed` is a hit; only the beginning of its line is kept of it.
    fn forget(&mut self, needed: usize) {
        let end = needed.saturating_sub(LONGEST_LINE);
        self.lines += count_lines(&self.kept[..end]);
        self.kept.drain(..end);
    }

    fn place(&self, at: usize) -> InBlob {
        let place = place_of(&self.kept, at);
        InBlob { line: place.line + self.lines, ..place }
    }

    fn finish(self) -> Option<InBlob> {
        if self.is_over {
            return self.found;
        }
        self.finder.find(&self.kept).map(|at| self.place(at))
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}

fn place_of(bytes: &[u8], at: usize) -> InBlob {
    let start = bytes[..at].rfind_byte(b'\n').map_or(0, |before| before + 1);
    let line = count_lines(&bytes[..start]) + 1;
    // A line of a generated file may be as long as the file.
    let start = start.max(at.saturating_sub(LONGEST_LINE / 2));
    let rest = &bytes[start..];
    let end = rest.find_byte(b'\n').unwrap_or(rest.len()).min(LONGEST_LINE);
    InBlob { line, excerpt: rest[..end].trim().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_and_its_beginning() {
        let place = place_of(b"one\n  two three\r\nfour", 8);
        assert_eq!((place.line, place.excerpt), (2, "two three".into()));
        let long = "x".repeat(1000) + "needle" + &"y".repeat(1000);
        let place = place_of(long.as_bytes(), 1000);
        assert!(place.line == 1 && place.excerpt.len() == LONGEST_LINE && place.excerpt.contains_str("needle"));
    }

    fn in_pieces(bytes: &[u8], length: usize) -> Option<InBlob> {
        let finder = Finder::new("needle");
        let mut pieces = Pieces { finder: &finder, kept: Vec::new(), lines: 0, seen: 0, found: None, is_over: false };
        for piece in bytes.chunks(length) {
            if pieces.write(piece).is_err() {
                break;
            }
            assert!(pieces.kept.len() <= 2 * LONGEST_LINE + length, "{}", pieces.kept.len());
        }
        pieces.finish()
    }

    #[test]
    fn pieces_of_any_length_find_what_the_whole_has() {
        let text = |before: usize, after: usize| {
            let lines = |count: usize| (0..count).map(|line| format!("line {line} of it\n")).collect::<String>();
            lines(before) + "in this line a needle is\n" + &lines(after) + "and a needle again"
        };
        let long = "x".repeat(2000) + "needle" + &"y".repeat(2000);
        for text in [text(0, 0), text(100, 0), text(100, 100), long, "needle".into(), "nothing\n".repeat(200)] {
            let whole = text.find("needle").map(|at| place_of(text.as_bytes(), at));
            for length in [1, 2, 3, 5, 7, 64, 299, 300, 301, 5000] {
                assert_eq!(in_pieces(text.as_bytes(), length), whole, "pieces of {length}");
            }
        }
        assert_eq!(in_pieces(b"a\0 needle", 4), None, "it is binary");
    }
}
