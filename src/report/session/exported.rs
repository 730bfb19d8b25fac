//! The history of a session as a file: markdown, one page of HTML, JSON, JSON lines.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pulldown_cmark::{CowStr, Event as Piece, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

use super::parts;
use crate::context::facts;
use crate::model::checkpoint::Summary;
use crate::model::event::Event;
use crate::ops::session::export::History;
use crate::report::json::session::SessionDocument;
use crate::report::look::Look;
use crate::report::{text, words};

/// One thing of the timeline.
enum Moment<'a> {
    Event(&'a Event),
    Point(&'a Summary),
}

impl Moment<'_> {
    fn time(&self) -> Timestamp {
        match self {
            Moment::Event(event) => event.time,
            Moment::Point(point) => point.created,
        }
    }
}

/// Events and checkpoints by time, to the second; those of one kind stay in their order, whatever the clock said.
fn timeline(history: &History) -> Vec<Moment<'_>> {
    let mut points = history.points.iter().peekable();
    let mut all = Vec::with_capacity(history.events.len() + history.points.len());
    for event in &history.events {
        while let Some(point) = points.next_if(|point| point.created.as_second() < event.time.as_second()) {
            all.push(Moment::Point(point));
        }
        all.push(Moment::Event(event));
    }
    all.extend(points.map(Moment::Point));
    all
}

/// For people, and for tools that read markdown.
pub fn markdown(history: &History, zone: &TimeZone) -> String {
    let portrait = &history.portrait;
    let record = &portrait.record;
    let mut out = format!("# {}\n\n", inline(&parts::title(&record.title)));
    let mut fact = |label: &str, value: String| out.push_str(&format!("- {label}: {value}\n"));
    fact("Session", format!("`{}`, {}", portrait.name, portrait.standing.state));
    fact("Begun", moment(record.created, zone));
    if let Some(closed) = record.details.closed {
        fact("Closed", moment(closed, zone));
    }
    if let Some(branch) = &record.details.branch {
        fact("Branch", inline(&text::line(branch)));
    }
    if let Some(template) = &record.details.template {
        fact("Template", inline(&text::line(&template.name)));
    }
    fact("Active", parts::span(portrait.totals.active));
    fact("Work", parts::work(&portrait.totals, portrait.commits));
    if let Some(artifacts) = parts::artifacts(portrait) {
        fact("Files", artifacts);
    }
    if let Some(task) = &record.details.task {
        out.push_str(&format!("\n## Task\n\n{}\n", text::block(task)));
    }
    out.push_str("\n## Timeline\n\n");
    for moment in timeline(history) {
        out.push_str(&line(&moment, zone));
    }
    push_document(&mut out, "Check list", history.checklist.as_deref());
    push_document(&mut out, "Context", history.context.as_deref().map(facts::remove).as_deref());
    out
}

fn moment(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn line(moment_of: &Moment<'_>, zone: &TimeZone) -> String {
    let time = moment(moment_of.time(), zone);
    match moment_of {
        Moment::Event(event) => {
            let text = inline(&text::line(event.text.replace('\n', " ")));
            let why = event.fields.get("why").and_then(Value::as_str);
            let why = why.map(|why| format!(" (because {})", inline(&text::line(why)))).unwrap_or_default();
            format!("- {time} **{}** {text}{why}\n", inline(&text::line(event.kind.as_str())))
        }
        Moment::Point(point) => {
            let changes = words::changes(&point.changes);
            format!(
                "- {time} **checkpoint** `{}` {} ({changes})\n",
                point.id.short(),
                inline(&text::line(&point.subject))
            )
        }
    }
}

/// Text of others may not become markup.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        if "\\`*_[]<>&#|".contains(one) {
            out.push('\\');
        }
        out.push(one);
    }
    out
}

/// A document within a fence that nothing in it can close.
fn push_document(out: &mut String, heading: &str, document: Option<&str>) {
    let Some(document) = document.filter(|document| !document.trim().is_empty()) else { return };
    let longest = document.split(|one| one != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    out.push_str(&format!("\n## {heading}\n\n{fence}markdown\n{}\n{fence}\n", text::block(document).trim_end()));
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;\
color:#222;background:#fff}code,pre{font-family:ui-monospace,monospace;font-size:.9em;background:#f3f3f3}\
code{padding:.1em .3em}pre{padding:1em;overflow:auto}pre code{padding:0}h1,h2{line-height:1.2}\
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}code,pre{background:#262626}a{color:#8ab4f8}}";

/// One page without a script, that loads nothing from anywhere.
pub fn html(history: &History, zone: &TimeZone) -> String {
    let source = markdown(history, zone);
    let options = Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES;
    let pieces = Parser::new_ext(&source, options).map(harmless);
    let mut body = String::new();
    pulldown_cmark::html::push_html(&mut body, pieces);
    let mut title = String::new();
    let plain = [Piece::Text(CowStr::from(parts::title(&history.portrait.record.title)))];
    pulldown_cmark::html::push_html(&mut title, plain.into_iter());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// Markup of others is shown as text; links and pictures lead nowhere.
fn harmless(piece: Piece<'_>) -> Piece<'_> {
    match piece {
        Piece::Html(text) | Piece::InlineHtml(text) => Piece::Text(text),
        Piece::Start(Tag::Link { .. } | Tag::Image { .. }) => Piece::Start(Tag::Emphasis),
        Piece::End(TagEnd::Link | TagEnd::Image) => Piece::End(TagEnd::Emphasis),
        Piece::Start(Tag::HtmlBlock) => Piece::Start(Tag::Paragraph),
        Piece::End(TagEnd::HtmlBlock) => Piece::End(TagEnd::Paragraph),
        other => other,
    }
}

/// One document with everything.
pub fn json(history: &History) -> String {
    let document = json!({
        "schema": "ckpt.session-history/1",
        "session": SessionDocument::of(&history.portrait),
        "events": history.events,
        "checkpoints": history.points.iter().map(point_row).collect::<Vec<_>>(),
        "context": history.context,
        "checklist": history.checklist,
    });
    serde_json::to_string_pretty(&document).expect("texts, numbers and lists are always JSON") + "\n"
}

/// A line for each event, as it stands in the history, and for each checkpoint.
pub fn json_lines(history: &History) -> String {
    let lines = timeline(history).into_iter().map(|moment| match moment {
        Moment::Event(event) => event.to_line() + "\n",
        Moment::Point(point) => point_row(point).to_string() + "\n",
    });
    lines.collect()
}

/// A checkpoint in the shape of an event.
fn point_row(point: &Summary) -> Value {
    json!({
        "id": point.id.to_string(),
        "time": point.created,
        "kind": "checkpoint",
        "text": point.subject,
        "sequence": point.sequence,
        "branch": point.branch,
        "head": point.base.map(|base| base.to_string()),
        "changes": point.changes,
    })
}

/// What a terminal would obey is written out; a pipe gets every byte.
pub fn for_terminal(text: &str, look: &Look) -> String {
    if look.is_terminal { text::block(text) } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
