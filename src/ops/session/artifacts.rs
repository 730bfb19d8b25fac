//! What kind of thing a path is: what a session made, sorted. Pure.

use bstr::{BStr, ByteSlice};
use serde::Serialize;

/// Kinds of files, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactKind {
    Code,
    Tests,
    Docs,
    Scripts,
    Notes,
    Other,
}

impl ArtifactKind {
    /// All of them.
    pub const ALL: [ArtifactKind; 6] = [
        ArtifactKind::Code,
        ArtifactKind::Tests,
        ArtifactKind::Docs,
        ArtifactKind::Scripts,
        ArtifactKind::Notes,
        ArtifactKind::Other,
    ];

    /// The word in output.
    pub fn as_str(self) -> &'static str {
        match self {
            ArtifactKind::Code => "code",
            ArtifactKind::Tests => "tests",
            ArtifactKind::Docs => "docs",
            ArtifactKind::Scripts => "scripts",
            ArtifactKind::Notes => "notes",
            ArtifactKind::Other => "other",
        }
    }
}

const TEST_FOLDERS: [&str; 7] = ["test", "tests", "spec", "specs", "__tests__", "testdata", "fixtures"];
const DOC_FOLDERS: [&str; 3] = ["doc", "docs", "documentation"];
const NOTE_FOLDERS: [&str; 3] = ["notes", "note", ".ckpt"];
const SCRIPT_FOLDERS: [&str; 5] = ["scripts", "script", "bin", "hooks", ".ci"];
const DOC_ENDINGS: [&str; 8] = ["md", "markdown", "rst", "adoc", "txt", "org", "tex", "pdf"];
const SCRIPT_ENDINGS: [&str; 7] = ["sh", "bash", "zsh", "fish", "ps1", "bat", "cmd"];
const CODE_ENDINGS: [&str; 52] = [
    "rs", "c", "h", "cc", "cpp", "cxx", "hpp", "hh", "go", "py", "pyi", "rb", "js", "mjs", "cjs", "jsx", "ts", "tsx",
    "vue", "svelte", "java", "kt", "kts", "scala", "cs", "fs", "swift", "m", "mm", "php", "pl", "pm", "lua", "ex",
    "exs", "erl", "hs", "ml", "mli", "clj", "dart", "zig", "nim", "jl", "r", "sql", "css", "scss", "html", "proto",
    "graphql", "asm",
];

/// Sorts a path by its folders and its ending.
pub fn kind_of(path: &BStr) -> ArtifactKind {
    let lower = path.to_str_lossy().to_lowercase();
    let (folders, file) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let within = |names: &[&str]| folders.split('/').any(|folder| names.contains(&folder));
    let (stem, ending) = file.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).unwrap_or((file, ""));
    if within(&NOTE_FOLDERS) || matches!(stem, "notes" | "note" | "todo" | "scratch") {
        ArtifactKind::Notes
    } else if within(&TEST_FOLDERS) || is_test(stem) {
        ArtifactKind::Tests
    } else if within(&DOC_FOLDERS) || DOC_ENDINGS.contains(&ending) || is_readme(stem) {
        ArtifactKind::Docs
    } else if SCRIPT_ENDINGS.contains(&ending) || (within(&SCRIPT_FOLDERS) && !CODE_ENDINGS.contains(&ending)) {
        ArtifactKind::Scripts
    } else if CODE_ENDINGS.contains(&ending) {
        ArtifactKind::Code
    } else if matches!(file, "makefile" | "justfile" | "dockerfile" | "rakefile") {
        ArtifactKind::Scripts
    } else {
        ArtifactKind::Other
    }
}

fn is_test(stem: &str) -> bool {
    let (starts, ends) = (["test_", "test-"], ["_test", "-test", ".test", "_spec", "-spec", ".spec", "_tests"]);
    starts.iter().any(|start| stem.starts_with(start)) || ends.iter().any(|end| stem.ends_with(end))
}

fn is_readme(stem: &str) -> bool {
    ["readme", "changelog", "license", "contributing"].contains(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_sorted_by_folder_and_ending() {
        let known = [
            ("src/main.rs", ArtifactKind::Code),
            ("web/app.tsx", ArtifactKind::Code),
            ("tests/it/main.rs", ArtifactKind::Tests),
            ("pkg/login_test.go", ArtifactKind::Tests),
            ("web/app.test.ts", ArtifactKind::Tests),
            ("README.md", ArtifactKind::Docs),
            ("docs/a/picture.png", ArtifactKind::Docs),
            ("LICENSE", ArtifactKind::Docs),
            ("deploy.sh", ArtifactKind::Scripts),
            ("scripts/release", ArtifactKind::Scripts),
            ("Makefile", ArtifactKind::Scripts),
            ("notes/today.md", ArtifactKind::Notes),
            ("TODO", ArtifactKind::Notes),
            ("Cargo.toml", ArtifactKind::Other),
            (".gitignore", ArtifactKind::Other),
        ];
        for (path, kind) in known {
            assert_eq!(kind_of(path.into()), kind, "{path}");
        }
        assert_eq!(kind_of(b"caf\xe9.rs".as_bstr()), ArtifactKind::Code);
    }
}
