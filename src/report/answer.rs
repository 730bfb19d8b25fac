//! An answer that comes bit by bit, of any length: its beginning is shown at once, and no more of it is kept than a screen.
//!
//! The pager is started when the screen is full; a user who leaves it ends the answer quietly. Made by
//! [`Output::begin_answer`].

use serde::Serialize;

use super::output::{Output, OutputError};
use crate::sys::pager::{Pager, RunningPager};

/// The first piece that is written to a pipe, and the later ones.
const FIRST_PIECE: usize = 4 << 10;
const PIECE: usize = 64 << 10;

/// What a pager that could not be run may have swallowed: more does not fit a pipe.
const SWALLOWED: usize = 256 << 10;

/// An answer that is being given.
pub struct Answer<'a> {
    output: &'a mut Output,
    /// Not yet written.
    held: Vec<u8>,
    lines: usize,
    piece: usize,
    pager: Option<(Pager, usize)>,
    running: Option<RunningPager>,
    /// What the pager got, while it is not sure that it runs.
    handed: Option<Vec<u8>>,
    /// Elements of the list that is open, in a document.
    elements: usize,
}

impl<'a> Answer<'a> {
    pub(super) fn new(output: &'a mut Output) -> Answer<'a> {
        let pager = output.pager();
        let handed = Some(Vec::new());
        Answer { output, held: Vec::new(), lines: 0, piece: FIRST_PIECE, pager, running: None, handed, elements: 0 }
    }

    /// Adds text.
    pub fn push(&mut self, text: impl AsRef<[u8]>) -> Result<(), OutputError> {
        let text = text.as_ref();
        self.held.extend_from_slice(text);
        if self.pager.is_some() && self.running.is_none() {
            self.lines += text.iter().filter(|&&byte| byte == b'\n').count();
            return self.start_if_full();
        }
        if self.held.len() >= self.piece {
            self.piece = PIECE;
            return self.flush();
        }
        Ok(())
    }

    fn start_if_full(&mut self) -> Result<(), OutputError> {
        if let Some((pager, rows)) = &self.pager
            && self.lines >= *rows
        {
            self.running = pager.start().ok();
            self.pager = None;
            return self.flush();
        }
        Ok(())
    }

    /// Shows what was added so far; before a pager was started, that is for a screen to come.
    pub fn flush(&mut self) -> Result<(), OutputError> {
        if self.held.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut self.held);
        let Some(running) = &mut self.running else { return self.output.answer(text) };
        if let Some(handed) = &mut self.handed {
            handed.extend_from_slice(&text);
        }
        if running.write(&text).is_err() {
            return self.leave();
        }
        self.handed.take_if(|handed| handed.len() > SWALLOWED);
        Ok(())
    }

    /// The pager reads no more: the user has left, or it could not be run, and what it got is shown without it.
    fn leave(&mut self) -> Result<(), OutputError> {
        let ran = self.running.take().is_none_or(|running| running.finish().unwrap_or(true));
        match self.handed.take().filter(|_| !ran) {
            Some(handed) => self.output.answer(handed),
            None => Err(OutputError::Closed),
        }
    }

    /// Shows the rest, and waits until the user has left the pager.
    pub fn finish(mut self) -> Result<(), OutputError> {
        self.flush()?;
        if self.running.is_none() {
            return Ok(());
        }
        match self.leave() {
            Err(OutputError::Closed) => Ok(()),
            told => told,
        }
    }

    /// Begins a document of which the list `name` comes element by element.
    pub fn begin_list(&mut self, schema: &str, name: &str) -> Result<(), OutputError> {
        self.push(format!("{{\n  \"schema\": \"{schema}\",\n  \"{name}\": ["))
    }

    /// Adds an element to the list.
    pub fn element(&mut self, element: &impl Serialize) -> Result<(), OutputError> {
        let text = serde_json::to_string(element).map_err(|error| OutputError::Stdout(error.into()))?;
        let comma = if self.elements > 0 { "," } else { "" };
        self.elements += 1;
        self.push(format!("{comma}\n    {text}"))
    }

    /// Ends the list and the document; `rest` is what else it says, an object.
    pub fn end_list(mut self, rest: &impl Serialize) -> Result<(), OutputError> {
        let rest = serde_json::to_string_pretty(rest).map_err(|error| OutputError::Stdout(error.into()))?;
        let fields = rest.trim().trim_start_matches('{').trim_start_matches('\n').trim_end_matches('}').trim_end();
        let line_end = if self.elements > 0 { "\n  " } else { "" };
        self.push(format!("{line_end}],\n{fields}\n}}\n"))?;
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::output::Wishes;

    #[test]
    fn a_long_answer_comes_in_pieces_and_whole() {
        let mut output = Output::in_memory(Wishes::default());
        let mut answer = output.begin_answer();
        let lines: Vec<String> = (0..20_000).map(|number| format!("line {number}\n")).collect();
        for line in &lines {
            answer.push(line).unwrap();
            assert!(answer.held.len() < PIECE);
        }
        answer.finish().unwrap();
        assert!(output.written().0 == lines.concat());
    }

    #[test]
    fn a_document_is_one_however_many_elements_it_has() {
        for count in [0, 1, 3] {
            let mut output = Output::in_memory(Wishes::default());
            let mut answer = output.begin_answer();
            answer.begin_list("ckpt.test/1", "entries").unwrap();
            (0..count).for_each(|number| answer.element(&json!({ "number": number })).unwrap());
            answer.end_list(&json!({ "truncated": false, "damaged": [] })).unwrap();
            let (text, _) = output.written();
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(document["entries"].as_array().unwrap().len(), count, "{text}");
            assert_eq!(document["truncated"], false);
        }
    }
}
