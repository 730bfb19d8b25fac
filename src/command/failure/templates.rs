//! What errors of templates and check lists mean to the user.

use std::path::Path;

use crate::ops::checklist::error::CheckError;
use crate::ops::template::error::TemplatesError;
use crate::ops::template::trust::Distrust;
use crate::report::words;
use crate::template::TemplateError;
use crate::template::checklist::ChecklistError;

use super::{Failure, Kind, did_you_mean};

pub(super) fn of_templates(error: TemplatesError) -> Failure {
    let message = error.to_string();
    let refused = |code| Failure::new(Kind::Refused, code, message.clone());
    match error {
        TemplatesError::Unknown { nearest, .. } => {
            refused("unknown-template").hints(did_you_mean(&nearest)).hint("see them with `ckpt template list`")
        }
        TemplatesError::Exists { name } => {
            refused("template-exists").hint(format!("change it with `ckpt template edit {name}`"))
        }
        TemplatesError::Elsewhere { name, .. } => refused("template-elsewhere")
            .hint(format!("make one of the repository of it with `ckpt template edit {name}`")),
        TemplatesError::TextKept { name, path, error } => text_kept((*error).into(), &name, &path),
        TemplatesError::TargetExists { .. } => {
            refused("target-exists").hint("name another file, or move this one out of the way")
        }
        TemplatesError::NoStateFolder => refused("no-state-folder").hint("set $HOME"),
        TemplatesError::BadTrust { path, .. } => {
            let path = shell_word(&path.to_string_lossy());
            Failure::new(Kind::Damaged, "damaged-trust", message.clone())
                .hint(format!("move it away (`mv {path} {path}.bad`), then trust your templates again"))
        }
        TemplatesError::Text(error) => of_text(error),
    }
}

/// What is wrong with the text, and where it is safe.
fn text_kept(failure: Failure, name: &str, path: &Path) -> Failure {
    let path = shell_word(&path.to_string_lossy());
    Failure { details: [failure.details, vec![format!("what you wrote is kept in {path}")]].concat(), ..failure }
        .hint(format!("correct it there, then take it with `ckpt template add {path} --name {name}`"))
}

/// `text` as one word of a shell.
fn shell_word(text: &str) -> String {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || "/._-+".contains(one);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn of_text(error: TemplateError) -> Failure {
    let message = error.to_string();
    let refused = |code| Failure::new(Kind::Refused, code, message.clone());
    match error {
        TemplateError::Malformed { .. } => {
            refused("malformed-template").hint("see how one is written with `ckpt template show feature`")
        }
        TemplateError::NotText { .. } => refused("not-text").hint("save it as UTF-8"),
        TemplateError::TooLarge { .. } | TemplateError::TooMuchText { .. } => {
            refused("template-too-large").hint("a plan that long is read by nobody: split it into several")
        }
        TemplateError::TooMuchWork { .. } => refused("template-endless").hint("take loops and includes out of it"),
        TemplateError::Cycle { .. } => refused("template-cycle").hint("take one of the references out"),
        TemplateError::TooDeep { .. } | TemplateError::TooManyParts { .. } => {
            refused("template-too-deep").hint("put what they have in common into one template")
        }
        TemplateError::UnknownReference { nearest, .. } => {
            refused("unknown-template").hints(did_you_mean(&nearest)).hint("see them with `ckpt template list`")
        }
        TemplateError::UnknownVariable { known, .. } => refused("unknown-variable").hint(match known.as_slice() {
            [] => "it has no variables at all".to_owned(),
            known => format!("it has {}", words::joined_by(&quoted(known), "and")),
        }),
        TemplateError::MissingVariables { variables, .. } => {
            let given: Vec<String> = variables.iter().map(|name| format!("--var {name}=…")).collect();
            refused("missing-variables").hint(format!("give them with `{}`", given.join(" ")))
        }
        TemplateError::BadValue { variable, .. } => {
            refused("bad-value").hint(format!("give another with `--var {variable}=…`"))
        }
    }
}

fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("`{name}`")).collect()
}

pub(super) fn of_checks(error: CheckError) -> Failure {
    let message = error.to_string();
    let refused = |code| Failure::new(Kind::Refused, code, message.clone());
    match error {
        CheckError::NoChecklist => refused("no-check-list").hint(
            "begin one with `ckpt check --add TEXT`, or a session with one: `ckpt session start TITLE --template T`",
        ),
        CheckError::Unknown { nearest, .. } => {
            refused("unknown-item").details(nearest).hint("see the items and their numbers with `ckpt check`")
        }
        CheckError::Ambiguous { candidates, .. } => {
            refused("ambiguous-item").details(candidates).hint("name it by its number")
        }
        CheckError::NoCommand { number, text } => refused("no-command")
            .details([text])
            .hint(format!("look for yourself, then mark it with `ckpt check {number}`")),
        CheckError::Untrusted { number, command, template, reason } => {
            untrusted(refused("untrusted"), number, command, template.as_deref(), reason)
        }
        CheckError::CannotRun(_) => refused("cannot-run"),
        CheckError::List(error) => of_list(error),
    }
}

fn untrusted(failure: Failure, number: usize, command: String, template: Option<&str>, reason: Distrust) -> Failure {
    let failure = failure.details([command]);
    let failure = match (reason, template) {
        (Distrust::NoTemplate, _) | (_, None) => {
            failure.hint("the session was made from no template that could be trusted")
        }
        (Distrust::Template, Some(name)) => failure
            .hint(format!("read its template with `ckpt template show {name}`"))
            .hint(format!("then let its commands run with `ckpt template trust {name}`")),
        (Distrust::Command, Some(name)) => failure
            .hint(format!("its words are not those of the trusted `{name}`, or values were filled in since"))
            .hint(format!("see what may run, and add this session's values, with `ckpt template trust {name}`")),
    };
    failure.hint(format!("or run it yourself, then mark the item with `ckpt check {number}`"))
}

fn of_list(error: ChecklistError) -> Failure {
    let message = error.to_string();
    let refused = |code| Failure::new(Kind::Refused, code, message.clone());
    match error {
        ChecklistError::NoSuchItem { .. } => {
            refused("no-such-item").hint("see the items and their numbers with `ckpt check`")
        }
        ChecklistError::UnknownPhase { known, .. } => refused("unknown-phase").hints(did_you_mean(&known)),
        ChecklistError::NotAnItem => refused("bad-item").hint("say it in one line"),
        ChecklistError::NotAPhase => refused("bad-phase").hint("a good phase is called like `Build`"),
    }
}
