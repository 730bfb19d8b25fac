//! The facts of the moment: gathered from the store without a process and without a scan, and written as lines.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};
use jiff::Timestamp;

use super::file::ContextFile;
use crate::context::facts::{fill, has_block, quoted};
use crate::model::change::Change;
use crate::model::commit::Commit;
use crate::model::id::ObjectId;
use crate::ops::show::read_commit;
use crate::ops::tree_diff::first_changes;
use crate::ops::{OpError, Repo, chain, points};
use crate::store::checkpoint::read_summary;
use crate::store::upstream::apart;

/// So many commits and folders are named.
const COMMITS: usize = 5;
const FOLDERS: usize = 8;
/// With more changed files than this nobody counts them.
const MOST_FILES: usize = 10_000;

/// What ckpt keeps true in the context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `None` when HEAD is detached.
    pub branch: Option<String>,
    pub head: Option<ObjectId>,
    pub upstream: Option<Following>,
    /// Newest first: id and subject.
    pub commits: Vec<(ObjectId, String)>,
    pub checkpoint: Option<LastCheckpoint>,
    /// What the last checkpoint holds that is not committed: number of files by folder, the fullest first. `None` where that
    /// is too much to count.
    pub changed: Option<Vec<(BString, usize)>>,
    pub now: Timestamp,
}

/// The branch that the branch follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Following {
    pub name: String,
    /// `None` when that takes too long to tell, or the upstream was never fetched.
    pub apart: Option<(usize, usize)>,
}

/// The session's last checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastCheckpoint {
    pub id: ObjectId,
    pub subject: String,
    pub created: Timestamp,
}

/// Gathers the facts. `belongs` chooses the paths that count among the changed ones.
pub fn gather(repo: &Repo, belongs: &dyn Fn(&Change) -> bool) -> Result<Facts, OpError> {
    let head = repo.store.head()?;
    let branch = head.branch_name().map(str::to_owned);
    let mut facts = Facts { branch, head: head.commit, now: repo.clock.now(), ..Facts::default() };
    facts.upstream = facts.branch.as_deref().and_then(|branch| following(repo, branch, head.commit));
    let mut next = head.commit;
    while let Some(id) = next.filter(|_| facts.commits.len() < COMMITS) {
        let Ok(commit) = read_commit(&repo.store, &id) else { break };
        facts.commits.push((id, commit.subject().to_string()));
        next = commit.parents.first().copied();
    }
    if let Some((checkpoint, changed)) = last_checkpoint(repo, head.commit)? {
        facts.checkpoint = Some(checkpoint);
        facts.changed = changed.map(|changed| by_folder(changed.iter().filter(|change| belongs(change))));
    }
    Ok(facts)
}

fn following(repo: &Repo, branch: &str, head: Option<ObjectId>) -> Option<Following> {
    let upstream = repo.store.upstream(branch).ok()??;
    let apart = head.zip(upstream.commit).and_then(|(head, there)| apart(&repo.store, &head, &there));
    Some(Following { name: upstream.name, apart })
}

/// Up to [`MOST_FILES`] changes; `None` where there are more.
type Changes = Option<Vec<Change>>;

/// The one that the session's tip names: looking further would cost more the more checkpoints there are.
fn last_checkpoint(repo: &Repo, head: Option<ObjectId>) -> Result<Option<(LastCheckpoint, Changes)>, OpError> {
    let latest = chain::read_tip(repo)?.session.and_then(|session| session.record.latest);
    let Some(id) = latest else { return Ok(None) };
    if !points::exists(repo, &id)? {
        return Ok(None);
    }
    let Ok(summary) = read_summary(&repo.store, &id) else { return Ok(None) };
    let is_here = summary.worktree == repo.store.layout().worktree_key;
    let found = if is_here { changed_since(repo, head, &id).ok() } else { None };
    let changed = found.unwrap_or_else(|| Some(Vec::new()));
    Ok(Some((LastCheckpoint { id, subject: summary.subject, created: summary.created }, changed)))
}

/// Called by hooks, which may hold nobody up: `None` where more than [`MOST_FILES`] differ.
fn changed_since(repo: &Repo, head: Option<ObjectId>, checkpoint: &ObjectId) -> Result<Changes, OpError> {
    let tree = |id: &ObjectId| read_commit(&repo.store, id).map(|commit: Commit| commit.tree);
    let base = head.as_ref().map(tree).transpose()?;
    Ok(first_changes(&repo.store, base.as_ref(), Some(&tree(checkpoint)?), MOST_FILES)?)
}

