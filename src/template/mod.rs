//! Templates: plans for sessions, written once and filled in each time. And the check lists that come of them.
//!
//! A template is markdown behind TOML front matter:
//!
//! ```text
//! +++
//! description = "One line for the list"
//! title = "Feature: {{ feature }}"
//!
//! [variables.feature]
//! prompt = "What is to be built"
//! default = "{{ title }}"
//!
//! [branch]
//! name = "feature/{{ feature | slug }}"
//! +++
//! # Context
//! ## Current Work
//! What the section of the context begins with.
//! # Plan
//! ## A phase
//! - [ ] an item <!-- verify: {{ test_command }} -->
//! # Hints
//! - a line for the brief
//! ```
//!
//! The text may come from anywhere, so it is filled in within a small part of the template language ([`syntax`]), without
//! files, with bounded work and bounded output. Pure: text in, text out; what a template is called, where it is kept and
//! whether its commands may run is decided in `ops/`, which alone calls this.

pub mod built_in;
pub mod checklist;
mod error;
mod front_matter;
mod lines;
mod plan;
mod render;
mod rendered;
pub mod syntax;
mod variable;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use error::{Place, TemplateError};
pub use plan::Plan;
pub use variable::Variable;

use front_matter::FrontMatter;
use syntax::{Reference, Used};

/// Larger texts are no templates.
pub const LARGEST: usize = 256 << 10;

/// What is filled in may not be larger.
pub const LARGEST_RENDERED: usize = 1 << 20;

/// So many templates may refer to each other in a row.
pub const DEEPEST: usize = 16;

/// So many templates may be put together to one.
pub const MOST_PARTS: usize = 100;

/// Values that every template may use without asking for them; those that are not known are empty.
///
/// What was typed as the session's title and task; today's date; the user's name; the git branch and the folder that the
/// work began in.
pub const BUILT_IN_VALUES: [&str; 6] = ["title", "task", "date", "user", "branch", "repository"];

/// A template that makes sense as far as one text can tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    name: String,
    /// What messages call it.
    file: String,
    /// All of it, with line ends as `\n`.
    text: String,
    front: FrontMatter,
    /// Where in the text the front matter is over.
    body: usize,
    used: Used,
    /// The templates that it refers to, by the name that it calls them.
    parts: BTreeMap<String, Template>,
}

impl Template {
    /// Reads a template. Those that it refers to are added by [`Template::attach`].
    pub fn parse(name: &str, text: &str) -> Result<Template, TemplateError> {
        Template::parse_file(name, name, text.as_bytes())
    }

    /// [`Template::parse`] of the bytes of a file, which messages name.
    pub fn parse_file(name: &str, file: &str, bytes: &[u8]) -> Result<Template, TemplateError> {
        if bytes.len() > LARGEST {
            return Err(TemplateError::TooLarge { template: name.to_owned(), limit: LARGEST });
        }
        let text = as_text(file, bytes)?;
        let (front, body) = front_matter::parse(file, &text)?;
        let used = syntax::check(file, &text, body)?;
        rendered::check(file, &text, body)?;
        let (name, file) = (name.to_owned(), file.to_owned());
        Ok(Template { name, file, text, front, body, used, parts: BTreeMap::new() })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it calls itself, where it does.
    pub fn own_name(&self) -> Option<&str> {
        self.front.name.as_deref()
    }

    /// One line about what it is for.
    pub fn description(&self) -> &str {
        &self.front.description
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is below the front matter.
    pub fn body(&self) -> &str {
        &self.text[self.body..]
    }

    /// The rule for the git branch and the revision that it begins from, as they are written.
    pub fn branch_rule(&self) -> Option<(&str, Option<&str>)> {
        let branch = self.branch()?;
        Some((&branch.name.text, branch.from.as_ref().map(|from| from.text.as_str())))
    }

    /// The templates that it refers to by `extends` and `include`.
    pub fn references(&self) -> &[Reference] {
        &self.used.references
    }

    /// The place of a reference, for messages.
    pub fn place_of(&self, reference: &Reference) -> Place {
        Place::of(&self.file, &self.text, reference.at)
    }

    /// Adds a template that this one refers to.
    pub fn attach(&mut self, name: &str, part: Template) {
        self.parts.insert(name.to_owned(), part);
    }

    /// The templates that were attached, with the names by which this one calls them.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &Template)> {
        self.parts.iter().map(|(name, part)| (name.as_str(), part))
    }

    /// The variables in their order: those of the templates that it refers to first; its own go before equal ones.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        let mut all: Vec<&Variable> = Vec::new();
        for variable in self.parts.values().flat_map(|part| part.variables().collect::<Vec<_>>()) {
            if !all.iter().any(|one| one.name == variable.name) {
                all.push(variable);
            }
        }
        for own in &self.front.variables {
            match all.iter_mut().find(|one| one.name == own.variable.name) {
                Some(inherited) => *inherited = &own.variable,
                None => all.push(&own.variable),
            }
        }
        all.into_iter()
    }

