//! Words of subjects, and what they say of a change: whether who uses the software would notice it.

use super::Sort;

/// Words before a colon that are an area as well as a sort.
pub(super) const AREAS: [&str; 12] =
    ["ci", "docs", "doc", "build", "deps", "tests", "test", "bench", "benches", "examples", "github", "security"];

/// What the words of a text say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sense {
    pub(super) sort: Sort,
    /// Nothing but looks: typos, formatting, lints.
    pub(super) is_style: bool,
    pub(super) is_security: bool,
    pub(super) is_breaking: bool,
    /// A version number stands in it.
    has_version: bool,
}

const STYLE: [&str; 17] = [
    "typo",
    "typos",
    "clippy",
    "rustfmt",
    "lint",
    "lints",
    "linter",
    "whitespace",
    "formatting",
    "reformat",
    "prettier",
    "misspelling",
    "spelling",
    "wording",
    "grammar",
    "nit",
    "nits",
];

const SECURITY: [&str; 10] = [
    "security",
    "vulnerability",
    "cve",
    "ghsa",
    "rustsec",
    "unsound",
    "unsoundness",
    "soundness",
    "use-after-free",
    "exploit",
];

const BREAKING: [&str; 2] = ["breaking", "incompatible"];

/// The first of a text's words that is one of these says the sort.
const VERBS: [(Sort, &[&str]); 8] = [
    (
        Sort::Feature,
        &[
            "add",
            "adds",
            "added",
            "adding",
            "support",
            "supports",
            "implement",
            "implements",
            "introduce",
            "allow",
            "allows",
            "expose",
            "stabilize",
            "enable",
            "provide",
            "new",
            "accept",
            "let",
            "impl",
            "export",
        ],
    ),
    (
        Sort::Fix,
        &[
            "fix",
            "fixes",
            "fixed",
            "fixing",
            "correct",
            "correctly",
            "prevent",
            "avoid",
            "handle",
            "resolve",
            "repair",
            "ensure",
            "restore",
            "don't",
            "never",
            "skip",
            "eliminate",
            "missing",
            "wrong",
            "incorrect",
            "hang",
            "stop",
            "panic",
            "deadlock",
            "race",
            "leak",
            "crash",
            "bug",
            "regression",
            "properly",
        ],
    ),
    (Sort::Performance, &["optimize", "speed", "faster", "reduce", "improve", "cache", "avoiding", "perf"]),
    (Sort::Removal, &["deprecate", "deprecates", "drop", "drops"]),
    (
        Sort::Change,
        &["change", "changes", "make", "makes", "switch", "increase", "require", "raise", "relax", "default", "return"],
    ),
    (Sort::Documentation, &["document", "documents", "clarify", "explain", "docs", "readme", "documentation", "doc"]),
    (
        Sort::Refactoring,
        &[
            "refactor",
            "refactors",
            "clean",
            "cleanup",
            "simplify",
            "move",
            "moves",
            "extract",
            "split",
            "rename",
            "reorganize",
            "inline",
            "deduplicate",
            "unify",
            "restructure",
            "rewrite",
            "tidy",
            "rework",
            "factor",
            "hoist",
            "reorder",
            "rearrange",
            "reindent",
            "consolidate",
            "modernize",
        ],
    ),
    (Sort::Test, &["test", "tests", "bench", "benchmark", "benchmarks", "flaky"]),
];

/// Words that tell of what is inside and nobody else's business.
const INSIDE: [&str; 8] = ["internal", "internals", "unused", "dead", "workflow", "ci", "nightly", "codecov"];

/// Reads a text for its words.
pub(super) fn sense_of(text: &str) -> Sense {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|one: char| !one.is_alphanumeric() && !matches!(one, '-' | '\'' | '.' | '_'))
        .map(|word| word.trim_matches(['.', '-', '\'']))
        .filter(|word| !word.is_empty())
        .take(60)
        .collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    Sense {
        sort: sort_of(&words),
        is_style: has(&STYLE) || lower.contains("trailing white") || is_about_warnings(&words),
        is_security: has(&SECURITY),
        is_breaking: has(&BREAKING),
        has_version: words.iter().any(|word| is_version(word)),
    }
}

