//! The answer of `ckpt verify`.

use super::look::Look;
use super::markdown::handle_of;
use super::style::Role;
use super::{text, words};
use crate::ops::verify::{Finding, Problem, Scope, Subject, Verified, VerifyRequest};

/// So many subjects are told; the rest is counted.
const SHOWN: usize = 40;

/// So many checkpoints are named that one inside was saved with.
const SHOWN_NAMES: usize = 3;

/// What is damaged, what is in doubt, and what is whole.
pub fn render(verified: &Verified, request: &VerifyRequest, look: &Look) -> String {
    let mut out = String::new();
    let (doubts, damages): (Vec<&Finding>, Vec<&Finding>) = verified.findings.iter().partition(|one| one.is_doubt);
    push_findings(&mut out, "Damaged", Role::Error, &damages, look);
    push_findings(&mut out, "In doubt", Role::Warning, &doubts, look);
    out.push_str(&totals(verified, request));
    if let Some(signed) = &verified.signed {
        let when = signed.time.map(|time| format!("{} ", look.since(time))).unwrap_or_default();
        out.push_str(&format!("Signed {when}by {}\n", text::line(&signed.key)));
    }
    if let Some(newest) = &verified.newest_whole {
        let summary = &newest.summary;
        let subject = text::line(&summary.subject);
        let line = format!("The newest that is whole: {} {subject}", handle_of(&newest.names, &summary.id));
        out.push_str(&format!("{}\n", text::fit(&line, look.width)));
    }
    out
}

fn push_findings(out: &mut String, title: &str, role: Role, findings: &[&Finding], look: &Look) {
    if findings.is_empty() {
        return;
    }
    out.push_str(&format!("{}\n", look.paint(role, &format!("{title}:"))));
    let groups: Vec<&[&Finding]> = findings.chunk_by(|one, other| one.subject == other.subject).collect();
    for group in groups.iter().take(SHOWN) {
        out.push_str(&format!("  {}\n", subject(&group[0].subject, look)));
        for finding in *group {
            let told = text::wrap(&text::line(&finding.detail), look.width.saturating_sub(4).max(20));
            told.lines().for_each(|line| out.push_str(&format!("    {line}\n")));
        }
    }
    if groups.len() > SHOWN {
        out.push_str(&format!("  and {} more; `--json` has them all\n", groups.len() - SHOWN));
    }
}

fn subject(subject: &Subject, look: &Look) -> String {
    let of_worktree = |what: &str, key: &str| match key {
        "" => what.to_owned(),
        key => format!("{what} of work tree {}", text::line(key)),
    };
    match subject {
        Subject::Checkpoint { id, names } => {
            let names: Vec<String> = names.iter().map(|name| look.paint(Role::Name, &text::line(name))).collect();
            format!("checkpoint {} {}", look.paint(Role::Id, &id.short()), names.join(" ")).trim_end().to_owned()
        }
        Subject::Inside { path, id, outer } => format!(
            "checkpoint {} in {}, saved with {}",
            look.paint(Role::Id, &id.short()),
            text::line(path),
            several(outer)
        ),
        Subject::Session(name) => format!("session {}", look.paint(Role::Name, &text::line(name))),
        Subject::Operations(key) => of_worktree("operation log", key),
        Subject::Stack(key) => of_worktree("stack", key),
        Subject::Ref(name) => text::line(name),
        Subject::Anchors => "anchors".to_owned(),
    }
}

/// The first of some names, and how many more there are.
fn several(names: &[String]) -> String {
    let told: Vec<String> = names.iter().take(SHOWN_NAMES).map(text::line).collect();
    match names.len() - told.len() {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}

fn totals(verified: &Verified, request: &VerifyRequest) -> String {
    let points = words::count(verified.checkpoints, "checkpoint");
    let looked = match (verified.sessions.as_slice(), &request.scope) {
        (_, Scope::Point(_)) => points.clone(),
        ([], _) => format!("{points}, no session"),
        ([one], _) => format!("{points}, session {}", text::line(one)),
        (several, _) => format!("{points}, {}", words::count(several.len() as u64, "session")),
    };
    let data = match request.read_data {
        true => format!(", {} read", words::bytes(verified.bytes_read)),
        false => String::new(),
    };
    let objects = words::count(verified.objects, "object");
    let inside = words::count(verified.inside, "checkpoint");
    if !verified.is_damaged() {
        let accepted = if verified.is_accepted { "Taken for right and whole" } else { "Whole" };
        let inside = if verified.inside > 0 { format!(", {inside} inside") } else { String::new() };
        return format!("{accepted}: {looked}{inside} ({objects}{data})\n");
    }
    let sessions = match verified.sessions.len() as u64 {
        0 => String::new(),
        all => format!(", {} of {}", verified.whole_sessions.len(), words::count(all, "session")),
    };
    let inside = match verified.inside {
        0 => String::new(),
        _ => format!(", {} of {inside} inside", verified.whole_inside),
    };
    let whole = words::count_as(verified.whole_checkpoints, "", "");
    format!("Unaffected: {} of {points}{sessions}{inside} ({objects}{data})\n", whole.trim_end())
}

/// Of a finding inside: what is around it.
fn saved_with(finding: &Finding) -> Option<String> {
    match &finding.subject {
        Subject::Inside { outer, .. } => outer.first().map(text::line),
        _ => None,
    }
}

/// What to type next.
pub fn hints(verified: &Verified) -> Vec<String> {
    let has = |problems: &[Problem]| verified.findings.iter().any(|finding| problems.contains(&finding.problem));
    let mut hints = Vec::new();
    let is_lost = |one: &Finding| !one.is_doubt && matches!(one.problem, Problem::Missing | Problem::Damaged);
    if verified.findings.iter().any(is_lost) {
        hints.push("fetch the objects from another copy of the repository, or look with `git fsck`".to_owned());
    }
    if let Some(outer) = verified.findings.iter().find_map(saved_with) {
        hints.push(format!("without `--recurse-submodules` all of the rest can be loaded: `ckpt load {outer}`"));
    }
    if has(&[Problem::Hostile]) {
        hints.push("do not trust where this came from; take it away with `ckpt drop ID`".to_owned());
    }
    if has(&[Problem::Misnamed]) {
        hints.push("remove a ref that ckpt did not make with `git update-ref -d REF`".to_owned());
    }
    if has(&[Problem::Newer]) {
        hints.push("install the newest ckpt".to_owned());
    }
    if has(&[Problem::RolledBack, Problem::Rewritten, Problem::Gone]) {
        hints.push("what was there may still be found: `git fsck --lost-found`, `git log ID`".to_owned());
    }
    if has(&[Problem::RolledBack, Problem::Rewritten, Problem::Gone, Problem::Unknown]) {
        hints.push("if it was you who changed it: `ckpt verify --accept`".to_owned());
    }
    if has(&[Problem::BadSignature]) {
        hints.push("if it is your key that changed, and all is well: `ckpt verify --accept --sign`".to_owned());
    }
    if verified.lacks_signature && !verified.is_damaged() {
        hints.push("your git signs commits; sign what is here with `ckpt verify --sign`".to_owned());
    }
    if let Some(newest) = verified.newest_whole.as_ref() {
        hints.push(format!(
            "go on from what is whole with `ckpt load {}`",
            handle_of(&newest.names, &newest.summary.id)
        ));
    }
    hints
}
