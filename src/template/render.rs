//! Fills in a template: without files, with bounded steps and a bounded result.

use std::collections::BTreeMap;
use std::io::{self, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::error::{Place, TemplateError};
use super::{LARGEST_RENDERED, Template, shortened};

/// Steps that filling in may take.
const STEPS: u64 = 200_000;

/// What a filter gives may not be larger.
const LARGEST_VALUE: usize = 64 << 10;

/// Values by name.
pub(super) type Values = BTreeMap<String, String>;

/// Fills in the text below the front matter.
pub(super) fn body(template: &Template, values: &Values) -> Result<String, TemplateError> {
    let book = Book::of(template);
    let environment = book.environment()?;
    let mut sink = Bounded { bytes: Vec::new(), limit: LARGEST_RENDERED };
    let loaded = environment.get_template(&key(0)).map_err(|error| book.error(&error))?;
    let rendered = loaded.render_captured_to(values, &mut sink).map(|_| ());
    rendered.map_err(|error| book.error(&error))?;
    Ok(String::from_utf8(sink.bytes).expect("the engine writes whole texts"))
}

/// Fills in one line of the front matter, which stands at `at`.
pub(super) fn line(template: &Template, text: &str, at: usize, values: &Values) -> Result<String, TemplateError> {
    let environment = sandbox();
    environment.render_str(text, values).map_err(|error| {
        let place = Place::of(&template.file, &template.text, at);
        TemplateError::Malformed { place, problem: said(&error) }
    })
}

/// Whether the engine understands the template and its parts.
pub(super) fn compile(template: &Template) -> Result<(), TemplateError> {
    Book::of(template).environment().map(|_| ())
}

/// A template and its parts, each with a number of its own.
struct Book<'a> {
    pages: Vec<&'a Template>,
    /// The page that a page calls by a name.
    links: BTreeMap<(String, String), String>,
}

impl<'a> Book<'a> {
    fn of(template: &'a Template) -> Book<'a> {
        let mut book = Book { pages: Vec::new(), links: BTreeMap::new() };
        book.add(template);
        book
    }

    fn add(&mut self, template: &'a Template) -> String {
        let own = key(self.pages.len());
        self.pages.push(template);
        for (name, part) in template.parts() {
            let page = self.add(part);
            self.links.insert((own.clone(), name.to_owned()), page);
        }
        own
    }

    fn environment(&self) -> Result<Environment<'static>, TemplateError> {
        let mut environment = sandbox();
        let links = self.links.clone();
        environment.set_path_join_callback(move |name, parent| {
            let page = links.get(&(parent.to_owned(), name.to_owned()));
            page.cloned().unwrap_or_default().into()
        });
        for (number, page) in self.pages.iter().enumerate() {
            let added = environment.add_template_owned(key(number), page.text[page.body..].to_owned());
            added.map_err(|error| self.error(&error))?;
        }
        Ok(environment)
    }

    /// What the engine says, with the place in the text that the user wrote.
    fn error(&self, error: &Error) -> TemplateError {
        let error = innermost(error);
        let template = self.pages[0].name.clone();
        match error.kind() {
            ErrorKind::OutOfFuel => return TemplateError::TooMuchWork { template },
            ErrorKind::WriteFailure => return TemplateError::TooMuchText { template, limit: LARGEST_RENDERED },
            _ => {}
        }
        let number = error.name().and_then(|name| name.parse::<usize>().ok()).unwrap_or(0);
        let page = self.pages.get(number).unwrap_or(&self.pages[0]);
        let at = error.range().map(|range| range.start).or_else(|| {
            let line = error.line()?.checked_sub(1)?;
            let lines = page.text[page.body..].split_inclusive('\n').take(line);
            Some(lines.map(str::len).sum())
        });
        let place = Place::of(&page.file, &page.text, page.body + at.unwrap_or(0));
        TemplateError::Malformed { place, problem: said(error) }
    }
}

fn key(number: usize) -> String {
    number.to_string()
}

/// Knows nothing but values, blocks and the filters below.
fn sandbox() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(STEPS));
    environment.set_debug(true);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.expect("the delimiters are the usual ones"));
    environment.add_filter("slug", |text: &str| bounded(slug::slugify(text)));
    environment.add_filter("upper", |text: &str| bounded(text.to_uppercase()));
    environment.add_filter("lower", |text: &str| bounded(text.to_lowercase()));
    environment.add_filter("capitalize", |text: &str| bounded(capitalized(text)));
    environment.add_filter("trim", |text: &str| bounded(text.trim().to_owned()));
    environment.add_filter("default", |text: &str, other: &str| {
        bounded(if text.is_empty() { other } else { text }.to_owned())
    });
    environment.add_filter("replace", replaced);
    environment.add_filter("split", |text: &str, at: &str| -> Result<Vec<String>, Error> {
        if at.is_empty() {
            return Err(Error::new(ErrorKind::InvalidOperation, "a value is not split at nothing"));
        }
        Ok(text.split(at).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect())
    });
    environment
}

fn bounded(text: String) -> Result<String, Error> {
    if text.len() > LARGEST_VALUE {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("a value is larger than {LARGEST_VALUE} bytes")));
    }
    Ok(text)
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The size is known before anything is made.
fn replaced(text: &str, old: &str, new: &str) -> Result<String, Error> {
    let count = if old.is_empty() { text.chars().count() + 1 } else { text.matches(old).count() };
    if text.len().saturating_add(count.saturating_mul(new.len())) > 2 * LARGEST_VALUE {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("a value is larger than {LARGEST_VALUE} bytes")));
    }
    bounded(text.replace(old, new))
}

/// What went wrong in a part, not that a part went wrong.
fn innermost(error: &Error) -> &Error {
    let mut found = error;
    while let Some(source) = std::error::Error::source(found).and_then(|source| source.downcast_ref::<Error>()) {
        found = source;
    }
    found
}

fn said(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {}", error.kind(), shortened(detail)),
        None => error.kind().to_string(),
    }
}

/// Takes so many bytes and no more.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len().saturating_add(bytes.len()) > self.limit {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
