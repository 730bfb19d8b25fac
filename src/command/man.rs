//! `ckpt man`.

use crate::report::json::TextDocument;

use super::failure::{Exit, Failure, Kind, Stop};
use super::invocation::Invocation;

/// Print the manual page of ckpt, or of one command
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt man save | man -l -")]
pub struct Args {
    /// A command, such as save
    pub command: Option<String>,
}

/// Prints the page in roff.
pub fn run(args: &Args, tree: &mut clap::Command, invocation: &mut Invocation) -> Result<Exit, Stop> {
    tree.build();
    let command = find(tree, args.command.as_deref())?.clone().disable_help_subcommand(true);
    let title = command.get_display_name().unwrap_or("ckpt").to_owned();
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .title(title)
        .source(concat!("ckpt ", env!("CARGO_PKG_VERSION")))
        .render(&mut page)
        .map_err(|error| Failure::new(Kind::Refused, "io", format!("cannot write the manual page: {error}")))?;
    if invocation.output.is_json() {
        invocation.output.document(&TextDocument::new("man", &String::from_utf8_lossy(&page)))?;
    } else {
        invocation.output.answer(page)?;
    }
    Ok(Exit::Done)
}

fn find<'a>(tree: &'a clap::Command, name: Option<&str>) -> Result<&'a clap::Command, Failure> {
    let Some(name) = name else { return Ok(tree) };
    tree.find_subcommand(name).ok_or_else(|| {
        Failure::new(Kind::Usage, "unknown-command", format!("there is no command `{name}`"))
            .hint("see the commands with `ckpt --help`")
    })
}
