//! What the message of a commit says of itself: area, sort of change, pull request, what it undoes or mends.
//!
//! Knows the habits that are common (`fix(parser): …`, `sync: add …`, `Fix the …`, `Merge pull request #7 …`, `… (#7)`),
//! and assumes none of them. Pure; called by `weigh` and `fold`.

mod words;

use words::{AREAS, Sense, sense_of};

/// What sort of change a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Feature,
    Fix,
    Performance,
    Removal,
    Change,
    Dependency,
    Documentation,
    Other,
    Refactoring,
    Test,
    Chore,
    Style,
    Release,
}

impl Sort {
    /// Whether it says of itself that nobody outside would miss it.
    pub fn is_inside(self) -> bool {
        matches!(self, Sort::Refactoring | Sort::Test | Sort::Chore | Sort::Style | Sort::Release)
    }
}

/// A message, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What stands before the colon, such as `parser`; of `fix(parser)` what stands between.
    pub area: Option<String>,
    pub sort: Sort,
    /// The sort stands there as a word of its own (`feat:`, `fix(x):`).
    pub is_declared: bool,
    pub is_breaking: bool,
    /// What is said, without prefix, number and marks.
    pub text: String,
    /// The number of the pull request that brought it.
    pub pull_request: Option<String>,
    /// What it undoes: the subject.
    pub reverts: Option<String>,
    /// What it mends: the subject, where it says so with `fixup!` and its like.
    pub mends: Option<String>,
    /// It only brings two lines of work together.
    pub is_plain_merge: bool,
    /// Words that tell of danger to those who use it.
    pub is_security: bool,
}

impl Subject {
    /// Reads a message: its subject, and what follows it.
    pub fn parse(subject: &str, body: &str) -> Subject {
        let subject = without_picture(subject.trim());
        if let Some(merged) = parse_merge(subject, body) {
            return merged;
        }
        let (stripped, pull_request) = without_number(subject);
        let (stripped, mends) = match mended(stripped) {
            Some(target) => (target, Some(without_number(target).0.to_owned())),
            None => (stripped, None),
        };
        let reverts = reverted(stripped);
        // What is quoted is the other's prefix.
        let (prefix, text) = if reverts.is_some() { (None, stripped) } else { split_prefix(stripped) };
        let declared = prefix.as_ref().and_then(|prefix| declared_sort(&prefix.word));
        let area = prefix.as_ref().and_then(|prefix| prefix.area(declared.is_some()));
        let is_marked = prefix.as_ref().is_some_and(|prefix| prefix.is_breaking);
        let sense = sense_of(text);
        let sort = match reverts {
            Some(reverted) => sort_of_revert(reverted),
            None => sort_of(declared, area.as_deref(), &sense, text),
        };
        Subject {
            area,
            sort,
            is_declared: declared.is_some(),
            is_breaking: is_marked || body.contains("BREAKING CHANGE") || sense.is_breaking,
            text: text.to_owned(),
            pull_request: pull_request.map(str::to_owned),
            reverts: reverts.map(str::to_owned),
            mends,
            is_plain_merge: false,
            is_security: sense.is_security,
        }
    }

    /// As it is told: area and text, the number behind.
    pub fn told(&self) -> String {
        let area = self.area.as_ref().map(|area| format!("{area}: ")).unwrap_or_default();
        let number = self.pull_request.as_ref().map(|number| format!(" ({number})")).unwrap_or_default();
        format!("{area}{}{number}", self.text)
    }
}

/// `:bug: fix it`, `✨ add it`: without what only adorns.
fn without_picture(subject: &str) -> &str {
    let rest = subject.trim_start_matches(|one: char| !one.is_ascii() && !one.is_alphanumeric()).trim_start();
    let name = rest.strip_prefix(':').and_then(|rest| rest.split_once(": "));
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    match name {
        Some((name, text)) if is_name(name) => text.trim_start(),
        _ if rest.is_empty() => subject,
        _ => rest,
    }
}

/// What stands before the colon.
struct Prefix {
    word: String,
    scope: Option<String>,
    is_breaking: bool,
}

impl Prefix {
    fn area(&self, is_sort: bool) -> Option<String> {
        let word = (!is_sort || AREAS.contains(&self.word.as_str())).then(|| self.word.clone());
        self.scope.clone().or(word)
    }
}

