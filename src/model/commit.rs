//! Commit objects: their bytes, and the trailers at the end of a message.
