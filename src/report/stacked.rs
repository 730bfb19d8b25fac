//! The drawing of `ckpt stack`.

use super::look::Look;
use super::style::Role;
use super::{text, words};
use crate::model::session::SessionState;
use crate::model::stack::FrameKind;
use crate::ops::stack::picture::{Left, Picture, Rung};

/// So many sessions that have returned are drawn at each place.
const SHOWN: usize = 5;
/// A line is as wide as this even on a wider terminal; a title never gets less than so many columns.
const WIDEST: usize = 100;
const LEAST_TITLE: usize = 16;

/// The tree.
pub fn render(picture: &Picture, look: &Look) -> String {
    let mut out = String::new();
    draw(&mut out, &picture.rungs, Place::Here { is_unlooked: picture.is_unlooked }, look);
    if !picture.others.is_empty() {
        out.push_str(&format!("\n{}\n", look.paint(Role::Heading, "In other work trees:")));
    }
    for other in &picture.others {
        let place = match &other.directory {
            Some(directory) => text::line(directory.as_os_str().as_encoded_bytes()),
            None => text::line(&other.worktree),
        };
        out.push_str(&format!("{}\n", look.paint(Role::Faint, &text::fit(&place, width(look)))));
        draw(&mut out, &other.rungs, Place::Elsewhere, look);
    }
    out
}

fn width(look: &Look) -> usize {
    look.width.min(WIDEST)
}

/// Whose stack is drawn.
#[derive(Clone, Copy)]
enum Place {
    Here { is_unlooked: bool },
    Elsewhere,
}

fn draw(out: &mut String, rungs: &[Rung], place: Place, look: &Look) {
    for (depth, rung) in rungs.iter().enumerate() {
        let left = rungs.get(depth + 1).and_then(|above| above.since);
        let is_here = rung.is_current && matches!(place, Place::Here { .. });
        let mut facts = facts_of(rung);
        if is_here && matches!(place, Place::Here { is_unlooked: true }) {
            facts.push("changes not looked at".to_owned());
        }
        match left {
            Some(left) => facts.push(format!("left {}", look.since(left))),
            None => facts.extend(rung.since.map(|since| format!("since {}", look.since(since)))),
        }
        let role = if rung.is_current { Role::Name } else { Role::Heading };
        let branch = if depth == 0 { String::new() } else { format!("{}└── ", "    ".repeat(depth - 1)) };
        out.push_str(&line(&branch, &rung.title, role, &facts, is_here, look));
        let indent = "    ".repeat(depth);
        let is_last = depth + 1 == rungs.len();
        draw_children(out, &indent, &rung.children, is_last, look);
    }
}

fn facts_of(rung: &Rung) -> Vec<String> {
    let mut facts = Vec::new();
    if rung.kind == Some(FrameKind::Here) {
        facts.push("same files".to_owned());
    }
    facts.extend(rung.branch.as_deref().map(|branch| format!("on {}", text::fit(&text::line(branch), 32))));
    facts.extend(rung.changes.as_ref().map(|changes| match changes.total() {
        0 => "clean".to_owned(),
        _ => words::changes(changes),
    }));
    facts.extend(rung.operation.as_ref().map(|kind| format!("in a {}", text::line(kind))));
    facts
}

fn draw_children(out: &mut String, indent: &str, children: &[Left], is_last: bool, look: &Look) {
    let hidden = children.len().saturating_sub(SHOWN);
    if hidden > 0 {
        let more = format!("{indent}├── {hidden} earlier");
        out.push_str(&format!("{}\n", look.paint(Role::Faint, &more)));
    }
    let shown = &children[hidden..];
    for (index, child) in shown.iter().enumerate() {
        let corner = if is_last && index + 1 == shown.len() { "└── " } else { "├── " };
        let facts = [format!("{} {}", word(child.state), look.since(child.when))];
        out.push_str(&line(&format!("{indent}{corner}"), &child.title, Role::Faint, &facts, false, look));
    }
}

fn word(state: SessionState) -> &'static str {
    match state {
        SessionState::Complete => "returned",
        other => other.as_str(),
    }
}

