//! The layers over thousands of generated histories: always within the budget, what stands always there, what was
//! compressed at once the same as what was compressed bit by bit.

use crate::model::event::EventKind;
use jiff::Timestamp;

use super::age::Ages;
use super::history::{Layers, full_line, full_lines};
use super::item::Item;
use super::line::{Line, Part};
use super::select::{Form, LeftOut, Limit, Room, choose};
use super::standing::{KeptKind, Standing};
use super::tokens::{TokenCounter, Tokens};

/// Numbers that are the same for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.next(words.len() as u64) as usize]
    }
}

struct Plain;

impl Form for Plain {
    fn render(&self, lines: &[Line], left_out: &LeftOut, is_bare: bool) -> String {
        let mut out = String::new();
        for line in lines {
            let first = line.sources.first().map(|id| &id[..id.len().min(8)]).unwrap_or_default();
            out.push_str(&format!("{} [{first}]\n", line.text));
        }
        let missing = left_out.kept + left_out.other;
        if missing > 0 && !is_bare {
            out.push_str(&format!("({} that must be kept and {} more)\n", left_out.kept, left_out.other));
        }
        out
    }
}

const WORDS: [&str; 12] =
    ["parser", "the token", "a cache", "slow", "login", "store", "index", "日本語", "fix", "retry", "émigré", "race"];

fn text(random: &mut Random) -> String {
    let count = 2 + random.next(9);
    (0..count).map(|_| random.pick(&WORDS)).collect::<Vec<_>>().join(" ")
}

fn history(seed: u64, length: u64) -> Vec<Item> {
    let mut random = Random(seed);
    let mut second = 1_790_000_000_i64;
    let mut items: Vec<Item> = Vec::new();
    for number in 0..length {
        second += match random.next(40) {
            0 => 3 * 86_400,
            1 => -500,
            2 | 3 => 4000,
            _ => random.next(300) as i64,
        };
        let kind = match random.next(60) {
            0 => EventKind::Decision,
            1 => EventKind::Issue,
            2 => EventKind::Next,
            3 | 4 => EventKind::Note,
            5 | 6 => EventKind::IssueDone,
            7 => EventKind::TodoDone,
            8..=12 => EventKind::Commit,
            13..=18 => EventKind::Prompt,
            19..=22 => EventKind::Command,
            23 => EventKind::Checkpoint,
            24 => EventKind::Pin,
            25 => EventKind::Other("strange".into()),
            _ => EventKind::Tool,
        };
        let mut item = Item::new(
            format!("{:012x}", seed * 1_000_003 + number),
            Timestamp::from_second(second).unwrap(),
            kind,
            text(&mut random),
        );
        item.is_failed = random.next(12) == 0;
        item.paths = vec![format!("src/{}/x{}.rs", random.pick(&["a", "b", "c"]), random.next(5))];
        match item.kind {
            EventKind::Pin => item.about = items.last().map(|item| item.id.clone()),
            // What is closed is something that was said.
            EventKind::IssueDone | EventKind::TodoDone => {
                let wanted = if item.kind == EventKind::IssueDone { EventKind::Issue } else { EventKind::Next };
                if let Some(said) = items.iter().rev().find(|item| item.kind == wanted) {
                    item.text = said.text.clone();
                }
            }
            _ => {}
        }
        items.push(item);
    }
    items
}

fn standing(items: &[Item]) -> Standing {
    let mut standing = Standing::default();
    items.iter().for_each(|item| drop(standing.feed(item)));
    standing
}

fn now(items: &[Item]) -> Timestamp {
    items.last().map_or(Timestamp::UNIX_EPOCH, |item| item.time)
}

