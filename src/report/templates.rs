//! The answers of `ckpt template`.

use super::diffed::patch::push_hunks;
use super::look::Look;
use super::style::Role;
use super::table::{self, Cell};
use super::{text, words};
use crate::ops::template::change::{Exported, Removed, Stored};
use crate::ops::template::compare::ComparedTemplate;
use crate::ops::template::trust::Trusted;
use crate::ops::template::{ListedTemplate, Origin, Resolved};
use crate::template::Variable;

/// Longer names, prompts and defaults are cut in columns.
const WIDEST_NAME: usize = 24;

/// All templates, a line each.
pub fn render_list(templates: &[ListedTemplate], look: &Look) -> String {
    let row = |listed: &ListedTemplate| {
        let hides = if listed.shadows.is_empty() { "" } else { "*" };
        let description = match &listed.description {
            Ok(description) => Cell::plain(text::line(description)),
            Err(problem) => Cell::painted(Role::Error, text::line(problem)),
        };
        vec![
            Cell::painted(Role::Name, text::line(listed.name.as_str())),
            Cell::painted(Role::Faint, format!("{}{hides}", listed.origin.word())),
            description,
        ]
    };
    let rows: Vec<Vec<Cell>> = templates.iter().map(row).collect();
    table::render(&rows, &[WIDEST_NAME, 11], look.width, look.palette)
}

/// What the star in the list means, where there is one.
pub fn list_remark(templates: &[ListedTemplate]) -> Option<&'static str> {
    let hides = templates.iter().any(|listed| !listed.shadows.is_empty());
    hides.then_some("* hides another template of its name; `ckpt template diff NAME` compares them")
}

/// Where it comes from, what it asks for, and its text.
pub fn render_shown(shown: &Resolved, is_trusted: bool, look: &Look) -> String {
    let template = &shown.template;
    let name = look.paint(Role::Name, &text::line(shown.name.as_str()));
    let mut out = format!("{name}  {}\n", text::line(template.description()));
    let mut fact = |label: &str, value: String| {
        out.push_str(&format!("  {}{value}\n", look.paint(Role::Faint, &text::pad(label, 10))));
    };
    fact("from", from(shown));
    if let Some((branch, base)) = template.branch_rule() {
        let base = base.map(|base| format!(", from {}", text::line(base))).unwrap_or_default();
        fact("branch", format!("{}{base}", text::line(branch)));
    }
    let parts: Vec<String> = template.parts().map(|(name, _)| text::line(name)).collect();
    if !parts.is_empty() {
        fact("with", words::joined(&parts));
    }
    fact("trusted", if is_trusted { "yes: its commands may run" } else { "no: none of its commands runs" }.to_owned());
    let variables: Vec<&Variable> = template.variables().collect();
    if !variables.is_empty() {
        out.push_str(&format!("\n{}\n", look.paint(Role::Heading, "Variables")));
        out.push_str(&render_variables(&variables, look));
    }
    out.push('\n');
    out.push_str(&text::block(template.body().trim_start_matches('\n')));
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn render_variables(variables: &[&Variable], look: &Look) -> String {
    let row = |variable: &&Variable| {
        let needed = if variable.required && variable.default.is_none() { "required" } else { "" };
        let default = variable.default.as_ref().map(|default| format!(" [{default}]")).unwrap_or_default();
        let pattern = variable.pattern.as_ref().map(|pattern| format!(" ({pattern})")).unwrap_or_default();
        let prompt = variable.prompt.as_deref().unwrap_or_default();
        vec![
            Cell::plain(""),
            Cell::painted(Role::Name, format!("  {}", text::line(&variable.name))),
            Cell::painted(Role::Faint, needed),
            Cell::plain(text::line(format!("{prompt}{default}{pattern}").trim_start())),
        ]
    };
    let rows: Vec<Vec<Cell>> = variables.iter().map(row).collect();
    table::render(&rows, &[0, WIDEST_NAME, 8], look.width, look.palette)
}

fn from(shown: &Resolved) -> String {
    let hides: Vec<String> = shown.shadows.iter().map(owner).collect();
    let hides = if hides.is_empty() { String::new() } else { format!("; hides {}", words::joined(&hides)) };
    format!("{}{hides}", owner(&shown.origin))
}

/// Whose template it is.
fn owner(origin: &Origin) -> String {
    match origin {
        Origin::Repository { commit } => format!("the repository ({})", commit.short()),
        Origin::User { path } => text::line(path.to_string_lossy().as_bytes()),
        Origin::BuiltIn => "the built-in one".to_owned(),
    }
}

/// A version that was taken.
pub fn render_stored(stored: &Stored, look: &Look) -> String {
    let name = look.paint(Role::Name, &text::line(stored.name.as_str()));
    let hides: Vec<String> = stored.shadows.iter().map(owner).collect();
    match (stored.unchanged, stored.previous, hides.as_slice()) {
        (true, ..) => format!("Nothing changed in {name}\n"),
        (false, Some(_), _) => format!("Changed {name}; `ckpt template diff {name} --versions` shows how\n"),
        (false, None, []) => format!("Added {name} to the templates of the repository\n"),
        (false, None, hides) => {
            format!("Added {name} to the templates of the repository; it hides {}\n", words::joined(hides))
        }
    }
}

/// What was removed.
pub fn render_removed(removed: &Removed, look: &Look) -> String {
    let name = look.paint(Role::Name, &text::line(removed.name.as_str()));
    let now = removed.uncovers.as_ref().map(|origin| format!("; the name means {} now", owner(origin)));
    format!("Removed {name}{}; `ckpt undo` brings it back\n", now.unwrap_or_default())
}

/// Where it was written to.
pub fn render_exported(exported: &Exported, look: &Look) -> String {
    let name = look.paint(Role::Name, &text::line(exported.name.as_str()));
    format!("Wrote {name} to {}\n", text::line(exported.path.to_string_lossy().as_bytes()))
}

/// What differs.
pub fn render_diff(compared: &ComparedTemplate, look: &Look) -> Vec<u8> {
    let mut out = Vec::new();
    let headings = [("---", &compared.from), ("+++", &compared.to)];
    for (mark, side) in headings.iter().filter(|_| compared.from.text != compared.to.text) {
        let line = look.paint(Role::Heading, &format!("{mark} {}", text::line(&side.label)));
        out.extend_from_slice(format!("{line}\n").as_bytes());
    }
    push_hunks(&mut out, &compared.from.text, &compared.to.text, look);
    out
}

/// That nothing differs.
pub fn same(compared: &ComparedTemplate) -> String {
    if compared.from.label == compared.to.label {
        return format!("`{}` is {} alone; there is nothing to compare", compared.name, compared.to.label);
    }
    format!("{} and {} say the same", compared.from.label, compared.to.label)
}

/// What may run now.
pub fn render_trusted(trusted: &Trusted, look: &Look) -> String {
    let name = look.paint(Role::Name, &text::line(trusted.name.as_str()));
    let now = if trusted.unchanged { "is trusted already" } else { "is trusted, as it is now" };
    let mut out = match trusted.commands.as_slice() {
        [] => format!("{name} {now}; no command of it may run yet\n"),
        _ => format!("{name} {now}; these commands of it may run:\n"),
    };
    for command in &trusted.commands {
        out.push_str(&format!("  {}\n", text::line(command)));
    }
    out
}

/// That trust was taken back.
pub fn render_untrusted(name: &str, versions: usize) -> String {
    match versions {
        0 => format!("{} was not trusted\n", text::line(name)),
        _ => format!("{} is not trusted any more\n", text::line(name)),
    }
}
