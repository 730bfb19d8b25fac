//! Which text fits the words best. Pure.
//!
//! A text that has more of the words goes before one that has fewer. Among those it counts how often it has them, how rare
//! they are, how short it is and how new: a whole word counts for more than a part of one.

use std::cmp::Ordering;

/// What an occurrence counts: as a word, at the beginning of one, within one.
const WHOLE: f64 = 1.0;
const BEGINNING: f64 = 0.4;
const WITHIN: f64 = 0.2;

/// How soon more occurrences stop to count, and how much the length of a text does: the usual values of BM25.
const SATURATION: f64 = 1.2;
const LENGTH: f64 = 0.75;

/// What newness is worth at most, and after so many days not even half of that.
const NEWNESS: f64 = 0.25;
const FADING_DAYS: f64 = 7.0;

/// So many words of a query count; each text is looked through once for each.
const MOST_WORDS: usize = 16;

/// The words that are looked for, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    words: Vec<String>,
}

impl Query {
    /// `None` where nothing is asked for.
    pub fn of(typed: &str) -> Option<Query> {
        let mut words: Vec<String> = Vec::new();
        for word in typed.split_whitespace().map(str::to_lowercase) {
            if words.len() < MOST_WORDS && !words.contains(&word) {
                words.push(word);
            }
        }
        (!words.is_empty()).then_some(Query { words })
    }

    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// How much of the query a text has; `None` where it has nothing.
    pub(super) fn tally(&self, text: &str) -> Option<Tally> {
        let lower = text.to_lowercase();
        let counts: Vec<f64> = self.words.iter().map(|word| weight(&lower, word)).collect();
        counts.iter().any(|&count| count > 0.0).then_some(Tally { counts })
    }

    /// Byte ranges of a text that are words of the query, in order, none within another.
    pub fn hits(&self, text: &str) -> Vec<(usize, usize)> {
        let folded: Vec<(usize, char)> =
            text.char_indices().flat_map(|(at, one)| one.to_lowercase().map(move |lower| (at, lower))).collect();
        let mut hits: Vec<(usize, usize)> = Vec::new();
        for word in &self.words {
            let letters: Vec<char> = word.chars().collect();
            let windows = folded.windows(letters.len()).enumerate();
            hits.extend(windows.filter(|(_, window)| window.iter().map(|(_, one)| one).eq(&letters)).map(|(at, _)| {
                let end = folded.get(at + letters.len()).map_or(text.len(), |(end, _)| *end);
                (folded[at].0, end)
            }));
        }
        hits.sort_by_key(|&(start, end)| (start, std::cmp::Reverse(end)));
        hits.dedup_by(|next, before| next.0 < before.1);
        hits.retain(|(start, end)| start < end);
        hits
    }
}

fn is_of_word(one: char) -> bool {
    one.is_alphanumeric() || one == '_'
}

/// The occurrences of a word in a text, both in lower case.
fn weight(text: &str, word: &str) -> f64 {
    let occurrences = text.match_indices(word).map(|(at, _)| {
        let begins = !text[..at].chars().next_back().is_some_and(is_of_word);
        let ends = !text[at + word.len()..].chars().next().is_some_and(is_of_word);
        match (begins, ends) {
            (true, true) => WHOLE,
            (true, false) => BEGINNING,
            _ => WITHIN,
        }
    });
    occurrences.sum()
}

/// How much a text has of each word of the query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tally {
    counts: Vec<f64>,
}

impl Tally {
    /// How many of the words it has.
    pub(super) fn matched(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0.0).count()
    }
}

/// What all texts together are like.
#[derive(Clone, Debug)]
pub(super) struct Corpus {
    texts: u64,
    words: u64,
    /// How many texts have each word of the query.
    having: Vec<u64>,
}

impl Corpus {
    pub(super) fn new(query: &Query) -> Corpus {
        Corpus { texts: 0, words: 0, having: vec![0; query.words.len()] }
    }

