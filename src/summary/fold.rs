//! Makes one of what belongs together: fix-ups with what they mend, reverts with what they take back, near-duplicates.
//!
//! Pure, and linear in the number of items but for small constants. Called by `range` and `layer`.

use std::collections::HashMap;

use super::item::Item;
use super::subject::{Subject, unquoted};
use super::touched::Focus;
use super::weigh::{Weight, weigh_commit};

/// Commits that are one change.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Places of the items, in their order.
    pub items: Vec<usize>,
    pub subject: Subject,
    pub weight: Weight,
    /// How often the same was done.
    pub times: usize,
    /// It was taken back again.
    pub is_cancelled: bool,
    /// The pull requests that brought it, as they are written: `#12`.
    pub numbers: Vec<String>,
}

/// So many pull requests of one change are named.
const MOST_NUMBERS: usize = 6;

/// How far back a small mend looks for what it mends.
const LOOK_BACK: usize = 5;

impl Unit {
    /// What it says, without the numbers of its pull requests.
    pub fn said(&self) -> String {
        let area = self.subject.area.as_ref().map(|area| format!("{area}: ")).unwrap_or_default();
        let times = if self.times > 1 { format!(" (×{})", self.times) } else { String::new() };
        let taken_back = if self.is_cancelled { ", and taken back" } else { "" };
        format!("{area}{}{taken_back}{times}", self.subject.text)
    }

    /// Its pull requests, each as subjects have them at their ends.
    pub fn requests(&self) -> String {
        let told: String = self.numbers.iter().take(MOST_NUMBERS).map(|number| format!(" ({number})")).collect();
        if self.numbers.len() > MOST_NUMBERS { told + " …" } else { told }
    }

    /// As it is told.
    pub fn text(&self) -> String {
        self.said() + &self.requests()
    }
}

/// Folds commits, oldest first.
pub fn fold_commits(items: &[&Item], focus: &Focus) -> Vec<Unit> {
    let mut folding = Folding { items, focus, units: Vec::new(), by_subject: HashMap::new(), by_key: HashMap::new() };
    for place in 0..items.len() {
        folding.add(place);
    }
    folding.units
}

struct Folding<'a> {
    items: &'a [&'a Item],
    focus: &'a Focus,
    units: Vec<Unit>,
    /// The last unit that has an item of this subject, without its number.
    by_subject: HashMap<String, usize>,
    by_key: HashMap<String, usize>,
}

