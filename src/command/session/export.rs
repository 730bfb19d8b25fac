//! `ckpt session export`.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::command::failure::{Exit, Stop};
use crate::command::invocation::{Interrupted, Invocation};
use crate::command::words;
use crate::ops::session::export::{history, write_new};
use crate::report::json::session_end::ExportDocument;
use crate::report::session::exported;

/// Write down the whole history of a session
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt session export user-notifications --format html -o story.html")]
pub struct Args {
    /// Its name or title [default: the current one]
    pub session: Option<String>,
    /// `md` and `html` for people, `json` and `jsonl` for programs
    #[arg(long, value_name = "FORMAT", default_value = "md", hide_possible_values = true)]
    pub format: Format,
    /// Write it to a file that is not there yet
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// A form of the history.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Md,
    Json,
    Jsonl,
    Html,
}

impl Format {
    fn word(self) -> &'static str {
        match self {
            Format::Md => "md",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Html => "html",
        }
    }
}

/// Exports.
pub(super) fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let history = history(&repo, args.session.as_deref())?;
    words::mention(&history.portrait.context, invocation);
    let text = match args.format {
        Format::Md => exported::markdown(&history, repo.clock.zone()),
        Format::Json => exported::json(&history),
        Format::Jsonl => exported::json_lines(&history),
        Format::Html => exported::html(&history, repo.clock.zone()),
    };
    let path = args.output.as_ref().map(|path| invocation.environment.directory().join(path));
    if let Some(path) = &path {
        write_new(path, text.as_bytes()).map_err(crate::ops::OpError::from)?;
    }
    let name = history.portrait.name.as_str();
    if invocation.output.is_json() {
        let text = path.is_none().then_some(text.as_str());
        invocation.output.document(&ExportDocument::new(name, args.format.word(), path.as_deref(), text))?;
    } else if let Some(path) = &path {
        invocation.output.notice(&format!("the history of {name} is in {}", path.display()));
    } else {
        invocation.output.answer_paged(exported::for_terminal(&text, &invocation.look()))?;
    }
    Ok(Exit::Done)
}
