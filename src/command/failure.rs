//! The one place that decides what an error means to the user: its kind (and so the exit code), its word for data, and
//! what to type next. Every match is exhaustive: a new error does not compile until that was decided.

mod templates;

use std::path::Path;
use std::process::ExitCode;

use crate::context::ContextError;
use crate::model::checkpoint::Summary;
use crate::model::index::IndexError;
use crate::model::object::ObjectError;
use crate::ops::OpError;
use crate::ops::hooks::error::HooksError;
use crate::ops::summary::error::SummaryError;
use crate::report::output::OutputError;
use crate::report::{text, words};
use crate::store::StoreError;
use crate::sys::file_size;
use crate::worktree::WorktreeError;
use crate::worktree::document::Unfit;

mod session;
mod stack;

/// What sort of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It cannot be done, or not without a flag.
    Refused,
    /// The command line makes no sense.
    Usage,
    /// Somebody else is at it, or changed things under us: the same command may work in a moment.
    Busy,
    /// Something is damaged, or made by a newer ckpt.
    Damaged,
}

impl Kind {
    /// The word for data.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Refused => "refused",
            Kind::Usage => "usage",
            Kind::Busy => "busy",
            Kind::Damaged => "damaged",
        }
    }

    /// The exit code as a number.
    pub const fn number(self) -> u8 {
        match self {
            Kind::Refused => 1,
            Kind::Usage => 2,
            Kind::Busy => 3,
            Kind::Damaged => 4,
        }
    }
}

/// How a run ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done,
    /// The answer was given, and it says that something is missing.
    Refused,
    /// The answer was given, and it says that something is damaged.
    Damaged,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        match exit {
            Exit::Done => ExitCode::SUCCESS,
            Exit::Refused => ExitCode::from(Kind::Refused.number()),
            Exit::Damaged => ExitCode::from(Kind::Damaged.number()),
        }
    }
}

/// A failure as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: Kind,
    /// Kebab case, stable: for programs.
    pub code: &'static str,
    pub message: String,
    /// Lines below the message, such as the candidates.
    pub details: Vec<String>,
    /// Each says what to type.
    pub hints: Vec<String>,
}

impl Failure {
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Failure {
        Failure { kind, code, message: message.into(), details: Vec::new(), hints: Vec::new() }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hints.push(hint.into());
        self
    }

    #[must_use]
    fn hints(mut self, hints: impl IntoIterator<Item = String>) -> Failure {
        self.hints.extend(hints);
        self
    }

