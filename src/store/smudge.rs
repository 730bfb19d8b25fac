//! What git writes into the work tree for a blob, where attributes or configuration convert it.
//!
//! One process for all files. Its answers say no length, so each is followed by a question that has no answer. Called by
//! `ops/stack`.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use bstr::{BStr, ByteSlice};

use super::{Store, StoreError};
use crate::model::id::ObjectId;
use crate::sys::clock;

const ACTION: &str = "converting files for the work tree";

/// Converts blobs as git does when it checks a tree out.
pub struct Smudge {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// What no object is called.
    mark: Vec<u8>,
}

impl Smudge {
    /// Starts git; the attributes are those of `tree`.
    pub fn start(store: &Store, tree: &ObjectId) -> Result<Smudge, StoreError> {
        let mut command = store.git();
        // As a variable, and not as an option, an older git passes it over; it then takes those of the work tree.
        command.env("GIT_ATTR_SOURCE", tree.to_string());
        command.args(["cat-file", "--batch=%(objectname)", "-z", "--filters"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| failed(&error.to_string()))?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("stdout was piped"));
        let mark = format!("no-object-{:016x}{:016x}", clock::salt(), clock::salt()).into_bytes();
        Ok(Smudge { child, input, output, mark })
    }

    /// The bytes of a file at `path` whose blob is `id`.
    pub fn convert(&mut self, id: &ObjectId, path: &BStr) -> Result<Vec<u8>, StoreError> {
        let question = [id.to_string().as_bytes(), b" ", path.as_bytes(), b"\0", &self.mark, b"\0"].concat();
        let input = self.input.as_mut().expect("it is open until the end");
        if input.write_all(&question).and_then(|()| input.flush()).is_err() {
            return Err(self.reason(path));
        }
        let end = [b"\n", self.mark.as_slice(), b" missing\n"].concat();
        let mut answer = Vec::new();
        while !answer.ends_with(&end) {
            match self.output.read_until(b'\n', &mut answer) {
                Ok(0) | Err(_) => return Err(self.reason(path)),
                Ok(_) => {}
            }
        }
        answer.truncate(answer.len() - end.len());
        let head = [id.to_string().as_bytes(), b"\n"].concat();
        match answer.strip_prefix(head.as_slice()) {
            Some(bytes) => Ok(bytes.to_vec()),
            None => Err(failed(&answer.to_str_lossy())),
        }
    }

    /// What git said when it gave up.
    fn reason(&mut self, path: &BStr) -> StoreError {
        self.input = None;
        let mut said = Vec::new();
        if let Some(errors) = &mut self.child.stderr {
            let _ = errors.read_to_end(&mut said);
        }
        let line =
            ByteSlice::lines(said.as_slice()).rev().find(|line| !line.trim().is_empty()).unwrap_or(b"it gave up");
        failed(&format!("{path}: {}", line.to_str_lossy()))
    }
}

impl Drop for Smudge {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}

fn failed(detail: &str) -> StoreError {
    StoreError::Git { action: ACTION.to_owned(), detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn bytes_are_those_of_a_checkout_by_the_tree_s_own_attributes() {
        let fixture = Fixture::new();
        fixture.write(".gitattributes", "*.txt eol=crlf\n");
        fixture.write("a.txt", "one\ntwo\n");
        fixture.write("b", "one\n\nno-object-x missing\n");
        fixture.git(["add", "-A"]);
        fixture.git(["commit", "-q", "-m", "x"]);
        std::fs::remove_file(fixture.root.join(".gitattributes")).unwrap();
        fixture.git(["rm", "-q", "--cached", ".gitattributes"]);
        let store = fixture.store();
        let mut smudge = Smudge::start(&store, &fixture.id("HEAD^{tree}")).unwrap();
        let blob = fixture.id("HEAD:a.txt");
        assert_eq!(smudge.convert(&blob, "a.txt".into()).unwrap(), b"one\r\ntwo\r\n");
        assert_eq!(smudge.convert(&blob, "odd\nname ".into()).unwrap(), b"one\ntwo\n");
        assert_eq!(smudge.convert(&fixture.id("HEAD:b"), "b".into()).unwrap(), b"one\n\nno-object-x missing\n");
    }
}
