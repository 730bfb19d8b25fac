//! How much a change matters to whoever uses the software or goes on with the work.
//!
//! Points for reasons that hold in any project: what it touches, what sort of change it says to be, what its lines show,
//! how far it reaches. They add up; each reason that counted is told. Pure; called by `fold` and `layer`.

use super::hints;
use super::item::{Item, Signs};
use super::subject::{Sort, Subject};
use super::touched::{Focus, Touched};
use crate::model::event::EventKind;

/// A weight, and the reasons for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Higher matters more; an ordinary change has about 55, what nobody needs to know is below 35. From 0 to 100.
    pub points: u8,
    /// The strongest first.
    pub reasons: Vec<&'static str>,
}

#[derive(Default)]
struct Points {
    reasons: Vec<(i32, &'static str)>,
}

impl Points {
    fn add(&mut self, points: i32, reason: &'static str) {
        if points != 0 {
            self.reasons.push((points, reason));
        }
    }

    fn add_if(&mut self, condition: bool, points: i32, reason: &'static str) {
        if condition {
            self.add(points, reason);
        }
    }

    fn weight(mut self) -> Weight {
        const MIDDLE: i32 = 40;
        const TOLD: usize = 4;
        let sum: i32 = self.reasons.iter().map(|(points, _)| points).sum();
        self.reasons.sort_by_key(|(points, reason)| (-points.abs(), *reason));
        let reasons = self.reasons.into_iter().filter(|(points, _)| points.abs() > 2).take(TOLD);
        Weight { points: squeezed(MIDDLE + sum), reasons: reasons.map(|(_, reason)| reason).collect() }
    }
}

/// Into 0 to 100, evenly: between the least and the most that reasons come to.
fn squeezed(points: i32) -> u8 {
    const LEAST: i32 = -60;
    const MOST: i32 = 150;
    let part = (points.clamp(LEAST, MOST) - LEAST) * 100 / (MOST - LEAST);
    u8::try_from(part).expect("it is between 0 and 100")
}

/// Weighs a commit.
pub fn weigh_commit(item: &Item, subject: &Subject, focus: &Focus) -> Weight {
    let touched = Touched::of(item.paths.iter().map(String::as_str), focus);
    let mut points = Points::default();
    by_ground(&mut points, &touched, item.extent.files, subject.sort);
    by_sort(&mut points, subject, &touched, &item.signs);
    by_signs(&mut points, &item.signs, subject, &touched);
    by_size(&mut points, item, &touched);
    by_words(&mut points, subject, &item.body);
    points.weight()
}

/// Where nothing is known of the paths nothing is said of them.
fn by_ground(points: &mut Points, touched: &Touched, files: u32, sort: Sort) {
    if *touched == Touched::default() {
        points.add_if(files == 0, -10, "changes no file");
        return;
    }
    let is_more = touched.source + touched.source_of_parts + touched.tests + touched.documents > 0;
    points.add_if(touched.changelogs > 0 && is_more && sort != Sort::Release, 26, "in the changelog");
    if touched.source > 0 {
        points.add(22, "touches the source");
        // What behaves in another way is tested and described; what is only written in another way is not.
        points.add_if(touched.tests > 0, if sort.is_inside() { 4 } else { 16 }, "tests beside the source");
        points.add_if(touched.documents > 0, 12, "documents beside the source");
        return;
    }
    if touched.source_of_parts > 0 {
        return points.add(8, "touches what it is built of");
    }
    if touched.manifests > 0 {
        return points.add(-6, "touches the manifest alone");
    }
    points.add_if(touched.source_elsewhere > 0, -40, "another package");
    let rest = [
        (touched.documents, -14, "texts alone"),
        (touched.tests, -30, "tests alone"),
        (touched.examples, -30, "examples alone"),
        (touched.benches, -32, "benches alone"),
        (touched.changelogs, -34, "the changelog alone"),
        (touched.settings, -34, "settings alone"),
        (touched.machinery, -42, "the project's own machinery"),
    ];
    if touched.source_elsewhere == 0
        && let Some((_, penalty, reason)) = rest.into_iter().find(|(count, ..)| *count > 0)
    {
        points.add(penalty, reason);
    }
}

fn by_sort(points: &mut Points, subject: &Subject, touched: &Touched, signs: &Signs) {
    let has_source = touched.source > 0;
    let (value, reason) = match subject.sort {
        Sort::Feature => (16, "a feature"),
        Sort::Fix => (16, "a fix"),
        Sort::Removal => (if is_missed(subject, signs) { 14 } else { 0 }, "takes something away"),
        Sort::Performance => (12, "performance"),
        Sort::Change => (10, "a change of behaviour"),
        // Who calls it `docs:` has seldom written of the interface.
        Sort::Documentation => (if has_source && !subject.is_declared { 0 } else { -8 }, "documentation"),
        Sort::Other => (0, ""),
        Sort::Dependency => (-10, "a dependency"),
        Sort::Refactoring => (-20, "refactoring"),
        Sort::Test => (-22, "tests"),
        Sort::Chore => (if has_source { -14 } else { -24 }, "a chore"),
        Sort::Style => (-30, "looks alone"),
        Sort::Release => (-70, "prepares a release"),
    };
    points.add(value, reason);
    points.add_if(subject.is_breaking, 30, "breaks something");
    points.add_if(subject.is_security, 24, "security");
    points.add_if(subject.reverts.is_some(), 8, "takes something back");
}

/// Whether somebody misses what is gone: it could be used, or is named as what it is called.
fn is_missed(subject: &Subject, signs: &Signs) -> bool {
    let first = subject.text.split_whitespace().next().unwrap_or_default().to_lowercase();
    let is_said = first.starts_with("deprecat") || first.starts_with("drop") || subject.text.contains('`');
    is_said || signs.is_read && signs.gone_public > 0
}

/// What the lines show goes before what the words claim.
fn by_signs(points: &mut Points, signs: &Signs, subject: &Subject, touched: &Touched) {
    if !signs.is_read || touched.source == 0 {
        return;
    }
    points.add_if(signs.is_layout, -34, "white space alone");
    points.add_if(signs.new_public > 0 && !subject.sort.is_inside(), 10, "new public items");
    points.add_if(signs.gone_public > 0 && subject.sort != Sort::Refactoring, 3, "public items changed");
    let code = signs.code - signs.imports.min(signs.code);
    if code > 0 || signs.is_layout {
        return;
    }
    if signs.documentation > 0 {
        points.add(if signs.documentation > 2 { -4 } else { -8 }, "documentation in the source");
    } else if signs.comments > 0 {
        points.add(-34, "comments alone");
    } else if signs.imports > 0 {
        points.add(-18, "imports alone");
    }
}

fn by_size(points: &mut Points, item: &Item, touched: &Touched) {
    let lines = item.extent.added + item.extent.removed;
    let size = (f64::from(lines) + 1.0).log2() * 1.2;
    if touched.source > 0 {
        points.add((size.min(10.0)) as i32, "its size");
    }
    points.add_if(item.extent.files > 40 && touched.source > 20, -6, "reaches everywhere");
}

fn by_words(points: &mut Points, subject: &Subject, body: &str) {
    for (value, reason) in hints::of_text(&subject.text).into_iter().chain(hints::of_body(body)) {
        points.add(value, reason);
    }
}

/// Weighs what is no commit: by its kind, and by what it says.
pub fn weigh_event(item: &Item) -> Weight {
    let (value, reason) = match &item.kind {
        EventKind::Decision | EventKind::Pin => (50, "a decision"),
        EventKind::Issue | EventKind::Failure => (36, "a problem"),
        EventKind::IssueDone => (34, "a problem solved"),
        EventKind::Next => (34, "a next step"),
        EventKind::Note => (24, "a note"),
        // What was done says more than that it was begun or saved.
        EventKind::Session | EventKind::Return | EventKind::Branch => (-2, "a turn of the work"),
        EventKind::Checkpoint => (-4, "a checkpoint"),
        EventKind::Commit | EventKind::Merge => (22, "a commit"),
        EventKind::TodoDone | EventKind::Check => (20, "something done"),
        EventKind::Todo => (12, "something to do"),
        EventKind::Prompt => (8, "asked for"),
        EventKind::Tool | EventKind::Command if item.is_failed => (20, "it failed"),
        EventKind::Rewrite => (0, "history rewritten"),
        EventKind::Context => (-6, "the context"),
        EventKind::Checkout => (-10, "a checkout"),
        EventKind::Tool | EventKind::Command => (-20, "a tool"),
        EventKind::Unpin | EventKind::Variable => (-24, "bookkeeping"),
        EventKind::Other(_) => (-10, "of another kind"),
    };
    let mut points = Points::default();
    points.add(value, reason);
    points.weight()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(subject: &str, paths: &[&str]) -> Item {
        let mut item = Item::new("c", jiff::Timestamp::UNIX_EPOCH, EventKind::Commit, subject);
        item.paths = paths.iter().map(|path| (*path).to_owned()).collect();
        item.extent = super::super::item::Extent { files: paths.len() as u32, added: 20, removed: 5 };
        item
    }

    fn points(subject: &str, paths: &[&str]) -> u8 {
        weigh_commit(&commit(subject, paths), &Subject::parse(subject, ""), &Focus::default()).points
    }

    #[test]
    fn what_users_notice_weighs_more_than_what_they_do_not() {
        let ordered = [
            ("sync: fix unsound access in `watch`", &["src/sync/watch.rs", "tests/watch.rs"][..]),
            ("sync: add `try_recv` to `watch`", &["src/sync/watch.rs"]),
            ("reword the error of parsing", &["src/parse.rs"]),
            ("refactor the parser", &["src/parse.rs"]),
            ("add a guide", &["docs/guide.md"]),
            ("test the timer", &["tests/watch.rs"]),
            ("ci: build on macOS", &[".github/workflows/ci.yml"]),
            ("chore: prepare v1.2.0", &["Cargo.toml", "CHANGELOG.md"]),
        ];
        for pair in ordered.windows(2) {
            let [(one, one_paths), (other, other_paths)] = [pair[0], pair[1]];
            let (left, right) = (points(one, one_paths), points(other, other_paths));
            assert!(left > right, "{one} has {left}, {other} has {right}");
        }
    }

    #[test]
    fn lines_say_more_than_words() {
        let mut item = commit("sync: fix the handling of permits", &["src/sync/semaphore.rs"]);
        let subject = Subject::parse(&item.text, "");
        let weigh = |item: &Item| weigh_commit(item, &subject, &Focus::default());
        let plain = weigh(&item);
        item.signs = Signs { is_read: true, comments: 3, ..Signs::default() };
        assert!(weigh(&item).points + 10 < plain.points);
        assert!(weigh(&item).reasons.contains(&"comments alone"), "{:?}", weigh(&item));
        item.signs = Signs { is_read: true, code: 9, new_public: 1, ..Signs::default() };
        assert!(weigh(&item).points > plain.points);
    }

    #[test]
    fn another_package_is_not_what_a_release_is_about() {
        let item = commit("add `Framed::map`", &["util/src/framed.rs"]);
        let subject = Subject::parse(&item.text, "");
        let focus = Focus { own: vec!["main/".into()], parts: Vec::new() };
        let far = weigh_commit(&item, &subject, &focus);
        assert!(far.points + 20 < weigh_commit(&item, &subject, &Focus::default()).points);
        assert_eq!(far.reasons[0], "another package");
    }

    #[test]
    fn points_stay_in_order_and_in_bounds() {
        let all: Vec<u8> = (-300..300).map(squeezed).collect();
        assert!(all.is_sorted());
        assert_eq!((all[0], all[599]), (0, 100));
    }
}