impl Folding<'_> {
    fn add(&mut self, place: usize) {
        let item = self.items[place];
        let subject = Subject::parse(&item.text, &item.body);
        if subject.is_plain_merge {
            return;
        }
        let name = name_of(&item.text);
        let unit = self
            .undone(&subject, item)
            .map(|unit| self.cancel(unit, place, &subject))
            .or_else(|| self.mended(&subject, item, place).map(|unit| self.join(unit, place)))
            .or_else(|| self.repeated(&subject).map(|unit| self.repeat(unit, place, &subject)))
            .unwrap_or_else(|| self.begin(place, subject));
        self.by_subject.insert(name, unit);
    }

    fn begin(&mut self, place: usize, subject: Subject) -> usize {
        let weight = weigh_commit(self.items[place], &subject, self.focus);
        self.by_key.insert(key_of(&subject), self.units.len());
        let numbers = subject.pull_request.iter().cloned().collect();
        self.units.push(Unit { items: vec![place], subject, weight, times: 1, is_cancelled: false, numbers });
        self.units.len() - 1
    }

    /// The unit that a revert takes back, or that is made again by a revert of the revert.
    fn undone(&self, subject: &Subject, item: &Item) -> Option<usize> {
        let by_text = subject.reverts.as_deref().or_else(|| reapplied(&item.text));
        by_text?;
        let by_hash = reverted_hash(&item.body).and_then(|hash| {
            let has = |unit: &Unit| unit.items.iter().any(|&place| self.items[place].id.starts_with(hash));
            self.units.iter().rposition(has)
        });
        by_hash.or_else(|| by_text.and_then(|text| self.by_subject.get(&name_of(text)).copied()))
    }

    fn cancel(&mut self, unit: usize, place: usize, subject: &Subject) -> usize {
        let found = &mut self.units[unit];
        found.items.push(place);
        found.is_cancelled = !found.is_cancelled;
        if found.is_cancelled {
            found.weight = Weight { points: 4, reasons: vec!["taken back"] };
        } else {
            let first = self.items[found.items[0]];
            found.weight = weigh_commit(first, &found.subject, self.focus);
        }
        found.numbers.extend(subject.pull_request.clone());
        unit
    }

    /// What an item mends: by its own word, or because it is a small thing about the same paths right after.
    fn mended(&self, subject: &Subject, item: &Item, place: usize) -> Option<usize> {
        if let Some(target) = &subject.mends {
            let exact = self.by_subject.get(target).copied();
            return exact.or_else(|| {
                let begins = |unit: &Unit| unit.items.iter().any(|&place| self.items[place].text.starts_with(target));
                self.units.iter().rposition(begins)
            });
        }
        if subject.pull_request.is_some() || item.paths.is_empty() || !is_afterthought(&subject.text) {
            return None;
        }
        let shares = |unit: &Unit| {
            let of_unit = unit.items.iter().flat_map(|&place| &self.items[place].paths);
            let of_unit: Vec<&String> = of_unit.take(200).collect();
            let is_near = unit.items.last().is_some_and(|&last| last + LOOK_BACK >= place);
            is_near && unit.subject.pull_request.is_none() && item.paths.iter().all(|path| of_unit.contains(&path))
        };
        self.units.iter().rposition(shares)
    }

    fn join(&mut self, unit: usize, place: usize) -> usize {
        self.units[unit].items.push(place);
        unit
    }

    fn repeated(&self, subject: &Subject) -> Option<usize> {
        self.by_key.get(&key_of(subject)).copied().filter(|&unit| !self.units[unit].is_cancelled)
    }

    fn repeat(&mut self, unit: usize, place: usize, subject: &Subject) -> usize {
        let weight = weigh_commit(self.items[place], &self.units[unit].subject, self.focus);
        let found = &mut self.units[unit];
        found.items.push(place);
        found.times += 1;
        found.numbers.extend(subject.pull_request.clone());
        if weight.points > found.weight.points {
            found.weight = weight;
        }
        unit
    }
}

/// A subject without the number of its pull request.
fn name_of(subject: &str) -> String {
    let mut rest = subject.trim();
    while let Some((before, number)) = rest.strip_suffix(')').and_then(|inner| inner.rsplit_once(" (#")) {
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        rest = before;
    }
    rest.to_owned()
}

fn key_of(subject: &Subject) -> String {
    let area = subject.area.as_deref().unwrap_or_default();
    format!("{area}:{}", key(&subject.text))
}

/// What near-duplicates have in common: the words, whatever numbers stand between them.
pub fn key(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(200));
    let mut is_number = false;
    for one in text.chars().take(200) {
        if one.is_ascii_digit() {
            if !is_number {
                out.push('0');
            }
            is_number = true;
        } else {
            is_number = false;
            if one.is_alphanumeric() {
                out.extend(one.to_lowercase());
            } else if !out.ends_with(' ') {
                out.push(' ');
            }
        }
    }
    out.trim().to_owned()
}

fn reverted_hash(body: &str) -> Option<&str> {
    let rest = body.split("This reverts commit ").nth(1)?;
    let hash = rest.split(|one: char| !one.is_ascii_hexdigit()).next()?;
    (hash.len() >= 7).then_some(hash)
}

fn reapplied(subject: &str) -> Option<&str> {
    subject.strip_prefix("Reapply ").map(unquoted)
}

