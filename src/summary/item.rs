//! What a summary is made of: one thing that happened, whether an event, a checkpoint or a commit said so.
//!
//! Data only. Made by `ops/summary` from the session's chain or from git; all else in `summary/` is made of it.

use crate::model::event::EventKind;
use jiff::Timestamp;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Of an event 12 digits, of a commit or a checkpoint the whole hash.
    pub id: String,
    pub time: Timestamp,
    pub kind: EventKind,
    /// What it says in short; of a commit the subject.
    pub text: String,
    /// What it says besides, bounded: the rest of a message, the reason of a decision.
    pub body: String,
    /// Paths that it is about, as many as were worth reading.
    pub paths: Vec<String>,
    pub extent: Extent,
    pub signs: Signs,
    /// A tool, a command or a check that did not work.
    pub is_failed: bool,
    /// The id that a pin is about.
    pub about: Option<String>,
}

impl Item {
    /// An item that says no more than this.
    pub fn new(id: impl Into<String>, time: Timestamp, kind: EventKind, text: impl Into<String>) -> Item {
        Item {
            id: id.into(),
            time,
            kind,
            text: text.into(),
            body: String::new(),
            paths: Vec::new(),
            extent: Extent::default(),
            signs: Signs::default(),
            is_failed: false,
            about: None,
        }
    }
}

/// How large a change is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    pub files: u32,
    pub added: u32,
    pub removed: u32,
}

/// What the changed lines of a commit show, as far as they were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// Lines of source were looked at; without this the rest says nothing.
    pub is_read: bool,
    /// Lines of code, neither blank nor comment, that were added or taken out.
    pub code: u32,
    /// Of these, lines that only bring names into scope.
    pub imports: u32,
    /// Lines of documentation of the code.
    pub documentation: u32,
    /// Other comments.
    pub comments: u32,
    /// Items that others can use and that were not there before.
    pub new_public: u32,
    /// Items that others could use and that are gone, or look otherwise.
    pub gone_public: u32,
    /// Only white space differs.
    pub is_layout: bool,
}

/// A text on one line, at most about so many characters of it.
pub fn one_line(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    // A word without an end is cut before it is split: a text may be huge.
    let beginning = text.char_indices().nth(most * 4).map_or(text, |(end, _)| &text[..end]);
    for word in beginning.split_whitespace() {
        let needed = word.chars().count();
        if length + needed + 1 > most {
            let room = most.saturating_sub(length + 2);
            if length == 0 || room > 20 {
                out.extend((length > 0).then_some(' '));
                out.extend(word.chars().take(room.max(1)));
            }
            out.push('…');
            return out;
        }
        out.extend((length > 0).then_some(' '));
        out.push_str(word);
        length += needed + 1;
    }
    if beginning.len() < text.len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_and_bounded() {
        assert_eq!(one_line(" a\n\tb ", 10), "a b");
        assert_eq!(one_line("one two three", 9), "one two…");
        assert_eq!(one_line(&"x".repeat(100), 10), "xxxxxxxx…");
        assert!(one_line(&" ".repeat(1000), 10).chars().count() <= 10);
        for most in 1..60 {
            let text = "the quick brown fox, jumps over the lazy dog — and so on, and on";
            assert!(one_line(text, most).chars().count() <= most.max(2), "{most}");
        }
    }
}
