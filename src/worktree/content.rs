//! The bytes of one path: writing them from a blob, and proving that a file holds them.
//!
//! Called by apply and verify. Never holds a whole file in memory by itself.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;

use rustix::fs::{self, FileType, Mode, OFlags};

use super::plan::{Content, Form};
use crate::model::hash::Hasher;
use crate::model::id::{HashKind, ObjectId};
use crate::model::object::{ObjectError, ObjectKind, ObjectReader, hash_object, header};

/// Writes the content's bytes.
pub(super) fn write_to(objects: &dyn ObjectReader, content: Content, out: &mut dyn Write) -> Result<(), ObjectError> {
    match content.form {
        Form::Crlf => objects.copy_blob(&content.id, &mut CrlfWriter { out }),
        Form::Verbatim | Form::Link => objects.copy_blob(&content.id, out),
    }
}

/// Whether the file or link `name` in `folder` holds exactly this content. Anything that cannot be read does not.
pub(super) fn is_held_by(objects: &dyn ObjectReader, content: Content, folder: &OwnedFd, name: &[u8]) -> bool {
    let held = match content.form {
        Form::Link => link_is(content.id, folder, name),
        Form::Verbatim => {
            let hash = |(file, size)| hash_file(content.id.kind(), file, size);
            open_file(folder, name).and_then(hash).map(|id| id == content.id)
        }
        Form::Crlf => open_file(folder, name).map(|(file, _)| bytes_are(objects, content, file)),
    };
    held.unwrap_or(false)
}

/// Whether the repository holds what stands at `name`: as it is, or with its CR LF as LF.
pub(super) fn is_known(objects: &dyn ObjectReader, folder: &OwnedFd, name: &[u8]) -> bool {
    let kind = objects.hash_kind();
    let known = |id: io::Result<ObjectId>| id.is_ok_and(|id| objects.contains(&id));
    if let Ok(target) = fs::readlinkat(folder, name, Vec::new()) {
        return objects.contains(&hash_object(kind, ObjectKind::Blob, target.as_bytes()));
    }
    let as_it_is = open_file(folder, name).and_then(|(file, size)| hash_file(kind, file, size));
    known(as_it_is) || known(open_file(folder, name).and_then(|(file, _)| hash_with_lf(kind, file)))
}

/// Opens a regular file for reading, never through a link, never waiting for a pipe's other end.
fn open_file(folder: &OwnedFd, name: &[u8]) -> io::Result<(File, u64)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = fs::openat(folder, name, flags, Mode::empty())?;
    let stat = fs::fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(io::Error::other("not a regular file"));
    }
    Ok((File::from(file), stat.st_size as u64))
}

fn link_is(id: ObjectId, folder: &OwnedFd, name: &[u8]) -> io::Result<bool> {
    let target = fs::readlinkat(folder, name, Vec::new())?;
    Ok(hash_object(id.kind(), ObjectKind::Blob, target.as_bytes()) == id)
}

