//! The standard sections and their order, and the document that a project begins with.
//!
//! The words under each heading of a new document are HTML comments: they explain, and count as no content.

use super::document::normal;
use super::facts;

pub const CURRENT_WORK: &str = "Current Work";
pub const ARCHITECTURE: &str = "Architecture";
pub const RECENT_DECISIONS: &str = "Recent Decisions";
pub const KNOWN_ISSUES: &str = "Known Issues";
pub const DEPENDENCIES: &str = "Dependencies";
pub const TESTING_NOTES: &str = "Testing Notes";
pub const NEXT_SESSION: &str = "Next Session";
/// Where to-dos live. A document has it once it has a to-do, right before `Next Session`.
pub const TODO: &str = "Todo";

const STANDARD: [&str; 7] =
    [CURRENT_WORK, ARCHITECTURE, RECENT_DECISIONS, KNOWN_ISSUES, DEPENDENCIES, TESTING_NOTES, NEXT_SESSION];

/// The sections that flow from a shared document into a session's own and back.
pub const SHARED: [&str; 4] = [RECENT_DECISIONS, KNOWN_ISSUES, DEPENDENCIES, TESTING_NOTES];

/// The names of the sections that a document is meant to have, in order. A project may configure its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standard(Vec<String>);

impl Default for Standard {
    fn default() -> Standard {
        Standard::of(STANDARD)
    }
}

impl Standard {
    /// These sections; names that are empty or come again are left out.
    pub fn of<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Standard {
        let mut kept: Vec<String> = Vec::new();
        for name in names.into_iter().map(Into::into) {
            let is_new = !normal(&name).is_empty() && !kept.iter().any(|one| normal(one) == normal(&name));
            if is_new {
                kept.push(name);
            }
        }
        Standard(kept)
    }

    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The sections in the order in which missing ones are put in: those configured, with `Todo` before `Next Session`
    /// and sections that commands write to at the end, if they are not configured.
    pub(super) fn order(&self) -> Vec<&str> {
        let mut order: Vec<&str> = self.0.iter().map(String::as_str).collect();
        let place = |order: &[&str], name: &str| order.iter().position(|one| normal(one) == normal(name));
        for name in STANDARD {
            if place(&order, name).is_none() {
                order.push(name);
            }
        }
        if place(&order, TODO).is_none() {
            let next = place(&order, NEXT_SESSION).unwrap_or(order.len());
            order.insert(next, TODO);
        }
        order
    }

    /// The standard spelling of a name, if it is one of the sections.
    pub(super) fn spelling(&self, name: &str) -> Option<&str> {
        self.order().into_iter().find(|one| normal(one) == normal(name))
    }
}

/// A new document: title, sections, a line in each about what belongs there, and an empty facts block in the first.
pub fn new_document(title: &str, standard: &Standard) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut text = format!("# {}\n", if title.is_empty() { "Context" } else { &title });
    for (index, name) in standard.names().iter().enumerate() {
        text.push_str(&format!("\n## {name}\n"));
        if let Some(help) = help(name) {
            text.push_str(&format!("\n<!-- {help} -->\n"));
        }
        if index == 0 {
            text.push_str(&format!("\n{}\n{}\n", facts::START, facts::END));
        }
    }
    text
}

/// What belongs into a standard section.
fn help(name: &str) -> Option<&'static str> {
    let helps = [
        (CURRENT_WORK, "The feature, its status and its branch, in a few lines."),
        (ARCHITECTURE, "How it is built, and what must stay so. Link to documents rather than copy them."),
        (RECENT_DECISIONS, "`ckpt decide TEXT --why … --instead-of …`"),
        (KNOWN_ISSUES, "`ckpt issue TEXT`, `ckpt issue done N`"),
        (DEPENDENCIES, "Versions and services that matter, and why."),
        (TESTING_NOTES, "How to run the tests, which ones are slow or flaky, what is not tested yet."),
        (NEXT_SESSION, "`ckpt next TEXT…`: the steps to go on with, the first one first."),
    ];
    helps.into_iter().find(|(one, _)| normal(one) == normal(name)).map(|(_, help)| help)
}

#[cfg(test)]
mod tests;
