//! `ckpt diff`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use crate::ops::diff::{DiffRequest, Diffed, diff};
use crate::report::diffed::{MOST_FILES_WITH_LINES, patch, stat};
use crate::report::json::diff::DiffDocument;
use crate::report::look::Look;
use crate::report::text;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Show what differs between checkpoints, or one and the work tree
///
/// With no point: what changed since the latest checkpoint. With one: from that point to the work tree. Over 20 files,
/// a summary unless --patch is given.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt diff before-refactor -- src")]
pub struct Args {
    /// The older and the newer point [default: the latest, and the work tree]
    #[arg(value_name = "POINT", num_args = 0..=2)]
    pub points: Vec<String>,
    /// Only these paths
    #[arg(last = true, value_name = "PATH")]
    pub paths: Vec<OsString>,
    /// A summary, one line a file
    #[arg(long, conflicts_with = "patch")]
    pub stat: bool,
    /// The lines that differ
    #[arg(short, long)]
    pub patch: bool,
}

/// Compares.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let mut points = args.points.into_iter();
    let paths = args.paths.into_iter().map(|path| path.into_vec().into()).collect();
    let is_against_files = points.len() < 2;
    let request = DiffRequest { from: points.next(), to: points.next(), paths };
    let diffed = diff(&repo, &request)?;
    let look = invocation.look();
    if invocation.output.is_json() {
        invocation.output.document(&DiffDocument::of(&diffed, args.patch, &Look::plain(look.now)))?;
        return Ok(Exit::Done);
    }
    let has_lines = args.patch || (!args.stat && diffed.files.len() <= MOST_FILES_WITH_LINES);
    if diffed.files.is_empty() {
        let to = if is_against_files { "the files as they are" } else { &diffed.to };
        invocation.output.notice(&format!(
            "nothing differs between {} and {}",
            text::line(&diffed.from),
            text::line(to)
        ));
        return Ok(Exit::Done);
    }
    tell(&diffed, has_lines, &look, invocation)?;
    if !has_lines && !args.stat {
        invocation.output.hint("see the lines with `--patch`");
    }
    Ok(Exit::Done)
}

fn tell(diffed: &Diffed, has_lines: bool, look: &Look, invocation: &mut Invocation) -> Result<(), Stop> {
    if has_lines {
        invocation.output.answer_paged(patch::render(diffed, look))?;
    } else {
        invocation.output.answer_paged(stat::render(diffed, look))?;
    }
    Ok(())
}
