//! Attributes of paths, as `.gitattributes` files give them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use bstr::{BStr, BString, ByteSlice};

use super::convert::{Attributes, Value};
use super::pattern::{Pattern, before_nul, without_mark};

/// What begins the name of a macro where it is defined.
const MACRO: &[u8] = b"[attr]";

/// What separates the words of a line.
const BLANK: &[u8] = b" \t\r";

/// Git ignores longer lines.
const MAX_LINE: usize = 2047;

/// The only macro that is built in.
const BUILT_IN: &[u8] = b"[attr]binary -diff -merge -text";

/// Attributes that a line gives, in its order.
type Assignments = Vec<(BString, Value)>;

/// The rules that hold in a folder: its own `.gitattributes` and those above.
#[derive(Clone, Debug)]
pub(super) struct AttributeRules {
    /// Of the folder; those above follow.
    own: Option<Rc<Frame>>,
    /// Of `info/attributes`.
    info: Rc<Frame>,
    ignore_case: bool,
}

/// The rules of one file.
#[derive(Debug, Default)]
struct Frame {
    /// What the paths begin with that the rules are about: a folder with its slash, or nothing.
    folder: BString,
    rules: Vec<(Pattern, Assignments)>,
    macros: HashMap<BString, Assignments>,
    above: Option<Rc<Frame>>,
}

/// What a line says.
enum Line {
    Rule(Pattern, Assignments),
    Macro(BString, Assignments),
}

impl AttributeRules {
    /// The rules that hold everywhere: `sources` with the weakest first, and `info/attributes`, which beats every file in
    /// the work tree.
    pub(super) fn new(sources: &[Vec<u8>], info: &[u8], ignore_case: bool) -> AttributeRules {
        let info = Rc::new(Frame::read(b"".as_bstr(), info, None));
        let empty = AttributeRules { own: None, info, ignore_case };
        let globals = [BUILT_IN].into_iter().chain(sources.iter().map(Vec::as_slice));
        globals.fold(empty, |rules, source| rules.with(b"".as_bstr(), source))
    }

    /// These rules and those of the `.gitattributes` in `folder`.
    pub(super) fn with(&self, folder: &BStr, text: &[u8]) -> AttributeRules {
        let own = Frame::read(folder, text, self.own.clone());
        AttributeRules { own: Some(Rc::new(own)), ..self.clone() }
    }

    /// Whether no path has any attribute.
    pub(super) fn is_empty(&self) -> bool {
        self.frames().all(|frame| frame.rules.is_empty())
    }

    /// The strongest first.
    fn frames(&self) -> impl Iterator<Item = &Frame> {
        let own = std::iter::successors(self.own.as_deref(), |frame| frame.above.as_deref());
        std::iter::once(&*self.info).chain(own)
    }

    /// What a macro stands for.
    fn meaning(&self, name: &BString) -> Option<&Assignments> {
        self.frames().find_map(|frame| frame.macros.get(name))
    }

    /// The attributes of a file.
    pub(super) fn of(&self, path: &BStr) -> Attributes {
        let mut found = Found { rules: self, values: HashMap::new() };
        for frame in self.frames() {
            let Some(relative) = path.strip_prefix(frame.folder.as_slice()) else { continue };
            for (pattern, assignments) in frame.rules.iter().rev() {
                if pattern.matches(relative.as_bstr(), false, self.ignore_case) {
                    found.fill(assignments);
                }
            }
        }
        Attributes {
            text: found.value("text"),
            crlf: found.value("crlf"),
            eol: found.value("eol"),
            ident: found.value("ident"),
            filter: found.value("filter"),
            encoding: found.value("working-tree-encoding"),
        }
    }
}

impl Frame {
    /// Reads a file of rules. Only one that stands above all folders may define macros.
    fn read(folder: &BStr, text: &[u8], above: Option<Rc<Frame>>) -> Frame {
        let mut frame = Frame { folder: folder.to_owned(), above, ..Frame::default() };
        if !folder.is_empty() {
            frame.folder.push(b'/');
        }
        for line in lines(text) {
            match line {
                Line::Rule(pattern, assignments) => frame.rules.push((pattern, assignments)),
                Line::Macro(name, assignments) if folder.is_empty() => drop(frame.macros.insert(name, assignments)),
                Line::Macro(..) => {}
            }
        }
        frame
    }
}

