//! Object ids: what git calls a hash, of either of its two kinds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The hash function of a repository (`extensions.objectFormat`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HashKind {
    Sha1,
    Sha256,
}

impl HashKind {
    /// Length of an id in bytes: 20 or 32.
    pub const fn len(self) -> usize {
        match self {
            HashKind::Sha1 => 20,
            HashKind::Sha256 => 32,
        }
    }

    /// Never true; clippy wants it beside `len`.
    pub const fn is_empty(self) -> bool {
        false
    }
}

/// The id of a git object, 20 or 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    bytes: [u8; 32],
    len: u8,
}

impl ObjectId {
    /// Takes the raw bytes of an id; `None` unless there are 20 or 32 of them.
    pub fn from_bytes(raw: &[u8]) -> Option<ObjectId> {
        if raw.len() != 20 && raw.len() != 32 {
            return None;
        }
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        Some(ObjectId { bytes, len: raw.len() as u8 })
    }

    /// Takes 40 or 64 hexadecimal digits of either case.
    pub fn from_hex(hex: &[u8]) -> Option<ObjectId> {
        if hex.len() != 40 && hex.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
        }
        Some(ObjectId { bytes, len: (hex.len() / 2) as u8 })
    }

    /// The id that git writes for "nothing": all zeros.
    pub const fn null(kind: HashKind) -> ObjectId {
        ObjectId { bytes: [0; 32], len: kind.len() as u8 }
    }

    /// Whether this is the id of "nothing".
    pub fn is_null(&self) -> bool {
        self.bytes == [0; 32]
    }

    /// The raw bytes, 20 or 32.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The hash function that this id's length belongs to.
    pub fn kind(&self) -> HashKind {
        if self.len == 20 { HashKind::Sha1 } else { HashKind::Sha256 }
    }

    /// The first ten hexadecimal digits, for people.
    pub fn short(&self) -> String {
        let mut hex = self.to_string();
        hex.truncate(10);
        hex
    }
}

fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).map(|value| value as u8)
}

impl fmt::Display for ObjectId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0u8; 64];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(self.as_bytes()) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        let text = &hex[..usize::from(self.len) * 2];
        out.write_str(std::str::from_utf8(text).expect("hexadecimal digits are ASCII"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

/// Text that is not 40 or 64 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an object id")]
pub struct NotAnId(pub String);

impl FromStr for ObjectId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        ObjectId::from_hex(text.as_bytes()).ok_or_else(|| NotAnId(text.to_owned()))
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_goes_there_and_back() {
        let hex = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        let id: ObjectId = hex.parse().unwrap();
        assert_eq!(id.to_string(), hex);
        assert_eq!(ObjectId::from_bytes(id.as_bytes()), Some(id));
        assert_eq!(id.kind(), HashKind::Sha1);
        assert_eq!(id.short(), "4b825dc642");
    }

    #[test]
    fn anything_else_is_refused() {
        assert!(ObjectId::from_hex(b"").is_none());
        assert!(ObjectId::from_hex(&[b'g'; 40]).is_none());
        assert!(ObjectId::from_hex(&[b'a'; 41]).is_none());
        assert!(ObjectId::from_bytes(&[0; 21]).is_none());
    }
}
