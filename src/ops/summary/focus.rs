//! What a range is about, where the repository has several packages: the one that its tag, or its release, names.
//!
//! `util-0.7.11`, `@scope/util@1.2.0`, `util/v1.2.0` are releases of `util`. Its manifest says which of its neighbours it
//! is built of. A range that nothing is known of is about everything.

use bstr::{BString, ByteSlice};

use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::summary::item::Item;
use crate::summary::subject::{Sort, Subject};
use crate::summary::touched::{Focus, Ground, ground_of};

/// Folders deeper than this hold no packages of their own.
const DEEPEST: usize = 3;
/// So many folders are looked into.
const MOST_FOLDERS: usize = 400;
/// So many of the last commits may be the one that prepares the release.
const LAST: usize = 3;

/// Finds it: by the names of the range's end, else by the release that ends it.
pub(super) fn find(reader: &dyn ObjectReader, tree: &ObjectId, names: &[String], items: &[Item]) -> Focus {
    let packages = packages(reader, tree);
    let named = names.iter().filter_map(|name| package_of(name));
    let own = named
        .filter_map(|name| packages.iter().find(|package| is_called(package, &name)))
        .next()
        .or_else(|| released(&packages, items));
    let Some(own) = own.filter(|own| !own.folder.is_empty()) else { return Focus::default() };
    let text = reader.read_kind(&own.manifest, ObjectKind::Blob).unwrap_or_default();
    let dependencies = without_development(&text.to_str_lossy());
    let is_part = |package: &&Package| {
        package.folder != own.folder && !package.folder.is_empty() && has_word(&dependencies, package.name())
    };
    Focus {
        own: vec![own.folder.clone()],
        parts: packages.iter().filter(is_part).map(|package| package.folder.clone()).collect(),
    }
}

/// A folder with a manifest.
struct Package {
    /// Ends in `/`; empty for the root.
    folder: String,
    manifest: ObjectId,
}

impl Package {
    fn name(&self) -> &str {
        self.folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }
}

const MANIFESTS: [&str; 5] = ["Cargo.toml", "package.json", "pyproject.toml", "go.mod", "pom.xml"];

fn packages(reader: &dyn ObjectReader, tree: &ObjectId) -> Vec<Package> {
    let mut found = Vec::new();
    let mut waiting = std::collections::VecDeque::from([(String::new(), *tree, 0)]);
    let mut looked_at = 0;
    while let Some((folder, id, depth)) = waiting.pop_front().filter(|_| looked_at < MOST_FOLDERS) {
        looked_at += 1;
        let Ok(entries) = reader.read_tree(&id) else { continue };
        let manifest = MANIFESTS.iter().find_map(|name| entries.iter().find(|entry| entry.name == *name));
        found.extend(manifest.map(|entry| Package { folder: folder.clone(), manifest: entry.id }));
        for entry in entries.iter().filter(|entry| entry.mode == Mode::Tree && depth + 1 < DEEPEST) {
            if is_plausible(&entry.name) {
                waiting.push_back((format!("{folder}{}/", entry.name), entry.id, depth + 1));
            }
        }
    }
    found
}

fn is_plausible(name: &BString) -> bool {
    let not = ["node_modules", "target", "vendor", "src", "tests", "docs", "benches", "examples"];
    !name.starts_with(b".") && !not.iter().any(|word| name == word)
}

/// `util-0.7.11`, `util/v1.2`, `@scope/util@1.2.0`: the name. `v1.2.0` names none.
fn package_of(tag: &str) -> Option<String> {
    let starts_version = |at: usize| {
        let rest = tag[at..].trim_start_matches(['-', '_', '/', '@']);
        let digits = rest.strip_prefix('v').unwrap_or(rest);
        digits.starts_with(|one: char| one.is_ascii_digit()) && digits.contains('.')
    };
    let at = tag.char_indices().filter(|(_, one)| matches!(one, '-' | '_' | '/' | '@')).map(|(at, _)| at);
    let at = at.into_iter().find(|&at| at > 0 && starts_version(at))?;
    let name = tag[..at].rsplit('/').next()?.trim_start_matches('@');
    (!name.is_empty()).then(|| name.to_lowercase())
}

fn is_called(package: &Package, name: &str) -> bool {
    let own = package.name().to_lowercase();
    !own.is_empty() && own.replace('_', "-") == name.replace('_', "-")
}

/// The package whose changelog and manifest the release at the end of the range touches.
fn released<'p>(packages: &'p [Package], items: &[Item]) -> Option<&'p Package> {
    let last = items.iter().rev().take(LAST);
    let release = last.into_iter().find(|item| Subject::parse(&item.text, &item.body).sort == Sort::Release)?;
    let is_of_release = |path: &&String| matches!(ground_of(path), Ground::Changelog | Ground::Manifest);
    let mut folders: Vec<String> = release.paths.iter().filter(is_of_release).map(|path| folder_of(path)).collect();
    folders.sort();
    folders.dedup();
    match folders.as_slice() {
        [one] => packages.iter().find(|package| package.folder == *one),
        _ => {
            let changelogs: Vec<&String> =
                release.paths.iter().filter(|path| ground_of(path) == Ground::Changelog).collect();
            let [one] = changelogs.as_slice() else { return None };
            packages.iter().find(|package| package.folder == folder_of(one))
        }
    }
}

fn folder_of(path: &str) -> String {
    path.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default()
}

/// A manifest without what only its developers need.
fn without_development(text: &str) -> String {
    let mut out = String::new();
    let mut is_development = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('[') || line.ends_with(": {") || line.ends_with(":{") {
            is_development = line.contains("dev-dep") || line.contains("devDep") || line.contains("package]");
        }
        if !is_development && (line.contains("path") || line.contains("workspace")) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |one: char| one.is_alphanumeric() || matches!(one, '-' | '_');
    text.split(|one: char| !is_part(one)).any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_its_package() {
        let of = |tag: &str| package_of(tag);
        assert_eq!(of("util-0.7.11").as_deref(), Some("util"));
        assert_eq!(of("my-util-v0.7.11").as_deref(), Some("my-util"));
        assert_eq!(of("@scope/util@1.2.0").as_deref(), Some("util"));
        assert_eq!(of("crates/util/v1.2.0").as_deref(), Some("util"));
        assert_eq!((of("v1.2.0"), of("1.2.0"), of("main"), of("HEAD~3")), (None, None, None, None));
    }

    #[test]
    fn development_is_no_part() {
        let text = "[package]\nname = \"a\"\n[dependencies]\nb = { path = \"../b\" }\n[dev-dependencies]\nc = { path = \"../c\" }\n";
        let kept = without_development(text);
        assert!(has_word(&kept, "b") && !has_word(&kept, "c"));
    }
}
