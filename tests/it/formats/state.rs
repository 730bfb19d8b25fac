//! A work tree, its index and the operation in progress as one text, for comparing with what stands in a file.

use std::fmt::Write;

use bstr::ByteSlice;

use crate::sandbox::picture::Thing;
use crate::sandbox::repository::index_entries;
use crate::sandbox::{Picture, Sandbox};

/// Files of the git folder that a load with `--operation` brings back.
const OPERATION_FILES: [&str; 3] = ["MERGE_HEAD", "MERGE_MODE", "MERGE_MSG"];

/// The state as it is now, but for these paths.
pub fn describe(sandbox: &Sandbox, without: &[&str]) -> String {
    let mut text = String::from("# files\n");
    for (path, thing) in &Picture::of(&sandbox.work()).things {
        if !without.iter().any(|one| path == one || path.starts_with(format!("{one}/").as_bytes())) {
            let _ = writeln!(text, "{} {}", path.escape_bytes(), describe_thing(thing));
        }
    }
    text.push_str("# index\n");
    for (entry, flags) in index_entries(sandbox) {
        let _ = writeln!(text, "{} {flags:08x}", entry.escape_bytes());
    }
    let branch = sandbox.try_git(&["symbolic-ref", "-q", "HEAD"]);
    let head = match branch.code() {
        Some(0) => format!("ref: {}", branch.stdout()),
        _ => sandbox.git(&["rev-parse", "HEAD"]) + "\n",
    };
    let _ = writeln!(text, "# HEAD\n{}", head.as_bytes().escape_bytes());
    for name in OPERATION_FILES.iter().filter(|name| sandbox.exists(format!(".git/{name}"))) {
        let _ = writeln!(text, "# {name}\n{}", sandbox.read(format!(".git/{name}")).escape_bytes());
    }
    text
}

fn describe_thing(thing: &Thing) -> String {
    match thing {
        Thing::File { mode, bytes } => format!("{} {}", describe_mode(*mode), bytes.escape_bytes()),
        Thing::Link { target } => format!("link {}", target.escape_bytes()),
        Thing::Folder { mode } => format!("folder {}", describe_mode(*mode)),
        Thing::Nested => "nested".into(),
        Thing::Special => "special".into(),
    }
}

/// What the umask decides is no part of the state.
fn describe_mode(mode: u32) -> String {
    match mode {
        0o644 | 0o664 => "plain".into(),
        0o755 | 0o775 => "open".into(),
        mode => format!("{mode:o}"),
    }
}