/// A read that ends early, just where the size says, has met the end: there is no need to ask once more.
fn hash_file(kind: HashKind, mut file: File, size: u64) -> io::Result<ObjectId> {
    let mut hasher = Hasher::new(kind);
    hasher.update(header(ObjectKind::Blob, size));
    let mut block = vec![0; (size as usize).saturating_add(1).clamp(1 << 9, 1 << 16)];
    let mut total = 0;
    loop {
        let count = match file.read(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        hasher.update(&block[..count]);
        total += count as u64;
        if count == 0 || (count < block.len() && total == size) {
            return Ok(hasher.finish());
        }
    }
}

/// The id of the file with each CR LF as LF. Two passes, since the size is hashed first.
fn hash_with_lf(kind: HashKind, mut file: File) -> io::Result<ObjectId> {
    use std::io::Seek;
    let mut size = 0u64;
    fold_crlf(&mut file, |block| size += block.len() as u64)?;
    file.rewind()?;
    let mut hasher = Hasher::new(kind);
    hasher.update(header(ObjectKind::Blob, size));
    fold_crlf(&mut file, |block| hasher.update(block))?;
    Ok(hasher.finish())
}

fn fold_crlf(file: &mut File, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let mut held = false;
    let mut folded = Vec::new();
    each_block(file, |block| {
        folded.clear();
        for &byte in block {
            if held && byte != b'\n' {
                folded.push(b'\r');
            }
            held = byte == b'\r';
            if !held {
                folded.push(byte);
            }
        }
        each(&folded);
    })?;
    if held {
        each(b"\r");
    }
    Ok(())
}

fn each_block(file: &mut File, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(count) => each(&block[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn bytes_are(objects: &dyn ObjectReader, content: Content, file: File) -> bool {
    let mut comparing = Comparing { file, block: Vec::new() };
    write_to(objects, content, &mut comparing).is_ok() && comparing.is_at_end()
}

/// Writes each LF as CR LF.
struct CrlfWriter<'a> {
    out: &'a mut dyn Write,
}

impl Write for CrlfWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut converted = Vec::with_capacity(bytes.len() + bytes.len() / 16);
        for &byte in bytes {
            if byte == b'\n' {
                converted.push(b'\r');
            }
            converted.push(byte);
        }
        self.out.write_all(&converted)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Takes bytes and fails at the first that the file has not.
struct Comparing {
    file: File,
    block: Vec<u8>,
}

impl Comparing {
    fn is_at_end(&mut self) -> bool {
        let mut one = [0];
        self.file.read(&mut one).is_ok_and(|count| count == 0)
    }
}

impl Write for Comparing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(1 << 16);
        self.block.resize(count, 0);
        self.file.read_exact(&mut self.block)?;
        if self.block != bytes[..count] {
            return Err(io::Error::other("the bytes differ"));
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::worktree::memory::Memory;

    fn held(memory: &Memory, content: Content, bytes: &[u8]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("f"), bytes).unwrap();
        is_held_by(memory, content, &File::open(folder.path()).unwrap().into(), b"f")
    }

    #[test]
    fn content_is_proved_byte_by_byte() {
        let memory = Memory::default();
        let long = "line\n".repeat(30_000);
        for text in ["", "a\nb\n", "no end", "\n\n", &long] {
            let id = memory.blob(text.as_bytes());
            let crlf = Content { id, form: Form::Crlf };
            let mut written = Vec::new();
            write_to(&memory, crlf, &mut written).unwrap();
            assert_eq!(written, text.replace('\n', "\r\n").as_bytes());
            assert!(held(&memory, crlf, &written));
            assert!(held(&memory, Content { id, form: Form::Verbatim }, text.as_bytes()));
            for form in [Form::Crlf, Form::Verbatim] {
                assert!(!held(&memory, Content { id, form }, &[&written, &b"x"[..]].concat()));
                assert!(!held(&memory, Content { id, form }, &[b"x", &written[..]].concat()));
            }
        }
    }

    #[test]
    fn a_link_is_not_the_file_it_names_nor_a_file_the_link() {
        let memory = Memory::default();
        let id = memory.blob(b"there");
        let folder = tempfile::tempdir().unwrap();
        symlink("there", folder.path().join("link")).unwrap();
        std::fs::write(folder.path().join("there"), "there").unwrap();
        let handle: OwnedFd = File::open(folder.path()).unwrap().into();
        assert!(is_held_by(&memory, Content { id, form: Form::Link }, &handle, b"link"));
        assert!(!is_held_by(&memory, Content { id, form: Form::Verbatim }, &handle, b"link"));
        assert!(!is_held_by(&memory, Content { id, form: Form::Link }, &handle, b"there"));
    }

    #[test]
    fn a_file_that_grows_or_shrinks_while_it_is_read_is_not_held() {
        let memory = Memory::default();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        for size in [0, 9, 1 << 16, 3 << 16] {
            let id = memory.blob(&vec![b'x'; size]);
            for there in [size.saturating_sub(1), size, size + 1, size + (1 << 16)] {
                std::fs::write(&path, vec![b'x'; there]).unwrap();
                let held = hash_file(HashKind::Sha1, File::open(&path).unwrap(), size as u64).unwrap();
                assert_eq!(held == id, there == size, "{size} {there}");
            }
        }
        let unreadable = || File::options().write(true).open(&path).unwrap();
        assert!(hash_file(HashKind::Sha1, unreadable(), 9).is_err());
        assert!(hash_with_lf(HashKind::Sha1, unreadable()).is_err());
    }

    #[test]
    fn a_pipe_is_not_waited_for_and_no_handle_is_handed_on() {
        let memory = Memory::default();
        let folder = tempfile::tempdir().unwrap();
        let handle: OwnedFd = File::open(folder.path()).unwrap().into();
        fs::mknodat(&handle, "pipe", FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        let content = Content { id: memory.blob(b""), form: Form::Verbatim };
        assert!(!is_held_by(&memory, content, &handle, b"pipe") && !is_known(&memory, &handle, b"pipe"));
        std::fs::write(folder.path().join("f"), "").unwrap();
        let (file, _) = open_file(&handle, b"f").unwrap();
        assert!(rustix::io::fcntl_getfd(&file).unwrap().contains(rustix::io::FdFlags::CLOEXEC));
    }

    #[test]
    fn known_is_what_a_blob_holds_in_either_form() {
        let memory = Memory::default();
        memory.blob(b"a\r\rb\nc\r");
        let folder = tempfile::tempdir().unwrap();
        let handle: OwnedFd = File::open(folder.path()).unwrap().into();
        for (bytes, expected) in [(&b"a\r\rb\nc\r"[..], true), (b"a\r\rb\r\nc\r", true), (b"a\r\rb\nc", false)] {
            std::fs::write(folder.path().join("f"), bytes).unwrap();
            assert_eq!(is_known(&memory, &handle, b"f"), expected, "{bytes:?}");
        }
    }
}
