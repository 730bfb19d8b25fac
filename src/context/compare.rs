//! Two versions of a document, section by section, for `context diff`.
