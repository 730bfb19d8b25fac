//! The one place where text of others (names, notes, paths, branches, agents' words) is made fit for a terminal.
//!
//! Nothing that comes out of [`display`] moves the cursor, hides itself or turns the direction of writing.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

/// What happens to line feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// Shown as `\n`: the result is one line.
    One,
    /// Kept, and tabs become spaces: for notes and documents.
    Many,
}

/// Makes bytes fit to be shown: control characters, escapes, invisible and direction marks and bytes that are not UTF-8
/// are written out as `\n`, `\x1b`, `\u{202e}`, `\xff`.
pub fn display(bytes: &[u8], lines: Lines) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            push(&mut shown, character, lines);
        }
        for byte in chunk.invalid() {
            write!(shown, "\\x{byte:02x}").expect("writing to a string never fails");
        }
    }
    shown
}

/// [`display`] on one line.
pub fn line(bytes: impl AsRef<[u8]>) -> String {
    display(bytes.as_ref(), Lines::One)
}

/// [`display`] with its lines kept.
pub fn block(bytes: impl AsRef<[u8]>) -> String {
    display(bytes.as_ref(), Lines::Many)
}

fn push(shown: &mut String, character: char, lines: Lines) {
    match (character, lines) {
        ('\n', Lines::Many) => shown.push('\n'),
        ('\t', Lines::Many) => shown.push_str("    "),
        ('\n', Lines::One) => shown.push_str("\\n"),
        ('\r', _) => shown.push_str("\\r"),
        ('\t', Lines::One) => shown.push_str("\\t"),
        (other, _) if other.is_ascii_control() => {
            write!(shown, "\\x{:02x}", u32::from(other)).expect("writing to a string never fails");
        }
        (other, _) if is_hidden(other) => {
            write!(shown, "\\u{{{:x}}}", u32::from(other)).expect("writing to a string never fails");
        }
        (other, _) => shown.push(other),
    }
}

/// Characters that are not seen, or change how others are: C1 controls, direction marks, separators, tags.
fn is_hidden(character: char) -> bool {
    matches!(
        u32::from(character),
        0x80..=0x9f
            | 0xad
            | 0x61c
            | 0x180e
            | 0x200b
            | 0x200e..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0xfeff
            | 0xfff9..=0xfffb
            | 0xe0000..=0xe0fff
    )
}

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Cuts a displayed text to at most `columns`, with `…` where something is missing.
pub fn fit(text: &str, columns: usize) -> String {
    // A text of marks without width would fit at any length, so the number of characters is bounded as well.
    let limit = columns.saturating_mul(4) + 16;
    if text.len() <= limit && width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let mut end = 0;
    // Widths of parts do not add up (an emoji may be several characters), so each beginning is measured whole.
    for (start, character) in text.char_indices().take(limit) {
        let next = start + character.len_utf8();
        if width(&text[..next]) < columns {
            end = next;
        } else if width(&text[..next]) > columns {
            break;
        }
    }
    let mut cut = text[..end].to_owned();
    cut.push('…');
    while width(&cut) > columns && cut.chars().count() > 1 {
        cut.pop();
        cut.pop();
        cut.push('…');
    }
    cut
}

/// Fills a text with spaces up to `columns`.
pub fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Breaks paragraphs into lines of at most `columns`, at spaces; a longer word stands alone. Ends in a line feed.
pub fn wrap(text: &str, columns: usize) -> String {
    let mut out = String::new();
    for paragraph in text.lines() {
        let mut taken = 0;
        for word in paragraph.split_whitespace() {
            let needed = width(word);
            if taken > 0 && taken + 1 + needed > columns {
                out.push('\n');
                taken = 0;
            }
            if taken > 0 {
                out.push(' ');
                taken += 1;
            }
            out.push_str(word);
            taken += needed;
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_harm_is_written_out() {
        assert_eq!(line(b"a\nb\tc\x1b[31m\x7f"), "a\\nb\\tc\\x1b[31m\\x7f");
        assert_eq!(line("evil\u{202e}txt.\u{2066}\u{9b}".as_bytes()), "evil\\u{202e}txt.\\u{2066}\\u{9b}");
        assert_eq!(line(b"caf\xe9 \xc3\xa9"), "caf\\xe9 é");
        assert_eq!(block(b"one\r\n\ttwo\n"), "one\\r\n    two\n");
    }

    #[test]
    fn cutting_counts_columns() {
        assert_eq!(fit("short", 5), "short");
        assert_eq!(fit("longer", 5), "long…");
        assert_eq!(fit("日本語です", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("anything", 0), "");
        assert_eq!(pad("日本", 6), "日本  ");
    }

    #[test]
    fn paragraphs_are_broken_at_spaces() {
        assert_eq!(wrap("one two three\n\nlongerthanthat x", 8), "one two\nthree\n\nlongerthanthat\nx\n");
    }

    proptest! {
        #[test]
        fn no_byte_of_control_comes_through(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let shown = line(&bytes);
            prop_assert!(shown.chars().all(|character| !character.is_control() && !is_hidden(character)));
            let shown = block(&bytes);
            prop_assert!(shown.chars().all(|character| character == '\n' || !character.is_control()));
        }

        #[test]
        fn text_of_any_kind_is_shown_safely(text in "\\PC{0,80}|(.|\n){0,80}|[\u{0}-\u{20}\u{80}-\u{a0}\u{2000}-\u{2070}a]{0,60}") {
            let shown = line(text.as_bytes());
            prop_assert!(shown.chars().all(|character| !character.is_control() && !is_hidden(character)));
        }

        #[test]
        fn nothing_is_wider_than_asked(text in "(.|[👩👨‍👧🏽\u{fe0f}❤🇩🇪日本é\u{301}]){0,60}", columns in 0usize..50) {
            let cut = fit(&line(text.as_bytes()), columns);
            prop_assert!(width(&cut) <= columns, "{cut:?} takes {} columns", width(&cut));
        }
    }
}
