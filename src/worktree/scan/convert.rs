//! Git's conversion of a file's bytes on their way into the repository: line endings and `ident`.
//!
//! The rules are those of git's `convert.c`; filters and encodings are left to git itself.

use crate::model::settings::{AutoCrlf, LineEndings};

/// What the attributes of one path ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conversion {
    pub(super) text: Text,
    pub(super) ident: bool,
    /// `filter=<name>` of a driver that is configured.
    pub(super) filter: Option<String>,
    /// `working-tree-encoding` is set.
    pub(super) encoding: bool,
}

/// Whether line endings are converted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Text {
    #[default]
    Never,
    Always,
    /// If the content looks like text and the index has no CR LF.
    Auto,
}

/// The attributes that matter, as they are set for a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes {
    pub(super) text: Value,
    pub(super) crlf: Value,
    pub(super) eol: Value,
    pub(super) ident: Value,
    pub(super) filter: Value,
    pub(super) encoding: Value,
}

/// The state of one attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Value {
    #[default]
    Unspecified,
    Set,
    Unset,
    Text(String),
}

impl Value {
    fn is(&self, text: &str) -> bool {
        matches!(self, Value::Text(value) if value == text)
    }
}

impl Conversion {
    /// Decides from the attributes and `core.autocrlf`; `has_filter` tells which drivers are configured.
    pub(super) fn decide(
        attributes: &Attributes,
        endings: LineEndings,
        has_filter: impl Fn(&str) -> bool,
    ) -> Conversion {
        let filter = match &attributes.filter {
            Value::Text(name) if has_filter(name) => Some(name.clone()),
            _ => None,
        };
        let encoding = match &attributes.encoding {
            Value::Text(name) => !name.eq_ignore_ascii_case("utf-8") && !name.eq_ignore_ascii_case("utf8"),
            _ => false,
        };
        let text = decide_text(attributes, endings);
        Conversion { text, ident: attributes.ident == Value::Set, filter, encoding }
    }

    /// Whether bytes are never changed.
    pub(super) fn is_identity(&self) -> bool {
        *self == Conversion::default()
    }

    /// Whether git itself has to convert.
    pub(super) const fn needs_git(&self) -> bool {
        self.filter.is_some() || self.encoding
    }
}

fn decide_text(attributes: &Attributes, endings: LineEndings) -> Text {
    let from = |value: &Value| match value {
        Value::Set => Some(Text::Always),
        Value::Unset => Some(Text::Never),
        value if value.is("auto") => Some(Text::Auto),
        value if value.is("input") => Some(Text::Always),
        _ => None,
    };
    let asked = from(&attributes.text).or_else(|| from(&attributes.crlf));
    let has_eol = attributes.eol.is("lf") || attributes.eol.is("crlf");
    match asked {
        None if has_eol => Text::Always,
        None if endings.autocrlf == AutoCrlf::False => Text::Never,
        None => Text::Auto,
        Some(text) => text,
    }
}

/// Counts of what decides whether bytes are text (git's `gather_stats`).
#[derive(Clone, Copy, Debug, Default)]
struct Statistics {
    nul: usize,
    lone_cr: usize,
    crlf: usize,
    printable: usize,
    nonprintable: usize,
}

impl Statistics {
    fn of(bytes: &[u8]) -> Statistics {
        let mut counts = Statistics::default();
        let mut rest = bytes.iter().peekable();
        while let Some(&byte) = rest.next() {
            match byte {
                b'\r' if rest.peek() == Some(&&b'\n') => {
                    counts.crlf += 1;
                    rest.next();
                }
                b'\r' => counts.lone_cr += 1,
                b'\n' => {}
                127 => counts.nonprintable += 1,
                8 | 9 | 12 | 27 => counts.printable += 1,
                0..=31 => {
                    counts.nul += usize::from(byte == 0);
                    counts.nonprintable += 1;
                }
                _ => counts.printable += 1,
            }
        }
        // A trailing Ctrl-Z is how DOS ended text.
        counts.nonprintable -= usize::from(bytes.last() == Some(&26));
        counts
    }

    const fn is_binary(&self) -> bool {
        self.lone_cr > 0 || self.nul > 0 || (self.printable >> 7) < self.nonprintable
    }
}

/// Whether a blob is text with CR LF in it: git then leaves the line endings of the file alone.
pub(super) fn is_crlf_text(blob: &[u8]) -> bool {
    blob.contains(&b'\r') && {
        let counts = Statistics::of(blob);
        counts.crlf > 0 && !counts.is_binary()
    }
}

/// Turns CR LF into LF where git would; `None` when nothing changes.
///
/// `index_has_crlf` is asked only when the answer decides, and `true` then keeps the bytes as they are.
pub(super) fn clean_line_endings(bytes: &[u8], text: Text, index_has_crlf: impl FnOnce() -> bool) -> Option<Vec<u8>> {
    if text == Text::Never || !bytes.contains(&b'\r') {
        return None;
    }
    let counts = Statistics::of(bytes);
    if counts.crlf == 0 || (text == Text::Auto && (counts.is_binary() || index_has_crlf())) {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len() - counts.crlf);
    for (at, &byte) in bytes.iter().enumerate() {
        if byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            out.push(byte);
        }
    }
    Some(out)
}

