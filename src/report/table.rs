//! Rows in aligned columns, the last one cut to the width of the screen.

use super::style::{Palette, Role};
use super::text;

/// Between two columns.
const GAP: &str = "  ";

/// The least that is left of the last column before it is worth nothing.
const LEAST: usize = 8;

/// One cell: displayed text, and what it is.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    role: Option<Role>,
}

impl Cell {
    /// Text that was made fit to be shown.
    pub fn plain(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), role: None }
    }

    pub fn painted(role: Role, text: impl Into<String>) -> Cell {
        Cell { text: text.into(), role: Some(role) }
    }
}

/// Renders rows of equally many cells. `limits` bounds the columns but the last; columns that are empty vanish.
pub fn render(rows: &[Vec<Cell>], limits: &[usize], width: usize, palette: Palette) -> String {
    let widths: Vec<usize> = limits
        .iter()
        .enumerate()
        .map(|(column, &limit)| rows.iter().map(|row| text::width(&row[column].text)).max().unwrap_or(0).min(limit))
        .collect();
    let taken: usize = widths.iter().filter(|&&width| width > 0).map(|width| width + GAP.len()).sum();
    let last = width.saturating_sub(taken).max(LEAST);
    rows.iter().map(|row| render_row(row, &widths, last, palette)).collect()
}

fn render_row(row: &[Cell], widths: &[usize], last: usize, palette: Palette) -> String {
    let mut line = String::new();
    let mut pending = 0;
    let columns = widths.iter().copied().chain([last]);
    for (cell, width) in row.iter().zip(columns).filter(|(_, width)| *width > 0) {
        let cut = text::fit(&cell.text, width);
        if !cut.is_empty() {
            line.push_str(&" ".repeat(pending));
            pending = 0;
        }
        line.push_str(&cell.role.map_or_else(|| cut.clone(), |role| palette.paint(role, &cut)));
        pending += width.saturating_sub(text::width(&cut)) + GAP.len();
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_the_last_is_cut() {
        let row = |cells: [&str; 4]| cells.map(Cell::plain).to_vec();
        let rows = [row(["a", "long-name", "", "a note that goes on and on"]), row(["bcd", "", "", "short"])];
        let table = render(&rows, &[10, 6, 9], 24, Palette::default());
        assert_eq!(table, "a    long-…  a note tha…\nbcd          short\n");
    }
}
