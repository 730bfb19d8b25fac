//! The marked block in a hook file: put in, found, taken out again so that not a byte differs.
//!
//! The first marker holds a checksum of the lines between the two, so a block that somebody wrote into is told from ours
//! and no line of his goes with it. Whatever is not clear is refused, with what to do by hand.

use bstr::ByteSlice;

use super::shell::{self, Script};
use super::{Hook, Program};

#[cfg(test)]
mod tests;

const BEGIN: &[u8] = b"# >>> ckpt ";
const END: &[u8] = b"# <<< ckpt <<<";
const BEGIN_REST: &str = ">>> put here by `ckpt hooks install`; `ckpt hooks remove` takes it out";

/// What stands above the block in a file that was not there before.
const FIRST_LINE: &[u8] = b"#!/bin/sh\n";

/// Why a hook file is left alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    #[error("it is run by `{0}`, not by a shell")]
    Foreign(String),
    #[error("it is no text")]
    Binary,
    #[error("its first line ends in a carriage return, so it cannot run")]
    CarriageReturn,
    #[error("the marker in line {line} has no counterpart")]
    Unpaired { line: usize },
    #[error("it has two blocks of ckpt's, in lines {first} and {second}")]
    Twice { first: usize, second: usize },
    #[error("the block of ckpt's in lines {first} to {last} was changed by hand")]
    Changed { first: usize, last: usize },
}

/// What is left of a file without its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// There was none.
    NoBlock,
    /// The file was ckpt's alone: it goes.
    WholeFile,
    /// The file as it was before.
    Rest(Vec<u8>),
}

/// How the block came to where it is; a word in its first marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// Below the first line, or at the top.
    Inserted,
    /// The first line had no end; one was added.
    Joined,
    /// There was no file.
    NewFile,
}

impl Origin {
    const ALL: [Origin; 3] = [Origin::Inserted, Origin::Joined, Origin::NewFile];

    const fn word(self) -> &'static str {
        match self {
            Origin::Inserted => "in",
            Origin::Joined => "joined",
            Origin::NewFile => "new",
        }
    }
}

/// A block in a file: the bytes of its lines, and what its marker says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    start: usize,
    end: usize,
    inside: std::ops::Range<usize>,
    origin: Origin,
}

/// The file with the block for `hook`; one that it has already is replaced. `None` stands for no file.
pub fn insert(file: Option<&[u8]>, hook: Hook, program: &Program) -> Result<Vec<u8>, BlockError> {
    let Some(given) = file else { return Ok(new_file(hook, program)) };
    let bare = match remove(given)? {
        Removed::NoBlock => given.to_vec(),
        Removed::Rest(rest) => rest,
        Removed::WholeFile => return Ok(new_file(hook, program)),
    };
    let (at, origin) = match shell::script_of(&bare) {
        Script::Bare => (0, Origin::Inserted),
        Script::Shell(length) if length == bare.len() => (length, Origin::Joined),
        Script::Shell(length) => (length + 1, Origin::Inserted),
        Script::Foreign(interpreter) => return Err(BlockError::Foreign(interpreter)),
        Script::CarriageReturn => return Err(BlockError::CarriageReturn),
        Script::Binary => return Err(BlockError::Binary),
    };
    let mut out = bare[..at].to_vec();
    if origin == Origin::Joined {
        out.push(b'\n');
    }
    out.extend_from_slice(&block(hook, program, origin));
    out.extend_from_slice(&bare[at..]);
    Ok(out)
}

fn new_file(hook: Hook, program: &Program) -> Vec<u8> {
    [FIRST_LINE, &block(hook, program, Origin::NewFile)].concat()
}

fn block(hook: Hook, program: &Program, origin: Origin) -> Vec<u8> {
    let lines = shell::lines(hook, program);
    let begin = format!("{:08x} {} {BEGIN_REST}\n", crc32fast::hash(&lines), origin.word());
    [BEGIN, begin.as_bytes(), &lines, END, b"\n"].concat()
}

/// The file without its block, byte for byte as it was before.
pub fn remove(file: &[u8]) -> Result<Removed, BlockError> {
    let Some(found) = find(file)? else { return Ok(Removed::NoBlock) };
    let (mut before, after) = (&file[..found.start], &file[found.end..]);
    if found.origin == Origin::NewFile && before == FIRST_LINE && after.is_empty() {
        return Ok(Removed::WholeFile);
    }
    // With something below the block, the line end that was added is needed.
    if found.origin == Origin::Joined && after.is_empty() {
        before = before.strip_suffix(b"\n").unwrap_or(before);
    }
    Ok(Removed::Rest([before, after].concat()))
}

/// Whether the file has a block, and one that is as `insert` would write it now.
pub fn state(file: &[u8], hook: Hook, program: &Program) -> Result<State, BlockError> {
    let Some(found) = find(file)? else { return Ok(State::Absent) };
    let is_current = file[found.inside] == shell::lines(hook, program);
    Ok(if is_current { State::Current } else { State::Outdated })
}

/// The path of the program that the block calls; `None` where it is found by its name, or there is no block.
pub fn program(file: &[u8]) -> Option<Vec<u8>> {
    let found = find(file).ok()??;
    shell::called_path(&file[found.inside])
}

/// What is to be said of the block in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Current,
    /// It calls another ckpt, or was written by another version.
    Outdated,
}

fn find(file: &[u8]) -> Result<Option<Found>, BlockError> {
    let mut begin: Option<(usize, usize, &[u8])> = None;
    let mut found: Option<(usize, Found)> = None;
    let mut start = 0;
    for (index, line) in file.lines_with_terminator().enumerate() {
        let number = index + 1;
        let end = start + line.len();
        if let Some(rest) = line.strip_prefix(BEGIN) {
            if let Some((first, ..)) = begin {
                return Err(BlockError::Unpaired { line: first });
            }
            if let Some((first, _)) = found {
                return Err(BlockError::Twice { first, second: number });
            }
            begin = Some((number, start, rest));
        } else if line.starts_with(END) {
            let Some((first, from, rest)) = begin.take() else {
                return Err(BlockError::Unpaired { line: number });
            };
            let inside = file[from..start].find_byte(b'\n').map_or(start, |at| from + at + 1)..start;
            let origin = checked(rest, &file[inside.clone()], line);
            let origin = origin.ok_or(BlockError::Changed { first, last: number })?;
            found = Some((first, Found { start: from, end, inside, origin }));
        }
        start = end;
    }
    match begin {
        Some((line, ..)) => Err(BlockError::Unpaired { line }),
        None => Ok(found.map(|(_, found)| found)),
    }
}

/// Reads the first marker and compares the checksum; `None` for a block that is not as it was written.
fn checked(marker: &[u8], lines: &[u8], last_line: &[u8]) -> Option<Origin> {
    let mut words = marker.fields();
    let checksum = u32::from_str_radix(words.next()?.to_str().ok()?, 16).ok()?;
    let word = words.next()?;
    let origin = Origin::ALL.into_iter().find(|origin| origin.word().as_bytes() == word)?;
    let is_whole = crc32fast::hash(lines) == checksum && last_line == [END, b"\n"].concat();
    is_whole.then_some(origin)
}
