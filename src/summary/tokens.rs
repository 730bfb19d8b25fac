//! What a text costs whoever reads it: tokens, counted and not guessed.
//!
//! The tables take some 20 ms to load, so nothing but a brief ever asks for them.

use std::fmt;
use std::sync::OnceLock;

/// Counts the tokens of a text.
pub trait TokenCounter {
    fn count(&self, text: &str) -> usize;
}

/// The tokens of `cl100k_base`. Each maker of models has an encoding of their own and not all are published; for prose and
/// code they come to much the same, and this one takes half as long to load as its successor.
pub struct Tokens {
    encoding: &'static bpe_openai::Tokenizer,
}

impl Tokens {
    /// What the encoding is called.
    pub const NAME: &'static str = "cl100k_base";

    /// Loads the tables.
    pub fn load() -> Tokens {
        Tokens { encoding: bpe_openai::cl100k_base() }
    }
}

impl TokenCounter for Tokens {
    fn count(&self, text: &str) -> usize {
        self.encoding.count(text)
    }
}

/// The same, loaded when something is counted for the first time.
#[derive(Debug, Default)]
pub struct TokensOnDemand {
    loaded: OnceLock<Tokens>,
}

impl TokenCounter for TokensOnDemand {
    fn count(&self, text: &str) -> usize {
        self.loaded.get_or_init(Tokens::load).count(text)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(Tokens::NAME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_those_of_the_encoding() {
        let tokens = Tokens::load();
        // As the encoding's own makers count them.
        for (text, count) in [("", 0), ("tiktoken is great!", 6), ("antidisestablishmentarianism", 6), ("2 + 2 = 4", 7)]
        {
            assert_eq!(tokens.count(text), count, "{text}");
        }
    }
}
