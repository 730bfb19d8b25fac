//! One file or link: written aside, moved in, and what it displaced proved before it is given up.

use std::fs::File;
use std::os::fd::OwnedFd;

use bstr::ByteSlice;
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::folders::{LastFolder, kind_at, split};
use super::staging::name_beside;
use super::{Run, Stop};
use crate::model::object::{ObjectError, ObjectKind};
use crate::sys::fault;
use crate::worktree::content;
use crate::worktree::plan::{Content, Form, Removal, Write};

/// A name in a folder.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) folder: &'a OwnedFd,
    pub(super) name: &'a [u8],
}

/// Takes a file or link away, if it is what the plan says. One that is gone already is as good.
pub(super) fn remove(run: &Run<'_>, last: &mut LastFolder<'_>, number: usize, removal: &Removal) -> Result<(), Stop> {
    let (parent, name) = split(removal.path.as_bstr());
    let folder = match last.writable(parent) {
        Err(Stop::Changed) => return Ok(()),
        other => other?,
    };
    let place = Spot { folder, name };
    match kind_at(folder, name) {
        None => return Ok(()),
        Some(FileType::Directory) => return Err(Stop::Changed),
        Some(_) => {}
    }
    let (aside, beside) = (format!("{number}.old").into_bytes(), name_beside(number));
    let staged = Spot { folder: &run.staging.handle, name: &aside };
    match take(place, staged) {
        Err(Errno::XDEV) => finish_removal(run, removal, place, take_beside(place, &beside)),
        outcome => finish_removal(run, removal, place, outcome.map(|()| staged)),
    }
}

fn take(place: Spot<'_>, staged: Spot<'_>) -> Result<(), Errno> {
    fs::renameat(place.folder, place.name, staged.folder, staged.name)
}

fn take_beside<'a>(place: Spot<'a>, beside: &'a [u8]) -> Result<Spot<'a>, Errno> {
    let staged = Spot { folder: place.folder, name: beside };
    take(place, staged).map(|()| staged)
}

fn finish_removal(
    run: &Run<'_>,
    removal: &Removal,
    place: Spot<'_>,
    taken: Result<Spot<'_>, Errno>,
) -> Result<(), Stop> {
    let staged = match taken {
        Ok(staged) => staged,
        Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(run.root.failed("remove", removal.path.as_bstr(), error).into()),
    };
    fault::reach("apply.taken");
    if content::is_held_by(run.objects, removal.was, staged.folder, staged.name) {
        return give_up(run, removal.path.as_bstr(), staged);
    }
    // When somebody has made a new file here meanwhile, the old one stays in the staging folder for `rescue`.
    let _ = move_in(staged, place);
    Err(Stop::Changed)
}

/// Makes a file or link.
pub(super) fn write(run: &Run<'_>, last: &mut LastFolder<'_>, number: usize, write: &Write) -> Result<(), Stop> {
    let (parent, name) = split(write.path.as_bstr());
    let folder = last.writable(parent)?;
    let place = Spot { folder, name };
    let part = format!("{number}.part").into_bytes();
    let whole = format!("{number}.new").into_bytes();
    let staged = Spot { folder: &run.staging.handle, name: &whole };
    stage(run, write, Spot { name: &part, ..staged }, staged)?;
    match put(run, write, staged, place) {
        Err(Stop::Failed(super::WorktreeError::Io { source, .. })) if is_other_device(&source) => {
            let _ = fs::unlinkat(staged.folder, staged.name, AtFlags::empty());
            let beside = name_beside(number);
            let staged = Spot { folder, name: &beside };
            stage(run, write, staged, staged)?;
            put(run, write, staged, place)
        }
        outcome => outcome,
    }
}

fn is_other_device(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(Errno::XDEV.raw_os_error())
}

