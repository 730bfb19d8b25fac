//! A brief as markdown and as XML.
//!
//! Whoever reads it may be a model: what others wrote is shown with nothing hidden in it, an item cannot become a heading,
//! and a document cannot close its fence. The same on a terminal and in a pipe.

use super::text;
use crate::summary::brief::{Brief, Entry, Form, LeftOut, Section, Shape, Shown};

/// Digits of a short id.
const SHORT_ID: usize = 10;

/// For people and agents.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

/// For whoever wants the parts told apart by tags.
#[derive(Clone, Copy, Debug)]
pub struct Xml;

impl Form for Markdown {
    fn render(&self, brief: &Brief<'_>) -> String {
        let mut out = "# Brief\n".to_owned();
        for part in &brief.sections {
            out.push_str(&self.heading(part.section));
            part.entries.iter().for_each(|shown| out.push_str(&self.entry(shown)));
        }
        if !brief.left_out.is_empty() {
            out.push_str("\n## Left out\n\n");
            for left in &brief.left_out {
                out.push_str(&format!("- {}: {}, `{}`\n", left.section.title, missing(left), source(left)));
            }
        }
        out
    }

    fn heading(&self, section: &Section) -> String {
        format!("\n## {}\n\n", section.title)
    }

    fn entry(&self, shown: &Shown<'_>) -> String {
        let entry = shown.entry;
        let label = label(entry);
        let said = said(shown);
        match entry.shape {
            Shape::Fact => format!("- {label}: {}\n", indented(&said, "  ")),
            Shape::Item if label.is_empty() => format!("- {}\n", indented(&said, "  ")),
            Shape::Item => format!("- {label}{} {}\n", separator(entry), indented(&said, "  ")),
            Shape::Numbered => {
                let marker = format!("{label}. ");
                format!("{marker}{}\n", indented(&said, &" ".repeat(marker.len())))
            }
            Shape::Document => {
                let fence = fence_for(&entry.text);
                format!("{label}:\n{fence}text\n{}\n{fence}\n", said.trim_end())
            }
        }
    }
}

impl Form for Xml {
    fn render(&self, brief: &Brief<'_>) -> String {
        let mut out = "<brief>\n".to_owned();
        for part in &brief.sections {
            out.push_str(&self.heading(part.section));
            part.entries.iter().for_each(|shown| out.push_str(&self.entry(shown)));
            out.push_str("</section>\n");
        }
        for left in &brief.left_out {
            let (name, source) = (left.section.name, escaped(&source(left)));
            out.push_str(&format!("<left-out section=\"{name}\" see=\"{source}\">{}</left-out>\n", missing(left)));
        }
        out.push_str("</brief>\n");
        out
    }

    fn heading(&self, section: &Section) -> String {
        format!("<section name=\"{}\">\n", section.name)
    }

    fn entry(&self, shown: &Shown<'_>) -> String {
        let entry = shown.entry;
        let tag = match entry.shape {
            Shape::Fact => "fact",
            Shape::Item | Shape::Numbered => "item",
            Shape::Document => "document",
        };
        let name = if entry.shape == Shape::Numbered { "number" } else { "label" };
        let attribute = |name: &str, value: &str| format!(" {name}=\"{}\"", escaped(value));
        let label = entry.label.as_ref().map(|label| attribute(name, &text::line(label))).unwrap_or_default();
        let time = entry.time.map(|time| attribute("time", &time.to_string())).unwrap_or_default();
        format!("<{tag}{label}{time}>{}</{tag}>\n", escaped(&said(shown)))
    }
}

/// The text as it is shown, with a mark where it is cut.
pub fn said(shown: &Shown<'_>) -> String {
    let said = text::block(shown.text);
    match (shown.is_cut(), shown.entry.shape) {
        (false, _) => said,
        (true, Shape::Document) => said + "\n…",
        (true, _) => said + " …",
    }
}

/// How much is missing, in words.
fn missing(left: &LeftOut<'_>) -> String {
    let mut told = Vec::new();
    if left.entries > 0 {
        told.push(format!("{} more", left.entries));
    }
    if left.section.has_older {
        told.push("older ones".to_owned());
    }
    if left.cut > 0 {
        told.push(format!("{} cut short", left.cut));
    }
    told.join(", ")
}

fn source(left: &LeftOut<'_>) -> String {
    text::line(&left.section.source)
}

/// Label and time. Facts tell the time of day, what is one of many the day alone.
fn label(entry: &Entry) -> String {
    let label = entry.label.as_ref().map(text::line);
    let time = entry.time.map(|time| match entry.shape {
        Shape::Fact => time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        _ => time.strftime("%Y-%m-%d").to_string(),
    });
    match entry.shape {
        Shape::Fact => [label, time].into_iter().flatten().collect::<Vec<_>>().join(", "),
        _ => [time, label].into_iter().flatten().collect::<Vec<_>>().join(" "),
    }
}

/// A commit's id, or the letter of a change, stands before the text without a colon.
fn separator(entry: &Entry) -> &'static str {
    let label = entry.label.as_deref().unwrap_or_default();
    let is_id = label.len() == SHORT_ID && label.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_letter = label.len() == 1 && label.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_id || is_letter { "" } else { ":" }
}

/// Further lines within the item.
fn indented(text: &str, by: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |text, line| if line.is_empty() { text + "\n" } else { text + "\n" + by + line })
}

/// Longer than any run of back-ticks in the text.
fn fence_for(text: &str) -> String {
    let longest = text.split(|one| one != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}

/// Fit to stand between tags and within quotation marks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // No XML holds these, not even written as a number.
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests;