#[test]
fn every_history_keeps_to_its_budget_and_keeps_what_stands() {
    let tokens = Tokens::load();
    let mut kept_in_full = 0;
    for seed in 0..5200 {
        let items = history(seed, seed % 70);
        let layers = Layers::default();
        let view = layers.view(&items, now(&items), &Ages::default(), &|_| true);
        let standing = standing(&items);
        let all = [view.lines(), view.detailed(), view.brief()];
        let lines = &all[(seed % 3) as usize];
        for kept in standing.iter() {
            let is_told = |line: &Line| line.is_kept && line.sources.contains(&kept.id);
            assert!(lines.iter().any(is_told), "{seed}: {kept:?} is in no line");
        }
        let budget = 20 + (seed as usize * 37) % 1500;
        let room = Room { limit: Limit::Tokens(budget), lines: (seed % 5 == 0).then_some(12) };
        match choose(lines, room, &Plain, &tokens) {
            Ok(chosen) => {
                let count = tokens.count(&chosen.text);
                assert!(count <= budget && chosen.tokens >= count, "{seed}: {count} of {budget}");
                assert!(room.lines.is_none_or(|most| chosen.text.lines().count() <= most), "{seed}");
                let is_complete = chosen.left_out.kept == 0;
                // What must be kept goes only when nothing else is left.
                assert!(is_complete || chosen.lines.iter().all(|line| line.is_kept), "{seed}");
                assert!(is_complete || room.lines.is_some() || chosen.text.contains("that must be kept"), "{seed}");
                kept_in_full += usize::from(is_complete);
            }
            Err(small) => assert!(small.least > budget, "{seed}"),
        }
    }
    assert!(kept_in_full > 4000, "{kept_in_full}");
}

#[test]
fn compressed_bit_by_bit_is_the_same_as_at_once() {
    for seed in 0..40 {
        let items = history(seed, 900);
        let ages = Ages::default();
        let mut at_once = Layers::default();
        let fed = at_once.feed(&items, now(&items), &ages, false);
        let (mut bit_by_bit, mut start) = (Layers::default(), 0);
        for end in (0..=items.len()).step_by(37).chain([items.len()]) {
            let text = bit_by_bit.to_text();
            bit_by_bit = Layers::parse(text.as_bytes()).unwrap();
            start += bit_by_bit.feed(&items[start..end], now(&items[..end]), &ages, false);
        }
        assert_eq!(start, fed, "{seed}");
        assert!(bit_by_bit.to_text() == at_once.to_text(), "{seed}");
    }
}

#[test]
fn five_hundred_events_come_to_a_quarter_and_to_a_twentieth() {
    let tokens = Tokens::load();
    for seed in [3, 11, 19] {
        let mut items = history(seed, 500);
        // Real events say more than three words.
        for item in items
            .iter_mut()
            .filter(|item| matches!(item.kind, EventKind::Tool | EventKind::Command | EventKind::Prompt))
        {
            item.text.push_str(" and what came of it was told in a sentence of its own, which is long");
            item.is_failed = false;
        }
        let keep = |item: &Item| {
            !matches!(item.kind, EventKind::Decision | EventKind::Issue | EventKind::Next | EventKind::Pin)
        };
        let mut said = 0;
        items.retain(|item| {
            keep(item) || {
                said += 1;
                said % 3 == 0
            }
        });
        let view = Layers::default().view(&items, now(&items), &Ages::default(), &|_| true);
        let count = |lines: &[Line]| tokens.count(&Plain.render(lines, &LeftOut::default(), true));
        let full = count(&full_lines(&items, &|_| true));
        let (detailed, brief) = (count(&view.detailed()), count(&view.brief()));
        assert!(detailed * 4 <= full, "{seed}: layer 2 has {detailed} of {full}");
        assert!(brief * 20 <= full, "{seed}: layer 3 has {brief} of {full}");
    }
}

#[test]
fn what_was_done_is_told_before_that_it_was_begun_and_saved() {
    let start = Timestamp::from_second(1_790_000_000).unwrap();
    let said = [
        (EventKind::Session, "started \"login\""),
        (EventKind::Commit, "handle the empty password"),
        (EventKind::Commit, "try argon2"),
        (EventKind::Checkpoint, "it works"),
        (EventKind::Commit, "count what failed"),
    ];
    let item = |(at, (kind, text)): (usize, (EventKind, &str))| {
        let time = start + jiff::SignedDuration::from_secs(at as i64);
        let mut item = Item::new(format!("{at:012x}"), time, kind, text);
        item.extent.files = 1;
        item
    };
    let items: Vec<Item> = said.into_iter().enumerate().map(item).collect();
    let mut layers = Layers::default();
    layers.feed(&items, start, &Ages::default(), true);
    let told: Vec<String> = layers.digests[0].lines.iter().map(|line| line.text.clone()).collect();
    assert_eq!(told, ["handle the empty password", "try argon2", "count what failed"]);
}