    /// Checks what one text alone cannot tell: that each reference has its template, and each value that is used is a
    /// variable or built in.
    pub fn check(&self) -> Result<(), TemplateError> {
        self.check_within(&self.variables().map(|variable| variable.name.as_str()).collect())?;
        render::compile(self)
    }

    /// `known` are the variables of the template that this one is a part of.
    fn check_within(&self, known: &BTreeSet<&str>) -> Result<(), TemplateError> {
        for reference in self.references() {
            if !self.parts.contains_key(&reference.name) {
                let (place, name) = (self.place_of(reference), reference.name.clone());
                return Err(TemplateError::UnknownReference { place, name, nearest: Vec::new() });
            }
        }
        let is_known = |name: &str| known.contains(name) || BUILT_IN_VALUES.contains(&name);
        if let Some((name, at)) = self.used.values.iter().chain(&self.front.used()).find(|(name, _)| !is_known(name)) {
            let place = Place::of(&self.file, &self.text, *at);
            let nearest = known.iter().copied().chain(BUILT_IN_VALUES);
            let nearest = nearest.min_by_key(|one| strsim::damerau_levenshtein(one, name));
            let meant = nearest.filter(|one| strsim::damerau_levenshtein(one, name) <= 2);
            let meant = meant.map(|one| format!("; did you mean `{one}`?")).unwrap_or_default();
            return Err(TemplateError::Malformed { place, problem: format!("there is no variable `{name}`{meant}") });
        }
        self.parts.values().try_for_each(|part| part.check_within(known))
    }

    /// The branch rule, its own or that of the template that it extends.
    fn branch(&self) -> Option<&front_matter::Branch> {
        self.front.branch.as_ref().or_else(|| self.extended()?.branch())
    }

    /// The rule for the title, its own or that of the template that it extends.
    fn title(&self) -> Option<&front_matter::Line> {
        self.front.title.as_ref().or_else(|| self.extended()?.title())
    }

    fn extended(&self) -> Option<&Template> {
        let reference = self.references().iter().find(|reference| reference.is_extended)?;
        self.parts.get(&reference.name)
    }

    /// Whether it has commands with values in them.
    pub fn has_open_commands(&self) -> bool {
        lines::commands(&self.text[self.body..]).any(is_open) || self.parts.values().any(Template::has_open_commands)
    }

    /// The commands in it that hold no values: what runs is what is written.
    pub fn fixed_commands(&self) -> BTreeSet<String> {
        let own = lines::commands(&self.text[self.body..]);
        let own = own.filter(|command| !is_open(command));
        let own: BTreeSet<String> = own.map(str::to_owned).collect();
        self.parts.values().fold(own, |mut all, part| {
            all.extend(part.fixed_commands());
            all
        })
    }
}

/// Whether what runs is not what is written.
fn is_open(command: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| command.contains(mark))
}

/// Text, without what a terminal or an editor would take for something else.
fn as_text(file: &str, bytes: &[u8]) -> Result<String, TemplateError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        TemplateError::NotText { place: Place::of(file, &before, before.len()) }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    match text.char_indices().find(|(_, one)| one.is_control() && !matches!(one, '\n' | '\t')) {
        Some((at, control)) => {
            let problem = format!("a template may not hold the control character {control:?}");
            Err(TemplateError::Malformed { place: Place::of(file, &text, at), problem })
        }
        None => Ok(text),
    }
}

/// Enough of a value to know which one is meant.
fn shortened(value: &str) -> String {
    match value.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