/// `fix(parser)!: text`, `sync: text`, `rt, io: text`, `[ci] text`. A sentence that has a colon somewhere has no prefix.
fn split_prefix(subject: &str) -> (Option<Prefix>, &str) {
    if let Some((word, text)) = subject.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && !text.trim().is_empty()
        && word.len() <= 30
    {
        let prefix = Prefix { word: word.to_lowercase(), scope: None, is_breaking: false };
        return (Some(prefix), text.trim_start_matches([':', ' ']));
    }
    let Some((head, text)) = subject.split_once(": ") else { return (None, subject) };
    let is_breaking = head.ends_with('!');
    let head = head.trim_end_matches('!');
    let (word, scope) = match head.split_once('(') {
        Some((word, rest)) if rest.ends_with(')') => (word, Some(rest.trim_end_matches(')'))),
        Some(_) => return (None, subject),
        None => (head, None),
    };
    let words = word.split_whitespace().count();
    if word.is_empty() || words > 3 || word.len() > 40 || text.trim().is_empty() {
        return (None, subject);
    }
    let scope = scope.filter(|scope| !scope.is_empty()).map(str::to_owned);
    (Some(Prefix { word: word.to_lowercase(), scope, is_breaking }), text.trim())
}

fn declared_sort(word: &str) -> Option<Sort> {
    Some(match word {
        "feat" | "feature" | "features" | "add" | "added" | "new" => Sort::Feature,
        "fix" | "fixes" | "fixed" | "bugfix" | "hotfix" | "bug" | "security" => Sort::Fix,
        "perf" | "performance" | "optimize" => Sort::Performance,
        "remove" | "removed" | "deprecate" | "deprecated" => Sort::Removal,
        "change" | "changed" | "improve" | "improvement" | "enhancement" => Sort::Change,
        "doc" | "docs" | "documentation" => Sort::Documentation,
        "refactor" | "refactoring" | "cleanup" | "cleanups" | "internal" => Sort::Refactoring,
        "style" | "fmt" | "lint" | "clippy" | "typo" | "typos" | "cosmetic" | "spelling" => Sort::Style,
        "test" | "tests" | "testing" | "testsuite" | "selftests" | "bench" | "benches" | "benchmark" | "benchmarks"
        | "fuzz" => Sort::Test,
        "ci" | "build" | "chore" | "misc" | "meta" | "github" | "tooling" | "infra" | "examples" | "example"
        | "maint" | "maintenance" | "admin" | "dev" | "devel" | "scripts" | "tools" | "contrib" | "bootstrap"
        | "configure" | "autotools" | "cmake" | "meson" | "makefile" | "packaging" | "travis" | "appveyor"
        | "actions" | "workflows" | "gitignore" | "editorconfig" | "nix" | "docker" => Sort::Chore,
        "deps" | "dependencies" => Sort::Dependency,
        "release" => Sort::Release,
        _ => return None,
    })
}

/// What the words say goes before what the prefix says, where they say that nothing is to be noticed.
fn sort_of(declared: Option<Sort>, area: Option<&str>, sense: &Sense, text: &str) -> Sort {
    if sense.is_release(text) {
        return Sort::Release;
    }
    if sense.is_style {
        return Sort::Style;
    }
    match (declared, area.and_then(declared_sort)) {
        // A chore may be anything; what it says counts where it says something.
        (Some(Sort::Chore), _) if matches!(sense.sort, Sort::Dependency | Sort::Refactoring | Sort::Test) => sense.sort,
        (Some(Sort::Fix), Some(of_area @ (Sort::Test | Sort::Chore | Sort::Documentation))) => of_area,
        (Some(Sort::Chore), Some(Sort::Dependency)) => Sort::Dependency,
        // An area of that name, where the words say what was done there.
        (Some(Sort::Performance), None) if matches!(sense.sort, Sort::Feature | Sort::Fix) => sense.sort,
        (Some(declared), _) => declared,
        (None, Some(of_area)) => of_area,
        (None, None) => sense.sort,
    }
}

