//! What waits in the journal, from its end or from its beginning, a piece of the file at a time.
//!
//! Reads alone. The files are opened first, and the chain is looked at after that: an event that is folded meanwhile is
//! found twice and never missed, so whoever reads both passes over what it has seen. Called by `ops/history`.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::FileExt;

use super::{Layout, StoreError, journal};
use crate::model::event::Event;
use crate::model::name::Name;

/// So many bytes are read at once; more only for a line that is longer.
const PIECE: usize = 64 << 10;

/// The events that wait in the journal of a session.
pub struct Waiting {
    /// Oldest first.
    files: Vec<File>,
}

/// Which events have been told, by their ids: the smallest that tells so.
#[derive(Default)]
pub struct Seen(HashSet<String>);

impl Seen {
    /// False where the event has been told already.
    pub fn add(&mut self, event: &Event) -> bool {
        self.0.insert(event.id.clone())
    }

    /// Whether the event has been told already.
    pub fn has(&self, event: &Event) -> bool {
        !self.0.is_empty() && self.0.contains(&event.id)
    }
}

impl Waiting {
    /// Opens the journal. Before the tip of the session is read, so that nothing falls between the two.
    pub fn open(layout: &Layout, session: &Name) -> Result<Waiting, StoreError> {
        Ok(Waiting { files: journal::open_files(layout, session)? })
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// From the end.
    pub fn newest_first(self) -> NewestFirst {
        NewestFirst { files: self.files, file: None, lines: Vec::new() }
    }

    /// From the beginning.
    pub fn oldest_first(self) -> impl Iterator<Item = Result<Event, StoreError>> {
        let lines = self.files.into_iter().flat_map(|file| BufReader::with_capacity(PIECE, file).split(b'\n'));
        lines.filter_map(|line| line.map(|line| journal::event_of_line(&line)).map_err(failed).transpose())
    }
}

fn failed(source: io::Error) -> StoreError {
    StoreError::Io { action: "read", path: "the journal of events".into(), source }
}

/// The events from the last to the first.
pub struct NewestFirst {
    files: Vec<File>,
    file: Option<Backwards>,
    /// Whole lines, the next one last.
    lines: Vec<Vec<u8>>,
}

/// A file that is read from its end.
struct Backwards {
    file: File,
    /// Where what was read begins.
    at: u64,
    /// The end of a line that begins before.
    rest: Vec<u8>,
}

impl NewestFirst {
    fn advance(&mut self) -> io::Result<Option<Event>> {
        loop {
            while let Some(line) = self.lines.pop() {
                if let Some(event) = journal::event_of_line(&line) {
                    return Ok(Some(event));
                }
            }
            match &mut self.file {
                Some(file) if file.at > 0 => self.lines = file.read_back()?,
                _ => {
                    let Some(file) = self.files.pop() else { return Ok(None) };
                    let at = file.metadata()?.len();
                    self.file = Some(Backwards { file, at, rest: Vec::new() });
                }
            }
        }
    }
}

impl Backwards {
    /// The whole lines of the piece before, in their order.
    fn read_back(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let piece = PIECE.max(self.rest.len());
        let size = usize::try_from(self.at).unwrap_or(usize::MAX).min(piece);
        let mut bytes = vec![0; size];
        self.at -= size as u64;
        self.file.read_exact_at(&mut bytes, self.at)?;
        bytes.append(&mut self.rest);
        let mut lines: Vec<Vec<u8>> = bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        if self.at > 0 {
            self.rest = lines.remove(0);
        }
        Ok(lines)
    }
}

impl Iterator for NewestFirst {
    type Item = Result<Event, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().map_err(failed).transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn waiting(parts: &[&str]) -> Waiting {
        let files = parts.iter().map(|part| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(part.as_bytes()).unwrap();
            std::io::Seek::rewind(&mut file).unwrap();
            file
        });
        Waiting { files: files.collect() }
    }

    fn line(text: &str) -> String {
        format!(r#"{{"id":"0123456789ab","time":"2026-11-21T09:00:00Z","kind":"note","text":"{text}"}}"#)
    }

    fn texts(events: impl Iterator<Item = Result<Event, StoreError>>) -> Vec<String> {
        events.map(|event| event.unwrap().text).collect()
    }

    #[test]
    fn both_ways_tell_the_same() {
        let long = "x".repeat(3 * PIECE);
        let many: String = (0..3000).map(|number| line(&number.to_string()) + "\n").collect();
        let parts = [format!("{}\n\n{}", line("one"), line(&long)), many, format!("{}\n{{broken", line("last"))];
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let forward = texts(waiting(&parts).oldest_first());
        let mut back = texts(waiting(&parts).newest_first());
        back.reverse();
        assert_eq!(forward, back);
        assert_eq!(forward.len(), 2 + 3000 + 2);
        assert_eq!(forward.last().unwrap(), "{broken");
        assert!(texts(waiting(&["", "\n"]).newest_first()).is_empty());
    }

    #[test]
    fn an_event_is_told_once() {
        let one = Event::parse_line(line("one").as_bytes()).unwrap();
        let other = Event { id: "ba9876543210".into(), ..one.clone() };
        let mut seen = Seen::default();
        assert!(!seen.has(&one));
        assert!(seen.add(&one));
        assert!(!seen.add(&one));
        assert!(seen.has(&one) && !seen.has(&other));
    }

    #[test]
    fn what_waits_is_what_was_appended() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::all_in(folder.path());
        let session = "main".parse().unwrap();
        assert!(Waiting::open(&layout, &session).unwrap().is_empty());
        journal::append(&layout, &session, &Event::parse_line(line("one").as_bytes()).unwrap()).unwrap();
        let waiting = Waiting::open(&layout, &session).unwrap();
        assert!(!waiting.is_empty());
        assert_eq!(texts(waiting.newest_first()), ["one"]);
    }
}
