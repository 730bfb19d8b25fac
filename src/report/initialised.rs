//! The answers of `ckpt init` and `ckpt uninit`.

use super::text;
use crate::ops::context::initialise::{Initialised, Uninitialised};

/// What was made, or would be.
pub fn render(done: &Initialised) -> String {
    let file = text::line(&done.file);
    if done.already {
        return format!("The context is in {file} already\n");
    }
    let mut lines = Vec::new();
    let verb = |would: &str, did: &str| if done.dry_run { would.to_owned() } else { did.to_owned() };
    for folder in done.folders.iter().rev() {
        lines.push(format!("{} the folder {}", verb("Would make", "Made"), text::line(folder)));
    }
    lines.push(match done.adopted {
        true => format!("{} {file} as the context", verb("Would take", "Took")),
        false => format!("{} {file}", verb("Would make", "Made")),
    });
    if let Some(line) = &done.exclude_line {
        lines.push(format!("{} {} to .git/info/exclude", verb("Would add", "Added"), text::line(line)));
    }
    lines.join("\n") + "\n"
}

/// What was taken back.
pub fn render_undone(done: &Uninitialised) -> String {
    let file = done.file.as_deref().map(text::line).unwrap_or_default();
    let mut lines = vec![if done.kept { format!("Left {file} where it is") } else { format!("Removed {file}") }];
    if let Some(line) = &done.exclude_line {
        lines.push(format!("Took {} out of .git/info/exclude", text::line(line)));
    }
    for path in &done.left {
        lines.push(format!("Left {}, which was edited", text::line(path)));
    }
    lines.push("What was said stays in the history: `ckpt context show`".to_owned());
    lines.join("\n") + "\n"
}
