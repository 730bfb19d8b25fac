//! What a change touches: the source that users run, or what stands around it.
//!
//! Judged by path alone, by habits of many languages; a range that is about one part of a repository (a release of one
//! package) says so by its [`Focus`]. Pure; called by `weigh` and by `ops/summary`, which reads source only.

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    Source,
    /// What says which dependencies and features there are.
    Manifest,
    Test,
    Bench,
    Example,
    /// Texts beside the source.
    Documents,
    Changelog,
    /// What runs for the project itself: continuous integration, scripts, internal tools.
    Machinery,
    /// What is made by a program, or says how editors and linters behave.
    Settings,
}

const MANIFESTS: [&str; 14] = [
    "cargo.toml",
    "package.json",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "cmakelists.txt",
    "gemfile",
    "composer.json",
    "mix.exs",
    "build.rs",
];

const MACHINERY: [&str; 17] = [
    ".github",
    ".gitlab",
    ".circleci",
    ".ci",
    "ci",
    ".buildkite",
    ".azure",
    "xtask",
    "scripts",
    "script",
    "tools",
    "hack",
    ".cargo",
    ".config",
    "contrib",
    "etc",
    "docker",
];

const TESTS: [&str; 19] = [
    "tests",
    "test",
    "__tests__",
    "testdata",
    "test-data",
    "fixtures",
    "spec",
    "specs",
    "e2e",
    "integration",
    "fuzz",
    "testing",
    "snapshots",
    "testsuite",
    "selftests",
    "unittests",
    "unit",
    "t",
    "mocks",
];

/// Folders of changelogs in pieces, one file for each change.
const FRAGMENTS: [&str; 7] =
    ["newsfragments", "changelog.d", ".changeset", "changelogs", "releasenotes", "changelog", "unreleased_changes"];

const BENCHES: [&str; 4] = ["benches", "bench", "benchmarks", "benchmark"];
const EXAMPLES: [&str; 5] = ["examples", "example", "samples", "demo", "demos"];
const DOCUMENTS: [&str; 9] = ["docs", "doc", "documentation", "book", "website", "rfcs", "man", "manual", "guides"];

const SOURCES: [&str; 69] = [
    "rs", "go", "py", "pyi", "js", "jsx", "ts", "tsx", "mjs", "cjs", "c", "h", "cc", "cpp", "cxx", "hpp", "hh", "java",
    "kt", "kts", "scala", "swift", "m", "mm", "rb", "php", "cs", "fs", "ex", "exs", "erl", "hs", "ml", "mli", "lua",
    "zig", "dart", "vue", "svelte", "sh", "sql", "proto", "clj", "r", "jl", "asm", "y", "l", "s", "pl", "pm", "ps1",
    "awk", "el", "lisp", "scm", "nim", "cu", "f90", "d", "cr", "elm", "html", "css", "scss", "less", "hbs", "tmpl",
    "bash",
];

/// What a path is; it need not be there any more.
pub fn ground_of(path: &str) -> Ground {
    let lower = path.to_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let within = |list: &[&str]| folders.split('/').any(|folder| list.contains(&folder));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    if is_changelog(name) || within(&FRAGMENTS) {
        return Ground::Changelog;
    }
    if folders.split('/').next().is_some_and(|first| MACHINERY.contains(&first)) || is_machine_file(name) {
        return Ground::Machinery;
    }
    if within(&BENCHES) || stem.ends_with("_bench") || stem.starts_with("bench_") {
        return Ground::Bench;
    }
    if within(&TESTS)
        || is_test_file(stem, name)
        || folders
            .split('/')
            .any(|folder| folder.ends_with("-test") || folder.starts_with("tests-") || folder.ends_with("-tests"))
    {
        return Ground::Test;
    }
    if within(&EXAMPLES) {
        return Ground::Example;
    }
    if MANIFESTS.contains(&name) || name.ends_with(".gemspec") || name.ends_with(".csproj") {
        return Ground::Manifest;
    }
    let is_text = matches!(
        extension,
        "md" | "rst" | "adoc" | "txt" | "markdown" | "tex" | "texi" | "texinfo" | "pod" | "1" | "5" | "7" | "8"
    );
    if is_text
        || within(&DOCUMENTS)
        || matches!(
            stem,
            "readme"
                | "license"
                | "contributing"
                | "authors"
                | "security"
                | "thanks"
                | "hacking"
                | "copying"
                | "install"
        )
    {
        return Ground::Documents;
    }
    if SOURCES.contains(&extension) || folders.split('/').any(|folder| matches!(folder, "src" | "lib" | "source")) {
        return Ground::Source;
    }
    Ground::Settings
}

fn is_changelog(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    ["changelog", "changes", "history", "news", "releases", "release-notes", "release_notes"].contains(&stem)
}

