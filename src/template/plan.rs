//! What comes of a template and values: title, branch, context, checklist and hints of a session.

use std::collections::BTreeMap;

use super::render::{self, Values};
use super::{BUILT_IN_VALUES, Place, Template, TemplateError, Variable, rendered};

/// A plan for one session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What the template calls the work; the value `title` that was built in where it says nothing.
    pub title: String,
    /// The git branch to begin.
    pub branch: Option<String>,
    /// The revision that it begins from.
    pub from: Option<String>,
    /// Sections of the context, and the markdown that each begins with.
    pub context: Vec<(String, String)>,
    /// The text of `checklist.md`; empty where the template has no plan.
    pub checklist: String,
    /// Lines for the brief.
    pub hints: Vec<String>,
    /// All variables of the template with their values, the defaults included.
    pub variables: BTreeMap<String, String>,
}

impl Template {
    /// The variables that have to be given and are not: those required, without a default.
    pub fn missing(&self, variables: &BTreeMap<String, String>) -> Vec<&Variable> {
        let is_missing = |variable: &&Variable| {
            variable.required && variable.default.is_none() && !variables.contains_key(&variable.name)
        };
        self.variables().filter(is_missing).collect()
    }

    /// Fills in the template. `built_in` are the values of [`BUILT_IN_VALUES`]; those that are not there are empty.
    pub fn plan(
        &self,
        variables: &BTreeMap<String, String>,
        built_in: &BTreeMap<String, String>,
    ) -> Result<Plan, TemplateError> {
        self.check()?;
        self.check_names(variables)?;
        let known = |name: &str| tame(built_in.get(name).map_or("", String::as_str));
        let mut values: Values = BUILT_IN_VALUES.map(|name| (name.to_owned(), known(name))).into();
        let own = self.fill_variables(variables, &mut values)?;
        let text = render::body(self, &values)?;
        let rendered = rendered::read(&self.file, &text)?;
        let (branch, from) = self.fill_branch(&values)?;
        let title = match self.title() {
            Some(title) => one_line(&render::line(self, &title.text, title.at, &values)?),
            None => values.get("title").cloned().unwrap_or_default(),
        };
        let (context, checklist, hints) = (rendered.context, rendered.checklist, rendered.hints);
        Ok(Plan { title, branch, from, context, checklist, hints, variables: own })
    }

    fn check_names(&self, variables: &BTreeMap<String, String>) -> Result<(), TemplateError> {
        let known: Vec<String> = self.variables().map(|variable| variable.name.clone()).collect();
        let template = self.name.clone();
        if let Some(variable) = variables.keys().find(|name| !known.contains(name)) {
            return Err(TemplateError::UnknownVariable { template, variable: variable.clone(), known });
        }
        let missing: Vec<String> = self.missing(variables).iter().map(|variable| variable.name.clone()).collect();
        if missing.is_empty() { Ok(()) } else { Err(TemplateError::MissingVariables { template, variables: missing }) }
    }

    /// Adds the variables to the values, in their order; the variables alone.
    fn fill_variables(&self, given: &BTreeMap<String, String>, values: &mut Values) -> Result<Values, TemplateError> {
        // A default may name any variable before its own, and those after it are not there yet.
        let all: Vec<&Variable> = self.variables().collect();
        values.extend(all.iter().map(|variable| (variable.name.clone(), String::new())));
        let mut own = Values::new();
        for variable in all {
            let value = match (given.get(&variable.name), &variable.default) {
                (Some(value), _) => value.clone(),
                (None, Some(default)) => {
                    one_line(&render::line(self, default, self.place_of_default(variable), values)?)
                }
                (None, None) => String::new(),
            };
            if value.trim().is_empty() && variable.required && !given.contains_key(&variable.name) {
                let (template, variables) = (self.name.clone(), vec![variable.name.clone()]);
                return Err(TemplateError::MissingVariables { template, variables });
            }
            variable.check(&value)?;
            values.insert(variable.name.clone(), value.clone());
            own.insert(variable.name.clone(), value);
        }
        Ok(own)
    }

    fn place_of_default(&self, variable: &Variable) -> usize {
        let declared = self.front.variables.iter().find(|declared| declared.variable.name == variable.name);
        declared.and_then(|declared| declared.default.as_ref()).map_or(0, |line| line.at)
    }

    fn fill_branch(&self, values: &Values) -> Result<(Option<String>, Option<String>), TemplateError> {
        let Some(rule) = self.branch() else { return Ok((None, None)) };
        let name = render::line(self, &rule.name.text, rule.name.at, values)?.trim().to_owned();
        let from = rule.from.as_ref().map(|from| render::line(self, &from.text, from.at, values)).transpose()?;
        if name.is_empty() || name.ends_with('/') {
            let place = Place::of(&self.file, &self.text, rule.name.at);
            let problem = format!("with these values the branch would be called `{name}`");
            return Err(TemplateError::Malformed { place, problem });
        }
        Ok((Some(name), from.map(|from| from.trim().to_owned()).filter(|from| !from.is_empty())))
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value that nobody checked: one line that ends no comment and begins none.
fn tame(text: &str) -> String {
    let text: String = text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
    one_line(&text.replace("<!--", "").replace("-->", ""))
}
