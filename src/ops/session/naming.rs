//! What a session is called: a short name made of its title. Pure.

use super::error::SessionError;
use crate::model::name::Name;

/// Titles may be as long as a paragraph.
const LONGEST_TITLE: usize = 2000;

/// Names are typed, so they are short.
const LONGEST_NAME: usize = 40;

/// Checks a title; white space around it does not count.
pub(crate) fn check_title(title: &str) -> Result<&str, SessionError> {
    let title = title.trim();
    let length = title.chars().count();
    if title.is_empty() {
        return Err(SessionError::NoTitle);
    }
    if length > LONGEST_TITLE {
        return Err(SessionError::TitleTooLong { length, limit: LONGEST_TITLE });
    }
    Ok(title)
}

/// A title on one line, for sentences; records keep it as it was typed.
pub(crate) fn on_one_line(title: &str) -> String {
    title.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same in quotes.
pub(crate) fn in_quotes(title: &str) -> String {
    format!("\"{}\"", on_one_line(title))
}

/// The name of a session with this title; `None` where nothing of the title can stand in a name.
pub fn name_of_title(title: &str) -> Option<Name> {
    let slug = slug::slugify(title);
    let slug = slug.trim_matches('-');
    let mut end = slug.len().min(LONGEST_NAME);
    if slug.len() > LONGEST_NAME
        && let Some(dash) = slug[..=LONGEST_NAME].rfind('-')
        && dash >= LONGEST_NAME / 2
    {
        end = dash;
    }
    slug[..end].trim_end_matches('-').parse().ok()
}

/// The first of `session-1`, `session-2`, … that is free.
pub(crate) fn numbered_name(is_taken: impl Fn(&Name) -> bool) -> Name {
    let mut names = (1u64..).map(|number| format!("session-{number}").parse::<Name>());
    let free = names.find_map(|name| name.ok().filter(|name| !is_taken(name)));
    free.expect("there are more numbers than sessions")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(title: &str) -> Option<String> {
        name_of_title(title).map(|name| name.to_string())
    }

    #[test]
    fn a_title_becomes_a_short_name() {
        assert_eq!(name("User notifications").as_deref(), Some("user-notifications"));
        assert_eq!(name("  Größe & façade:\n2nd try ").as_deref(), Some("grosse-facade-2nd-try"));
        let long = name(&"many words ".repeat(30)).unwrap();
        assert_eq!(long, "many-words-many-words-many-words-many");
        assert_eq!(name(&"x".repeat(300)), Some("x".repeat(LONGEST_NAME)));
    }

    #[test]
    fn where_nothing_is_left_of_it_a_number_is_taken() {
        assert_eq!(name("\u{200b} — …"), None);
        assert_eq!(name("!?"), None);
        let taken: Name = "session-1".parse().unwrap();
        assert_eq!(numbered_name(|name| *name == taken).as_str(), "session-2");
    }

    #[test]
    fn titles_without_a_word_and_endless_ones_are_refused() {
        assert!(matches!(check_title(" \n\t"), Err(SessionError::NoTitle)));
        assert!(matches!(check_title(&"x".repeat(2001)), Err(SessionError::TitleTooLong { length: 2001, .. })));
        assert_eq!(check_title(" a b\n").unwrap(), "a b");
    }

    proptest! {
        #[test]
        fn every_title_gives_a_name_of_bounded_length_or_none(title in "(.|\n|[👩‍👧🔐é—]){0,400}") {
            if let Some(name) = name_of_title(&title) {
                prop_assert!(name.as_str().len() <= LONGEST_NAME);
            }
        }
    }
}
