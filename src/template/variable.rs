//! Variables of a template: what they are called, and which values they take.

use regex_lite::RegexBuilder;

use super::TemplateError;

/// Longer values are refused.
const LONGEST_VALUE: usize = 4096;

/// A pattern that compiles to more than this is refused.
const LARGEST_PATTERN: usize = 256 << 10;

/// What a template asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    /// What to ask the user; the name where the template does not say.
    pub prompt: Option<String>,
    /// Taken where no value is given; may itself name values that are built in and variables before this one.
    pub default: Option<String>,
    /// A regular expression that the whole value has to match.
    pub pattern: Option<String>,
    pub required: bool,
}

impl Variable {
    /// What to ask the user.
    pub fn question(&self) -> &str {
        self.prompt.as_deref().unwrap_or(&self.name)
    }

    /// Checks a value: one line, of bounded length, that matches the pattern.
    pub fn check(&self, value: &str) -> Result<(), TemplateError> {
        let problem = if value.len() > LONGEST_VALUE {
            Some(format!("it has {} bytes; the limit is {LONGEST_VALUE}", value.len()))
        } else if let Some(control) = value.chars().find(|one| one.is_control()) {
            Some(format!("it holds {control:?}"))
        } else if value.contains("<!--") || value.contains("-->") {
            Some("it holds the mark of a comment".to_owned())
        } else if self.required && value.trim().is_empty() {
            Some("it is empty".to_owned())
        } else {
            self.broken_pattern(value)
        };
        problem.map_or(Ok(()), |problem| {
            let value = super::shortened(value);
            Err(TemplateError::BadValue { variable: self.name.clone(), value, problem })
        })
    }

    /// An optional variable may stay empty whatever its pattern is.
    fn broken_pattern(&self, value: &str) -> Option<String> {
        let pattern = self.pattern.as_deref().filter(|_| self.required || !value.is_empty())?;
        let matches = compile(pattern).is_ok_and(|pattern| pattern.is_match(value));
        (!matches).then(|| format!("it does not match `{pattern}`"))
    }
}

/// A pattern for whole values; the problem where it is none.
pub(super) fn compile(pattern: &str) -> Result<regex_lite::Regex, String> {
    // Alone first: `a)(b` must not come to make sense by what is put around it.
    let build = |text: &str| RegexBuilder::new(text).size_limit(LARGEST_PATTERN).build();
    build(pattern).map_err(|error| error.to_string())?;
    build(&format!("^(?:{pattern})$")).map_err(|error| error.to_string())
}

/// Whether it can be the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next().is_some_and(|one| one.is_ascii_lowercase());
    first && text.len() <= 64 && characters.all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_')
}