/// One session on one line: what does not fit is taken from the title.
fn line(branch: &str, title: &str, role: Role, facts: &[String], is_current: bool, look: &Look) -> String {
    const HERE: &str = "  ← here";
    let facts = facts.join(", ");
    let here = if is_current { HERE } else { "" };
    let taken = text::width(branch) + 2 + text::width(&facts) + text::width(here);
    let room = width(look).saturating_sub(taken).max(LEAST_TITLE);
    let title = text::fit(&text::line(title.split_whitespace().collect::<Vec<_>>().join(" ")), room);
    let room = width(look).saturating_sub(text::width(branch) + text::width(&title) + 2 + text::width(here));
    let facts = text::fit(&facts, room);
    let gap = if facts.is_empty() { "" } else { "  " };
    let (title, facts) = (look.paint(role, &title), look.paint(Role::Faint, &facts));
    format!("{branch}{title}{gap}{facts}{here}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::change::ChangeCounts;
    use crate::ops::stack::picture::OtherStack;

    fn rung(title: &str, minutes: Option<i64>, children: Vec<Left>) -> Rung {
        let now: jiff::Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        Rung {
            session: "x".parse().unwrap(),
            title: title.to_owned(),
            kind: minutes.map(|_| FrameKind::Branch),
            since: minutes.map(|minutes| now - jiff::SignedDuration::from_mins(minutes)),
            is_current: false,
            branch: Some("main".to_owned()),
            changes: Some(ChangeCounts { modified: 2, ..ChangeCounts::default() }),
            operation: None,
            children,
        }
    }

    fn left(title: &str, state: SessionState) -> Left {
        let when = "2026-11-21T11:00:00Z".parse().unwrap();
        Left { session: "y".into(), title: title.into(), state, branch: None, when }
    }

    fn look() -> Look {
        Look::plain("2026-11-21T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn who_was_left_for_whom_is_drawn() {
        let mut top = rung("review PR 123", Some(5), Vec::new());
        top.is_current = true;
        top.operation = Some("rebase".into());
        let fixes = vec![left("bug fix: login (urgent)", SessionState::Complete), left("spike", SessionState::Paused)];
        let rungs = vec![rung("main", None, Vec::new()), rung("User notifications", Some(90), fixes), top];
        let other = OtherStack {
            worktree: "w".into(),
            directory: Some("/work/w".into()),
            rungs: vec![Rung { is_current: true, ..rung("hotfix", Some(3), Vec::new()) }],
        };
        let mut picture = Picture { is_unlooked: false, rungs, others: vec![other] };
        assert_eq!(
            render(&picture, &look()),
            "main  on main, 2 modified, left 1h ago\n\
             └── User notifications  on main, 2 modified, left 5m ago\n    \
             ├── bug fix: login (urgent)  returned 1h ago\n    \
             ├── spike  paused 1h ago\n    \
             └── review PR 123  on main, 2 modified, in a rebase, since 5m ago  ← here\n\
             \n\
             In other work trees:\n/work/w\nhotfix  on main, 2 modified, since 3m ago\n"
        );
        (picture.is_unlooked, picture.rungs[2].changes, picture.rungs[2].operation) = (true, None, None);
        let told = "review PR 123  on main, changes not looked at, since 5m ago  ← here\n";
        assert!(render(&picture, &look()).contains(told));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_nothing_hostile_reaches_it() {
        let hostile = format!("\u{1b}[2J{}\n👩‍👧🔐{}", "long ".repeat(60), "\u{202e}");
        let many = (0..9).map(|_| left(&hostile, SessionState::Cancelled)).collect();
        let mut rungs = vec![rung("main", None, Vec::new())];
        rungs.extend((0..7).map(|_| rung(&hostile, Some(2), Vec::new())));
        rungs.push(rung(&hostile, Some(1), many));
        for rung in &mut rungs {
            rung.branch = Some("b".repeat(300));
            rung.operation = Some("cherry-pick".to_owned());
        }
        let text = render(&Picture { is_unlooked: false, rungs, others: Vec::new() }, &look());
        assert!(text.contains("4 earlier") && !text.contains('\u{1b}') && !text.contains('\u{202e}'));
        for line in text.lines() {
            assert!(text::width(line) <= 80, "{} {line}", text::width(line));
        }
    }
}