    #[must_use]
    fn details(mut self, details: impl IntoIterator<Item = String>) -> Failure {
        self.details.extend(details);
        self
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub enum Stop {
    /// Nobody reads the answer any more: quiet, and no failure.
    Closed,
    Failed(Box<Failure>),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop::Failed(Box::new(error.into()))
    }
}

impl From<OutputError> for Stop {
    fn from(error: OutputError) -> Stop {
        match error {
            OutputError::Closed => Stop::Closed,
            OutputError::Stdout(_) => Failure::new(Kind::Refused, "output", error.to_string()).into(),
        }
    }
}

impl From<OpError> for Failure {
    fn from(error: OpError) -> Failure {
        let message = error.to_string();
        let refused = |code| Failure::new(Kind::Refused, code, message.clone());
        let busy = |code| Failure::new(Kind::Busy, code, message.clone());
        let damaged = |code| Failure::new(Kind::Damaged, code, message.clone());
        match error {
            OpError::NothingSaved => refused("nothing-saved").hint("save this state with `ckpt save`"),
            OpError::UnknownPoint { point, nearest } => {
                refused("unknown-point").hints(short_id_hint(&point)).hints(nearest_hints("ckpt show", nearest))
            }
            OpError::AmbiguousPoint { candidates, .. } => refused("ambiguous-point")
                .details(candidates.iter().map(candidate))
                .hint("type more digits of the id, or a name"),
            OpError::BadPoint { .. } => refused("bad-point")
                .hint("a point is a name, an id, `@`, `@~2`, `@{20m}` or `SESSION@~1`; see `ckpt list`"),
            OpError::NameTaken { .. } => refused("name-taken").hint("take the name from it with `--move`"),
            OpError::UnknownName { nearest, .. } => refused("unknown-name").hints(nearest_hints("ckpt show", nearest)),
            OpError::UnknownSession { nearest, .. } => {
                refused("unknown-session").hints(did_you_mean(&nearest)).hint("see what there is with `ckpt log`")
            }
            OpError::BadName(_) => refused("bad-name").hint("a good name looks like `before-refactor`"),
            OpError::UnfitRoot { .. } => refused("unfit-root").hint("save it all the same with `ckpt save --force`"),
            OpError::PathNotFound { path } => path_not_found(&path),
            OpError::PathOutside { .. } => refused("path-outside").hint("name a path inside the work tree"),
            OpError::RecoveryPending { .. } => refused("recovery-pending")
                .hint("finish it with `ckpt recover`")
                .hint("or go back to before it with `ckpt recover --undo`"),
            OpError::NothingToRecover => refused("nothing-to-recover"),
            OpError::NothingToUndo { .. } => {
                refused("nothing-to-undo").hint("see what was done with `ckpt operations`")
            }
            OpError::OperationDiffers { .. } => {
                refused("operation-differs").hint("bring back the saved operation too with `ckpt load --operation`")
            }
            OpError::WorktreeBusy => busy("worktree-busy").hint("wait until it is done, then type the same again"),
            OpError::IndexLocked { path } => index_locked(message, &path),
            OpError::HeadMoved => busy("head-moved").hint("see where the work stands with `ckpt status`"),
            OpError::ChangedUnderUs { paths } => busy("changed-under-us")
                .details(first_paths(&paths))
                .hint("they were kept as they are; see `ckpt status`, then type the same again"),
            OpError::NotAsSaved { paths } => {
                damaged("not-as-saved").details(first_paths(&paths)).hint("go back to before the load with `ckpt undo`")
            }
            OpError::NotConfirmed => refused("not-confirmed").hint("answer yes beforehand with `--yes`"),
            OpError::MissingObjects { first, .. } => damaged("missing-objects")
                .details(first.iter().map(ToString::to_string))
                .hint("see which points are whole with `ckpt list`")
                .hint("fetch the objects from another copy of the repository, or look with `git fsck`"),
            OpError::UnsafeToLoad { paths, .. } => unsafe_to_load(message, &paths),
            OpError::DestinationExists { .. } => refused("destination-exists").hint("name a folder that is new"),
            OpError::SubmoduleAbsent { path } => submodule_absent(&path),
            OpError::InSubmodule { path, source } => in_submodule(&path, *source),
            OpError::Hooks(error) => of_hooks(error),
            OpError::Session(error) => session::of_session(error),
            OpError::Stack(error) => stack::of_stack(error),
            OpError::BadConfiguration { origin, .. } => {
                refused("bad-configuration").hint(format!("correct the value in {origin}"))
            }
            OpError::NoContext => refused("no-context").hint("begin one with `ckpt init`, or with `ckpt note TEXT`"),
            OpError::NoContextAt { .. } => refused("no-context").hint("see the versions with `ckpt context log`"),
            OpError::AmbiguousVersion { candidates, .. } => refused("ambiguous-version")
                .details(candidates)
                .hint("type more digits; see the versions with `ckpt context log`"),
            OpError::UnknownItem { .. } => refused("unknown-item").hint("name it by its number; `list` shows them"),
            OpError::AmbiguousItem { candidates, .. } => {
                refused("ambiguous-item").details(candidates).hint("name it by its number")
            }
            OpError::BadContextFile { .. } => {
                refused("bad-context-file").hint("set another with `git config ckpt.contextFile PATH`")
            }
            OpError::BudgetTooSmall { least, .. } => budget_too_small(message, least),
            OpError::EditedNoText { .. } => edited_no_text(message),
            OpError::Templates(error) => templates::of_templates(error),
            OpError::Check(error) => templates::of_checks(error),
            OpError::Summary(error) => of_summary(error),
            OpError::Context(error) => of_context(error),
            OpError::Store(error) => of_store(error),
            OpError::Worktree(error) => of_worktree(error),
        }
    }
}

fn of_context(error: ContextError) -> Failure {
    let message = error.to_string();
    let refused = |code| Failure::new(Kind::Refused, code, message.clone());
    match error {
        ContextError::UnknownSection { nearest, .. } => {
            refused("unknown-section").hints(did_you_mean(&nearest)).hint("see all of it with `ckpt context show`")
        }
        ContextError::NoSuchItem { .. } => refused("no-such-item").hint("`list` shows the items with their numbers"),
        ContextError::NoCheckbox { .. } => refused("no-check-box").hint("change it by hand with `ckpt context edit`"),
        ContextError::EmptyText => refused("empty-text").hint("say it in words, or give them on stdin with `-`"),
        ContextError::NotASectionName(_) => refused("bad-section").hint("a good name looks like `Known Issues`"),
        ContextError::OpenEnd => refused("open-end").hint("close the block at the end of the text"),
        ContextError::Partitions(_) => Failure::new(Kind::Damaged, "damaged-partitions", message)
            .hint("an older version of it is in `git log -p refs/ckpt/sessions/main -- partitions.toml`"),
        ContextError::NewerPartitions(_) => {
            Failure::new(Kind::Damaged, "newer", message).hint("install the newest ckpt; nothing was changed")
        }
        ContextError::UnknownPartition { nearest, .. } => refused("unknown-partition")
            .hints(did_you_mean(&nearest))
            .hint("see them with `ckpt context partition list`"),
    }
}

fn did_you_mean(nearest: &[String]) -> Option<String> {
    let quoted: Vec<String> = nearest.iter().map(|name| format!("`{name}`")).collect();
    (!quoted.is_empty()).then(|| format!("did you mean {}?", words::joined_by(&quoted, "or")))
}

fn path_not_found(path: &bstr::BString) -> Failure {
    let told = format!("the path `{}` is not in the checkpoint", text::line(path));
    Failure::new(Kind::Refused, "path-not-found", told).hint("see what it holds with `ckpt show --json`")
}

fn unsafe_to_load(message: String, paths: &[bstr::BString]) -> Failure {
    Failure::new(Kind::Refused, "unsafe-to-load", message)
        .details(first_paths(paths))
        .hint("make them readable, or load them alone with `ckpt load --path PATH`")
}

fn submodule_absent(path: &bstr::BString) -> Failure {
    let told = format!("no repository is checked out in {}, of which the checkpoint holds one", text::line(path));
    Failure::new(Kind::Refused, "submodule-absent", told)
        .hint("nothing was changed; check it out again with `git submodule update --init`")
        .hint("or load the rest alone, without `--recurse-submodules`")
}

/// What went wrong inside; what to type about it is to be typed there.
fn in_submodule(path: &bstr::BString, error: OpError) -> Failure {
    let inner = Failure::from(error);
    let message = format!("in {}: {}", text::line(path), inner.message);
    let hints = std::iter::once(format!("this is about the repository in {}", text::line(path))).chain(inner.hints);
    Failure { message, hints: hints.collect(), ..inner }
}

fn of_hooks(error: HooksError) -> Failure {
    let message = error.to_string();
    let refused = |code| Failure::new(Kind::Refused, code, message.clone());
    match error {
        HooksError::Refused { hook, .. } => refused("hook-refused")
            .hint("nothing was changed; correct the file, or move it out of the way, then type the same again")
            .hint(format!("or call ckpt from it yourself: `ckpt hook-run {hook} \"$@\" >/dev/null 2>&1 || :`")),
        HooksError::Outside { .. } => refused("hooks-outside")
            .hint("other repositories may use that folder; put ckpt's hooks there all the same with `--yes`")
            .hint("or give this repository its own: `git config core.hooksPath .git/hooks`"),
        HooksError::NoFolder { .. } => {
            refused("no-hook-folder").hint("see who set it: `git config --show-origin core.hooksPath`")
        }
    }
}

fn edited_no_text(message: String) -> Failure {
    Failure::new(Kind::Refused, "not-text", message).hint("save it as UTF-8, then `ckpt context edit` again")
}

fn of_summary(error: SummaryError) -> Failure {
    let message = error.to_string();
    let refused = |code| Failure::new(Kind::Refused, code, message.clone());
    match error {
        SummaryError::BadRange { .. } => refused("bad-range")
            .hint("a range looks like `v1.0..v1.1`, `main..HEAD` or `HEAD~20..`; see `git log RANGE`"),
        SummaryError::UnknownLine { .. } => {
            refused("unknown-line").hint("`ckpt summary` numbers its lines and names their sources")
        }
        SummaryError::AmbiguousEvent { candidates, .. } => {
            refused("ambiguous-event").details(candidates).hint("type more digits")
        }
        SummaryError::NotPinned { .. } => refused("not-pinned").hint("what is pinned stands in `ckpt summary`"),
    }
}

fn budget_too_small(message: String, least: usize) -> Failure {
    Failure::new(Kind::Refused, "budget-too-small", message).hint(format!("the least that works is `--budget {least}`"))
}

fn of_store(error: StoreError) -> Failure {
    let message = error.to_string();
    let refused = |code| Failure::new(Kind::Refused, code, message.clone());
    let busy = |code| Failure::new(Kind::Busy, code, message.clone());
    match error {
        StoreError::NotARepository { .. } => {
            refused("not-a-repository").hint("go to your project's folder, or make it a repository with `git init`")
        }
        StoreError::Bare { .. } => refused("bare-repository").hint("go to a work tree; `git worktree list` names them"),
        StoreError::ForeignOwner { path } => refused("foreign-owner")
            .hint(format!("if you trust it: `git config --global --add safe.directory {}`", path.display())),
        StoreError::DeadWorktree { .. } => {
            refused("dead-worktree").hint("mend it from the main work tree with `git worktree repair`")
        }
        StoreError::Unsupported { .. } => refused("unsupported-repository"),
        StoreError::GitTooOld { .. } => refused("git-too-old"),
        StoreError::Newer { .. } => {
            Failure::new(Kind::Damaged, "newer", message).hint("install the newest ckpt; nothing was changed")
        }
        StoreError::Damaged { .. } => damaged_record(message),
        StoreError::Io { source, .. } => of_io(message, &source),
        StoreError::RefMoved { .. } => busy("ref-moved").hint("type the same again"),
        StoreError::RefLocked { name } => busy("ref-locked").hint("type the same again").hint(format!(
            "if no git is running, a crash left the lock: `rm \"$(git rev-parse --git-path {name}.lock)\"`"
        )),
        StoreError::IndexLocked { path } => index_locked(message, &path),
        StoreError::IndexChanged { .. } => busy("index-changed").hint("see `ckpt status`, then type the same again"),
        StoreError::Git { .. } => refused("git"),
        StoreError::Signing { .. } => refused("not-signed")
            .hint("git signs with `git config --global user.signingKey KEY`, and `gpg.format ssh` for a key of ssh"),
        StoreError::Object(error) => of_object(error),
        StoreError::Index(error) => of_index(error),
    }
}

fn of_worktree(error: WorktreeError) -> Failure {
    let message = error.to_string();
    match error {
        WorktreeError::Io { source, .. } => of_io(message, &source),
        WorktreeError::OverBudget { files, bytes, largest } => {
            let told = format!(
                "too much is untracked to save it unasked: {}, {}",
                words::count(files, "file"),
                words::bytes(bytes)
            );
            Failure::new(Kind::Refused, "over-budget", told)
                .details(largest.iter().map(|(path, size)| format!("{}  {}", text::line(path), words::bytes(*size))))
                .hint("ignore what is not yours: add it to `.gitignore` or `.git/info/exclude`")
                .hint("or save it all with `ckpt save --force`")
        }
        WorktreeError::HostilePath { path, problem } => {
            let told = format!("the checkpoint holds a path that may not be written: {}: {problem}", text::line(&path));
            Failure::new(Kind::Damaged, "hostile-path", told)
                .hint("nothing was changed; do not trust where this checkpoint came from")
        }
        WorktreeError::Obstructed { path, reason } => {
            let told = format!("{} is in the way and cannot be kept: {reason}", text::line(&path));
            Failure::new(Kind::Refused, "obstructed", told).hint("move it out of the way, then type the same again")
        }
        WorktreeError::NoSpace { needed, free } => {
            let (needed, free) = (words::bytes(needed), words::bytes(free));
            let told = format!("not enough space: {needed} are needed, {free} are free");
            Failure::new(Kind::Refused, "no-space", told).hint("make room, then type the same again")
        }
        WorktreeError::UnfitDocument { path, problem } => unfit_document(&path, problem),
        WorktreeError::DamagedJournal(_) => Failure::new(Kind::Damaged, "damaged-journal", message)
            .hint("the state before the load is in `ckpt list --safety`"),
        WorktreeError::Object(error) => of_object(error),
        WorktreeError::Index(error) => of_index(error),
    }
}

fn unfit_document(path: &bstr::BString, problem: Unfit) -> Failure {
    let told = format!("{} {}", text::line(path), problem.reason());
    match problem {
        Unfit::BeingWritten => {
            Failure::new(Kind::Busy, "context-busy", told).hint("wait until it is done, then type the same again")
        }
        _ => Failure::new(Kind::Refused, "unfit-context", told)
            .hint("put it right or move it away; the last good version is in `ckpt context log`"),
    }
}

fn of_object(error: ObjectError) -> Failure {
    let message = error.to_string();
    match error {
        ObjectError::Missing(_) => Failure::new(Kind::Damaged, "missing-objects", message)
            .hint("look for more of it with `git fsck`, and fetch it from another copy"),
        ObjectError::Damaged { .. } | ObjectError::WrongKind { .. } => damaged_record(message),
        ObjectError::Write { source, .. } => of_io(message, &source),
        ObjectError::Library(_) => Failure::new(Kind::Refused, "git", message),
    }
}

fn of_index(error: IndexError) -> Failure {
    let message = error.to_string();
    match error {
        IndexError::Io { source, .. } => of_io(message, &source),
        IndexError::Damaged { .. } => Failure::new(Kind::Damaged, "damaged-index", message)
            .hint("git can rebuild it: `rm` the file, then `git reset`"),
    }
}

fn index_locked(message: String, path: &Path) -> Failure {
    Failure::new(Kind::Busy, "index-locked", message)
        .hint("wait until git is done, then type the same again")
        .hint(format!("if no git is running, a crash left the lock: `rm {}`", path.display()))
}

fn damaged_record(message: String) -> Failure {
    Failure::new(Kind::Damaged, "damaged", message).hint("look for more of it with `git fsck`")
}

/// What the system refused, told apart by what helps.
fn of_io(message: String, source: &std::io::Error) -> Failure {
    use std::io::ErrorKind as Io;
    let refused = |code| Failure::new(Kind::Refused, code, message.clone());
    match source.kind() {
        Io::StorageFull | Io::QuotaExceeded => refused("no-space").hint("make room, then type the same again"),
        Io::FileTooLarge => file_too_large(refused("file-too-large")),
        Io::ReadOnlyFilesystem => {
            refused("read-only").hint("the file system is read-only; remount it, or work elsewhere")
        }
        Io::PermissionDenied => refused("permission-denied").hint("see who owns it with `ls -ld`"),
        _ => refused("io"),
    }
}

/// Beyond what the system lets this process write into one file.
fn file_too_large(failure: Failure) -> Failure {
    match file_size::limit() {
        Some(limit) => {
            failure.hint(format!("no file may be larger than {limit} bytes here; raise it with `ulimit -f`"))
        }
        None => failure.hint("the file system has no room for a file of this size; work elsewhere"),
    }
}

/// Fewer than four digits are taken for a name.
fn short_id_hint(point: &str) -> Option<String> {
    let is_short = (1..4).contains(&point.len()) && point.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_short.then(|| "an id needs at least four of its digits".to_owned())
}

fn nearest_hints(command: &str, nearest: Vec<String>) -> Vec<String> {
    if nearest.is_empty() {
        return vec!["see what there is with `ckpt list`".to_owned()];
    }
    let quoted: Vec<String> = nearest.iter().map(|name| format!("`{command} {name}`")).collect();
    vec![format!("did you mean {}?", words::joined_by(&quoted, "or"))]
}

fn candidate(summary: &Summary) -> String {
    format!("{}  {}", summary.id.short(), summary.subject)
}

/// Enough to know what it is about.
fn first_paths(paths: &[bstr::BString]) -> Vec<String> {
    const SHOWN: usize = 10;
    let mut lines: Vec<String> = paths.iter().take(SHOWN).map(text::line).collect();
    if paths.len() > SHOWN {
        lines.push(format!("and {} more", paths.len() - SHOWN));
    }
    lines
}

#[cfg(test)]
mod tests;
