//! The layers as files of a session's tree.

use crate::store::session::FileChanges;
use crate::summary::history::Layers;
use crate::summary::line::{Line, Part};

use super::layers::STATE;

/// For people, who may read them with plain git.
const DETAILED: &str = "layers/detailed.md";
const BRIEF: &str = "layers/brief.md";

/// All files of the layers.
pub(super) fn of(layers: &Layers) -> FileChanges {
    let view = layers.clone().view(&[], jiff::Timestamp::UNIX_EPOCH, &crate::summary::age::Ages::default(), &|_| true);
    vec![
        (STATE.into(), Some(layers.to_text().into_bytes())),
        (DETAILED.into(), Some(markdown(&view.detailed()).into_bytes())),
        (BRIEF.into(), Some(markdown(&view.brief()).into_bytes())),
    ]
}

/// One line each, below what it belongs to.
fn markdown(lines: &[Line]) -> String {
    let mut out = String::new();
    let mut lines: Vec<&Line> = lines.iter().collect();
    lines.sort_by_key(|line| line.part);
    let mut part = None;
    for line in lines {
        if part != Some(line.part) {
            out.push_str(&format!("{}## {}\n\n", if part.is_some() { "\n" } else { "" }, line.part.title()));
            part = Some(line.part);
        }
        let sources: Vec<&str> = line.sources.iter().map(String::as_str).collect();
        let between = if line.part == Part::Earlier { ".." } else { ", " };
        out.push_str(&format!("- {} [{}]\n", line.text.replace(['\n', '\r'], " "), sources.join(between)));
    }
    out
}
