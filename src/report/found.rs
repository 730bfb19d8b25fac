//! The answer of `ckpt search`: what fits best first, the words marked where there is colour.

use std::fmt::Write;

use bstr::ByteSlice;

use super::look::Look;
use super::style::Role;
use super::{text, words};
use crate::ops::points::Listed;
use crate::ops::search::{CodeFound, CodePlace, Found, Hit, Query};

const INDENT: &str = "  ";

/// More files than this that could not be read are counted, not listed.
const SHOWN_SKIPPED: usize = 5;

/// The hits: where each stands and how old it is, then the part that fits.
pub fn render(found: &Found, query: &Query, look: &Look) -> String {
    found.hits.iter().map(|hit| hit_text(hit, query, look)).collect()
}

fn hit_text(hit: &Hit, query: &Query, look: &Look) -> String {
    let source = text::line(&hit.source);
    let id = hit.id.as_deref().map(|id| text::line(id.chars().take(10).collect::<String>())).unwrap_or_default();
    let place = hit.place.as_ref().map(text::line);
    let age = hit.time.map(|time| look.age(time));
    let age = if hit.is_old { age.map(|age| format!("{age}, no longer there")) } else { age };
    let session = format!("in {}", text::line(&*hit.session));
    let rest: Vec<String> = [place, Some(session), age].into_iter().flatten().collect();
    let parts = [(Some(Role::Heading), source), (Some(Role::Id), id), (Some(Role::Faint), rest.join(", "))];
    format!("{}\n{INDENT}{}\n", look.line(parts), excerpt(hit, query, look))
}

/// One line of the text, with the first hit in it.
fn excerpt(hit: &Hit, query: &Query, look: &Look) -> String {
    let shown = text::line(hit.excerpt.split_whitespace().collect::<Vec<_>>().join(" "));
    let room = look.width.saturating_sub(INDENT.len()).max(8);
    let (before, after) = hit.is_cut;
    let first = query.hits(&shown).first().map_or(0, |hit| hit.0);
    let from = start(&shown, first, room);
    let mut line = if from > 0 || before { format!("…{}", &shown[from..]) } else { shown };
    if after {
        line.push('…');
    }
    emphasised(&text::fit(&line, room), query, look)
}

/// Where to begin so that the first hit is seen, with a little before it.
fn start(shown: &str, first: usize, room: usize) -> usize {
    if text::width(shown) <= room || text::width(&shown[..first]) < room / 2 {
        return 0;
    }
    let lead = room / 4;
    let beginning = shown[..first].char_indices().rev().map(|(at, _)| at);
    beginning.take_while(|&at| text::width(&shown[at..first]) <= lead).last().unwrap_or(first)
}

fn emphasised(line: &str, query: &Query, look: &Look) -> String {
    let (mut out, mut at) = (String::new(), 0);
    for (start, end) in query.hits(line) {
        out.push_str(&line[at..start]);
        out.push_str(&look.paint(Role::Hit, &line[start..end]));
        at = end;
    }
    out + &line[at..]
}

/// Where text was found in the files of checkpoints.
pub fn render_code(found: &CodeFound, look: &Look) -> String {
    found.places.iter().map(|place| place_text(place, found.checkpoints, look)).collect()
}

fn place_text(place: &CodePlace, all: usize, look: &Look) -> String {
    let room = look.width.saturating_sub(INDENT.len()).max(8);
    let line = format!(":{}", place.line);
    let path = text::fit(&text::line(&place.path), look.width.saturating_sub(text::width(&line)).max(8));
    let shown = text::fit(&text::line(place.excerpt.to_str_lossy().as_bytes()), room);
    let count = place.count as u64;
    let told = match place.is_there {
        true => format!("there in {count} of {}", words::count(all as u64, "checkpoint")),
        false => format!("in {count} of {}, not in the latest", words::count(all as u64, "checkpoint")),
    };
    let mut out = format!("{}{line}\n{INDENT}{shown}\n", look.paint(Role::Name, &path));
    let _ = writeln!(out, "{INDENT}{}", look.paint(Role::Faint, &text::fit(&told, room)));
    let _ = writeln!(out, "{INDENT}first {}", point(&place.first, room.saturating_sub(6), look));
    if place.first.summary.id != place.last.summary.id {
        let _ = writeln!(out, "{INDENT}last  {}", point(&place.last, room.saturating_sub(6), look));
    }
    out
}

fn point(listed: &Listed, room: usize, look: &Look) -> String {
    let summary = &listed.summary;
    let names: Vec<String> = listed.names.iter().map(text::line).collect();
    let said = if names.is_empty() { text::line(&summary.subject) } else { names.join(", ") };
    let parts = [(Some(Role::Id), summary.id.short()), (None, look.age(summary.created)), (None, said)];
    Look { width: room, ..look.clone() }.line(parts)
}

/// That some files were not searched; `None` where all were.
pub fn skipped(found: &CodeFound) -> Option<String> {
    let files: Vec<String> = found
        .skipped
        .iter()
        .take(SHOWN_SKIPPED)
        .map(|file| format!("{} ({})", text::line(&file.path), text::line(&file.problem)))
        .collect();
    let more = found.skipped.len().saturating_sub(SHOWN_SKIPPED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!files.is_empty()).then(|| format!("could not be read and was not searched: {}{rest}", files.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_screen_shows_the_part_that_fits() {
        let query = Query::of("needle").unwrap();
        let look = |width| Look { width, ..Look::plain("2026-11-21T10:00:00Z".parse().unwrap()) };
        let long = format!("{}needle{}", "before ".repeat(30), " after".repeat(30));
        for width in [20, 40, 80] {
            let room = width - INDENT.len();
            let at = start(&long, long.find("needle").unwrap(), room);
            let shown = text::fit(&format!("…{}", &long[at..]), room);
            assert!(shown.contains("needle") && text::width(&shown) <= room, "{shown}");
            assert_eq!(emphasised(&shown, &query, &look(width)), shown);
        }
        let colored = Look { palette: super::super::style::Palette { colored: true }, ..look(80) };
        assert!(emphasised("a Needle", &query, &colored).contains("\x1b["));
    }
}
