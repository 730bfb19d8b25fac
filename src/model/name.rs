//! Names of checkpoints and sessions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// A valid name: letters, digits, `-`, `_`, `.`; at most 250 bytes; no form that git refuses as a part of a ref.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Name(String);

/// Why text is not a name.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NameError {
    #[error("a name cannot be empty")]
    Empty,
    #[error("the name is {0} bytes long; the limit is 250")]
    TooLong(usize),
    #[error("the name `{name}` holds {character:?}; letters, digits, `-`, `_` and `.` are allowed")]
    Character { name: String, character: char },
    #[error("the name `{name}` {problem}")]
    Form { name: String, problem: &'static str },
}

impl Name {
    /// Git adds `.lock` to a ref's file name while it writes it, so a name may not use all 255 bytes of a file name.
    const MAX_BYTES: usize = 255 - ".lock".len();

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Makes a name of a title: runs of white space become one dash. The flag says whether anything changed.
    pub fn from_title(title: &str) -> Result<(Name, bool), NameError> {
        let joined = title.split_whitespace().collect::<Vec<_>>().join("-");
        let changed = joined != title;
        Ok((joined.parse()?, changed))
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Name, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        let allowed = |character: char| character.is_alphanumeric() || "-_.".contains(character);
        if let Some(character) = text.chars().find(|&character| !allowed(character)) {
            return Err(NameError::Character { name: text.to_owned(), character });
        }
        if text.len() > Name::MAX_BYTES {
            return Err(NameError::TooLong(text.len()));
        }
        match form_problem(text) {
            Some(problem) => Err(NameError::Form { name: text.to_owned(), problem }),
            None => Ok(Name(text.to_owned())),
        }
    }
}

fn form_problem(text: &str) -> Option<&'static str> {
    let rules = [
        (text.starts_with('.'), "begins with a dot"),
        (text.starts_with('-'), "begins with a dash"),
        (text.ends_with('.'), "ends with a dot"),
        (text.contains(".."), "holds two dots in a row"),
        (text.ends_with(".lock"), "ends with `.lock`, which git keeps for itself"),
    ];
    rules.into_iter().find_map(|(broken, problem)| broken.then_some(problem))
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_and_says_so() {
        assert_eq!(Name::from_title("before  the big\trefactor"), Ok((Name("before-the-big-refactor".into()), true)));
        assert_eq!(Name::from_title("v1.2_ok"), Ok((Name("v1.2_ok".into()), false)));
    }

    #[test]
    fn what_git_would_refuse_is_refused() {
        for text in ["", ".x", "-x", "x.", "a..b", "a.lock", "a/b", "a b", "a@b", "a~1", "a\u{1b}b"] {
            assert!(text.parse::<Name>().is_err(), "{text:?}");
        }
        assert!("x".repeat(251).parse::<Name>().is_err());
        assert!("x".repeat(250).parse::<Name>().is_ok());
    }
}
