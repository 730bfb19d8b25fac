//! An item of a list: where it stands, its marker and check box, and how a new one is written.
//!
//! Positions are byte offsets into the document's text. Used by every edit; knows nothing of sections.

use std::ops::Range;

use super::lines;

/// What an item begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// `-`, `*` or `+`.
    Bullet(char),
    /// `3.` or `3)`.
    Ordered { number: u64, delimiter: char },
}

impl Marker {
    /// As it is written.
    pub fn render(self) -> String {
        match self {
            Marker::Bullet(bullet) => bullet.to_string(),
            Marker::Ordered { number, delimiter } => format!("{number}{delimiter}"),
        }
    }

    /// The marker that a text begins with, and how many bytes it takes.
    pub(super) fn read(text: &str) -> Option<(Marker, usize)> {
        let first = text.chars().next()?;
        if matches!(first, '-' | '*' | '+') {
            return Some((Marker::Bullet(first), 1));
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let delimiter = text[digits..].chars().next().filter(|one| matches!(one, '.' | ')'))?;
        Some((Marker::Ordered { number: text[..digits].parse().ok()?, delimiter }, digits + 1))
    }
}

/// `[ ]` or `[x]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkbox {
    /// The byte between the brackets.
    pub at: usize,
    pub checked: bool,
}

/// One item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Whole lines, with what is nested, without the blank lines after it. A nested item begins at its marker.
    pub range: Range<usize>,
    /// Where the marker begins.
    pub marker_at: usize,
    pub marker: Marker,
    pub checkbox: Option<Checkbox>,
    /// Where the text begins: after the marker, its space and the check box.
    pub content: usize,
    /// 1 for an item of the section's own lists, 2 for one nested in such an item, and so on.
    pub depth: usize,
    /// How many of the items that follow it in the document are nested in it.
    pub nested: usize,
    /// Where the marker ends.
    pub(super) after_marker: usize,
    /// Which block of the document its outermost list is.
    pub(super) list: usize,
}

impl Item {
    pub fn is_checked(&self) -> bool {
        self.checkbox.is_some_and(|checkbox| checkbox.checked)
    }

    /// The white space before the marker.
    pub(super) fn indent<'a>(&self, text: &'a str) -> &'a str {
        &text[self.range.start..self.marker_at]
    }

    /// The white space between marker and content (or check box): one space where none or too much is there.
    pub(super) fn spacing<'a>(&self, text: &'a str) -> &'a str {
        let space = lines::indent(&text[self.after_marker..self.range.end]);
        let is_followed = !lines::is_blank(lines::line_at(text, self.after_marker));
        if is_followed && (1..=4).contains(&lines::columns(space, self.marker_column(text))) { space } else { " " }
    }

    /// Where what follows the marker and its space begins, a check box included.
    pub(super) fn content_start(&self, text: &str) -> usize {
        let rest = lines::line_at(text, self.after_marker);
        if lines::is_blank(rest) { self.after_marker } else { self.after_marker + self.spacing(text).len() }
    }

    /// Whether it has no text on its first line.
    pub(super) fn is_bare(&self, text: &str) -> bool {
        lines::is_blank(lines::line_at(text, self.content.min(self.range.end)))
    }

    /// The column after the marker.
    fn marker_column(&self, text: &str) -> usize {
        let indent = self.indent(text);
        lines::columns(indent, 0) + self.after_marker - self.marker_at
    }

    /// The column where the content begins, to which the following lines of the item are indented.
    pub(super) fn content_column(&self, text: &str) -> usize {
        let column = self.marker_column(text);
        column + lines::columns(self.spacing(text), column)
    }
}

/// What becomes an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewItem {
    /// One line or several; the lines after the first are indented as the list needs it.
    pub text: String,
    /// A check box, and whether it is checked.
    pub checkbox: Option<bool>,
    /// Whether a list that has to be begun is a numbered one. A list that is there decides for itself.
    pub ordered: bool,
}

impl NewItem {
    /// An item without a check box: a note, a decision.
    pub fn plain(text: impl Into<String>) -> NewItem {
        NewItem { text: text.into(), ..NewItem::default() }
    }

    /// An item with an open check box: a known issue, a to-do.
    pub fn open(text: impl Into<String>) -> NewItem {
        NewItem { text: text.into(), checkbox: Some(false), ordered: false }
    }

    /// A numbered step.
    pub fn step(text: impl Into<String>) -> NewItem {
        NewItem { text: text.into(), checkbox: None, ordered: true }
    }

    /// The lines of the text, without white space around them that means nothing; none if there is no text.
    fn text_lines(&self) -> Vec<&str> {
        lines::lines(self.text.trim()).map(|line| line.trim_end()).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The item's lines, the last without its ending.
    pub(super) fn render(&self, style: &Style, ending: &str) -> String {
        let head = format!("{}{}{}", style.indent, style.marker.render(), style.spacing);
        let column = lines::columns(&head, 0);
        let mark = match self.checkbox {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        };
        let texts = self.text_lines();
        let first = texts.first().copied().unwrap_or_default();
        let escape = if mark.is_empty() && needs_escape(style.marker, first) { "\\" } else { "" };
        let mut rendered = format!("{head}{mark}{escape}{first}");
        for line in texts.iter().skip(1) {
            rendered.push_str(ending);
            if !line.is_empty() {
                rendered.extend(std::iter::repeat_n(' ', column));
                rendered.push_str(line);
            }
        }
        rendered
    }
}

/// Whether text that begins an item would be taken for a check box, or with the marker for a ruler.
fn needs_escape(marker: Marker, text: &str) -> bool {
    let is_box = ["[ ]", "[x]", "[X]"].iter().any(|mark| text.starts_with(mark));
    let is_ruler = |bullet: char| text.chars().all(|one| one == bullet || one == ' ' || one == '\t');
    is_box || matches!(marker, Marker::Bullet(bullet) if is_ruler(bullet))
}

/// How the items of a list are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) indent: String,
    pub(super) marker: Marker,
    pub(super) spacing: String,
}

impl Style {
    /// How a list is begun.
    pub(super) fn of_new_list(ordered: bool) -> Style {
        let marker = if ordered { Marker::Ordered { number: 1, delimiter: '.' } } else { Marker::Bullet('-') };
        Style { indent: String::new(), marker, spacing: " ".to_owned() }
    }

    pub(super) fn of_item(item: &Item, text: &str) -> Style {
        let (indent, spacing) = (item.indent(text).to_owned(), item.spacing(text).to_owned());
        Style { indent, marker: item.marker, spacing }
    }

    /// Widens the space after the marker until the text stands right of `indent` columns, so that what follows with
    /// such an indentation is not drawn into the item.
    pub(super) fn clear_of(&mut self, indent: usize) {
        let column =
            |style: &Style| lines::columns(&format!("{}{}{}", style.indent, style.marker.render(), style.spacing), 0);
        while column(self) <= indent && self.spacing.len() < 4 {
            self.spacing.push(' ');
        }
    }

    /// Sets the number, if it is a numbered list. A longer number takes a space away, so that texts stay in line.
    pub(super) fn set_number(&mut self, new: u64) {
        let Marker::Ordered { number, delimiter } = self.marker else { return };
        let is_longer = new.to_string().len() > number.to_string().len();
        if is_longer && self.spacing.len() > 1 && self.spacing.ends_with(' ') {
            self.spacing.pop();
        }
        self.marker = Marker::Ordered { number: new, delimiter };
    }
}
