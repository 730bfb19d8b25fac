//! `ckpt brief`.

use bstr::BString;

use crate::ops::brief::{BriefRequest, brief};
use crate::report::brief::{Markdown, Xml};
use crate::report::json::brief::Json;
use crate::summary::brief::Form;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};
use super::words::mention;

/// Show what whoever goes on should know, within a token budget
///
/// State, next steps, issues, decisions, current work, changes, commits, events, documents: the most useful first, and at
/// the end what was left out and how to get it. For the start of an agent's session.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt brief --budget 2000 --for src/backend")]
pub struct Args {
    /// How many tokens it may have
    #[arg(long, value_name = "TOKENS", default_value_t = 4000)]
    pub budget: usize,
    /// The part of the project that it is about [default: those of the changed paths]
    #[arg(long, value_name = "NAME")]
    pub partition: Option<String>,
    /// The paths that it is about
    #[arg(long = "for", value_name = "PATH", num_args = 1..)]
    pub paths: Vec<std::ffi::OsString>,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "md")]
    pub format: Format,
}

/// How a brief is written.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Md,
    Json,
    Xml,
}

/// Shows.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    if args.format == Format::Json {
        invocation.output.answer_in_json();
    }
    let form: &dyn Form = match args.format {
        _ if invocation.output.is_json() => &Json,
        Format::Xml => &Xml,
        Format::Md | Format::Json => &Markdown,
    };
    let repo = invocation.open(Interrupted::Ignore)?;
    let paths = args.paths.into_iter().map(|path| BString::from(std::os::unix::ffi::OsStringExt::into_vec(path)));
    let request = BriefRequest { budget: args.budget, partition: args.partition, paths: paths.collect() };
    let briefed = brief(&repo, &request, form)?;
    mention(&briefed.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.answer(briefed.brief.text)?;
    } else {
        invocation.output.answer_paged(briefed.brief.text)?;
    }
    Ok(Exit::Done)
}
