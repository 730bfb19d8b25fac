//! A mutant as `cargo mutants --list --json` tells of it.

use std::ops::Range;

use serde::Deserialize;

#[derive(Deserialize)]
pub struct Mutant {
    /// From the top of the repository.
    pub file: String,
    /// Begins with file, line and column, so that no other has the same.
    pub name: String,
    pub genre: String,
    /// What stands instead of the span.
    pub replacement: String,
    pub span: Span,
    pub function: Option<Function>,
}

#[derive(Deserialize)]
pub struct Function {
    /// Such as `-> bool`.
    pub return_type: String,
}

#[derive(Deserialize)]
pub struct Span {
    pub start: Place,
    pub end: Place,
}

/// Counted from 1.
#[derive(Deserialize)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl Mutant {
    /// The bytes that it replaces.
    pub fn range(&self, text: &str) -> Range<usize> {
        let offset = |place: &Place| {
            let line: usize = text.split_inclusive('\n').take(place.line - 1).map(str::len).sum();
            line + text[line..].chars().take(place.column - 1).map(char::len_utf8).sum::<usize>()
        };
        offset(&self.span.start)..offset(&self.span.end)
    }

    /// The same in words that stay when lines above come or go.
    pub fn description(&self, text: &str) -> String {
        let what = self.name.splitn(4, ':').nth(3).unwrap_or(&self.name).trim();
        let line = text.lines().nth(self.span.start.line - 1).unwrap_or_default().trim();
        format!("`{}`, {what}: `{line}`", self.file)
    }
}
