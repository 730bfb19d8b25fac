//! The part of the template language that a template may use, checked before anything is filled in.
//!
//! The engine bounds the number of steps and what is written, but not how large a value gets on the way: `x ~ x`, bound to
//! a name forty times over, is a terabyte in forty steps. So nothing here binds a computed value to a name: there is no
//! `set`, `with` or `macro`, no operator that joins texts, no list, and a `for` goes over the parts of one value only.
//! What is left is values, filters, comparisons, `if`, `for … in value | split(",")`, `extends`, `block`, `include`.

use super::error::{Place, TemplateError};

/// Filters that there are.
pub(super) const FILTERS: [&str; 8] = ["slug", "upper", "lower", "capitalize", "trim", "default", "replace", "split"];

const WORDS: [&str; 14] =
    ["and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None", "loop"];

/// The engine takes expressions and tags apart by recursion; longer and deeper ones are refused.
const MOST_TOKENS: usize = 200;
const DEEPEST: usize = 40;

/// A template that another one refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub name: String,
    /// By `extends`, not `include`.
    pub is_extended: bool,
    /// Where in the text.
    pub(super) at: usize,
}

/// What a text uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) references: Vec<Reference>,
    /// Names of values, and where each is used.
    pub(super) values: Vec<(String, usize)>,
}

/// Why a text is refused, and where.
struct Problem {
    at: usize,
    text: String,
}

fn problem<T>(at: usize, text: impl Into<String>) -> Result<T, Problem> {
    Err(Problem { at, text: text.into() })
}

/// Whether the language has a meaning of its own for it.
pub(super) fn is_word(name: &str) -> bool {
    WORDS.contains(&name) || matches!(name, "self" | "super" | "caller" | "varargs" | "kwargs")
}

/// Checks a text from `from` on.
pub(super) fn check(file: &str, text: &str, from: usize) -> Result<Used, TemplateError> {
    read(text, from, true)
        .map_err(|problem| TemplateError::Malformed { place: Place::of(file, text, problem.at), problem: problem.text })
}

/// Checks a line that has values but no tags; the names that it uses, or the problem.
pub(super) fn check_line(text: &str) -> Result<Vec<String>, String> {
    let used = read(text, 0, false).map_err(|problem| problem.text)?;
    Ok(used.values.into_iter().map(|(name, _)| name).collect())
}

fn read(text: &str, from: usize, tags: bool) -> Result<Used, Problem> {
    let mut reader = Reader { text, used: Used::default(), loops: Vec::new(), open: Vec::new() };
    let mut at = from;
    while let Some(start) = text[at..].find('{').map(|found| at + found) {
        at = match text.as_bytes().get(start + 1) {
            Some(b'{') => reader.expression(start)?,
            Some(b'%') if tags => reader.tag(start)?,
            Some(b'%') => return problem(start, "tags are for the text below the front matter"),
            Some(b'#') => match text[start + 2..].find("#}") {
                Some(end) => start + 2 + end + 2,
                None => return problem(start, "the comment is not closed by `#}`"),
            },
            _ => start + 1,
        };
    }
    let mut used = reader.used;
    used.values.retain(|(name, _)| !reader.loops.contains(name));
    Ok(used)
}

struct Reader<'a> {
    text: &'a str,
    used: Used,
    /// Names that a `for` gives.
    loops: Vec<String>,
    /// For each tag that is open, how deep the engine nests what comes of it: an `elif` is an `if` within an `else`.
    open: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Name(&'a str),
    Number,
    /// Between its quotes.
    Text(&'a str),
    Sign(char),
}

/// A token and where it begins.
type Placed<'a> = (usize, Token<'a>);

impl<'a> Reader<'a> {
    /// `{{ … }}`; where it ends.
    fn expression(&mut self, start: usize) -> Result<usize, Problem> {
        let (tokens, end) = self.tokens(start, "}}")?;
        let is_super =
            matches!(tokens.as_slice(), [(_, Token::Name("super")), (_, Token::Sign('(')), (_, Token::Sign(')'))]);
        if tokens.is_empty() {
            return problem(start, "there is nothing between `{{` and `}}`");
        }
        if !is_super {
            self.check_values(&tokens)?;
        }
        Ok(end)
    }

    /// `{% … %}`; where it ends.
    fn tag(&mut self, start: usize) -> Result<usize, Problem> {
        let (tokens, end) = self.tokens(start, "%}")?;
        let Some(((at, Token::Name(word)), rest)) = tokens.split_first() else {
            return problem(start, "there is no tag between `{%` and `%}`");
        };
        self.nest(*at, word)?;
        match (*word, rest) {
            ("if" | "elif", [_, ..]) => self.check_values(rest)?,
            ("else" | "endif" | "endfor" | "endblock", []) | ("block" | "endblock", [(_, Token::Name(_))]) => {}
            ("for", [(_, Token::Name(name)), (_, Token::Name("in")), over @ ..]) => {
                check_loop(*at, over)?;
                self.check_values(over)?;
                self.loops.push((*name).to_owned());
            }
            ("extends" | "include", [(_, Token::Text(name))]) => self.refer(*at, name, *word == "extends")?,
            ("extends" | "include", _) => return problem(*at, format!("`{word}` takes one name in quotes")),
            ("if" | "elif" | "for" | "else" | "endif" | "endfor" | "block" | "endblock", _) => {
                return problem(*at, format!("this is no form of `{word}`"));
            }
            _ => {
                return problem(
                    *at,
                    format!("a template may not use `{word}`; it has `if`, `for`, `extends`, `block` and `include`"),
                );
            }
        }
        Ok(end)
    }

