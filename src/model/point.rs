//! What a user types to name a checkpoint: a name, an id prefix, `@`, `@~2`, `@{20m}`, `SESSION@~1`.
//!
//! Pure: text in, meaning out. `ops::points` finds the checkpoint.

use jiff::Timestamp;

use super::name::{Name, NameError};
use super::when::{DayEdge, Present, parse_when};

/// The fewest digits of an id that count as one.
const MIN_PREFIX: usize = 4;

/// What a text asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// A label. A text that could be either is looked up as a name first, then as an id; one of the two is there.
    Label { name: Option<Name>, prefix: Option<String> },
    /// A place in a session: the current one when none is named.
    Place { session: Option<Name>, place: Place },
}

/// Where in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This many checkpoints before the latest.
    Back(u64),
    /// The last one at or before this time.
    At(Timestamp),
}

/// Why a text is not a POINT; a line for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct PointError {
    pub problem: String,
}

impl PointError {
    fn new(problem: impl ToString) -> PointError {
        PointError { problem: problem.to_string() }
    }
}

/// Reads a POINT as typed.
pub fn parse_point(text: &str, present: &Present) -> Result<Point, PointError> {
    match text.split_once('@') {
        Some((session, place)) => {
            let session = if session.is_empty() { None } else { Some(parse_name(session)?) };
            Ok(Point::Place { session, place: parse_place(place, present)? })
        }
        None => parse_label(text),
    }
}

fn parse_name(text: &str) -> Result<Name, PointError> {
    text.parse().map_err(|error: NameError| PointError::new(error))
}

fn parse_label(text: &str) -> Result<Point, PointError> {
    let is_prefix = (MIN_PREFIX..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let prefix = is_prefix.then(|| text.to_ascii_lowercase());
    match text.parse() {
        Ok(name) => Ok(Point::Label { name: Some(name), prefix }),
        Err(_) if prefix.is_some() => Ok(Point::Label { name: None, prefix }),
        Err(error) => Err(PointError::new(error)),
    }
}

fn parse_place(text: &str, present: &Present) -> Result<Place, PointError> {
    if text.is_empty() {
        return Ok(Place::Back(0));
    }
    if let Some(count) = text.strip_prefix('~') {
        let back = if count.is_empty() { Ok(1) } else { parse_count(count) };
        return back.map(Place::Back);
    }
    let inside = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let inside = inside.ok_or_else(|| PointError::new("after `@` stands nothing, `~N` or `{WHEN}`"))?;
    parse_when(inside, present, DayEdge::End).map(Place::At).map_err(PointError::new)
}

fn parse_count(digits: &str) -> Result<u64, PointError> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let count = digits.parse().ok().filter(|_| is_number);
    count.ok_or_else(|| PointError::new(format!("`{digits}` is not a number of checkpoints")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Point, PointError> {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        parse_point(text, &Present { now, zone: TimeZone::UTC })
    }

    fn place(session: Option<&str>, place: Place) -> Result<Point, PointError> {
        Ok(Point::Place { session: session.map(|name| name.parse().unwrap()), place })
    }

    #[test]
    fn places_in_a_session() {
        assert_eq!(parse("@"), place(None, Place::Back(0)));
        assert_eq!(parse("@~"), place(None, Place::Back(1)));
        assert_eq!(parse("@~12"), place(None, Place::Back(12)));
        assert_eq!(parse("login@~1"), place(Some("login"), Place::Back(1)));
        let at = "2026-11-21T09:40:00Z".parse().unwrap();
        assert_eq!(parse("@{20m}"), place(None, Place::At(at)));
        let at = "2026-11-21T09:00:00Z".parse().unwrap();
        assert_eq!(parse("main@{2026-11-21 09:00}"), place(Some("main"), Place::At(at)));
    }

    #[test]
    fn labels_are_names_and_perhaps_ids() {
        let name = |text: &str| Some(text.parse().unwrap());
        assert_eq!(parse("v1"), Ok(Point::Label { name: name("v1"), prefix: None }));
        assert_eq!(parse("abc"), Ok(Point::Label { name: name("abc"), prefix: None }));
        assert_eq!(parse("BEEF"), Ok(Point::Label { name: name("BEEF"), prefix: Some("beef".into()) }));
    }

    #[test]
    fn anything_else_says_what_is_wrong() {
        for text in ["", "a b", "v1~2", "@~x", "@~+1", "@{", "@{soon}", "@x", "a/b@", "@@"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        assert!(parse("@{soon}").unwrap_err().to_string().contains("no time"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*", inside in ".*") {
            let _ = parse(&text);
            let _ = parse(&format!("@{{{inside}}}"));
            let _ = parse(&format!("s@~{inside}"));
        }
    }
}