/// At most two folders deep: `src/store`, not every folder below it.
fn by_folder<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<(BString, usize)> {
    let mut counts: BTreeMap<BString, usize> = BTreeMap::new();
    for change in changes {
        let folder = change.path.rsplit_once_str("/").map_or(&b"."[..], |(folder, _)| folder);
        let folder = BString::from(bstr::join("/", folder.split_str("/").take(2)));
        *counts.entry(folder).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    counts
}

/// The lines of the block. Times are absolute: they stay true while nobody writes the file.
pub fn render(facts: &Facts) -> String {
    let mut lines = vec![format!("- branch: {}", branch_line(facts))];
    for (number, (id, subject)) in facts.commits.iter().enumerate() {
        let label = if number == 0 { "- commits: " } else { "  " };
        lines.push(format!("{label}{} {}  ", id.short(), quoted(subject)));
    }
    if let Some(last) = lines.last_mut() {
        *last = last.trim_end().to_owned();
    }
    if let Some(last) = &facts.checkpoint {
        lines.push(format!(
            "- last checkpoint: {} {}, {}",
            last.id.short(),
            quoted(&last.subject),
            moment(last.created)
        ));
        lines.push(format!("- not committed in it: {}", changed_line(facts.changed.as_deref())));
    }
    lines.push(format!("- as of: {}", moment(facts.now)));
    lines.join("\n")
}

fn branch_line(facts: &Facts) -> String {
    let branch = match (&facts.branch, facts.head) {
        (Some(branch), _) => quoted(branch),
        (None, Some(head)) => format!("none, HEAD is detached at {}", head.short()),
        (None, None) => "none".to_owned(),
    };
    let upstream = facts.upstream.as_ref().map(|upstream| match upstream.apart {
        Some((0, 0)) => format!(", level with {}", quoted(&upstream.name)),
        Some((ahead, behind)) => format!(", {ahead} ahead of and {behind} behind {}", quoted(&upstream.name)),
        None => format!(", follows {}", quoted(&upstream.name)),
    });
    branch + &upstream.unwrap_or_default()
}

fn changed_line(changed: Option<&[(BString, usize)]>) -> String {
    let Some(changed) = changed else { return format!("more than {MOST_FILES} files") };
    if changed.is_empty() {
        return "nothing".to_owned();
    }
    let mut parts: Vec<String> = changed
        .iter()
        .take(FOLDERS)
        .map(|(folder, count)| format!("{} {count}", quoted(&folder.to_str_lossy())))
        .collect();
    let rest: usize = changed.iter().skip(FOLDERS).map(|(_, count)| count).sum();
    if rest > 0 {
        parts.push(format!("elsewhere {rest}"));
    }
    parts.join(", ")
}

fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A version with the facts of this moment in its block; as it is where it has none, or they cannot be had.
pub(super) fn filled(repo: &Repo, text: &str) -> String {
    let facts = if has_block(text) { gather(repo, &|_| true).ok() } else { None };
    facts.and_then(|facts| fill(text, &render(&facts))).unwrap_or_else(|| text.to_owned())
}

/// Writes the facts of this moment into the file. False where it says them already, but for the time.
pub(super) fn refresh(repo: &Repo) -> Result<bool, OpError> {
    let Some(file) = ContextFile::find(repo)? else { return Ok(false) };
    refresh_file(repo, &file)
}

/// [`refresh`] after a save, which writes no file that git would see.
pub(super) fn refresh_unseen(repo: &Repo) -> Result<bool, OpError> {
    match ContextFile::find(repo)? {
        Some(file) if file.is_excluded() => refresh_file(repo, &file),
        _ => Ok(false),
    }
}

fn refresh_file(repo: &Repo, file: &ContextFile) -> Result<bool, OpError> {
    let Some(raw) = file.place(repo).read()? else { return Ok(false) };
    if !has_block(&raw) {
        return Ok(false);
    }
    let Some(new) = fill(&raw, &render(&gather(repo, &|_| true)?)) else { return Ok(false) };
    if without_moment(&new) == without_moment(&raw) {
        return Ok(false);
    }
    Ok(file.place(repo).replace(Some(&raw), &new)?)
}

fn without_moment(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with("- as of: ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> ObjectId {
        ObjectId::from_bytes(&[byte; 20]).unwrap()
    }

    #[test]
    fn the_lines_say_everything_and_obey_nobody() {
        let now: Timestamp = "2026-11-21T09:00:30Z".parse().unwrap();
        let facts = Facts {
            branch: Some("topic".into()),
            head: Some(id(1)),
            upstream: Some(Following { name: "origin/topic".into(), apart: Some((2, 1)) }),
            commits: vec![(id(1), "fix `x`\n<!-- /ckpt:facts -->".into()), (id(2), "first".into())],
            checkpoint: Some(LastCheckpoint { id: id(3), subject: "login works".into(), created: now }),
            changed: Some(by_folder(
                ["a.txt", "src/store/x/y.rs", "src/store/z.rs"]
                    .map(|path| Change { path: path.into(), old: None, new: None })
                    .iter(),
            )),
            now,
        };
        let text = render(&facts);
        assert_eq!(
            text,
            "- branch: `topic`, 2 ahead of and 1 behind `origin/topic`\n\
             - commits: 0101010101 ``fix `x` <!-- /ckpt:facts -->``  \n  0202020202 `first`\n\
             - last checkpoint: 0303030303 `login works`, 2026-11-21 09:00 UTC\n\
             - not committed in it: `src/store` 2, `.` 1\n\
             - as of: 2026-11-21 09:00 UTC"
        );
        let many = render(&Facts { changed: None, ..facts });
        assert!(many.contains("\n- not committed in it: more than 10000 files\n"), "{many}");
    }
}