/// Whoever would not have noticed the one does not notice the other.
fn sort_of_revert(reverted: &str) -> Sort {
    let sort = Subject::parse(reverted, "").sort;
    if sort.is_inside() || matches!(sort, Sort::Documentation | Sort::Dependency) { sort } else { Sort::Change }
}

/// `text (#12)`, `text (!12)`: the last number in brackets at the end.
fn without_number(subject: &str) -> (&str, Option<&str>) {
    let mut rest = subject.trim_end();
    let mut found = None;
    while let Some((before, number)) = rest.strip_suffix(')').and_then(|inner| inner.rsplit_once('(')) {
        let is_number = number.strip_prefix(['#', '!']).is_some_and(is_digits);
        if !is_number || before.trim().is_empty() {
            break;
        }
        // The last one is the one that brought it here; those before it were ported.
        found = found.or(Some(number));
        rest = before.trim_end();
    }
    (rest, found)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn reverted(subject: &str) -> Option<&str> {
    let lower = subject.get(..7)?.to_lowercase();
    let rest = subject[7..].trim_start_matches([':', ' ']);
    if lower != "revert " && lower != "revert:" {
        return None;
    }
    Some(without_number(unquoted(rest)).0)
}

/// Without one pair of quotation marks: what is quoted may quote again.
pub(super) fn unquoted(text: &str) -> &str {
    let pairs = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”')];
    let inner = pairs.iter().find_map(|(open, close)| text.trim().strip_prefix(*open)?.strip_suffix(*close));
    inner.unwrap_or(text)
}

fn mended(subject: &str) -> Option<&str> {
    ["fixup! ", "squash! ", "amend! "].iter().find_map(|mark| subject.strip_prefix(mark)).map(str::trim)
}

/// A merge: of a pull request, whose title stands in the body, or of a branch.
fn parse_merge(subject: &str, body: &str) -> Option<Subject> {
    let lower = subject.to_lowercase();
    let is_merge = ["merge ", "auto merge of ", "merged in ", "merged ", "rollup merge of "]
        .iter()
        .any(|start| lower.starts_with(start));
    if !is_merge {
        return None;
    }
    let number = merge_number(subject, body);
    let title = body.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("See merge request"));
    // `Merge #12: title`
    let inline = subject.split_once(": ").map(|(_, title)| title).filter(|_| lower.starts_with("merge #"));
    match (number, inline.or(title)) {
        (Some(number), Some(title)) => {
            let inner = Subject::parse(title, body);
            Some(Subject { pull_request: Some(number), is_plain_merge: false, ..inner })
        }
        (Some(number), None) => {
            let branch =
                subject.rsplit(['/', ' ']).next().unwrap_or(subject).trim_matches('\'').replace(['-', '_'], " ");
            let inner = Subject::parse(&branch, "");
            Some(Subject { pull_request: Some(number), is_plain_merge: false, ..inner })
        }
        (None, _) if is_sentence(&lower) => None,
        (None, _) => Some(Subject { is_plain_merge: true, ..plain(subject) }),
    }
}

/// `merge sort for lists` is no merge.
fn is_sentence(lower: &str) -> bool {
    let second = lower.split_whitespace().nth(1).unwrap_or_default();
    !matches!(second, "branch" | "branches" | "remote-tracking" | "tag" | "commit" | "pull" | "in" | "of" | "from")
        && !second.starts_with(['\'', '#', '"'])
        && !lower.contains(" into ")
        && second != "main"
        && second != "master"
}

fn merge_number(subject: &str, body: &str) -> Option<String> {
    let of = |text: &str, mark: char| {
        let at = text.find(mark)?;
        let digits: String = text[at + 1..].chars().take_while(char::is_ascii_digit).collect();
        is_digits(&digits).then(|| format!("{mark}{digits}"))
    };
    let request = body.lines().find(|line| line.trim_start().starts_with("See merge request"));
    of(subject, '#').or_else(|| of(request?, '!'))
}

fn plain(subject: &str) -> Subject {
    Subject {
        area: None,
        sort: Sort::Other,
        is_declared: false,
        is_breaking: false,
        text: subject.to_owned(),
        pull_request: None,
        reverts: None,
        mends: None,
        is_plain_merge: false,
        is_security: false,
    }
}

#[cfg(test)]
mod tests;
