//! The front matter: TOML between two lines of `+++`.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::error::{Place, TemplateError};
use super::variable::{Variable, compile, is_name};
use super::{BUILT_IN_VALUES, syntax};

const FENCE: &str = "+++";

/// More variables than this are refused.
const MOST_VARIABLES: usize = 100;

/// What the front matter says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FrontMatter {
    pub(super) name: Option<String>,
    pub(super) title: Option<Line>,
    pub(super) description: String,
    pub(super) variables: Vec<Declared>,
    pub(super) branch: Option<Branch>,
}

/// A line to be filled in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    /// Where in the template it stands.
    pub(super) at: usize,
    /// Names of values that are used in it.
    used: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Declared {
    pub(super) variable: Variable,
    pub(super) default: Option<Line>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Branch {
    pub(super) name: Line,
    pub(super) from: Option<Line>,
}

impl FrontMatter {
    /// The values that its lines use, and where.
    pub(super) fn used(&self) -> Vec<(String, usize)> {
        let branch = self.branch.iter().flat_map(|branch| std::iter::once(&branch.name).chain(&branch.from));
        let defaults = self.variables.iter().filter_map(|declared| declared.default.as_ref());
        let lines = self.title.iter().chain(branch).chain(defaults);
        lines.flat_map(|line| line.used.iter().map(|name| (name.clone(), line.at))).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Option<Spanned<String>>,
    title: Option<Spanned<String>>,
    description: Option<Spanned<String>>,
    #[serde(default)]
    variables: BTreeMap<Spanned<String>, WrittenVariable>,
    branch: Option<WrittenBranch>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenVariable {
    prompt: Option<Spanned<String>>,
    default: Option<Spanned<String>>,
    pattern: Option<Spanned<String>>,
    required: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBranch {
    name: Spanned<String>,
    from: Option<Spanned<String>>,
}

/// A text, and where its front matter begins.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
    start: usize,
}

impl Source<'_> {
    fn malformed(&self, span: &Range<usize>, problem: impl Into<String>) -> TemplateError {
        let place = Place::of(self.file, self.text, self.start + span.start);
        TemplateError::Malformed { place, problem: problem.into() }
    }

    /// A line of text; one that is to be filled in is checked.
    fn line(&self, written: Spanned<String>) -> Result<Line, TemplateError> {
        let span = written.span();
        let text = self.one_line(written)?;
        let used = syntax::check_line(&text).map_err(|problem| self.malformed(&span, problem))?;
        Ok(Line { text, at: self.start + span.start, used })
    }

    fn one_line(&self, written: Spanned<String>) -> Result<String, TemplateError> {
        match written.get_ref().chars().find(|one| one.is_control()) {
            Some(control) => Err(self.malformed(&written.span(), format!("it may not hold {control:?}"))),
            None => Ok(written.into_inner()),
        }
    }
}

/// Reads the front matter; where the rest begins.
pub(super) fn parse(file: &str, text: &str) -> Result<(FrontMatter, usize), TemplateError> {
    let whole = Source { file, text, start: 0 };
    let first = text.lines().next().unwrap_or_default();
    if first.trim_end() != FENCE {
        return Err(whole.malformed(&(0..0), "a template begins with a line `+++`"));
    }
    let start = (first.len() + 1).min(text.len());
    let mut end = start;
    let is_fence = |line: &str| line.trim_end() == FENCE;
    for line in text[start..].split_inclusive('\n') {
        if is_fence(line) {
            let source = Source { file, text, start };
            return Ok((read(&source, &text[start..end])?, end + line.len()));
        }
        end += line.len();
    }
    Err(whole.malformed(&(0..0), "the front matter is not closed by a second line `+++`"))
}

fn read(source: &Source<'_>, toml: &str) -> Result<FrontMatter, TemplateError> {
    let written: Written = toml::from_str(toml).map_err(|error| {
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        source.malformed(&error.span().unwrap_or(0..0), message)
    })?;
    let name = written.name.map(|name| source.one_line(name)).transpose()?;
    let title = written.title.map(|title| source.line(title)).transpose()?;
    let description = written.description.map(|text| source.one_line(text)).transpose()?.unwrap_or_default();
    let mut variables: Vec<_> = written.variables.into_iter().collect();
    variables.sort_by_key(|(name, _)| name.span().start);
    if let Some((name, _)) = variables.get(MOST_VARIABLES) {
        return Err(source.malformed(&name.span(), format!("a template has at most {MOST_VARIABLES} variables")));
    }
    let variables = variables.into_iter().map(|(name, written)| declared(source, name, written));
    let variables = variables.collect::<Result<_, _>>()?;
    let branch = written.branch.map(|branch| {
        let from = branch.from.map(|from| source.line(from)).transpose()?;
        Ok(Branch { name: source.line(branch.name)?, from })
    });
    Ok(FrontMatter { name, title, description, variables, branch: branch.transpose()? })
}

fn declared(source: &Source<'_>, name: Spanned<String>, written: WrittenVariable) -> Result<Declared, TemplateError> {
    if !is_name(name.get_ref()) {
        let problem = "a variable is called by small letters, digits and `_`";
        return Err(source.malformed(&name.span(), problem));
    }
    if BUILT_IN_VALUES.contains(&name.get_ref().as_str()) || syntax::is_word(name.get_ref()) {
        return Err(source.malformed(&name.span(), format!("the name `{}` is taken", name.get_ref())));
    }
    if let Some(pattern) = &written.pattern {
        compile(pattern.get_ref())
            .map_err(|problem| source.malformed(&pattern.span(), format!("no regular expression: {problem}")))?;
    }
    let default = written.default.map(|default| source.line(default)).transpose()?;
    let variable = Variable {
        name: name.into_inner(),
        prompt: written.prompt.map(|prompt| source.one_line(prompt)).transpose()?,
        default: default.as_ref().map(|line| line.text.clone()),
        pattern: written.pattern.map(|pattern| source.one_line(pattern)).transpose()?,
        required: written.required.unwrap_or(false),
    };
    Ok(Declared { variable, default })
}
