//! Numbers, sizes, ages and lists as people say them.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::change::ChangeCounts;

/// `1 file`, `2 files`.
pub fn count(number: u64, one: &str) -> String {
    count_as(number, one, &format!("{one}s"))
}

/// [`count`] for words whose plural is not formed by an `s`.
pub fn count_as(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `950 B`, `1.2 MB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let mut value = number as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be written as 1000.0.
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// `2m ago`; `in 2m` for what another clock dated ahead of ours.
pub fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(then.as_second());
    match seconds {
        -1..=1 => "now".to_owned(),
        0.. => format!("{} ago", span(seconds.unsigned_abs())),
        _ => format!("in {}", span(seconds.unsigned_abs())),
    }
}

fn span(seconds: u64) -> String {
    const STEPS: [(u64, u64, &str); 6] = [
        (60, 1, "s"),
        (3_600, 60, "m"),
        (2 * 86_400, 3_600, "h"),
        (14 * 86_400, 86_400, "d"),
        (10 * 7 * 86_400, 7 * 86_400, "w"),
        (2 * 365 * 86_400, 30 * 86_400, "mo"),
    ];
    let step = STEPS.iter().find(|(limit, ..)| seconds < *limit);
    let (_, size, unit) = step.unwrap_or(&(0, 365 * 86_400, "y"));
    format!("{}{unit}", seconds / size)
}

/// `8 ms`, `1.3 s`, `2 min 5 s`.
pub fn duration(elapsed: Duration) -> String {
    match elapsed.as_millis() {
        0 => "under 1 ms".to_owned(),
        millis @ 1..1000 => format!("{millis} ms"),
        _ if elapsed.as_secs() < 60 => format!("{:.1} s", elapsed.as_secs_f64()),
        _ => format!("{} min {} s", elapsed.as_secs() / 60, elapsed.as_secs() % 60),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn joined(items: &[String]) -> String {
    joined_by(items, "and")
}

/// [`joined`] with another word before the last.
pub fn joined_by(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {word} {last}", rest.join(", ")),
    }
}

/// `2 new, 3 modified, 1 deleted`, without the zeros; `no changes`.
pub fn changes(counts: &ChangeCounts) -> String {
    let parts = [(counts.new, "new"), (counts.modified, "modified"), (counts.deleted, "deleted")];
    let told: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", grouped(*number)))
        .collect();
    if told.is_empty() { "no changes".to_owned() } else { told.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sizes_are_said_well() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
        assert_eq!(count(1_234_567, "file"), "1,234,567 files");
        assert_eq!(count_as(2, "entry", "entries"), "2 entries");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_200_000), "1.2 MB");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(bytes(u64::MAX), "18.4 EB");
    }

    #[test]
    fn ages_are_short_and_never_negative() {
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 - seconds).unwrap();
        let now = at(0);
        let known = [
            (0, "now"),
            (59, "59s ago"),
            (120, "2m ago"),
            (7_300, "2h ago"),
            (86_400 * 3, "3d ago"),
            (86_400 * 21, "3w ago"),
            (86_400 * 100, "3mo ago"),
            (86_400 * 800, "2y ago"),
            (-3_600, "in 1h"),
        ];
        for (seconds, text) in known {
            assert_eq!(age(at(seconds), now), text);
        }
    }

    #[test]
    fn lists_and_counts_read_as_sentences() {
        let items = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(joined(&items(&["a"])), "a");
        assert_eq!(joined(&items(&["a", "b", "c"])), "a, b and c");
        assert_eq!(changes(&ChangeCounts { new: 2, modified: 0, deleted: 1 }), "2 new, 1 deleted");
        assert_eq!(changes(&ChangeCounts::default()), "no changes");
        assert_eq!(duration(Duration::from_millis(1310)), "1.3 s");
    }
}
