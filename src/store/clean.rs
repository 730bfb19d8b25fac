//! Runs git's own conversion of a file's bytes, external filters included.
//!
//! Objects that git makes on the way go to a temporary folder, never into the repository.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Output, Stdio};

use bstr::ByteSlice;
use flate2::read::ZlibDecoder;

use super::Store;
use crate::model::id::ObjectId;
use crate::model::object::{Cleaner, ObjectKind, ObjectReader};
use crate::sys::{private, process};

impl Cleaner for Store {
    fn clean(&self, path: &[u8], bytes: &[u8]) -> Result<Vec<u8>, String> {
        let parent = self.layout.own_dir.join("tmp");
        private::create_dir(&parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        let folder = tempfile::tempdir_in(&parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        let output = hash_object(self, folder.path(), path, bytes).map_err(|error| format!("git: {error}"))?;
        if !output.status.success() {
            return Err(last_line(&output.stderr));
        }
        let hex = output.stdout.trim();
        // What the repository holds already git does not write again.
        let held = || self.read_kind(&ObjectId::from_hex(hex)?, ObjectKind::Blob).ok();
        read_loose(folder.path(), hex).or_else(held).ok_or_else(|| "git did not write the object".to_owned())
    }

    fn nested_head(&self, folder: &Path) -> Option<ObjectId> {
        let mut command = process::git(&self.environment, folder);
        command.env("GIT_DIR", folder.join(".git")).args(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
        let output = command.stdin(Stdio::null()).output().ok().filter(|output| output.status.success())?;
        ObjectId::from_hex(output.stdout.trim())
    }
}

fn hash_object(store: &Store, folder: &Path, path: &[u8], bytes: &[u8]) -> std::io::Result<Output> {
    let mut command = store.git();
    command.env("GIT_OBJECT_DIRECTORY", folder);
    command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", store.layout.common_dir.join("objects"));
    // Where a filter is not required git would store the raw bytes and say nothing that a program can rely on.
    let mut settings: Vec<(String, &str)> = vec![("core.safecrlf".into(), "false"), ("core.compression".into(), "0")];
    let known = store.scan_settings().map(|settings| settings.filters).unwrap_or_default();
    settings.extend(known.keys().map(|driver| (format!("filter.{driver}.required"), "true")));
    command.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (number, (key, value)) in settings.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{number}"), key).env(format!("GIT_CONFIG_VALUE_{number}"), value);
    }
    let mut option = b"--path=".to_vec();
    option.extend_from_slice(path);
    command.args(["hash-object", "-w", "--stdin"]).arg(OsStr::from_bytes(&option));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().expect("stdin was piped");
    std::thread::scope(|scope| {
        // A git that has died already says why itself.
        scope.spawn(move || stdin.write_all(bytes).is_ok());
        child.wait_with_output()
    })
}

fn last_line(text: &[u8]) -> String {
    let mut lines = text.lines().rev().filter(|line| !line.trim().is_empty());
    let line = lines.next().unwrap_or(b"git failed and did not say why");
    line.strip_prefix(b"fatal: ").unwrap_or(line).to_str_lossy().into_owned()
}

fn read_loose(folder: &Path, hex: &[u8]) -> Option<Vec<u8>> {
    let hex = hex.to_str().ok().filter(|hex| hex.len() >= 40)?;
    let file = std::fs::File::open(folder.join(&hex[..2]).join(&hex[2..])).ok()?;
    let mut bytes = Vec::new();
    ZlibDecoder::new(file).read_to_end(&mut bytes).ok()?;
    let start = bytes.find_byte(0)? + 1;
    bytes.drain(..start);
    Some(bytes)
}