#[test]
fn a_hundred_thousand_events_of_one_second_are_bounded() {
    let time = Timestamp::from_second(1_790_000_000).unwrap();
    let item = |number: u64| Item::new(format!("{number:012x}"), time, EventKind::Tool, "the same tool again");
    let items: Vec<Item> = (0..100_000).map(item).collect();
    let mut layers = Layers::default();
    let fed = layers.feed(&items, time, &Ages::default(), false);
    assert!(fed >= 99_000, "{fed}");
    assert!(layers.to_text().len() < 400_000, "{}", layers.to_text().len());
    let view = layers.view(&items[fed..], time, &Ages::default(), &|_| true);
    assert!(view.lines().len() < 1500 && view.rest().len() <= 500);
    let told: usize = view.brief().iter().filter(|line| line.part == Part::Earlier).map(|line| line.count).sum();
    assert_eq!(told, 100_000, "none of it is lost");
    assert!(view.brief().len() <= 24);
}

#[test]
fn odd_histories_are_told() {
    let empty = Layers::default().view(&[], Timestamp::UNIX_EPOCH, &Ages::default(), &|_| true);
    assert_eq!((empty.lines(), empty.detailed(), empty.brief()), (vec![], vec![], vec![]));
    let odd = Item::new(
        "abc",
        Timestamp::MIN,
        EventKind::Other("of a newer ckpt\u{1b}[2J".into()),
        "\0\u{1b}".repeat(100_000),
    );
    let one = Layers::default().view(std::slice::from_ref(&odd), Timestamp::MAX, &Ages::default(), &|_| true);
    assert_eq!(one.lines().len(), 1);
    assert!(one.lines()[0].text.chars().count() < 500 && full_line(&odd).part == Part::Full);
    assert!(full_line(&odd).text.starts_with("of a newer ckpt"), "raw");
    let backwards: Vec<Item> = (0..300)
        .map(|number| {
            Item::new(format!("{number:012x}"), Timestamp::from_second(-number * 9000).unwrap(), EventKind::Note, "x")
        })
        .collect();
    let view = Layers::default().view(&backwards, Timestamp::UNIX_EPOCH, &Ages::default(), &|_| true);
    assert_eq!(view.lines().len(), 300, "nothing of it is old");
}

#[test]
fn what_is_newer_or_damaged_is_told_apart() {
    use super::history::Unreadable;
    assert_eq!(Layers::parse(b"{\"version\":2,\"all\":\"new\"}"), Err(Unreadable::Newer));
    assert_eq!(Layers::parse(b"{\"version\":1}"), Err(Unreadable::Damaged));
    assert_eq!(Layers::parse(b"\xff"), Err(Unreadable::Damaged));
    let text = Layers::default().to_text().replacen('{', "{\"later\":[1],", 1);
    assert!(Layers::parse(text.as_bytes()).unwrap().to_text().contains("\"later\":[1]"), "unknown fields stay");
}

#[test]
fn the_kinds_that_stand_are_those_that_are_promised() {
    let kinds = [KeptKind::Pinned, KeptKind::Decision, KeptKind::Issue, KeptKind::Next, KeptKind::Failure];
    let mut failed = Item::new("5", Timestamp::UNIX_EPOCH, EventKind::Failure, "it burnt");
    failed.is_failed = true;
    let mut pin = Item::new("1", Timestamp::UNIX_EPOCH, EventKind::Pin, "p");
    pin.about = Some("9".into());
    let said = [(EventKind::Decision, "d"), (EventKind::Issue, "i"), (EventKind::Next, "n")];
    let said = said.map(|(kind, text)| Item::new(text, Timestamp::UNIX_EPOCH, kind, text));
    let items: Vec<Item> = [pin].into_iter().chain(said).chain([failed]).collect();
    let found: Vec<KeptKind> = standing(&items).iter().map(|kept| kept.kind).collect();
    assert_eq!(found, kinds);
}
