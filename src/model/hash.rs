//! The hash function of a repository, fed piece by piece.
//!
//! Pure. Whoever needs the id of bytes that are at hand calls [`hash_object`](super::object::hash_object).

use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::id::{HashKind, ObjectId};

/// A hash of either kind in the making.
#[derive(Clone)]
pub enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    /// One that has seen nothing yet.
    pub fn new(kind: HashKind) -> Hasher {
        match kind {
            HashKind::Sha1 => Hasher::Sha1(Sha1::new()),
            HashKind::Sha256 => Hasher::Sha256(Sha256::new()),
        }
    }

    /// The hash of these bytes alone.
    pub fn digest(kind: HashKind, bytes: &[u8]) -> ObjectId {
        let mut hasher = Hasher::new(kind);
        hasher.update(bytes);
        hasher.finish()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: impl AsRef<[u8]>) {
        match self {
            Hasher::Sha1(hasher) => hasher.update(bytes),
            Hasher::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// The hash of all that was taken.
    pub fn finish(self) -> ObjectId {
        let id = match self {
            Hasher::Sha1(hasher) => ObjectId::from_bytes(&hasher.finalize()),
            Hasher::Sha256(hasher) => ObjectId::from_bytes(&hasher.finalize()),
        };
        id.expect("a hash has as many bytes as an id")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_hash_of_the_whole() {
        for kind in [HashKind::Sha1, HashKind::Sha256] {
            let mut hasher = Hasher::new(kind);
            hasher.update("ab");
            hasher.update("c");
            let id = hasher.finish();
            assert_eq!((id.kind(), id), (kind, Hasher::digest(kind, b"abc")));
        }
    }
}
