//! Documents by reference: where they are, and their first lines. Whoever needs all of one reads it there.

use super::{Sources, entry, tidy};
use crate::context::outline::outline;
use crate::ops::OpError;
use crate::store::session::{HINTS, PARTITION_FOLDER};
use crate::summary::brief::{Entry, Section, Shape};
use crate::worktree::WorktreeError;
use crate::worktree::document::Place;

/// What a project's introduction is called.
const READMES: [&str; 5] = ["README.md", "README", "README.rst", "README.txt", "readme.md"];

/// So much of a document is told: what it is about, not what it says.
const LINES: usize = 12;
const BYTES: usize = 800;

/// So much is told of where they are.
const LONGEST_SOURCE: usize = 200;

/// So much of a partition's document is looked at.
const LONGEST_PARTITION: usize = 12_000;

/// The documents of the partitions that the brief is about.
pub(super) fn partitions(sources: &Sources<'_>) -> Result<Section, OpError> {
    let mut entries = Vec::new();
    for name in &sources.scope.partitions {
        let path = format!("{PARTITION_FOLDER}{name}.md");
        let text = sources.session.as_ref().map(|session| session.text(&sources.repo.store, &path)).transpose()?;
        let Some(text) = text.flatten() else { continue };
        let said = tidy(&outline(&text, LONGEST_PARTITION).text, LONGEST_PARTITION);
        if !said.is_empty() {
            entries.push(document(name.clone(), said));
        }
    }
    let first = sources.scope.partitions.first().map_or("NAME", String::as_str);
    Ok(Section {
        name: "partitions",
        title: "Partitions",
        entries,
        has_older: false,
        source: format!("ckpt context show --partition {first}"),
        share: 20,
    })
}

/// What the session's template says that one should mind.
pub(super) fn hints(sources: &Sources<'_>) -> Result<Section, OpError> {
    let text = sources.session.as_ref().map(|session| session.text(&sources.repo.store, HINTS)).transpose()?;
    let text = text.flatten().unwrap_or_default();
    let hints = text.lines().filter_map(|line| entry(Shape::Item, None, line.strip_prefix("- ").unwrap_or(line)));
    Ok(Section {
        name: "hints",
        title: "What to mind",
        entries: hints.collect(),
        has_older: false,
        source: format!("git show refs/ckpt/sessions/{}:{HINTS}", sources.repo.session()),
        share: 10,
    })
}

/// The project's introduction, and what the configuration names.
pub(super) fn section(sources: &Sources<'_>) -> Result<Section, OpError> {
    let repo = sources.repo;
    let own = repo.store.git_settings("ckpt.contextdocument")?;
    let named = if own.is_empty() { repo.context.documents.clone() } else { own };
    let mut entries: Vec<Entry> = READMES.iter().find_map(|path| first_lines(sources, path)).into_iter().collect();
    for path in named.iter().filter(|path| !READMES.contains(&path.as_str())) {
        entries.push(first_lines(sources, path).unwrap_or_else(|| missing(path)));
    }
    let paths: Vec<&str> = entries.iter().filter_map(|entry| entry.label.as_deref()?.split(", ").next()).collect();
    Ok(Section {
        name: "documents",
        title: "Documents to read, and how they begin",
        source: tidy(&format!("cat {}", paths.join(" ")), LONGEST_SOURCE),
        entries,
        has_older: false,
        share: 10,
    })
}

/// How a document begins; `None` where it is not there, or is none.
fn first_lines(sources: &Sources<'_>, path: &str) -> Option<Entry> {
    let place = Place { root: &sources.repo.store.layout().work_dir, path };
    let text: Result<Option<String>, WorktreeError> = place.read();
    let text = text.ok().flatten()?;
    let count = text.lines().count();
    let said: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).take(LINES).collect();
    let said = tidy(&said.join("\n"), BYTES);
    let lines = if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    Some(document(format!("{path}, {lines}"), if said.is_empty() { "(empty)".to_owned() } else { said }))
}

fn missing(path: &str) -> Entry {
    let text = "it is named in the configuration, and cannot be read".to_owned();
    Entry { shape: Shape::Fact, label: Some(path.to_owned()), time: None, text, is_pinned: false }
}

fn document(label: String, text: String) -> Entry {
    Entry { shape: Shape::Document, label: Some(label), time: None, text, is_pinned: false }
}
