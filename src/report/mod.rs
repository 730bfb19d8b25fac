//! Renders outcomes: for people and as JSON. The only module that writes to stdout and stderr.
