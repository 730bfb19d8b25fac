//! The user's configuration file: `$XDG_CONFIG_HOME/ckpt/config.toml`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{CheckSetting, ConfigError, Origin, Settings, Sourced, parse_bytes, parse_count, parse_span};
use crate::sys::environment::Environment;

/// Where the file is looked for; relative `XDG_CONFIG_HOME`s are none, as their specification asks.
pub fn find_path(environment: &Environment) -> Option<PathBuf> {
    Some(find_folder(environment)?.join("config.toml"))
}

/// Where the user's configuration is: the file, and the folder of the user's templates.
pub fn find_folder(environment: &Environment) -> Option<PathBuf> {
    Some(environment.config_home().filter(|path| path.is_absolute())?.join("ckpt"))
}

/// Lays the values of the file over `settings`. An absent file is none.
pub(super) fn lay_over(settings: &mut Settings, environment: &Environment) -> Result<(), ConfigError> {
    let Some(path) = find_path(environment) else { return Ok(()) };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        Err(error) => return Err(problem(&path, format!("it cannot be read: {error}"))),
    };
    let table: Table = text.parse().map_err(|error: toml::de::Error| problem(&path, describe(&error, &text)))?;
    lay_table(settings, &table, &path)
}

fn lay_table(settings: &mut Settings, table: &Table, path: &Path) -> Result<(), ConfigError> {
    let mut unknown = Vec::new();
    for (key, value) in table {
        match (key.as_str(), value) {
            ("limits", Value::Table(limits)) => lay_limits(settings, limits, path, &mut unknown)?,
            ("context", Value::Table(context)) => lay_context(settings, context, path, &mut unknown)?,
            ("checks", Value::Array(checks)) => lay_checks(settings, checks, path, &mut unknown)?,
            ("checks", _) => return Err(problem(path, "`checks` must be tables, each `[[checks]]`".to_owned())),
            ("summarizer", Value::Table(summarizer)) => lay_summarizer(settings, summarizer, path, &mut unknown)?,
            ("summary", Value::Table(summary)) => lay_summary(settings, summary, path, &mut unknown)?,
            ("limits" | "context" | "summarizer" | "summary", _) => {
                return Err(problem(path, format!("`{key}` must be a table")));
            }
            _ => unknown.push(key.clone()),
        }
    }
    if !unknown.is_empty() {
        let names = unknown.join("`, `");
        settings.warnings.push(format!("{} holds settings that ckpt does not know: `{names}`", path.display()));
    }
    Ok(())
}

fn lay_limits(
    settings: &mut Settings,
    limits: &Table,
    path: &Path,
    unknown: &mut Vec<String>,
) -> Result<(), ConfigError> {
    for (key, value) in limits {
        type Parse = fn(&str) -> Result<u64, String>;
        let (setting, parse): (&mut Sourced<u64>, Parse) = match key.as_str() {
            "max-file-size" => (&mut settings.max_file_size, parse_bytes),
            "max-untracked-files" => (&mut settings.max_untracked_files, parse_count),
            "max-untracked-bytes" => (&mut settings.max_untracked_bytes, parse_bytes),
            _ => {
                unknown.push(format!("limits.{key}"));
                continue;
            }
        };
        let read = match value {
            Value::Integer(number) => u64::try_from(*number).map_err(|_| "it is negative".to_owned()),
            Value::String(text) => parse(text),
            _ => Err("it must be a number or text".to_owned()),
        };
        let value = read.map_err(|detail| problem(path, format!("`limits.{key}`: {detail}")))?;
        *setting = Sourced { value, origin: Origin::File(path.to_owned()) };
    }
    Ok(())
}

fn lay_context(
    settings: &mut Settings,
    context: &Table,
    path: &Path,
    unknown: &mut Vec<String>,
) -> Result<(), ConfigError> {
    let origin = || Origin::File(path.to_owned());
    for (key, value) in context {
        match (key.as_str(), value) {
            ("file", Value::String(file)) => {
                settings.context_file = Sourced { value: Some(file.clone()), origin: origin() };
            }
            ("sections" | "documents", Value::Array(texts)) if texts.iter().all(Value::is_str) => {
                let value = texts.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                let setting = match key.as_str() {
                    "sections" => &mut settings.context_sections,
                    _ => &mut settings.context_documents,
                };
                *setting = Sourced { value, origin: origin() };
            }
            ("file", _) => return Err(problem(path, "`context.file` must be text".to_owned())),
            ("sections" | "documents", _) => {
                return Err(problem(path, format!("`context.{key}` must be a list of texts")));
            }
            _ => unknown.push(format!("context.{key}")),
        }
    }
    Ok(())
}

