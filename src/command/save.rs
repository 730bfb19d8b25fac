//! `ckpt save`.

use std::io::Read;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use crate::config::{Flags, NotASize, parse_size};
use crate::model::checkpoint::{CheckpointKind, Words};
use crate::ops::save::{SaveRequest, Saved, save};
use crate::ops::submodules::Submodules;
use crate::report::json::save::SaveDocument;
use crate::report::saved;

use super::failure::{Exit, Failure, Kind, Stop};
use super::invocation::{Interrupted, Invocation};
use super::words;

/// Longer notes are refused: a note is read again, by people and by agents.
const LONGEST_NOTE: u64 = 1 << 20;

/// Save the whole state of the work as a checkpoint
///
/// Takes tracked files, untracked files that are not ignored, the staging area, HEAD and branch, and a merge or rebase in
/// progress. Changes none of them. What cannot be saved is named, with the reason.
#[derive(clap::Args, Clone, Debug)]
#[command(
    after_help = "Example:\n  ckpt save before-refactor -m \"login endpoint works\" --next \"split the handler\""
)]
pub struct Args {
    /// Name for the checkpoint; spaces become dashes
    pub name: Option<String>,
    /// What works, what does not, what was decided
    #[arg(short = 'm', long = "message", value_name = "NOTE", conflicts_with = "from", allow_hyphen_values = true)]
    pub note: Option<String>,
    /// A step to do next; may be given several times
    #[arg(long, value_name = "STEP", allow_hyphen_values = true)]
    pub next: Vec<String>,
    /// Take the note from a file, or from stdin with `-`
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Also take ignored files that match, as in .gitignore; they are marked local-only
    #[arg(long, value_name = "PATTERN")]
    pub include: Vec<String>,
    /// Leave out larger files, such as 10MB, 1GiB or none
    #[arg(long, value_name = "SIZE", value_parser = read_size)]
    pub max_file_size: Option<u64>,
    /// Read every file anew, whatever the cache says
    #[arg(long)]
    pub full: bool,
    /// Go on in a home folder, and beyond the limits on untracked files
    #[arg(long)]
    pub force: bool,
    /// Make a checkpoint even when nothing changed
    #[arg(long)]
    pub always: bool,
    /// Also save each submodule, as a checkpoint of its own in its own repository
    #[arg(long)]
    pub recurse_submodules: bool,
    /// Take the name from the checkpoint that has it
    #[arg(long = "move")]
    pub move_name: bool,
    /// Exit with 0 although some files could not be read
    #[arg(long)]
    pub partial_ok: bool,
}

fn read_size(text: &str) -> Result<u64, NotASize> {
    parse_size(text)
}

/// Saves.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let flags = Flags { max_file_size: args.max_file_size };
    let name = args.name.as_deref().map(|typed| invocation.name(typed)).transpose()?;
    let note = read_note(&args, invocation)?;
    let repo = invocation.open_with(flags, Interrupted::Mention)?;
    let request = SaveRequest {
        name,
        move_name: args.move_name,
        words: Words { note, next: args.next, ..Words::default() },
        always: args.always,
        include: args.include,
        full: args.full,
        force: args.force,
        submodules: if args.recurse_submodules { Submodules::Recurse } else { Submodules::Alone },
        ..SaveRequest::of_kind(CheckpointKind::Manual)
    };
    let saved = save(&repo, &request)?;
    words::mention(&saved.context, invocation);
    tell(&saved, invocation)?;
    if !saved.is_partial() || args.partial_ok {
        return Ok(Exit::Done);
    }
    if !invocation.output.is_json() {
        invocation.output.hint("make these files readable and save again, or accept it with `--partial-ok`");
    }
    Ok(Exit::Refused)
}

fn tell(saved: &Saved, invocation: &mut Invocation) -> Result<(), Stop> {
    if invocation.output.is_json() {
        invocation.output.document(&SaveDocument::of(saved))?;
    } else if invocation.output.is_quiet() {
        invocation.output.answer(format!("{}\n", saved.id))?;
    } else {
        let text = saved::render(saved, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(())
}

/// The note from `-m` or `--from`; one of white space alone is none.
fn read_note(args: &Args, invocation: &mut Invocation) -> Result<Option<String>, Failure> {
    let text = match (&args.note, &args.from) {
        (Some(note), _) => Some(note.clone()),
        (None, Some(path)) => Some(read_file(path, invocation)?),
        (None, None) => None,
    };
    let note = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if let (Some(path), None) = (&args.from, &note) {
        let origin = if path == Path::new("-") { "stdin".into() } else { path.to_string_lossy() };
        // The work counts for more than what is said about it.
        invocation.output.warning(&format!("{origin} holds no note; saving without one"));
    }
    Ok(note)
}

fn read_file(path: &Path, invocation: &Invocation) -> Result<String, Failure> {
    let failed = |error: std::io::Error| {
        let message = format!("cannot read the note from {}: {error}", path.display());
        Failure::new(Kind::Refused, "note-unreadable", message).hint("give the note itself with `-m NOTE`")
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().take(LONGEST_NOTE + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = std::fs::File::open(invocation.environment.directory().join(path)).map_err(failed)?;
        file.take(LONGEST_NOTE + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > LONGEST_NOTE {
        let message = format!("the note from {} is longer than 1 MiB", path.display());
        return Err(Failure::new(Kind::Refused, "note-too-long", message).hint("keep it in a file of the work tree"));
    }
    Ok(bytes.to_str_lossy().into_owned())
}
