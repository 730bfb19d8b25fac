//! Which kind of repository the sandboxes make, and so which storage ckpt uses in them: the same tests run over all.
//!
//! `CKPT_TEST_REPOSITORY=sha256` (or `reftable`, `both`, `plumbing`) `cargo test --test it` runs everything over it; the
//! last one is a usual repository that ckpt reads and writes through git all the same.

/// A kind of repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Usual,
    Sha256,
    Reftable,
    Both,
    Plumbing,
}

impl Kind {
    /// The kind of this run.
    pub fn of_run() -> Kind {
        match std::env::var("CKPT_TEST_REPOSITORY").as_deref() {
            Err(_) | Ok("") => Kind::Usual,
            Ok("sha256") => Kind::Sha256,
            Ok("reftable") => Kind::Reftable,
            Ok("both") => Kind::Both,
            Ok("plumbing") => Kind::Plumbing,
            Ok(other) => panic!("CKPT_TEST_REPOSITORY={other} is no kind of repository"),
        }
    }

    /// What makes git and ckpt use it.
    pub fn variables(self) -> &'static [(&'static str, &'static str)] {
        const HASH: (&str, &str) = ("GIT_DEFAULT_HASH", "sha256");
        const REFS: (&str, &str) = ("GIT_DEFAULT_REF_FORMAT", "reftable");
        match self {
            Kind::Usual => &[],
            Kind::Sha256 => &[HASH],
            Kind::Reftable => &[REFS],
            Kind::Both => &[HASH, REFS],
            Kind::Plumbing => &[("CKPT_STORE", "plumbing")],
        }
    }

    /// Digits of an id.
    pub fn digits(self) -> usize {
        if matches!(self, Kind::Sha256 | Kind::Both) { 64 } else { 40 }
    }

    /// Whether refs and HEAD are files that a test may look at and change.
    pub fn has_ref_files(self) -> bool {
        !matches!(self, Kind::Reftable | Kind::Both)
    }
}

/// Whether a test has to pass this run by; says why.
pub fn passes_by(kinds: &[Kind], why: &str) -> bool {
    let is_named = kinds.contains(&Kind::of_run());
    if is_named {
        eprintln!("skipped over {:?}: {why}", Kind::of_run());
    }
    is_named
}
