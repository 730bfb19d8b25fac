use super::*;
use std::collections::BTreeMap;

use crate::model::change::ChangeCounts;
use crate::model::event::EventKind;
use crate::model::session::{SessionDetails, SessionState};
use crate::ops::context::Synced;
use crate::ops::session::portrait::{Checklist, Portrait};
use crate::ops::session::standing::{Place, Standing};
use crate::ops::session::totals::Totals;
use crate::store::session::SessionRecord;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
}

fn history(title: &str, texts: &[&str]) -> History {
    let details = SessionDetails { task: Some("<script>alert(1)</script>".into()), ..SessionDetails::default() };
    let portrait = Portrait {
        name: "login".parse().unwrap(),
        record: SessionRecord::new(title, at(0), details),
        standing: Standing { state: SessionState::Active, place: Place::Current },
        stack: Vec::new(),
        totals: Totals::default(),
        branch_is_gone: false,
        last: None,
        artifacts: BTreeMap::new(),
        changes: ChangeCounts::default(),
        commits: None,
        todos: Vec::new(),
        issues: Vec::new(),
        decisions: Vec::new(),
        next: Vec::new(),
        checklist: Checklist::default(),
        now: at(60),
        context: Synced::default(),
    };
    let events = texts.iter().zip(1u64..).map(|(text, salt)| Event::new(at(salt as i64), EventKind::Note, *text, salt));
    let context = Some("# C\n\n```\nfenced\n```\n<img src=x onerror=alert(1)>\n".to_owned());
    History { portrait, events: events.collect(), points: Vec::new(), context, checklist: None }
}

const ODD: &str = "<b onclick=x>bold</b> [link](javascript:alert(1)) ![p](http://x/y.png) `tick` \u{1b}[2J";

#[test]
fn html_holds_no_markup_of_others_and_loads_nothing() {
    let page = html(&history("T <script>x</script>", &[ODD]), &TimeZone::UTC);
    assert!(page.contains("<title>T &lt;script&gt;x&lt;/script&gt;</title>"), "{page}");
    for bad in ["<script", "<img", "<b ", "href=", "src=\"", "\u{1b}"] {
        assert!(!page.contains(bad), "{bad} in {page}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("fenced"), "{page}");
}

#[test]
fn markdown_cannot_be_closed_or_opened_by_what_it_holds() {
    let text = markdown(&history("# Not a *heading*", &["- item\n# heading", ODD]), &TimeZone::UTC);
    assert!(text.starts_with("# \\# Not a \\*heading\\*\n"), "{text}");
    assert!(text.contains("- 2027-01-15 08:01 **note** - item \\# heading\n"), "{text}");
    assert!(text.contains("\n````markdown\n# C\n\n```\nfenced\n```\n"), "{text}");
}

#[test]
fn lines_are_the_events_as_they_are() {
    let history = history("T", &["one", "two\nlines"]);
    let lines = json_lines(&history);
    let read: Vec<Event> = lines.lines().map(|line| Event::parse_line(line.as_bytes()).unwrap()).collect();
    assert_eq!(read, history.events);
    let document: Value = serde_json::from_str(&json(&history)).unwrap();
    assert_eq!(document["session"]["schema"], "ckpt.session/1");
    assert_eq!(document["events"][1]["text"], "two\nlines");
}
