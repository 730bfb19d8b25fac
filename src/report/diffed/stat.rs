//! One line a file: how many lines were added and removed, and a total.

use super::super::look::Look;
use super::super::style::Role;
use super::super::{text, words};
use super::{line_counts, remarks, shown_path};
use crate::ops::diff::{Diffed, FileContent, FileDiff};

/// The least number of columns for the signs behind the number.
const LEAST_SIGNS: usize = 10;

struct Row {
    path: String,
    added: u64,
    removed: u64,
    remarks: Vec<String>,
    letter: char,
}

/// The summary, for people.
pub fn render(diffed: &Diffed, look: &Look) -> String {
    let rows: Vec<Row> = diffed.files.iter().map(row).collect();
    let path_width = rows.iter().map(|row| text::width(&row.path)).max().unwrap_or(0).min(look.width * 3 / 5);
    let most = rows.iter().map(|row| row.added + row.removed).max().unwrap_or(0);
    let number_width = most.to_string().len();
    let signs = look.width.saturating_sub(path_width + number_width + 7).max(LEAST_SIGNS);
    let mut out = String::new();
    for row in &rows {
        let path = text::pad(&text::fit(&row.path, path_width), path_width);
        let letter = look.paint(super::super::changed::role_of(row.letter), &row.letter.to_string());
        out.push_str(&format!("{letter} {path} | {}\n", figures(row, number_width, most, signs, look)));
    }
    out.push_str(&total(&rows));
    out
}

fn row(file: &FileDiff) -> Row {
    let (added, removed) = match &file.content {
        FileContent::Text { old, new } => line_counts(old, new),
        FileContent::Binary { .. } | FileContent::ModeOnly => (0, 0),
    };
    let letter = file.change.letter();
    Row { path: shown_path(&file.change), added, removed, remarks: remarks(file), letter }
}

fn figures(row: &Row, number_width: usize, most: u64, signs: usize, look: &Look) -> String {
    let lines = row.added + row.removed;
    if lines == 0 {
        return row.remarks.join(", ");
    }
    // Every side that is not empty keeps at least one sign.
    let scale = |number: u64| match most <= signs as u64 {
        true => number as usize,
        false => ((number as f64 * signs as f64 / most as f64) as usize).max(usize::from(number > 0)),
    };
    let plus = look.paint(Role::Added, &"+".repeat(scale(row.added)));
    let minus = look.paint(Role::Removed, &"-".repeat(scale(row.removed)));
    let remarks: String = row.remarks.iter().map(|remark| format!(" {remark}")).collect();
    format!("{lines:>number_width$} {plus}{minus}{remarks}")
}

fn total(rows: &[Row]) -> String {
    let added: u64 = rows.iter().map(|row| row.added).sum();
    let removed: u64 = rows.iter().map(|row| row.removed).sum();
    let files = words::count(rows.len() as u64, "file");
    format!("{files} changed, {} added, {removed} removed\n", words::count(added, "line"))
}