fn is_machine_file(name: &str) -> bool {
    let whole = [
        ".gitignore",
        ".gitattributes",
        ".mailmap",
        "dockerfile",
        "makefile",
        "justfile",
        ".editorconfig",
        "renovate.json",
    ];
    whole.contains(&name)
        || name.starts_with(".travis")
        || name.ends_with(".gitlab-ci.yml")
        || name == "cirrus.yml"
        || name == ".cirrus.yml"
}

fn is_test_file(stem: &str, name: &str) -> bool {
    let marks = ["_test", "_tests", "-test", ".test", ".spec", "_spec"];
    stem == "tests"
        || stem == "test"
        || stem.starts_with("test_")
        || stem == "loom"
        || stem == "conftest"
        || marks.iter().any(|mark| stem.ends_with(mark))
        || name.ends_with(".snap")
        || stem.starts_with("loom_")
        || stem.ends_with("_loom")
}

/// The part of a repository that a range is about: a package, and those that it is built of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// Folders of it, each ending in `/`; none for the whole repository.
    pub own: Vec<String>,
    /// Folders of packages that it depends on.
    pub parts: Vec<String>,
}

/// How near a change is to what a range is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    Own,
    Part,
    Elsewhere,
}

impl Focus {
    pub fn nearness(&self, path: &str) -> Nearness {
        let within = |folders: &[String]| folders.iter().any(|folder| path.starts_with(folder.as_str()));
        if self.own.is_empty() || within(&self.own) {
            Nearness::Own
        } else if within(&self.parts) {
            Nearness::Part
        } else {
            Nearness::Elsewhere
        }
    }
}

/// How many paths of each ground a change touches, near and far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    pub source: u32,
    pub source_of_parts: u32,
    /// Source outside of what the range is about.
    pub source_elsewhere: u32,
    pub manifests: u32,
    pub tests: u32,
    pub benches: u32,
    pub examples: u32,
    pub documents: u32,
    pub changelogs: u32,
    pub machinery: u32,
    pub settings: u32,
}

impl Touched {
    pub fn of<'a>(paths: impl Iterator<Item = &'a str>, focus: &Focus) -> Touched {
        let mut touched = Touched::default();
        for path in paths {
            let count = match (ground_of(path), focus.nearness(path)) {
                (Ground::Source, Nearness::Own) => &mut touched.source,
                (Ground::Source, Nearness::Part) => &mut touched.source_of_parts,
                (Ground::Source, Nearness::Elsewhere) => &mut touched.source_elsewhere,
                (Ground::Manifest, Nearness::Own) => &mut touched.manifests,
                (Ground::Manifest, _) => &mut touched.settings,
                (Ground::Test, _) => &mut touched.tests,
                (Ground::Bench, _) => &mut touched.benches,
                (Ground::Example, _) => &mut touched.examples,
                (Ground::Documents, _) => &mut touched.documents,
                (Ground::Changelog, _) => &mut touched.changelogs,
                (Ground::Machinery, _) => &mut touched.machinery,
                (Ground::Settings, _) => &mut touched.settings,
            };
            *count += 1;
        }
        touched
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_what_they_are_in_any_language() {
        let cases = [
            ("src/main.rs", Ground::Source),
            ("tokio/src/sync/mpsc/chan.rs", Ground::Source),
            ("pkg/server/http.go", Ground::Source),
            ("pkg/server/http_test.go", Ground::Test),
            ("app/models/user.py", Ground::Source),
            ("tests/test_user.py", Ground::Test),
            ("src/components/a.spec.ts", Ground::Test),
            ("src/runtime/tests/queue.rs", Ground::Test),
            ("src/foo/tests.rs", Ground::Test),
            ("benches/sync.rs", Ground::Bench),
            ("examples/chat.rs", Ground::Example),
            (".github/workflows/ci.yml", Ground::Machinery),
            ("xtask/src/main.rs", Ground::Machinery),
            ("README.md", Ground::Documents),
            ("docs/guide.md", Ground::Documents),
            ("tokio/CHANGELOG.md", Ground::Changelog),
            ("newsfragments/123.bugfix", Ground::Changelog),
            (".changeset/new-cats.md", Ground::Changelog),
            ("Cargo.toml", Ground::Manifest),
            ("Cargo.lock", Ground::Settings),
            ("rustfmt.toml", Ground::Settings),
            (".gitignore", Ground::Machinery),
        ];
        for (path, ground) in cases {
            assert_eq!(ground_of(path), ground, "{path}");
        }
    }

    #[test]
    fn a_focus_tells_its_own_from_what_is_elsewhere() {
        let focus = Focus { own: vec!["a/".into()], parts: vec!["b/".into()] };
        let paths = ["a/src/x.rs", "b/src/x.rs", "c/src/x.rs", "a/tests/x.rs", "c/Cargo.toml"];
        let touched = Touched::of(paths.into_iter(), &focus);
        assert_eq!((touched.source, touched.source_of_parts, touched.source_elsewhere), (1, 1, 1));
        assert_eq!((touched.tests, touched.manifests, touched.settings), (1, 0, 1));
        assert_eq!(Focus::default().nearness("x"), Nearness::Own);
    }
}
