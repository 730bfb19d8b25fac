//! The rules of the code as tests: who may use whom, who may touch git and the terminal, and how long things get.
#![allow(clippy::unwrap_used, clippy::disallowed_macros)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The levels, the lowest first. A module uses lower levels only; those on one level never use each other.
const LEVELS: [&[&str]; 6] = [
    &["model", "sys"],
    &["store", "worktree", "context", "summary", "hooks", "config", "template"],
    &["ops"],
    &["report"],
    &["command"],
    &["cli", "main", "lib"],
];

const BANNED_NAMES: [&str; 8] = ["util", "utils", "common", "helper", "helpers", "manager", "misc", "base"];

/// One source file, without its tests.
struct Source {
    /// From `src/`, such as `store/refs.rs`.
    path: String,
    /// All of it.
    text: String,
    /// Lines up to the tests in it; empty for a file of tests.
    code: Vec<String>,
}

impl Source {
    /// The modules above and including it: `store/refs.rs` is `store`, `refs`; `store/mod.rs` is `store`.
    fn modules(&self) -> Vec<String> {
        let stem = self.path.strip_suffix(".rs").expect("only Rust files are read");
        let parts: Vec<_> = stem.split('/').map(str::to_owned).collect();
        match parts.last().map(String::as_str) {
            Some("mod") => parts[..parts.len() - 1].to_vec(),
            _ => parts,
        }
    }

    fn top(&self) -> String {
        self.modules()[0].clone()
    }

    /// The lines of code that are not comments, numbered from 1.
    fn statements(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.code.iter().enumerate().map(|(number, line)| (number + 1, line.as_str()));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let path = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        Source { code: code_lines(&path, &text), path, text }
    };
    let mut sources: Vec<_> = paths.iter().map(read).collect();
    let tests: Vec<String> = sources.iter().flat_map(test_modules).collect();
    for source in &mut sources {
        if tests.contains(&source.modules().join("::")) {
            source.code.clear();
        }
    }
    assert!(sources.len() > 30, "the sources were not found");
    sources
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// The lines before `#[cfg(test)] mod …`; nothing of a file of tests.
fn code_lines(path: &str, text: &str) -> Vec<String> {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return Vec::new();
    }
    let lines: Vec<_> = text.lines().collect();
    let is_start = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{');
    let end = lines.windows(2).position(is_start).unwrap_or(lines.len());
    lines[..end].iter().map(|&line| line.to_owned()).collect()
}

/// The modules of tests that a file declares: `#[cfg(test)]`, then `mod …;`.
fn test_modules(source: &Source) -> Vec<String> {
    let lines: Vec<_> = source.text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    let names = declared.filter_map(|pair| pair[1].rsplit_once("mod ")?.1.strip_suffix(';'));
    let above = source.modules();
    let is_root = matches!(source.path.as_str(), "lib.rs" | "main.rs");
    names.map(|name| if is_root { name.to_owned() } else { format!("{}::{name}", above.join("::")) }).collect()
}

fn level(module: &str) -> Option<usize> {
    LEVELS.iter().position(|level| level.contains(&module))
}

/// The top-level modules that a line names by `crate::…`, `ckpt::…` or enough `super::`s.
fn named_modules(line: &str, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for root in ["crate::".to_owned(), "ckpt::".to_owned(), "super::".repeat(depth.max(1))] {
        for (at, _) in line.match_indices(&root) {
            let before = line[..at].chars().next_back().unwrap_or(' ');
            let is_whole = !before.is_alphanumeric() && before != '_' && before != ':';
            if is_whole {
                found.extend(first_names(&line[at + root.len()..]));
            }
        }
    }
    found
}

/// `a::b` gives `a`; `{a::b, c}` gives `a` and `c`.
fn first_names(rest: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|&one| one.is_alphanumeric() || one == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let mut depth = 0;
    let mut names = vec![String::new()];
    for one in group.chars() {
        match one {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            _ => names.last_mut().unwrap().push(one),
        }
    }
    names.iter().map(|one| name(one.trim())).collect()
}

/// Statements with `use …;` over several lines put on one.
fn joined(source: &Source) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    for (number, line) in source.statements() {
        match lines.last_mut() {
            Some((_, last)) if is_open => last.push_str(line.trim()),
            _ => lines.push((number, line.to_owned())),
        }
        let starts = line.trim_start().trim_start_matches("pub ").starts_with("use ");
        is_open = (is_open || starts) && !line.trim_end().ends_with(';');
    }
    lines
}