    fn nest(&mut self, at: usize, word: &str) -> Result<(), Problem> {
        match word {
            "if" | "for" | "block" => self.open.push(1),
            "elif" => self.open.last_mut().into_iter().for_each(|depth| *depth += 1),
            "endif" | "endfor" | "endblock" => drop(self.open.pop()),
            _ => {}
        }
        if self.open.iter().sum::<usize>() > DEEPEST {
            return problem(at, format!("tags may stand {DEEPEST} deep in each other"));
        }
        Ok(())
    }

    fn refer(&mut self, at: usize, name: &str, is_extended: bool) -> Result<(), Problem> {
        if name.contains('\\') || name.is_empty() {
            return problem(at, "this is no name of a template");
        }
        if is_extended && self.used.references.iter().any(|reference| reference.is_extended) {
            return problem(at, "a template extends one other at most");
        }
        self.used.references.push(Reference { name: name.to_owned(), is_extended, at });
        Ok(())
    }

    /// The tokens up to the end of what begins at `start`.
    fn tokens(&self, start: usize, end: &str) -> Result<(Vec<Placed<'a>>, usize), Problem> {
        let mut at = start + 2;
        if self.text[at..].starts_with(['-', '+']) {
            at += 1;
        }
        let mut tokens = Vec::new();
        loop {
            let rest = &self.text[at..];
            let Some(first) = rest.chars().next() else {
                return problem(start, format!("this is not closed by `{end}`"));
            };
            if rest.starts_with(end) {
                return Ok((tokens, at + 2));
            }
            if rest.starts_with(['-', '+']) && rest[1..].starts_with(end) {
                return Ok((tokens, at + 3));
            }
            let length = if first.is_whitespace() {
                first.len_utf8()
            } else {
                let (token, length) = self.token(at, first)?;
                if tokens.len() >= MOST_TOKENS {
                    return problem(at, format!("more than {MOST_TOKENS} words and signs stand between two braces"));
                }
                tokens.push((at, token));
                length
            };
            at += length;
        }
    }

    fn token(&self, at: usize, first: char) -> Result<(Token<'a>, usize), Problem> {
        let rest = &self.text[at..];
        let run = |is_part: fn(char) -> bool| rest.find(|one| !is_part(one)).unwrap_or(rest.len());
        match first {
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = run(|one| one.is_ascii_alphanumeric() || one == '_');
                Ok((Token::Name(&rest[..length]), length))
            }
            '0'..='9' => Ok((Token::Number, run(|one| one.is_ascii_digit()))),
            '"' | '\'' => match string_end(rest, first) {
                Some(end) => Ok((Token::Text(&rest[1..end]), end + 1)),
                None => problem(at, "the text in quotes is not closed"),
            },
            '.' | '|' | '(' | ')' | ',' | '=' | '!' | '<' | '>' => Ok((Token::Sign(first), 1)),
            other => problem(at, format!("a template may not use `{other}` here")),
        }
    }

    /// Names have to be values, filters or words of the language.
    fn check_values(&mut self, tokens: &[Placed<'a>]) -> Result<(), Problem> {
        for (index, (at, token)) in tokens.iter().enumerate() {
            let Token::Name(name) = token else { continue };
            let before = index.checked_sub(1).map(|before| tokens[before].1);
            let next = tokens.get(index + 1).map(|(_, token)| *token);
            let after_next = tokens.get(index + 2).map(|(_, token)| *token);
            let is_argument = next == Some(Token::Sign('=')) && after_next != Some(Token::Sign('='));
            match before {
                Some(Token::Sign('|')) if FILTERS.contains(name) => {}
                Some(Token::Sign('|')) => {
                    let all = FILTERS.map(|filter| format!("`{filter}`")).join(", ");
                    return problem(*at, format!("there is no filter `{name}`; there are {all}"));
                }
                Some(Token::Sign('.')) => {}
                _ if *name == "is" => return problem(*at, "a template may not use `is`; every variable has a value"),
                _ if WORDS.contains(name) => {}
                _ if is_word(name) => return problem(*at, format!("a template may not use `{name}` here")),
                _ if next == Some(Token::Sign('(')) => {
                    return problem(*at, format!("there is no function `{name}`"));
                }
                _ if is_argument => {}
                _ => self.used.values.push(((*name).to_owned(), *at)),
            }
        }
        Ok(())
    }
}

/// `value | split("…")`, and nothing else: a part is smaller than the whole.
fn check_loop(at: usize, over: &[Placed<'_>]) -> Result<(), Problem> {
    let tokens: Vec<Token<'_>> = over.iter().map(|(_, token)| *token).collect();
    match tokens.as_slice() {
        [
            Token::Name(_),
            Token::Sign('|'),
            Token::Name("split"),
            Token::Sign('('),
            Token::Text(_),
            Token::Sign(')'),
        ] => Ok(()),
        _ => problem(at, "a `for` goes over the parts of a value: `for part in value | split(\",\")`"),
    }
}

/// Where the quote at the end of a text is.
fn string_end(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().skip(1).find_map(|(at, one)| {
        let is_end = one == quote && !is_escaped;
        is_escaped = one == '\\' && !is_escaped;
        is_end.then_some(at)
    })
}
