//! Unified hunks: exact bytes that `git apply` takes where a program reads them, written out and with the differing
//! words marked where a person does.

use bstr::ByteSlice;
use similar::{ChangeTag, InlineChange};

use super::super::look::Look;
use super::super::style::Role;
use super::super::text;
use super::{compare, remarks, shown_path};
use crate::model::change::{Change, Side};
use crate::ops::diff::{Diffed, FileContent, FileDiff};

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// The patch of all files.
pub fn render(diffed: &Diffed, look: &Look) -> Vec<u8> {
    let mut out = Vec::new();
    for file in &diffed.files {
        push_file(&mut out, file, look);
    }
    out
}

/// The patch of one file.
pub fn render_file(file: &FileDiff, look: &Look) -> Vec<u8> {
    let mut out = Vec::new();
    push_file(&mut out, file, look);
    out
}

fn push_file(out: &mut Vec<u8>, file: &FileDiff, look: &Look) {
    let change = &file.change;
    let (old_name, new_name) = (quoted("a/", &change.path), quoted("b/", &change.path));
    push_heading(out, &format!("diff --git {old_name} {new_name}"), look);
    for line in mode_lines(change) {
        push_heading(out, &line, look);
    }
    match &file.content {
        FileContent::ModeOnly => {}
        FileContent::Binary { .. } => {
            let told = remarks(file).join(", ");
            push_heading(out, &format!("Binary files differ: {} ({told})", shown_path(change)), look);
        }
        FileContent::Text { old, new } if old == new => {}
        FileContent::Text { old, new } => {
            let from = if change.old.is_some() { old_name } else { "/dev/null".to_owned() };
            let to = if change.new.is_some() { new_name } else { "/dev/null".to_owned() };
            push_heading(out, &format!("--- {from}"), look);
            push_heading(out, &format!("+++ {to}"), look);
            push_hunks(out, old, new, look);
        }
    }
}

fn push_heading(out: &mut Vec<u8>, line: &str, look: &Look) {
    out.extend_from_slice(look.paint(Role::Heading, line).as_bytes());
    out.push(b'\n');
}

/// What git writes between the first line and the hunks.
fn mode_lines(change: &Change) -> Vec<String> {
    let short = |side: Option<Side>| side.map_or_else(|| "0000000000".to_owned(), |side| side.id.short());
    let index = format!("index {}..{}", short(change.old), short(change.new));
    match (change.old, change.new) {
        (None, Some(new)) => vec![format!("new file mode {}", new.mode.as_str()), index],
        (Some(old), None) => vec![format!("deleted file mode {}", old.mode.as_str()), index],
        (Some(old), Some(new)) if old.mode != new.mode => {
            let mut lines = vec![format!("old mode {}", old.mode.as_str()), format!("new mode {}", new.mode.as_str())];
            if old.id != new.id {
                lines.push(index);
            }
            lines
        }
        (Some(old), Some(_)) => vec![format!("{index} {}", old.mode.as_str())],
        (None, None) => Vec::new(),
    }
}

/// The hunks that turn one text into another.
pub(in crate::report) fn push_hunks(out: &mut Vec<u8>, old: &[u8], new: &[u8], look: &Look) {
    let lines = compare(old, new);
    let diff = lines.run();
    // The library cuts words by characters: with bytes that are none it counts wrongly and panics.
    let marks_words = look.palette.colored && old.is_utf8() && new.is_utf8();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        let header = hunk.header().to_string();
        out.extend_from_slice(look.paint(Role::Hunk, header.trim_end()).as_bytes());
        out.push(b'\n');
        for operation in hunk.ops() {
            if marks_words {
                diff.iter_inline_changes(operation).for_each(|change| push_line(out, &change, look));
            } else {
                diff.iter_changes(operation).for_each(|change| push_line(out, &change.into(), look));
            }
        }
    }
}

fn push_line(out: &mut Vec<u8>, change: &InlineChange<'_, [u8]>, look: &Look) {
    let (sign, role, word_role) = match change.tag() {
        ChangeTag::Equal => (" ", None, Role::Faint),
        ChangeTag::Delete => ("-", Some(Role::Removed), Role::RemovedWord),
        ChangeTag::Insert => ("+", Some(Role::Added), Role::AddedWord),
    };
    let paint = |role: Option<Role>, text: &str| role.map_or_else(|| text.to_owned(), |role| look.paint(role, text));
    out.extend_from_slice(paint(role, sign).as_bytes());
    let mut ends_line = false;
    for (emphasized, value) in change.values() {
        let (value, newline) = value.strip_suffix(b"\n").map_or((*value, false), |value| (value, true));
        ends_line |= newline;
        if look.is_terminal || look.palette.colored {
            let role = if *emphasized { Some(word_role) } else { role };
            out.extend_from_slice(paint(role, &text::block(value)).as_bytes());
        } else {
            out.extend_from_slice(value);
        }
    }
    out.push(b'\n');
    if !ends_line {
        out.extend_from_slice(b"\\ No newline at end of file\n");
    }
}

/// A path as git writes it in a patch: in quotes, with escapes, when it holds odd bytes.
fn quoted(prefix: &str, path: &[u8]) -> String {
    let is_plain = |byte: &u8| (0x20..0x7f).contains(byte) && *byte != b'"' && *byte != b'\\';
    if path.iter().all(is_plain) {
        return format!("{prefix}{}", String::from_utf8_lossy(path));
    }
    let mut out = format!("\"{prefix}");
    for byte in path {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            plain if is_plain(plain) => out.push(char::from(*plain)),
            other => out.push_str(&format!("\\{other:03o}")),
        }
    }
    out.push('"');
    out
}
