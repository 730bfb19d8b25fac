//! What a run did to the file system, as `strace` tells it.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::every_call::call::traced;
use crate::sandbox::Outcome;

/// Every call that changes files or folders, and every one that makes a change last.
const CALLS: &str = "?open,openat,?creat,write,pwrite64,writev,lseek,ftruncate,fallocate,copy_file_range,?rename,\
                     renameat,renameat2,?unlink,unlinkat,?mkdir,mkdirat,?rmdir,?link,linkat,?symlink,symlinkat,?chmod,\
                     fchmod,fchmodat,fsync,fdatasync,syncfs,sync,chdir,fchdir";

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Opened for writing.
    Open {
        path: PathBuf,
        creates: bool,
        truncates: bool,
        appends: bool,
        mode: u32,
    },
    /// Written at an offset, or where the last write or seek ended.
    Write {
        path: PathBuf,
        at: Option<u64>,
        bytes: Vec<u8>,
    },
    Seek {
        path: PathBuf,
        to: u64,
    },
    Truncate {
        path: PathBuf,
        length: u64,
    },
    /// Room was made, filled with zeros.
    Allocate {
        path: PathBuf,
        length: u64,
    },
    Copy {
        from: PathBuf,
        to: PathBuf,
        bytes: u64,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
        exchanges: bool,
    },
    Link {
        from: PathBuf,
        to: PathBuf,
    },
    Symlink {
        target: Vec<u8>,
        path: PathBuf,
    },
    MakeFolder {
        path: PathBuf,
        mode: u32,
    },
    Remove {
        path: PathBuf,
    },
    Mode {
        path: PathBuf,
        mode: u32,
    },
    Sync {
        path: PathBuf,
    },
    SyncAll,
}

/// What a command does. It must succeed.
pub fn record(command: &Command) -> Vec<Event> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let options = ["-o", log.path().to_str().unwrap(), "-y", "-xx", "-s", "16777216", "-e", &format!("trace={CALLS}")];
    let options: Vec<String> = options.into_iter().map(str::to_owned).collect();
    Outcome::of(&mut traced(command, &options)).succeeds();
    let folder = command.get_current_dir().expect("a sandbox's command has a folder");
    parse(&String::from_utf8_lossy(&std::fs::read(log.path()).unwrap()), folder)
}

fn parse(log: &str, folder: &Path) -> Vec<Event> {
    let mut begun: HashMap<&str, String> = HashMap::new();
    let mut folders: HashMap<String, PathBuf> = HashMap::new();
    let mut events = Vec::new();
    for line in log.lines() {
        let Some((thread, rest)) = line.split_once(char::is_whitespace) else { continue };
        let rest = rest.trim_start();
        if let Some(start) = rest.strip_suffix(" <unfinished ...>") {
            begun.insert(thread, start.to_owned());
            continue;
        }
        let whole = match rest.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>")) {
            Some((_, end)) => format!("{}{end}", begun.remove(thread).unwrap_or_default()),
            None => rest.to_owned(),
        };
        let here = folders.entry(thread.to_owned()).or_insert_with(|| folder.to_owned());
        let Some(call) = Call::parse(&whole, here) else { continue };
        if call.name == "chdir" {
            *here = call.path(0);
        } else if let Some(event) = call.event() {
            events.push(event);
        }
    }
    events
}

/// A call that succeeded.
struct Call<'a> {
    name: &'a str,
    arguments: Vec<&'a str>,
    result: &'a str,
    folder: &'a Path,
}

