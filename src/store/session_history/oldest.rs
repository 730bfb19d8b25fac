//! The story of a session from its beginning.

use std::rc::Rc;

use super::{End, Link, Segments, Span, Told, read_link};
use crate::model::commit::Commit;
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::store::StoreError;

/// Goes forward from the first commit of a chain: the events that each added, then the commit itself.
///
/// Where the beginning cannot be read, the story begins after what is missing; [`OldestFirst::missing`] tells why.
pub struct OldestFirst<'a> {
    reader: &'a dyn ObjectReader,
    /// Commits that are still to be told, the next one last.
    ids: Vec<ObjectId>,
    segments: Segments<'a>,
    link: Option<Rc<Link>>,
    /// The next one last, both.
    spans: Vec<Span>,
    events: Vec<Event>,
    end: End,
    missing: Option<StoreError>,
}

impl<'a> OldestFirst<'a> {
    /// The story that ends at `tip`: every commit is looked at once, to find the first. With `known` ids, oldest first,
    /// this ends where the last of them is met.
    pub fn new(
        reader: &'a dyn ObjectReader,
        tip: &ObjectId,
        known: &[ObjectId],
    ) -> Result<OldestFirst<'a>, StoreError> {
        let tree = read_link(reader, tip)?.tree;
        let (ids, missing) = ids(reader, tip, known);
        let segments = Segments::new(reader, &tree)?;
        // With its first commits gone, nobody knows which of the events before came when: all of them are told first.
        let (spans, events, end) = (Vec::new(), Vec::new(), End::default());
        Ok(OldestFirst { reader, ids, segments, link: None, spans, events, end, missing })
    }

    /// Why the story does not begin at its beginning.
    pub fn missing(&mut self) -> Option<StoreError> {
        self.missing.take()
    }

    /// The commits that are still to be told, the last one first.
    pub fn ids(&self) -> &[ObjectId] {
        &self.ids
    }

    /// How many commits there are after the one that is being told.
    pub fn left(&self) -> usize {
        self.ids.len()
    }

    fn advance(&mut self) -> Result<Option<Told>, StoreError> {
        loop {
            if let Some(link) = &self.link {
                if let Some(event) = self.events.pop() {
                    return Ok(Some(Told::Event { event, link: Rc::clone(link) }));
                }
                if let Some(span) = self.spans.pop() {
                    self.events = self.segments.events(&span)?;
                    self.events.reverse();
                    continue;
                }
                return Ok(self.link.take().map(Told::Commit));
            }
            let Some(id) = self.ids.pop() else { return Ok(None) };
            let link = read_link(self.reader, &id)?;
            let to = self.segments.end(&link.tree)?;
            self.spans = self.segments.spans(self.end, to);
            self.spans.reverse();
            self.end = to;
            self.link = Some(Rc::new(link));
        }
    }
}

/// The commits of a chain from its tip, and why there are no more where that is not the beginning.
fn ids(reader: &dyn ObjectReader, tip: &ObjectId, known: &[ObjectId]) -> (Vec<ObjectId>, Option<StoreError>) {
    let (mut ids, mut next) = (Vec::new(), Some(*tip));
    while let Some(id) = next {
        if known.last() == Some(&id) {
            ids.extend(known.iter().rev());
            break;
        }
        let bytes = match reader.read_kind(&id, ObjectKind::Commit) {
            Ok(bytes) => bytes,
            Err(error) => return (ids, Some(error.into())),
        };
        let Ok(commit) = Commit::parse(&bytes) else {
            return (ids, Some(super::versioned::damaged("session", format!("its commit {id} is not understood"))));
        };
        ids.push(id);
        next = commit.parents.first().copied();
    }
    (ids, None)
}

impl Iterator for OldestFirst<'_> {
    type Item = Result<Told, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let told = self.advance();
        if told.is_err() {
            self.ids.clear();
            self.link = None;
        }
        told.transpose()
    }
}