/// A check that runs longer than this many seconds is ended, where the user says nothing else.
const CHECK_SECONDS: u64 = 600;

fn lay_checks(
    settings: &mut Settings,
    checks: &[Value],
    path: &Path,
    unknown: &mut Vec<String>,
) -> Result<(), ConfigError> {
    let bad = |detail: &str| problem(path, format!("each of `[[checks]]` {detail}"));
    let mut value = Vec::new();
    for check in checks {
        let table = check.as_table().ok_or_else(|| bad("must be a table"))?;
        let text = |key: &str| table.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let (Some(name), Some(command)) = (text("name"), text("command")) else {
            return Err(bad("needs a `name` and a `command`"));
        };
        let timeout = match table.get("timeout") {
            None => CHECK_SECONDS,
            Some(Value::Integer(seconds @ 1..)) => seconds.unsigned_abs(),
            Some(_) => return Err(bad("has a `timeout` in seconds, or none")),
        };
        let known = |key: &&String| !matches!(key.as_str(), "name" | "command" | "timeout");
        unknown.extend(table.keys().filter(known).map(|key| format!("checks.{key}")));
        value.push(CheckSetting { name: name.to_owned(), command: command.to_owned(), timeout });
    }
    settings.checks = Sourced { value, origin: Origin::File(path.to_owned()) };
    Ok(())
}

fn lay_summarizer(
    settings: &mut Settings,
    summarizer: &Table,
    path: &Path,
    unknown: &mut Vec<String>,
) -> Result<(), ConfigError> {
    for (key, value) in summarizer {
        match (key.as_str(), value) {
            ("command", Value::Array(words)) if words.iter().all(Value::is_str) => {
                let value = words.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                settings.summarizer_command = Sourced { value, origin: Origin::File(path.to_owned()) };
            }
            // One text is a line for the shell, as an editor is for git.
            ("command", Value::String(line)) => {
                let value = ["sh", "-c", line].map(str::to_owned).to_vec();
                settings.summarizer_command = Sourced { value, origin: Origin::File(path.to_owned()) };
            }
            ("command", _) => {
                return Err(problem(path, "`summarizer.command` must be text or a list of texts".to_owned()));
            }
            ("timeout", value) => settings.summarizer_timeout = span(value, "summarizer.timeout", path)?,
            _ => unknown.push(format!("summarizer.{key}")),
        }
    }
    Ok(())
}

fn lay_summary(
    settings: &mut Settings,
    summary: &Table,
    path: &Path,
    unknown: &mut Vec<String>,
) -> Result<(), ConfigError> {
    for (key, value) in summary {
        match key.as_str() {
            "full" => settings.summary_full = span(value, "summary.full", path)?,
            "detailed" => settings.summary_detailed = span(value, "summary.detailed", path)?,
            _ => unknown.push(format!("summary.{key}")),
        }
    }
    Ok(())
}

fn span(value: &Value, key: &str, path: &Path) -> Result<Sourced<u64>, ConfigError> {
    let read = match value {
        Value::Integer(number) => u64::try_from(*number).map_err(|_| "it is negative".to_owned()),
        Value::String(text) => parse_span(text),
        _ => Err("it must be a number of seconds or text such as `30s`".to_owned()),
    };
    let value = read.map_err(|detail| problem(path, format!("`{key}`: {detail}")))?;
    Ok(Sourced { value, origin: Origin::File(path.to_owned()) })
}

/// One line instead of the parser's picture of the place.
fn describe(error: &toml::de::Error, text: &str) -> String {
    let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let message = error.message().lines().next().unwrap_or_default();
    match line {
        Some(line) => format!("line {line}: {message}"),
        None => message.to_owned(),
    }
}

fn problem(path: &Path, problem: String) -> ConfigError {
    ConfigError { origin: Origin::File(path.to_owned()), problem }
}
