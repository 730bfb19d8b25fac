//! What can be wrong with a request to the document. The document itself is never wrong: any text is one.

/// Why an edit was not made.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ContextError {
    /// `nearest` are names of sections like it, the best first.
    #[error("the context has no section `{name}`")]
    UnknownSection { name: String, nearest: Vec<String> },
    #[error("the section `{section}` has no item {number}; it has {count}")]
    NoSuchItem { section: String, number: usize, count: usize },
    #[error("item {number} of `{section}` cannot take a check box, for it does not begin with text")]
    NoCheckbox { section: String, number: usize },
    #[error("the text is empty")]
    EmptyText,
    #[error("`{0}` is no name for a section; it must be one line with a letter or a digit in it")]
    NotASectionName(String),
    #[error("the text would swallow or change the sections after it; it may leave a code block or a comment open")]
    OpenEnd,
    #[error("the partitions cannot be read: {0}")]
    Partitions(String),
    #[error("the partitions were written by a newer ckpt (version {0})")]
    NewerPartitions(u64),
    #[error("there is no partition `{name}`")]
    UnknownPartition { name: String, nearest: Vec<String> },
}