/// `fix warnings`, `silence the new dead-code warning`: of the compiler, and nobody else sees them.
fn is_about_warnings(words: &[&str]) -> bool {
    let is_mending = |word: &&str| {
        matches!(*word, "fix" | "silence" | "allow" | "remove" | "address" | "suppress" | "avoid" | "compiler" | "gcc")
    };
    words.iter().any(|word| matches!(*word, "warning" | "warnings")) && words.iter().take(2).any(is_mending)
}

fn sort_of(words: &[&str]) -> Sort {
    if words.iter().any(|word| matches!(*word, "changelog" | "release" | "version"))
        && words.first().is_some_and(|word| matches!(*word, "release" | "prepare" | "bump" | "update" | "prep"))
    {
        return if words.contains(&"requirement") { Sort::Dependency } else { Sort::Release };
    }
    // What is needed to build it is everybody's business.
    if words.iter().take(4).any(|word| matches!(*word, "msrv" | "minimum")) {
        return Sort::Change;
    }
    if is_dependency(words) {
        return Sort::Dependency;
    }
    if words.first().is_some_and(|word| matches!(*word, "remove" | "removes" | "delete")) {
        return if words.iter().any(|word| INSIDE.contains(word)) { Sort::Refactoring } else { Sort::Removal };
    }
    let is_inside = words.iter().any(|word| INSIDE.contains(word));
    let of_word = |word: &&str| VERBS.iter().find(|(_, verbs)| verbs.contains(word)).map(|(sort, _)| *sort);
    let sort = words.iter().take(8).find_map(of_word);
    match sort {
        // `add tests`, `fix the test`, `improve docs`: what is said of it, not the verb.
        Some(Sort::Feature | Sort::Fix | Sort::Performance | Sort::Change) => {
            let object = words.iter().skip(1).take(3).filter_map(of_word);
            let of_object = object.into_iter().find(|sort| matches!(sort, Sort::Test | Sort::Documentation));
            of_object.or(if is_inside { Some(Sort::Refactoring) } else { sort }).unwrap_or(Sort::Other)
        }
        Some(sort) => sort,
        None if is_inside => Sort::Refactoring,
        None => Sort::Other,
    }
}

/// `bump serde from 1.0 to 1.1`, `update nix dependency to 0.27`.
fn is_dependency(words: &[&str]) -> bool {
    let is_moving =
        words.first().is_some_and(|word| matches!(*word, "bump" | "bumps" | "update" | "upgrade" | "updates"));
    let is_named = |word: &&str| {
        matches!(*word, "dependency" | "dependencies" | "deps" | "requirement" | "lockfile" | "actions" | "submodule")
            || *word == "latest"
            || is_version(word)
            || word.ends_with(".lock")
    };
    is_moving && words.iter().skip(1).any(is_named) || words.first() == Some(&"bump") && words.len() <= 4
}

fn is_version(word: &str) -> bool {
    let digits = word.strip_prefix('v').unwrap_or(word);
    let parts: Vec<&str> = digits.split('.').collect();
    parts.len() >= 2 && parts[0].bytes().all(|byte| byte.is_ascii_digit()) && !parts[0].is_empty() && {
        parts[1].bytes().take_while(u8::is_ascii_digit).count() > 0
    }
}

impl Sense {
    /// `prepare v1.2.3`, `release 1.2`, `1.2.3`, `Bump version to 1.2`, `update changelog`.
    pub(super) fn is_release(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        let first = lower.split_whitespace().next().unwrap_or_default();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let is_bare = is_version(first.trim_matches(['(', ')', ':'])) && lower.split_whitespace().count() <= 3;
        is_bare
            || self.sort == Sort::Release
            || self.has_version
                && says(&["prepare", "release", "version"])
                && !says(&["note", "support", "require", "msrv"])
            || matches!(first, "prepare" | "release") && says(&["release"])
    }
}
