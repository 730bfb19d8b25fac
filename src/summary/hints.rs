//! Words of a message that say whether who uses the software would notice: what is different now, under which
//! circumstances, what is seen of it; or that only those who write the software care.
//!
//! Judges no sort of change, which `subject` does, but how it is told. Pure; called by `weigh`.

/// What the words of a message hint at: points, and the reason for them.
pub type Hint = (i32, &'static str);

/// A word of any of these lists gives the points of its list, once.
const OF_WORDS: [(i32, &str, &[&str]); 7] = [
    (10, "what is different now", &["now", "longer", "anymore", "again"]),
    (5, "under which circumstances", &["when", "if", "unless", "while", "after", "before", "without"]),
    (
        6,
        "a failure that is met",
        &[
            "crash",
            "crashes",
            "segfault",
            "hang",
            "hangs",
            "hung",
            "infinite",
            "overflow",
            "overrun",
            "panic",
            "panics",
            "panicking",
            "deadlock",
            "deadlocks",
            "corrupt",
            "corruption",
            "abort",
            "aborts",
            "lost",
            "loss",
            "wrong",
            "incorrect",
            "regression",
            "stuck",
            "starvation",
            "race",
            "spurious-wakeup",
            "double-free",
        ],
    ),
    (
        5,
        "what is seen of it",
        &[
            "output",
            "input",
            "message",
            "messages",
            "error",
            "errors",
            "diagnostic",
            "diagnose",
            "status",
            "option",
            "options",
            "flag",
            "flags",
            "default",
            "defaults",
            "command",
            "syntax",
            "support",
            "supports",
            "locale",
            "locales",
            "platform",
            "msrv",
        ],
    ),
    (-14, "about comments", &["comment", "comments", "commentary", "copyright", "todo", "fixme", "indentation"]),
    (
        -12,
        "about the inside",
        &[
            "loom",
            "miri",
            "clippy",
            "rustfmt",
            "internal",
            "internally",
            "internals",
            "flaky",
            "mypy",
            "eslint",
            "pylint",
            "flake8",
            "helper",
            "helpers",
            "unnecessary",
            "unneeded",
            "redundant",
            "boilerplate",
            "readability",
            "tweak",
            "portability",
            "nightly",
            "codecov",
            "coverage",
            "gitignore",
        ],
    ),
    (
        -14,
        "about those who build it",
        &[
            "pacify",
            "pacification",
            "placate",
            "coverity",
            "cppcheck",
            "scan-build",
            "clang-tidy",
            "clang-analyzer",
            "valgrind",
            "sanitizer",
            "syntax-check",
            "shellcheck",
            "codespell",
        ],
    ),
];

/// The hints of a subject's text.
pub fn of_text(text: &str) -> Vec<Hint> {
    let lower = text.to_lowercase();
    let words = words(&lower);
    let mut found: Vec<Hint> = OF_WORDS
        .into_iter()
        .filter(|(.., list)| words.iter().any(|word| list.contains(word)))
        .map(|(points, reason, _)| (points, reason))
        .collect();
    // `use x instead of y`, `prefer x`: a way of writing it.
    if matches!(words.first(), Some(&("use" | "prefer" | "replace" | "convert" | "adjust" | "omit"))) {
        found.push((-8, "another way to write it"));
    }
    if lower.split_whitespace().any(is_option) {
        found.push((4, "names an option"));
    }
    found
}

/// The hints of what follows the subject.
pub fn of_body(body: &str) -> Vec<Hint> {
    const CLOSING: [&str; 6] = ["fixes #", "closes #", "resolves #", "fixes: #", "closes: #", "fixes http"];
    const SINCE: [&str; 5] = ["introduced in", "introduced by", "introduced with", "regression", "bisected"];
    /// Longer than most have to say.
    const LONG: usize = 500;
    let lower = body.to_lowercase();
    let says = |list: &[&str]| list.iter().any(|word| lower.contains(word));
    let told = [
        (says(&CLOSING), (4, "closes an issue")),
        (says(&SINCE), (5, "says since when it was wrong")),
        (explained(&lower) > LONG, (5, "explained at length")),
    ];
    told.into_iter().filter(|(holds, _)| *holds).map(|(_, hint)| hint).collect()
}

/// How much of a body explains: not its trailers, nor its lists.
fn explained(body: &str) -> usize {
    let is_trailer = |line: &str| {
        let name = line.split_once(": ").map_or("", |(name, _)| name);
        name.contains('-') && !name.contains(' ')
    };
    let is_said = |line: &&str| !is_trailer(line) && !line.starts_with(['*', '-', '#']);
    body.lines().map(str::trim).filter(is_said).map(str::len).sum()
}

fn words(lower: &str) -> Vec<&str> {
    const MOST: usize = 60;
    let is_part = |one: char| one.is_alphanumeric() || matches!(one, '-' | '_' | '\'');
    let words = lower.split(|one: char| !is_part(one)).map(|word| word.trim_matches(['-', '_', '\'']));
    words.filter(|word| !word.is_empty()).take(MOST).collect()
}

/// `-x`, `--long`; no dash between words, and none of a compiler's warnings.
fn is_option(word: &str) -> bool {
    let word = word.trim_matches(['`', '\'', '"', ',', '(', ')', ':']);
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-')).unwrap_or_default();
    name.starts_with(|one: char| one.is_ascii_alphabetic()) && !(word.starts_with("-w") && word.len() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(text: &str) -> i32 {
        of_text(text).iter().map(|hint| hint.0).sum()
    }

    #[test]
    fn what_users_meet_is_told_from_what_those_who_write_it_do() {
        for text in ["do not hang when stdin is closed", "the -n option is no longer ignored", "support `--color`"] {
            assert!(sum(text) > 0, "{text}: {:?}", of_text(text));
        }
        for text in ["pacify gcc -Wall", "improve a comment", "use a helper", "remove unnecessary casts"] {
            assert!(sum(text) < 0, "{text}: {:?}", of_text(text));
        }
        assert_eq!(of_text("read arrays"), []);
    }

    #[test]
    fn a_body_that_explains_is_told_from_lists_and_trailers() {
        assert_eq!(of_body("Fixes #12"), [(4, "closes an issue")]);
        let list = "* one more file that was touched\n".repeat(40) + "Signed-off-by: A <a@b>";
        assert_eq!(of_body(&list), []);
        assert_eq!(of_body(&"It was so because of this.\n".repeat(30)), [(5, "explained at length")]);
        assert_eq!(of_body("This was introduced in 1.2."), [(5, "says since when it was wrong")]);
    }
}
