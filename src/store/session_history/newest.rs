//! The story of a session from its end.

use std::rc::Rc;

use super::{Link, Segments, Span, Told, read_link};
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::model::object::ObjectReader;
use crate::store::StoreError;

/// Goes back from the tip of a chain: each commit, then the events that it added, the last one first.
///
/// What cannot be read is told once, and ends the story: what came after it has been told by then.
pub struct NewestFirst<'a> {
    reader: &'a dyn ObjectReader,
    next: Next,
    segments: Option<Segments<'a>>,
    /// The commit whose events are being told, what of them is still to be read, and what was read.
    link: Option<Rc<Link>>,
    spans: Vec<Span>,
    events: Vec<Event>,
}

/// The commit to be told next.
enum Next {
    Unread(ObjectId),
    Read(Rc<Link>),
    None,
}

impl<'a> NewestFirst<'a> {
    /// The story that ends at `tip`. Nothing is read yet.
    pub fn new(reader: &'a dyn ObjectReader, tip: ObjectId) -> NewestFirst<'a> {
        let next = Next::Unread(tip);
        NewestFirst { reader, next, segments: None, link: None, spans: Vec::new(), events: Vec::new() }
    }

    fn advance(&mut self) -> Result<Option<Told>, StoreError> {
        loop {
            if let Some(link) = &self.link {
                if let Some(event) = self.events.pop() {
                    return Ok(Some(Told::Event { event, link: Rc::clone(link) }));
                }
                if let (Some(span), Some(segments)) = (self.spans.pop(), &mut self.segments) {
                    self.events = segments.events(&span)?;
                    continue;
                }
            }
            let link = match std::mem::replace(&mut self.next, Next::None) {
                Next::None => return Ok(None),
                Next::Unread(id) => Rc::new(read_link(self.reader, &id)?),
                Next::Read(link) => link,
            };
            self.enter(&link)?;
            return Ok(Some(Told::Commit(link)));
        }
    }

    /// Finds what a commit added: what the one before it has not.
    fn enter(&mut self, link: &Rc<Link>) -> Result<(), StoreError> {
        let segments = match &mut self.segments {
            Some(segments) => segments,
            none => none.insert(Segments::new(self.reader, &link.tree)?),
        };
        let to = segments.end(&link.tree)?;
        let mut from = super::End::default();
        if let Some(parent) = link.parents.first() {
            match read_link(self.reader, parent) {
                Ok(before) => {
                    from = segments.end(&before.tree)?;
                    self.next = Next::Read(Rc::new(before));
                }
                // It is told when its turn comes, after what this one added.
                Err(_) => self.next = Next::Unread(*parent),
            }
        }
        self.spans = segments.spans(from, to);
        self.link = Some(Rc::clone(link));
        Ok(())
    }
}

impl Iterator for NewestFirst<'_> {
    type Item = Result<Told, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let told = self.advance();
        if told.is_err() {
            (self.next, self.link) = (Next::None, None);
        }
        told.transpose()
    }
}