/// What is known of a path so far.
struct Found<'r> {
    rules: &'r AttributeRules,
    values: HashMap<&'r BStr, &'r Value>,
}

impl<'r> Found<'r> {
    /// Adds what a line gives, its last word first: what is known already stands. A macro may stand for another, and so on
    /// as far as somebody likes to write.
    fn fill(&mut self, assignments: &'r Assignments) {
        let mut open = vec![assignments.iter().rev()];
        while let Some(words) = open.last_mut() {
            let Some((name, value)) = words.next() else {
                open.pop();
                continue;
            };
            let Entry::Vacant(place) = self.values.entry(name.as_bstr()) else { continue };
            place.insert(value);
            if let Some(meaning) = self.rules.meaning(name).filter(|_| *value == Value::Set) {
                open.push(meaning.iter().rev());
            }
        }
    }

    fn value(&self, name: &str) -> Value {
        self.values.get(name.as_bytes().as_bstr()).map_or(Value::Unspecified, |value| (*value).clone())
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = Line> {
    without_mark(text).split(|&byte| byte == b'\n').filter_map(|line| Line::parse(before_nul(line)))
}

impl Line {
    /// Git's `parse_attr_line`: one word that is no attribute makes the whole line void.
    fn parse(line: &[u8]) -> Option<Line> {
        let start = line.trim_start_with(is_blank);
        if start.is_empty() || start[0] == b'#' || line.len() > MAX_LINE {
            return None;
        }
        let (name, states) = match unquote(start) {
            Some(unquoted) => unquoted,
            None => first_word(start),
        };
        let words = states.split(|byte| BLANK.contains(byte)).filter(|word| !word.is_empty());
        let assignments = words.map(assignment).collect::<Option<Assignments>>()?;
        if name.len() > MACRO.len() && name.starts_with(MACRO) {
            let (name, _) = first_word(name[MACRO.len()..].trim_start_with(is_blank));
            return is_name(&name).then_some(Line::Macro(name, assignments));
        }
        let pattern = Pattern::parse(&name);
        (!pattern.is_negative()).then_some(Line::Rule(pattern, assignments))
    }
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r')
}

fn first_word(text: &[u8]) -> (BString, &[u8]) {
    let (word, rest) = text.split_at(text.find_byteset(BLANK).unwrap_or(text.len()));
    (word.into(), rest)
}

fn assignment(word: &[u8]) -> Option<(BString, Value)> {
    let (name, text) = match word.split_once_str("=") {
        Some((name, text)) => (name, Some(text)),
        None => (word, None),
    };
    let (name, value) = match (name.first(), text) {
        (Some(b'-'), _) => (&name[1..], Value::Unset),
        (Some(b'!'), _) => (&name[1..], Value::Unspecified),
        (_, Some(text)) => (name, Value::Text(text.to_str_lossy().into_owned())),
        (_, None) => (name, Value::Set),
    };
    (is_name(name) && !name.starts_with(b"builtin_")).then(|| (name.into(), value))
}

/// Git's `attr_name_valid`.
fn is_name(name: &[u8]) -> bool {
    let is_fit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !name.is_empty() && name[0] != b'-' && name.iter().all(is_fit)
}

/// A name in double quotes, and what follows it; `None` when it is not properly quoted.
fn unquote(text: &[u8]) -> Option<(BString, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut name = BString::default();
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((name, rest)),
            b'\\' => {
                let (byte, after) = unescape(rest)?;
                name.push(byte);
                rest = after;
            }
            _ => name.push(byte),
        }
    }
}

/// What follows a backslash.
fn unescape(text: &[u8]) -> Option<(u8, &[u8])> {
    let (&letter, rest) = text.split_first()?;
    let byte = match letter {
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        b'\\' | b'"' => letter,
        b'0'..=b'3' => {
            let digits = rest.get(..2).filter(|digits| digits.iter().all(|digit| (b'0'..=b'7').contains(digit)))?;
            let byte = (letter - b'0') << 6 | (digits[0] - b'0') << 3 | (digits[1] - b'0');
            return Some((byte, &rest[2..]));
        }
        _ => return None,
    };
    Some((byte, rest))
}

#[cfg(test)]
mod tests;
