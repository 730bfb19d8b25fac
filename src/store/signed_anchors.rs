//! Signed anchors: what the refs of a repository were when the user last said so with the key that git signs with.
//!
//! The usual anchors are lines in a file that whoever is the user on this machine can write. This is one statement beside
//! it, `<identity>.signed`, which nobody can make without the key. It is made when `ckpt verify --sign` is typed and never by
//! a save, which must not wait for a passphrase; so it tells of what was there then. Called by `ops/verify`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bstr::{BString, ByteSlice};
use jiff::Timestamp;

use super::anchors::{self, AnchoredRef};
use super::signing::{Signature, Signer};
use super::{Layout, StoreError};
use crate::model::extra::{escape_into, unescape};
use crate::model::id::ObjectId;
use crate::sys::atomic;
use crate::sys::environment::Environment;

const HEADER: &str = "ckpt-anchors-signed 1";
const ARMOUR: &[u8] = b"-----BEGIN ";

/// A larger file was not written by us.
const LARGEST: u64 = 256 << 20;

/// A statement, and whose it is.
#[derive(Clone, Debug)]
pub struct Signed {
    pub time: Option<Timestamp>,
    /// Where the refs were.
    pub refs: BTreeMap<String, AnchoredRef>,
    pub signature: Signature,
}

fn path(environment: &Environment, layout: &Layout) -> Option<(PathBuf, String)> {
    let identity = anchors::find_identity(&layout.own_dir)?;
    Some((anchors::find_folder(environment, layout)?.join(format!("{identity}.signed")), identity))
}

/// Signs where the refs are.
pub fn sign(
    environment: &Environment,
    layout: &Layout,
    time: Timestamp,
    refs: &[(String, ObjectId)],
) -> Result<(), StoreError> {
    let failed = |detail: &str| StoreError::Signing { detail: detail.to_owned() };
    let signer = Signer::new(environment);
    if !signer.has_key() {
        return Err(failed("git is not configured to sign"));
    }
    let (path, identity) = path(environment, layout).ok_or_else(|| failed("nothing is anchored yet"))?;
    let mut text = format!("{HEADER}\nidentity {identity}\ntime {time}\n@ ").into_bytes();
    escape_into(&mut text, layout.common_dir.as_os_str().as_encoded_bytes());
    text.push(b'\n');
    for (name, id) in refs {
        text.extend_from_slice(format!("= {name} {id}\n").as_bytes());
    }
    let signature = signer.sign(&text)?;
    let written = atomic::write(&path, &[text, signature].concat());
    written.map_err(|source| StoreError::Io { action: "write", path, source })
}

/// The statement about this repository; `None` where there is none, or it is about a copy at another place.
pub fn read(environment: &Environment, layout: &Layout) -> Option<Signed> {
    let (path, identity) = path(environment, layout)?;
    if std::fs::metadata(&path).ok()?.len() > LARGEST {
        return None;
    }
    let bytes = std::fs::read(&path).ok()?;
    let (text, signature) = split(&bytes);
    let place = PathBuf::from(std::ffi::OsString::from(field(text, "@ ").map(|at| unescape(&at))?.to_os_str().ok()?));
    let is_elsewhere = place != layout.common_dir
        && anchors::find_identity(&place.join("ckpt")).is_some_and(|there| there == identity);
    if is_elsewhere {
        return None;
    }
    let is_about_this = text.starts_with(HEADER.as_bytes())
        && field(text, "identity ").is_some_and(|found| found == identity.as_bytes());
    let signature = match is_about_this {
        true => Signer::new(environment).look(text, signature),
        false => Signature::Bad("it is about another repository".to_owned()),
    };
    let time = field(text, "time ").and_then(|time| time.to_str().ok()?.parse().ok());
    Some(Signed { time, refs: anchors::parse(text), signature })
}

/// Whether the user's git signs all commits, so that a missing statement is worth a word.
pub fn is_wanted(environment: &Environment) -> bool {
    Signer::new(environment).is_wanted()
}

/// The statement, and its signature in its armour.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let start = bytes.find([b"\n", ARMOUR].concat()).map_or(bytes.len(), |at| at + 1);
    bytes.split_at(start)
}

fn field(text: &[u8], name: &str) -> Option<BString> {
    text.lines().find_map(|line| line.strip_prefix(name.as_bytes())).map(BString::from)
}
