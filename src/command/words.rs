//! What the commands of words share: they say something, and tell what came of it.

use crate::ops::context::Synced;
use crate::ops::context::words::{List, Word, list, tell};
use crate::report::json::words::{ItemsDocument, WordDocument};
use crate::report::told;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Puts a word on record.
pub(super) fn say(word: &Word, partition: Option<&str>, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let told = tell(&repo, word, partition)?;
    mention(&told.synced, invocation);
    if told.others > 0 {
        invocation.output.notice(&told::others(&told));
    }
    if invocation.output.is_json() {
        invocation.output.document(&WordDocument::of(&told))?;
    } else if !invocation.output.is_quiet() {
        let text = told::render(&told, word, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}

/// Lists issues or to-dos.
pub(super) fn show_list(which: List, partition: Option<&str>, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let listed = list(&repo, which, partition)?;
    mention(&listed.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&ItemsDocument::of(&listed))?;
    } else {
        let text = told::render_items(&listed, &invocation.look());
        invocation.output.answer_paged(text)?;
        if listed.items.is_empty() {
            invocation.output.notice(&format!("{} has no items", listed.section));
        }
    }
    Ok(Exit::Done)
}

/// Says what a sync did beside the answer.
pub(super) fn mention(synced: &Synced, invocation: &mut Invocation) {
    for warning in &synced.warnings {
        invocation.output.warning(warning);
    }
    if !synced.conflicts.is_empty() {
        invocation.output.warning(&told::conflicts(synced));
    }
    if !synced.edited.is_empty() {
        invocation.output.notice(&told::edited(synced));
    }
}
