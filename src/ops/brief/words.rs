//! What was said: the sections of the context, each as what it is for. Next steps, open issues and decisions are pinned.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::{Sources, entry, one_line, pinned, tidy};
use crate::context::decision::Decision;
use crate::context::document::{Document, Section as Heading};
use crate::context::item::Item;
use crate::context::standard::{CURRENT_WORK, KNOWN_ISSUES, NEXT_SESSION, RECENT_DECISIONS, TODO};
use crate::model::checkpoint::Checkpoint;
use crate::ops::OpError;
use crate::summary::brief::{Entry, Section, Shape};

/// So many of each are pinned. All of them shortened fit into the default budget, whatever they say.
const PINNED_STEPS: usize = 10;
const PINNED_ISSUES: usize = 15;
const PINNED_DECISIONS: usize = 10;

/// Of a longer section only the beginning is looked at.
const LONGEST_SECTION: usize = 12_000;

/// The context as sections of a brief.
pub(super) struct SessionWords {
    /// Next steps, known issues, decisions, current work, to-dos, and all that is left.
    pub(super) sections: [Section; 6],
    /// The lines of all items, without dates and reasons.
    pub(super) said: HashSet<String>,
}

pub(super) fn gather(sources: &Sources<'_>, checkpoint: Option<&Checkpoint>) -> Result<SessionWords, OpError> {
    let document = Document::parse(sources.context.as_deref().unwrap_or_default());
    let context = Context { document: &document };
    let mut steps = context.open(NEXT_SESSION);
    let saved = checkpoint.map_or(&[][..], |checkpoint| &checkpoint.words.next);
    steps.extend(saved_steps(saved, &steps));
    let show = "ckpt context show";
    let sections = [
        pinned(section("next-steps", "Next steps", steps, show, 10), PINNED_STEPS),
        pinned(section("issues", "Known issues", context.open(KNOWN_ISSUES), "ckpt issue list", 10), PINNED_ISSUES),
        pinned(section("decisions", "Decisions", context.decisions(), show, 10), PINNED_DECISIONS),
        section("current-work", "Current work", context.current_work(), show, 15),
        section("todo", "To do", context.open(TODO), "ckpt todo list", 10),
        section("context", "More of the context", context.rest(), show, 10),
    ];
    Ok(SessionWords { sections, said: context.said() })
}

fn section(name: &'static str, title: &'static str, entries: Vec<Entry>, source: &str, share: usize) -> Section {
    Section { name, title, entries, has_older: false, source: source.to_owned(), share }
}

/// What the last checkpoint says to do next, unless the context says the same.
fn saved_steps(saved: &[String], steps: &[Entry]) -> Vec<Entry> {
    let known: HashSet<String> = steps.iter().map(|step| one_line(&step.text)).collect();
    let new = saved.iter().filter(|step| !known.contains(&one_line(step)));
    new.filter_map(|step| entry(Shape::Item, Some("with the last checkpoint".to_owned()), step)).collect()
}

struct Context<'d, 't> {
    document: &'d Document<'t>,
}

impl<'d> Context<'d, '_> {
    fn find(&self, name: &str) -> Option<&'d Heading> {
        self.document.find_section(name).ok().map(|found| found.section)
    }

    fn items(&self, name: &str) -> Vec<&'d Item> {
        self.find(name).map_or_else(Vec::new, |section| self.document.items_of(section))
    }

    /// The items of a section that are not checked, with their numbers.
    fn open(&self, name: &str) -> Vec<Entry> {
        let numbered = self.items(name).into_iter().enumerate().filter(|(_, item)| !item.is_checked());
        let entry =
            |(index, item): (usize, &Item)| entry(Shape::Numbered, Some((index + 1).to_string()), &self.text(item));
        numbered.filter_map(entry).collect()
    }

    /// An item with what is nested in it, without the indentation that all of that has.
    fn text(&self, item: &Item) -> String {
        let text = &self.document.text()[item.content.min(item.range.end)..item.range.end];
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default().to_owned();
        let rest: Vec<&str> = lines.map(str::trim_end).collect();
        let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
        let common = rest.iter().filter(|line| !line.is_empty()).map(indent).min().unwrap_or(0);
        rest.iter().fold(first, |text, line| text + "\n" + line.get(common..).unwrap_or_default())
    }

    /// The latest first: by their dates, and of one day the lower one in the document.
    fn decisions(&self) -> Vec<Entry> {
        let items = self.items(RECENT_DECISIONS).into_iter().enumerate();
        let mut decided: Vec<_> = items
            .map(|(index, item)| {
                let text = self.text(item);
                (Decision::parse(&text).map(|decision| decision.date), index, text)
            })
            .collect();
        decided.sort_by_key(|(date, index, _)| Reverse((*date, *index)));
        decided.iter().filter_map(|(_, _, text)| entry(Shape::Item, None, text)).collect()
    }

    /// The text of the section, then its items, the last one first.
    fn current_work(&self) -> Vec<Entry> {
        let Some(section) = self.find(CURRENT_WORK) else { return Vec::new() };
        let items = self.document.items_of(section);
        let prose = self.prose(section, &items);
        let open = items.iter().rev().filter(|item| !item.is_checked());
        let open = open.filter_map(|item| entry(Shape::Item, None, &self.text(item)));
        prose.into_iter().chain(open).collect()
    }

    /// What a section says besides its items.
    fn prose(&self, section: &Heading, items: &[&Item]) -> Option<Entry> {
        let whole = self.document.text();
        let mut text = whole[section.heading.clone()].to_owned();
        let mut at = section.heading.end;
        for item in items.iter().filter(|item| item.range.start >= section.heading.end) {
            text.push_str(&whole[at..item.range.start]);
            at = item.range.end;
        }
        text.push_str(&whole[at..section.body.end.max(at)]);
        let rest = Document::parse(&text);
        let said = rest.sections().first().map(|section| rest.content(section))?;
        document_entry(&section.name, &said)
    }

    /// The sections that nothing else here is made of, each with those below it.
    fn rest(&self) -> Vec<Entry> {
        let told = [CURRENT_WORK, NEXT_SESSION, KNOWN_ISSUES, RECENT_DECISIONS, TODO];
        let told: Vec<&Heading> = told.iter().filter_map(|name| self.find(name)).collect();
        let mut end = 0;
        let mut entries = Vec::new();
        for section in self.document.sections() {
            let is_within =
                |outer: &Heading, inner: &Heading| (outer.heading.start..outer.body.end).contains(&inner.heading.start);
            let is_told = told.iter().any(|one| is_within(one, section));
            if section.heading.start < end || is_told {
                continue;
            }
            // What is told elsewhere may lie below this one.
            let has_told = told.iter().any(|one| is_within(section, one));
            if !has_told {
                end = section.body.end;
                entries.extend(document_entry(&section.name, &self.document.content(section)));
            }
        }
        entries
    }

    fn said(&self) -> HashSet<String> {
        let sections = [CURRENT_WORK, NEXT_SESSION, KNOWN_ISSUES, RECENT_DECISIONS, TODO];
        let items = sections.iter().flat_map(|name| self.items(name));
        let mut said = HashSet::new();
        for item in items {
            let text = self.document.item_text(item);
            said.extend(Decision::parse(&text).map(|dated| dated.text));
            said.extend(text.lines().map(one_line));
        }
        said
    }
}

fn document_entry(name: &str, text: &str) -> Option<Entry> {
    let text = tidy(text, LONGEST_SECTION);
    let label = Some(one_line(name));
    (!text.is_empty()).then_some(Entry { shape: Shape::Document, label, time: None, text, is_pinned: false })
}
