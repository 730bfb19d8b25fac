//! The answer of `ckpt doctor`.

use super::look::Look;
use super::style::Role;
use super::{text, words};
use crate::ops::doctor::{Check, Diagnosis, Mending, Severity, Symptom};

/// Widest name of a check.
const NAME_WIDTH: usize = 10;

/// A line for each check; below it what was found, and what to type.
pub fn render(diagnosis: &Diagnosis, look: &Look) -> String {
    let mut out = String::new();
    for check in &diagnosis.checks {
        push_check(&mut out, check, look);
    }
    let mended = diagnosis.with(Mending::Done) as u64;
    if mended > 0 {
        out.push_str(&format!("Mended {}\n", words::count(mended, "thing")));
    }
    match diagnosis.problems() as u64 {
        0 => out.push_str("Nothing needs a hand\n"),
        1 => out.push_str("1 thing needs a hand\n"),
        number => out.push_str(&format!("{} need a hand\n", words::count(number, "thing"))),
    }
    out
}

fn push_check(out: &mut String, check: &Check, look: &Look) {
    let is_open = |one: &&Symptom| one.mending != Mending::Done;
    let worst = check.symptoms.iter().filter(is_open).map(|one| one.severity).max();
    let (role, word) = match worst {
        None => (Role::Added, "ok"),
        Some(Severity::Hint) => (Role::Hint, "hint"),
        Some(Severity::Problem) => (Role::Error, "wrong"),
    };
    let mark = look.paint(role, &text::pad(word, 5));
    let told = text::fit(&text::line(&check.told), look.width.saturating_sub(NAME_WIDTH + 9).max(20));
    out.push_str(&format!("{mark}  {}  {told}\n", text::pad(check.name, NAME_WIDTH)));
    for symptom in &check.symptoms {
        let mended = if symptom.mending == Mending::Done { "mended: " } else { "" };
        push_wrapped(out, "       ", &format!("{mended}{}", text::line(&symptom.message)), look);
        if symptom.mending != Mending::Done {
            symptom.hints.iter().for_each(|hint| push_wrapped(out, "         ", &text::line(hint), look));
        }
    }
}

fn push_wrapped(out: &mut String, indent: &str, told: &str, look: &Look) {
    let room = look.width.saturating_sub(indent.len()).max(20);
    text::wrap(told, room).lines().for_each(|line| out.push_str(&format!("{indent}{line}\n")));
}
