//! What can be wrong with a template, and with the values that are given to it.

/// Where in a text something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The template, or the file that it is in.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Place {
    /// The place of a byte of a text.
    pub(super) fn of(file: &str, text: &str, at: usize) -> Place {
        let before = text.get(..at).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Place {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Why there is no template, or no plan.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum TemplateError {
    /// The text makes no sense at this place.
    #[error("{place}: {problem}")]
    Malformed { place: Place, problem: String },
    #[error("{place}: the template is not UTF-8")]
    NotText { place: Place },
    /// A file is not read further than to the limit, so nobody knows how large it is.
    #[error("the template `{template}` is too large: the limit is {limit} bytes")]
    TooLarge { template: String, limit: usize },
    /// What it refers to refers to it, in this order.
    #[error("the template `{}` refers to itself: {}", chain.first().map_or("", String::as_str), chain.join(" → "))]
    Cycle { chain: Vec<String> },
    #[error("the template `{template}` refers to others {limit} deep or more")]
    TooDeep { template: String, limit: usize },
    #[error("the template `{template}` is put together from more than {limit}")]
    TooManyParts { template: String, limit: usize },
    #[error("{place}: there is no template `{name}`")]
    UnknownReference { place: Place, name: String, nearest: Vec<String> },
    #[error("what comes of the template `{template}` is larger than {limit} bytes")]
    TooMuchText { template: String, limit: usize },
    #[error("the template `{template}` does not come to an end in the time that it has")]
    TooMuchWork { template: String },
    #[error("the template `{template}` has no variable `{variable}`")]
    UnknownVariable { template: String, variable: String, known: Vec<String> },
    #[error("the template `{template}` needs {}", quoted(variables))]
    MissingVariables { template: String, variables: Vec<String> },
    /// A value that the variable does not take.
    #[error("`{value}` is no value for `{variable}`: {problem}")]
    BadValue { variable: String, value: String, problem: String },
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