/// Turns `$Id: anything$` on one line into `$Id$`; `None` when nothing changes.
pub(super) fn clean_ident(bytes: &[u8]) -> Option<Vec<u8>> {
    use bstr::ByteSlice;
    const OPEN: &[u8] = b"$Id:";
    bytes.find(OPEN)?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(start) = rest.find(OPEN) {
        let inside = &rest[start + OPEN.len()..];
        let Some(end) = inside.find_byte(b'$') else { break };
        let is_one_line = !inside[..end].contains(&b'\n');
        out.extend_from_slice(&rest[..start]);
        out.extend_from_slice(if is_one_line { b"$Id$" } else { OPEN });
        rest = if is_one_line { &inside[end + 1..] } else { inside };
    }
    out.extend_from_slice(rest);
    (out != bytes).then_some(out)
}

/// Whether some rules for line endings and `ident`, be they others than those of now, make `blob` of `bytes`.
pub(super) fn may_be_form(blob: &[u8], bytes: &[u8]) -> bool {
    let ended = clean_line_endings(bytes, Text::Always, || false);
    let is_made_of = |form: &[u8]| form == blob || clean_ident(form).is_some_and(|closed| closed == blob);
    is_made_of(bytes) || ended.is_some_and(|form| is_made_of(&form))
}

/// Whether writing each LF of `blob` as CR LF gives `bytes`.
pub(super) fn is_crlf_form(blob: &[u8], bytes: &[u8]) -> bool {
    let lines = blob.iter().filter(|&&byte| byte == b'\n').count();
    if bytes.len() != blob.len() + lines {
        return false;
    }
    let mut at = 0;
    blob.iter().all(|&byte| {
        let expected: &[u8] = if byte == b'\n' { b"\r\n" } else { std::slice::from_ref(&byte) };
        let fits = bytes[at..].starts_with(expected);
        at += expected.len();
        fits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn decide(attributes: &Attributes, autocrlf: AutoCrlf) -> Text {
        let endings = LineEndings { autocrlf, eol_crlf: false };
        Conversion::decide(attributes, endings, |_| false).text
    }

    #[test]
    fn attributes_go_before_the_configuration() {
        let none = Attributes::default();
        assert_eq!(decide(&none, AutoCrlf::False), Text::Never);
        assert_eq!(decide(&none, AutoCrlf::Input), Text::Auto);
        let binary = Attributes { text: Value::Unset, eol: value("crlf"), ..none.clone() };
        assert_eq!(decide(&binary, AutoCrlf::True), Text::Never);
        let eol = Attributes { eol: value("crlf"), ..none.clone() };
        assert_eq!(decide(&eol, AutoCrlf::False), Text::Always);
        let legacy = Attributes { crlf: value("input"), ..none };
        assert_eq!(decide(&legacy, AutoCrlf::False), Text::Always);
    }

    #[test]
    fn line_endings_are_converted_as_git_does() {
        let clean = |bytes: &[u8], text| clean_line_endings(bytes, text, || false);
        assert_eq!(clean(b"a\r\nb\n", Text::Auto).unwrap(), b"a\nb\n");
        assert_eq!(clean(b"a\r\nb\rc", Text::Auto), None);
        assert_eq!(clean(b"a\r\nb\rc", Text::Always).unwrap(), b"a\nb\rc");
        assert_eq!(clean(b"a\r\n\0", Text::Auto), None);
        assert_eq!(clean(b"a\r\n", Text::Never), None);
        assert_eq!(clean_line_endings(b"a\r\n", Text::Auto, || true), None);
    }

    #[test]
    fn ident_is_closed_only_within_its_line() {
        assert_eq!(clean_ident(b"x $Id: 12ab $ y").unwrap(), b"x $Id$ y");
        assert_eq!(clean_ident(b"$Id$"), None);
        assert_eq!(clean_ident(b"$Id: a\nb$"), None);
        assert_eq!(clean_ident(b"$Id: a\n$Id: b$").unwrap(), b"$Id: a\n$Id$");
    }

    #[test]
    fn a_blob_may_have_been_made_under_any_rules() {
        assert!(may_be_form(b"a\nb\n", b"a\r\nb\n"));
        assert!(may_be_form(b"a\n$Id$\n", b"a\r\n$Id: x$\r\n") && may_be_form(b"$Id$\r\n", b"$Id: x$\r\n"));
        assert!(may_be_form(b"a\n\r\n", b"a\r\n\r\r\n"));
        assert!(!may_be_form(b"a\nb\n", b"a\r\nc\n") && !may_be_form(b"a\r", b"a"));
    }

    #[test]
    fn the_crlf_form_is_told_from_mixed_endings() {
        assert!(is_crlf_form(b"a\nb\n", b"a\r\nb\r\n"));
        assert!(!is_crlf_form(b"a\nb\n", b"a\r\nb\n"));
        assert!(!is_crlf_form(b"a\n", b"a\n\r"));
    }
}