fn fail_on(problems: Vec<String>) {
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn a_module_uses_only_lower_levels() {
    let mut problems = Vec::new();
    for source in sources() {
        let top = source.top();
        let Some(own) = level(&top) else {
            problems.push(format!("{}: `{top}` has no level", source.path));
            continue;
        };
        for (number, line) in joined(&source) {
            for name in named_modules(&line, source.modules().len()) {
                let is_wrong = name != top && own < LEVELS.len() - 1 && level(&name).is_some_and(|other| other >= own);
                if is_wrong {
                    problems.push(format!("{}:{number}: `{top}` uses `{name}`", source.path));
                }
            }
        }
    }
    fail_on(problems);
}

/// Lines outside the allowed places that hold one of these words.
fn lines_with(words: &[&str], is_allowed: impl Fn(&str) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| !is_allowed(&source.path)) {
        for (number, line) in source.statements() {
            if words.iter().any(|word| line.contains(word)) {
                problems.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    problems
}

#[test]
fn only_the_store_names_the_git_library_or_runs_git() {
    let words = ["git2::", "use git2", "process::git", "Command::new(\"git\")"];
    fail_on(lines_with(&words, |path| path.starts_with("store/") || path == "sys/process.rs"));
}

#[test]
fn only_the_report_writes_to_the_terminal() {
    let words = ["println!", "eprintln!", "print!(", "dbg!(", "stdout()", "stderr()"];
    // `sys/terminal.rs` only asks whether they are terminals.
    fail_on(lines_with(&words, |path| path.starts_with("report/") || path == "sys/terminal.rs"));
}

#[test]
fn only_the_lowest_level_looks_at_clock_and_environment() {
    let words = ["env::var", "Timestamp::now", "Zoned::now", "env::current_dir", "process::exit"];
    // A panic hook has nothing but the process's own environment.
    fail_on(lines_with(&words, |path| path.starts_with("sys/") || path == "report/crash.rs"));
}

#[test]
fn every_ref_that_is_named_is_ours() {
    const OURS: [&str; 4] = ["refs/ckpt/", "refs/worktree/ckpt/", "refs/notes/ckpt", "refs/ckpt-remotes/"];
    // These are only read or taken off for showing, or belong to an operation in progress that is put back on request;
    // a branch is only made, or removed while nobody has used it.
    const READ: [&str; 14] = [
        "refs/",
        "refs/remotes/",
        "refs/remotes/origin/HEAD",
        "refs/remotes/{remote}",
        "refs/remotes/{remote}/{short}",
        "refs/heads/",
        "refs/notes/remotes/",
        "refs/worktree/",
        "refs/heads",
        "refs/ckpt",
        "refs/bisect",
        "refs/bisect/",
        "refs/rewritten",
        "refs/rewritten/",
    ];
    let mut problems = Vec::new();
    for source in sources() {
        for (number, line) in source.statements() {
            for literal in line.split("\"refs/").skip(1) {
                let literal = format!("refs/{}", literal.split('"').next().unwrap());
                let is_ours = OURS.iter().any(|prefix| literal.starts_with(prefix));
                let is_read = READ.contains(&literal.as_str());
                if !is_ours && !is_read {
                    problems.push(format!("{}:{number}: {literal}", source.path));
                }
            }
        }
    }
    fail_on(problems);
}

#[test]
fn every_module_says_what_it_is_for_and_none_has_an_empty_name() {
    let mut problems = Vec::new();
    for source in sources() {
        let is_test = source.path.ends_with("tests.rs") || source.path.contains("/tests/");
        if !source.text.starts_with("//!") && !is_test {
            problems.push(format!("{}: does not begin with `//!`", source.path));
        }
        for part in source.modules() {
            if BANNED_NAMES.contains(&part.as_str()) {
                problems.push(format!("{}: `{part}` says nothing", source.path));
            }
        }
    }
    fail_on(problems);
}

fn median(mut numbers: Vec<usize>) -> usize {
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

#[test]
fn files_are_short() {
    let lengths: BTreeMap<_, _> =
        sources().iter().map(|source| (source.path.clone(), source.text.lines().count())).collect();
    fail_on(
        lengths.iter().filter(|entry| *entry.1 > 500).map(|(path, lines)| format!("{path}: {lines} lines")).collect(),
    );
    let middle = median(lengths.into_values().collect());
    assert!(middle <= 150, "the median file has {middle} lines");
}

#[test]
fn files_of_tests_are_short_too() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join("tests"), &mut paths);
    collect(&root.join("benches"), &mut paths);
    let lines = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().count();
    fail_on(paths.iter().filter(|path| lines(path) > 500).map(|path| path.display().to_string()).collect());
}

/// Name and length of each function in formatted code: from its `fn` to the brace that closes it.
fn functions(code: &[String]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (start, line) in code.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let is_closed = |line: &&String| {
            line.strip_prefix(indent)
                .is_some_and(|rest| rest.starts_with('}') || rest.starts_with(") ") && rest.ends_with(';'))
        };
        let is_one_line = line.ends_with('}') || line.ends_with(';');
        let length =
            if is_one_line { 1 } else { 2 + code[start + 1..].iter().take_while(|line| !is_closed(line)).count() };
        found.push((name, length));
    }
    found
}

fn function_name(line: &str) -> Option<String> {
    let mut rest = line.trim_start();
    if let Some(after) = rest.strip_prefix("pub(") {
        rest = after.split_once(") ")?.1;
    }
    for word in ["pub ", "const ", "async ", "unsafe "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    Some(name.chars().take_while(|&one| one.is_alphanumeric() || one == '_').collect())
}

#[test]
fn functions_are_short() {
    let mut problems = Vec::new();
    let mut lengths = Vec::new();
    for source in sources() {
        for (name, length) in functions(&source.code) {
            lengths.push(length);
            if length > 80 {
                problems.push(format!("{}: `{name}` has {length} lines", source.path));
            }
        }
    }
    fail_on(problems);
    let middle = median(lengths);
    assert!(middle <= 10, "the median function has {middle} lines");
}

#[test]
fn the_rules_themselves_see_what_they_should() {
    assert_eq!(named_modules("use crate::{model::id::{A, B}, store};", 2), ["model", "store"]);
    assert_eq!(named_modules("    let x = crate::ops::save::save();", 2), ["ops"]);
    assert_eq!(named_modules("use super::super::worktree::scan;", 2), ["worktree"]);
    assert_eq!(named_modules("use super::error;", 2), Vec::<String>::new());
    let code = "impl A {\n    pub const fn one(&self) -> u8 {\n        1\n    }\n}\nfn two(\n    a: u8,\n) -> u8 {\n    a\n}\nfn three() {}\n";
    let code: Vec<_> = code.lines().map(str::to_owned).collect();
    let wanted = [("one".to_owned(), 3), ("two".to_owned(), 5), ("three".to_owned(), 1)];
    assert_eq!(functions(&code), wanted);
    let tested = code_lines("a.rs", "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    use crate::ops;\n}\n");
    assert_eq!(tested.len(), 2);
}
