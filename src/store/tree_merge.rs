//! A three-way merge of trees by git's own machinery, without a work tree and without an index.
//!
//! The three trees are dressed as commits of one parent, so that the base needs no option that an older git does not know.
//! Called by `ops/stack`.

use std::process::{Output, Stdio};

use bstr::{BString, ByteSlice};

use super::{Store, StoreError};
use crate::model::commit::{Commit, Identity, Signature};
use crate::model::id::ObjectId;
use crate::model::index::ConflictStage;
use crate::model::object::{ObjectKind, ObjectWriter};

const ACTION: &str = "merging trees";

/// Three trees.
#[derive(Clone, Copy, Debug)]
pub struct Trees {
    pub base: ObjectId,
    pub ours: ObjectId,
    pub theirs: ObjectId,
}

/// What came of a merge.
#[derive(Clone, Debug)]
pub struct MergedTree {
    /// With conflict markers in the files that could not be merged.
    pub tree: ObjectId,
    /// Sorted by path and stage; empty where all could be merged.
    pub stages: Vec<ConflictStage>,
    /// The words by which git names the three sides in markers and in names of files: base, ours, theirs.
    pub words: [String; 3],
}

/// Merges. What git writes on the way is synced, as everything is that a ref will name.
pub fn merge_trees(store: &Store, trees: Trees) -> Result<MergedTree, StoreError> {
    let writing = store.start_writing()?;
    let commit = |tree: ObjectId, parents: Vec<ObjectId>, message: &str| {
        let author = Signature { identity: Identity::default(), seconds: 0, offset: 0 };
        let commit = Commit { tree, parents, committer: author.clone(), author, message: message.into() };
        writing.write(ObjectKind::Commit, &commit.encode())
    };
    let base = commit(trees.base, Vec::new(), "base\n")?;
    let ours = commit(trees.ours, vec![base], "ours\n")?;
    let theirs = commit(trees.theirs, vec![base], "theirs\n")?;
    let written = store.finish_writing(writing)?;
    let mut command = store.git();
    command.args(["-c", "core.fsync=loose-object", "merge-tree", "--write-tree", "-z", "--no-messages"]);
    command.args([ours.to_string(), theirs.to_string()]).stdin(Stdio::null());
    let output = command.output().map_err(|error| failed(&error.to_string()))?;
    drop(written);
    let words = [base, ours, theirs].map(|id| id.to_string());
    read(&output, words)
}

fn read(output: &Output, words: [String; 3]) -> Result<MergedTree, StoreError> {
    if !matches!(output.status.code(), Some(0 | 1)) {
        return Err(failed(&output.stderr.trim().to_str_lossy()));
    }
    let damaged = || failed("git's answer is not understood");
    let mut parts = output.stdout.split_str("\0");
    let tree = parts.next().and_then(ObjectId::from_hex).ok_or_else(damaged)?;
    let mut stages = Vec::new();
    for part in parts.take_while(|part| !part.is_empty()) {
        stages.push(stage(part).ok_or_else(damaged)?);
    }
    stages.sort_by(|left, right| (&left.path, left.stage).cmp(&(&right.path, right.stage)));
    Ok(MergedTree { tree, stages, words })
}

/// `<mode> <id> <stage>\t<path>`.
fn stage(text: &[u8]) -> Option<ConflictStage> {
    let (facts, path) = text.split_once_str("\t")?;
    let mut facts = facts.split_str(" ");
    let mode = u32::from_str_radix(facts.next()?.to_str().ok()?, 8).ok()?;
    let id = ObjectId::from_hex(facts.next()?)?;
    let stage = facts.next()?.to_str().ok()?.parse().ok()?;
    Some(ConflictStage { path: BString::from(path), stage, mode, id })
}

fn failed(detail: &str) -> StoreError {
    StoreError::Git { action: ACTION.to_owned(), detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    fn tree_of(fixture: &Fixture, files: &[(&str, &str)]) -> ObjectId {
        fixture.git(["rm", "-rq", "--cached", "--ignore-unmatch", "."]);
        for (path, text) in files {
            fixture.write(path, text);
            fixture.git(["add", "-f", "--", path]);
        }
        fixture.id(&fixture.git(["write-tree"]))
    }

    #[test]
    fn what_both_changed_in_other_places_is_merged_and_the_rest_has_stages() {
        let fixture = Fixture::new();
        let text = |first: &str, last: &str| format!("{first}\n1\n2\n3\n4\n5\n{last}\n");
        let base = tree_of(&fixture, &[("f", &text("a", "b")), ("g\nx", "1\n")]);
        let ours = tree_of(&fixture, &[("f", &text("A", "b")), ("g\nx", "2\n")]);
        let theirs = tree_of(&fixture, &[("f", &text("a", "B")), ("g\nx", "3\n")]);
        let store = fixture.store();
        let merged = merge_trees(&store, Trees { base, ours, theirs }).unwrap();
        assert_eq!(fixture.git(["show", &format!("{}:f", merged.tree)]), text("A", "B").trim_end());
        let stages: Vec<_> = merged.stages.iter().map(|stage| (stage.path.to_string(), stage.stage)).collect();
        assert_eq!(stages, [("g\nx".to_owned(), 1), ("g\nx".to_owned(), 2), ("g\nx".to_owned(), 3)]);
        let clean = merge_trees(&store, Trees { base, ours: base, theirs }).unwrap();
        assert_eq!((clean.tree, clean.stages.len()), (theirs, 0));
    }
}