/// Writes the new file as `part` and renames it to `whole` when it is complete.
fn stage(run: &Run<'_>, write: &Write, part: Spot<'_>, whole: Spot<'_>) -> Result<(), Stop> {
    let failed = |error: std::io::Error| Stop::from(run.root.failed("write", write.path.as_bstr(), error));
    if write.content.form == Form::Link {
        let target = run.objects.read_kind(&write.content.id, ObjectKind::Blob).map_err(super::WorktreeError::from)?;
        return fs::symlinkat(target, whole.folder, whole.name).map_err(|error| failed(error.into()));
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let permissions = write.permissions & 0o777;
    // Where the staging folder gives a new file exactly these bits, they need not be set afterwards.
    let is_given = part.name != whole.name && run.staging.gives & permissions == permissions;
    let mode = Mode::from_raw_mode(if is_given { permissions } else { 0o600 });
    let handle = fs::openat(part.folder, part.name, flags, mode).map_err(|error| failed(error.into()))?;
    let mut file = File::from(handle);
    let written = content::write_to(run.objects, write.content, &mut file);
    if let Err(error) = written {
        let _ = fs::unlinkat(part.folder, part.name, AtFlags::empty());
        return Err(match error {
            ObjectError::Write { source, .. } => failed(source),
            other => super::WorktreeError::from(other).into(),
        });
    }
    if !is_given {
        fs::fchmod(&file, Mode::from_raw_mode(permissions)).map_err(|error| failed(error.into()))?;
    }
    fault::reach("apply.written");
    if part.name == whole.name {
        return Ok(());
    }
    fs::renameat(part.folder, part.name, whole.folder, whole.name).map_err(|error| failed(error.into()))
}

/// Moves the staged file to its place.
fn put(run: &Run<'_>, write: &Write, staged: Spot<'_>, place: Spot<'_>) -> Result<(), Stop> {
    fault::reach("apply.staged");
    let outcome = match write.replaces {
        None => put_in_free(run, write, staged, place),
        Some(was) => exchange(run, write, was, staged, place),
    };
    fault::reach("apply.placed");
    outcome
}

fn put_in_free(run: &Run<'_>, write: &Write, staged: Spot<'_>, place: Spot<'_>) -> Result<(), Stop> {
    match move_in(staged, place) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST | Errno::NOTEMPTY | Errno::ISDIR) => discard(staged),
        Err(error) => Err(run.root.failed("put in place", write.path.as_bstr(), error).into()),
    }
}

/// Lets go of a staged new file: its content is in the repository, and its place is taken.
fn discard(staged: Spot<'_>) -> Result<(), Stop> {
    let _ = fs::unlinkat(staged.folder, staged.name, AtFlags::empty());
    Err(Stop::Changed)
}

fn exchange(run: &Run<'_>, write: &Write, was: Content, staged: Spot<'_>, place: Spot<'_>) -> Result<(), Stop> {
    match kind_at(place.folder, place.name) {
        None => return put_in_free(run, write, staged, place),
        Some(FileType::Directory) => return discard(staged),
        Some(_) => {}
    }
    match swap(staged, place) {
        Ok(()) => {}
        Err(Errno::NOENT) => return put_in_free(run, write, staged, place),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => return replace_checked(run, write, was, staged, place),
        Err(error) => return Err(run.root.failed("put in place", write.path.as_bstr(), error).into()),
    }
    fault::reach("apply.exchanged");
    if content::is_held_by(run.objects, was, staged.folder, staged.name) {
        return give_up(run, write.path.as_bstr(), staged);
    }
    match swap(staged, place) {
        Ok(()) if content::is_held_by(run.objects, write.content, staged.folder, staged.name) => discard(staged),
        // Somebody saved over the new file meanwhile; that stays in the staging folder for `rescue`.
        Ok(()) => Err(Stop::Changed),
        // Somebody took the new file away meanwhile; the old one goes back to the free place.
        Err(_) => {
            let _ = move_in(staged, place);
            Err(Stop::Changed)
        }
    }
}

/// Where the file system cannot exchange two files: look first, then rename over.
pub(super) fn replace_checked(
    run: &Run<'_>,
    write: &Write,
    was: Content,
    staged: Spot<'_>,
    place: Spot<'_>,
) -> Result<(), Stop> {
    if !content::is_held_by(run.objects, was, place.folder, place.name) {
        return discard(staged);
    }
    fs::renameat(staged.folder, staged.name, place.folder, place.name)
        .map_err(|error| run.root.failed("put in place", write.path.as_bstr(), error).into())
}

/// Removes what was displaced and proved.
fn give_up(run: &Run<'_>, path: &bstr::BStr, staged: Spot<'_>) -> Result<(), Stop> {
    fs::unlinkat(staged.folder, staged.name, AtFlags::empty())
        .map_err(|error| run.root.failed("remove the old", path, error).into())
}

/// Exchanges two files in one step.
pub(super) fn swap(one: Spot<'_>, other: Spot<'_>) -> Result<(), Errno> {
    fs::renameat_with(one.folder, one.name, other.folder, other.name, RenameFlags::EXCHANGE)
}

/// Moves a file to a place that must be free; `EXIST` when it is not.
pub(super) fn move_in(from: Spot<'_>, to: Spot<'_>) -> Result<(), Errno> {
    match fs::renameat_with(from.folder, from.name, to.folder, to.name, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => link_in(from, to),
        outcome => outcome,
    }
}

/// A hard link fails when the place is taken, as a rename does not.
pub(super) fn link_in(from: Spot<'_>, to: Spot<'_>) -> Result<(), Errno> {
    match fs::linkat(from.folder, from.name, to.folder, to.name, AtFlags::empty()) {
        Ok(()) => fs::unlinkat(from.folder, from.name, AtFlags::empty()),
        Err(Errno::PERM | Errno::OPNOTSUPP | Errno::MLINK) if kind_at(to.folder, to.name).is_none() => {
            fs::renameat(from.folder, from.name, to.folder, to.name)
        }
        Err(error) => Err(error),
    }
}