/// `oops`, `fix the build`, `address review`, `typo`: about what was done a moment ago.
fn is_afterthought(text: &str) -> bool {
    const ALONE: [&str; 12] = [
        "oops",
        "wip",
        "fix build",
        "fix the build",
        "fix ci",
        "typo",
        "fix typo",
        "fmt",
        "cargo fmt",
        "lint",
        "fix lint",
        "format",
    ];
    const BEGINNINGS: [&str; 8] = [
        "address review",
        "address comment",
        "review comment",
        "forgot",
        "fix test",
        "fix compil",
        "fixup",
        "apply suggestion",
    ];
    let lower = text.to_lowercase();
    let lower = lower.trim_matches(['.', '!', ' ']);
    ALONE.contains(&lower) || BEGINNINGS.iter().any(|start| lower.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::EventKind;

    fn folded(commits: &[(&str, &str, &[&str])]) -> Vec<String> {
        let make = |(place, (subject, body, paths)): (usize, &(&str, &str, &[&str]))| {
            let mut item = Item::new(
                format!("{:040x}", place + 0xabc_0000),
                jiff::Timestamp::UNIX_EPOCH,
                EventKind::Commit,
                *subject,
            );
            item.body = (*body).to_owned();
            item.paths = paths.iter().map(|path| (*path).to_owned()).collect();
            item
        };
        let items: Vec<Item> = commits.iter().enumerate().map(make).collect();
        let units = fold_commits(&items.iter().collect::<Vec<_>>(), &Focus::default());
        let all: usize = units.iter().map(|unit| unit.items.len()).sum();
        let merges = commits.iter().filter(|(subject, ..)| subject.starts_with("Merge branch")).count();
        assert_eq!(all + merges, commits.len(), "every commit is in one unit");
        units.iter().map(Unit::text).collect()
    }

    #[test]
    fn near_duplicates_are_counted() {
        let texts = folded(&[
            ("fix lint", "", &[]),
            ("Fix lint.", "", &[]),
            ("bump a from 1.0 to 1.1", "", &[]),
            ("bump a from 1.1 to 1.2", "", &[]),
            ("bump b from 1.1 to 1.2", "", &[]),
        ]);
        assert_eq!(texts, ["fix lint (×2)", "bump a from 1.0 to 1.1 (×2)", "bump b from 1.1 to 1.2"]);
    }

    #[test]
    fn what_is_taken_back_cancels_and_says_so() {
        let texts = folded(&[("add x (#1)", "", &[]), ("Revert \"add x (#1)\" (#2)", "", &[]), ("add y", "", &[])]);
        assert_eq!(texts, ["add x, and taken back (#1) (#2)", "add y"]);
        let again =
            folded(&[("add x", "", &[]), ("Revert \"add x\"", "", &[]), ("Revert \"Revert \"add x\"\"", "", &[])]);
        assert_eq!(again, ["add x"]);
        let again = folded(&[("add x", "", &[]), ("Revert \"add x\"", "", &[]), ("Reapply \"add x\"", "", &[])]);
        assert_eq!(again, ["add x"]);
        let by_hash = folded(&[
            ("add x", "", &[]),
            ("Revert \"another name\"", "This reverts commit 0000000000000000000000000000000000abcffff", &[]),
        ]);
        assert_eq!(by_hash.len(), 2, "another hash is another commit");
        let unknown = folded(&[("Revert \"something older\"", "", &[])]);
        assert_eq!(unknown, ["Revert \"something older\""]);
    }

    #[test]
    fn mends_fold_into_what_they_mend() {
        let texts = folded(&[
            ("add x", "", &["src/x.rs"]),
            ("add y", "", &["src/y.rs"]),
            ("fixup! add x", "", &["src/x.rs"]),
            ("oops", "", &["src/y.rs"]),
            ("fix typo (#4)", "", &["src/y.rs"]),
            ("Merge branch 'main' into z", "", &[]),
        ]);
        assert_eq!(texts, ["add x", "add y", "fix typo (#4)"]);
    }

    proptest::proptest! {
        #[test]
        fn every_commit_is_in_one_unit(subjects in proptest::collection::vec("(Revert |Reapply |fixup! |oops|add |Merge branch ')?\"?[ab]\"?( \\(#1\\))?", 0..12)) {
            let items: Vec<Item> = subjects.iter().enumerate().map(|(at, subject)| {
                Item::new(format!("{at:040x}"), jiff::Timestamp::UNIX_EPOCH, EventKind::Commit, subject.clone())
            }).collect();
            let units = fold_commits(&items.iter().collect::<Vec<_>>(), &Focus::default());
            let mut places: Vec<usize> = units.iter().flat_map(|unit| unit.items.clone()).collect();
            places.sort_unstable();
            places.dedup();
            let merges = items.iter().filter(|item| Subject::parse(&item.text, "").is_plain_merge).count();
            proptest::prop_assert_eq!(places.len() + merges, items.len());
        }
    }
}
