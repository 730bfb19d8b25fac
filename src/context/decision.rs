//! Decisions as they stand in the document: `2026-11-21: use JWT — because …; instead of …`.
//!
//! Composed by `ckpt decide`, read by whatever lists decisions. Pure; the caller tells the day.

use jiff::civil::Date;

use super::item::NewItem;

const BECAUSE: &str = " — because ";
const INSTEAD_FIRST: &str = " — instead of ";
const INSTEAD: &str = "; instead of ";

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub date: Date,
    pub text: String,
    pub why: Option<String>,
    pub instead_of: Option<String>,
}

impl Decision {
    /// As one item of `Recent Decisions`.
    pub fn to_item(&self) -> NewItem {
        NewItem::plain(self.render())
    }

    pub fn render(&self) -> String {
        let mut rendered = format!("{}: {}", self.date, one_line(&self.text));
        let why = self.why.as_deref().map(one_line).filter(|why| !why.is_empty());
        let instead = self.instead_of.as_deref().map(one_line).filter(|instead| !instead.is_empty());
        if let Some(why) = &why {
            rendered.extend([BECAUSE, why]);
        }
        if let Some(instead) = &instead {
            rendered.extend([if why.is_some() { INSTEAD } else { INSTEAD_FIRST }, instead]);
        }
        rendered
    }

    /// Reads the text of an item; nothing if it does not begin with a date and a colon.
    pub fn parse(item: &str) -> Option<Decision> {
        let line = one_line(item);
        let (date, rest) = line.split_once(':')?;
        let date = date.trim().parse().ok()?;
        let (text, reasons) = match rest.split_once(BECAUSE) {
            Some((text, why)) => (text, split_last(why, INSTEAD)),
            None => match rest.split_once(INSTEAD_FIRST) {
                Some((text, instead)) => (text, (None, Some(instead))),
                None => (rest, (None, None)),
            },
        };
        let owned = |part: Option<&str>| part.map(|part| part.trim().to_owned());
        Some(Decision { date, text: text.trim().to_owned(), why: owned(reasons.0), instead_of: owned(reasons.1) })
    }
}

fn split_last<'t>(text: &'t str, by: &str) -> (Option<&'t str>, Option<&'t str>) {
    match text.rsplit_once(by) {
        Some((why, instead)) => (Some(why), Some(instead)),
        None => (Some(text), None),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(why: Option<&str>, instead_of: Option<&str>) -> Decision {
        let owned = |part: Option<&str>| part.map(str::to_owned);
        Decision {
            date: jiff::civil::date(2026, 11, 21),
            text: "use JWT".into(),
            why: owned(why),
            instead_of: owned(instead_of),
        }
    }

    #[test]
    fn a_decision_is_read_as_it_was_written() {
        let cases = [
            (decision(None, None), "2026-11-21: use JWT"),
            (decision(Some("no state"), None), "2026-11-21: use JWT — because no state"),
            (decision(None, Some("cookies")), "2026-11-21: use JWT — instead of cookies"),
            (decision(Some("no state"), Some("cookies")), "2026-11-21: use JWT — because no state; instead of cookies"),
        ];
        for (decision, line) in cases {
            assert_eq!(decision.render(), line);
            assert_eq!(Decision::parse(line), Some(decision));
        }
    }

    #[test]
    fn lines_and_empty_reasons_are_put_on_one_line() {
        let mut decision = decision(Some(" "), Some("a\nb"));
        decision.text = "use\r\n  JWT".into();
        assert_eq!(decision.render(), "2026-11-21: use JWT — instead of a b");
    }

    #[test]
    fn an_item_without_a_date_is_no_decision() {
        for item in ["use JWT", "soon: use JWT", "2026-13-01: x", ""] {
            assert_eq!(Decision::parse(item), None, "{item}");
        }
        let by_hand = Decision::parse("2026-11-21: because: it works");
        assert_eq!(by_hand.map(|one| one.text).as_deref(), Some("because: it works"));
    }
}
