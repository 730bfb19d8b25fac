//! What git tells a hook: its arguments, and what it writes to its input.

use bstr::ByteSlice;

use super::Hook;
use crate::model::id::ObjectId;

/// So many pairs of a rewrite are read; more come from tools that rewrite a whole history.
pub const MOST_PAIRS: usize = 10_000;

/// What happened, in git's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    Commit,
    /// Another branch or commit was checked out; `old` is absent in a new work tree.
    Checkout {
        old: Option<ObjectId>,
        new: ObjectId,
    },
    Merge {
        squash: bool,
    },
    Rewrite {
        by: RewriteKind,
        pairs: Vec<(ObjectId, ObjectId)>,
        more: usize,
    },
}

/// What rewrote the commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewriteKind {
    Amend,
    Rebase,
}

impl RewriteKind {
    pub const fn word(self) -> &'static str {
        match self {
            RewriteKind::Amend => "amend",
            RewriteKind::Rebase => "rebase",
        }
    }
}

impl Payload {
    /// Reads the arguments and the input of a hook. `None` for what is of no interest (files checked out, nothing
    /// rewritten) and for what no git says.
    pub fn read(hook: Hook, arguments: &[&str], input: &[u8]) -> Option<Payload> {
        match (hook, arguments) {
            (Hook::PostCommit, _) => Some(Payload::Commit),
            (Hook::PostCheckout, [old, new, "1", ..]) => {
                let id = |text: &str| ObjectId::from_hex(text.as_bytes());
                let (old, new) = (id(old)?, id(new)?);
                Some(Payload::Checkout { old: (!old.is_null()).then_some(old), new })
            }
            (Hook::PostMerge, [squash, ..]) => Some(Payload::Merge { squash: *squash == "1" }),
            (Hook::PostRewrite, [word, ..]) => {
                let by = [RewriteKind::Amend, RewriteKind::Rebase].into_iter().find(|kind| kind.word() == *word)?;
                let mut pairs: Vec<_> = input.lines().filter_map(pair).collect();
                let more = pairs.len().saturating_sub(MOST_PAIRS);
                pairs.truncate(MOST_PAIRS);
                (!pairs.is_empty()).then_some(Payload::Rewrite { by, pairs, more })
            }
            _ => None,
        }
    }
}

/// `old SP new [SP extra]`.
fn pair(line: &[u8]) -> Option<(ObjectId, ObjectId)> {
    let mut words = line.fields();
    Some((ObjectId::from_hex(words.next()?)?, ObjectId::from_hex(words.next()?)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn id(text: &str) -> ObjectId {
        text.parse().unwrap()
    }

    #[test]
    fn arguments_and_input_are_read() {
        let zeros = "0".repeat(40);
        assert_eq!(Payload::read(Hook::PostCommit, &[], b""), Some(Payload::Commit));
        let checkout = Payload::Checkout { old: Some(id(A)), new: id(B) };
        assert_eq!(Payload::read(Hook::PostCheckout, &[A, B, "1"], b""), Some(checkout));
        let clone = Payload::Checkout { old: None, new: id(B) };
        assert_eq!(Payload::read(Hook::PostCheckout, &[&zeros, B, "1"], b""), Some(clone));
        assert_eq!(Payload::read(Hook::PostCheckout, &[A, B, "0"], b""), None);
        assert_eq!(Payload::read(Hook::PostMerge, &["1"], b""), Some(Payload::Merge { squash: true }));
        let input = format!("{A} {B}\n{B} {A} extra\nrubbish\n\n");
        let pairs = vec![(id(A), id(B)), (id(B), id(A))];
        let rewrite = Payload::Rewrite { by: RewriteKind::Rebase, pairs, more: 0 };
        assert_eq!(Payload::read(Hook::PostRewrite, &["rebase"], input.as_bytes()), Some(rewrite));
        assert_eq!(Payload::read(Hook::PostRewrite, &["amend"], b""), None);
        assert_eq!(Payload::read(Hook::PostRewrite, &["other"], input.as_bytes()), None);
        assert_eq!(Payload::read(Hook::PostCheckout, &[A], b""), None);
    }

    proptest! {
        #[test]
        fn no_input_makes_it_panic(which in 0usize..4, arguments in proptest::collection::vec(".{0,8}", 0..5),
                                   input in proptest::collection::vec(any::<u8>(), 0..100)) {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let _ = Payload::read(Hook::ALL[which], &arguments, &input);
        }
    }
}