impl<'a> Call<'a> {
    fn parse(text: &'a str, folder: &'a Path) -> Option<Call<'a>> {
        let (name, rest) = text.split_once('(')?;
        let (arguments, result) = rest.rsplit_once(" = ")?;
        let arguments = arguments.trim_end().strip_suffix(')')?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name || result.starts_with('-') || result.starts_with('?') {
            return None;
        }
        Some(Call { name, arguments: split(arguments), result, folder })
    }

    fn event(&self) -> Option<Event> {
        let number = |at: usize| self.arguments.get(at).and_then(|text| text.parse::<u64>().ok());
        let result = || self.result.split(['<', ' ']).next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        Some(match self.name {
            "open" | "creat" => self.open(1)?,
            "openat" => self.open(2)?,
            "write" => Event::Write { path: self.opened(0)?, at: None, bytes: self.bytes(1, result()) },
            "pwrite64" => Event::Write { path: self.opened(0)?, at: number(3), bytes: self.bytes(1, result()) },
            "writev" => Event::Write { path: self.opened(0)?, at: None, bytes: self.vectors(1, result()) },
            "lseek" => Event::Seek { path: self.opened(0)?, to: result() },
            "ftruncate" => Event::Truncate { path: self.opened(0)?, length: number(1)? },
            "fallocate" => Event::Allocate { path: self.opened(0)?, length: number(2)? + number(3)? },
            "copy_file_range" => Event::Copy { from: self.opened(0)?, to: self.opened(2)?, bytes: result() },
            "rename" => Event::Rename { from: self.path(0), to: self.path(1), exchanges: false },
            "renameat" | "renameat2" => {
                let exchanges = self.arguments.get(4).is_some_and(|flags| flags.contains("RENAME_EXCHANGE"));
                Event::Rename { from: self.path_at(0), to: self.path_at(2), exchanges }
            }
            "link" => Event::Link { from: self.path(0), to: self.path(1) },
            "linkat" => Event::Link { from: self.path_at(0), to: self.path_at(2) },
            "symlink" => Event::Symlink { target: text(self.arguments[0]), path: self.path(1) },
            "symlinkat" => Event::Symlink { target: text(self.arguments[0]), path: self.path_at(1) },
            "mkdir" => Event::MakeFolder { path: self.path(0), mode: octal(self.arguments[1]) },
            "mkdirat" => Event::MakeFolder { path: self.path_at(0), mode: octal(self.arguments[2]) },
            "unlink" | "rmdir" => Event::Remove { path: self.path(0) },
            "unlinkat" => Event::Remove { path: self.path_at(0) },
            "chmod" => Event::Mode { path: self.path(0), mode: octal(self.arguments[1]) },
            "fchmod" => Event::Mode { path: self.opened(0)?, mode: octal(self.arguments[1]) },
            "fchmodat" => Event::Mode { path: self.path_at(0), mode: octal(self.arguments[2]) },
            "fsync" | "fdatasync" => Event::Sync { path: self.opened(0)? },
            "syncfs" | "sync" => Event::SyncAll,
            other => panic!("the call {other} is not understood"),
        })
    }

    fn open(&self, flags: usize) -> Option<Event> {
        let is = |flag: &str| self.name == "creat" || self.arguments[flags].split('|').any(|one| one == flag);
        let path = annotation(self.result)?;
        (is("O_WRONLY") || is("O_RDWR")).then(|| Event::Open {
            path,
            creates: is("O_CREAT"),
            truncates: is("O_TRUNC"),
            appends: self.name != "creat" && is("O_APPEND"),
            mode: self.arguments.get(flags + 1).map_or(0o666, |mode| octal(mode)),
        })
    }

    /// The path that the descriptor stands for; `None` where it is gone or was never one.
    fn opened(&self, at: usize) -> Option<PathBuf> {
        annotation(self.arguments.get(at)?).filter(|path| path.is_absolute())
    }

    fn path(&self, at: usize) -> PathBuf {
        self.folder.join(OsStr::from_bytes(&text(self.arguments[at])))
    }

    /// Of a folder's descriptor and a path below it.
    fn path_at(&self, at: usize) -> PathBuf {
        let folder = annotation(self.arguments[at]).unwrap_or_else(|| self.folder.to_owned());
        folder.join(OsStr::from_bytes(&text(self.arguments[at + 1])))
    }

    fn bytes(&self, at: usize, length: u64) -> Vec<u8> {
        let mut bytes = text(self.arguments[at]);
        bytes.truncate(length as usize);
        bytes
    }

    fn vectors(&self, at: usize, length: u64) -> Vec<u8> {
        let parts = self.arguments[at].split("iov_base=").skip(1).map(text);
        let mut bytes: Vec<u8> = parts.flatten().collect();
        bytes.truncate(length as usize);
        bytes
    }
}

/// Cuts arguments at their commas, those inside brackets left alone. All text is in hexadecimal, so none stands in a quote.
fn split(arguments: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, one) in arguments.bytes().enumerate() {
        match one {
            b'[' | b'{' | b'<' => depth += 1,
            b']' | b'}' | b'>' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(arguments[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(arguments[start..].trim());
    parts
}

/// The first quoted text.
fn text(argument: &str) -> Vec<u8> {
    unescape(argument.split('"').nth(1).unwrap_or_default())
}

fn annotation(argument: &str) -> Option<PathBuf> {
    let (_, rest) = argument.split_once('<')?;
    let (path, after) = rest.split_once('>')?;
    let path = PathBuf::from(OsStr::from_bytes(&unescape(path)));
    (!after.starts_with("(deleted)") && path.is_absolute()).then_some(path)
}

fn unescape(text: &str) -> Vec<u8> {
    let digits = text.split("\\x").skip(1).map(|pair| u8::from_str_radix(pair.get(..2).unwrap_or("0"), 16));
    if text.contains("\\x") { digits.map(Result::unwrap).collect() } else { text.as_bytes().to_vec() }
}

fn octal(text: &str) -> u32 {
    u32::from_str_radix(text.trim_start_matches('0'), 8).unwrap_or(0)
}

#[test]
fn the_lines_of_strace_are_understood() {
    let log = "7 openat(AT_FDCWD<\\x2f\\x77>, \"\\x61\", O_WRONLY|O_CREAT|O_TRUNC, 0600) = 3<\\x2f\\x77\\x2f\\x61>\n\
               7 write(3<\\x2f\\x77\\x2f\\x61>, \"\\x22\\x2c\", 2 <unfinished ...>\n\
               8 mkdir(\"\\x64\", 0777)               = 0\n7 <... write resumed>) = 2\n\
               7 rename(\"\\x61\", \"\\x62\") = -1 ENOENT (No such file or directory)\n\
               8 chdir(\"\\x64\") = 0\n8 unlink(\"\\x78\") = 0\n7 fsync(3<\\x2f\\x77\\x2f\\x61>) = 0\n";
    let (file, folder) = (PathBuf::from("/w/a"), PathBuf::from("/w/d"));
    let wanted = [
        Event::Open { path: file.clone(), creates: true, truncates: true, appends: false, mode: 0o600 },
        Event::MakeFolder { path: folder.clone(), mode: 0o777 },
        Event::Write { path: file.clone(), at: None, bytes: b"\",".to_vec() },
        Event::Remove { path: folder.join("x") },
        Event::Sync { path: file },
    ];
    assert_eq!(parse(log, Path::new("/w")), wanted);
}
