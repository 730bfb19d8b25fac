//! The text of a git configuration file: sections, values, quotes, continuation lines.
//!
//! Pure: bytes in, settings out. `git_config` decides which files are read.

use bstr::{BString, ByteSlice};

/// One line of configuration. `key` is `section.name` or `section.subsection.name`; section and name in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub key: BString,
    /// `None` for a name without `=`, which git takes for true.
    pub value: Option<BString>,
}

/// The line at which the text stops being configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine(pub usize);

/// Reads a whole file.
pub fn parse(text: &[u8]) -> Result<Vec<Setting>, BadLine> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut parser = Parser { text, at: 0, line: 1 };
    let mut settings = Vec::new();
    let mut section = BString::default();
    while let Some(byte) = parser.peek() {
        match byte {
            b'#' | b';' => parser.skip_line(),
            b'[' => section = parser.section()?,
            _ if byte.is_ascii_whitespace() => {
                parser.next();
            }
            _ => settings.push(parser.setting(&section)?),
        }
    }
    Ok(settings)
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Takes a byte; `\r\n` counts as one line end.
    fn next(&mut self) -> Option<u8> {
        let mut byte = self.peek()?;
        self.at += 1;
        if byte == b'\r' && self.peek() == Some(b'\n') {
            self.at += 1;
            byte = b'\n';
        }
        if byte == b'\n' {
            self.line += 1;
        }
        Some(byte)
    }

    fn skip_line(&mut self) {
        while !matches!(self.next(), None | Some(b'\n')) {}
    }

    fn bad<T>(&self) -> Result<T, BadLine> {
        Err(BadLine(self.line))
    }

    /// `[name]`, `[name "Sub"]` or the old `[name.sub]`.
    fn section(&mut self) -> Result<BString, BadLine> {
        self.next();
        let mut name = BString::default();
        loop {
            match self.next() {
                Some(b']') => return Ok(name),
                Some(byte) if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' => {
                    name.push(byte.to_ascii_lowercase());
                }
                Some(b' ' | b'\t') => return self.subsection(name),
                _ => return self.bad(),
            }
        }
    }

    fn subsection(&mut self, mut name: BString) -> Result<BString, BadLine> {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.next();
        }
        if self.next() != Some(b'"') {
            return self.bad();
        }
        name.push(b'.');
        loop {
            match self.next() {
                None | Some(b'\n') => return self.bad(),
                Some(b'"') => break,
                Some(b'\\') => match self.next() {
                    None | Some(b'\n') => return self.bad(),
                    Some(byte) => name.push(byte),
                },
                Some(byte) => name.push(byte),
            }
        }
        if self.next() == Some(b']') { Ok(name) } else { self.bad() }
    }

    fn setting(&mut self, section: &BString) -> Result<Setting, BadLine> {
        if section.is_empty() || !self.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            return self.bad();
        }
        let mut key = section.clone();
        key.push(b'.');
        while let Some(byte) = self.peek().filter(|&byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            key.push(byte.to_ascii_lowercase());
            self.next();
        }
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.next();
        }
        match self.next() {
            None | Some(b'\n') => Ok(Setting { key, value: None }),
            Some(b'#' | b';') => {
                self.skip_line();
                Ok(Setting { key, value: None })
            }
            Some(b'=') => Ok(Setting { key, value: Some(self.value()?) }),
            _ => self.bad(),
        }
    }

    fn value(&mut self) -> Result<BString, BadLine> {
        let mut value = BString::default();
        let mut quoted = false;
        // White space at the end does not count unless it was quoted: what to keep at least.
        let mut kept = 0;
        loop {
            match self.next() {
                None | Some(b'\n') if quoted => return self.bad(),
                None | Some(b'\n') => break,
                Some(b'#' | b';') if !quoted => {
                    self.skip_line();
                    break;
                }
                Some(b'"') => {
                    quoted = !quoted;
                    kept = value.len();
                }
                Some(b'\\') => {
                    if let Some(byte) = self.escape()? {
                        value.push(byte);
                        kept = value.len();
                    }
                }
                Some(b' ' | b'\t') if !quoted && value.is_empty() && kept == 0 => {}
                Some(byte) => {
                    value.push(byte);
                    if quoted {
                        kept = value.len();
                    }
                }
            }
        }
        let length = value.trim_end_with(|character| character.is_ascii_whitespace()).len().max(kept);
        value.truncate(length);
        Ok(value)
    }

    /// What stands after a backslash; `None` for a line that goes on.
    fn escape(&mut self) -> Result<Option<u8>, BadLine> {
        match self.next() {
            Some(b'\n') => Ok(None),
            Some(b'n') => Ok(Some(b'\n')),
            Some(b't') => Ok(Some(b'\t')),
            Some(b'b') => Ok(Some(8)),
            Some(byte @ (b'"' | b'\\')) => Ok(Some(byte)),
            _ => self.bad(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(String, Option<String>)> {
        let settings = parse(text.as_bytes()).unwrap();
        settings.into_iter().map(|one| (one.key.to_string(), one.value.map(|value| value.to_string()))).collect()
    }

    #[test]
    fn sections_quotes_comments_and_continuations_are_read_as_git_does() {
        let text = "[Core]\n\tFileMode = true ; why\n[filter \"L.fs\"] clean = \"git-lfs clean -- %f\" # x\r\n\
                    required\n[a.B]c = one \\\n two\\t\"  \"\n";
        let expected = [
            ("core.filemode", Some("true")),
            ("filter.L.fs.clean", Some("git-lfs clean -- %f")),
            ("filter.L.fs.required", None),
            ("a.b.c", Some("one  two\t  ")),
        ];
        let expected: Vec<_> =
            expected.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned))).collect();
        assert_eq!(all(text), expected);
    }

    #[test]
    fn the_bad_line_is_named() {
        assert_eq!(parse(b"[core]\n\n= x\n"), Err(BadLine(3)));
        assert_eq!(parse(b"x = 1\n"), Err(BadLine(1)));
    }
}