    /// Counts a text of so many words.
    pub(super) fn add(&mut self, words: u64, tally: Option<&Tally>) {
        self.texts += 1;
        self.words += words;
        for (having, count) in self.having.iter_mut().zip(tally.iter().flat_map(|tally| &tally.counts)) {
            *having += u64::from(*count > 0.0);
        }
    }

    /// What a text of so many words is worth, so many days old.
    pub(super) fn score(&self, tally: &Tally, words: u64, days: f64) -> f64 {
        let usual = (self.words as f64 / self.texts.max(1) as f64).max(1.0);
        let length = 1.0 - LENGTH + LENGTH * words as f64 / usual;
        let worth = tally.counts.iter().zip(&self.having).map(|(count, &having)| {
            let rarity = (1.0 + (self.texts as f64 - having as f64 + 0.5) / (having as f64 + 0.5)).ln();
            rarity * count * (SATURATION + 1.0) / (count + SATURATION * length)
        });
        worth.sum::<f64>() * (1.0 + NEWNESS * (-days.max(0.0) / FADING_DAYS).exp())
    }
}

/// The order of two hits by words matched and score, the better first.
pub(super) fn better_first(left: (usize, f64), right: (usize, f64)) -> Ordering {
    right.0.cmp(&left.0).then(right.1.total_cmp(&left.1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The texts that fit, the best first; each is as many days old as its place.
    fn ranked<'a>(typed: &str, texts: &[&'a str]) -> Vec<&'a str> {
        let query = Query::of(typed).unwrap();
        let mut corpus = Corpus::new(&query);
        let words = |text: &str| text.split_whitespace().count() as u64;
        for text in texts {
            corpus.add(words(text), query.tally(text).as_ref());
        }
        let mut hits: Vec<_> = texts
            .iter()
            .enumerate()
            .filter_map(|(days, text)| {
                let tally = query.tally(text)?;
                Some(((tally.matched(), corpus.score(&tally, words(text), days as f64)), *text))
            })
            .collect();
        hits.sort_by(|left, right| better_first(left.0, right.0));
        hits.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn all_words_go_before_some_and_whole_words_before_parts() {
        let texts = ["token token token token", "the token expires too early every day of the week", "nothing"];
        assert_eq!(ranked("token EXPIRES", &texts), [texts[1], texts[0]]);
        assert_eq!(ranked("auth", &["author works", "unauthored works", "auth works"])[0], "auth works");
        assert_eq!(ranked("auth", &["unauthored works", "author works"]), ["author works", "unauthored works"]);
    }

    #[test]
    fn newer_short_and_rare_go_first() {
        assert_eq!(ranked("login", &["login works", "login is done"])[0], "login works");
        let long = "login and very many other words that have nothing to do with it at all";
        assert_eq!(ranked("login", &[long, "login works"])[0], "login works");
        let texts = ["common a", "common b", "common c", "rare d"];
        assert_eq!(ranked("common rare", &texts)[0], "rare d");
    }

    #[test]
    fn hits_are_found_whatever_the_case() {
        let query = Query::of("Straße  ÄB a").unwrap();
        let text = "xäb STRAßE";
        let hits: Vec<&str> = query.hits(text).into_iter().map(|(start, end)| &text[start..end]).collect();
        assert_eq!(hits, ["äb", "STRAßE"]);
        assert_eq!(Query::of(" \n"), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(typed in ".{0,20}", text in ".{0,60}") {
            if let Some(query) = Query::of(&typed) {
                let tally = query.tally(&text);
                let mut end = 0;
                for (start, stop) in query.hits(&text) {
                    prop_assert!(start >= end && start < stop && text.is_char_boundary(start) && text.is_char_boundary(stop));
                    end = stop;
                }
                if let Some(tally) = tally {
                    prop_assert!(Corpus::new(&query).score(&tally, 3, 1.0).is_finite());
                }
            }
        }
    }
}
