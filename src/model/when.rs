//! Times as people type them: `20m`, `yesterday`, `2026-11-21 09:00`, RFC 3339. Pure: the caller tells the time.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};

/// Which end of a day a bare date means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayEdge {
    /// Everything since that day: its first moment.
    Start,
    /// As it was on that day: its last moment.
    End,
}

/// The time that a text was read against.
#[derive(Clone, Debug)]
pub struct Present {
    pub now: Timestamp,
    pub zone: TimeZone,
}

/// Text that is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time; `20m`, `2h`, `3d`, `yesterday`, `2026-11-21` and `2026-11-21 09:00` are")]
pub struct NotATime(pub String);

/// Reads a time: a span back from now, a word, a date, a date and time in the given zone, or RFC 3339.
pub fn parse_when(text: &str, present: &Present, edge: DayEdge) -> Result<Timestamp, NotATime> {
    let trimmed = text.trim();
    parse_word(trimmed, present, edge)
        .or_else(|| parse_back(trimmed, present.now))
        .or_else(|| trimmed.parse::<Timestamp>().ok())
        .or_else(|| parse_civil(trimmed, present, edge))
        .ok_or_else(|| NotATime(text.to_owned()))
}

fn parse_word(text: &str, present: &Present, edge: DayEdge) -> Option<Timestamp> {
    let today = present.now.to_zoned(present.zone.clone()).date();
    match text {
        "now" => Some(present.now),
        "today" => day(today, present, edge),
        "yesterday" => day(today.yesterday().ok()?, present, edge),
        _ => None,
    }
}

fn day(date: Date, present: &Present, edge: DayEdge) -> Option<Timestamp> {
    let start = |date: Date| Some(date.to_zoned(present.zone.clone()).ok()?.timestamp());
    match edge {
        DayEdge::Start => start(date),
        DayEdge::End => start(date.tomorrow().ok()?)?.checked_sub(1.nanosecond()).ok(),
    }
}

/// Reads `1h30m`, `20m`, `20m ago`: numbers each with a unit.
fn parse_back(text: &str, now: Timestamp) -> Option<Timestamp> {
    let mut rest = text.strip_suffix("ago").unwrap_or(text).trim();
    let mut seconds: i64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let unit_end = rest[digits..].find(|character: char| !character.is_alphabetic()).map(|end| digits + end);
        let unit_end = unit_end.unwrap_or(rest.len());
        let count: i64 = rest[..digits].parse().ok()?;
        let unit = unit_seconds(rest[digits..unit_end].trim())?;
        seconds = seconds.checked_add(count.checked_mul(unit)?)?;
        rest = rest[unit_end..].trim_start();
    }
    now.checked_sub(SignedDuration::from_secs(seconds)).ok()
}

fn unit_seconds(unit: &str) -> Option<i64> {
    match unit {
        "s" | "sec" | "second" | "seconds" => Some(1),
        "m" | "min" | "minute" | "minutes" => Some(60),
        "h" | "hour" | "hours" => Some(3_600),
        "d" | "day" | "days" => Some(86_400),
        "w" | "week" | "weeks" => Some(7 * 86_400),
        _ => None,
    }
}

fn parse_civil(text: &str, present: &Present, edge: DayEdge) -> Option<Timestamp> {
    const DATE: usize = "2026-11-21".len();
    if text.len() == DATE
        && let Ok(date) = text.parse::<Date>()
    {
        return day(date, present, edge);
    }
    let moment = match text.parse::<DateTime>() {
        Ok(moment) => moment,
        Err(_) => {
            let time: Time = text.contains(':').then(|| text.parse().ok())??;
            present.now.to_zoned(present.zone.clone()).date().to_datetime(time)
        }
    };
    Some(moment.to_zoned(present.zone.clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn present() -> Present {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        Present { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone }
    }

    fn read(text: &str, edge: DayEdge) -> String {
        parse_when(text, &present(), edge).map_or_else(|error| error.to_string(), |time| time.to_string())
    }

    #[test]
    fn every_documented_form_is_read() {
        let cases = [
            ("20m", "2026-11-21T09:40:00Z"),
            ("1h30m", "2026-11-21T08:30:00Z"),
            ("1h 30m ago", "2026-11-21T08:30:00Z"),
            ("3d", "2026-11-18T10:00:00Z"),
            ("2weeks", "2026-11-07T10:00:00Z"),
            ("now", "2026-11-21T10:00:00Z"),
            ("today", "2026-11-20T22:00:00Z"),
            ("yesterday", "2026-11-19T22:00:00Z"),
            ("2026-11-20", "2026-11-19T22:00:00Z"),
            ("2026-11-21 09:00", "2026-11-21T07:00:00Z"),
            ("2026-11-21T09:00:30", "2026-11-21T07:00:30Z"),
            ("09:00", "2026-11-21T07:00:00Z"),
            ("2026-11-21T09:00:00+01:00", "2026-11-21T08:00:00Z"),
            ("2026-11-21T09:00:00Z", "2026-11-21T09:00:00Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text, DayEdge::Start), expected, "{text}");
        }
        assert_eq!(read("2026-11-20", DayEdge::End), "2026-11-20T21:59:59.999999999Z");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "ago", "m", "20", "20x", "5 m3", "99999999999999999999m", "2026-13-01", "soon"] {
            assert!(parse_when(text, &present(), DayEdge::Start).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*", number in any::<u64>(), unit in "[smhdw]") {
            let _ = parse_when(&text, &present(), DayEdge::End);
            let _ = parse_when(&format!("{number}{unit}"), &present(), DayEdge::Start);
        }
    }
}
